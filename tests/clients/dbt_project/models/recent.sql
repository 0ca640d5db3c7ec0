{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}
select id, customer, amount from {{ ref('amounts') }}
{% if is_incremental() %} where id > 2 {% endif %}
