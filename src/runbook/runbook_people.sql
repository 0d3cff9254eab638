--
-- What others are told about a ticket
--

CREATE FUNCTION menuca_announcement(ticket integer, kind text)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_announcement(integer, text) IS
'A short plain text about a ticket, for chat or mail: kind is before, start, done, failed or rolled_back. It has the figures of the ticket, such as counts, orphan rates, duration and who executed it, and a block with the context for the next step. Raises an error when the ticket is not in that state. Read only.';
