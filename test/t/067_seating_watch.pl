
# The monitor against plain SQL: generated months of 0, 1, 1,000 and more bookings, each figure
# of each check; the original's evening; a standby, READ ONLY, a cancel, and bookings that
# change while it counts. Failures 1 and 2 of other systems would show here.
#
# MENUCA_MONTH=1000000 makes the largest month as large as that.

# engines: auto

use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $largest = $ENV{MENUCA_MONTH} // 100_000;
my $node = new_node('primary', allows_streaming => 1);
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;

my $schema = slurp_file('test/fixture/seating/schema.sql');

# A month of bookings, three of them wrong in each way that there is, in restaurants of 20 dining
# tables; times are in the past and the future, so that nothing depends on the hour of the day.
# Numbers come from a hash of what they are for.
my $month = <<'SQL';
SET client_min_messages = error;
CREATE FUNCTION pg_temp.draw(what text, n bigint, most int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT (('x' || left(md5(what || n), 7))::bit(28)::int) % most $$;
ALTER TABLE bookings ALTER party_size DROP NOT NULL;
ALTER TABLE booking_table_assignments ALTER start_at DROP NOT NULL, ALTER end_at DROP NOT NULL;
INSERT INTO restaurants (id, name, timezone) SELECT md5('r' || r)::uuid, 'Restaurant ' || r, ('{Europe/London,Asia/Tokyo,America/Toronto,Asia/Kathmandu}'::text[])[r % 4 + 1] FROM generate_series(0, GREATEST(:n / 5000, 2)) r;
INSERT INTO zones (id, restaurant_id, name) SELECT md5(r.id || 'z' || z)::uuid, r.id, 'Z' || z FROM restaurants r, generate_series(0, 1) z;
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, max_party_size, active)
SELECT md5(r.id || 't' || t)::uuid, r.id, CASE WHEN t < 19 THEN md5(r.id || 'z' || t / 10)::uuid END, 'T' || t, ('{2,2,4,4,6}'::int[])[t % 5 + 1], CASE WHEN t = 4 THEN 5 END, t <> 9
FROM restaurants r, generate_series(0, 19) t;
CREATE TEMP TABLE plan AS
SELECT n, md5('b' || n)::uuid AS id, md5('r' || pg_temp.draw('restaurant', n, GREATEST(:n / 5000, 2) + 1))::uuid AS restaurant, 1 + pg_temp.draw('party', n, 9) AS party,
	now() + (pg_temp.draw('minute', n, 40 * 24 * 60) - 35 * 24 * 60) * interval '1 minute' AS at, pg_temp.draw('first', n, 19) AS first,
	CASE WHEN pg_temp.draw('several', n, 8) = 0 THEN 2 + pg_temp.draw('third', n, 2) WHEN pg_temp.draw('none', n, 20) = 0 THEN 0 ELSE 1 END AS tables
FROM generate_series(1, :n::bigint) n;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at, assigned_zone_id)
SELECT id, restaurant, CASE WHEN pg_temp.draw('no party', n, 5000) > 0 THEN party END,
	(CASE WHEN pg_temp.draw('off', n, 10) = 0 THEN '{cancelled,no_show}' WHEN at < now() - interval '1 hour' THEN '{completed,completed,completed,completed,checked_in,confirmed}' ELSE '{pending,pending_allocation,confirmed,confirmed,confirmed,checked_in}' END::text[])[1 + pg_temp.draw('status', n, CASE WHEN pg_temp.draw('off', n, 10) = 0 THEN 2 ELSE 6 END)]::booking_status,
	at, CASE WHEN pg_temp.draw('end', n, 3) > 0 THEN at + interval '1 hour' END, CASE WHEN pg_temp.draw('zone', n, 9) > 0 THEN md5(restaurant || 'z' || first / 10)::uuid END
FROM plan;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT p.id, md5(p.restaurant || 't' || (p.first + t) % 20)::uuid, CASE WHEN pg_temp.draw('null', n, 100) > 0 THEN p.at END, CASE WHEN pg_temp.draw('null', n, 100) > 0 THEN p.at + interval '1 hour' END
FROM plan p, generate_series(0, p.tables - 1) t;
INSERT INTO menuca_seating_attempt (booking_id, restaurant_id, outcome, reason, attempts, duration, zone_id, variant, attempted_at)
SELECT p.id, CASE WHEN pg_temp.draw('locked', n * 7 + a, 50) > 0 THEN p.restaurant END, w.outcome, CASE w.outcome WHEN 'none' THEN ('{busy: x,capacity: y,k: z,Something}'::text[])[1 + pg_temp.draw('reason', n, 4)] ELSE w.outcome END,
	1, pg_temp.draw('took', n * 7 + a, 20000) * interval '1 ms', CASE WHEN pg_temp.draw('wanted', n, 30) = 0 THEN md5(p.restaurant || 'z0')::uuid END, (ARRAY['a', 'b', NULL])[1 + pg_temp.draw('variant', n, 3)], p.at - interval '3 hours' + a * interval '1 minute'
FROM plan p, generate_series(0, 1) a, LATERAL (SELECT ('{assigned,assigned,assigned,assigned,assigned,moved,already,none,conflict,off,state}'::text[])[1 + pg_temp.draw('outcome', n * 7 + a, 11)] AS outcome) w
WHERE a = 0 OR pg_temp.draw('again', n, 4) = 0;
INSERT INTO menuca_seating_attempt (booking_id, restaurant_id, outcome, reason, attempts, duration, attempted_at) SELECT md5('gone' || n)::uuid, md5('r0')::uuid, 'none', 'busy: x', 1, '1 s', now() FROM generate_series(1, LEAST(:n, 5)) n;
INSERT INTO table_holds (restaurant_id, start_at, end_at, expires_at) SELECT md5('r' || n % 3)::uuid, now(), now() + interval '1 hour', now() + (n - 4) * interval '1 hour' FROM generate_series(1, LEAST(:n, 7)) n;
ANALYZE;
SQL

# What is to be compared: a query for each figure, on the same tables, of days :d and of all
# restaurants or of one. p are the bookings, c those that count, s their dining tables.
my $sql = <<'SQL';
WITH p AS MATERIALIZED (SELECT b.*, b.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in') AS blocks, b.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in', 'completed') AS counts
		FROM bookings b WHERE b.start_at >= now() - :d * interval '24 hours' AND (:room IS NULL OR b.restaurant_id = :room)),
	s AS MATERIALIZED (SELECT p.id, count(DISTINCT a.table_id) AS n, array_agg(DISTINCT t.table_number COLLATE "C") AS numbers, bool_or(t.zone_id IS NOT NULL) AS zone FROM p JOIN booking_table_assignments a ON a.booking_id = p.id JOIN table_inventory t ON t.id = a.table_id GROUP BY p.id),
	largest AS (SELECT restaurant_id, max(LEAST(capacity, COALESCE(max_party_size, capacity))) AS seats FROM table_inventory WHERE active GROUP BY 1),
	c AS MATERIALIZED (SELECT p.*, COALESCE(s.n, 0) AS n, s.numbers, s.zone, COALESCE(p.party_size > l.seats, false) AS no_single FROM p LEFT JOIN s USING (id) LEFT JOIN largest l USING (restaurant_id) WHERE p.counts),
	att AS MATERIALIZED (SELECT a.* FROM menuca_seating_attempt a WHERE a.attempted_at >= now() - :d * interval '24 hours' AND (:room IS NULL OR a.restaurant_id = :room OR (a.restaurant_id IS NULL AND a.booking_id IN (SELECT id FROM p)))),
	last AS MATERIALIZED (SELECT DISTINCT ON (booking_id) booking_id, outcome, reason, variant FROM att WHERE outcome NOT IN ('off', 'state') ORDER BY booking_id, attempt_id DESC),
	w AS MATERIALIZED (SELECT a.table_id, a.booking_id, COALESCE(a.start_at, p.start_at) AS from_at, COALESCE(a.end_at, p.end_at) AS until FROM p JOIN booking_table_assignments a ON a.booking_id = p.id WHERE p.blocks),
	v AS (SELECT l.variant, count(*) AS attempted, count(*) FILTER (WHERE l.outcome IN ('assigned', 'moved', 'already')) AS succeeded, count(*) FILTER (WHERE c.n > 0) AS seated, count(*) FILTER (WHERE c.n > 1) AS combinations FROM last l LEFT JOIN c ON c.id = l.booking_id WHERE l.variant IS NOT NULL GROUP BY 1)
SELECT jsonb_build_object(
	'usage', (SELECT jsonb_build_object('bookings', count(*), 'seated', count(*) FILTER (WHERE n > 0), 'single', count(*) FILTER (WHERE n = 1), 'combinations', count(*) FILTER (WHERE n > 1), 'no_single_table', count(*) FILTER (WHERE no_single),
			'combinations_needed', count(*) FILTER (WHERE no_single AND n > 1), 'reached_seated', count(*) FILTER (WHERE n > 0), 'reached_combinations', count(*) FILTER (WHERE n > 1), 'usage_pct', round(100.0 * count(*) FILTER (WHERE n > 1) / NULLIF(count(*) FILTER (WHERE n > 0), 0), 2), 'no_single_table_pct', round(100.0 * count(*) FILTER (WHERE no_single) / NULLIF(count(*), 0), 2)) FROM c)
		|| (SELECT jsonb_build_object('all_bookings', count(*), 'pending', count(*) FILTER (WHERE status = 'pending'), 'pending_allocation', count(*) FILTER (WHERE status = 'pending_allocation'), 'confirmed', count(*) FILTER (WHERE status = 'confirmed'), 'checked_in', count(*) FILTER (WHERE status = 'checked_in'),
			'completed', count(*) FILTER (WHERE status = 'completed'), 'cancelled', count(*) FILTER (WHERE status = 'cancelled'), 'no_show', count(*) FILTER (WHERE status = 'no_show'), 'other', 0) FROM p),
	'success', (SELECT jsonb_build_object('attempted', count(*), 'succeeded', count(*) FILTER (WHERE outcome IN ('assigned', 'moved', 'already')), 'success_pct', round(100.0 * count(*) FILTER (WHERE outcome IN ('assigned', 'moved', 'already')) / NULLIF(count(*), 0), 2)) FROM last)
		|| (SELECT jsonb_build_object('attempts', count(*), 'unknown', 0, 'assigned', count(*) FILTER (WHERE outcome = 'assigned'), 'moved', count(*) FILTER (WHERE outcome = 'moved'), 'already', count(*) FILTER (WHERE outcome = 'already'), 'none', count(*) FILTER (WHERE outcome = 'none'),
			'conflict', count(*) FILTER (WHERE outcome = 'conflict'), 'off', count(*) FILTER (WHERE outcome = 'off'), 'state', count(*) FILTER (WHERE outcome = 'state')) FROM att)
		|| jsonb_build_object('none_by_reason', COALESCE((SELECT jsonb_object_agg(kind, n) FROM (SELECT CASE WHEN reason LIKE '%:%' THEN split_part(reason, ':', 1) ELSE 'other' END AS kind, count(*) AS n FROM last WHERE outcome = 'none' GROUP BY 1) k), '{}')),
	'tables', (SELECT jsonb_build_object('seated', count(*), 'tables', COALESCE(sum(n), 0), 'average_tables', round(sum(n) / NULLIF(count(*), 0), 4), 'most_tables', COALESCE(max(n), 0)) FROM c WHERE n > 0)
		|| jsonb_build_object('commonest_number', COALESCE((SELECT n FROM c WHERE n > 1 GROUP BY n ORDER BY count(*) DESC, n LIMIT 1), 0), 'by_tables', COALESCE((SELECT jsonb_object_agg(n, k) FROM (SELECT n, count(*) AS k FROM c WHERE n > 0 GROUP BY 1) b), '{}'),
			'different_combinations', (SELECT count(DISTINCT (restaurant_id, numbers)) FROM c WHERE n > 1),
			'commonest', COALESCE((SELECT jsonb_agg(jsonb_build_object('restaurant_id', restaurant_id, 'tables', numbers, 'bookings', k)) FROM (SELECT restaurant_id, numbers, count(*) AS k FROM c WHERE n > 1 GROUP BY 1, 2 ORDER BY 3 DESC, 1, array_to_string(numbers, chr(1)) COLLATE "C" LIMIT 20) top), '[]')),
	'orphans', (SELECT jsonb_build_object('of', count(*), 'count', count(*) FILTER (WHERE n = 0)) FROM c WHERE status = 'confirmed'),
	'pending_zone_lock', (SELECT jsonb_build_object('of', count(*), 'count', count(*) FILTER (WHERE n = 0 AND assigned_zone_id IS NOT NULL)) FROM c WHERE status IN ('pending', 'pending_allocation')),
	'zone_conflicts', (SELECT jsonb_build_object('attempts', count(*), 'zone_attempts', count(*) FILTER (WHERE zone_id IS NOT NULL), 'conflicts', count(*) FILTER (WHERE zone_id IS NOT NULL AND outcome IN ('none', 'conflict')), 'days', :d, 'conflicts_per_day', round(count(*) FILTER (WHERE zone_id IS NOT NULL AND outcome IN ('none', 'conflict')) / :d::numeric, 2)) FROM att),
	'overlaps', (SELECT jsonb_build_object('of', count(*), 'count', count(*) FILTER (WHERE taken_until > from_at)) FROM (SELECT from_at, max(until) OVER (PARTITION BY table_id ORDER BY from_at, until, booking_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until FROM w WHERE from_at < until) o),
	'seated_without_table', (SELECT jsonb_build_object('of', count(*), 'count', count(*) FILTER (WHERE n = 0)) FROM c WHERE status = 'checked_in'),
	'confirmed_without_zone', (SELECT jsonb_build_object('of', count(*), 'count', count(*) FILTER (WHERE assigned_zone_id IS NULL)) FROM c WHERE status = 'confirmed' AND zone),
	'latency', CASE WHEN EXISTS (SELECT FROM att) THEN (SELECT jsonb_build_object('attempts', count(*), 'average_ms', round(extract(epoch FROM avg(duration)) * 1000, 3), 'p50_ms', round(extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY duration)) * 1000, 3), 'p95_ms', round(extract(epoch FROM percentile_disc(0.95) WITHIN GROUP (ORDER BY duration)) * 1000, 3),
			'p99_ms', round(extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY duration)) * 1000, 3), 'most_ms', round(extract(epoch FROM max(duration)) * 1000, 3)) FROM att) ELSE '{"attempts": 0}' END,
	'unswept_holds', (SELECT jsonb_build_object('of', count(*), 'count', count(*) FILTER (WHERE expires_at <= now())) FROM table_holds WHERE :room IS NULL OR restaurant_id = :room),
	'variants', COALESCE((SELECT jsonb_object_agg(variant, jsonb_build_object('attempted', attempted, 'succeeded', succeeded, 'seated', seated, 'combinations', combinations, 'success_pct', round(100.0 * succeeded / NULLIF(attempted, 0), 2), 'usage_pct', round(100.0 * combinations / NULLIF(seated, 0), 2))) FROM v), '{}'),
	'unreadable', (SELECT jsonb_build_object('of', count(*), 'count', count(*) FILTER (WHERE party_size IS NULL)) FROM p),
	'by_day', COALESCE((SELECT jsonb_agg(to_jsonb(d) ORDER BY service_day) FROM (SELECT ((p.start_at AT TIME ZONE r.timezone) - interval '5 hours')::date AS service_day, count(*) AS bookings, count(*) FILTER (WHERE p.status IN ('cancelled', 'no_show')) AS cancelled, count(*) FILTER (WHERE c.n > 0) AS seated,
			count(*) FILTER (WHERE c.n > 1) AS combinations, count(*) FILTER (WHERE c.no_single) AS no_single_table, COALESCE(sum(k.attempts), 0) AS attempts, count(l.booking_id) AS attempted, count(*) FILTER (WHERE l.outcome IN ('assigned', 'moved', 'already')) AS succeeded
		FROM p JOIN restaurants r ON r.id = p.restaurant_id LEFT JOIN c ON c.id = p.id LEFT JOIN last l ON l.booking_id = p.id LEFT JOIN (SELECT booking_id, count(*) AS attempts FROM att WHERE outcome NOT IN ('off', 'state') GROUP BY 1) k ON k.booking_id = p.id GROUP BY 1) d), '[]'),
	'by_restaurant', COALESCE((SELECT jsonb_agg(to_jsonb(d) ORDER BY bookings DESC, restaurant_id) FROM (SELECT p.restaurant_id, r.name AS restaurant_name, count(*) AS bookings, count(*) FILTER (WHERE c.n > 0) AS seated, count(*) FILTER (WHERE c.n > 1) AS combinations, count(l.booking_id) AS attempted
		FROM p JOIN restaurants r ON r.id = p.restaurant_id LEFT JOIN c ON c.id = p.id LEFT JOIN last l ON l.booking_id = p.id GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 20) d), '[]'))
SQL

# The same by the monitor; dominated has a test of its own below
my $monitor = <<'SQL';
SELECT jsonb_object_agg(name, metadata - 'examples') FILTER (WHERE name NOT IN ('summary', 'dominated'))
	|| jsonb_build_object('by_day', (SELECT COALESCE(jsonb_agg(to_jsonb(d) - '{usage_pct,success_pct}'::text[]), '[]') FROM menuca_seating_figures_by_day(:d, :room) d),
		'by_restaurant', CASE WHEN :room IS NULL THEN (SELECT COALESCE(jsonb_agg(to_jsonb(d) - '{cancelled,usage_pct,no_single_table,attempts,succeeded,success_pct}'::text[]), '[]') FROM menuca_seating_figures_by_restaurant(:d) d) END)
FROM menuca_seating_monitor(:d, :room)
SQL

# Both in one query snapshot, as JSON with sorted keys
sub figures
{
	my ($database, $days, $room) = @_;
	my @queries = map { s/:room\b/$room/gr =~ s/:d\b/$days/gr } $sql, $monitor;
	my $both = rows_of($node, $database, "BEGIN ISOLATION LEVEL REPEATABLE READ; $queries[0]; $queries[1]; COMMIT;");
	my $json = JSON::PP->new->canonical->allow_nonref;

	return map { $json->decode($_) } split /\n/, $both;
}

foreach my $n (0, 1, 1000, $largest)
{
	my $database = "month$n";

	rows_of($node, 'postgres', "CREATE DATABASE $database TEMPLATE template0");
	rows_of($node, $database, "SET client_min_messages = error; CREATE EXTENSION menuca_seating;\n$schema");
	$node->safe_psql($database, "\\set n $n\n$month");
	my @cases = $n == $largest ? ([ 31, 'NULL::uuid' ]) : ([ 7, 'NULL::uuid' ], [ 31, 'NULL::uuid' ], [ 400, 'NULL::uuid' ], [ 31, "md5('r1')::uuid" ]);
	foreach my $case ($n == 0 ? [ 7, 'NULL::uuid' ] : @cases)
	{
		my ($expected, $said) = figures($database, @$case);

		delete @{$_}{'by_restaurant'} foreach $case->[1] =~ /md5/ ? ($expected, $said) : ();
		foreach my $name (sort keys %$expected)
		{
			is_deeply($said->{$name}, $expected->{$name}, "$n bookings, @$case: $name") or diag(explain($said->{$name}, $expected->{$name}));
		}
		is(join(' ', sort keys %$said), join(' ', sort keys %$expected), "$n bookings, @$case: no other check");
		if ($n >= 1000 && $case->[1] !~ /md5/)
		{
			cmp_ok($expected->{$_}{count}, '>', 0, "$n bookings, @$case: some are wrong: $_") foreach grep { $_ ne 'unreadable' || $n > 10000 } qw(orphans pending_zone_lock overlaps seated_without_table confirmed_without_zone);
		}
	}
}
is(rows_of($node, 'month0', 'SELECT string_agg(DISTINCT status, \' \') FROM menuca_seating_monitor()'), 'SKIP', 'without data all is SKIP');

# Overlaps once more, pair by pair
is( rows_of($node, 'month1000', <<'SQL'),
WITH w AS (SELECT a.table_id, a.booking_id, COALESCE(a.start_at, b.start_at) AS from_at, COALESCE(a.end_at, b.end_at) AS until FROM bookings b JOIN booking_table_assignments a ON a.booking_id = b.id
	WHERE b.start_at >= now() - interval '31 days' AND b.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in'))
SELECT (SELECT (metadata->>'count')::int FROM menuca_seating_monitor(31) WHERE name = 'overlaps') = count(DISTINCT (w.table_id, w.booking_id))
FROM w JOIN w o ON o.table_id = w.table_id AND o.booking_id <> w.booking_id AND (o.from_at, o.until, o.booking_id) < (w.from_at, w.until, w.booking_id) AND o.until > w.from_at AND o.from_at < o.until AND w.from_at < w.until
SQL
	't', 'overlaps, pair by pair');

# Dominated bookings, with the settings' rules written once more for single dining tables and pairs
is( rows_of($node, 'month1000', <<'SQL'),
SELECT (SELECT (metadata->>'count')::int FROM menuca_seating_monitor(31) WHERE name = 'dominated') = count(*)
FROM (SELECT b.id FROM bookings b WHERE b.start_at >= now() - interval '31 days' AND b.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in', 'completed') AND b.party_size > 0
	AND (SELECT count(*) FROM booking_table_assignments a WHERE a.booking_id = b.id) > 1
	AND (EXISTS (SELECT FROM booking_table_assignments a JOIN table_inventory t ON t.id = a.table_id
			WHERE a.booking_id = b.id AND t.active AND t.capacity BETWEEN b.party_size AND b.party_size + 2 AND b.party_size <= COALESCE(t.max_party_size, b.party_size))
		OR (SELECT count(*) FROM booking_table_assignments a WHERE a.booking_id = b.id) > 2 AND EXISTS (SELECT FROM booking_table_assignments a JOIN table_inventory t ON t.id = a.table_id, booking_table_assignments o JOIN table_inventory u ON u.id = o.table_id
			WHERE a.booking_id = b.id AND o.booking_id = b.id AND t.id < u.id AND t.active AND u.active AND t.zone_id = u.zone_id AND t.capacity + u.capacity BETWEEN b.party_size AND b.party_size + 2))) d
SQL
	't', 'dominated bookings, by hand (failures 1 and 2)');
cmp_ok(rows_of($node, 'month1000', "SELECT metadata->>'count' FROM menuca_seating_monitor(31) WHERE name = 'dominated'"), '>', 5, 'there are some');

#
# The original's evening: the optimum of both windows
#
rows_of($node, 'postgres', 'CREATE DATABASE evening TEMPLATE template0');
rows_of($node, 'evening', "SET client_min_messages = error; CREATE EXTENSION menuca_seating;\n$schema\n" . slurp_file('test/fixture/seating/evening.sql'));
my $days = rows_of($node, 'evening', "SELECT 2 + (extract(epoch FROM now() - '2025-11-15'::timestamptz) / 86400)::int");
my $usage = "SELECT status, actual, metadata->'no_single_table', metadata->'no_single_table_pct', metadata->'combinations_needed', detail FROM menuca_seating_monitor($days) WHERE name = 'usage'";

rows_of($node, 'evening', q{SET client_min_messages = error; SELECT key FROM menuca_seating_set(NULL, '{"turn_times": {"20": 120}}'); SELECT count(*) FROM menuca_auto_assign_day(md5('restaurant')::uuid, '2025-11-15', false)});
like(rows_of($node, 'evening', $usage), qr/^WARN\|19\.18 % \(14 of 73 seated bookings\)\|10\|13\.16\|\d+\|10 of 76 bookings \(13\.16 %\) are for a party that no single dining table/, 'two hours each: 14 of 73, ten cannot do without');
is(rows_of($node, 'evening', "SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FROM menuca_seating_monitor($days) WHERE status NOT IN ('PASS', 'SKIP')"), 'usage WARN, summary WARN', 'all else is well, success included');
rows_of($node, 'evening', <<'SQL');
SET client_min_messages = error;
SELECT count(*) FROM bookings, LATERAL menuca_unassign_tables(id);
UPDATE bookings b SET end_at = LEAST(start_at + make_interval(mins => CASE WHEN party_size <= 2 THEN 60 WHEN party_size <= 4 THEN 75 WHEN party_size <= 6 THEN 85 ELSE 90 END), '2025-11-15 21:55+00');
SELECT key FROM menuca_seating_set(NULL, '{"turn_times": {"20": 1}, "buffer_after": 5}');
SELECT count(*) FROM menuca_auto_assign_day(md5('restaurant')::uuid, '2025-11-15', false);
SQL
like(rows_of($node, 'evening', $usage), qr/^WARN\|21\.05 % \(16 of 76 seated bookings\)\|10\|13\.16\|10\|/, 'the original windows: 16 of 76, ten cannot do without');

#
# READ ONLY, a standby, a cancel
#
my $figures = "SELECT name, status, actual, detail, metadata FROM menuca_seating_monitor(%s) WHERE name <> 'latency' ORDER BY check_no";
my $expected = rows_of($node, 'month1000', sprintf($figures, 40));
is(rows_of($node, 'month1000', 'BEGIN READ ONLY; ' . sprintf($figures, 40) . '; COMMIT;'), $expected, 'READ ONLY');
$node->wait_for_catchup($standby);
is(rows_of($standby, 'month1000', sprintf($figures, 40)), $expected, 'a standby says the same');
is(rows_of($standby, 'month1000', 'SELECT count(*) FROM menuca_seating_figures_by_day(40), menuca_seating_due()'), '0', 'and what is due');
is(error_of($standby, 'month1000', 'SELECT * FROM menuca_seating_alert(40)')->{state}, 'MC048', 'an alert of a standby');
is(error_of($standby, 'month1000', 'SELECT * FROM menuca_seating_record_monitor()')->{state}, '25006', 'it writes nothing');
$standby->stop;
is(error_of($node, "month$largest", "SET statement_timeout = '20ms'; SELECT count(*) FROM menuca_seating_monitor(400)")->{state}, '57014', 'a cancel ends it');

#
# Bookings that change meanwhile: each report is of one instant, so what is added in pairs is even
#
rows_of($node, 'month1', 'DELETE FROM bookings; DELETE FROM menuca_seating_attempt');
my $script = write_file('pairs.sql', <<'SQL');
BEGIN;
INSERT INTO bookings (restaurant_id, party_size, status, start_at) SELECT md5('r0')::uuid, 2, 'confirmed', now() FROM generate_series(1, 2);
INSERT INTO menuca_seating_attempt (booking_id, outcome, reason, attempts, duration) SELECT gen_random_uuid(), 'assigned', '', 1, '1 s' FROM generate_series(1, 2);
COMMIT;
BEGIN;
DELETE FROM bookings WHERE id IN (SELECT id FROM bookings ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED);
ROLLBACK;
SQL
my $bench = IPC::Run::start([ 'pgbench', '-n', '-c', '4', '-T', '5', '-f', $script, $node->connstr('month1') ], '>', \my $out, '2>', \my $err);
my @seen = split /\n/, rows_of($node, 'month1', join ' ', map { q{SELECT metadata->'of' FROM menuca_seating_monitor() WHERE name = 'orphans'; SELECT metadata->'attempts' FROM menuca_seating_monitor() WHERE name = 'latency';} } 1 .. 60);
$bench->finish;
is(scalar(grep { $_ % 2 } @seen), 0, 'each of ' . @seen . ' counts is even');
cmp_ok($seen[-1], '>', $seen[1], 'while they grew');

log_is_clean($node);
done_testing();
