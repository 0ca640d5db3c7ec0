-- What random statements (random_statements.py) found, made small.
CREATE TABLE random_t AS SELECT * FROM (VALUES (1, 1e0, 'a'), (2, 1e0, 'b'), (3, 2.5e0, NULL), (4, NULL, 'a')) AS t (i, d, v);
SELECT i, max(i) OVER (PARTITION BY d) FROM random_t;
SELECT count(*) OVER (PARTITION BY v), sum(d) OVER (PARTITION BY v) FROM random_t WHERE i < 4;
WITH x AS (SELECT d, count(*) AS n FROM random_t GROUP BY d) SELECT a.d, a.n, b.n FROM x AS a JOIN x AS b ON a.d = b.d;
DROP TABLE random_t;
SELECT trim(CAST('zz' AS char(4))), typeof(trim(CAST(' zz' AS char(4)))), trim(CAST('zz' AS char(4)), 'z'), typeof(trim('z' FROM CAST('zz' AS char(4))));
SELECT corr(a, b), regr_slope(a, b), regr_intercept(a, b), covar_pop(a, b) FROM (VALUES (1, 2)) AS t (a, b);
SELECT corr(a, b), regr_slope(a, b), regr_intercept(a, b), covar_samp(a, b) FROM (VALUES (1, 2), (1, 2), (1, NULL)) AS t (a, b);
SELECT typeof(coalesce(CAST('a' AS char(4)), VARCHAR 'abc'));
SELECT length(c) FROM (SELECT CAST('a' AS char(4)) UNION SELECT VARCHAR 'abc') AS t (c);
SELECT array_agg(x ORDER BY 'a') FROM (VALUES 1) AS t (x);
SELECT listagg('b', ',') WITHIN GROUP (ORDER BY 'aba') FROM (VALUES 0, 1) AS t (x);
SELECT TIMESTAMP '2020-01-01 12:00:00.5' - TIMESTAMP '2020-01-02 00:00:00', DATE '2020-01-01' - TIMESTAMP '2019-12-31 12:00:00', TIMESTAMP '2020-01-01 12:00:00' - DATE '2020-01-01';
SELECT CAST(INTERVAL '7' MONTH AS varchar), CAST(INTERVAL '-3' YEAR AS varchar), CAST(INTERVAL '10' MINUTE AS varchar), CAST(INTERVAL -'1' DAY AS varchar), CAST(INTERVAL '7' MONTH AS varchar(2));
SELECT count(*) FROM tpch.tiny.nation FULL JOIN tpch.tiny.region ON false;
SELECT a, b FROM (VALUES 1) AS t (a) FULL JOIN (VALUES 2) AS u (b) ON true;
SELECT CAST(TIMESTAMP '0001-01-01 23:59:59.999' AS time(3)), CAST(TIMESTAMP '1969-12-31 23:00:00.1' AS time(3));
SELECT date_trunc('minute', TIME '23:59:59.999');
