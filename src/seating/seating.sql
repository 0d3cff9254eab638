--
-- Settings of the planner, by restaurant
--

CREATE TABLE menuca_seating_setting (
	restaurant_id uuid,
	key text NOT NULL,
	value jsonb NOT NULL,
	UNIQUE NULLS NOT DISTINCT (restaurant_id, key)
);

COMMENT ON TABLE menuca_seating_setting IS
'Settings of the planner that are not the built-in ones, by menuca_seating_set(). The view menuca_seating_settings shows all of them.';
COMMENT ON COLUMN menuca_seating_setting.restaurant_id IS
'The restaurant; NULL for those that have no setting of their own.';
COMMENT ON COLUMN menuca_seating_setting.key IS
'Name of the setting.';
COMMENT ON COLUMN menuca_seating_setting.value IS
'Its value.';

CREATE TABLE menuca_seating_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	what text NOT NULL,
	restaurant_id uuid,
	before jsonb,
	after jsonb,
	changed_by text NOT NULL DEFAULT session_user,
	changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_seating_change IS
'Ledger of what people changed: settings, listed combinations, preferences, assignments by hand and locks, with what they were before.';
COMMENT ON COLUMN menuca_seating_change.change_id IS
'Number of the change.';
COMMENT ON COLUMN menuca_seating_change.what IS
'settings, combination, preference, assignment or lock; import and import_undo, by menuca_seating_import() and its undoing.';
COMMENT ON COLUMN menuca_seating_change.restaurant_id IS
'The restaurant; NULL for settings of all restaurants.';
COMMENT ON COLUMN menuca_seating_change.before IS
'What it was; NULL for what was not there.';
COMMENT ON COLUMN menuca_seating_change.after IS
'What it is since; NULL for what was removed.';
COMMENT ON COLUMN menuca_seating_change.changed_by IS
'Session user who changed it.';
COMMENT ON COLUMN menuca_seating_change.changed_at IS
'When it was changed.';

CREATE FUNCTION menuca_seating_set(
	restaurant uuid,
	settings jsonb,
	OUT key text,
	OUT value jsonb,
	OUT was jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_set(uuid, jsonb) IS
'Changes settings of a restaurant, or with NULL those of all restaurants without settings of their own; a value of null goes back to what was the default. In effect from the next statement on, and in the ledger. Returns a row for each setting that has another value now.';

CREATE FUNCTION menuca_seating_setting_values(
	OUT restaurant_id uuid,
	OUT key text,
	OUT value jsonb,
	OUT source text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_setting_values() IS
'The rows of menuca_seating_settings.';

CREATE VIEW menuca_seating_settings WITH (security_invoker = true) AS
SELECT s.restaurant_id, s.key, s.value, s.source
FROM @extschema@.menuca_seating_setting_values() s;

COMMENT ON VIEW menuca_seating_settings IS
'The settings of the planner in effect: for each restaurant that has settings of its own, and for all others, where restaurant_id is NULL.';
COMMENT ON COLUMN menuca_seating_settings.restaurant_id IS
'The restaurant; NULL for all that have no settings of their own.';
COMMENT ON COLUMN menuca_seating_settings.key IS
'Name of the setting.';
COMMENT ON COLUMN menuca_seating_settings.value IS
'Its value.';
COMMENT ON COLUMN menuca_seating_settings.source IS
'built-in, default (set for all restaurants), variant, restaurant, or rollout: it has not reached the restaurant.';

--
-- Combinations of dining tables that a restaurant has tried
--

CREATE TABLE menuca_listed_combination (
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

COMMENT ON TABLE menuca_listed_combination IS
'Dining tables that a restaurant joins, by menuca_list_combination(): what they seat together, for which parties and when. They need not be movable or adjacent, and their capacity is no sum.';
COMMENT ON COLUMN menuca_listed_combination.combination_id IS
'Number of the combination.';
COMMENT ON COLUMN menuca_listed_combination.restaurant_id IS
'The restaurant.';
COMMENT ON COLUMN menuca_listed_combination.table_ids IS
'Ids of its dining tables, sorted.';
COMMENT ON COLUMN menuca_listed_combination.capacity IS
'Guests that they seat together.';
COMMENT ON COLUMN menuca_listed_combination.min_party IS
'The smallest party that may have it.';
COMMENT ON COLUMN menuca_listed_combination.max_party IS
'The largest party that may have it.';
COMMENT ON COLUMN menuca_listed_combination.from_time IS
'Bookings that start at this time or later may have it, from midnight of the service day on.';
COMMENT ON COLUMN menuca_listed_combination.until_time IS
'Bookings that start before this time may have it.';
COMMENT ON COLUMN menuca_listed_combination.weekdays IS
'Days of the week of the service day, 1 for Monday to 7 for Sunday; NULL for all.';

CREATE FUNCTION menuca_list_combination(
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

COMMENT ON FUNCTION menuca_list_combination(uuid, uuid[], integer, integer, integer, interval, interval, integer[]) IS
'Lists dining tables that the restaurant joins, or changes the capacity of what is listed for the same tables, parties, times and weekdays; returns its combination_id. Of two that hold for a party, the one with the greater combination_id counts. Times are from midnight of the service day on, which goes on to 05:00.';

--
-- Preferences by dining table, weekday and time
--

CREATE TABLE menuca_table_preference (
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

COMMENT ON TABLE menuca_table_preference IS
'What a restaurant prefers for a dining table at certain times, by menuca_prefer_table(). Where several hold, priorities are added, and the greatest min_party counts.';
COMMENT ON COLUMN menuca_table_preference.preference_id IS
'Number of the preference.';
COMMENT ON COLUMN menuca_table_preference.table_id IS
'The dining table.';
COMMENT ON COLUMN menuca_table_preference.priority IS
'Points that a plan costs with this dining table, each of the setting w_priority; negative points make it preferred.';
COMMENT ON COLUMN menuca_table_preference.min_party IS
'The smallest party that gets it; NULL for no other than the table''s own.';
COMMENT ON COLUMN menuca_table_preference.walk_ins_only IS
'True to keep it for guests without a booking.';
COMMENT ON COLUMN menuca_table_preference.from_time IS
'For bookings that start at this time or later, from midnight of the service day on.';
COMMENT ON COLUMN menuca_table_preference.until_time IS
'For bookings that start before this time.';
COMMENT ON COLUMN menuca_table_preference.weekdays IS
'Days of the week of the service day, 1 for Monday to 7 for Sunday; NULL for all.';

CREATE FUNCTION menuca_prefer_table(
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

COMMENT ON FUNCTION menuca_prefer_table(uuid, integer, integer, boolean, interval, interval, integer[]) IS
'Records what the restaurant prefers for a dining table, or changes it for the same times and weekdays; with priority 0 and nothing else, the preference ends. Returns its preference_id, NULL when it ended.';

--
-- The planner
--

CREATE FUNCTION menuca_plan_tables(
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

COMMENT ON FUNCTION menuca_plan_tables(uuid, integer, timestamptz, interval, uuid, uuid, integer, boolean) IS
'Where a party can sit from start_at on, for duration or its turn time, whichever is longer: the best sets of dining tables that are free then, in exact order. booking is that for which it is asked, whose own dining tables and hold do not count as taken; zone: only there. total_plans is how many there are, dominated ones included; complete is false when max_evaluations ended the search. Read only.';

SELECT pg_catalog.pg_extension_config_dump('menuca_seating_setting', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_change', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_change_change_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_listed_combination', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_listed_combination_combination_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_table_preference', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_table_preference_preference_id_seq', '');

--
-- Who may do what: writing is granted, never public
--

REVOKE ALL ON FUNCTION menuca_seating_set(uuid, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_setting_values() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_list_combination(uuid, uuid[], integer, integer, integer, interval, interval, integer[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_prefer_table(uuid, integer, integer, boolean, interval, interval, integer[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_plan_tables(uuid, integer, timestamptz, interval, uuid, uuid, integer, boolean) FROM PUBLIC;
