--
-- The tickets of a hosted production: which receipts they take
--

CREATE FUNCTION menuca_wished_receipts(
	copy_name text,
	copy_system_identifier bigint,
	kind text,
	run_id bigint,
	before_since timestamptz,
	after_since timestamptz,
	newest boolean,
	OUT file text,
	OUT purpose text,
	OUT is_before boolean,
	OUT place integer,
	OUT receipt_id bigint,
	OUT set_name text,
	OUT made_at timestamptz,
	OUT status text,
	OUT passed bigint,
	OUT warned bigint,
	OUT failed bigint,
	OUT accepted_by text,
	OUT has_earlier boolean)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH own AS (
		SELECT r.*
		FROM @extschema@.menuca_hosted_receipts r
		WHERE r.database_name = menuca_wished_receipts.copy_name
			AND r.system_identifier = menuca_wished_receipts.copy_system_identifier
			AND r.applies
			AND r.kind = menuca_wished_receipts.kind
			AND COALESCE(r.run_id, 0) = menuca_wished_receipts.run_id)
	SELECT f.file, f.purpose, f.is_before, f.place, c.receipt_id, c.set_name, c.made_at, c.status, c.passed, c.warned, c.failed, c.accepted_by,
		EXISTS (SELECT FROM own o WHERE o.file = f.file)
	FROM @extschema@.menuca_hosted_file f
	LEFT JOIN LATERAL (
		SELECT o.*
		FROM own o
		WHERE o.file = f.file
			AND o.made_at >= CASE WHEN f.is_before THEN menuca_wished_receipts.before_since ELSE menuca_wished_receipts.after_since END
		ORDER BY (f.is_before AND NOT menuca_wished_receipts.newest AND o.failed = 0) DESC, o.made_at DESC, o.receipt_id DESC
		LIMIT 1) c ON true
	WHERE f.kind = menuca_wished_receipts.kind;
END;

COMMENT ON FUNCTION menuca_wished_receipts(text, bigint, text, bigint, timestamptz, timestamptz, boolean) IS
'The files of a kind of set (fix, indexes or access; of a fix, the run, otherwise 0), each with the receipt that a ticket of the hosted production counts, in the copy of that name and cluster: the newest one since after_since, for a file that is executed before the change the newest one since before_since, and unless newest is true, one without FAIL before the others. receipt_id and what follows are NULL when there is none; has_earlier is true when there is one, however old. Read only.';
