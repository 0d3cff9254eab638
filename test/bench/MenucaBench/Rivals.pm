#
# Rivals.pm
#	  The good SQL that the extension is measured against.
#
# Of several ways to write each, this is the fastest that was found on a
# server with the bench's settings; the plans were looked at at scale 20.
#
package MenucaBench::Rivals;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(insert_select outcome_counts outcome_settings validation_queries
  keep_ledger_in_sql);

my $items = 'menuca_v3.combo_items';
my $groups = 'menuca_v3.combo_groups';
my $dishes = 'menuca_v3.dishes';
my $source = 'staging.menuca_v1_combos';

# The tables that tickets count.
my @counted = qw(restaurants courses dishes combo_groups combo_items combo_steps ingredients users);

# White space, among it the no-break space.
my $blanks = q{E' \t\r\n\u00a0'};

# Sums of hashes, which do not depend on the order of the rows.
my $source_checksum = 'sum(hash_record_extended(s, 0)::numeric)';

# The constraints and triggers in force
my $guards = "SELECT 'c' AS kind, oid FROM pg_constraint WHERE connamespace = 'menuca_v3'::regnamespace AND convalidated"
  . " UNION ALL SELECT 't', t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
  . " WHERE c.relnamespace = 'menuca_v3'::regnamespace AND t.tgenabled <> 'D'";

# The sort puts the rows in the order of the index on combo_group_id; it costs
# a twentieth of the whole, most of which are foreign keys and indexes.
sub insert_select
{
	return <<"SQL";
INSERT INTO $items (combo_group_id, dish_id, display_order, source_system, source_id)
SELECT DISTINCT ON (g.id, d.id) g.id, d.id, s."order", 'v1', s.id
FROM $source s
	JOIN $groups g ON g.legacy_v1_id = s."group"
	JOIN $dishes d ON d.legacy_v1_id = s.dish AND d.restaurant_id = g.restaurant_id
WHERE NOT EXISTS (SELECT FROM $items i WHERE i.combo_group_id = g.id AND i.dish_id = d.id)
ORDER BY g.id, d.id, s.id
SQL
}

# Over the pairs of one restaurant that the legacy ids of a row could mean
sub over_candidates
{
	my ($expression, $group, $dish) = @_;
	return "(SELECT $expression FROM $groups cg JOIN $dishes cd ON cd.restaurant_id = cg.restaurant_id"
	  . " WHERE cg.legacy_v1_id = $group AND cd.legacy_v1_id = $dish)";
}

# One object with a count per outcome.  Parents are folded to one row per
# legacy id, so that two hash joins find nearly everything; only where an id
# has several rows does a subquery look at them.  Then equal pairs are counted
# in groups: the first of them is new or present, the others are duplicates.
sub outcome_counts
{
	my $several = over_candidates(
		"CASE WHEN count(*) = 1 THEN 0 WHEN count(*) = 0 THEN 8 WHEN min(cg.id) < max(cg.id) THEN 6 ELSE 7 END",
		's."group"', 's.dish');
	my $group_id = over_candidates('min(cg.id)', 's."group"', 's.dish');
	my $dish_id = over_candidates('min(cd.id)', 's."group"', 's.dish');
	my $present = "count(*) FILTER (WHERE outcome = 0 AND (group_id, dish_id) IN (SELECT combo_group_id, dish_id FROM $items))";

	return <<"SQL";
WITH g AS (
	SELECT legacy_v1_id, min(id) AS id, min(restaurant_id) AS restaurant_id, count(*) AS n
	FROM $groups WHERE legacy_v1_id IS NOT NULL GROUP BY 1
), d AS (
	SELECT legacy_v1_id, min(id) AS id, min(restaurant_id) AS restaurant_id, count(*) AS n
	FROM $dishes WHERE legacy_v1_id IS NOT NULL GROUP BY 1
), classified AS (
	SELECT CASE
			WHEN (s."group" BETWEEN 1 AND 2147483647 AND s.dish BETWEEN 1 AND 2147483647) IS NOT TRUE THEN 9
			WHEN g.n = 1 AND d.n = 1 THEN CASE WHEN g.restaurant_id = d.restaurant_id THEN 0 ELSE 8 END
			WHEN g.n IS NULL AND d.n IS NULL THEN 5
			WHEN g.n IS NULL THEN 3
			WHEN d.n IS NULL THEN 4
			ELSE $several
		END AS outcome,
		CASE WHEN g.n > 1 OR d.n > 1 THEN $group_id ELSE g.id END AS group_id,
		CASE WHEN g.n > 1 OR d.n > 1 THEN $dish_id ELSE d.id END AS dish_id
	FROM $source s
		LEFT JOIN g ON g.legacy_v1_id = s."group"
		LEFT JOIN d ON d.legacy_v1_id = s.dish
), pairs AS (
	SELECT group_id, dish_id, outcome, count(*) AS n FROM classified GROUP BY 1, 2, 3
)
SELECT jsonb_build_object(
	'insert', count(*) FILTER (WHERE outcome = 0) - $present,
	'already_present', $present,
	'duplicate', coalesce(sum(n - 1) FILTER (WHERE outcome = 0), 0),
	'unmapped_group', coalesce(sum(n) FILTER (WHERE outcome = 3), 0),
	'unmapped_dish', coalesce(sum(n) FILTER (WHERE outcome = 4), 0),
	'unmapped_both', coalesce(sum(n) FILTER (WHERE outcome = 5), 0),
	'ambiguous_group', coalesce(sum(n) FILTER (WHERE outcome = 6), 0),
	'ambiguous_dish', coalesce(sum(n) FILTER (WHERE outcome = 7), 0),
	'cross_restaurant', coalesce(sum(n) FILTER (WHERE outcome = 8), 0),
	'invalid', coalesce(sum(n) FILTER (WHERE outcome = 9), 0))
FROM pairs
SQL
}

# The planner expects few pairs and would hash them, which is slower.
sub outcome_settings
{
	return ['SET enable_hashagg = off'];
}

# What a ledger written in SQL would know: each row's key, its content, and
# whether the run inserted it; the source's checksum; and what was counted before.
# To be called in the state after a fix.
sub keep_ledger_in_sql
{
	my ($items_at_start) = @_;
	my $counted = join(', ', map { "(SELECT count(*) FROM menuca_v3.$_) AS $_, (SELECT max(id) FROM menuca_v3.$_) AS ${_}_max" } @counted);
	return (
		'DROP TABLE IF EXISTS public.ledger_in_sql, public.source_in_sql, public.counts_in_sql, public.menus_in_sql, public.states_in_sql, public.prints_in_sql, public.guards_in_sql',
		"CREATE TABLE public.source_in_sql AS SELECT count(*) AS rows, $source_checksum AS checksum FROM $source s",
		"CREATE TABLE public.counts_in_sql AS SELECT $counted",
		"UPDATE public.counts_in_sql SET combo_items = (SELECT count(*) FROM $items_at_start), combo_items_max = (SELECT max(id) FROM $items_at_start)",
		'CREATE TABLE public.states_in_sql AS ' . row_states('IS NOT NULL'),
		'CREATE TABLE public.prints_in_sql AS ' . row_prints(),
		"CREATE TABLE public.guards_in_sql AS $guards",
		"CREATE TABLE public.menus_in_sql AS SELECT DISTINCT restaurant_id AS id FROM $dishes WHERE is_active",
		"CREATE TABLE public.ledger_in_sql AS SELECT i.id, s.id IS NULL AS inserted, hash_record_extended(i, 0) AS hash"
		  . " FROM $items i LEFT JOIN $items_at_start s USING (id)",
		'VACUUM ANALYZE public.ledger_in_sql');
}

# A sum of hashes for each table and what its rows say: one object.
sub row_prints
{
	my %aspects = (
		identity => 'uuid, restaurant_id, legacy_v1_id, legacy_v2_id, source_system, created_at',
		names    => 'name',
		rest     => 'is_active, display_order, description');
	my %prices = (dishes => 'base_price, prices', combo_groups => 'combo_price, combo_rules');

	return 'SELECT ' . join(' || ', map {
		my $table = $_;
		my %of = (%aspects, prices => $prices{$table});
		'(SELECT jsonb_build_object('
		  . join(', ', map { "'${table}_$_', sum(hash_record_extended(ROW(id, $of{$_}), 0))" } sort keys %of)
		  . ") FROM menuca_v3.$table WHERE id <= (SELECT ${table}_max FROM public.counts_in_sql))"
	} sort keys %prices) . ' AS prints';
}

# How many rows are active, have a name, a price or rules, and a legacy id: one
# object.  Only rows whose ids are in the range count.
sub row_states
{
	my ($range) = @_;
	my %columns = (
		active => 'is_active',
		named  => "btrim(name, $blanks) <> ''",
		priced => "base_price > 0 OR prices NOT IN ('{}', '[]', 'null')",
		ruled  => "combo_rules ? 'item_count'",
		linked => 'legacy_v1_id IS NOT NULL OR legacy_v2_id IS NOT NULL');
	my %states = (dishes => [qw(active named priced linked)], combo_groups => [qw(active named ruled linked)]);

	return 'SELECT ' . join(' || ', map {
		my $table = $_;
		'(SELECT jsonb_build_object('
		  . join(', ', map { "'${table}_$_', count(*) FILTER (WHERE $columns{$_})" } @{ $states{$table} })
		  . ") FROM menuca_v3.$table WHERE id " . ($range =~ s{%s}{$table}r) . ')'
	} sort keys %states) . ' AS states';
}

# Check and query, for every check of menuca_validate() but the summary.  Each
# query returns figures that the check has in its metadata, too.
sub validation_queries
{
	my $has_items = "EXISTS (SELECT FROM $items i WHERE i.combo_group_id = g.id)";
	my $expected = "EXISTS (SELECT FROM $source s WHERE s.\"group\" = g.legacy_v1_id)";
	my $candidates = over_candidates('count(*)', 's."group"', 's.dish');
	my $repeated = 'legacy_v1_id IS NOT NULL GROUP BY legacy_v1_id, restaurant_id HAVING count(*) > 1';
	my $repeated_dishes = "SELECT count(*) AS n FROM $dishes WHERE $repeated";
	my $repeated_groups = "SELECT count(*) AS n FROM $groups WHERE $repeated";
	my $row_counts = 'SELECT jsonb_build_object('
	  . join(', ', map { "'$_', c.$_ - (SELECT count(*) FROM menuca_v3.$_ t WHERE t.id <= c.${_}_max)" } @counted)
	  . ') FROM public.counts_in_sql c';

	return (
		[ overall_counts => <<"SQL" ],
SELECT jsonb_build_object('groups', (SELECT count(*) FROM $groups), 'items', count(*),
	'groups_with_items', count(DISTINCT combo_group_id), 'dishes', (SELECT count(*) FROM $dishes))
FROM $items
SQL
		[ orphan_rate => <<"SQL" ],
SELECT jsonb_build_object('groups', count(*), 'orphans', count(*) FILTER (WHERE NOT has_items),
	'expected_groups', count(*) FILTER (WHERE expected),
	'expected_orphans', count(*) FILTER (WHERE expected AND NOT has_items))
FROM (SELECT $has_items AS has_items, $expected AS expected FROM $groups g OFFSET 0) g
SQL
		[ item_count => <<"SQL" ],
SELECT jsonb_build_object('groups', count(*), 'equal', count(*) FILTER (WHERE stated = n))
FROM (SELECT (g.combo_rules ->> 'item_count')::bigint AS stated, c.n
	FROM $groups g JOIN (SELECT combo_group_id, count(*) AS n FROM $items GROUP BY 1) c ON c.combo_group_id = g.id) c
WHERE stated IS NOT NULL
SQL
		[ distribution => <<"SQL" ],
WITH v1 AS (
	SELECT least(n, 6) AS class, count(*) AS groups
	FROM (SELECT count(DISTINCT dish) AS n FROM $source WHERE "group" IS NOT NULL GROUP BY "group") s WHERE n > 0 GROUP BY 1
), v3 AS (
	SELECT least(n, 6) AS class, count(*) AS groups
	FROM (SELECT count(DISTINCT dish_id) AS n FROM $items GROUP BY combo_group_id) s GROUP BY 1
), shares AS (
	SELECT coalesce(v1.groups, 0) AS v1, coalesce(v3.groups, 0) AS v3,
		coalesce(v1.groups / sum(v1.groups) OVER (), 0) AS v1_share,
		coalesce(v3.groups / sum(v3.groups) OVER (), 0) AS v3_share
	FROM v1 FULL JOIN v3 USING (class)
)
SELECT jsonb_build_object('groups_in_source', sum(v1), 'groups_in_target', sum(v3),
	'distribution_points', round(sum(abs(v1_share - v3_share)) * 50, 2))
FROM shares
SQL
		[ fullest_groups => <<"SQL" ],
SELECT jsonb_build_object('wrong_items', count(*) FILTER (
	WHERE coalesce(btrim(d.name), '') = '' OR d.restaurant_id IS DISTINCT FROM g.restaurant_id))
FROM (SELECT combo_group_id FROM $items GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 5) f
	JOIN $groups g ON g.id = f.combo_group_id JOIN $items i ON i.combo_group_id = g.id
	LEFT JOIN $dishes d ON d.id = i.dish_id
SQL
		[ remaining_orphans => <<"SQL" ],
SELECT jsonb_build_object('expected_orphans', count(*))
FROM (SELECT legacy_v1_id FROM $groups g WHERE NOT $has_items OFFSET 0) g WHERE $expected
SQL
		[ source_systems => <<"SQL" ],
SELECT jsonb_object_agg(source_system, jsonb_build_object('groups', groups, 'orphans', orphans))
FROM (SELECT source_system, count(*) AS groups, count(*) FILTER (WHERE NOT $has_items) AS orphans FROM $groups g GROUP BY 1) s
SQL
		[ restaurants => <<"SQL" ],
SELECT jsonb_build_object('restaurants_with_groups', count(*), 'restaurants_with_items', count(*) FILTER (WHERE has_items))
FROM (SELECT bool_or($has_items) AS has_items FROM $groups g WHERE legacy_v1_id IS NOT NULL GROUP BY restaurant_id) r
SQL
		[ dish_usage => <<"SQL" ],
SELECT jsonb_build_object('dishes_used', max(dishes), 'most_used', jsonb_object_agg(dish_id, groups)) - 'most_used'
FROM (SELECT dish_id, count(DISTINCT combo_group_id) AS groups, count(*) OVER () AS dishes
	FROM $items GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5) d
SQL
		[ recent_items => <<"SQL" ],
SELECT jsonb_build_object('created', count(*), 'recorded', (
	SELECT sum(b.row_count) FROM menuca_run r JOIN menuca_run_batch b USING (run_id)
	WHERE r.status <> 'rolled_back' AND b.written_at > now() - interval '24 hours'))
FROM $items WHERE created_at > now() - interval '24 hours'
SQL
		[ references => <<"SQL" ],
SELECT jsonb_build_object(
	'null_group', count(*) FILTER (WHERE i.combo_group_id IS NULL),
	'null_dish', count(*) FILTER (WHERE i.dish_id IS NULL),
	'invalid_group', count(*) FILTER (WHERE i.combo_group_id IS NOT NULL AND g.id IS NULL),
	'invalid_dish', count(*) FILTER (WHERE i.dish_id IS NOT NULL AND d.id IS NULL))
FROM $items i LEFT JOIN $groups g ON g.id = i.combo_group_id LEFT JOIN $dishes d ON d.id = i.dish_id
SQL
		[ duplicate_pairs => <<"SQL" ],
SELECT jsonb_build_object('duplicate_items', sum(n - pairs))
FROM (SELECT count(*) AS n, count(DISTINCT dish_id) AS pairs FROM $items GROUP BY combo_group_id) d
SQL
		[ ledger => <<"SQL" ],
SELECT jsonb_build_object('items_before', before, 'inserted', inserted, 'items_after', intact + others)
FROM (SELECT count(*) FILTER (WHERE NOT l.inserted) AS before, count(*) FILTER (WHERE l.inserted) AS inserted,
		count(*) FILTER (WHERE hash_record_extended(i, 0) = l.hash) AS intact,
		(SELECT count(*) FROM $items) - count(i.id) AS others
	FROM public.ledger_in_sql l LEFT JOIN $items i ON i.id = l.id) l
SQL
		[ cross_restaurant => <<"SQL" ],
SELECT jsonb_build_object('cross_restaurant', count(*))
FROM $items i JOIN $groups g ON g.id = i.combo_group_id JOIN $dishes d ON d.id = i.dish_id
WHERE g.restaurant_id <> d.restaurant_id
SQL
		[ display_order => <<"SQL" ],
SELECT jsonb_build_object('missing', count(*) FILTER (WHERE display_order IS NULL),
	'negative', count(*) FILTER (WHERE display_order < 0), 'greatest', max(display_order))
FROM $items
SQL
		[ inactive_dishes => <<"SQL" ],
SELECT jsonb_build_object('inactive_dish_items', count(*))
FROM $items i JOIN $dishes d ON d.id = i.dish_id WHERE NOT d.is_active
SQL
		[ orientation => <<"SQL" ],
SELECT jsonb_build_object('source_rows', (SELECT count(*) FROM $source),
	'fits_declared', (SELECT count(*) FROM $source s JOIN $groups g ON g.legacy_v1_id = s."group"
		JOIN $dishes d ON d.legacy_v1_id = s.dish AND d.restaurant_id = g.restaurant_id),
	'fits_swapped', (SELECT count(*) FROM $source s JOIN $groups g ON g.legacy_v1_id = s.dish
		JOIN $dishes d ON d.legacy_v1_id = s."group" AND d.restaurant_id = g.restaurant_id))
SQL
		[ id_space => <<"SQL" ],
SELECT jsonb_build_object('cross_restaurant_rows', count(*), 'distinct_ids', count(DISTINCT s.dish))
FROM $source s JOIN $groups g ON g.legacy_v1_id = s."group" JOIN $dishes d ON d.legacy_v1_id = s.dish
WHERE g.restaurant_id <> d.restaurant_id
SQL
		[ direction => <<"SQL" ],
SELECT jsonb_build_object() WHERE NOT EXISTS (SELECT FROM $dishes WHERE is_combo)
SQL
		[ orphans_explained => <<"SQL" ],
WITH orphans AS (
	SELECT g.id, g.source_system, g.legacy_v1_id,
		CASE
			WHEN s."group" IS NULL THEN NULL
			WHEN (s.dish BETWEEN 1 AND 2147483647) IS NOT TRUE THEN 'invalid'
			WHEN NOT EXISTS (SELECT FROM $dishes d WHERE d.legacy_v1_id = s.dish) THEN 'unmapped_dish'
			WHEN NOT EXISTS (SELECT FROM $dishes d WHERE d.legacy_v1_id = s.dish AND d.restaurant_id = g.restaurant_id)
				THEN 'cross_restaurant'
			WHEN $candidates > 1 THEN 'ambiguous'
			ELSE 'mapped'
		END AS outcome
	FROM $groups g LEFT JOIN $source s ON s."group" = g.legacy_v1_id
	WHERE NOT $has_items
), tallies AS (
	SELECT id, source_system, legacy_v1_id, count(outcome) AS rows,
		count(*) FILTER (WHERE outcome = 'mapped') AS mapped,
		count(*) FILTER (WHERE outcome = 'invalid') AS invalid,
		count(*) FILTER (WHERE outcome = 'unmapped_dish') AS unmapped_dish,
		count(*) FILTER (WHERE outcome = 'cross_restaurant') AS cross_restaurant,
		count(*) FILTER (WHERE outcome = 'ambiguous') AS ambiguous
	FROM orphans GROUP BY 1, 2, 3
), explained AS (
	SELECT CASE
		WHEN mapped > 0 THEN 'fix_pending'
		WHEN rows = 0 AND source_system = 'v2' THEN 'v2_group'
		WHEN rows = 0 AND legacy_v1_id IS NULL THEN 'no_legacy_id'
		WHEN rows = 0 THEN 'no_source_row'
		WHEN rows = unmapped_dish THEN 'unmapped_dishes'
		WHEN rows = cross_restaurant THEN 'cross_restaurant'
		WHEN rows = ambiguous THEN 'ambiguous'
		WHEN rows = invalid THEN 'invalid'
		ELSE 'mixed'
	END AS reason
	FROM tallies
)
SELECT jsonb_object_agg(reason, n) FROM (SELECT reason, count(*) AS n FROM explained GROUP BY 1) e
SQL
		[ row_counts => $row_counts ],
		[ row_values => 'SELECT jsonb_object_agg(b.key, b.value::bigint - n.value::bigint) FROM public.states_in_sql s,'
			  . ' jsonb_each_text(s.states) b JOIN jsonb_each_text((' . row_states('<= (SELECT %s_max FROM public.counts_in_sql)') . ')) n USING (key)' ],
		[ menus => <<"SQL" ],
SELECT jsonb_build_object('without_menu', count(*))
FROM public.menus_in_sql m WHERE NOT EXISTS (SELECT FROM $dishes d WHERE d.restaurant_id = m.id AND d.is_active)
SQL
		[ row_contents => 'SELECT coalesce(jsonb_object_agg(b.key, 1) FILTER (WHERE b.value <> n.value), \'{}\') FROM public.prints_in_sql s,'
			  . ' jsonb_each(s.prints) b JOIN jsonb_each((' . row_prints() . ')) n USING (key)' ],
		[ safeguards => "SELECT jsonb_build_object('lost', count(*)) FROM (TABLE public.guards_in_sql EXCEPT ($guards)) g" ],
		[ repeated_rows => <<"SQL" ],
SELECT jsonb_build_object('repeated_legacy_ids', (SELECT coalesce(sum(n - 1), 0) FROM ($repeated_dishes UNION ALL $repeated_groups) r),
	'new_names', (SELECT count(*) FROM $dishes n WHERE n.id > (SELECT dishes_max FROM public.counts_in_sql) AND n.is_active
		AND EXISTS (SELECT FROM $dishes o WHERE o.restaurant_id = n.restaurant_id AND o.name = n.name AND o.id < n.id)))
SQL
		[ blank_names => <<"SQL" ],
SELECT jsonb_build_object(
	'blank_dishes', (SELECT count(*) FROM $dishes d WHERE (name IS NULL OR btrim(name, $blanks) = '')
		AND EXISTS (SELECT FROM $items i WHERE i.dish_id = d.id)),
	'blank_groups', (SELECT count(*) FROM $groups g WHERE (name IS NULL OR btrim(name, $blanks) = '') AND $has_items))
SQL
		[ source_rows => <<"SQL" ],
SELECT jsonb_build_object('missing', count(*))
FROM $source s JOIN $groups g ON g.legacy_v1_id = s."group"
	JOIN $dishes d ON d.legacy_v1_id = s.dish AND d.restaurant_id = g.restaurant_id
WHERE NOT EXISTS (SELECT FROM $items i WHERE i.combo_group_id = g.id AND i.dish_id = d.id)
SQL
		[ unexplained_items => <<"SQL" ],
SELECT jsonb_build_object('unknown', count(*) FILTER (WHERE l.id IS NULL),
	'older', count(*) FILTER (WHERE NOT l.inserted), 'of_runs', count(*) FILTER (WHERE l.inserted))
FROM (SELECT i.id FROM $items i JOIN $groups g ON g.id = i.combo_group_id JOIN $dishes d ON d.id = i.dish_id
	WHERE i.source_system = 'v1' AND NOT EXISTS (SELECT FROM $source s WHERE s."group" = g.legacy_v1_id AND s.dish = d.legacy_v1_id)) i
	LEFT JOIN public.ledger_in_sql l USING (id)
SQL
		[ legacy_ids => <<"SQL" ],
SELECT jsonb_build_object('wrong_items', count(*))
FROM $items i JOIN $source s ON s.id = i.source_id
	JOIN $groups g ON g.id = i.combo_group_id JOIN $dishes d ON d.id = i.dish_id
WHERE i.source_system = 'v1' AND (g.legacy_v1_id IS DISTINCT FROM s."group" OR d.legacy_v1_id IS DISTINCT FROM s.dish)
SQL
		[ source_unchanged => <<"SQL" ],
SELECT jsonb_build_object('source_rows', n.rows, 'rows_of_run', o.rows, 'same', n.checksum = o.checksum) - 'same'
FROM (SELECT count(*) AS rows, $source_checksum AS checksum FROM $source s) n, public.source_in_sql o
SQL
		[ mapping_unchanged => <<"SQL" ],
SELECT jsonb_build_object('mapped', count(*), 'checksum', sum(hashint8extended(g.id, s.id)::numeric + hashint8extended(d.id, s.id))) - 'checksum'
FROM $source s JOIN $groups g ON g.legacy_v1_id = s."group"
	JOIN $dishes d ON d.legacy_v1_id = s.dish AND d.restaurant_id = g.restaurant_id
SQL
		[ steps => <<"SQL" ],
SELECT jsonb_build_object() WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_steps)
SQL
		[ step_ledger => <<"SQL" ]);
SELECT jsonb_build_object() WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_steps)
SQL
}

1;
