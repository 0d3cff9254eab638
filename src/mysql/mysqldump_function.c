/*-------------------------------------------------------------------------
 *
 * mysqldump_function.c
 *	  Expressions as values: see mysqldump_function.h.
 *
 *	  function:  UNHEX ( string ) |
 *				 CONVERT ( bytes USING charset ) |
 *				 { ST_GeomFromText | GeomFromText | ... } ( string [ , 0 ] ) |
 *				 { DATE | TIME | TIMESTAMP } string
 *	  bytes:     string | hex | bits | UNHEX ( string )
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_function.h"
#include "mysql/mysqldump_geometry.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_literal.h"

static size_t function_length(MysqldumpReader *reader);
static bool next_word_is(MysqldumpReader *reader, size_t len, const char *word);
static bool is_geometry_function(MysqldumpReader *reader, size_t len);
static bool begins_typed_literal(MysqldumpReader *reader, size_t len);
static bool begins_bytes(MysqldumpReader *reader);
static bool is_binary(const MysqldumpReader *reader, const MysqldumpValue *value);
static bool read_unhex(MysqldumpReader *reader, MysqldumpValue *value);
static bool read_convert(MysqldumpReader *reader, MysqldumpValue *value);
static bool read_geometry(MysqldumpReader *reader, MysqldumpValue *value);
static bool skip_to_char(MysqldumpReader *reader, char c);
static bool expect_char(MysqldumpReader *reader, char c);

bool
mysqldump_read_function(MysqldumpReader *reader, MysqldumpValue *value)
{
	MysqldumpInput *input = &reader->input;
	size_t		len = function_length(reader);

	if (begins_typed_literal(reader, len))
	{
		input->cur += len;
		return mysqldump_skip_space(reader) &&
			mysqldump_read_strings(reader, value);
	}
	if (next_word_is(reader, len, "unhex"))
		return read_unhex(reader, value);
	if (next_word_is(reader, len, "convert"))
		return read_convert(reader, value);
	if (is_geometry_function(reader, len))
		return read_geometry(reader, value);
	return mysqldump_fail_next(reader, "is not supported as a value");
}

/* The length of the next word; 0 if it is too long for any function. */
static size_t
function_length(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	size_t		len = mysqldump_input_need(input, MYSQLDUMP_LOOKAHEAD - 1);
	size_t		i = 0;

	while (i < len && mysqldump_is(input->cur[i], MYSQLDUMP_WORD))
		i++;
	return i < len ? i : 0;
}

static bool
next_word_is(MysqldumpReader *reader, size_t len, const char *word)
{
	return len > 0 && mysqldump_same_word(word, reader->input.cur, len);
}

static bool
is_geometry_function(MysqldumpReader *reader, size_t len)
{
	char		word[MYSQLDUMP_LOOKAHEAD];
	char	   *type = word;
	char	   *suffix;

	mysqldump_lower(word, sizeof(word), reader->input.cur, len);
	if (strncmp(word, "st_", 3) == 0)
		type += 3;
	suffix = strstr(type, "fromtext");
	if (suffix == NULL || strcmp(suffix, "fromtext") != 0)
		return false;
	return mysqldump_word_in("geom geometry point line linestring poly polygon"
							 " mpoint multipoint mline multilinestring mpoly"
							 " multipolygon geomcoll geomcollection"
							 " geometrycollection", type, suffix - type);
}

/* True for a word such as DATE before a string. */
static bool
begins_typed_literal(MysqldumpReader *reader, size_t len)
{
	MysqldumpInput *input = &reader->input;
	size_t		space = len;

	if (!next_word_is(reader, len, "date") && !next_word_is(reader, len, "time") &&
		!next_word_is(reader, len, "timestamp"))
		return false;
	if (mysqldump_is(input->cur[space], MYSQLDUMP_SPACE))
		space++;
	return space < mysqldump_input_need(input, space + 1) &&
		(input->cur[space] == '\'' || input->cur[space] == '"');
}

/* MySQL returns NULL for what is not hexadecimal, which is a failure here. */
static bool
read_unhex(MysqldumpReader *reader, MysqldumpValue *value)
{
	size_t		start = reader->text.len;
	MysqldumpPosition at = mysqldump_here(reader);

	if (!skip_to_char(reader, '('))
		return false;
	if (mysqldump_input_peek(&reader->input) != '\'' &&
		mysqldump_input_peek(&reader->input) != '"')
		return mysqldump_fail_next(reader, "is not supported in UNHEX()");
	if (!mysqldump_read_strings(reader, value) || !expect_char(reader, ')'))
		return false;

	for (size_t i = start; i < reader->text.len; i++)
	{
		if (!mysqldump_is_hex_digit(reader->text.data[i]))
			return mysqldump_fail(reader, at, NULL,
								  "UNHEX() has something that is no hexadecimal digit");
	}
	value->kind = MYSQLDUMP_BYTES;
	reader->text.len = start +
		mysqldump_decode_hex(reader->text.data + start, reader->text.len - start);
	return true;
}

/* True if a string or bytes come next, and no other expression. */
static bool
begins_bytes(MysqldumpReader *reader)
{
	size_t		len = mysqldump_input_need(&reader->input, 2);
	const char *p = reader->input.cur;

	if (len < 2)
		return false;
	return *p == '\'' || *p == '"' || *p == '_' || (*p == '0' && p[1] == 'x') ||
		((*p == 'x' || *p == 'X') && p[1] == '\'');
}

/* True if the last value has no character set: bytes, or _binary '...'. */
static bool
is_binary(const MysqldumpReader *reader, const MysqldumpValue *value)
{
	const MysqldumpSpan *span = &reader->spans[reader->nvalues - 1];

	if (span->charset == MYSQLDUMP_NO_CHARSET)
		return value->kind == MYSQLDUMP_BYTES;
	return strcmp(reader->text.data + span->charset, "binary") == 0;
}

/* Bytes converted to a character set are text in it; text stays what it is. */
static bool
read_convert(MysqldumpReader *reader, MysqldumpValue *value)
{
	MysqldumpInput *input = &reader->input;
	MysqldumpSpan *span = &reader->spans[reader->nvalues - 1];
	size_t		len;
	bool		is_read;
	bool		found;

	if (!skip_to_char(reader, '('))
		return false;
	len = function_length(reader);
	if (next_word_is(reader, len, "unhex"))
		is_read = read_unhex(reader, value);
	else if (begins_bytes(reader))
		is_read = mysqldump_read_literal(reader, value, &found);
	else
		return mysqldump_fail_next(reader, "is not supported in CONVERT()");
	if (!is_read || !mysqldump_skip_space(reader))
		return false;
	if (!next_word_is(reader, function_length(reader), "using"))
		return mysqldump_fail_next(reader, "is not supported in CONVERT()");
	input->cur += strlen("using");
	if (!mysqldump_skip_space(reader))
		return false;
	len = function_length(reader);
	if (len == 0)
		return mysqldump_fail_next(reader, "is not supported as a character set");

	if (is_binary(reader, value))
	{
		MysqldumpBuffer *text = &reader->text;

		/* behind the value, whose end the span then says */
		span->end = text->len;
		span->charset = text->len;
		mysqldump_buffer_reserve(text, len + 1);
		mysqldump_lower(text->data + text->len, len + 1, input->cur, len);
		text->len += len + 1;
	}
	input->cur += len;
	return expect_char(reader, ')');
}

/*
 * The value is what mysqldump writes for it: the bytes that MySQL stores.  With
 * an SRID, the order of the axes depends on the server's version.
 */
static bool
read_geometry(MysqldumpReader *reader, MysqldumpValue *value)
{
	MysqldumpInput *input = &reader->input;
	MysqldumpPosition at = mysqldump_here(reader);
	size_t		start = reader->text.len;

	if (!skip_to_char(reader, '('))
		return false;
	if (mysqldump_input_peek(input) != '\'' && mysqldump_input_peek(input) != '"')
		return mysqldump_fail_next(reader, "is not supported in ST_GeomFromText()");
	if (!mysqldump_read_strings(reader, value) || !mysqldump_skip_space(reader))
		return false;
	if (mysqldump_input_peek(input) == ',')
	{
		input->cur++;
		if (!mysqldump_skip_space(reader))
			return false;
		if (!next_word_is(reader, function_length(reader), "0"))
			return mysqldump_fail_next(reader,
									   "is not supported as the SRID of ST_GeomFromText()");
		input->cur++;
	}
	if (!expect_char(reader, ')'))
		return false;

	value->kind = MYSQLDUMP_BYTES;
	return mysqldump_encode_geometry(&reader->text, start) ||
		mysqldump_fail(reader, at,
					   "Dump the table with mysqldump, which writes the bytes of geometries.",
					   "ST_GeomFromText() has a text that is no geometry of two dimensions");
}

/* Skips the next word, space, the character, and space. */
static bool
skip_to_char(MysqldumpReader *reader, char c)
{
	reader->input.cur += function_length(reader);
	return expect_char(reader, c) && mysqldump_skip_space(reader);
}

/* Consumes the character, which must come next, after space. */
static bool
expect_char(MysqldumpReader *reader, char c)
{
	if (!mysqldump_skip_space(reader))
		return false;
	if (mysqldump_input_peek(&reader->input) != (unsigned char) c)
		return mysqldump_fail_next(reader, "is not supported in an expression");
	reader->input.cur++;
	return true;
}
