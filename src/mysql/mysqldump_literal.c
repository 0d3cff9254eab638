/*-------------------------------------------------------------------------
 *
 * mysqldump_literal.c
 *	  The literals of a dump: see mysqldump_literal.h.
 *
 *	  literal: [ _charset ] string | [ _charset ] hex | [ _charset ] bits |
 *			   number | NULL | TRUE | FALSE
 *	  string:  '...' | "..." | N'...', several in a row being one
 *	  hex:	   0x... | x'...'
 *	  bits:	   0b... | b'...'
 *	  number:  [ + | - ] digits [ . digits ] [ e [ + | - ] digits ]
 *
 * The text of all values of a tuple is collected in one buffer, which is reused
 * for the next tuple.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_literal.h"

/*
 * A field of PostgreSQL has at most 1 GB - 1 bytes (MaxAllocSize), of which a
 * kilobyte is kept for headers.  mysqldump cannot write more than 1 GB either,
 * which is MySQL's largest max_allowed_packet.
 */
#define MAX_VALUE_BYTES	((size_t) 1024 * 1024 * 1024 - 1024)

static bool read_introducer(MysqldumpReader *reader);
static bool begins_text_literal(MysqldumpReader *reader);
static bool read_one_string(MysqldumpReader *reader);
static bool append_escape(MysqldumpReader *reader, char c);
static bool read_number(MysqldumpReader *reader, MysqldumpValue *value);
static bool read_sign(MysqldumpReader *reader);
static bool read_digits(MysqldumpReader *reader, bool *found);
static bool read_hex(MysqldumpReader *reader, MysqldumpValue *value);
static bool read_bits(MysqldumpReader *reader, MysqldumpValue *value);
static bool read_radix_digits(MysqldumpReader *reader,
							  const signed char *digits, size_t limit);
static bool read_keyword(MysqldumpReader *reader, MysqldumpValue *value,
						 bool *found);
static inline bool append_to_value(MysqldumpReader *reader, const char *data,
								   size_t len, size_t limit);
static void append_charset(MysqldumpReader *reader, const char *name,
						   size_t len);

/* The value of a hexadecimal digit plus 1; 0 for all other bytes. */
static const signed char hex_digits[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['A'] = 11, 12, 13, 14, 15, 16,
	['a'] = 11, 12, 13, 14, 15, 16,
};

/* The same for binary digits. */
static const signed char bit_digits[256] = {['0'] = 1, 2};

/* Reads an introducer like _utf8mb4 and the space after it. */
static bool
read_introducer(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	size_t		len = mysqldump_input_need(input, MYSQLDUMP_LOOKAHEAD);
	size_t		i = 1;

	while (i < len && mysqldump_is(input->cur[i], MYSQLDUMP_WORD))
		i++;
	if (i == 1 || i == len)
		return mysqldump_fail_next(reader, "is not supported as a value");

	append_charset(reader, input->cur + 1, i - 1);
	input->cur += i;
	if (!mysqldump_skip_space(reader))
		return false;

	if (!begins_text_literal(reader))
		return mysqldump_fail_next(reader,
								   "is not supported after a character set");
	return true;
}

/* True if a literal that can have a character set comes next. */
static bool
begins_text_literal(MysqldumpReader *reader)
{
	size_t		len = mysqldump_input_need(&reader->input, 2);
	const char *p = reader->input.cur;

	if (len > 0 && (p[0] == '\'' || p[0] == '"'))
		return true;
	if (len < 2)
		return false;
	if (p[0] == '0')
		return p[1] == 'x' || p[1] == 'b';
	return p[1] == '\'' &&
		(p[0] == 'x' || p[0] == 'X' || p[0] == 'b' || p[0] == 'B');
}

bool
mysqldump_read_literal(MysqldumpReader *reader, MysqldumpValue *value,
					   bool *found)
{
	MysqldumpInput *input = &reader->input;
	size_t		len;
	char		second;

	*found = true;
	if (mysqldump_input_peek(input) == '_' && !read_introducer(reader))
		return false;
	len = mysqldump_input_need(input, 2);
	second = (len >= 2) ? input->cur[1] : '\0';

	switch (mysqldump_input_peek(input))
	{
		case '\'':
		case '"':
			return mysqldump_read_strings(reader, value);

		case '0':
			if (second == 'x')
				return read_hex(reader, value);
			if (second == 'b')
				return read_bits(reader, value);
			return read_number(reader, value);

		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9':
		case '+':
		case '-':
		case '.':
			return read_number(reader, value);

		case 'x':
		case 'X':
			if (second == '\'')
				return read_hex(reader, value);
			break;

		case 'b':
		case 'B':
			if (second == '\'')
				return read_bits(reader, value);
			break;

		case 'n':
		case 'N':
			if (second == '\'')
			{
				input->cur++;
				append_charset(reader, "utf8", strlen("utf8"));
				return mysqldump_read_strings(reader, value);
			}
			break;
	}
	return read_keyword(reader, value, found);
}

bool
mysqldump_read_strings(MysqldumpReader *reader, MysqldumpValue *value)
{
	int			c;

	value->kind = MYSQLDUMP_STRING;
	do
	{
		if (!read_one_string(reader) || !mysqldump_skip_space(reader))
			return false;
		c = mysqldump_input_peek(&reader->input);
	} while (c == '\'' || c == '"');
	return true;
}

static bool
read_one_string(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	char		quote = *input->cur;

	if (quote == '"' && reader->modes.ansi_quotes)
		return mysqldump_fail_here(reader,
								   "Write the string in single quotes, or delete ANSI_QUOTES from the dump's SQL_MODE.",
								   "a string is in double quotes, which are for names in the dump's SQL_MODE");

	mysqldump_input_mark(input);
	input->cur++;
	while (mysqldump_input_peek(input) >= 0)
	{
		const char *run = input->cur;
		const char *p = run;
		size_t		len;
		bool		escaped;

		while (p < input->end && !mysqldump_is(*p, MYSQLDUMP_QUOTED))
			p++;
		input->cur = p;
		if (!append_to_value(reader, run, p - run, MAX_VALUE_BYTES))
			return false;
		if (p == input->end)
			continue;

		len = mysqldump_input_need(input, 2);
		p = input->cur;
		if (*p == quote && (len < 2 || p[1] != quote))
		{
			input->cur++;
			return true;
		}
		escaped = *p == '\\' && !reader->modes.no_backslash_escapes;
		if (escaped && len < 2)
			break;

		if (escaped)
		{
			if (!append_escape(reader, p[1]))
				return false;
			input->cur += 2;
		}
		else
		{
			/*
			 * a doubled quote, one of the other kind, or a backslash that
			 * escapes nothing
			 */
			if (!append_to_value(reader, p, 1, MAX_VALUE_BYTES))
				return false;
			input->cur += (*p == quote) ? 2 : 1;
		}
	}
	return mysqldump_fail_cut(reader, "a string",
							  mysqldump_input_marked(input));
}

/* Appends the character that a backslash and c mean. */
static bool
append_escape(MysqldumpReader *reader, char c)
{
	switch (c)
	{
		case '0':
			return append_to_value(reader, "\0", 1, MAX_VALUE_BYTES);
		case 'b':
			return append_to_value(reader, "\b", 1, MAX_VALUE_BYTES);
		case 'n':
			return append_to_value(reader, "\n", 1, MAX_VALUE_BYTES);
		case 'r':
			return append_to_value(reader, "\r", 1, MAX_VALUE_BYTES);
		case 't':
			return append_to_value(reader, "\t", 1, MAX_VALUE_BYTES);
		case 'Z':
			/* control-Z, the end of a file on Windows */
			return append_to_value(reader, "\x1A", 1, MAX_VALUE_BYTES);
		case '%':
			/* escapes of LIKE: outside of it, the backslash stays */
			return append_to_value(reader, "\\%", 2, MAX_VALUE_BYTES);
		case '_':
			return append_to_value(reader, "\\_", 2, MAX_VALUE_BYTES);
		default:
			return append_to_value(reader, &c, 1, MAX_VALUE_BYTES);
	}
}

static bool
read_number(MysqldumpReader *reader, MysqldumpValue *value)
{
	MysqldumpInput *input = &reader->input;
	bool		whole;
	bool		fraction = false;
	bool		exponent = true;
	int			c;

	value->kind = MYSQLDUMP_NUMBER;
	if (!read_sign(reader) || !read_digits(reader, &whole))
		return false;
	if (mysqldump_input_peek(input) == '.')
	{
		if (!append_to_value(reader, input->cur++, 1, MAX_VALUE_BYTES) ||
			!read_digits(reader, &fraction))
			return false;
	}
	c = mysqldump_input_peek(input);
	if ((whole || fraction) && (c == 'e' || c == 'E'))
	{
		if (!append_to_value(reader, input->cur++, 1, MAX_VALUE_BYTES) ||
			!read_sign(reader) || !read_digits(reader, &exponent))
			return false;
	}
	if (!(whole || fraction) || !exponent)
		return mysqldump_fail_next(reader, "is not valid in a number");
	return true;
}

static bool
read_sign(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	int			c = mysqldump_input_peek(input);

	if (c != '+' && c != '-')
		return true;
	return append_to_value(reader, input->cur++, 1, MAX_VALUE_BYTES);
}

static bool
read_digits(MysqldumpReader *reader, bool *found)
{
	MysqldumpInput *input = &reader->input;

	*found = false;
	while (mysqldump_input_peek(input) >= 0)
	{
		const char *run = input->cur;
		const char *p = run;

		while (p < input->end && *p >= '0' && *p <= '9')
			p++;
		if (p == run)
			break;
		*found = true;
		input->cur = p;
		if (!append_to_value(reader, run, p - run, MAX_VALUE_BYTES))
			return false;
	}
	return true;
}

static bool
read_hex(MysqldumpReader *reader, MysqldumpValue *value)
{
	size_t		start = reader->text.len;
	bool		quoted = *reader->input.cur != '0';
	size_t		len;

	value->kind = MYSQLDUMP_BYTES;
	if (!read_radix_digits(reader, hex_digits, 2 * MAX_VALUE_BYTES))
		return false;
	len = reader->text.len - start;
	if (quoted && len % 2 != 0)
		return mysqldump_fail_here(reader, NULL,
								   "x'...' has an odd number of digits");
	reader->text.len = start + mysqldump_decode_hex(reader->text.data + start, len);
	return true;
}

static bool
read_bits(MysqldumpReader *reader, MysqldumpValue *value)
{
	value->kind = MYSQLDUMP_BITS;
	return read_radix_digits(reader, bit_digits, MAX_VALUE_BYTES);
}

/* Reads x'...', 0x..., b'...' or 0b..., from the prefix on. */
static bool
read_radix_digits(MysqldumpReader *reader, const signed char *digits,
				  size_t limit)
{
	MysqldumpInput *input = &reader->input;
	bool		quoted = *input->cur != '0';
	bool		found = quoted;

	mysqldump_input_mark(input);
	input->cur += 2;
	while (mysqldump_input_peek(input) >= 0)
	{
		const char *run = input->cur;
		const char *p = run;

		while (p < input->end && digits[(unsigned char) *p] != 0)
			p++;
		if (p == run)
			break;
		found = true;
		input->cur = p;
		if (!append_to_value(reader, run, p - run, limit))
			return false;
	}

	if (quoted && mysqldump_input_peek(input) < 0)
		return mysqldump_fail_cut(reader, "a string",
								  mysqldump_input_marked(input));
	if (!found || (quoted && *input->cur != '\''))
		return mysqldump_fail_next(reader, "is not valid in a hexadecimal or bit literal");
	if (quoted)
		input->cur++;
	return true;
}

bool
mysqldump_is_hex_digit(char c)
{
	return hex_digits[(unsigned char) c] != 0;
}

size_t
mysqldump_decode_hex(char *digits, size_t len)
{
	const unsigned char *p = (unsigned char *) digits;
	const unsigned char *end = p + len;
	char	   *out = digits;

	if (len % 2 != 0)
		*out++ = hex_digits[*p++] - 1;
	for (; p < end; p += 2)
		*out++ = (hex_digits[p[0]] - 1) << 4 | (hex_digits[p[1]] - 1);
	return out - digits;
}

/* Reads NULL, TRUE or FALSE; *found is false if none comes next. */
static bool
read_keyword(MysqldumpReader *reader, MysqldumpValue *value, bool *found)
{
	bool		is_true;

	if (mysqldump_accept_word(reader, "null"))
	{
		value->kind = MYSQLDUMP_NULL;
		return true;
	}
	is_true = mysqldump_accept_word(reader, "true");
	*found = is_true || mysqldump_accept_word(reader, "false");
	if (!*found)
		return true;
	value->kind = MYSQLDUMP_NUMBER;
	return append_to_value(reader, is_true ? "1" : "0", 1, MAX_VALUE_BYTES);
}

bool
mysqldump_accept_word(MysqldumpReader *reader, const char *word)
{
	MysqldumpInput *input = &reader->input;
	size_t		word_len = strlen(word);
	size_t		len = mysqldump_input_need(input, word_len + 1);

	if (len < word_len || !mysqldump_same_word(word, input->cur, word_len) ||
		(len > word_len && mysqldump_is(input->cur[word_len], MYSQLDUMP_WORD)))
		return false;
	input->cur += word_len;
	return true;
}

/* Appends to the last value, whose text may have up to limit bytes. */
static inline bool
append_to_value(MysqldumpReader *reader, const char *data, size_t len,
				size_t limit)
{
	size_t		start = reader->spans[reader->nvalues - 1].start;

	if (len > limit - (reader->text.len - start))
		return mysqldump_fail_here(reader, NULL,
								   "a value is longer than %zu bytes",
								   MAX_VALUE_BYTES);
	mysqldump_buffer_append(&reader->text, data, len);
	return true;
}

/* Puts the character set's name in front of the last value's text. */
static void
append_charset(MysqldumpReader *reader, const char *name, size_t len)
{
	MysqldumpBuffer *buffer = &reader->text;
	MysqldumpSpan *span = &reader->spans[reader->nvalues - 1];

	span->charset = buffer->len;
	mysqldump_buffer_reserve(buffer, len + 1);
	mysqldump_lower(buffer->data + buffer->len, len + 1, name, len);
	buffer->len += len + 1;
	span->start = buffer->len;
}
