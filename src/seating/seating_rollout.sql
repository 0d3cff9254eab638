--
-- Which restaurants the rollout has reached, and which variant of the settings they have
--

CREATE TABLE menuca_seating_stage (
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

COMMENT ON TABLE menuca_seating_stage IS
'Stages of the rollout, by menuca_seating_rollout() and menuca_seating_rollback(); the newest one counts. Restaurants that it has not reached get single dining tables only. Without a stage, all restaurants are in.';
COMMENT ON COLUMN menuca_seating_stage.stage_no IS
'Number of the stage.';
COMMENT ON COLUMN menuca_seating_stage.percent IS
'The part of the restaurants that is in, 0 to 100: those whose menuca_seating_share() is below a hundred times this.';
COMMENT ON COLUMN menuca_seating_stage.restaurant_ids IS
'Restaurants that are in besides.';
COMMENT ON COLUMN menuca_seating_stage.action IS
'rollout, rollback, or undo of a rollback.';
COMMENT ON COLUMN menuca_seating_stage.reason IS
'Why it was forced, in the words of who did; NULL if it was not.';
COMMENT ON COLUMN menuca_seating_stage.failures IS
'Array of what would have refused it when it was forced.';
COMMENT ON COLUMN menuca_seating_stage.flags IS
'Array of the flags that were set when it began, rows of menuca_seating_setting; a rollback sets them as they were when the rollout began.';
COMMENT ON COLUMN menuca_seating_stage.begun_by IS
'Session user who began it.';
COMMENT ON COLUMN menuca_seating_stage.begun_at IS
'When it began.';

CREATE TABLE menuca_seating_variant (
	name text PRIMARY KEY,
	percent numeric(5,2) NOT NULL,
	settings jsonb NOT NULL,
	begun_by text NOT NULL DEFAULT session_user,
	begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_seating_variant IS
'Variants of the settings, to be compared with each other (A/B), by menuca_seating_set_variant().';
COMMENT ON COLUMN menuca_seating_variant.name IS
'Name of the variant.';
COMMENT ON COLUMN menuca_seating_variant.percent IS
'The part of the restaurants that has it, 0 to 100, by menuca_seating_share(); of several variants, a restaurant has that of the smallest percent.';
COMMENT ON COLUMN menuca_seating_variant.settings IS
'Its settings; a restaurant''s own settings come before them.';
COMMENT ON COLUMN menuca_seating_variant.begun_by IS
'Session user who began it.';
COMMENT ON COLUMN menuca_seating_variant.begun_at IS
'When it began, or was changed last.';

CREATE FUNCTION menuca_seating_share(restaurant uuid)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ((('x' || pg_catalog.substr(pg_catalog.md5(restaurant::text), 1, 8))::bit(32))::bigint % 10000)::integer;
END;

COMMENT ON FUNCTION menuca_seating_share(uuid) IS
'The place of a restaurant in a rollout, 0 to 9999: the first eight hexadecimal digits of its id''s md5, modulo 10,000. It is in when this is below a hundred times the percent, so who is in at 10 percent is in at 50.';

CREATE FUNCTION menuca_seating_is_in(restaurant uuid)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE((SELECT @extschema@.menuca_seating_share(restaurant) < s.percent * 100 OR restaurant = ANY (s.restaurant_ids)
		FROM @extschema@.menuca_seating_stage s ORDER BY s.stage_no DESC LIMIT 1), true);
END;

COMMENT ON FUNCTION menuca_seating_is_in(uuid) IS
'True if the rollout has reached the restaurant, or there is none.';

SELECT pg_catalog.pg_extension_config_dump('menuca_seating_stage', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_stage_stage_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_variant', '');

REVOKE ALL ON FUNCTION menuca_seating_share(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_is_in(uuid) FROM PUBLIC;
