--
-- What an earlier system has left in the tables of the users
--

CREATE FUNCTION menuca_seating_import(
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

COMMENT ON FUNCTION menuca_seating_import(boolean, text, interval) IS
'Takes over what an earlier system has left in the users'' schema: overrides of flags of that environment and weights become settings, assignments that only its allocations have are inserted and windows filled in, idempotency keys are recorded; reports its debris, which it never removes. A row for each item, or for many of one sort: planned, done, unchanged, skipped, debris; the last is the summary. One transaction, in the ledger; menuca_seating_import_undo() puts back what it changed.';

CREATE FUNCTION menuca_seating_import_undo(
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

COMMENT ON FUNCTION menuca_seating_import_undo(boolean, interval) IS
'Puts back what the last import changed that was not undone: settings, assignments, their windows and merge groups, keys. What somebody has changed since is left as it is, and reported. Rows as those of menuca_seating_import().';

REVOKE ALL ON FUNCTION menuca_seating_import(boolean, text, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_import_undo(boolean, interval) FROM PUBLIC;
