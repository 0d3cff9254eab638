--
-- Values that PHP serialized
--

CREATE FUNCTION menuca_php_unserialize(value bytea)
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION menuca_php_unserialize(bytea) IS
'The value that PHP''s serialize() wrote, as JSON: null, booleans, numbers, strings in UTF-8, arrays. An array whose keys are 0, 1, 2 ... in order is a JSON array, any other one an object. Raises an error, with the offset in bytes, on a value that is damaged, truncated or empty, or has bytes after its end; on objects, enums, references, infinite numbers, and text that is not UTF-8 or has NUL characters; and beyond 16 MB or 512 nested arrays.';
