--
-- Items are counted alike in whatever order they stand: a few at random before
-- many that came in order, as after a run, and more and more of them; in memory
-- and on disk
--
\ir include/tools.psql

SELECT plan(22);

\set options '--scale 0.2'
\ir include/fixture.psql
SELECT setseed(0.3);
CREATE TEMP TABLE pairs AS
SELECT ((SELECT array_agg(id ORDER BY id) FROM menuca_v3.combo_groups))[1 + floor(random() * (SELECT count(*) FROM menuca_v3.combo_groups))] AS combo_group_id,
	((SELECT array_agg(id ORDER BY id) FROM menuca_v3.dishes))[1 + floor(random() * (SELECT count(*) FROM menuca_v3.dishes))] AS dish_id
FROM generate_series(1, 20000);

-- That many items at random, then all in order; what a validation and SQL count
CREATE FUNCTION pg_temp.duplicates(at_random int) RETURNS TABLE (counted bigint, wanted bigint)
LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM menuca_v3.combo_items;
	INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id)
	SELECT * FROM pairs ORDER BY random() LIMIT at_random;
	INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id)
	SELECT * FROM pairs ORDER BY combo_group_id, dish_id;
	RETURN QUERY
	SELECT (v.metadata ->> 'duplicate_items')::bigint,
		(SELECT count(*) - count(DISTINCT (combo_group_id, dish_id)) FROM menuca_v3.combo_items)
	FROM menuca_validate() v WHERE v.name = 'duplicate_pairs';
END
$$;

SELECT is(d.counted, d.wanted, n || ' items at random')
FROM unnest('{0,1,2,700,1023,1024,1332,1333,1334,5000,20000}'::int[]) n, pg_temp.duplicates(n) d;
SET maintenance_work_mem = '1MB';
SELECT is(d.counted, d.wanted, n || ' items at random, in little memory')
FROM unnest('{0,1,2,700,1023,1024,1332,1333,1334,5000,20000}'::int[]) n, pg_temp.duplicates(n) d;

SELECT * FROM finish();
\! rm -r "$WORK"
