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
'settings, combination, preference, assignment or lock.';
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
'Takes seating back. Level 1: the rollout reaches nobody, so that single dining tables are assigned; combinations stay. Level 2: what menuca_seating_deploy() created goes, what was there returns. Level 3: both, and the command that restores the newest backup. A second call does nothing; undo goes back to what was before.';

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
'Confirmed bookings without any dining table wait again (pending, without a zone); no other booking is touched. Returns a row for each: planned, pending, or changed when others were faster. The ledger has what they were: undo puts back those of the newest call that nobody has changed since (restored).';

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
'Bookings that wait and have no dining table are not bound to a zone any more (assigned_zone_id). Returns a row for each: planned, cleared, or changed when others were faster. The ledger has what they were: undo puts back those of the newest call that nobody has changed since (restored).';

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
			WHEN 'SUCCESS' THEN pg_catalog.format('Seating is deployed successfully for all %s restaurants: combinations %s, success %s.', j.restaurants, j.usage, j.success)
			ELSE pg_catalog.format('Seating has reached %s of %s restaurants (%s) since %s UTC: combinations %s, success %s, orphans %s.', j.restaurants_in, j.restaurants, j.stage,
				pg_catalog.date_trunc('minute', j.begun_at AT TIME ZONE 'UTC'), COALESCE(j.usage, 'not known'), COALESCE(j.success, 'not known'), COALESCE(j.orphans, 'not known'))
		END,
		x.schema || CASE j.verdict
			WHEN 'NOT BEGUN' THEN '.menuca_seating_rollout(restaurant => ''RESTAURANT'');'
			WHEN 'ROLLED BACK' THEN '.menuca_seating_rollback(1, undo => true);'
			WHEN 'NO-GO' THEN '.menuca_seating_monitor();'
			WHEN 'IN PROGRESS' THEN pg_catalog.format('.menuca_seating_rollout(%s);', CASE WHEN l.percent < 10 THEN 10 WHEN l.percent < 50 THEN 50 ELSE 100 END)
			WHEN 'WATCHING' THEN '.menuca_seating_due();'
			WHEN 'SUCCESS' THEN '.menuca_seating_due();'
			ELSE '.menuca_seating_success();'
		END
	FROM judged j, latest l, (SELECT 'SELECT * FROM ' || pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e
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
