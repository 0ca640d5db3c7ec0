{{ config(materialized='view') }}
select id, coalesce(customer, 'nobody') as customer, amount, ordered from {{ ref('orders') }}
