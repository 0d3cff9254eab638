--
-- The validation suite
--

CREATE FUNCTION menuca_validate(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	strict boolean DEFAULT false,
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
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_validate(regclass, text, text, text, text, text, boolean) IS
'The validation suite: one row per check with status PASS, WARN, FAIL, ERROR or SKIP, what was expected, what was found and what to do; the last row is the verdict. strict makes a source that means the reverse of the target''s rows a FAIL instead of a WARN. A check that raises an error becomes an ERROR row, and the other checks still run. Read only.';

--
-- Findings that a person has accepted
--

CREATE TABLE menuca_accepted_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	check_name text NOT NULL,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	target_schema text NOT NULL,
	target text NOT NULL,
	found jsonb NOT NULL,
	reason text NOT NULL,
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_accepted_change IS
'What menuca_validate() found and a person accepted by menuca_accept_change(): as long as the check finds no more than that, it passes.';
COMMENT ON COLUMN menuca_accepted_change.change_id IS
'Number of the acceptance; the newest one of a check counts.';
COMMENT ON COLUMN menuca_accepted_change.check_name IS
'Name of the check.';
COMMENT ON COLUMN menuca_accepted_change.database_name IS
'Name of the database in which it was accepted.';
COMMENT ON COLUMN menuca_accepted_change.system_identifier IS
'System identifier of that database''s cluster.';
COMMENT ON COLUMN menuca_accepted_change.target_schema IS
'Schema of the tables that were validated.';
COMMENT ON COLUMN menuca_accepted_change.target IS
'Name of the junction that was validated, such as combo_items.';
COMMENT ON COLUMN menuca_accepted_change.found IS
'Object of what was accepted: figures that may not grow and checksums that must stay, or the tables'' figures as menuca_table_counts() returns them.';
COMMENT ON COLUMN menuca_accepted_change.reason IS
'Why, in the words of who accepted it.';
COMMENT ON COLUMN menuca_accepted_change.accepted_by IS
'Session user who accepted it.';
COMMENT ON COLUMN menuca_accepted_change.accepted_at IS
'When it was accepted.';

SELECT pg_catalog.pg_extension_config_dump('menuca_accepted_change', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_accepted_change_change_id_seq', '');

CREATE FUNCTION menuca_accept_change(
	check_name text,
	reason text,
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order')
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_accept_change(text, text, regclass, text, text, text, text, text) IS
'Accepts what a check of menuca_validate(), called with the same arguments, finds now: a loss or a change that is right. It is recorded with the reason and who accepted it, and the check passes until it finds more than that or something else. Only checks that compare with an earlier state can be accepted (their rows have to_accept in metadata). Returns what was accepted.';

REVOKE ALL ON FUNCTION menuca_accept_change(text, text, regclass, text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_sample_combos(
	n integer DEFAULT 5,
	seed double precision DEFAULT 0,
	target text DEFAULT 'combo_items',
	OUT combo_group_id bigint,
	OUT group_name text,
	OUT restaurant_name text,
	OUT items bigint,
	OUT dishes text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_sample_combos(integer, double precision, text) IS
'n groups that have items, with their restaurant and the names of their dishes in display order, for a person to read; the same seed gives the same groups, and groups with several dishes come first. Read only.';
