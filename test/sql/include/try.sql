-- Executes a statement and shows its error, without what differs between machines: the test
-- defines staging.plain(text), which takes that away.
CREATE PROCEDURE staging.try(statement text) LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RAISE INFO 'done';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE INFO '% %', SQLSTATE, staging.plain(concat_ws(E'\n', message, detail, hint));
END $$;
