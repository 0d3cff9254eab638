--
-- The junction of dishes and combo groups
--

CREATE FUNCTION menuca_create_dish_combo_groups(
	execute boolean DEFAULT false)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_create_dish_combo_groups(boolean) IS
'The statements that create the table dish_combo_groups in the target schema: which choice groups a combo product uses, with a unique pair of dish and group. With execute := true they are carried out, with the caller''s rights; an error when the table is there already.';

REVOKE ALL ON FUNCTION menuca_create_dish_combo_groups(boolean) FROM PUBLIC;
