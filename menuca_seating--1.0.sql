/*
 * menuca_seating--1.0.sql
 *
 * Assembled from src/<room>/<room>.sql by src/assemble-sql.sh: edit those,
 * then run "make sql".
 */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION menuca_seating" to load this file. \quit

-- operators and functions are those of the server, whatever is in the schema
SET LOCAL search_path = pg_catalog, pg_temp;

--
-- Settings of the planner, by restaurant
--

CREATE TABLE @extschema@.menuca_seating_setting (
	restaurant_id uuid,
	key text NOT NULL,
	value jsonb NOT NULL,
	UNIQUE NULLS NOT DISTINCT (restaurant_id, key)
);

COMMENT ON TABLE @extschema@.menuca_seating_setting IS
'Settings of the planner that are not the built-in ones, by menuca_seating_set(). The view menuca_seating_settings shows all of them.';
COMMENT ON COLUMN @extschema@.menuca_seating_setting.restaurant_id IS
'The restaurant; NULL for those that have no setting of their own.';
COMMENT ON COLUMN @extschema@.menuca_seating_setting.key IS
'Name of the setting.';
COMMENT ON COLUMN @extschema@.menuca_seating_setting.value IS
'Its value.';

CREATE TABLE @extschema@.menuca_seating_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	what text NOT NULL,
	restaurant_id uuid,
	before jsonb,
	after jsonb,
	changed_by text NOT NULL DEFAULT session_user,
	changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_seating_change IS
'Ledger of what people changed: settings, listed combinations, preferences, assignments by hand and locks, with what they were before.';
COMMENT ON COLUMN @extschema@.menuca_seating_change.change_id IS
'Number of the change.';
COMMENT ON COLUMN @extschema@.menuca_seating_change.what IS
'settings, combination, preference, assignment or lock; import and import_undo, by menuca_seating_import() and its undoing.';
COMMENT ON COLUMN @extschema@.menuca_seating_change.restaurant_id IS
'The restaurant; NULL for settings of all restaurants.';
COMMENT ON COLUMN @extschema@.menuca_seating_change.before IS
'What it was; NULL for what was not there.';
COMMENT ON COLUMN @extschema@.menuca_seating_change.after IS
'What it is since; NULL for what was removed.';
COMMENT ON COLUMN @extschema@.menuca_seating_change.changed_by IS
'Session user who changed it.';
COMMENT ON COLUMN @extschema@.menuca_seating_change.changed_at IS
'When it was changed.';

CREATE FUNCTION @extschema@.menuca_seating_set(
	restaurant uuid,
	settings jsonb,
	OUT key text,
	OUT value jsonb,
	OUT was jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_set(uuid, jsonb) IS
'Changes settings of a restaurant, or with NULL those of all restaurants without settings of their own; a value of null goes back to what was the default. In effect from the next statement on, and in the ledger. Returns a row for each setting that has another value now.';

CREATE FUNCTION @extschema@.menuca_seating_setting_values(
	OUT restaurant_id uuid,
	OUT key text,
	OUT value jsonb,
	OUT source text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_setting_values() IS
'The rows of menuca_seating_settings.';

CREATE VIEW @extschema@.menuca_seating_settings WITH (security_invoker = true) AS
SELECT s.restaurant_id, s.key, s.value, s.source
FROM @extschema@.menuca_seating_setting_values() s;

COMMENT ON VIEW @extschema@.menuca_seating_settings IS
'The settings of the planner in effect: for each restaurant that has settings of its own, and for all others, where restaurant_id is NULL.';
COMMENT ON COLUMN @extschema@.menuca_seating_settings.restaurant_id IS
'The restaurant; NULL for all that have no settings of their own.';
COMMENT ON COLUMN @extschema@.menuca_seating_settings.key IS
'Name of the setting.';
COMMENT ON COLUMN @extschema@.menuca_seating_settings.value IS
'Its value.';
COMMENT ON COLUMN @extschema@.menuca_seating_settings.source IS
'built-in, default (set for all restaurants), variant, restaurant, or rollout: it has not reached the restaurant.';

--
-- Combinations of dining tables that a restaurant has tried
--

CREATE TABLE @extschema@.menuca_listed_combination (
	combination_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	restaurant_id uuid NOT NULL,
	table_ids uuid[] NOT NULL,
	capacity integer NOT NULL,
	min_party integer NOT NULL,
	max_party integer NOT NULL,
	from_time interval NOT NULL,
	until_time interval NOT NULL,
	weekdays integer[],
	UNIQUE NULLS NOT DISTINCT (restaurant_id, table_ids, min_party, max_party, from_time, until_time, weekdays)
);

COMMENT ON TABLE @extschema@.menuca_listed_combination IS
'Dining tables that a restaurant joins, by menuca_list_combination(): what they seat together, for which parties and when. They need not be movable or adjacent, and their capacity is no sum.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.combination_id IS
'Number of the combination.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.restaurant_id IS
'The restaurant.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.table_ids IS
'Ids of its dining tables, sorted.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.capacity IS
'Guests that they seat together.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.min_party IS
'The smallest party that may have it.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.max_party IS
'The largest party that may have it.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.from_time IS
'Bookings that start at this time or later may have it, from midnight of the service day on.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.until_time IS
'Bookings that start before this time may have it.';
COMMENT ON COLUMN @extschema@.menuca_listed_combination.weekdays IS
'Days of the week of the service day, 1 for Monday to 7 for Sunday; NULL for all.';

CREATE FUNCTION @extschema@.menuca_list_combination(
	restaurant uuid,
	tables uuid[],
	capacity integer,
	min_party integer,
	max_party integer,
	from_time interval DEFAULT '0 hours',
	until_time interval DEFAULT '48 hours',
	weekdays integer[] DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_list_combination(uuid, uuid[], integer, integer, integer, interval, interval, integer[]) IS
'Lists dining tables that the restaurant joins, or changes the capacity of what is listed for the same tables, parties, times and weekdays; returns its combination_id. Of two that hold for a party, the one with the greater combination_id counts. Times are from midnight of the service day on, which goes on to 05:00.';

--
-- Preferences by dining table, weekday and time
--

CREATE TABLE @extschema@.menuca_table_preference (
	preference_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_id uuid NOT NULL,
	priority integer NOT NULL,
	min_party integer,
	walk_ins_only boolean NOT NULL,
	from_time interval NOT NULL,
	until_time interval NOT NULL,
	weekdays integer[],
	UNIQUE NULLS NOT DISTINCT (table_id, from_time, until_time, weekdays)
);

COMMENT ON TABLE @extschema@.menuca_table_preference IS
'What a restaurant prefers for a dining table at certain times, by menuca_prefer_table(). Where several hold, priorities are added, and the greatest min_party counts.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.preference_id IS
'Number of the preference.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.table_id IS
'The dining table.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.priority IS
'Points that a plan costs with this dining table, each of the setting w_priority; negative points make it preferred.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.min_party IS
'The smallest party that gets it; NULL for no other than the table''s own.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.walk_ins_only IS
'True to keep it for guests without a booking.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.from_time IS
'For bookings that start at this time or later, from midnight of the service day on.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.until_time IS
'For bookings that start before this time.';
COMMENT ON COLUMN @extschema@.menuca_table_preference.weekdays IS
'Days of the week of the service day, 1 for Monday to 7 for Sunday; NULL for all.';

CREATE FUNCTION @extschema@.menuca_prefer_table(
	table_id uuid,
	priority integer DEFAULT 0,
	min_party integer DEFAULT NULL,
	walk_ins_only boolean DEFAULT false,
	from_time interval DEFAULT '0 hours',
	until_time interval DEFAULT '48 hours',
	weekdays integer[] DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_prefer_table(uuid, integer, integer, boolean, interval, interval, integer[]) IS
'Records what the restaurant prefers for a dining table, or changes it for the same times and weekdays; with priority 0 and nothing else, the preference ends. Returns its preference_id, NULL when it ended.';

--
-- The planner
--

CREATE FUNCTION @extschema@.menuca_plan_tables(
	restaurant uuid,
	party_size integer,
	start_at timestamptz,
	duration interval DEFAULT NULL,
	booking uuid DEFAULT NULL,
	zone uuid DEFAULT NULL,
	max_plans integer DEFAULT 20,
	include_dominated boolean DEFAULT false,
	OUT plan_no integer,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT zone uuid,
	OUT tables integer,
	OUT capacity integer,
	OUT overage integer,
	OUT adjacency integer,
	OUT score numeric,
	OUT score_parts jsonb,
	OUT dominated boolean,
	OUT future_conflicts integer,
	OUT total_plans bigint,
	OUT complete boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_plan_tables(uuid, integer, timestamptz, interval, uuid, uuid, integer, boolean) IS
'Where a party can sit from start_at on, for duration or its turn time, whichever is longer: the best sets of dining tables that are free then, in exact order. booking is that for which it is asked, whose own dining tables and hold do not count as taken; zone: only there. total_plans is how many there are, dominated ones included; complete is false when max_evaluations ended the search. Read only.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_setting', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_change', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_change_change_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_listed_combination', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_listed_combination_combination_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_table_preference', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_table_preference_preference_id_seq', '');

--
-- Who may do what: writing is granted, never public
--

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_set(uuid, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_setting_values() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_list_combination(uuid, uuid[], integer, integer, integer, interval, interval, integer[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_prefer_table(uuid, integer, integer, boolean, interval, interval, integer[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_plan_tables(uuid, integer, timestamptz, interval, uuid, uuid, integer, boolean) FROM PUBLIC;

--
-- Dining tables for bookings
--

CREATE TABLE @extschema@.menuca_seating_key (
	restaurant_id uuid NOT NULL,
	idempotency_key text NOT NULL,
	booking_id uuid NOT NULL,
	table_ids uuid[] NOT NULL,
	used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (restaurant_id, idempotency_key)
);

COMMENT ON TABLE @extschema@.menuca_seating_key IS
'Idempotency keys: the same request again has the same answer, another one with the key is refused.';
COMMENT ON COLUMN @extschema@.menuca_seating_key.restaurant_id IS
'The restaurant within which the key is used once.';
COMMENT ON COLUMN @extschema@.menuca_seating_key.idempotency_key IS
'The key.';
COMMENT ON COLUMN @extschema@.menuca_seating_key.booking_id IS
'The booking that it was used for.';
COMMENT ON COLUMN @extschema@.menuca_seating_key.table_ids IS
'Ids of the dining tables that the booking got, sorted.';
COMMENT ON COLUMN @extschema@.menuca_seating_key.used_at IS
'When it was used first.';

CREATE TABLE @extschema@.menuca_seating_attempt (
	attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	booking_id uuid NOT NULL,
	restaurant_id uuid,
	party_size integer,
	start_at timestamptz,
	outcome text NOT NULL,
	reason text NOT NULL,
	table_ids uuid[],
	score numeric,
	attempts integer NOT NULL,
	scope text NOT NULL DEFAULT 'booking',
	duration interval NOT NULL,
	next_at timestamptz,
	zone_id uuid,
	variant text,
	attempted_by text NOT NULL DEFAULT session_user,
	attempted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_seating_attempt IS
'Log of menuca_auto_assign(), a row for each call whose transaction was committed, and of menuca_auto_assign_day(), a row for each booking that it decided about.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.scope IS
'booking, or day for those of menuca_auto_assign_day(); their duration is their share of the run.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.attempt_id IS
'Number of the row.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.booking_id IS
'The booking.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.restaurant_id IS
'Its restaurant; NULL when the booking could not be locked.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.party_size IS
'Its party then.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.start_at IS
'Its start then.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.outcome IS
'assigned, moved, already, none, off, conflict or state.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.reason IS
'The same in words, with figures.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.table_ids IS
'Ids of the dining tables that it has; NULL without.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.score IS
'Score of the plan; NULL unless assigned.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.attempts IS
'Plans that were tried; more than 1 when others were faster.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.duration IS
'How long the call took.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.next_at IS
'The next time of that service day with a plan; NULL unless it is busy.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.zone_id IS
'The only zone that the caller wanted; NULL for any.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.variant IS
'The variant of the settings that the restaurant had then, or none; NULL when the booking could not be locked.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.attempted_by IS
'Session user who called.';
COMMENT ON COLUMN @extschema@.menuca_seating_attempt.attempted_at IS
'When the call ended.';

CREATE FUNCTION @extschema@.menuca_assign_tables(
	booking uuid,
	tables uuid[],
	idempotency_key text DEFAULT NULL,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_assign_tables(uuid, uuid[], text, text[]) IS
'Gives a booking the dining tables that are named. Every rule of the planner is checked, but for those that force names: overage, min_party, max_party, k, listed, zone, zone_closed, mobility, adjacency, walk_ins_only; what was waived is in the ledger. A booking that has dining tables gets them back. Raises MC040 for a rule, MC041 and MC042 for a dining table that is taken or held, MC044 for an idempotency key that was used for something else, MC045 for the booking''s state.';

CREATE FUNCTION @extschema@.menuca_auto_assign(
	booking uuid,
	idempotency_key text DEFAULT NULL,
	zone uuid DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT reason text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT score numeric,
	OUT attempts integer,
	OUT duration interval,
	OUT next_at timestamptz)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_auto_assign(uuid, text, uuid) IS
'Gives a booking the best dining tables that are free, never a dominated set, and logs the attempt. outcome: assigned; already, it has some; none, there is no plan, reason says why and next_at when there is one on that service day; off, the planner is; conflict, others were faster; state, the booking''s. Raises an error for bad input only.';

CREATE FUNCTION @extschema@.menuca_unassign_tables(
	booking uuid,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT status text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_unassign_tables(uuid) IS
'Takes its dining tables from a booking, which is pending again if it was confirmed; the ledger has what it was. outcome: unassigned, or none when it had none. Raises MC045 for guests who are checked in.';

CREATE FUNCTION @extschema@.menuca_move_booking(
	booking uuid,
	start_at timestamptz,
	party_size integer DEFAULT NULL,
	duration interval DEFAULT NULL,
	tables uuid[] DEFAULT NULL,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT party_size integer,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_move_booking(uuid, timestamptz, integer, interval, uuid[], text[]) IS
'Changes time and party of a booking together with its dining tables: those that are named, else those that it has if they still are a plan, else the best that are free. A booking that waits only gets its time. Without duration it stays as long as before. Raises MC040 to MC046 as menuca_assign_tables does, and changes nothing then.';

CREATE FUNCTION @extschema@.menuca_seat_walk_in(
	restaurant uuid,
	party_size integer,
	duration interval DEFAULT NULL,
	tables uuid[] DEFAULT NULL,
	zone uuid DEFAULT NULL,
	start_at timestamptz DEFAULT NULL,
	force text[] DEFAULT NULL,
	details jsonb DEFAULT NULL,
	OUT booking_id uuid,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seat_walk_in(uuid, integer, interval, uuid[], uuid, timestamptz, text[], jsonb) IS
'Seats guests without a booking now, or from start_at on: inserts a booking that is checked in, with the dining tables that are named, else the best that are free in its own window; those kept for walk-ins are open to it. details has other columns of the booking. Raises MC040 to MC042, or MC046.';

CREATE FUNCTION @extschema@.menuca_hold_tables(
	restaurant uuid,
	tables uuid[],
	start_at timestamptz,
	duration interval DEFAULT NULL,
	party_size integer DEFAULT NULL,
	booking uuid DEFAULT NULL,
	ttl interval DEFAULT '3 min',
	force text[] DEFAULT NULL,
	OUT hold_id uuid,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT expires_at timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_hold_tables(uuid, uuid[], timestamptz, interval, integer, uuid, interval, text[]) IS
'Holds dining tables for ttl: those that are named, or with NULL the best that are free. Rules about the party are checked when party_size or booking is given. Raises MC040 to MC042, MC045 or MC046.';

CREATE FUNCTION @extschema@.menuca_confirm_hold(
	hold uuid,
	booking uuid,
	idempotency_key text DEFAULT NULL,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_confirm_hold(uuid, uuid, text, text[]) IS
'Gives a booking the dining tables of a hold, which ends; as menuca_assign_tables. Raises MC043 when the hold has expired or is gone.';

CREATE FUNCTION @extschema@.menuca_extend_hold(
	hold uuid,
	ttl interval DEFAULT '3 min')
RETURNS timestamptz
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_extend_hold(uuid, interval) IS
'Lets a hold expire ttl from now, but not sooner than it would; returns when. Raises MC043 when it has expired or is gone.';

CREATE FUNCTION @extschema@.menuca_release_hold(hold uuid)
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_release_hold(uuid) IS
'Ends a hold; returns false when it had expired or was gone.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_key', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_attempt', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_attempt_attempt_id_seq', '');

REVOKE ALL ON FUNCTION @extschema@.menuca_assign_tables(uuid, uuid[], text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_auto_assign(uuid, text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_unassign_tables(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_move_booking(uuid, timestamptz, integer, interval, uuid[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seat_walk_in(uuid, integer, interval, uuid[], uuid, timestamptz, text[], jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_hold_tables(uuid, uuid[], timestamptz, interval, integer, uuid, interval, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_confirm_hold(uuid, uuid, text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_extend_hold(uuid, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_release_hold(uuid) FROM PUBLIC;

--
-- What people have decided about single bookings
--

CREATE TABLE @extschema@.menuca_booking_lock (
	booking_id uuid PRIMARY KEY,
	restaurant_id uuid NOT NULL,
	locked boolean NOT NULL,
	prefers uuid[],
	priority integer NOT NULL,
	locked_by text NOT NULL DEFAULT session_user,
	locked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_booking_lock IS
'Bookings that keep their dining tables, would rather have certain ones, or come before others, by menuca_lock_booking().';
COMMENT ON COLUMN @extschema@.menuca_booking_lock.booking_id IS
'The booking.';
COMMENT ON COLUMN @extschema@.menuca_booking_lock.restaurant_id IS
'Its restaurant.';
COMMENT ON COLUMN @extschema@.menuca_booking_lock.locked IS
'True when its dining tables are not changed by menuca_auto_assign_day().';
COMMENT ON COLUMN @extschema@.menuca_booking_lock.prefers IS
'Ids of dining tables that it gets when they are free and a plan for it; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_booking_lock.priority IS
'Of two bookings the one of higher priority is seated first; 0 is that of all others.';
COMMENT ON COLUMN @extschema@.menuca_booking_lock.locked_by IS
'Session user who decided it first.';
COMMENT ON COLUMN @extschema@.menuca_booking_lock.locked_at IS
'When that was.';

CREATE FUNCTION @extschema@.menuca_lock_booking(
	booking uuid,
	tables uuid[] DEFAULT NULL,
	prefers boolean DEFAULT false,
	priority integer DEFAULT 0,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT priority_of_booking integer,
	OUT undo text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_lock_booking(uuid, uuid[], boolean, integer, text[]) IS
'Gives a booking these dining tables now, by the rules of menuca_assign_tables(), and locks it to them; without tables, to those that it has: menuca_auto_assign_day() never moves it. With prefers they are a wish instead: it gets them when they are free. priority, 0 to 100, seats it before others; NULL leaves it as it is. Called again, it replaces what was decided. Raises MC040 to MC042, or MC045.';

CREATE FUNCTION @extschema@.menuca_unlock_booking(booking uuid)
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_unlock_booking(uuid) IS
'Ends lock, wish and priority of a booking, which keeps its dining tables; returns false when it had none.';

--
-- A whole service day
--

CREATE FUNCTION @extschema@.menuca_auto_assign_day(
	restaurant uuid,
	date date DEFAULT NULL,
	dry_run boolean DEFAULT true,
	move text DEFAULT 'none',
	OUT booking uuid,
	OUT party_size integer,
	OUT start_at timestamptz,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT score numeric,
	OUT reason text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_auto_assign_day(uuid, date, boolean, text) IS
'Seats the bookings that wait on a service day, the current one by default, beside all that is assigned or held: by priority most of them, then with the least sum of scores. With move ''unlocked'' those that have dining tables keep a seat, but may get other ones, unless they are locked or checked in. One row for each booking that waits, or may move; outcome is assigned, moved, already, none or off, in a dry run as it would be. Bookings of that day whose time or party is not known come last, with the outcome unreadable. All is written, or nothing.';

CREATE FUNCTION @extschema@.menuca_day_result(
	restaurant uuid,
	date date DEFAULT NULL,
	move text DEFAULT 'none',
	OUT service_day date,
	OUT bookings integer,
	OUT seated integer,
	OUT bound integer,
	OUT proven boolean,
	OUT score numeric,
	OUT score_bound numeric,
	OUT score_proven boolean,
	OUT combinations integer,
	OUT moved integer,
	OUT kept integer,
	OUT unreadable integer)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_day_result(uuid, date, text) IS
'What menuca_auto_assign_day() reaches on a service day: the bookings that wait (or may move), those of them that are seated, the number that no seating exceeds (bound; proven when no seating has more of any priority), the sum of scores and a bound that no seating of as many is below, bookings with several dining tables, bookings moved; and beside them those that keep their dining tables, and those whose time or party is not known (unreadable). Read only.';

CREATE FUNCTION @extschema@.menuca_replay_day(
	restaurant uuid,
	date date DEFAULT NULL,
	settings jsonb DEFAULT NULL,
	OUT service_day date,
	OUT bookings integer,
	OUT seated integer,
	OUT bound integer,
	OUT proven boolean,
	OUT score numeric,
	OUT score_bound numeric,
	OUT score_proven boolean,
	OUT combinations integer,
	OUT were_seated integer,
	OUT unreadable integer,
	OUT settings_tried jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_replay_day(uuid, date, jsonb) IS
'A service day as it would have been with other settings, on the floor as it is now, as if nothing had been assigned: all its bookings but the cancelled ones are seated once more, those that are over, too. settings is as menuca_seating_set() takes it, or an array of such objects, for a row each; were_seated is how many have dining tables. Read only.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_booking_lock', '');

REVOKE ALL ON FUNCTION @extschema@.menuca_lock_booking(uuid, uuid[], boolean, integer, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_unlock_booking(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_auto_assign_day(uuid, date, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_day_result(uuid, date, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_replay_day(uuid, date, jsonb) FROM PUBLIC;

--
-- Guarantees on the tables of the users
--

CREATE FUNCTION @extschema@.menuca_booking_assignment_validation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION @extschema@.menuca_booking_assignment_validation() IS
'Trigger function of bookings and booking_table_assignments, for constraint triggers: at commit each confirmed booking has a dining table.';

CREATE FUNCTION @extschema@.menuca_booking_assignment_truncation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION @extschema@.menuca_booking_assignment_truncation() IS
'Trigger function of booking_table_assignments, for TRUNCATE: has confirmed bookings checked at commit.';

CREATE FUNCTION @extschema@.menuca_booking_fit_validation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION @extschema@.menuca_booking_fit_validation() IS
'Trigger function of bookings and booking_table_assignments, for constraint triggers: at commit a booking that was changed, or confirmed, fits its dining tables.';

CREATE FUNCTION @extschema@.menuca_booking_release()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION @extschema@.menuca_booking_release() IS
'Trigger function of bookings: releases the dining tables, the zone and the holds of a booking that is cancelled or no_show, and ends those of a completed one now.';

-- TRUNCATE fires no trigger that could wait for the commit; this table has one that can.
CREATE TABLE @extschema@.menuca_seating_truncation (
	assignments oid
);

COMMENT ON TABLE @extschema@.menuca_seating_truncation IS
'Tables that the current transaction has truncated, for the check at its end; always empty.';
COMMENT ON COLUMN @extschema@.menuca_seating_truncation.assignments IS
'OID of the table.';

CREATE FUNCTION @extschema@.menuca_seating_truncation_validation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION @extschema@.menuca_seating_truncation_validation() IS
'Trigger function of menuca_seating_truncation: after TRUNCATE of booking_table_assignments, each confirmed booking has a dining table at commit.';

CREATE CONSTRAINT TRIGGER truncation_validation AFTER INSERT ON @extschema@.menuca_seating_truncation
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION @extschema@.menuca_seating_truncation_validation();

REVOKE ALL ON FUNCTION @extschema@.menuca_booking_assignment_validation() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_booking_assignment_truncation() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_booking_fit_validation() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_booking_release() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_truncation_validation() FROM PUBLIC;

--
-- Which restaurants the rollout has reached, and which variant of the settings they have
--

CREATE TABLE @extschema@.menuca_seating_stage (
	stage_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	percent numeric(5,2) NOT NULL,
	restaurant_ids uuid[] NOT NULL DEFAULT '{}',
	action text NOT NULL,
	reason text,
	failures jsonb NOT NULL DEFAULT '[]',
	flags jsonb NOT NULL DEFAULT '[]',
	begun_by text NOT NULL DEFAULT session_user,
	begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_seating_stage IS
'Stages of the rollout, by menuca_seating_rollout() and menuca_seating_rollback(); the newest one counts. Restaurants that it has not reached get single dining tables only. Without a stage, all restaurants are in.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.stage_no IS
'Number of the stage.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.percent IS
'The part of the restaurants that is in, 0 to 100: those whose menuca_seating_share() is below a hundred times this.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.restaurant_ids IS
'Restaurants that are in besides.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.action IS
'rollout, rollback, or undo of a rollback.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.reason IS
'Why it was forced, in the words of who did; NULL if it was not.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.failures IS
'Array of what would have refused it when it was forced.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.flags IS
'Array of the flags that were set when it began, rows of menuca_seating_setting; a rollback sets them as they were when the rollout began.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.begun_by IS
'Session user who began it.';
COMMENT ON COLUMN @extschema@.menuca_seating_stage.begun_at IS
'When it began.';

CREATE TABLE @extschema@.menuca_seating_variant (
	name text PRIMARY KEY,
	percent numeric(5,2) NOT NULL,
	settings jsonb NOT NULL,
	begun_by text NOT NULL DEFAULT session_user,
	begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_seating_variant IS
'Variants of the settings, to be compared with each other (A/B), by menuca_seating_set_variant().';
COMMENT ON COLUMN @extschema@.menuca_seating_variant.name IS
'Name of the variant.';
COMMENT ON COLUMN @extschema@.menuca_seating_variant.percent IS
'The part of the restaurants that has it, 0 to 100, by menuca_seating_share(); of several variants, a restaurant has that of the smallest percent.';
COMMENT ON COLUMN @extschema@.menuca_seating_variant.settings IS
'Its settings; a restaurant''s own settings come before them.';
COMMENT ON COLUMN @extschema@.menuca_seating_variant.begun_by IS
'Session user who began it.';
COMMENT ON COLUMN @extschema@.menuca_seating_variant.begun_at IS
'When it began, or was changed last.';

CREATE FUNCTION @extschema@.menuca_seating_share(restaurant uuid)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ((('x' || pg_catalog.substr(pg_catalog.md5(restaurant::text), 1, 8))::bit(32))::bigint % 10000)::integer;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_share(uuid) IS
'The place of a restaurant in a rollout, 0 to 9999: the first eight hexadecimal digits of its id''s md5, modulo 10,000. It is in when this is below a hundred times the percent, so who is in at 10 percent is in at 50.';

CREATE FUNCTION @extschema@.menuca_seating_is_in(restaurant uuid)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE((SELECT @extschema@.menuca_seating_share(restaurant) < s.percent * 100 OR restaurant = ANY (s.restaurant_ids)
		FROM @extschema@.menuca_seating_stage s ORDER BY s.stage_no DESC LIMIT 1), true);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_is_in(uuid) IS
'True if the rollout has reached the restaurant, or there is none.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_stage', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_stage_stage_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_variant', '');

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_share(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_is_in(uuid) FROM PUBLIC;

--
-- The words of HTML pages.  Both extensions have them: menuca_seating with another beginning
-- of their names, which assemble-sql.sh gives them.  Values pass menuca_seating_html(), and nothing else makes text of a page out of what is in a table.
--

CREATE FUNCTION @extschema@.menuca_seating_html(
	value text,
	at_most integer DEFAULT 240)
RETURNS text
AS 'MODULE_PATHNAME', 'menuca_html'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_html(text, integer) IS
'A value as text of an HTML page, between tags or in quotes: its first at_most characters, in ASCII, with the number of all of them when there are more. Characters that no XML may hold, and those that turn the direction of text, become U+FFFD. NULL becomes an empty text.';

--
-- Words and numbers
--

CREATE FUNCTION @extschema@.menuca_seating_report_number(value numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN value = pg_catalog.trunc(value)
		THEN pg_catalog.to_char(value, 'FM999,999,999,999,999,990')
		ELSE pg_catalog.to_char(value, 'FM999,999,999,999,999,990.00') END;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_number(numeric) IS
'A number as people read it: 1,234 or 12.50; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_percent(value numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.to_char(value, 'FM999,990.00') || ' %';
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_percent(numeric) IS
'A percentage with two decimals; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_time(value timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"');
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_time(timestamptz) IS
'A time in UTC, to the minute; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_tone(word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN word IN ('PASS', 'GO', 'COMPLETE', 'EXCELLENT', 'completed', 'as wanted', 'in effect', 'resolved') THEN 'good'
		WHEN word IN ('WARN', 'WARNING', 'IN_PROGRESS', 'running', 'interrupted', 'OVERRIDDEN', 'OVERRIDDEN: WAIVED', 'not signed off', 'open', 'high') THEN 'warn'
		WHEN word IN ('FAIL', 'FAILED', 'ERROR', 'NO-GO', 'gate_failed', 'not as wanted', 'critical') THEN 'bad'
		ELSE 'soft'
	END;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_tone(text) IS
'The colour of a status, as a class of the page: good, warn, bad, or soft for any other word and for NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_mark(word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format('<span class="mark %s"><span aria-hidden="true">%s</span> %s</span>',
		t.tone,
		CASE t.tone WHEN 'good' THEN '&#10003;' WHEN 'warn' THEN '&#9888;&#65038;' WHEN 'bad' THEN '&#10005;' ELSE '&#8211;' END,
		@extschema@.menuca_seating_html(word, 60))
	FROM (SELECT @extschema@.menuca_seating_report_tone(word) AS tone) t
	WHERE word IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_mark(text) IS
'A status with its sign and in its colour; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_tile(figure text, words text, status text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<div class="tile"><dd class="ink-%s">%s</dd><dt>%s</dt></div>\n',
		COALESCE(NULLIF(@extschema@.menuca_seating_report_tone(status), 'soft'), 'main'), @extschema@.menuca_seating_html(figure, 30), @extschema@.menuca_seating_html(words))
	WHERE figure IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_tile(text, text, text) IS
'A figure in large letters, in the colour of a status, with words below it; NULL without a figure.';

--
-- Tables
--

CREATE FUNCTION @extschema@.menuca_seating_report_row(
	kinds text,
	headings text[],
	VARIADIC cells text[])
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<tr>' || pg_catalog.string_agg(
		CASE c.kind WHEN 'h' THEN '<th scope="row"' ELSE '<td' END
		|| CASE WHEN c.value IS NULL OR c.value = '' THEN ' class="none"' WHEN c.kind IN ('n', 'd') THEN ' class="' || c.kind || '"' ELSE '' END
		|| ' data-h="' || @extschema@.menuca_seating_html(headings[c.place], 60) || '">'
		|| CASE c.kind
			WHEN 's' THEN COALESCE(@extschema@.menuca_seating_report_mark(c.value), '')
			WHEN 'c' THEN CASE WHEN c.value <> '' THEN '<code>' || @extschema@.menuca_seating_html(c.value, 1200) || '</code>' ELSE '' END
			WHEN 'l' THEN @extschema@.menuca_seating_html(c.value, 1200)
			ELSE @extschema@.menuca_seating_html(c.value)
		END
		|| CASE c.kind WHEN 'h' THEN '</th>' ELSE '</td>' END, '' ORDER BY c.place) || E'</tr>\n'
	FROM (SELECT u.place::integer AS place, u.value, pg_catalog.substr(kinds, u.place::integer, 1) AS kind
		  FROM pg_catalog.unnest(cells) WITH ORDINALITY AS u(value, place)) c;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_row(text, text[], text[]) IS
'A row of a table of the page. kinds has a letter per cell: h a heading of the row, t text, l long text, n number, d time, s status, c a call. Where the page is narrow, each cell has its heading before it.';

CREATE FUNCTION @extschema@.menuca_seating_report_table(
	caption text,
	kinds text,
	headings text[],
	body text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<table><caption>' || @extschema@.menuca_seating_html(caption) || '</caption><thead><tr>'
		|| pg_catalog.string_agg('<th scope="col"' || CASE pg_catalog.substr(kinds, h.place::integer, 1) WHEN 'n' THEN ' class="n"' ELSE '' END
			|| '>' || @extschema@.menuca_seating_html(h.heading, 60) || '</th>', '' ORDER BY h.place)
		|| E'</tr></thead><tbody>\n' || body || E'</tbody></table>\n'
	FROM pg_catalog.unnest(headings) WITH ORDINALITY AS h(heading, place);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_table(text, text, text[], text) IS
'A table of the page. kinds has a letter per column, as in menuca_seating_report_row(), which makes the rows of its body; NULL when body is NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_note(sentence text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<p class="note">' || @extschema@.menuca_seating_html(sentence, 600) || E'</p>\n' WHERE sentence IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_note(text) IS
'A sentence below a picture or a table; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_call(sentence text, statement text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<p class="note">' || @extschema@.menuca_seating_html(sentence, 600) || '</p><pre><code>'
		|| @extschema@.menuca_seating_html(statement, 4000) || E'</code></pre>\n'
	WHERE sentence IS NOT NULL AND statement IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_call(text, text) IS
'A sentence and a call that can be pasted; NULL when one of them is NULL.';

CREATE FUNCTION @extschema@.menuca_seating_report_frame(
	name text,
	title text,
	body text,
	error text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<section id="' || @extschema@.menuca_seating_html(name, 60) || '"><h2>' || @extschema@.menuca_seating_html(title) || E'</h2>\n'
		|| CASE
			WHEN error IS NOT NULL
			THEN '<p class="missing"><strong>This section is missing.</strong> ' || @extschema@.menuca_seating_html(error, 1200) || E'</p>\n'
			ELSE COALESCE(body, E'<p class="note">Nothing is recorded.</p>\n')
		END || E'</section>\n';
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_frame(text, text, text, text) IS
'A section with its heading: its body, or the error that says why it is missing.';

--
-- Pictures: inline SVG without scripts.  Horizontal positions are percentages, so
-- that a picture fits any width while its letters keep their size.
--

CREATE FUNCTION @extschema@.menuca_seating_report_picture(
	name text,
	title text,
	description text,
	height numeric,
	body text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<figure><svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="%1$s-title %1$s-text" width="100%%" height="%2$s"><title id="%1$s-title">%3$s</title><desc id="%1$s-text">%4$s</desc>\n%5$s</svg></figure>\n',
		@extschema@.menuca_seating_html(name, 60), height, @extschema@.menuca_seating_html(title), @extschema@.menuca_seating_html(description, 600), body)
	WHERE body <> '';
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_picture(text, text, text, numeric, text) IS
'A picture of the page: an SVG of that height with a title and a text alternative, around a body of SVG elements; NULL when body is NULL or empty.';

CREATE FUNCTION @extschema@.menuca_seating_report_bar(y integer, share numeric, tone text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format('<rect x="0" y="%s" width="100%%" height="8" rx="4" class="track"/><rect x="0" y="%s" width="%s%%" height="8" rx="4" class="%s"/>', y, y,
		pg_catalog.round(CASE WHEN share > 0 THEN GREATEST(LEAST(share, 100), 0.5) ELSE 0 END, 2),
		CASE WHEN tone IN ('good', 'warn', 'bad', 'soft') THEN tone ELSE 'main' END);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_bar(integer, numeric, text) IS
'A bar at the height y of a picture: share in percent of its width, on a track of the whole width.';

CREATE FUNCTION @extschema@.menuca_seating_report_bars(
	name text,
	title text,
	description text,
	bars jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_picture(menuca_seating_report_bars.name, menuca_seating_report_bars.title, menuca_seating_report_bars.description,
		pg_catalog.max(b.y) + 28, pg_catalog.string_agg(pg_catalog.format(
			E'<svg y="%s" width="66%%" height="22"><text x="0" y="16" class="label">%s</text></svg><text x="100%%" y="%s" class="value">%s</text>%s%s\n',
			b.y - 16, @extschema@.menuca_seating_html(b.bar ->> 'label', 60), b.y, @extschema@.menuca_seating_html(b.bar ->> 'value', 18),
			@extschema@.menuca_seating_report_bar(b.y + 8, (b.bar ->> 'share')::numeric, b.bar ->> 'tone'),
			CASE WHEN b.bar ? 'second' THEN @extschema@.menuca_seating_report_bar(b.y + 18, (b.bar ->> 'second')::numeric, 'main') ELSE '' END), '' ORDER BY b.place))
	FROM (SELECT a.bar, a.place,
			(pg_catalog.sum(CASE WHEN a.bar ? 'second' THEN 52 ELSE 42 END) OVER (ORDER BY a.place) - CASE WHEN a.bar ? 'second' THEN 38 ELSE 28 END)::integer AS y
		  FROM pg_catalog.jsonb_array_elements(bars) WITH ORDINALITY AS a(bar, place)) b;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_bars(text, text, text, jsonb) IS
'A picture of horizontal bars: an array of objects with label, value, share in percent of the width, tone (good, warn, bad, soft or main), and second for the share of a second bar below the first.';

--
-- What a page looks like
--

CREATE FUNCTION @extschema@.menuca_seating_report_style()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT $css$
:root { color-scheme: light dark;
	--page: #ffffff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1c2430; --soft-ink: #545e6e;
	--main: #2b5c8a; --soft: #8b95a5; --good: #1d7a4a; --warn: #b07400; --bad: #b3362f; --track: #e9ecf0;
	--main-ink: #2b5c8a; --good-ink: #17633b; --warn-ink: #805300; --bad-ink: #a12620;
	--good-tint: #e4f2ea; --warn-tint: #faf0d9; --bad-tint: #fae6e4; --soft-tint: #eceff3; }
@media (prefers-color-scheme: dark) { :root {
	--page: #14181e; --panel: #1c222a; --line: #333c48; --ink: #e4e8ee; --soft-ink: #a6b0be;
	--main: #6ea6d8; --soft: #7c8797; --good: #57b586; --warn: #d6a446; --bad: #e0746d; --track: #29313b;
	--main-ink: #8dbde8; --good-ink: #7fd0a6; --warn-ink: #e8c076; --bad-ink: #f29c96;
	--good-tint: #1a3327; --warn-tint: #372d17; --bad-tint: #3d2221; --soft-tint: #28303a; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 48px; }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; margin: 0 0 8px; }
h2 { font-size: 21px; line-height: 1.3; font-weight: 620; margin: 0 0 16px; }
h3 { font-size: 15px; font-weight: 620; margin: 24px 0 8px; }
p { margin: 0 0 12px; max-width: 76ch; }
a { color: var(--main-ink); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
header p, .note, footer p { color: var(--soft-ink); }
nav { margin: 24px 0 0; padding: 12px 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0; padding: 0; font-size: 13px; }
section { padding: 40px 0 16px; border-bottom: 1px solid var(--line); }
.verdict { border-left: 6px solid var(--soft); background: var(--soft-tint); border-radius: 4px; padding: 20px 24px; margin: 0 0 16px; }
.verdict .word { font-size: 42px; line-height: 1.1; font-weight: 700; letter-spacing: -0.02em; margin: 0 0 6px; }
.verdict p { margin: 0; }
.verdict.good { border-color: var(--good); background: var(--good-tint); } .verdict.good .word { color: var(--good-ink); }
.verdict.warn { border-color: var(--warn); background: var(--warn-tint); } .verdict.warn .word { color: var(--warn-ink); }
.verdict.bad { border-color: var(--bad); background: var(--bad-tint); } .verdict.bad .word { color: var(--bad-ink); }
.missing { border-left: 4px solid var(--warn); background: var(--warn-tint); padding: 12px 16px; border-radius: 4px; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 0 0 16px; }
.tile { background: var(--panel); border-radius: 6px; padding: 16px 20px; display: flex; flex-direction: column; }
.tile dd { margin: 0; font-size: 30px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile dt { color: var(--soft-ink); font-size: 13px; }
.ink-main { color: var(--ink); } .ink-good { color: var(--good-ink); fill: var(--good-ink); } .ink-warn { color: var(--warn-ink); fill: var(--warn-ink); } .ink-bad { color: var(--bad-ink); fill: var(--bad-ink); }
.mark { white-space: nowrap; font-weight: 600; font-size: 13px; border-radius: 3px; padding: 1px 6px; background: var(--soft-tint); color: var(--ink); }
.mark.good { background: var(--good-tint); color: var(--good-ink); } .mark.warn { background: var(--warn-tint); color: var(--warn-ink); } .mark.bad { background: var(--bad-tint); color: var(--bad-ink); }
.summary { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; } .gap { display: none; }
figure { margin: 0 0 16px; }
figure svg { display: block; overflow: visible; max-width: 100%; }
svg text { font-size: 13px; fill: var(--ink); } svg .value { text-anchor: end; font-variant-numeric: tabular-nums; } svg .count { font-size: 15px; font-weight: 650; font-variant-numeric: tabular-nums; }
svg text.ink-good { fill: var(--good-ink); } svg text.ink-warn { fill: var(--warn-ink); } svg text.ink-bad { fill: var(--bad-ink); } svg text.ink-soft { fill: var(--soft-ink); }
svg .main { fill: var(--main); } svg .soft { fill: var(--soft); } svg .good { fill: var(--good); } svg .warn { fill: var(--warn); } svg .bad { fill: var(--bad); }
svg .track { fill: var(--track); } svg .axis { fill: var(--line); } svg .ring { fill: none; stroke: var(--ink); stroke-width: 1.5; }
svg svg { overflow: hidden; } svg .ribbon { opacity: 0.22; } svg .point { overflow: visible; } svg .point path { stroke: var(--page); stroke-width: 1.5; }
table { width: 100%; border-collapse: collapse; margin: 0 0 20px; font-size: 13px; line-height: 1.45; }
caption { text-align: left; color: var(--soft-ink); padding: 8px 0; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { overflow-wrap: normal; color: var(--soft-ink); border-top: 0; vertical-align: bottom; }
tbody th { font-weight: 600; min-width: 6em; }
.n, .d { font-variant-numeric: tabular-nums; white-space: nowrap; } .n { text-align: right; }
code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { background: var(--panel); border-radius: 6px; padding: 12px 16px; margin: 0 0 16px; white-space: pre-wrap; }
.grid .cell { padding: 6px 8px; border-left: 1px solid var(--line); }
.grid .cell.good { background: var(--good-tint); } .grid .cell.bad { background: var(--bad-tint); } .grid .sign { white-space: nowrap; font-weight: 600; }
.grid .cell.good .sign { color: var(--good-ink); } .grid .cell.bad .sign { color: var(--bad-ink); }
.samples { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 16px; margin-bottom: 16px; }
article { background: var(--panel); border-radius: 6px; padding: 16px 20px; }
article h3 { margin: 0; } article .note { font-size: 13px; margin: 0 0 8px; } article ul { margin: 0; padding-left: 18px; font-size: 13px; }
footer { padding-top: 24px; padding-bottom: 48px; font-size: 13px; }
@media screen and (max-width: 720px) {
	main, header, footer { padding-left: 16px; padding-right: 16px; }
	header { padding-top: 24px; } h1 { font-size: 24px; } section { padding: 28px 0 12px; } .verdict .word { font-size: 34px; }
	table, tbody, tr, td, tbody th, caption { display: block; width: 100%; } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
	tbody tr { border-top: 1px solid var(--line); padding: 8px 0; }
	th, td, .grid .cell { border: 0; padding: 2px 0; text-align: left; } .grid .cell { padding: 2px 6px; }
	td { display: grid; grid-template-columns: 38% 1fr; gap: 8px; } td > * { justify-self: start; } .n { text-align: left; }
	td[data-h]::before { content: attr(data-h); color: var(--soft-ink); } td.none { display: none; } }
@page { size: A4; margin: 15mm; }
@media print {
	:root { color-scheme: light; --page: #ffffff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1c2430; --soft-ink: #545e6e;
		--main: #2b5c8a; --soft: #8b95a5; --good: #1d7a4a; --warn: #b07400; --bad: #b3362f; --track: #e9ecf0;
		--main-ink: #2b5c8a; --good-ink: #17633b; --warn-ink: #805300; --bad-ink: #a12620;
		--good-tint: #e4f2ea; --warn-tint: #faf0d9; --bad-tint: #fae6e4; --soft-tint: #eceff3; }
	* { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
	body { font-size: 12px; } main, header, footer { max-width: none; padding: 0; } nav { display: none; }
	table { font-size: 10.5px; } .d { white-space: normal; } .mark { font-size: 10.5px; } th, td { padding-right: 8px; } code { font-size: 10px; } section { padding: 20px 0 8px; }
	h2, h3, caption { break-after: avoid; } tr, figure, article, .verdict, .tile { break-inside: avoid; } }
$css$;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_style() IS
'The style sheet of the report.';

--
-- Nobody has a right that was not granted
--

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_html(text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_number(numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_percent(numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_time(timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_tone(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_mark(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_tile(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_row(text, text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_table(text, text, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_note(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_call(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_frame(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_picture(text, text, text, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_bar(integer, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_bars(text, text, text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_style() FROM PUBLIC;

--
-- Which database this is, and its backups
--

CREATE TABLE @extschema@.menuca_seating_environment_list (
	environment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL CHECK (name IN ('staging', 'production')),
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (database_name, system_identifier)
);

COMMENT ON TABLE @extschema@.menuca_seating_environment_list IS
'Databases that were registered as staging or production, by menuca_seating_environment(). A copy of one has its row, but another name or cluster, so it is not registered.';
COMMENT ON COLUMN @extschema@.menuca_seating_environment_list.environment_id IS
'Number of the registration.';
COMMENT ON COLUMN @extschema@.menuca_seating_environment_list.name IS
'staging or production.';
COMMENT ON COLUMN @extschema@.menuca_seating_environment_list.database_name IS
'Name of the database.';
COMMENT ON COLUMN @extschema@.menuca_seating_environment_list.system_identifier IS
'System identifier of its cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN @extschema@.menuca_seating_environment_list.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN @extschema@.menuca_seating_environment_list.registered_at IS
'When it was registered.';

CREATE FUNCTION @extschema@.menuca_seating_environment(
	name text,
	expected_database text,
	expected_system_identifier bigint,
	OUT environment text,
	OUT database_name text,
	OUT system_identifier bigint,
	OUT newly_registered boolean)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_environment(text, text, bigint) IS
'Registers this database as staging or production; production asks for a backup before its tables are changed. The two expected arguments state which database is meant. Raises MC020 when it is another one, or registered as the other environment.';

CREATE TABLE @extschema@.menuca_seating_backup (
	backup_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL,
	id text NOT NULL UNIQUE,
	method text NOT NULL,
	size bigint NOT NULL,
	checksum text NOT NULL,
	started timestamptz NOT NULL,
	finished timestamptz NOT NULL,
	verified boolean NOT NULL,
	details jsonb NOT NULL,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_seating_backup IS
'Registered backups, made outside of the database, with the database''s name and cluster at that time.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.label IS
'Label under which it was registered; several backups may have the same.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.id IS
'What the backup is found by, such as host and path of a file, or the number that a service gave it.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.method IS
'How the backup was made, in the words of who registered it.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.checksum IS
'Checksum of the backup, with the name of its method, in the words of who registered it.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.started IS
'When the backup was begun.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.finished IS
'When the backup was finished.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.details IS
'Object of whatever else is known: host, path and drill are used, other keys are kept.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.database_name IS
'Name of the database that was backed up: the one in which it was registered.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.system_identifier IS
'System identifier of that database''s cluster.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN @extschema@.menuca_seating_backup.registered_at IS
'When it was registered.';

CREATE FUNCTION @extschema@.menuca_seating_register_backup(
	label text,
	id text,
	method text,
	size bigint,
	checksum text,
	started timestamptz,
	finished timestamptz,
	verified boolean,
	details jsonb DEFAULT '{}')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) IS
'Registers a finished backup of this database that was made outside of it, and returns its number; the script menuca-backup does so for the backups that it makes. id is what the backup is found by (each one has its own), size its bytes. Raises an error on arguments that are NULL, blank or empty, and on a backup that ended before it began or in the future.';

CREATE FUNCTION @extschema@.menuca_seating_backup_obstacle(
	of_database text,
	of_cluster bigint,
	max_age interval)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN b.backup_no IS NULL THEN 'no backup of this database is registered'
		WHEN NOT b.verified THEN pg_catalog.format('its newest backup, %s, is not verified', b.id)
		WHEN b.finished < pg_catalog.clock_timestamp() - max_age
		THEN pg_catalog.format('its newest backup, %s, is %s old, and may be %s old', b.id,
			pg_catalog.date_trunc('minute', pg_catalog.clock_timestamp() - b.finished), max_age)
	END
	FROM (SELECT) one
	LEFT JOIN (SELECT a.* FROM @extschema@.menuca_seating_backup a
		WHERE a.database_name = of_database AND a.system_identifier = of_cluster
		ORDER BY a.finished DESC, a.backup_no DESC LIMIT 1) b ON true;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_backup_obstacle(text, bigint, interval) IS
'Why a database, of that name in the cluster of that system identifier, has no backup that is verified and at most max_age old; NULL when it has one.';

CREATE FUNCTION @extschema@.menuca_seating_table_checksum(
	table_name regclass,
	OUT rows bigint,
	OUT checksum numeric)
RETURNS record
AS 'MODULE_PATHNAME', 'menuca_table_checksum'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_table_checksum(regclass) IS
'Number of a table''s rows, and the sum of the 64-bit hashes of their texts: the same for the same rows in any order, in any session, and after a dump and restore. For menuca-backup --drill, and to compare before with after. Read only.';

--
-- What is created on the tables of the users
--

CREATE TABLE @extschema@.menuca_seating_guarantee (
	guarantee_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL,
	kind text NOT NULL,
	table_schema text NOT NULL,
	table_name text NOT NULL,
	definition text NOT NULL,
	before jsonb,
	deployed_by text NOT NULL DEFAULT session_user,
	deployed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (kind, table_schema, table_name, name)
);

COMMENT ON TABLE @extschema@.menuca_seating_guarantee IS
'Ledger of what menuca_seating_deploy() has created on tables of the users, with what it replaced; menuca_seating_undeploy() needs it.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.guarantee_id IS
'Number of the entry, in the order of creation.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.name IS
'Name of the trigger, constraint, index or extension.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.kind IS
'trigger, constraint, index or extension.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.table_schema IS
'Schema of the table that it is on; empty for an extension.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.table_name IS
'The table that it is on; empty for an extension.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.definition IS
'What was created, as the server shows it.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.before IS
'What had the name before: its definition, its comment and, of a trigger, whether it was enabled; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.deployed_by IS
'Session user who created it.';
COMMENT ON COLUMN @extschema@.menuca_seating_guarantee.deployed_at IS
'When it was created.';

CREATE FUNCTION @extschema@.menuca_seating_deploy(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '2 seconds',
	OUT name text,
	OUT object text,
	OUT status text,
	OUT statement text,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_deploy(boolean, interval) IS
'Creates the guarantees on the tables of the users, all or none: each confirmed booking has a dining table, no dining table is taken twice, cancelled bookings release theirs, changed ones fit theirs. Returns a row for each: planned, created, replaced, unchanged, impossible. Refuses while data break them, and on production without a verified backup of the last 30 minutes; keeps what it replaces for menuca_seating_undeploy().';

CREATE FUNCTION @extschema@.menuca_seating_undeploy(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '2 seconds',
	OUT name text,
	OUT object text,
	OUT status text,
	OUT statement text,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_undeploy(boolean, interval) IS
'Undoes menuca_seating_deploy(): drops what it created, and creates again what it replaced. Returns a row for each: planned, dropped, restored, missing (somebody dropped it), changed (somebody changed it, so it remains).';

CREATE FUNCTION @extschema@.menuca_seating_verify(
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

COMMENT ON FUNCTION @extschema@.menuca_seating_verify() IS
'Whether all that menuca_seating_deploy() creates is there and in force, by name: triggers, constraint, index and functions, whether rows break it, and what this database is registered as. Read only.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_environment_list', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_environment_list_environment_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_backup', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_backup_backup_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_guarantee', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_guarantee_guarantee_id_seq', '');

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_environment(text, text, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_backup_obstacle(text, bigint, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_table_checksum(regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_verify() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_deploy(boolean, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_undeploy(boolean, interval) FROM PUBLIC;

--
-- Which dining tables stand next to each other
--

CREATE FUNCTION @extschema@.menuca_check_adjacency(
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

COMMENT ON FUNCTION @extschema@.menuca_check_adjacency(uuid) IS
'Whether table_adjacencies is good enough to plan by, one row per check and the verdict as the last: edges within zones, coverage of movable dining tables by zone, isolated ones by number, edges stored in one direction and in both, edges between zones, edges to the dining table itself, to other restaurants'' and to missing or inactive ones, the largest party by zone, and how many sets adjacency leaves. Where the setting adjacency is off, what switching it on would lose. Read only.';

CREATE FUNCTION @extschema@.menuca_suggest_adjacency(
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

COMMENT ON FUNCTION @extschema@.menuca_suggest_adjacency(uuid, numeric) IS
'The pairs of active dining tables of a zone whose positions are at most that far apart, each once, by zone and numbers; from centre to centre, in the unit of the column position ({"x": 120, "y": 80}). known: there is an edge already, in whichever direction; otherwise statement enters it. Without a distance, 1.25 times the distance that half of the dining tables have to their nearest one in the zone. A notice names those whose position cannot be read. Read only.';

--
-- What is assigned
--

CREATE FUNCTION @extschema@.menuca_check_assignments(
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

COMMENT ON FUNCTION @extschema@.menuca_check_assignments(uuid, date) IS
'Whether the bookings of that service day and later, of a restaurant or of all, still fit their dining tables as these are now, one row per check and the verdict as the last: seats, dining tables that are not of the restaurant, out of service or inactive, taken twice, in several zones or in another one than the booking''s, not for all of its time, not one merge group, fixed, not adjacent, more than needed, or kept for cancelled bookings. A booking that cannot be read is named, and hides no other. The first day is the current one by default. Read only.';

CREATE FUNCTION @extschema@.menuca_check_combinations(
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

COMMENT ON FUNCTION @extschema@.menuca_check_combinations(uuid, date) IS
'The bookings of a service day that sit at several dining tables: seats that are wasted, the score of these dining tables (NULL where the planner could never choose them), whether fewer of them would do, and the best plan that is free now if it is better. no_single_fits: by the rules no single dining table is for such a party, even if all are free. The current service day by default. Read only.';

CREATE FUNCTION @extschema@.menuca_debug_combinations(
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

COMMENT ON FUNCTION @extschema@.menuca_debug_combinations(uuid, integer, timestamptz, interval) IS
'Why combinations are used, or not, for a party at that time. The first row, summary, says how many plans there are, which one is the best, and which rule loses most. Then a row per rule of the planner: how many plans there would be without this rule alone, how many it loses, and the smallest change of a setting that brings some of them, as a call; setting is NULL where the floor is the reason. metadata has the plans by number of dining tables. complete is false where max_evaluations ended a count. Read only.';

--
-- What programs show
--

CREATE FUNCTION @extschema@.menuca_booking_table_rows(
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

COMMENT ON FUNCTION @extschema@.menuca_booking_table_rows(uuid, uuid) IS
'The rows of menuca_booking_tables; of one restaurant, or of one booking, by its index. Read only.';

CREATE VIEW @extschema@.menuca_booking_tables WITH (security_invoker = true) AS
SELECT r.booking_id, r.restaurant_id, r.status, r.start_at, r.party_size, r.tables, r.combined, r.table_count, r.seats, r.zone
FROM @extschema@.menuca_booking_table_rows() r;

COMMENT ON VIEW @extschema@.menuca_booking_tables IS
'Each booking that has dining tables, and which they are, to be shown: "MD-01 + MD-03". All bookings are read, whatever the condition is; of one restaurant or booking, menuca_booking_table_rows() is faster.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.booking_id IS
'The booking.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.restaurant_id IS
'Its restaurant.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.status IS
'Its status.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.start_at IS
'When it starts; NULL where that is not known.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.party_size IS
'Guests; NULL where that is not known.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.tables IS
'Numbers of its dining tables, in the order of their bytes; ? for one that does not exist any more.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.combined IS
'True if it has several.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.table_count IS
'How many it has.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.seats IS
'Their seats together; what is listed for a combination may differ.';
COMMENT ON COLUMN @extschema@.menuca_booking_tables.zone IS
'The name of their zone; of several zones, all names; NULL without a zone.';

REVOKE ALL ON FUNCTION @extschema@.menuca_check_adjacency(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_suggest_adjacency(uuid, numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_check_assignments(uuid, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_check_combinations(uuid, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_debug_combinations(uuid, integer, timestamptz, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_booking_table_rows(uuid, uuid) FROM PUBLIC;

--
-- What is wanted of seating, and what is an alert
--

CREATE VIEW @extschema@.menuca_seating_target WITH (security_invoker = true) AS
SELECT t.name::text, t.unit::text, t.target_from::numeric, t.target_to::numeric, t.target_strict::boolean,
	t.alert_below::numeric, t.alert_above::numeric, t.source::text
FROM (VALUES
	(1, 'usage', '% of seated bookings', 5, 15, false, 2, 30, 'runbook, November 2025'),
	(2, 'success', '% of attempted bookings', 90, NULL, true, 80, NULL, 'runbook, November 2025'),
	(3, 'tables', 'dining tables on average', NULL, 2, false, NULL, NULL, 'advice of the original''s monitor'),
	(4, 'orphans', 'bookings', NULL, 0, false, NULL, 0, 'runbook, November 2025: critical'),
	(5, 'pending_zone_lock', 'bookings', NULL, 0, false, NULL, NULL, 'the original''s monitor: a warning'),
	(6, 'zone_conflicts', 'a day', NULL, 0, false, NULL, 5, 'runbook, November 2025'),
	(7, 'overlaps', 'assignments', NULL, 0, false, NULL, 0, 'two parties at one dining table'),
	(8, 'seated_without_table', 'bookings', NULL, 0, false, NULL, 0, 'guests at a dining table that counts as free'),
	(9, 'confirmed_without_zone', 'bookings', NULL, 0, false, NULL, NULL, 'the original''s monitor, without a limit'),
	(10, 'dominated', 'bookings', NULL, 0, false, NULL, NULL, 'a warning alone: those of an earlier program would bar the rollout that ends them'),
	(11, 'latency', 's on average', NULL, 10, true, NULL, 15, 'runbook, November 2025'),
	(12, 'unswept_holds', 'holds', NULL, 0, false, NULL, NULL, 'they bar nobody here'),
	(13, 'unreadable', 'bookings', NULL, 0, false, NULL, NULL, 'no dining tables can be found for them'))
	t(target_no, name, unit, target_from, target_to, target_strict, alert_below, alert_above, source)
ORDER BY t.target_no;

COMMENT ON VIEW @extschema@.menuca_seating_target IS
'Targets and alerts of menuca_seating_monitor(): a figure within the target is PASS, outside of it WARN, beyond an alert FAIL.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.name IS
'The check.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.unit IS
'What its figure counts.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.target_from IS
'The least figure within the target; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.target_to IS
'The greatest figure within the target; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.target_strict IS
'True when target_from and target_to are themselves outside of the target.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.alert_below IS
'A figure below this is an alert; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.alert_above IS
'A figure above this is an alert; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_seating_target.source IS
'Who says so, or why.';

--
-- The monitor
--

CREATE FUNCTION @extschema@.menuca_seating_monitor(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
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

COMMENT ON FUNCTION @extschema@.menuca_seating_monitor(integer, uuid) IS
'Seating in figures, one row per check as in menuca_validate: PASS within the target of menuca_seating_target, WARN outside of it, FAIL beyond an alert, SKIP without data; the last row is the summary. It looks at bookings that start days times 24 hours before now or later, and at attempts since then, of a restaurant or of all. metadata has the raw figures. Read only.';

--
-- The same figures as rows
--

CREATE FUNCTION @extschema@.menuca_seating_figures_by_day(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
	OUT service_day date,
	OUT bookings bigint,
	OUT cancelled bigint,
	OUT seated bigint,
	OUT combinations bigint,
	OUT usage_pct numeric,
	OUT no_single_table bigint,
	OUT attempts bigint,
	OUT attempted bigint,
	OUT succeeded bigint,
	OUT success_pct numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_figures_by_day(integer, uuid) IS
'The bookings of menuca_seating_monitor() by the service day on which they start, on the restaurant''s clock: all; cancelled or no_show; seated, that is not cancelled and with dining tables; of these with several; not cancelled and for a party beyond each single dining table; attempts for them since then that count; bookings with such an attempt, and those whose latest one seats them. Read only.';

CREATE FUNCTION @extschema@.menuca_seating_figures_by_restaurant(
	days integer DEFAULT 7,
	OUT restaurant_id uuid,
	OUT restaurant_name text,
	OUT bookings bigint,
	OUT cancelled bigint,
	OUT seated bigint,
	OUT combinations bigint,
	OUT usage_pct numeric,
	OUT no_single_table bigint,
	OUT attempts bigint,
	OUT attempted bigint,
	OUT succeeded bigint,
	OUT success_pct numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_figures_by_restaurant(integer) IS
'The same by restaurant: the 20 with most bookings. Read only.';

CREATE FUNCTION @extschema@.menuca_seating_figures_combinations(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
	OUT restaurant_id uuid,
	OUT restaurant_name text,
	OUT table_numbers text[],
	OUT tables integer,
	OUT bookings bigint,
	OUT combinations_pct numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_figures_combinations(integer, uuid) IS
'The 20 commonest combinations of dining tables, with the bookings that had them, in percent of all bookings with several. Read only.';

--
-- Runs of the monitor
--

CREATE TABLE @extschema@.menuca_seating_monitor_run (
	run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	days integer NOT NULL,
	restaurant_id uuid,
	status text NOT NULL,
	summary text,
	rows jsonb NOT NULL,
	taken_by text NOT NULL DEFAULT session_user,
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_seating_monitor_run IS
'What menuca_seating_monitor() said, by menuca_seating_record_monitor() and menuca_seating_alert(). menuca_seating_due() says when it is late.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.run_id IS
'Number of the run.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.days IS
'The days that it looked at.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.restaurant_id IS
'The restaurant; NULL for all.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.status IS
'Status of the summary: PASS, WARN, FAIL or SKIP.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.summary IS
'How many checks have which status.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.rows IS
'All rows, in order, as an array of objects.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.taken_by IS
'Session user who took it.';
COMMENT ON COLUMN @extschema@.menuca_seating_monitor_run.taken_at IS
'When it was taken.';

-- The monitor reads the attempts of some days; they are stored in their order.
CREATE INDEX menuca_seating_attempt_at ON @extschema@.menuca_seating_attempt USING brin (attempted_at) WITH (pages_per_range = 32);

CREATE FUNCTION @extschema@.menuca_seating_record_monitor(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
	OUT run_id bigint,
	OUT status text,
	OUT summary text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_record_monitor(integer, uuid) IS
'Calls menuca_seating_monitor() and writes what it said to menuca_seating_monitor_run, whatever it is.';

CREATE FUNCTION @extschema@.menuca_seating_alert(
	days integer DEFAULT 1,
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

COMMENT ON FUNCTION @extschema@.menuca_seating_alert(integer) IS
'For cron: the summary of menuca_seating_monitor(). Raises MC048 when a check has FAIL or ERROR, with a line for each in DETAIL and the next call in HINT; without data there is a notice. Where the transaction can write, the run is in menuca_seating_monitor_run, unless an error undoes it.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_monitor_run', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_monitor_run_run_id_seq', '');

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_monitor(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_figures_by_day(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_figures_by_restaurant(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_figures_combinations(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_record_monitor(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_alert(integer) FROM PUBLIC;

--
-- When the monitor is due
--

CREATE FUNCTION @extschema@.menuca_seating_begun()
RETURNS timestamptz
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_begun() IS
'When seating was deployed (menuca_seating_guarantee) or a stage of its rollout began last; NULL when it never was. Read only.';

-- The runbook's schedule; days and months are those of UTC, so that it is the same in each session.
CREATE FUNCTION @extschema@.menuca_seating_schedule(
	begun timestamptz,
	at timestamptz DEFAULT pg_catalog.now(),
	OUT task_no integer,
	OUT task text,
	OUT every interval,
	OUT from_at timestamptz,
	OUT until timestamptz,
	OUT days integer,
	OUT state text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT p.task_no, p.task, p.every, b.from_at, b.until, p.days,
		CASE WHEN at < b.from_at THEN 'later' WHEN at >= b.until THEN 'over' ELSE 'now' END
	FROM (VALUES
		(1, 'first hour', interval '5 minutes', interval '0', interval '1 hour', 1),
		(2, 'next three hours', interval '15 minutes', interval '1 hour', interval '4 hours', 1),
		(3, 'next 24 hours', interval '1 hour', interval '4 hours', interval '28 hours', 1),
		(4, 'days 2 and 3', interval '4 hours', interval '28 hours', interval '72 hours', 1),
		(5, 'days 4 to 7', interval '1 day', interval '72 hours', interval '168 hours', 1),
		(6, 'daily report', interval '1 day', interval '168 hours', NULL, 1),
		(7, 'weekly review', interval '7 days', interval '168 hours', NULL, 7),
		(8, 'monthly deep dive', interval '1 month', interval '168 hours', NULL, 30))
		p(task_no, task, every, since, until, days),
		LATERAL (SELECT begun + p.since AS from_at, begun + p.until AS until) b
	WHERE begun IS NOT NULL
	ORDER BY p.task_no;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_schedule(timestamptz, timestamptz) IS
'The schedule of the runbook for what begun then: how often the monitor is due, from when on and until when (NULL: for good), over how many days, and whether that is over, now or later at the time at. No row without begun.';

CREATE FUNCTION @extschema@.menuca_seating_due_after(
	last_at timestamptz,
	every interval)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (last_at AT TIME ZONE 'UTC' + every) AT TIME ZONE 'UTC';

COMMENT ON FUNCTION @extschema@.menuca_seating_due_after(timestamptz, interval) IS
'When something that is due that often is due again; days and months are those of UTC.';

CREATE FUNCTION @extschema@.menuca_seating_due(
	OUT task text,
	OUT every interval,
	OUT until timestamptz,
	OUT last_at timestamptz,
	OUT due_at timestamptz,
	OUT late boolean,
	OUT statement text)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT s.task, s.every, s.until, r.last_at, d.due_at, d.due_at < pg_catalog.now(),
		pg_catalog.format('SELECT * FROM %s.menuca_seating_record_monitor(%s);', x.schema, s.days)
	FROM (SELECT pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e
			JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'menuca_seating') x,
		@extschema@.menuca_seating_schedule(@extschema@.menuca_seating_begun(), pg_catalog.now()) s,
		LATERAL (SELECT pg_catalog.max(m.taken_at) AS last_at FROM @extschema@.menuca_seating_monitor_run m
			WHERE m.restaurant_id IS NULL AND m.days >= s.days) r,
		LATERAL (SELECT GREATEST(s.from_at, @extschema@.menuca_seating_due_after(r.last_at, s.every)) AS due_at) d
	WHERE s.state <> 'over'
	ORDER BY s.task_no;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_due() IS
'When the monitor is due by the schedule of the runbook, since seating was deployed or rolled out last: what is now and later, with the latest run over all restaurants and as many days or more, when the next one is due, whether it is late, and the call. No row before the first deployment. Read only.';

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_begun() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_schedule(timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_due_after(timestamptz, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_due() FROM PUBLIC;

--
-- Flags: what is in effect for a restaurant, and what it does
--

CREATE FUNCTION @extschema@.menuca_seating_settings_of(
	restaurant uuid,
	OUT flag text,
	OUT key text,
	OUT value jsonb,
	OUT source text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_settings_of(uuid) IS
'The settings in effect for a restaurant, with NULL for all that have none of their own, and the name that the original had for each (flag; NULL for none). source is as in menuca_seating_settings. Read only.';

CREATE FUNCTION @extschema@.menuca_seating_effect(
	key text,
	value jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE key
		WHEN 'planner' THEN CASE WHEN value = 'true' THEN 'dining tables may be joined by the planner' ELSE 'single dining tables only' END
		WHEN 'merges' THEN CASE WHEN value = 'true' THEN 'joined dining tables may be assigned' ELSE 'single dining tables only' END
		WHEN 'k_max' THEN pg_catalog.format('at most %s dining tables are joined', value)
		WHEN 'max_evaluations' THEN pg_catalog.format('a search ends after %s steps; the plans found by then are right, their total may not be', value)
		WHEN 'adjacency' THEN CASE value #>> '{}'
			WHEN 'off' THEN 'dining tables from all over a zone are joined'
			WHEN 'connected' THEN 'joined dining tables are connected by edges'
			WHEN 'pairwise' THEN 'each joined dining table is next to each other one'
			ELSE 'one joined dining table is next to all others' END
		WHEN 'adjacency_min_party' THEN pg_catalog.format('adjacency holds for parties of %s and more', value)
		WHEN 'max_overage' THEN pg_catalog.format('at most %s seats stay empty', value)
		WHEN 'buffer_before' THEN pg_catalog.format('dining tables are kept free %s minutes before a booking', value)
		WHEN 'buffer_after' THEN pg_catalog.format('dining tables are kept free %s minutes after a booking', value)
		WHEN 'combinations' THEN CASE value #>> '{}'
			WHEN 'free' THEN 'whatever fits by the rules is joined'
			WHEN 'listed' THEN 'only listed combinations are joined'
			ELSE 'listed combinations are joined, and whatever else fits' END
		WHEN 'turn_times' THEN 'how many minutes parties stay, by their size'
		WHEN 'w_overage' THEN pg_catalog.format('an empty seat costs %s points', value)
		WHEN 'w_tables' THEN pg_catalog.format('each dining table beyond the first costs %s points', value)
		WHEN 'w_adjacency' THEN pg_catalog.format('each step between joined dining tables costs %s points', value)
		WHEN 'w_spread' THEN pg_catalog.format('each seat that is not at the largest dining table costs %s points', value)
		WHEN 'w_priority' THEN pg_catalog.format('each point of a dining table''s priority costs %s points', value)
		WHEN 'w_scarcity' THEN pg_catalog.format('a dining table that is the only one of its size costs %s points', value)
		WHEN 'lookahead' THEN CASE WHEN value = 'true' THEN 'plans that take others'' last plan cost 500 points each' ELSE 'bookings that wait are not looked at' END
		WHEN 'variant' THEN CASE WHEN value = '"none"' THEN 'no variant' ELSE 'the settings of that variant, unless the restaurant has its own' END
		WHEN 'rollout' THEN CASE WHEN value = 'true' THEN 'the settings above are in effect' ELSE 'planner and merges are off until the rollout reaches the restaurant' END
	END;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_effect(text, jsonb) IS
'What a value of a setting, or of the rollout, does, in words; NULL for an unknown setting.';

CREATE FUNCTION @extschema@.menuca_seating_flags(
	restaurant uuid DEFAULT NULL,
	OUT flag text,
	OUT setting text,
	OUT value jsonb,
	OUT source text,
	OUT effect text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT s.flag, s.key, s.value, s.source, @extschema@.menuca_seating_effect(s.key, s.value)
	FROM @extschema@.menuca_seating_settings_of(restaurant) s
	UNION ALL
	SELECT NULL, 'rollout', pg_catalog.to_jsonb(r.is_in), r.source, @extschema@.menuca_seating_effect('rollout', pg_catalog.to_jsonb(r.is_in))
	FROM (SELECT @extschema@.menuca_seating_is_in(restaurant) AS is_in,
		COALESCE((SELECT 'stage ' || pg_catalog.max(g.stage_no) FROM @extschema@.menuca_seating_stage g), 'no rollout') AS source) r
	WHERE restaurant IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_flags(uuid) IS
'The flags of a restaurant: each setting with the name that the original had for it, its value, where that comes from (built-in, default, variant, restaurant, rollout) and what it does; and whether the rollout has reached it. NULL: for all restaurants without their own. Read only.';

--
-- Variants and stages
--

CREATE FUNCTION @extschema@.menuca_seating_set_variant(
	name text,
	percent numeric,
	settings jsonb DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_set_variant(text, numeric, jsonb) IS
'Gives that part of the restaurants a variant of the settings (A/B), by the rule of the rollout, or changes it; a percent of 0 ends it. A restaurant''s own settings come before it; its setting variant names another one, or none. Returns begun, changed, ended or unchanged; the ledger has what it was.';

CREATE FUNCTION @extschema@.menuca_seating_rollout(
	percent numeric,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false,
	reason text DEFAULT NULL,
	OUT stage_no bigint,
	OUT status text,
	OUT stage text,
	OUT was text,
	OUT restaurants_before bigint,
	OUT restaurants_after bigint,
	OUT refused_by text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_rollout(numeric, boolean, boolean, text) IS
'Lets combinations reach that part of the restaurants, beside those that are named; the others get single dining tables. Who is in at 10 percent is in at 50. A wider stage is refused (MC049) while a check of menuca_seating_verify() or menuca_seating_monitor() fails, or the stage is younger than its time: an hour for named restaurants, two hours up to 10 percent, a day beyond. force needs a reason, which is recorded. A narrower stage is never refused.';

CREATE FUNCTION @extschema@.menuca_seating_rollout(
	restaurant uuid,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false,
	reason text DEFAULT NULL,
	OUT stage_no bigint,
	OUT status text,
	OUT stage text,
	OUT was text,
	OUT restaurants_before bigint,
	OUT restaurants_after bigint,
	OUT refused_by text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'menuca_seating_rollout_restaurant'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_rollout(uuid, boolean, boolean, text) IS
'The same for one restaurant, beside those that are in.';

CREATE FUNCTION @extschema@.menuca_seating_rollback(
	level integer,
	dry_run boolean DEFAULT true,
	undo boolean DEFAULT false,
	OUT step_no integer,
	OUT step text,
	OUT object text,
	OUT status text,
	OUT statement text,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_rollback(integer, boolean, boolean) IS
'Takes seating back. Level 1: the rollout reaches nobody, so that single dining tables are assigned, and flags that were set since it began are as they were then; combinations stay. Level 2: what menuca_seating_deploy() created goes, what was there returns. Level 3: both, and the command that restores the newest backup. A second call does nothing; undo goes back to what was before.';

--
-- Repairs
--

CREATE FUNCTION @extschema@.menuca_fix_orphaned_bookings(
	dry_run boolean DEFAULT true,
	restaurant uuid DEFAULT NULL,
	undo boolean DEFAULT false,
	OUT booking uuid,
	OUT restaurant_id uuid,
	OUT party_size integer,
	OUT start_at timestamptz,
	OUT outcome text,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_fix_orphaned_bookings(boolean, uuid, boolean) IS
'Confirmed bookings without any dining table wait again (pending, without a zone); no other booking is touched. Returns a row for each: planned, pending, or changed when others were faster. The ledger has what they were: undo puts back those of the newest call, of one restaurant if it is given, that nobody has changed since (restored); the next undo is for the call before.';

CREATE FUNCTION @extschema@.menuca_clear_zone_locks(
	dry_run boolean DEFAULT true,
	restaurant uuid DEFAULT NULL,
	undo boolean DEFAULT false,
	OUT booking uuid,
	OUT restaurant_id uuid,
	OUT party_size integer,
	OUT start_at timestamptz,
	OUT outcome text,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_clear_zone_locks(boolean, uuid, boolean) IS
'Bookings that wait and have no dining table are not bound to a zone any more (assigned_zone_id). Returns a row for each: planned, cleared, or changed when others were faster. The ledger has what they were: undo puts back those of the newest call, of one restaurant if it is given, that nobody has changed since (restored); the next undo is for the call before.';

CREATE FUNCTION @extschema@.menuca_seating_smoke_test(
	restaurant uuid,
	party_size integer DEFAULT 5,
	start_at timestamptz DEFAULT NULL,
	details jsonb DEFAULT NULL,
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

COMMENT ON FUNCTION @extschema@.menuca_seating_smoke_test(uuid, integer, timestamptz, jsonb) IS
'Whether seating works for a restaurant: flags, dining tables, orphans, adjacency, and a booking of that party that waits, gets dining tables and is confirmed, at start_at or in a week at 18:00; it is undone, and nothing is left of it. details has other columns that the booking must have.';

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_settings_of(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_effect(text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_flags(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_set_variant(text, numeric, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_rollout(numeric, boolean, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_rollout(uuid, boolean, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_rollback(integer, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_fix_orphaned_bookings(boolean, uuid, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_clear_zone_locks(boolean, uuid, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_smoke_test(uuid, integer, timestamptz, jsonb) FROM PUBLIC;

--
-- What people say of it, and how it goes
--

CREATE TABLE @extschema@.menuca_seating_note_list (
	note_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	note text NOT NULL,
	good boolean,
	restaurant_id uuid,
	noted_by text NOT NULL DEFAULT session_user,
	noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_seating_note_list IS
'What people said of seating, by menuca_seating_note().';
COMMENT ON COLUMN @extschema@.menuca_seating_note_list.note_no IS
'Number of the note.';
COMMENT ON COLUMN @extschema@.menuca_seating_note_list.kind IS
'ticket (of support), feedback (of guests or staff) or learning.';
COMMENT ON COLUMN @extschema@.menuca_seating_note_list.note IS
'What was said.';
COMMENT ON COLUMN @extschema@.menuca_seating_note_list.good IS
'Of feedback, whether it is good; otherwise NULL.';
COMMENT ON COLUMN @extschema@.menuca_seating_note_list.restaurant_id IS
'The restaurant that it is about; NULL for all.';
COMMENT ON COLUMN @extschema@.menuca_seating_note_list.noted_by IS
'Session user who entered it.';
COMMENT ON COLUMN @extschema@.menuca_seating_note_list.noted_at IS
'When it was entered.';

CREATE FUNCTION @extschema@.menuca_seating_note(
	kind text,
	note text,
	good boolean DEFAULT NULL,
	restaurant uuid DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_note(text, text, boolean, uuid) IS
'Enters what people say of seating: a ticket of support, feedback and whether it is good, or a learning. menuca_seating_status() counts them since the last stage began. Returns the note''s number.';

CREATE FUNCTION @extschema@.menuca_seating_reach(
	OUT restaurants bigint,
	OUT restaurants_in bigint)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_reach() IS
'How many restaurants there are, and how many of them the rollout has reached. Read only.';

-- The runbook's criteria of success, which it judges 48 hours after the last stage.
CREATE FUNCTION @extschema@.menuca_seating_success(
	OUT criterion_no integer,
	OUT criterion text,
	OUT status text,
	OUT expected text,
	OUT actual text)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH begun AS (
		SELECT b.at, pg_catalog.clock_timestamp() - b.at AS age,
			LEAST(7, GREATEST(1, pg_catalog.ceil(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - b.at) / 86400)))::integer AS days
		FROM (SELECT @extschema@.menuca_seating_begun() AS at) b
	), monitor AS MATERIALIZED (
		SELECT m.* FROM begun b, LATERAL @extschema@.menuca_seating_monitor(COALESCE(b.days, 1)) m WHERE m.name <> 'summary'
	), note AS (
		SELECT pg_catalog.count(*) FILTER (WHERE n.kind = 'ticket') AS tickets,
			pg_catalog.count(*) FILTER (WHERE n.kind = 'feedback' AND n.good) AS good,
			pg_catalog.count(*) FILTER (WHERE n.kind = 'feedback' AND NOT n.good) AS bad
		FROM @extschema@.menuca_seating_note_list n, begun b WHERE n.noted_at >= b.at
	)
	SELECT 1, '48 hours have passed', CASE WHEN b.age >= interval '48 hours' THEN 'PASS' ELSE 'WAIT' END, 'since the last stage or deployment',
		COALESCE(pg_catalog.justify_hours(pg_catalog.date_trunc('minute', b.age))::text, 'nothing has begun') FROM begun b
	UNION ALL
	SELECT 2, 'no critical error', CASE WHEN pg_catalog.count(*) = 0 THEN 'PASS' ELSE 'FAIL' END, 'no check of the monitor fails',
		COALESCE(pg_catalog.string_agg(m.name || ' ' || m.status, ', ' ORDER BY m.check_no), 'none') FROM monitor m WHERE m.status IN ('FAIL', 'ERROR')
	UNION ALL
	SELECT c.no, c.criterion, CASE WHEN m.status IN ('PASS', 'SKIP') THEN m.status WHEN m.status IS NULL THEN 'SKIP' ELSE 'FAIL' END, m.expected, m.actual
	FROM (VALUES (3, 'usage'), (4, 'success'), (5, 'orphans'), (6, 'latency')) c(no, criterion) LEFT JOIN monitor m ON m.name = c.criterion
	UNION ALL
	SELECT 7, 'feedback', CASE WHEN n.good + n.bad = 0 THEN 'SKIP' WHEN n.good > n.bad THEN 'PASS' ELSE 'FAIL' END, 'more good than bad',
		CASE WHEN n.good + n.bad = 0 THEN 'nobody has entered any' ELSE pg_catalog.format('%s good, %s bad', n.good, n.bad) END FROM note n
	UNION ALL
	SELECT 8, 'tickets', CASE WHEN n.tickets < 5 THEN 'PASS' ELSE 'FAIL' END, 'fewer than 5 of support', n.tickets::text FROM note n
	ORDER BY 1;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_success() IS
'The runbook''s criteria of success since the last stage or deployment began: PASS, FAIL, SKIP without data, WAIT while it is too early. Read only.';

CREATE FUNCTION @extschema@.menuca_seating_status(
	OUT stage_no bigint,
	OUT stage text,
	OUT begun_at timestamptz,
	OUT restaurants bigint,
	OUT restaurants_in bigint,
	OUT usage text,
	OUT success text,
	OUT orphans text,
	OUT latency text,
	OUT tickets text,
	OUT feedback text,
	OUT verdict text,
	OUT reasons text,
	OUT announcement text,
	OUT next_step text)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH latest AS (
		SELECT g.* FROM (SELECT) one LEFT JOIN (SELECT * FROM @extschema@.menuca_seating_stage ORDER BY stage_no DESC LIMIT 1) g ON true
	), reach AS (
		SELECT * FROM @extschema@.menuca_seating_reach()
	), criterion AS MATERIALIZED (
		SELECT * FROM @extschema@.menuca_seating_success()
	), figure AS (
		SELECT pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'usage') AS usage,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'success') AS success,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'orphans') AS orphans,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'latency') AS latency,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'tickets') AS tickets,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'feedback') AS feedback,
			pg_catalog.bool_or(c.criterion_no = 2 AND c.status = 'FAIL') AS has_critical,
			pg_catalog.bool_or(c.status = 'WAIT') AS is_early,
			pg_catalog.bool_and(c.status = 'PASS') AS is_success,
			pg_catalog.string_agg(pg_catalog.format('%s: %s (expected: %s)', c.criterion, c.actual, c.expected), '; ' ORDER BY c.criterion_no)
				FILTER (WHERE c.status <> 'PASS') AS reasons
		FROM criterion c
	), judged AS (
		SELECT l.stage_no AS no, l.begun_at, r.*, f.*,
			CASE
				WHEN l.stage_no IS NULL THEN 'no rollout: all restaurants'
				WHEN l.percent >= 100 THEN 'all restaurants'
				WHEN l.percent > 0 THEN pg_catalog.format('%s %% of the restaurants', pg_catalog.trim_scale(l.percent))
				WHEN pg_catalog.cardinality(l.restaurant_ids) > 0 THEN pg_catalog.format('%s named', pg_catalog.cardinality(l.restaurant_ids))
				ELSE 'no restaurant'
			END AS stage,
			CASE
				WHEN l.action = 'rollback' THEN 'ROLLED BACK'
				WHEN f.has_critical THEN 'NO-GO'
				WHEN l.stage_no IS NULL THEN 'NOT BEGUN'
				WHEN r.restaurants_in < r.restaurants THEN 'IN PROGRESS'
				WHEN f.is_early THEN 'WATCHING'
				WHEN f.is_success THEN 'SUCCESS'
				ELSE 'NOT YET'
			END AS verdict
		FROM latest l, reach r, figure f
	)
	SELECT j.no, j.stage, j.begun_at, j.restaurants, j.restaurants_in, j.usage, j.success, j.orphans, j.latency, j.tickets, j.feedback,
		j.verdict, j.reasons,
		CASE j.verdict
			WHEN 'NOT BEGUN' THEN 'Seating will assign several dining tables to large parties, restaurant by restaurant. Expect bookings with several dining tables from the first stage on.'
			WHEN 'ROLLED BACK' THEN pg_catalog.format('Seating was rolled back on %s: bookings get single dining tables again; combinations that are assigned stay.', j.begun_at AT TIME ZONE 'UTC')
			WHEN 'NO-GO' THEN pg_catalog.format('Issue with seating (%s): %s. Rollback: not yet; level 1 takes effect at once.', j.stage, j.reasons)
			WHEN 'SUCCESS' THEN pg_catalog.format('Seating is deployed successfully for all %s restaurants. Combinations: %s. Success: %s.', j.restaurants, j.usage, j.success)
			ELSE pg_catalog.format('Seating has reached %s of %s restaurants (%s) since %s UTC. Combinations: %s. Success: %s. Orphans: %s.', j.restaurants_in, j.restaurants, j.stage,
				pg_catalog.date_trunc('minute', j.begun_at AT TIME ZONE 'UTC'), COALESCE(j.usage, 'not known'), COALESCE(j.success, 'not known'), COALESCE(j.orphans, 'not known'))
		END,
		x.schema || CASE j.verdict
			WHEN 'NOT BEGUN' THEN pg_catalog.format('.menuca_seating_rollout(restaurant => (SELECT id FROM %I.restaurants ORDER BY %s.menuca_seating_share(id) LIMIT 1));',
				pg_catalog.current_setting('menuca.seating_schema'), x.name)
			WHEN 'ROLLED BACK' THEN '.menuca_seating_rollback(1, undo => true);'
			WHEN 'NO-GO' THEN '.menuca_seating_monitor();'
			WHEN 'IN PROGRESS' THEN pg_catalog.format('.menuca_seating_rollout(%s);', CASE WHEN l.percent < 10 THEN 10 WHEN l.percent < 50 THEN 50 ELSE 100 END)
			WHEN 'WATCHING' THEN '.menuca_seating_due();'
			WHEN 'SUCCESS' THEN '.menuca_seating_due();'
			ELSE '.menuca_seating_success();'
		END
	FROM judged j, latest l, (SELECT 'SELECT * FROM ' || pg_catalog.quote_ident(n.nspname) AS schema, pg_catalog.quote_ident(n.nspname) AS name FROM pg_catalog.pg_extension e
		JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'menuca_seating') x;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_status() IS
'Where the rollout is: its stage and reach, the figures since it began, the verdict (NOT BEGUN, IN PROGRESS, WATCHING for 48 hours, then SUCCESS or NOT YET; NO-GO while a check of the monitor fails; ROLLED BACK) with what it is for, a text to send to those who wait for it, and the next call. Read only.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_note_list', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_seating_note_list_note_no_seq', '');

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_note(text, text, boolean, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_reach() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_success() FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_status() FROM PUBLIC;

--
-- What an earlier system has left in the tables of the users
--

CREATE FUNCTION @extschema@.menuca_seating_import(
	dry_run boolean DEFAULT true,
	environment text DEFAULT 'production',
	lock_timeout interval DEFAULT '2 seconds',
	OUT item_no integer,
	OUT kind text,
	OUT object text,
	OUT restaurant_id uuid,
	OUT action text,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_import(boolean, text, interval) IS
'Takes over what an earlier system has left in the users'' schema: overrides of flags of that environment and weights become settings, assignments that only its allocations have are inserted and windows filled in, idempotency keys are recorded; reports its debris, which it never removes. A row for each item, or for many of one sort: planned, done, unchanged, skipped, debris; the last is the summary. One transaction, in the ledger; menuca_seating_import_undo() puts back what it changed.';

CREATE FUNCTION @extschema@.menuca_seating_import_undo(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '2 seconds',
	OUT item_no integer,
	OUT kind text,
	OUT object text,
	OUT restaurant_id uuid,
	OUT action text,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_import_undo(boolean, interval) IS
'Puts back what the last import changed that was not undone: settings, assignments, their windows and merge groups, keys. What somebody has changed since is left as it is, and reported. Rows as those of menuca_seating_import().';

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_import(boolean, text, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_import_undo(boolean, interval) FROM PUBLIC;

--
-- A floor to look at, and its rows
--

CREATE FUNCTION @extschema@.menuca_seating_floor(
	restaurant uuid,
	at timestamptz DEFAULT pg_catalog.now())
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_floor(uuid, timestamptz) IS
'The floor of a restaurant at an instant as an SVG document, to be written into a file: zones, dining tables at their positions with seats and state, joined ones in one outline with their party, lines between those next to each other, a legend. A dining table without a usable position is in a row of its zone. Nothing is loaded from elsewhere. Read only.';

CREATE FUNCTION @extschema@.menuca_seating_floor_rows(
	restaurant uuid,
	at timestamptz DEFAULT pg_catalog.now(),
	OUT table_id uuid,
	OUT table_number text,
	OUT zone_id uuid,
	OUT zone text,
	OUT capacity integer,
	OUT x double precision,
	OUT y double precision,
	OUT width double precision,
	OUT height double precision,
	OUT rotation double precision,
	OUT state text,
	OUT active boolean,
	OUT out_of_service boolean,
	OUT booking uuid,
	OUT hold uuid,
	OUT party_size integer,
	OUT booking_status text,
	OUT starts_at timestamptz,
	OUT until timestamptz,
	OUT tables integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_floor_rows(uuid, timestamptz) IS
'What menuca_seating_floor() shows: a row for each dining table of the restaurant at an instant, by number; several for one that several parties have at once. x to rotation are its position, NULL where that is no number. state is taken, held, out of service, inactive or free, the first that applies. tables is how many dining tables the booking or the hold has. Read only.';

CREATE FUNCTION @extschema@.menuca_seating_floor_style()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT $css$
.menuca-floor { color-scheme: light dark; display: block; height: auto; overflow: hidden; background: var(--mf-page); font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
	--mf-page: #ffffff; --mf-panel: #f5f6f8; --mf-line: #d3d8df; --mf-ink: #1c2430; --mf-soft: #545e6e; --mf-edge: #8b95a5;
	--mf-free: #ffffff; --mf-free-line: #8b95a5; --mf-taken: #d3e4f5; --mf-taken-line: #2b5c8a; --mf-held: #faf0d9; --mf-held-line: #b07400;
	--mf-out: #fae6e4; --mf-out-line: #b3362f; --mf-none: #e6e9ee; --mf-none-line: #8b95a5;
	--mf-joined0: #e9def7; --mf-line0: #6b3fa0; --mf-ink0: #522a86; --mf-joined1: #d2eeee; --mf-line1: #1d7d84; --mf-ink1: #0f5257; --mf-joined2: #f8dcea; --mf-line2: #a63d78; --mf-ink2: #7a2455; }
@media (prefers-color-scheme: dark) { .menuca-floor {
	--mf-page: #14181e; --mf-panel: #1c222a; --mf-line: #333c48; --mf-ink: #e4e8ee; --mf-soft: #a6b0be; --mf-edge: #7c8797;
	--mf-free: #232a33; --mf-free-line: #7c8797; --mf-taken: #1f3c58; --mf-taken-line: #6ea6d8; --mf-held: #3d3219; --mf-held-line: #d6a446;
	--mf-out: #432423; --mf-out-line: #e0746d; --mf-none: #2b323c; --mf-none-line: #7c8797;
	--mf-joined0: #35264d; --mf-line0: #b391e6; --mf-ink0: #d3bdf5; --mf-joined1: #17383a; --mf-line1: #5fc0c6; --mf-ink1: #a5e3e7; --mf-joined2: #45223a; --mf-line2: #e38abb; --mf-ink2: #f5c0dc; } }
@media print { .menuca-floor { color-scheme: light;
	--mf-page: #ffffff; --mf-panel: #f5f6f8; --mf-line: #d3d8df; --mf-ink: #1c2430; --mf-soft: #545e6e; --mf-edge: #8b95a5;
	--mf-free: #ffffff; --mf-free-line: #8b95a5; --mf-taken: #d3e4f5; --mf-taken-line: #2b5c8a; --mf-held: #faf0d9; --mf-held-line: #b07400;
	--mf-out: #fae6e4; --mf-out-line: #b3362f; --mf-none: #e6e9ee; --mf-none-line: #8b95a5;
	--mf-joined0: #e9def7; --mf-line0: #6b3fa0; --mf-ink0: #522a86; --mf-joined1: #d2eeee; --mf-line1: #1d7d84; --mf-ink1: #0f5257; --mf-joined2: #f8dcea; --mf-line2: #a63d78; --mf-ink2: #7a2455;
	-webkit-print-color-adjust: exact; print-color-adjust: exact; } }
.menuca-floor svg { overflow: hidden; }
.menuca-floor text, .menuca-floor .mf-name { fill: var(--mf-ink); font-size: 15px; unicode-bidi: isolate; white-space: pre; }
.menuca-floor .mf-h { font-size: 24px; font-weight: 650; } .menuca-floor .mf-z { font-size: 17px; font-weight: 620; } .menuca-floor .mf-t { font-size: 15px; }
.menuca-floor .mf-n { font-size: 17px; font-weight: 650; } .menuca-floor .mf-s { font-size: 12px; fill: var(--mf-soft); } .menuca-floor .mf-w { font-size: 12px; }
.menuca-floor .mf-k { display: none; } .menuca-floor .mf-l { font-size: 14px; font-weight: 600; } .menuca-floor .mf-m { font-size: 13px; font-weight: 700; }
.menuca-floor .mf-panel { fill: var(--mf-panel); stroke: var(--mf-line); }
.menuca-floor .mf-edge { fill: none; stroke: var(--mf-edge); stroke-width: 1.5; }
.menuca-floor .mf-table rect { stroke-width: 1.5; }
.menuca-floor .mf-free rect { fill: var(--mf-free); stroke: var(--mf-free-line); } .menuca-floor .mf-taken rect { fill: var(--mf-taken); stroke: var(--mf-taken-line); stroke-width: 2; }
.menuca-floor .mf-held rect { fill: var(--mf-held); stroke: var(--mf-held-line); stroke-width: 2; stroke-dasharray: 7 4; }
.menuca-floor .mf-out rect { fill: var(--mf-out); stroke: var(--mf-out-line); stroke-width: 2; stroke-dasharray: 2 3; }
.menuca-floor .mf-inactive rect { fill: var(--mf-none); stroke: var(--mf-none-line); stroke-dasharray: 2 5; }
.menuca-floor .mf-line { stroke-width: 14; stroke-linejoin: round; } .menuca-floor .mf-area { stroke-width: 9; stroke-linejoin: round; }
.menuca-floor .mf-hue0 .mf-line { fill: var(--mf-line0); stroke: var(--mf-line0); } .menuca-floor .mf-hue0 .mf-area { fill: var(--mf-joined0); stroke: var(--mf-joined0); }
.menuca-floor .mf-hue1 .mf-line { fill: var(--mf-line1); stroke: var(--mf-line1); } .menuca-floor .mf-hue1 .mf-area { fill: var(--mf-joined1); stroke: var(--mf-joined1); }
.menuca-floor .mf-hue2 .mf-line { fill: var(--mf-line2); stroke: var(--mf-line2); } .menuca-floor .mf-hue2 .mf-area { fill: var(--mf-joined2); stroke: var(--mf-joined2); }
.menuca-floor .mf-sample { fill: var(--mf-joined0); stroke: var(--mf-line0); stroke-width: 2.5; }
.menuca-floor .mf-label rect { fill: var(--mf-page); stroke-width: 1.5; }
.menuca-floor .mf-hue0 rect { stroke: var(--mf-line0); } .menuca-floor .mf-hue1 rect { stroke: var(--mf-line1); } .menuca-floor .mf-hue2 rect { stroke: var(--mf-line2); }
.menuca-floor .mf-hue0 text { fill: var(--mf-ink0); } .menuca-floor .mf-hue1 text { fill: var(--mf-ink1); } .menuca-floor .mf-hue2 text { fill: var(--mf-ink2); }
@media (max-width: 560px) {
	.menuca-floor .mf-s, .menuca-floor .mf-w, .menuca-floor .mf-label { display: none; } .menuca-floor .mf-badge { display: inline; }
	.menuca-floor .mf-m { font-size: 18px; transform: translateY(2px); } .menuca-floor .mf-name { font-size: inherit; } .menuca-floor .mf-n { font-size: 22px; transform: translateY(4px); } .menuca-floor .mf-k { display: inline; font-size: 17px; transform: translateY(2px); }
	.menuca-floor .mf-t { font-size: 20px; } .menuca-floor .mf-z { font-size: 23px; } .menuca-floor .mf-h { font-size: 30px; } }
$css$;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_floor_style() IS
'The style sheet of menuca_seating_floor().';

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_floor(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_floor_rows(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_floor_style() FROM PUBLIC;

--
-- The report: one HTML page, in the words of the room html
--

CREATE FUNCTION @extschema@.menuca_seating_report(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_seating_report(integer, uuid) IS
'What menuca_seating_monitor() found in the last days, of all restaurants or of one, as one HTML page, to be written into a file: verdict and next call, then each figure as pictures and tables, the stage of the rollout, and the floor of now of a restaurant. Nothing is loaded from elsewhere. A section that cannot be made says why, and the others are there. Read only.';

CREATE VIEW @extschema@.menuca_seating_report_section WITH (security_invoker = true) AS
SELECT s.place, s.name, s.title, s.source, s.takes_restaurant, s.shown_for
FROM (VALUES
	(1, 'verdict', 'Where seating is', 'menuca_seating_monitor', true, 'any'),
	(2, 'usage', 'How many bookings have several dining tables', 'menuca_seating_monitor', true, 'any'),
	(3, 'checks', 'What the monitor found', 'menuca_seating_monitor', true, 'any'),
	(4, 'days', 'Bookings by day', 'menuca_seating_figures_by_day', true, 'any'),
	(5, 'latency', 'How long an attempt takes', 'menuca_seating_monitor', true, 'any'),
	(6, 'combinations', 'The commonest combinations', 'menuca_seating_figures_combinations', true, 'any'),
	(7, 'restaurants', 'Restaurants with the most bookings', 'menuca_seating_figures_by_restaurant', false, 'all'),
	(8, 'rollout', 'The rollout, and variants of the settings', 'menuca_seating_monitor', true, 'any'),
	(9, 'floor', 'The floor now', NULL, false, 'one'),
	(10, 'figures', 'Every figure', 'menuca_seating_monitor', true, 'any')) s(place, name, title, source, takes_restaurant, shown_for);

COMMENT ON VIEW @extschema@.menuca_seating_report_section IS
'The sections of menuca_seating_report(), each made by the function menuca_seating_report_<name>().';
COMMENT ON COLUMN @extschema@.menuca_seating_report_section.place IS
'Order on the page.';
COMMENT ON COLUMN @extschema@.menuca_seating_report_section.name IS
'Name of the section, its anchor on the page.';
COMMENT ON COLUMN @extschema@.menuca_seating_report_section.title IS
'Heading of the section.';
COMMENT ON COLUMN @extschema@.menuca_seating_report_section.source IS
'The function whose rows it shows; NULL: it reads by itself.';
COMMENT ON COLUMN @extschema@.menuca_seating_report_section.takes_restaurant IS
'True if the source is called with days and the restaurant, otherwise with days alone.';
COMMENT ON COLUMN @extschema@.menuca_seating_report_section.shown_for IS
'all: only of all restaurants; one: only of one; any: of both.';

CREATE FUNCTION @extschema@.menuca_seating_report_begin(days integer, restaurant uuid, restaurant_name text)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT pg_catalog.format($page$<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/><title>%1$s</title><style>%2$s</style></head>
<body><header><h1>%1$s</h1><p>Database %3$s, %4$s, the last %5$s, as role %6$s sees it.</p>
<nav aria-label="Sections"><ul>%7$s</ul></nav></header>
<main>
$page$, @extschema@.menuca_seating_html('Seating of ' || COALESCE(restaurant_name, 'restaurant ' || restaurant, 'all restaurants'), 120), @extschema@.menuca_seating_report_style(),
		@extschema@.menuca_seating_html(pg_catalog.current_database()::text), @extschema@.menuca_seating_report_time(pg_catalog.statement_timestamp()),
		CASE days WHEN 1 THEN '24 hours' ELSE @extschema@.menuca_seating_report_number(days) || ' days' END, @extschema@.menuca_seating_html(CURRENT_USER::text),
		(SELECT pg_catalog.string_agg(pg_catalog.format('<li><a href="#%s">%s</a></li>', @extschema@.menuca_seating_html(s.name), @extschema@.menuca_seating_html(s.title)), '' ORDER BY s.place)
		 FROM @extschema@.menuca_seating_report_section s
		 WHERE s.shown_for IN ('any', CASE WHEN restaurant IS NULL THEN 'all' ELSE 'one' END)));
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_begin(integer, uuid, text) IS
'The page up to its first section; without a name the restaurant is shown by its id.';

CREATE FUNCTION @extschema@.menuca_seating_report_end()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT E'</main>\n<footer><p>' || @extschema@.menuca_seating_html(pg_catalog.format('Made by menuca_seating_report() of menuca_seating %s on PostgreSQL %s.',
		(SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'menuca_seating'), pg_catalog.current_setting('server_version')), 400)
		|| E'</p></footer></body></html>\n';
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_end() IS
'The end of the page.';

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_begin(integer, uuid, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_end() FROM PUBLIC;

--
-- The sections of the report: each makes its body of the rows of its source, an array of
-- objects.  NULL means that there is nothing to show.
--

CREATE FUNCTION @extschema@.menuca_seating_report_check(rows jsonb, name text)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT r.row FROM pg_catalog.jsonb_array_elements(rows) AS r(row) WHERE r.row ->> 'name' = menuca_seating_report_check.name LIMIT 1;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_check(jsonb, text) IS
'The row of a check among the monitor''s rows; NULL when there is none of that name.';

CREATE FUNCTION @extschema@.menuca_seating_report_figure(value jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE pg_catalog.jsonb_typeof(value)
		WHEN 'number' THEN CASE WHEN pg_catalog.scale((value #>> '{}')::numeric) = 0
			THEN @extschema@.menuca_seating_report_number((value #>> '{}')::numeric) ELSE value #>> '{}' END
		WHEN 'array' THEN (SELECT pg_catalog.string_agg(e.element #>> '{}', ', ' ORDER BY e.place) FROM pg_catalog.jsonb_array_elements(value) WITH ORDINALITY AS e(element, place))
		ELSE value #>> '{}'
	END;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_figure(jsonb) IS
'A figure of the monitor''s metadata as people read it: numbers with thousands separators and all their decimals, lists with commas; NULL for null and for an empty list.';

CREATE FUNCTION @extschema@.menuca_seating_report_verdict(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<div class="verdict %s"><p class="word">%s</p><p>%s</p></div>\n',
			@extschema@.menuca_seating_report_tone(s.row ->> 'status'),
			CASE s.row ->> 'status' WHEN 'PASS' THEN '&#10003; Within the targets' WHEN 'WARN' THEN '&#9888;&#65038; Outside a target'
				WHEN 'SKIP' THEN '&#8211; No data' ELSE '&#10005; Alert' END,
			@extschema@.menuca_seating_html(pg_catalog.concat_ws(': ', s.row ->> 'status', s.row ->> 'actual') || '.'))
		|| '<dl class="tiles">' || COALESCE((SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_tile(t.figure, t.words, t.row ->> 'status'), '' ORDER BY t.place)
		FROM (SELECT x.place, x.words, c.row, CASE WHEN c.row ->> 'status' = 'SKIP' THEN 'no data' ELSE CASE x.unit WHEN '%' THEN (c.row -> 'metadata' ->> x.key) || ' %'
				WHEN 'ms' THEN pg_catalog.round((c.row -> 'metadata' ->> x.key)::numeric) || ' ms' ELSE @extschema@.menuca_seating_report_figure(c.row -> 'metadata' -> x.key) END END AS figure
			  FROM (VALUES (1, 'usage', 'seated', 'bookings have dining tables', ''), (2, 'usage', 'usage_pct', 'of these have several', '%'),
					(3, 'success', 'success_pct', 'of the attempted bookings were seated', '%'), (4, 'orphans', 'count', 'confirmed bookings without a dining table', ''),
					(5, 'latency', 'average_ms', 'an attempt takes on average', 'ms'))
					x(place, name, key, words, unit)
			  CROSS JOIN LATERAL (SELECT @extschema@.menuca_seating_report_check(rows, x.name)) c(row)) t), '') || E'</dl>\n'
		|| COALESCE(@extschema@.menuca_seating_report_call('The next call:', s.row ->> 'next_step'),
			(SELECT @extschema@.menuca_seating_report_call('Outside of a target; the next call:', w.row ->> 'next_step')
			 FROM pg_catalog.jsonb_array_elements(rows) w(row) WHERE w.row ->> 'status' = 'WARN' AND w.row ->> 'next_step' IS NOT NULL
			 ORDER BY (w.row ->> 'check_no')::integer LIMIT 1),
			CASE WHEN s.row ->> 'status' = 'SKIP' THEN @extschema@.menuca_seating_report_note('In this time there is no booking to look at, and no attempt.')
				ELSE @extschema@.menuca_seating_report_note('No check has an alert, so there is no next call.') END)
	FROM (SELECT @extschema@.menuca_seating_report_check(rows, 'summary')) s(row)
	WHERE s.row IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_verdict(jsonb, integer, uuid) IS
'Section of the report: the summary of the monitor, its main figures, and the next call.';

CREATE FUNCTION @extschema@.menuca_seating_report_usage(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	-- What is expected says target and alerts: "5 to 15 % of seated bookings; alert below 2 or above 30"
	WITH usage AS (
		SELECT u.row ->> 'actual' AS actual, u.row ->> 'detail' AS detail, u.row ->> 'expected' AS expected, u.row ->> 'status' AS status,
			(u.row -> 'metadata' ->> 'usage_pct')::numeric AS share, (u.row -> 'metadata' ->> 'no_single_table_pct')::numeric AS needed,
			pg_catalog.substring(u.row ->> 'expected', '^([0-9.]+) to')::numeric AS target_from, pg_catalog.substring(u.row ->> 'expected', '^[0-9.]+ to ([0-9.]+)')::numeric AS target_to,
			pg_catalog.substring(u.row ->> 'expected', 'below ([0-9.]+)')::numeric AS low, pg_catalog.substring(u.row ->> 'expected', 'above ([0-9.]+)')::numeric AS high
		FROM (SELECT @extschema@.menuca_seating_report_check(rows, 'usage')) u(row)),
	-- The whole width is a third more than the alert, or as much as there is
	scale AS (
		SELECT u.*, 100 / GREATEST(u.high * 4 / 3, u.share * 1.1, u.needed * 1.1, 1) AS unit FROM usage u)
	SELECT COALESCE(@extschema@.menuca_seating_report_picture('usage-target', 'Share of seated bookings with several dining tables',
			pg_catalog.format('%s: %s. Expected: %s.', s.status, s.actual, s.expected), 140,
			pg_catalog.format(E'<rect x="0" y="44" width="100%%" height="18" rx="4" class="track"/><rect x="%s%%" y="44" width="%s%%" height="18" class="good"/>'
				'<rect x="0" y="44" width="%s%%" height="18" class="bad"/><rect x="%s%%" y="44" width="%s%%" height="18" class="bad"/>\n',
				pg_catalog.round(s.target_from * s.unit, 2), pg_catalog.round((s.target_to - s.target_from) * s.unit, 2), pg_catalog.round(s.low * s.unit, 2),
				pg_catalog.round(s.high * s.unit, 2), GREATEST(pg_catalog.round(100 - s.high * s.unit, 2), 0))
			|| pg_catalog.format(E'<svg x="%s%%" y="36" class="point"><rect x="-1.5" y="4" width="3" height="26" class="main"/><path class="main" d="M0 26 L-8 40 L8 40 Z"/></svg>'
				'<text x="%s%%" y="94" text-anchor="%s" class="count">%s</text><text x="%s%%" y="112" text-anchor="%s" class="label">have several</text>\n',
				p.x, p.x, p.anchor, @extschema@.menuca_seating_report_percent(s.share), p.x, p.anchor)
			|| pg_catalog.format(E'<text x="%s%%" y="134" class="label">target</text>%s%s\n', pg_catalog.round(s.target_from * s.unit, 2),
				CASE WHEN s.target_from * s.unit >= 11 THEN '<text x="0" y="134" class="label">alert</text>' ELSE '' END,
				CASE WHEN s.high * s.unit < 85 AND s.high * s.unit > s.target_from * s.unit + 25 THEN '<text x="100%" y="134" text-anchor="end" class="label">alert</text>' ELSE '' END)
			|| COALESCE(pg_catalog.format(E'<svg x="%s%%" y="24" class="point"><path class="soft" d="M0 21 L-7 9 L7 9 Z"/></svg><text x="%s%%" y="26" text-anchor="%s" class="label">%s</text>\n',
				n.x, n.x, n.anchor, @extschema@.menuca_seating_report_percent(s.needed) || ' fit no single one'), '')), '')
		|| @extschema@.menuca_seating_report_note(pg_catalog.format('Green: the target, %s to %s %%. Red: an alert, below %s or above %s %%. The mark below is the share of seated bookings that have several dining tables; the mark above, of all bookings those for a party that no single dining table of the restaurant seats, which could not do without.',
			s.target_from, s.target_to, s.low, s.high))
		|| COALESCE(@extschema@.menuca_seating_report_note(s.detail), '')
	FROM scale s
	CROSS JOIN LATERAL (SELECT pg_catalog.round(s.share * s.unit, 2) AS x, CASE WHEN s.share * s.unit < 12 THEN 'start' WHEN s.share * s.unit > 88 THEN 'end' ELSE 'middle' END AS anchor) p
	CROSS JOIN LATERAL (SELECT pg_catalog.round(s.needed * s.unit, 2) AS x, CASE WHEN s.needed * s.unit < 25 THEN 'start' WHEN s.needed * s.unit > 75 THEN 'end' ELSE 'middle' END AS anchor) n
	WHERE s.share IS NOT NULL AND s.status <> 'ERROR' AND s.target_to IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_usage(jsonb, integer, uuid) IS
'Section of the report: the share of seated bookings with several dining tables, against target and alerts.';

CREATE FUNCTION @extschema@.menuca_seating_report_checks(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_table('The checks of the monitor', 'hstllc', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('hstllc', d.headings, r.row ->> 'title', r.row ->> 'status', r.row ->> 'expected', r.row ->> 'actual',
			r.row ->> 'detail', r.row ->> 'next_step'), '' ORDER BY (r.row ->> 'check_no')::integer)
		FROM pg_catalog.jsonb_array_elements(rows) AS r(row)
		WHERE r.row ->> 'name' <> 'summary'))
	FROM (SELECT ARRAY['Check', 'Status', 'Expected', 'Actual', 'Detail', 'Next call']) d(headings);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_checks(jsonb, integer, uuid) IS
'Section of the report: each check of the monitor with its status.';

CREATE FUNCTION @extschema@.menuca_seating_report_days(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH day AS (
		SELECT r.*, pg_catalog.max(r.bookings) OVER () AS most, pg_catalog.row_number() OVER (ORDER BY r.service_day DESC) AS back
		FROM pg_catalog.jsonb_to_recordset(rows) AS r(service_day date, bookings bigint, cancelled bigint, seated bigint, combinations bigint, usage_pct numeric,
			no_single_table bigint, attempts bigint, attempted bigint, succeeded bigint, success_pct numeric))
	SELECT COALESCE(@extschema@.menuca_seating_report_bars('days-bars', 'Bookings by service day',
			'Of each pair of bars, the upper one is all bookings, the lower one those with several dining tables. The table has the figures.',
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', d.service_day,
				'value', @extschema@.menuca_seating_report_number(d.bookings) || ', ' || @extschema@.menuca_seating_report_number(d.combinations),
				'share', 100.0 * d.bookings / NULLIF(d.most, 0), 'tone', 'soft', 'second', COALESCE(100.0 * d.combinations / NULLIF(d.most, 0), 0)) ORDER BY d.service_day)
			 FROM day d WHERE d.back <= 31)), '')
		|| @extschema@.menuca_seating_report_note('Upper bar: all bookings. Lower bar: those with several dining tables. A service day begins at 05:00 on the restaurant''s clock.')
		|| @extschema@.menuca_seating_report_table('Bookings by service day', 'hnnnnnnnn', h.headings, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('hnnnnnnnn', h.headings, d.service_day::text, @extschema@.menuca_seating_report_number(d.bookings),
				@extschema@.menuca_seating_report_number(d.cancelled), @extschema@.menuca_seating_report_number(d.seated), @extschema@.menuca_seating_report_number(d.combinations),
				@extschema@.menuca_seating_report_percent(d.usage_pct), @extschema@.menuca_seating_report_number(d.no_single_table),
				@extschema@.menuca_seating_report_number(d.attempts), @extschema@.menuca_seating_report_percent(d.success_pct)), '' ORDER BY d.service_day)
			FROM day d WHERE d.back <= 92))
		|| COALESCE((SELECT @extschema@.menuca_seating_report_note(pg_catalog.format('These are the newest 92 of %s days.', pg_catalog.count(*))) FROM day d HAVING pg_catalog.count(*) > 92), '')
	FROM (SELECT ARRAY['Service day', 'Bookings', 'Cancelled', 'Seated', 'With several', 'Share', 'Fit no single one', 'Attempts', 'Success']) h(headings);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_days(jsonb, integer, uuid) IS
'Section of the report: bookings by service day, and how many have several dining tables.';

CREATE FUNCTION @extschema@.menuca_seating_report_latency(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_bars('latency-bars', 'How long an attempt takes',
			pg_catalog.format('%s. %s', l.row ->> 'actual', l.row ->> 'detail'),
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', f.label, 'value', pg_catalog.to_char(f.ms, 'FM999,999,990.0') || ' ms',
				'share', 100 * f.ms / NULLIF(f.most, 0), 'tone', CASE f.place WHEN 1 THEN @extschema@.menuca_seating_report_tone(l.row ->> 'status') ELSE 'soft' END) ORDER BY f.place)
			 FROM (SELECT x.place, x.label, (l.row -> 'metadata' ->> x.key)::numeric AS ms, pg_catalog.max((l.row -> 'metadata' ->> x.key)::numeric) OVER () AS most
				   FROM (VALUES (1, 'on average', 'average_ms'), (2, 'half of them, at most (p50)', 'p50_ms'), (3, '95 of 100, at most (p95)', 'p95_ms'),
						(4, '99 of 100, at most (p99)', 'p99_ms'), (5, 'the slowest', 'most_ms')) x(place, label, key)) f
			 WHERE f.ms IS NOT NULL))
		|| @extschema@.menuca_seating_report_note(pg_catalog.format('%s of %s attempts. Expected of the average: %s.', l.row ->> 'status',
			@extschema@.menuca_seating_report_figure(l.row -> 'metadata' -> 'attempts'), l.row ->> 'expected'))
	FROM (SELECT @extschema@.menuca_seating_report_check(rows, 'latency')) l(row)
	WHERE l.row -> 'metadata' ? 'average_ms';
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_latency(jsonb, integer, uuid) IS
'Section of the report: how long attempts took, on average and by percentiles.';

CREATE FUNCTION @extschema@.menuca_seating_report_combinations(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_table('The 20 combinations of dining tables that most bookings had', 'htnnn', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('htnnn', d.headings, (SELECT pg_catalog.string_agg(n.number #>> '{}', ' + ' ORDER BY n.place)
				FROM pg_catalog.jsonb_array_elements(r.table_numbers) WITH ORDINALITY AS n(number, place) WHERE n.place <= 12),
			COALESCE(r.restaurant_name, r.restaurant_id::text), @extschema@.menuca_seating_report_number(r.tables), @extschema@.menuca_seating_report_number(r.bookings),
			@extschema@.menuca_seating_report_percent(r.combinations_pct)), '' ORDER BY r.place)
		FROM (SELECT e.place, x.* FROM pg_catalog.jsonb_array_elements(rows) WITH ORDINALITY AS e(row, place)
			CROSS JOIN LATERAL pg_catalog.jsonb_to_record(e.row) AS x(restaurant_id uuid, restaurant_name text, table_numbers jsonb, tables integer, bookings bigint, combinations_pct numeric)
			WHERE e.place <= 20) r))
	FROM (SELECT ARRAY['Dining tables', 'Restaurant', 'Number', 'Bookings', 'Of all with several']) d(headings);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_combinations(jsonb, integer, uuid) IS
'Section of the report: the dining tables that are joined most often.';

CREATE FUNCTION @extschema@.menuca_seating_report_restaurants(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_table('The 20 restaurants with the most bookings', 'htnnnnnnn', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('htnnnnnnn', d.headings, COALESCE(r.restaurant_name, ''), r.restaurant_id::text, @extschema@.menuca_seating_report_number(r.bookings),
			@extschema@.menuca_seating_report_number(r.cancelled), @extschema@.menuca_seating_report_number(r.seated), @extschema@.menuca_seating_report_number(r.combinations),
			@extschema@.menuca_seating_report_percent(r.usage_pct), @extschema@.menuca_seating_report_number(r.no_single_table), @extschema@.menuca_seating_report_percent(r.success_pct)), '' ORDER BY r.place)
		FROM (SELECT e.place, x.* FROM pg_catalog.jsonb_array_elements(rows) WITH ORDINALITY AS e(row, place)
			CROSS JOIN LATERAL pg_catalog.jsonb_to_record(e.row) AS x(restaurant_id uuid, restaurant_name text, bookings bigint, cancelled bigint, seated bigint, combinations bigint,
				usage_pct numeric, no_single_table bigint, success_pct numeric)
			WHERE e.place <= 20) r))
		|| @extschema@.menuca_seating_report_call('Of one of them, with its floor:', pg_catalog.format('SELECT @extschema@.menuca_seating_report(%s, ''%s'');', days, rows -> 0 ->> 'restaurant_id'))
	FROM (SELECT ARRAY['Restaurant', 'Id', 'Bookings', 'Cancelled', 'Seated', 'With several', 'Share', 'Fit no single one', 'Success']) d(headings);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_restaurants(jsonb, integer, uuid) IS
'Section of the report: the restaurants with the most bookings.';

CREATE FUNCTION @extschema@.menuca_seating_report_rollout(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH stage AS (
		SELECT s.*, pg_catalog.row_number() OVER (ORDER BY s.stage_no DESC) AS back FROM @extschema@.menuca_seating_stage s ORDER BY s.stage_no DESC LIMIT 20),
	variant AS (
		SELECT v.name, v.percent, v.settings, v.begun_at, @extschema@.menuca_seating_report_check(rows, 'variants') -> 'metadata' -> v.name AS figures
		FROM @extschema@.menuca_seating_variant v ORDER BY v.percent, v.name LIMIT 50)
	SELECT COALESCE((SELECT '<dl class="tiles">' || @extschema@.menuca_seating_report_tile(@extschema@.menuca_seating_report_percent(s.percent), 'of the restaurants are in', NULL)
				|| CASE WHEN pg_catalog.cardinality(s.restaurant_ids) > 0 THEN @extschema@.menuca_seating_report_tile(@extschema@.menuca_seating_report_number(pg_catalog.cardinality(s.restaurant_ids)), 'named restaurants besides', NULL) ELSE '' END
				|| CASE WHEN restaurant IS NOT NULL THEN @extschema@.menuca_seating_report_tile(CASE WHEN @extschema@.menuca_seating_is_in(restaurant) THEN 'in' ELSE 'not in' END, 'this restaurant is', NULL) ELSE '' END
				|| '</dl>' FROM stage s WHERE s.back = 1),
			@extschema@.menuca_seating_report_note('There is no stage, so all restaurants are in.'))
		|| COALESCE(@extschema@.menuca_seating_report_table('Stages, the newest first', 'hdntntl', h.stages, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('hdntntl', h.stages, s.stage_no::text, @extschema@.menuca_seating_report_time(s.begun_at), @extschema@.menuca_seating_report_percent(s.percent),
				s.action, @extschema@.menuca_seating_report_number(pg_catalog.cardinality(s.restaurant_ids)), s.begun_by, s.reason), '' ORDER BY s.stage_no DESC) FROM stage s)), '')
		|| COALESCE(@extschema@.menuca_seating_report_table('Variants of the settings, with what the monitor found of each', 'hnlnnnn', h.variants, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('hnlnnnn', h.variants, v.name, @extschema@.menuca_seating_report_percent(v.percent), v.settings::text,
				@extschema@.menuca_seating_report_figure(v.figures -> 'seated'), @extschema@.menuca_seating_report_figure(v.figures -> 'usage_pct') || ' %',
				@extschema@.menuca_seating_report_figure(v.figures -> 'attempted'), @extschema@.menuca_seating_report_figure(v.figures -> 'success_pct') || ' %'), '' ORDER BY v.percent, v.name)
			FROM variant v)), @extschema@.menuca_seating_report_note('There are no variants.'))
	FROM (SELECT ARRAY['Stage', 'Began', 'Percent', 'Action', 'Named besides', 'By', 'Reason'] AS stages,
			ARRAY['Variant', 'Percent', 'Settings', 'Seated', 'Share with several', 'Attempted', 'Success'] AS variants) h;
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_rollout(jsonb, integer, uuid) IS
'Section of the report: the stages of the rollout, and the variants with their figures.';

CREATE FUNCTION @extschema@.menuca_seating_report_floor(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	-- The page has at most 2 MB, so a picture of thousands of dining tables is left out
	SELECT CASE WHEN pg_catalog.length(f.picture) < 1000000 THEN '<figure>' || f.picture || E'</figure>\n'
			ELSE @extschema@.menuca_seating_report_note('The floor is too large for this page.') END
		|| COALESCE(@extschema@.menuca_seating_report_table('Who has dining tables now', 'htntdd', d.headings, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('htntdd', d.headings, p.numbers, p.kind, @extschema@.menuca_seating_report_number(p.party_size), p.booking_status,
				COALESCE(@extschema@.menuca_seating_report_time(p.starts_at), 'ever'), COALESCE(@extschema@.menuca_seating_report_time(p.until), 'open end')), '' ORDER BY p.numbers)
			FROM (SELECT pg_catalog.string_agg(r.table_number, ' + ' ORDER BY r.table_number) AS numbers, CASE WHEN r.hold IS NULL THEN 'booking' ELSE 'hold' END AS kind,
					r.party_size, r.booking_status, r.starts_at, r.until
				  FROM @extschema@.menuca_seating_floor_rows(restaurant) r
				  WHERE r.starts_at IS NOT NULL
				  GROUP BY r.booking, r.hold, r.party_size, r.booking_status, r.starts_at, r.until
				  ORDER BY pg_catalog.min(r.table_number)
				  LIMIT 200) p)), @extschema@.menuca_seating_report_note('Nobody has a dining table now.'))
		|| @extschema@.menuca_seating_report_call('At another time:', pg_catalog.format('SELECT @extschema@.menuca_seating_floor(''%s'', now() + interval ''1 day'');', restaurant))
	FROM (SELECT @extschema@.menuca_seating_floor(restaurant)) f(picture)
	CROSS JOIN (SELECT ARRAY['Dining tables', 'By', 'Party', 'Status', 'From', 'Until']) d(headings);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_floor(jsonb, integer, uuid) IS
'Section of the report: the floor of a restaurant now, and who has its dining tables.';

CREATE FUNCTION @extschema@.menuca_seating_report_figures(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	-- A row for each object in the metadata, down to the fourth level, with its own figures; the
	-- commonest combinations, which are objects in an array, have a section of their own
	WITH RECURSIVE member AS (
		SELECT (r.row ->> 'check_no')::integer AS check_no, r.row ->> 'title' AS title, '{}'::text[] AS path, m.key, m.value
		FROM pg_catalog.jsonb_array_elements(rows) AS r(row)
		CROSS JOIN LATERAL pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(r.row -> 'metadata') WHEN 'object' THEN r.row -> 'metadata' ELSE '{}' END) m
		UNION ALL
		SELECT p.check_no, p.title, p.path || p.key, m.key, m.value
		FROM member p
		CROSS JOIN LATERAL pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(p.value) WHEN 'object' THEN p.value ELSE '{}' END) m
		WHERE pg_catalog.cardinality(p.path) < 3)
	SELECT @extschema@.menuca_seating_report_table('The monitor''s figures, check by check', 'htl', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('htl', d.headings, f.title, COALESCE(NULLIF(pg_catalog.replace(pg_catalog.array_to_string(f.path, ', '), '_', ' '), ''), 'all'), f.figures),
			'' ORDER BY f.check_no, f.path)
		FROM (SELECT m.check_no, m.title, m.path, pg_catalog.string_agg(pg_catalog.replace(m.key, '_', ' ') || ': ' || COALESCE(@extschema@.menuca_seating_report_figure(m.value), 'none'), '; ' ORDER BY m.key) AS figures
			  FROM member m
			  WHERE pg_catalog.jsonb_typeof(m.value) <> 'object' AND NOT (pg_catalog.jsonb_typeof(m.value) = 'array' AND pg_catalog.jsonb_path_exists(m.value, '$[*] ? (@.type() == "object")'))
			  GROUP BY m.check_no, m.title, m.path
			  ORDER BY m.check_no, m.path
			  LIMIT 500) f))
	FROM (SELECT ARRAY['Check', 'Of', 'Figures']) d(headings);
END;

COMMENT ON FUNCTION @extschema@.menuca_seating_report_figures(jsonb, integer, uuid) IS
'Section of the report: each figure of the monitor''s metadata.';

REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_check(jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_figure(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_verdict(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_usage(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_checks(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_days(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_latency(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_combinations(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_restaurants(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_rollout(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_floor(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_seating_report_figures(jsonb, integer, uuid) FROM PUBLIC;
