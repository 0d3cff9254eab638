
# Restaurants of 5,000 dining tables: everything answers.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $schema = slurp_file('test/fixture/seating/schema.sql');
my $node = new_node('main');

#
# 5,000 dining tables: 50 zones of 10 by 10, each next to its neighbours; and all in one zone
#

note '5,000 dining tables';
rows_of($node, 'postgres', 'CREATE DATABASE large TEMPLATE template0');
rows_of($node, 'large', "SET client_min_messages = error; CREATE EXTENSION menuca_seating;\n$schema\n" . <<'SQL');
INSERT INTO restaurants (id, timezone) VALUES (md5('zones')::uuid, 'Europe/London'), (md5('hall')::uuid, 'Europe/London');
INSERT INTO zones (id, restaurant_id, name) SELECT md5('zone ' || n)::uuid, md5('zones')::uuid, 'Zone ' || n FROM generate_series(0, 49) n UNION ALL SELECT md5('zone hall')::uuid, md5('hall')::uuid, 'Hall';
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity)
SELECT md5(r || ' ' || n)::uuid, md5(r)::uuid, md5('zone ' || CASE r WHEN 'zones' THEN (n / 100)::text ELSE r END)::uuid, lpad(n::text, 4, '0'), 2 + n % 4 * 2 FROM generate_series(0, 4999) n, unnest('{zones,hall}'::text[]) r;
INSERT INTO table_adjacencies SELECT md5('zones ' || n)::uuid, md5('zones ' || n + d)::uuid FROM generate_series(0, 4999) n, unnest('{1,10}'::int[]) d WHERE CASE d WHEN 1 THEN n % 10 < 9 ELSE n % 100 < 90 END;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT md5(r || ' booking ' || n)::uuid, md5(r)::uuid, 1 + n % 15, 'pending', '2026-03-10 17:00+00'::timestamptz + n % 20 * interval '15 min' FROM generate_series(1, 200) n, unnest('{zones,hall}'::text[]) r;
ANALYZE;
SELECT count(*) FROM menuca_seating_set(md5('zones')::uuid, '{"k_max": 5, "adjacency": "connected"}');
SELECT count(*) FROM menuca_seating_set(md5('hall')::uuid, '{"k_max": 5}');
SQL
foreach my $r ('zones', 'hall')
{
	my $restaurant = "md5('$r')::uuid";

	foreach my $party (1, 2, 7, 12, 20, 28)
	{
		like(rows_of($node, 'large', "SELECT count(*), min(total_plans) > 1000, bool_and(capacity BETWEEN $party AND $party + 2) FROM menuca_plan_tables($restaurant, $party, '2026-03-10 19:00+00')"), qr/^20\|t\|t$/, "$r: plans for a party of $party");
	}
	is(rows_of($node, 'large', "SELECT count(*) FROM menuca_plan_tables($restaurant, 41, '2026-03-10 19:00+00')"), 0, "$r: none for more than five of the largest");
	is( rows_of($node, 'large', "SET client_min_messages = error; SELECT bookings, seated, proven FROM menuca_day_result($restaurant, '2026-03-10')"), '200|200|t', "$r: the day's result");
	is(rows_of($node, 'large', "SET client_min_messages = error; SELECT count(*), count(table_ids) FROM menuca_auto_assign_day($restaurant, '2026-03-10')"), '200|200', "$r: the day as a dry run");
	is(rows_of($node, 'large', "SET client_min_messages = error; SELECT bookings, seated FROM menuca_replay_day($restaurant, '2026-03-10', '{\"k_max\": 3}')"), '200|200', "$r: the day with other settings");
	is(rows_of($node, 'large', "SELECT outcome FROM menuca_auto_assign(md5('$r booking 14')::uuid)"), 'assigned', "$r: the planner assigns");
	is(rows_of($node, 'large', "SELECT outcome FROM menuca_move_booking(md5('$r booking 14')::uuid, '2026-03-10 20:00+00', 26)"), 'moved', "$r: a booking is moved");
	is(rows_of($node, 'large', "SELECT cardinality(table_ids) BETWEEN 4 AND 5 FROM menuca_hold_tables($restaurant, NULL, '2026-03-10 20:00+00', party_size => 28)"), 't', "$r: dining tables are held");
	is(rows_of($node, 'large', "SELECT cardinality(table_ids) BETWEEN 4 AND 5 FROM menuca_seat_walk_in($restaurant, 28, start_at => '2026-03-10 20:00+00')"), 't', "$r: guests without a booking");
	is(rows_of($node, 'large', "SET client_min_messages = error; SELECT count(*), count(table_ids) FROM menuca_auto_assign_day($restaurant, '2026-03-10', false)"), '199|199', "$r: the day is written");
}
is(rows_of($node, 'large', 'SELECT count(*) FROM booking_table_assignments a JOIN booking_table_assignments b ON a.table_id = b.table_id AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at'), 0, 'no dining table twice');

$node->stop;
log_is_clean($node);
done_testing();
