/*-------------------------------------------------------------------------
 *
 * php_scalar.c
 *	  PHP's null, booleans, numbers and strings: see php_scalar.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "base/format.h"
#include "source/php_reader.h"
#include "source/php_scalar.h"

/* The most characters of a double that are read; PHP writes about 25. */
#define MAX_DOUBLE_LENGTH 1000

#define HINT_LENGTH \
	"Lengths are in bytes: they are wrong when the value was edited, or converted from one character set to another. Load it as bytea, unchanged."
#define HINT_TEXT \
	"Strings must be UTF-8, but V1 has some in latin1. In PHP, unserialize this value, convert its strings, and serialize it again. Converting all of its bytes would make the lengths wrong."

static void refuse_non_number(const PhpReader *reader);
static Numeric double_numeric(const PhpReader *reader, size_t start, size_t length);
static bool skip_number_sign(PhpReader *reader);
static size_t skip_number_digits(PhpReader *reader);
static void set_text(PhpReader *reader, size_t length, JsonbValue *value);
static void add_string_context(void *arg);


void
php_read_null(PhpReader *reader, JsonbValue *value)
{
	php_expect(reader, "N;", "null");
	value->type = jbvNull;
}

void
php_read_boolean(PhpReader *reader, JsonbValue *value)
{
	int			digit;

	php_expect(reader, "b:", "a boolean");
	digit = php_next_byte(reader);
	if (digit == EOF)
		php_refuse_cut(reader, "a boolean");
	if (digit != '0' && digit != '1')
		php_refuse_damage(reader, "a boolean is neither 0 nor 1");
	reader->at++;
	php_expect(reader, ";", "a boolean");

	value->type = jbvBool;
	value->val.boolean = digit == '1';
}

void
php_read_integer(PhpReader *reader, JsonbValue *value)
{
	value->type = jbvNumeric;
	value->val.numeric = int64_to_numeric(php_read_int64(reader));
}

/* PHP would take the nearest 64-bit integer, with a warning. */
int64
php_read_int64(PhpReader *reader)
{
	size_t		start = reader->at;
	int64		number = 0;
	bool		negative;
	bool		overflow = false;

	php_expect(reader, "i:", "an integer");
	negative = skip_number_sign(reader);
	php_require_digits(reader, "an integer");

	/* Negative, since there is one more negative number than positive ones. */
	for (; php_is_digit(php_next_byte(reader)); reader->at++)
		overflow = overflow ||
			pg_mul_s64_overflow(number, 10, &number) ||
			pg_sub_s64_overflow(number, php_next_byte(reader) - '0', &number);
	php_expect(reader, ";", "an integer");

	if (overflow || (!negative && number == PG_INT64_MIN))
		php_refuse(reader, start, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
				   "an integer in the PHP value has more than 64 bits",
				   "PHP cannot have written it. " PHP_HINT_DAMAGED);
	return negative ? number : -number;
}

/* d:0.5; or d:.5; or d:5.; or d:1.0E+25; */
void
php_read_double(PhpReader *reader, JsonbValue *value)
{
	size_t		start;
	size_t		digits;
	size_t		length;

	php_expect(reader, "d:", "a double");
	refuse_non_number(reader);

	start = reader->at;
	skip_number_sign(reader);
	digits = skip_number_digits(reader);
	if (php_next_byte(reader) == '.')
	{
		reader->at++;
		digits += skip_number_digits(reader);
	}
	if (digits == 0)
		php_require_digits(reader, "a double");
	if (php_next_byte(reader) == 'E' || php_next_byte(reader) == 'e')
	{
		reader->at++;
		skip_number_sign(reader);
		php_require_digits(reader, "a double's exponent");
		skip_number_digits(reader);
	}

	length = reader->at - start;
	php_expect(reader, ";", "a double");

	value->type = jbvNumeric;
	value->val.numeric = double_numeric(reader, start, length);
}

/* Raises an error if an infinity or NaN comes next. */
static void
refuse_non_number(const PhpReader *reader)
{
	static const char *const names[] = {"INF;", "-INF;", "NAN;"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		size_t		length = strlen(names[i]);

		if (php_bytes_left(reader) >= length &&
			memcmp(reader->bytes + reader->at, names[i], length) == 0)
			php_refuse(reader, reader->at, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
					   "a double in the PHP value is infinite or not a number",
					   "JSON has no such number. Change it in the old system, or omit this value.");
	}
}

/*
 * The number that the text at start is, with all of its digits.  Its exponent
 * must fit into a double of PHP, where a number too small is 0.
 */
static Numeric
double_numeric(const PhpReader *reader, size_t start, size_t length)
{
	char	   *text;
	double		number;

	if (length > MAX_DOUBLE_LENGTH)
		php_refuse(reader, start, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
				   psprintf("a double in the PHP value has %s characters, but at most %s can be read",
							format_count(length), format_count(MAX_DOUBLE_LENGTH)),
				   "PHP writes about 25. " PHP_HINT_DAMAGED);

	text = pnstrdup(reader->bytes + start, length);

	number = strtod(text, NULL);
	if (isinf(number))
		php_refuse(reader, start, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
				   "a double in the PHP value is too large for PHP",
				   "PHP cannot have written it. " PHP_HINT_DAMAGED);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(number == 0 ? "0" : text),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/* Skips a sign if there is one; returns true if it is a minus. */
static bool
skip_number_sign(PhpReader *reader)
{
	int			sign = php_next_byte(reader);

	if (sign == '-' || sign == '+')
		reader->at++;
	return sign == '-';
}

/* Skips digits; returns their number. */
static size_t
skip_number_digits(PhpReader *reader)
{
	size_t		start = reader->at;

	while (php_is_digit(php_next_byte(reader)))
		reader->at++;
	return reader->at - start;
}

void
php_read_string(PhpReader *reader, JsonbValue *value)
{
	uint64		length;
	PhpReader	content;

	php_expect(reader, "s:", "a string");
	length = php_read_count(reader, "a string's length");
	php_expect(reader, ":\"", "a string");
	if (length > php_bytes_left(reader))
		php_refuse_cut(reader, psprintf("a string of %s", format_things(length, "byte")));

	content = *reader;
	reader->at += length;
	if (php_next_byte(reader) != EOF && php_next_byte(reader) != '"')
		php_refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
				   psprintf("the PHP value is damaged: a string of %s is not followed by a quote",
							format_things(length, "byte")),
				   HINT_LENGTH);
	php_expect(reader, "\";", "a string");
	set_text(&content, length, value);
}

/* Sets value to the next length bytes, converted to the database's encoding. */
static void
set_text(PhpReader *reader, size_t length, JsonbValue *value)
{
	const char *bytes = reader->bytes + reader->at;
	size_t		valid = pg_encoding_verifymbstr(PG_UTF8, bytes, length);
	ErrorContextCallback context;
	char	   *text;

	if (valid < length && bytes[valid] == '\0')
		php_refuse(reader, reader->at + valid, ERRCODE_UNTRANSLATABLE_CHARACTER,
				   "a string in the PHP value contains a NUL character",
				   "PostgreSQL's text and jsonb cannot hold it. Correct the value in the old system.");
	if (valid < length)
		php_refuse(reader, reader->at + valid, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
				   "a string in the PHP value is not valid UTF-8", HINT_TEXT);

	/* Conversion fails when the database's encoding lacks a character. */
	context.callback = add_string_context;
	context.arg = reader;
	context.previous = error_context_stack;
	error_context_stack = &context;
	text = (char *) pg_do_encoding_conversion((unsigned char *) unconstify(char *, bytes),
											  length, PG_UTF8, GetDatabaseEncoding());

	error_context_stack = context.previous;

	value->type = jbvString;
	value->val.string.val = text;
	value->val.string.len = text == bytes ? length : strlen(text);
}

/* Adds the string's offset to an error of the conversion. */
static void
add_string_context(void *arg)
{
	const PhpReader *reader = arg;

	errcontext("a string in the PHP value, at byte %zu", reader->at);
}
