--
-- Flags: what is in effect for a restaurant, and what it does
--

CREATE FUNCTION menuca_seating_settings_of(
	restaurant uuid,
	OUT flag text,
	OUT key text,
	OUT value jsonb,
	OUT source text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_settings_of(uuid) IS
'The settings in effect for a restaurant, with NULL for all that have none of their own, and the name that the original had for each (flag; NULL for none). source is as in menuca_seating_settings. Read only.';

CREATE FUNCTION menuca_seating_effect(
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

COMMENT ON FUNCTION menuca_seating_effect(text, jsonb) IS
'What a value of a setting, or of the rollout, does, in words; NULL for an unknown setting.';

CREATE FUNCTION menuca_seating_flags(
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

COMMENT ON FUNCTION menuca_seating_flags(uuid) IS
'The flags of a restaurant: each setting with the name that the original had for it, its value, where that comes from (built-in, default, variant, restaurant, rollout) and what it does; and whether the rollout has reached it. NULL: for all restaurants without their own. Read only.';

--
-- Variants and stages
--

CREATE FUNCTION menuca_seating_set_variant(
	name text,
	percent numeric,
	settings jsonb DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_set_variant(text, numeric, jsonb) IS
'Gives that part of the restaurants a variant of the settings (A/B), by the rule of the rollout, or changes it; a percent of 0 ends it. A restaurant''s own settings come before it; its setting variant names another one, or none. Returns begun, changed, ended or unchanged; the ledger has what it was.';

CREATE FUNCTION menuca_seating_rollout(
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

COMMENT ON FUNCTION menuca_seating_rollout(numeric, boolean, boolean, text) IS
'Lets combinations reach that part of the restaurants, beside those that are named; the others get single dining tables. Who is in at 10 percent is in at 50. A wider stage is refused (MC049) while a check of menuca_seating_verify() or menuca_seating_monitor() fails, or the stage is younger than its time: an hour for named restaurants, two hours up to 10 percent, a day beyond. force needs a reason, which is recorded. A narrower stage is never refused.';

CREATE FUNCTION menuca_seating_rollout(
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

COMMENT ON FUNCTION menuca_seating_rollout(uuid, boolean, boolean, text) IS
'The same for one restaurant, beside those that are in.';

CREATE FUNCTION menuca_seating_rollback(
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

COMMENT ON FUNCTION menuca_seating_rollback(integer, boolean, boolean) IS
'Takes seating back. Level 1: the rollout reaches nobody, so that single dining tables are assigned, and flags that were set since it began are as they were then; combinations stay. Level 2: what menuca_seating_deploy() created goes, what was there returns. Level 3: both, and the command that restores the newest backup. A second call does nothing; undo goes back to what was before.';

--
-- Repairs
--

CREATE FUNCTION menuca_fix_orphaned_bookings(
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

COMMENT ON FUNCTION menuca_fix_orphaned_bookings(boolean, uuid, boolean) IS
'Confirmed bookings without any dining table wait again (pending, without a zone); no other booking is touched. Returns a row for each: planned, pending, or changed when others were faster. The ledger has what they were: undo puts back those of the newest call, of one restaurant if it is given, that nobody has changed since (restored); the next undo is for the call before.';

CREATE FUNCTION menuca_clear_zone_locks(
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

COMMENT ON FUNCTION menuca_clear_zone_locks(boolean, uuid, boolean) IS
'Bookings that wait and have no dining table are not bound to a zone any more (assigned_zone_id). Returns a row for each: planned, cleared, or changed when others were faster. The ledger has what they were: undo puts back those of the newest call, of one restaurant if it is given, that nobody has changed since (restored); the next undo is for the call before.';

CREATE FUNCTION menuca_seating_smoke_test(
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

COMMENT ON FUNCTION menuca_seating_smoke_test(uuid, integer, timestamptz, jsonb) IS
'Whether seating works for a restaurant: flags, dining tables, orphans, adjacency, and a booking of that party that waits, gets dining tables and is confirmed, at start_at or in a week at 18:00; it is undone, and nothing is left of it. details has other columns that the booking must have.';

REVOKE ALL ON FUNCTION menuca_seating_settings_of(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_effect(text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_flags(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_set_variant(text, numeric, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_rollout(numeric, boolean, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_rollout(uuid, boolean, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_rollback(integer, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_fix_orphaned_bookings(boolean, uuid, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_clear_zone_locks(boolean, uuid, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_smoke_test(uuid, integer, timestamptz, jsonb) FROM PUBLIC;
