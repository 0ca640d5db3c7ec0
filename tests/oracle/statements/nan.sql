-- Comparisons with NaN.
SELECT a = b, a <> b, a < b, a <= b, a > b, a >= b FROM (VALUES (nan(), nan()), (nan(), 1e0), (1e0, nan()), (1e0, 1e0), (1e0, 2e0), (2e0, 1e0)) t (a, b);
SELECT a = b, a <> b, a < b, a <= b, a > b, a >= b FROM (VALUES (REAL 'NaN', REAL 'NaN'), (REAL 'NaN', REAL '1'), (REAL '1', REAL 'NaN')) t (a, b);
SELECT a > 1, a >= 1, a < 1, a <= 1, a = 1, a <> 1, NOT (a > 1), NOT (a = 1) FROM (VALUES nan(), 0e0, 1e0, 2e0, infinity(), -infinity(), NULL) t (a);
SELECT 1 < a, 1 <= a, 1 > a, 1 >= a, 1 = a, 1 <> a FROM (VALUES nan(), 0e0, 1e0, 2e0, infinity(), -infinity(), NULL) t (a);
SELECT a BETWEEN 0 AND 1, a BETWEEN 0 AND nan(), a BETWEEN nan() AND 1, a NOT BETWEEN 0 AND 1, a NOT BETWEEN 0 AND nan() FROM (VALUES nan(), 0e0, 1e0, 2e0) t (a);
SELECT count(*) FROM (VALUES nan(), 1e0, 2e0) t (a) WHERE a > 1;
SELECT count(*) FROM (VALUES nan(), 1e0, 2e0) t (a) WHERE a = a;
SELECT count(*) FROM (VALUES nan(), 1e0, 2e0) t (a) WHERE a <> a;
SELECT count(*) FROM (VALUES nan(), 1e0, 2e0) t (a) WHERE NOT (a <= 1);
SELECT t.a, u.a FROM (VALUES nan(), 1e0, 2e0) t (a) JOIN (VALUES nan(), 1e0) u (a) ON t.a = u.a;
SELECT t.a, u.a FROM (VALUES nan(), 1e0, 2e0) t (a) LEFT JOIN (VALUES nan(), 1e0) u (a) ON t.a = u.a;
SELECT t.a, u.a FROM (VALUES nan(), 1e0, 2e0) t (a) FULL JOIN (VALUES nan(), 1e0) u (a) ON t.a = u.a;
SELECT t.a, u.a FROM (VALUES nan(), 1e0, 2e0) t (a) JOIN (VALUES nan(), 1e0) u (a) ON t.a > u.a;
SELECT a IS DISTINCT FROM nan(), a IS NOT DISTINCT FROM nan() FROM (VALUES nan(), 1e0, NULL) t (a);
SELECT CASE WHEN nan() > 1 THEN 'more' ELSE 'not' END, IF(nan() = nan(), 1, 2), nullif(nan(), nan());
SELECT x > (SELECT nan()) FROM (VALUES 1e0) t (x);
SELECT a FROM (VALUES nan(), 1e0, infinity(), NULL) t (a) ORDER BY a;
SELECT a, count(*) FROM (VALUES nan(), nan(), 1e0) t (a) GROUP BY a;
