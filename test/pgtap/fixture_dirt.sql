--
-- Dirt by named switches: whatever is wrong with the source or the target, the
-- extension, the figures that the generator printed, and plain SQL agree
--
\ir include/tools.psql

SELECT plan(909);

--
-- What the target lacks
--
\set dirt '--dirt unmapped_dishes=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'unmapped_dish')::bigint, 7::bigint, '7 rows with an unknown dish') FROM dry;
\set dirt '--dirt unmapped_dishes=400 --seed 2'
\ir include/dirt_case.psql
SELECT is((figures ->> 'unmapped_dish')::bigint, 400::bigint, '400 rows with an unknown dish') FROM dry;

\set dirt '--dirt unmapped_groups=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'unmapped_group')::bigint, 7::bigint, '7 rows with an unknown group') FROM dry;
\set dirt '--dirt unmapped_groups=350 --seed 2'
\ir include/dirt_case.psql
SELECT is((figures ->> 'unmapped_group')::bigint, 350::bigint, '350 rows with an unknown group') FROM dry;

\set dirt '--dirt unmapped_both=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'unmapped_both')::bigint, 7::bigint, '7 rows with both unknown') FROM dry;
\set dirt '--dirt unmapped_both=90 --seed 2'
\ir include/dirt_case.psql
SELECT is((figures ->> 'unmapped_both')::bigint, 90::bigint, '90 rows with both unknown') FROM dry;

--
-- Duplicates
--
\set dirt '--dirt duplicate_pairs=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'duplicate')::bigint, 7::bigint, '7 rows repeat another') FROM dry;
\set dirt '--dirt duplicate_pairs=5000 --seed 2'
\ir include/dirt_case.psql
SELECT is((figures ->> 'duplicate')::bigint, 5000::bigint, '5,000 rows repeat another') FROM dry;

-- 5 items are there at this scale
\set dirt '--dirt existing_pairs=2'
\ir include/dirt_case.psql
SELECT is((figures ->> 'already_present')::bigint, 2::bigint, '2 rows name an item that is there') FROM dry;
\set dirt '--dirt existing_pairs=11 --seed 2'
\ir include/dirt_case.psql
SELECT is(ARRAY[(figures ->> 'already_present')::bigint, (figures ->> 'duplicate')::bigint], ARRAY[5, 6]::bigint[], 'each item is there already once, then the row repeats another') FROM dry;

--
-- What belongs to another restaurant
--
\set dirt '--dirt impostors=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'cross_restaurant')::bigint, 7::bigint, '7 rows with another restaurant''s dish') FROM dry;
\set dirt '--dirt impostors=1500 --seed 2'
\ir include/dirt_case.psql
SELECT is((figures ->> 'cross_restaurant')::bigint, 1500::bigint, '1,500 rows with another restaurant''s dish') FROM dry;

--
-- What is no id
--
\set dirt '--dirt zero_ids=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'invalid')::bigint, 7::bigint, '7 rows with an id of 0') FROM dry;
\set dirt '--dirt null_ids=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'invalid')::bigint, 7::bigint, '7 rows with an id that is NULL') FROM dry;
\set dirt '--dirt huge_ids=7'
\ir include/dirt_case.psql
SELECT is((figures ->> 'invalid')::bigint, 7::bigint, '7 rows with an id beyond int4') FROM dry;
\set dirt '--dirt zero_ids=100 --dirt null_ids=200 --dirt huge_ids=300 --seed 2'
\ir include/dirt_case.psql
SELECT is((figures ->> 'invalid')::bigint, 600::bigint, '600 rows without proper ids') FROM dry;

--
-- Legacy ids that are not unique: resolved by restaurant, else rejected
--
\set dirt '--dirt ambiguous_groups=7'
\ir include/dirt_case.psql
SELECT is(metadata, '{"ambiguous": 14, "v2_group": 9}', '7 groups and their twins are left, as ambiguous') FROM findings WHERE name = 'orphans_explained';
\set dirt '--dirt ambiguous_groups=60 --seed 2'
\ir include/dirt_case.psql
SELECT is(metadata, '{"ambiguous": 120, "v2_group": 9}', '60 groups and their twins are left, as ambiguous') FROM findings WHERE name = 'orphans_explained';

\set dirt '--dirt ambiguous_dishes=7'
\ir include/dirt_case.psql
SELECT is((SELECT count(DISTINCT legacy_dish_id) FROM judged WHERE outcome = 'ambiguous_dish'), 7::bigint, '7 dishes are ambiguous');
\set dirt '--dirt ambiguous_dishes=60 --seed 2'
\ir include/dirt_case.psql
SELECT is((SELECT count(DISTINCT legacy_dish_id) FROM judged WHERE outcome = 'ambiguous_dish'), 60::bigint, '60 dishes are ambiguous');

\set dirt '--dirt resolvable_groups=7'
\ir include/dirt_case.psql
SELECT is(insert, (figures ->> 'source_rows')::bigint, 'with twins of groups elsewhere all rows are resolved') FROM dry;
SELECT is(metadata, '{"cross_restaurant": 7, "v2_group": 9}', 'and the 7 twins are left: the dishes are not theirs') FROM findings WHERE name = 'orphans_explained';
\set dirt '--dirt resolvable_groups=60 --seed 2'
\ir include/dirt_case.psql
SELECT is(insert, (figures ->> 'source_rows')::bigint, 'with twins of groups elsewhere all rows are resolved') FROM dry;
SELECT is(metadata, '{"cross_restaurant": 60, "v2_group": 9}', 'and the 60 twins are left: the dishes are not theirs') FROM findings WHERE name = 'orphans_explained';

\set dirt '--dirt resolvable_dishes=7'
\ir include/dirt_case.psql
SELECT is(insert, (figures ->> 'source_rows')::bigint, 'with twins of dishes elsewhere all rows are resolved') FROM dry;
\set dirt '--dirt resolvable_dishes=60 --seed 2'
\ir include/dirt_case.psql
SELECT is(insert, (figures ->> 'source_rows')::bigint, 'with twins of dishes elsewhere all rows are resolved') FROM dry;

--
-- What changes no outcome, but should be seen
--
\set dirt '--dirt groups_without_source=7'
\ir include/dirt_case.psql
SELECT is(metadata, '{"no_source_row": 7, "v2_group": 9}', '7 groups are left that the source has no row for') FROM findings WHERE name = 'orphans_explained';
\set dirt '--dirt groups_without_source=150 --seed 2'
\ir include/dirt_case.psql
SELECT is(metadata, '{"no_source_row": 150, "v2_group": 9}', '150 groups are left that the source has no row for') FROM findings WHERE name = 'orphans_explained';
SELECT is((figures ->> 'expected_orphan_pct_after')::numeric, 0.00, 'no group is left that the source has rows for') FROM dry;

\set dirt '--dirt inactive_dishes=7'
\ir include/dirt_case.psql
SELECT is(status, 'WARN', 'items of inactive dishes are a warning') FROM findings WHERE name = 'inactive_dishes';
SELECT is((metadata ->> 'inactive_dish_items')::int,
	(SELECT count(*)::int FROM judged j JOIN menuca_v3.dishes d ON d.id = j.dish_id WHERE NOT d.is_active),
	'with their number') FROM findings WHERE name = 'inactive_dishes';

-- Of 402 groups 7 are less than 5 %, 23 are more
\set dirt '--dirt item_count_mismatch=7'
\ir include/dirt_case.psql
SELECT is((status, metadata)::text, ('PASS', '{"equal": 395, "groups": 402}'::jsonb)::text, '7 groups with another item_count pass') FROM findings WHERE name = 'item_count';
\set dirt '--dirt item_count_mismatch=23 --seed 2'
\ir include/dirt_case.psql
SELECT is((status, metadata)::text, ('WARN', '{"equal": 379, "groups": 402}'::jsonb)::text, '23 are a warning') FROM findings WHERE name = 'item_count';

\set dirt '--dirt negative_order=7'
\ir include/dirt_case.psql
SELECT is(status, 'WARN', 'negative positions are a warning') FROM findings WHERE name = 'display_order';
SELECT is((metadata ->> 'negative')::int, 7, 'with their number') FROM findings WHERE name = 'display_order';

\set dirt '--dirt orphan_free=1'
\ir include/dirt_case.psql
SELECT is(orphan_pct_after, 0.00, 'where V2 groups have items, no orphan is left') FROM dry;
SELECT is(figures ->> 'band', 'EXCELLENT', 'band EXCELLENT') FROM dry;

--
-- Dish and group swapped
--
\set dirt ''
\ir include/swapped_case.psql
SELECT is(insert, 5500::bigint, 'all 5,500 rows are inserted') FROM fixed;
\set dirt '--seed 2'
\ir include/swapped_case.psql
SELECT is(insert, 5500::bigint, 'all 5,500 rows are inserted') FROM fixed;

--
-- All of it together
--
\set everything '--dirt unmapped_dishes=31 --dirt unmapped_groups=22 --dirt unmapped_both=13 --dirt duplicate_pairs=90 --dirt existing_pairs=10 --dirt impostors=17 --dirt zero_ids=7 --dirt null_ids=8 --dirt huge_ids=9 --dirt ambiguous_groups=6 --dirt resolvable_groups=7 --dirt ambiguous_dishes=8 --dirt resolvable_dishes=9 --dirt groups_without_source=67 --dirt inactive_dishes=5 --dirt item_count_mismatch=6 --dirt negative_order=11'

\set dirt :everything
\ir include/dirt_case.psql
\set dirt :everything ' --seed 2'
\ir include/dirt_case.psql
\set dirt :everything ' --seed 3 --dirt orphan_free=1'
\ir include/dirt_case.psql
\set dirt :everything ' --seed 4 --scale 0.3'
\ir include/dirt_case.psql
\set dirt :everything
\ir include/swapped_case.psql
\set dirt :everything ' --seed 2'
\ir include/swapped_case.psql
\set dirt :everything ' --seed 3 --dirt orphan_free=1'
\ir include/swapped_case.psql

SELECT * FROM finish();
\! rm -r "$WORK"
