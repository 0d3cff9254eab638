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
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_validate(regclass, text, text, text, text, text, boolean) IS
'The validation suite: one row per check with status PASS, WARN, FAIL, ERROR or SKIP, what was expected, what was found and what to do; the last row is the verdict. strict makes a source that means the reverse of the target''s rows a FAIL instead of a WARN. A check that raises an error becomes an ERROR row, and the other checks still run. Read only.';

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
