--
-- The junction of dishes and combo groups
--

CREATE FUNCTION menuca_create_dish_combo_groups(
	dry_run boolean DEFAULT true)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_create_dish_combo_groups(boolean) IS
'The statements that create the table dish_combo_groups in the target schema: which choice groups a combo product uses, each pair of dish and group once. With dry_run => false they are executed, with the caller''s rights; raises an error when the table exists.';

REVOKE ALL ON FUNCTION menuca_create_dish_combo_groups(boolean) FROM PUBLIC;
