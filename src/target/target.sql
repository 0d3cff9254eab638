--
-- The junction of dishes and combo groups
--

CREATE FUNCTION menuca_create_dish_combo_groups(
	dry_run boolean DEFAULT true,
	OUT statements text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION menuca_preview_dish_combo_groups(
	OUT statements text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_dish_combo_groups() IS
'The dry run of menuca_create_dish_combo_groups, for roles that may look but not write. Read only.';

COMMENT ON FUNCTION menuca_create_dish_combo_groups(boolean) IS
'The statements that create the table dish_combo_groups in the target schema: which choice groups a combo product uses, each pair of dish and group once. By default a dry run; with dry_run => false they are executed, with the caller''s rights, which raises an error when the table exists. next_step is the real call, or the fix that fills the table.';

REVOKE ALL ON FUNCTION menuca_create_dish_combo_groups(boolean) FROM PUBLIC;

--
-- How many rows the tables have, for what is compared later
--

CREATE FUNCTION menuca_table_counts()
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_table_counts() IS
'The tables of the target schema that tickets count, as far as they exist and the caller may read them: an object per table with its rows, its greatest id, how many rows are active, named, priced, have an item_count in their rules and a legacy id, the restaurants with a menu, prints of what the rows say, and the constraints and triggers in force. Tickets 0, 1 and 6 and registered backups record it; menuca_validate() compares with the newest one. Read only.';

REVOKE ALL ON FUNCTION menuca_table_counts() FROM PUBLIC;
