--
-- Which dining tables stand next to each other
--

CREATE FUNCTION menuca_check_adjacency(
	restaurant uuid,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_adjacency(uuid) IS
'Whether table_adjacencies is good enough to plan by, one row per check and the verdict as the last: edges within zones, coverage of movable dining tables by zone, isolated ones by number, edges stored in one direction and in both, edges between zones, edges to the dining table itself, to other restaurants'' and to missing or inactive ones, the largest party by zone, and how many sets adjacency leaves. Where the setting adjacency is off, what switching it on would lose. Read only.';

CREATE FUNCTION menuca_suggest_adjacency(
	restaurant uuid,
	distance numeric DEFAULT NULL,
	OUT table_a uuid,
	OUT table_b uuid,
	OUT number_a text,
	OUT number_b text,
	OUT zone text,
	OUT distance numeric,
	OUT known boolean,
	OUT statement text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_suggest_adjacency(uuid, numeric) IS
'The pairs of active dining tables of a zone whose positions are at most that far apart, each once, by zone and numbers; from centre to centre, in the unit of the column position ({"x": 120, "y": 80}). known: there is an edge already, in whichever direction; otherwise statement enters it. Without a distance, 1.25 times the distance that half of the dining tables have to their nearest one in the zone. A notice names those whose position cannot be read. Read only.';

--
-- What is assigned
--

CREATE FUNCTION menuca_check_assignments(
	restaurant uuid DEFAULT NULL,
	from_date date DEFAULT NULL,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_assignments(uuid, date) IS
'Whether the bookings of that service day and later, of a restaurant or of all, still fit their dining tables as these are now, one row per check and the verdict as the last: seats, dining tables that are not of the restaurant, out of service or inactive, taken twice, in several zones or in another one than the booking''s, not for all of its time, not one merge group, fixed, not adjacent, more than needed, or kept for cancelled bookings. A booking that cannot be read is named, and hides no other. The first day is the current one by default. Read only.';

CREATE FUNCTION menuca_check_combinations(
	restaurant uuid,
	date date DEFAULT NULL,
	OUT booking uuid,
	OUT party_size integer,
	OUT start_at timestamptz,
	OUT tables text,
	OUT zone text,
	OUT capacity bigint,
	OUT wasted bigint,
	OUT score numeric,
	OUT dominated boolean,
	OUT better text,
	OUT better_score numeric,
	OUT no_single_fits boolean,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_combinations(uuid, date) IS
'The bookings of a service day that sit at several dining tables: seats that are wasted, the score of these dining tables (NULL where the planner could never choose them), whether fewer of them would do, and the best plan that is free now if it is better. no_single_fits: by the rules no single dining table is for such a party, even if all are free. The current service day by default. Read only.';

CREATE FUNCTION menuca_debug_combinations(
	restaurant uuid,
	party_size integer,
	start_at timestamptz DEFAULT now(),
	duration interval DEFAULT NULL,
	OUT rule text,
	OUT plans bigint,
	OUT plans_without bigint,
	OUT lost bigint,
	OUT setting text,
	OUT statement text,
	OUT complete boolean,
	OUT detail text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_debug_combinations(uuid, integer, timestamptz, interval) IS
'Why combinations are used, or not, for a party at that time. The first row, summary, says how many plans there are, which one is the best, and which rule loses most. Then a row per rule of the planner: how many plans there would be without this rule alone, how many it loses, and the smallest change of a setting that brings some of them, as a call; setting is NULL where the floor is the reason. metadata has the plans by number of dining tables. complete is false where max_evaluations ended a count. Read only.';

--
-- What programs show
--

CREATE FUNCTION menuca_booking_table_rows(
	restaurant uuid DEFAULT NULL,
	booking uuid DEFAULT NULL,
	OUT booking_id uuid,
	OUT restaurant_id uuid,
	OUT status text,
	OUT start_at timestamptz,
	OUT party_size integer,
	OUT tables text,
	OUT combined boolean,
	OUT table_count integer,
	OUT seats bigint,
	OUT zone text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10000;

COMMENT ON FUNCTION menuca_booking_table_rows(uuid, uuid) IS
'The rows of menuca_booking_tables; of one restaurant, or of one booking, by its index. Read only.';

CREATE VIEW menuca_booking_tables WITH (security_invoker = true) AS
SELECT r.booking_id, r.restaurant_id, r.status, r.start_at, r.party_size, r.tables, r.combined, r.table_count, r.seats, r.zone
FROM @extschema@.menuca_booking_table_rows() r;

COMMENT ON VIEW menuca_booking_tables IS
'Each booking that has dining tables, and which they are, to be shown: "MD-01 + MD-03". All bookings are read, whatever the condition is; of one restaurant or booking, menuca_booking_table_rows() is faster.';
COMMENT ON COLUMN menuca_booking_tables.booking_id IS
'The booking.';
COMMENT ON COLUMN menuca_booking_tables.restaurant_id IS
'Its restaurant.';
COMMENT ON COLUMN menuca_booking_tables.status IS
'Its status.';
COMMENT ON COLUMN menuca_booking_tables.start_at IS
'When it starts; NULL where that is not known.';
COMMENT ON COLUMN menuca_booking_tables.party_size IS
'Guests; NULL where that is not known.';
COMMENT ON COLUMN menuca_booking_tables.tables IS
'Numbers of its dining tables, in the order of their bytes; ? for one that does not exist any more.';
COMMENT ON COLUMN menuca_booking_tables.combined IS
'True if it has several.';
COMMENT ON COLUMN menuca_booking_tables.table_count IS
'How many it has.';
COMMENT ON COLUMN menuca_booking_tables.seats IS
'Their seats together; what is listed for a combination may differ.';
COMMENT ON COLUMN menuca_booking_tables.zone IS
'The name of their zone; of several zones, all names; NULL without a zone.';

REVOKE ALL ON FUNCTION menuca_check_adjacency(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_suggest_adjacency(uuid, numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_check_assignments(uuid, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_check_combinations(uuid, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_debug_combinations(uuid, integer, timestamptz, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_booking_table_rows(uuid, uuid) FROM PUBLIC;
