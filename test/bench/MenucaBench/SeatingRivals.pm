#
# SeatingRivals.pm
#	  The good SQL that menuca_seating is measured against.
#
# Settings are literals here (overage 2; weights 5, 3, 1 and 2; turn times of
# 60, 75, 85 and 90 minutes), while ours reads them: a gift to the rivals.  They
# judge what blocks a dining table as ours does: bookings in four states, and
# holds.  Of several ways to write each, this is the fastest that was found.
#
package MenucaBench::SeatingRivals;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(indexes_of_rivals plans_by_sum plans_by_edges plans_by_edges_of_three plans_by_edges_settings reading_alone
  rival_functions month_in_sql);

# Ours has no index of its own on the users' tables but that of the assignments'
# booking; these are what good SQL wants, and ours may use them, too.
sub indexes_of_rivals
{
	return (
		'CREATE INDEX ON table_inventory (restaurant_id)',
		'CREATE INDEX ON zones (restaurant_id)',
		'CREATE INDEX ON booking_table_assignments (table_id, start_at)',
		'CREATE INDEX ON table_hold_members (table_id)');
}

# The dining tables that are taken in a window, as a subquery: hashed once.  No
# booking of the bench stays longer than a day, so an index on start would do; the
# lower bound is another gift.
sub taken
{
	my ($restaurant, $from, $until) = @_;
	my $end = 'greatest(seat.end_at, other.end_at)';
	return <<"SQL";
SELECT seat.table_id FROM bookings other JOIN booking_table_assignments seat ON seat.booking_id = other.id
WHERE other.restaurant_id = $restaurant AND other.start_at > $from - interval '1 day' AND other.start_at < $until AND seat.start_at < $until
	AND $from < CASE WHEN other.status = 'checked_in' THEN greatest($end, clock_timestamp() + interval '15 min') ELSE $end END
	AND other.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')
UNION ALL
SELECT m.table_id FROM table_holds h JOIN table_hold_members m ON m.hold_id = h.id
WHERE h.restaurant_id = $restaurant AND h.expires_at > clock_timestamp() AND h.start_at < $until AND $from < h.end_at
SQL
}

# The dining tables that can be part of a plan.  Places are numbered in the order of
# table numbers, so that sets are compared as arrays of integers.
sub free_tables
{
	return usable_tables('row_number() OVER (ORDER BY t.table_number COLLATE "C")::int AS place', @_);
}

# Likewise, with another expression instead of places
sub usable_tables
{
	my ($expression, $restaurant, $party, $from, $until) = @_;
	return <<"SQL";
SELECT t.id, t.zone_id AS zone, t.table_number, t.capacity, t.mobility = 'movable' AND t.zone_id IS NOT NULL AS movable,
	CASE WHEN $party <= coalesce(t.max_party_size, $party) THEN t.capacity ELSE 0 END AS alone, $expression
FROM table_inventory t LEFT JOIN zones z ON z.id = t.zone_id
WHERE t.restaurant_id = $restaurant AND t.active AND t.status <> 'out_of_service' AND (t.zone_id IS NULL OR z.active)
	AND t.min_party_size <= $party AND t.capacity BETWEEN 1 AND $party + 2
	AND t.id NOT IN (@{[ taken($restaurant, $from, $until) ]})
SQL
}

# The best 20 undominated sets, and how many sets there are, dominated ones included.
# Adjacency is off and there are no edges, so that each set's adjacency costs its
# number of members.  Parameters: restaurant, party, start, end.
#
# Sets grow in the order of places within their zone.  One that has too many
# seats, or cannot get enough with the largest dining tables, is given up at once.
# A set is dominated when it has seats enough without its smallest member; of a pair,
# the member that is left must be a plan by itself.
sub plans_by_sum
{
	my ($k) = @_;
	return <<"SQL";
WITH RECURSIVE free AS MATERIALIZED (@{[ free_tables('$1', '$2', '$3', '$4') ]}),
member AS MATERIALIZED (SELECT zone, capacity, place, alone, max(capacity) OVER (PARTITION BY zone) AS largest_of_zone FROM free WHERE movable),
sets (n, zone, last, capacity, smallest, largest, alone, places) AS (
	SELECT 1, zone, place, capacity, capacity, capacity, alone, ARRAY[place] FROM member
	WHERE capacity + ($k - 1) * largest_of_zone >= \$2
	UNION ALL
	SELECT s.n + 1, s.zone, m.place, s.capacity + m.capacity, least(s.smallest, m.capacity), greatest(s.largest, m.capacity),
		greatest(s.alone, m.alone), s.places || m.place
	FROM sets s JOIN member m ON m.zone = s.zone AND m.place > s.last
		AND s.capacity + m.capacity BETWEEN \$2 - ($k - 1 - s.n) * m.largest_of_zone AND \$2 + 2
	WHERE s.n < $k
), plans AS MATERIALIZED (
	SELECT n, capacity, largest, places, CASE n WHEN 2 THEN alone >= \$2 ELSE capacity - smallest >= \$2 END AS dominated
	FROM sets WHERE n > 1 AND capacity >= \$2
	UNION ALL
	SELECT 1, capacity, capacity, ARRAY[place], false FROM free WHERE alone >= \$2
), best AS (
	SELECT *, CASE n WHEN 1 THEN 0 ELSE n END AS adjacency,
		5 * (capacity - \$2) + 3 * (n - 1) + CASE n WHEN 1 THEN 0 ELSE n END + 2 * (capacity - largest) AS score
	FROM plans WHERE NOT dominated ORDER BY score, capacity, n, places LIMIT 20
)
@{[ list_best() ]}
SQL
}

# The dining tables and the edges between those that may be joined, by places; a way is
# an edge in either direction
sub free_edges
{
	return <<"SQL";
free AS MATERIALIZED (@{[ free_tables('$1', '$2', '$3', '$4') ]}),
edge AS MATERIALIZED (
	SELECT DISTINCT least(a.place, b.place) AS a, greatest(a.place, b.place) AS b, a.capacity + b.capacity AS capacity,
		greatest(a.capacity, b.capacity) AS largest, greatest(a.alone, b.alone) AS alone
	FROM free a JOIN table_adjacencies e ON e.table_a = a.id JOIN free b ON b.id = e.table_b
	WHERE a.zone = b.zone AND a.movable AND b.movable AND a.id <> b.id
), way AS MATERIALIZED (
	SELECT a AS tip, b AS middle, capacity, largest, alone FROM edge UNION ALL SELECT b, a, capacity, largest, alone FROM edge
)
SQL
}

# The best 20 of the plans, with score; a triple's adjacency is 1 for a triangle
sub best_of_edges
{
	return <<"SQL";
best AS (
	SELECT *, 5 * (capacity - \$2) + 3 * (n - 1) + adjacency + 2 * (capacity - largest) AS score
	FROM plans WHERE NOT dominated ORDER BY score, capacity, n, places LIMIT 20
)
@{[ list_best() ]}
SQL
}

# The same where sets must be connected, up to three members.  Sets grow by a neighbour of
# any member; a set that is reached in two ways is one, because UNION compares the sorted
# places.  A set is dominated when a member or a connected pair of it has seats enough.
# The planner expects few sets and would loop over them: see plans_by_edges_settings().
sub plans_by_edges
{
	return <<"SQL";
WITH RECURSIVE @{[ free_edges() ]}, sets (n, capacity, largest, alone, places) AS (
	SELECT 1, capacity, capacity, alone, ARRAY[place] FROM free WHERE movable
	UNION
	SELECT s.n + 1, s.capacity + t.capacity, greatest(s.largest, t.capacity), greatest(s.alone, t.alone),
		(SELECT array_agg(p ORDER BY p) FROM unnest(s.places || w.middle) p)
	FROM (SELECT *, unnest(places) AS member FROM sets WHERE n < 3) s JOIN way w ON w.tip = s.member AND w.middle <> ALL (s.places)
		JOIN free t ON t.place = w.middle
	WHERE s.capacity + t.capacity <= \$2 + 2
), plans AS MATERIALIZED (
	SELECT 1 AS n, capacity, capacity AS largest, ARRAY[place] AS places, false AS dominated, 0 AS adjacency FROM free WHERE alone >= \$2
	UNION ALL
	SELECT s.n, s.capacity, s.largest, s.places, s.alone >= \$2 OR s.n = 3 AND greatest(x.capacity, y.capacity, z.capacity) >= \$2,
		CASE WHEN s.n = 2 OR x.a + y.a + z.a IS NOT NULL THEN 1 ELSE 2 END
	FROM sets s
		LEFT JOIN edge x ON x.a = s.places[1] AND x.b = s.places[2]
		LEFT JOIN edge y ON y.a = s.places[1] AND y.b = s.places[3]
		LEFT JOIN edge z ON z.a = s.places[2] AND z.b = s.places[3]
	WHERE s.n > 1 AND s.capacity >= \$2
), @{[ best_of_edges() ]}
SQL
}

# The same written out for three members, without recursion, which is what somebody who
# knows that k is 3 and stays 3 would write: a pair is an edge, a triple two edges that
# share their middle, and a triangle is taken once.
sub plans_by_edges_of_three
{
	return <<"SQL";
WITH @{[ free_edges() ]}, triples AS (
	SELECT l.capacity + t.capacity AS capacity, greatest(l.largest, t.capacity) AS largest, c.a IS NOT NULL AS triangle,
		CASE WHEN r.tip < l.middle THEN ARRAY[l.tip, r.tip, l.middle] WHEN l.tip < l.middle THEN ARRAY[l.tip, l.middle, r.tip]
			ELSE ARRAY[l.middle, l.tip, r.tip] END AS places,
		greatest(l.capacity, r.capacity, c.capacity, l.alone, r.alone) >= \$2 AS dominated
	FROM way l JOIN way r ON r.middle = l.middle AND l.tip < r.tip
		JOIN free t ON t.place = r.tip
		LEFT JOIN edge c ON c.a = l.tip AND c.b = r.tip
	WHERE l.capacity + t.capacity BETWEEN \$2 AND \$2 + 2 AND (c.a IS NULL OR l.middle < l.tip)
), plans AS MATERIALIZED (
	SELECT 1 AS n, capacity, capacity AS largest, ARRAY[place] AS places, false AS dominated, 0 AS adjacency FROM free WHERE alone >= \$2
	UNION ALL
	SELECT 2, capacity, largest, ARRAY[a, b], alone >= \$2, 1 FROM edge WHERE capacity BETWEEN \$2 AND \$2 + 2
	UNION ALL
	SELECT 3, capacity, largest, places, dominated, CASE WHEN triangle THEN 1 ELSE 2 END FROM triples
), @{[ best_of_edges() ]}
SQL
}

# It takes a tenth of the time with hash joins.
sub plans_by_edges_settings
{
	return ('SET enable_nestloop = off');
}

# What each of these queries, and ours, has to read before it can begin: the dining tables that
# can be part of a plan, and with adjacency the edges between them.
sub reading_alone
{
	my ($with_edges) = @_;
	return $with_edges ? "WITH @{[ free_edges() ]} SELECT count(*) FROM way"
	  : "WITH free AS MATERIALIZED (@{[ free_tables('$1', '$2', '$3', '$4') ]}) SELECT count(*) FROM free";
}

# Numbers instead of places, for 20 rows only
sub list_best
{
	return <<'SQL';
SELECT (SELECT array_agg(f.table_number ORDER BY f.place) FROM unnest(b.places) p JOIN free f ON f.place = p) AS table_numbers,
	b.capacity, b.adjacency, b.score, (SELECT count(*) FROM plans) AS total_plans
FROM best b ORDER BY b.score, b.capacity, b.n, b.places
SQL
}

# Sets of two and of three that are plans and not dominated, with score
sub pairs_and_triples
{
	my ($from) = @_;
	return <<"SQL";
SELECT ARRAY[x.id, y.id] AS ids, x.zone, 5 * (x.capacity + y.capacity - party) + 5 + 2 * least(x.capacity, y.capacity) AS score,
		x.capacity + y.capacity AS capacity, ARRAY[x.place, y.place] AS places
	FROM $from x JOIN $from y ON y.zone = x.zone AND y.place > x.place
	WHERE x.capacity + y.capacity BETWEEN party AND party + 2 AND greatest(x.alone, y.alone) < party
	UNION ALL
	SELECT ARRAY[x.id, y.id, z.id], x.zone, 5 * (x.capacity + y.capacity + z.capacity - party) + 9
		+ 2 * (x.capacity + y.capacity + z.capacity - greatest(x.capacity, y.capacity, z.capacity)),
		x.capacity + y.capacity + z.capacity, ARRAY[x.place, y.place, z.place]
	FROM $from x JOIN $from y ON y.zone = x.zone AND y.place > x.place JOIN $from z ON z.zone = x.zone AND z.place > y.place
	WHERE x.capacity + y.capacity < party + 2 AND x.capacity + y.capacity + z.capacity BETWEEN party AND party + 2
		AND x.capacity + y.capacity + z.capacity - least(x.capacity, y.capacity, z.capacity) < party
SQL
}

# What menuca_auto_assign() is compared with, the original's way: filter the dining tables
# that are free and fit, pick the best single one or pair, insert.  One function, whose
# statements keep their query plans.  Two sessions that want the same dining table meet at
# the exclusion constraint, and the loser picks again.
#
# And what menuca_auto_assign_day() is compared with: booking after booking, each
# with the best plan of up to three dining tables.  best_plan() looks for pairs and triples
# only where they can be better than what there is: n members cost at least
# 3 (n - 1) + n, and twice the seats of all but the largest, of at least 2 seats each.
# Equal dining tables of a zone differ in their numbers only, so the first three
# are enough.  best_plan_at_once() is the same as one statement without such knowledge.
sub rival_functions
{
	return (
		<<'SQL',
CREATE FUNCTION turn_time(party int) RETURNS interval LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN party <= 2 THEN interval '60 min' WHEN party <= 4 THEN interval '75 min' WHEN party <= 6 THEN interval '85 min' ELSE interval '90 min' END $$
SQL
		<<"SQL",
CREATE FUNCTION assign_in_sql(booking uuid) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
	b bookings;
	until timestamptz;
	chosen record;
BEGIN
	SELECT * INTO b FROM bookings WHERE id = booking FOR UPDATE;
	IF NOT FOUND OR b.status NOT IN ('pending', 'pending_allocation', 'confirmed') THEN
		RETURN 'state';
	END IF;
	IF EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = booking) THEN
		RETURN 'already';
	END IF;
	until := greatest(b.end_at, b.start_at + turn_time(b.party_size));
	FOR attempt IN 1 .. 200 LOOP
		WITH free AS MATERIALIZED (@{[ free_tables('b.restaurant_id', 'b.party_size', 'b.start_at', 'until') ]})
		SELECT p.ids, p.zone INTO chosen FROM (
			SELECT ARRAY[id] AS ids, zone, 5 * (capacity - b.party_size) AS score, capacity, ARRAY[place] AS places
			FROM free WHERE alone >= b.party_size
			UNION ALL
			SELECT ARRAY[x.id, y.id], x.zone, 5 * (x.capacity + y.capacity - b.party_size) + 5 + 2 * least(x.capacity, y.capacity),
				x.capacity + y.capacity, ARRAY[x.place, y.place]
			FROM free x JOIN free y ON y.zone = x.zone AND y.place > x.place AND x.movable AND y.movable
				AND x.capacity + y.capacity BETWEEN b.party_size AND b.party_size + 2
		) p ORDER BY p.score, p.capacity, cardinality(p.ids), p.places LIMIT 1;
		IF NOT FOUND THEN
			RETURN 'none';
		END IF;
		BEGIN
			INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
			SELECT booking, id, b.start_at, until FROM unnest(chosen.ids) id ORDER BY id;
			UPDATE bookings SET status = 'confirmed', assigned_zone_id = chosen.zone WHERE id = booking;
			RETURN 'assigned';
		EXCEPTION WHEN exclusion_violation OR deadlock_detected THEN
			NULL;
		END;
	END LOOP;
	RETURN 'conflict';
END
\$\$
SQL
		<<"SQL",
CREATE FUNCTION best_plan(restaurant uuid, party int, start timestamptz, until timestamptz, OUT ids uuid[], OUT plan_zone uuid) LANGUAGE plpgsql AS \$\$
DECLARE
	f record;
	p record;
BEGIN
	SELECT t.id, t.zone, 5 * (t.capacity - party) AS score INTO f FROM (@{[ usable_tables('1 AS place', 'restaurant', 'party', 'start', 'until') ]}) t
	WHERE t.alone >= party ORDER BY t.capacity, t.table_number COLLATE "C" LIMIT 1;
	ids := CASE WHEN FOUND THEN ARRAY[f.id] END;
	plan_zone := f.zone;
	IF f.score < 9 THEN
		RETURN;
	END IF;
	WITH free AS MATERIALIZED (@{[ free_tables('restaurant', 'party', 'start', 'until') ]}), first AS MATERIALIZED (
		SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY zone, capacity ORDER BY place) AS i FROM free WHERE movable) r WHERE i <= 3
	)
	SELECT * INTO p FROM (
		@{[ pairs_and_triples('first') ]}
	) plan ORDER BY plan.score, plan.capacity, cardinality(plan.ids), plan.places LIMIT 1;
	IF p.score < coalesce(f.score, p.score + 1) THEN
		ids := p.ids;
		plan_zone := p.zone;
	END IF;
END
\$\$
SQL
		<<"SQL",
CREATE FUNCTION best_plan_at_once(restaurant uuid, party int, start timestamptz, until timestamptz, OUT ids uuid[], OUT plan_zone uuid) LANGUAGE plpgsql AS \$\$
BEGIN
	WITH free AS MATERIALIZED (@{[ free_tables('restaurant', 'party', 'start', 'until') ]}), member AS MATERIALIZED (SELECT * FROM free WHERE movable)
	SELECT plan.ids, plan.zone INTO ids, plan_zone FROM (
		SELECT ARRAY[f.id] AS ids, f.zone, 5 * (f.capacity - party) AS score, f.capacity, ARRAY[f.place] AS places FROM free f WHERE f.alone >= party
		UNION ALL
		@{[ pairs_and_triples('member') ]}
	) plan ORDER BY plan.score, plan.capacity, cardinality(plan.ids), plan.places LIMIT 1;
END
\$\$
SQL
		<<"SQL");
CREATE FUNCTION day_in_sql(restaurant uuid, begins timestamptz, ends timestamptz, at_once boolean) RETURNS TABLE (booking uuid, table_ids uuid[]) LANGUAGE plpgsql AS \$\$
DECLARE
	b record;
	plan record;
BEGIN
	FOR b IN SELECT w.id, w.party_size, w.start_at, greatest(w.end_at, w.start_at + turn_time(w.party_size)) AS until FROM bookings w
		WHERE w.restaurant_id = restaurant AND w.start_at >= begins AND w.start_at < ends AND w.status IN ('pending', 'pending_allocation', 'confirmed')
			AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = w.id)
		ORDER BY w.start_at, w.id FOR UPDATE
	LOOP
		IF at_once THEN
			plan := best_plan_at_once(restaurant, b.party_size, b.start_at, b.until);
		ELSE
			plan := best_plan(restaurant, b.party_size, b.start_at, b.until);
		END IF;
		IF plan.ids IS NOT NULL THEN
			INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT b.id, t, b.start_at, b.until FROM unnest(plan.ids) t;
			UPDATE bookings SET status = 'confirmed', assigned_zone_id = plan.plan_zone WHERE id = b.id;
		END IF;
		booking := b.id;
		table_ids := plan.ids;
		RETURN NEXT;
	END LOOP;
END
\$\$
SQL
}

# The main figures of the monitor over that many days, in one statement that reads each table as seldom as
# it can; as text that the monitor's metadata give, too.
sub month_in_sql
{
	my ($days) = @_;
	my $since = "now() - $days * interval '24 hours'";
	return <<"SQL";
WITH b AS MATERIALIZED (SELECT b.id, b.restaurant_id, b.party_size, b.status, b.start_at, COALESCE(a.n, 0) AS n
		FROM bookings b LEFT JOIN (SELECT booking_id, count(DISTINCT table_id) AS n FROM booking_table_assignments GROUP BY 1) a ON a.booking_id = b.id WHERE b.start_at >= $since),
	largest AS (SELECT restaurant_id, max(LEAST(capacity, COALESCE(max_party_size, capacity))) AS seats FROM table_inventory WHERE active GROUP BY 1),
	usage AS (SELECT count(*) FILTER (WHERE n > 0) AS seated, count(*) FILTER (WHERE n > 1) AS combinations, count(*) FILTER (WHERE party_size > seats) AS no_single,
			count(*) FILTER (WHERE n = 0 AND status = 'confirmed') AS orphans, max(n) AS most
		FROM b JOIN largest USING (restaurant_id) WHERE status NOT IN ('cancelled', 'no_show')),
	twice AS (SELECT count(*) FILTER (WHERE taken_until > start_at) AS n FROM (SELECT a.start_at, max(a.end_at) OVER (PARTITION BY a.table_id ORDER BY a.start_at, a.end_at, a.booking_id
			ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until
		FROM booking_table_assignments a JOIN b ON b.id = a.booking_id WHERE b.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')) o),
	attempt AS (SELECT * FROM menuca_seating_attempt WHERE attempted_at >= $since),
	latest AS (SELECT count(*) AS attempted, count(*) FILTER (WHERE outcome IN ('assigned', 'moved', 'already')) AS succeeded
		FROM (SELECT DISTINCT ON (booking_id) outcome FROM attempt WHERE outcome NOT IN ('off', 'state') ORDER BY booking_id, attempt_id DESC) l),
	latency AS (SELECT percentile_disc('{0.5,0.95,0.99}'::float8[]) WITHIN GROUP (ORDER BY duration) AS p FROM attempt),
	days AS (SELECT count(DISTINCT ((start_at AT TIME ZONE 'Europe/London') - interval '5 hours')::date) AS n FROM b)
SELECT concat_ws(' ', seated, combinations, no_single, orphans, most, twice.n, attempted, succeeded, extract(epoch FROM p[1]) * 1000000, extract(epoch FROM p[3]) * 1000000, days.n)
FROM usage, twice, latest, latency, days
SQL
}

1;
