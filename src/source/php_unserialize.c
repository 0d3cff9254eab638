/*-------------------------------------------------------------------------
 *
 * php_unserialize.c
 *	  Values that PHP's serialize() wrote, as JSON: see php_unserialize.h.
 *
 *	  value:	N; | b:0; | b:1; | i:integer; | d:double; | string | array
 *	  string:	s:length:"bytes";
 *	  array:	a:count:{ key value key value ... }
 *	  key:		i:integer; | string
 *	  integer:	[ + | - ] digits
 *	  double:	[ + | - ] digits [ . digits ] [ e [ + | - ] digits ]
 *
 * Lengths are in bytes.  Nothing large is allocated on the word of a length
 * or a count, since these may be damaged, too.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/format.h"
#include "source/php_unserialize.h"

/* Room that is made for the elements of an array before there are any. */
#define FIRST_ELEMENTS 8

/* Bytes that an error shows. */
#define EXCERPT_LENGTH 20

#define HINT_DAMAGED \
	"Compare the value with the old system's; perhaps it is not PHP's, or was damaged on its way."
#define HINT_CUT \
	"The value was cut, perhaps by a column that was too short for it. Fetch the whole of it from the old system."
#define HINT_KIND \
	"Null, booleans, numbers, strings and arrays can be read. Let PHP itself convert this value, with json_encode()."
#define HINT_LIMIT \
	"Let PHP itself convert this value, with json_encode()."
#define HINT_LENGTH \
	"Lengths are in bytes: they are wrong when the value was converted from one character set to another, or edited. Load it as bytea, unchanged."
#define HINT_TEXT \
	"Strings must be UTF-8, and V1 has some in latin1. Let PHP read this value, convert its strings, and serialize it again; to convert all of its bytes would make the lengths wrong."

typedef struct Reader
{
	const char *bytes;
	size_t		length;
	size_t		at;				/* the next byte */
	int			depth;			/* arrays that are open */
} Reader;

/*
 * The elements of an array.  As long as it looks like a list, the key of an
 * element is its place; otherwise a key may be in several places, of which
 * the last one counts.
 */
typedef struct Elements
{
	JsonbPair  *pairs;
	int			count;
	int			allocated;
	bool		is_list;
} Elements;

static void read_value(Reader *reader, JsonbValue *value);
static void read_null(Reader *reader, JsonbValue *value);
static void read_boolean(Reader *reader, JsonbValue *value);
static void read_integer(Reader *reader, JsonbValue *value);
static int64 read_int64(Reader *reader);
static void read_double(Reader *reader, JsonbValue *value);
static void refuse_non_number(const Reader *reader);
static Numeric double_numeric(const Reader *reader, size_t start,
							  size_t length);
static bool skip_sign(Reader *reader);
static size_t skip_digits(Reader *reader);
static void read_string(Reader *reader, JsonbValue *value);
static void set_text(Reader *reader, size_t length, JsonbValue *value);
static void say_place(void *arg);
static void read_array(Reader *reader, JsonbValue *value);
static void read_elements(Reader *reader, uint64 count, Elements *elements);
static void read_key(Reader *reader, JsonbValue *key);
static void add_element(Elements *elements, const JsonbPair *pair);
static int	list_place(const JsonbValue *key);
static void set_list(const Elements *elements, JsonbValue *value);
static void set_object(const Elements *elements, JsonbValue *value);
static uint64 read_count(Reader *reader, const char *thing);
static int	next_byte(const Reader *reader);
static size_t bytes_left(const Reader *reader);
static bool is_digit(int c);
static void expect(Reader *reader, const char *literal, const char *thing);
static void require_digits(Reader *reader, const char *thing);
static Jsonb *stored_value(JsonbValue *value);
pg_noreturn static void refuse_kind(const Reader *reader);
pg_noreturn static void refuse_rest(const Reader *reader);
pg_noreturn static void refuse_cut(const Reader *reader, const char *thing);
pg_noreturn static void refuse_damage(const Reader *reader, const char *what);
pg_noreturn static void refuse(const Reader *reader, size_t at, int sqlstate,
							   const char *message, const char *hint);
static char *place_text(const Reader *reader, size_t at);

PG_FUNCTION_INFO_V1(menuca_php_unserialize);


/* menuca_php_unserialize(value) */
Datum
menuca_php_unserialize(PG_FUNCTION_ARGS)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_JSONB_P(php_unserialize(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}

Jsonb *
php_unserialize(const char *bytes, size_t length)
{
	Reader		reader = {bytes, length, 0, 0};
	JsonbValue	value;

	if (length == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("the PHP value is empty"),
				 errdetail("It has 0 bytes; even null has two, \"N;\"."),
				 errhint("Where an empty value means that there is none, write NULLIF(value, '').")));
	if (length > PHP_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the PHP value is too large"),
				 errdetail("It has %s bytes, and %s are read at most.",
						   format_count(length), format_count(PHP_MAX_BYTES)),
				 errhint(HINT_LIMIT)));

	read_value(&reader, &value);
	if (bytes_left(&reader) > 0)
		refuse_rest(&reader);
	return stored_value(&value);
}

static void
read_value(Reader *reader, JsonbValue *value)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	switch (next_byte(reader))
	{
		case 'N':
			read_null(reader, value);
			break;
		case 'b':
			read_boolean(reader, value);
			break;
		case 'i':
			read_integer(reader, value);
			break;
		case 'd':
			read_double(reader, value);
			break;
		case 's':
			read_string(reader, value);
			break;
		case 'a':
			read_array(reader, value);
			break;
		default:
			refuse_kind(reader);
	}
}

static void
read_null(Reader *reader, JsonbValue *value)
{
	expect(reader, "N;", "null");
	value->type = jbvNull;
}

static void
read_boolean(Reader *reader, JsonbValue *value)
{
	int			digit;

	expect(reader, "b:", "a boolean");
	digit = next_byte(reader);
	if (digit == EOF)
		refuse_cut(reader, "a boolean");
	if (digit != '0' && digit != '1')
		refuse_damage(reader, "a boolean is neither 0 nor 1");
	reader->at++;
	expect(reader, ";", "a boolean");

	value->type = jbvBool;
	value->val.boolean = digit == '1';
}

/*
 * Numbers
 */

static void
read_integer(Reader *reader, JsonbValue *value)
{
	value->type = jbvNumeric;
	value->val.numeric = int64_to_numeric(read_int64(reader));
}

/* Beyond 64 bits PHP takes the nearest integer, with a warning; we refuse. */
static int64
read_int64(Reader *reader)
{
	size_t		start = reader->at;
	int64		number = 0;
	bool		negative;
	bool		overflow = false;

	expect(reader, "i:", "an integer");
	negative = skip_sign(reader);
	require_digits(reader, "an integer");

	/* There is one more negative number than there are positive ones. */
	for (; is_digit(next_byte(reader)); reader->at++)
		overflow = overflow ||
			pg_mul_s64_overflow(number, 10, &number) ||
			pg_sub_s64_overflow(number, next_byte(reader) - '0', &number);
	expect(reader, ";", "an integer");

	if (overflow || (!negative && number == PG_INT64_MIN))
		refuse(reader, start, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
			   "an integer of the PHP value has more than 64 bits",
			   "PHP cannot have written it. " HINT_DAMAGED);
	return negative ? number : -number;
}

/* d:0.5; d:.5; d:5.; d:1.0E+25; */
static void
read_double(Reader *reader, JsonbValue *value)
{
	size_t		start;
	size_t		digits;
	size_t		length;

	expect(reader, "d:", "a double");
	refuse_non_number(reader);

	start = reader->at;
	skip_sign(reader);
	digits = skip_digits(reader);
	if (next_byte(reader) == '.')
	{
		reader->at++;
		digits += skip_digits(reader);
	}
	if (digits == 0)
		require_digits(reader, "a double");
	if (next_byte(reader) == 'E' || next_byte(reader) == 'e')
	{
		reader->at++;
		skip_sign(reader);
		require_digits(reader, "a double's exponent");
		skip_digits(reader);
	}

	length = reader->at - start;
	expect(reader, ";", "a double");

	value->type = jbvNumeric;
	value->val.numeric = double_numeric(reader, start, length);
}

static void
refuse_non_number(const Reader *reader)
{
	static const char *const names[] = {"INF;", "-INF;", "NAN;"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		size_t		length = strlen(names[i]);

		if (bytes_left(reader) >= length &&
			memcmp(reader->bytes + reader->at, names[i], length) == 0)
			refuse(reader, reader->at, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
				   "a double of the PHP value is infinite or not a number",
				   "JSON has no such number. Give it another value in the old system, or leave this value away.");
	}
}

/*
 * The number of this text, with all of its digits.  That PHP could hold it
 * bounds its exponent; what is too small for PHP is 0 there.
 */
static Numeric
double_numeric(const Reader *reader, size_t start, size_t length)
{
	char	   *text;
	double		number;

	if (length > PHP_MAX_DOUBLE_LENGTH)
		refuse(reader, start, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
			   psprintf("a double of the PHP value has %s characters, and %s are read at most",
						format_count(length), format_count(PHP_MAX_DOUBLE_LENGTH)),
			   "PHP writes about 25. " HINT_DAMAGED);

	text = pnstrdup(reader->bytes + start, length);

	number = strtod(text, NULL);
	if (isinf(number))
		refuse(reader, start, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
			   "a double of the PHP value is too large for PHP",
			   "PHP cannot have written it. " HINT_DAMAGED);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(number == 0 ? "0" : text),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/* Whether there is a minus. */
static bool
skip_sign(Reader *reader)
{
	int			sign = next_byte(reader);

	if (sign == '-' || sign == '+')
		reader->at++;
	return sign == '-';
}

/* How many there were. */
static size_t
skip_digits(Reader *reader)
{
	size_t		start = reader->at;

	while (is_digit(next_byte(reader)))
		reader->at++;
	return reader->at - start;
}

/*
 * Strings
 */

static void
read_string(Reader *reader, JsonbValue *value)
{
	uint64		length;
	Reader		place;

	expect(reader, "s:", "a string");
	length = read_count(reader, "a string's length");
	expect(reader, ":\"", "a string");
	if (length > bytes_left(reader))
		refuse_cut(reader, psprintf("a string of %s", format_things(length, "byte")));

	place = *reader;
	reader->at += length;
	if (next_byte(reader) != EOF && next_byte(reader) != '"')
		refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
			   psprintf("the PHP value is damaged: a string of %s is not followed by a quote",
						format_things(length, "byte")),
			   HINT_LENGTH);
	expect(reader, "\";", "a string");
	set_text(&place, length, value);
}

/* The string of this length that the reader is at, in the database's encoding. */
static void
set_text(Reader *reader, size_t length, JsonbValue *value)
{
	const char *bytes = reader->bytes + reader->at;
	size_t		valid = pg_encoding_verifymbstr(PG_UTF8, bytes, length);
	ErrorContextCallback context;
	char	   *text;

	if (valid < length && bytes[valid] == '\0')
		refuse(reader, reader->at + valid, ERRCODE_UNTRANSLATABLE_CHARACTER,
			   "a string of the PHP value contains a NUL character",
			   "PostgreSQL's text and jsonb cannot hold it. Clean the value in the old system.");
	if (valid < length)
		refuse(reader, reader->at + valid, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
			   "a string of the PHP value is not valid UTF-8", HINT_TEXT);

	/* The database's encoding may lack a character. */
	context.callback = say_place;
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

static void
say_place(void *arg)
{
	const Reader *reader = arg;

	errcontext("a string of the PHP value, at byte %zu", reader->at);
}

/*
 * Arrays
 */

static void
read_array(Reader *reader, JsonbValue *value)
{
	size_t		start = reader->at;
	Elements	elements = {.is_list = true};
	uint64		count;

	expect(reader, "a:", "an array");
	count = read_count(reader, "an array's count");
	expect(reader, ":{", "an array");
	if (++reader->depth > PHP_MAX_DEPTH)
		refuse(reader, start, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
			   psprintf("the PHP value has more than %d arrays inside each other", PHP_MAX_DEPTH),
			   HINT_LIMIT);

	elements.allocated = Max(Min(count, FIRST_ELEMENTS), 1);
	elements.pairs = palloc(elements.allocated * sizeof(JsonbPair));
	read_elements(reader, count, &elements);
	expect(reader, "}", "an array");
	reader->depth--;

	if (elements.is_list)
		set_list(&elements, value);
	else
		set_object(&elements, value);
}

static void
read_elements(Reader *reader, uint64 count, Elements *elements)
{
	for (uint64 n = 0; n < count; n++)
	{
		JsonbPair	pair = {0};

		if (next_byte(reader) == '}')
			refuse_damage(reader, psprintf("an array of %s ends after %s",
										   format_things(count, "element"), format_count(n)));
		read_key(reader, &pair.key);
		read_value(reader, &pair.value);
		add_element(elements, &pair);
	}
	if (next_byte(reader) != EOF && next_byte(reader) != '}')
		refuse_damage(reader, psprintf("an array of %s does not end where it should",
									   format_things(count, "element")));
}

/*
 * Integers as text.  PHP takes the string "7" for the integer 7, but not "07":
 * so equal keys have equal texts, and the other way round.
 */
static void
read_key(Reader *reader, JsonbValue *key)
{
	switch (next_byte(reader))
	{
		case 'i':
			key->type = jbvString;
			key->val.string.val = psprintf(INT64_FORMAT, read_int64(reader));
			key->val.string.len = strlen(key->val.string.val);
			break;
		case 's':
			read_string(reader, key);
			break;
		case 'S':
			refuse_kind(reader);
		case EOF:
			refuse_cut(reader, "an array");
		default:
			refuse_damage(reader, "a key of an array is neither an integer nor a string");
	}
}

/* A new key comes last; one that is there keeps its place and gets the value. */
static void
add_element(Elements *elements, const JsonbPair *pair)
{
	int			place = elements->is_list ? list_place(&pair->key) : -1;

	if (place >= 0 && place < elements->count)
	{
		elements->pairs[place].value = pair->value;
		return;
	}
	if (place != elements->count)
		elements->is_list = false;

	if (elements->count == elements->allocated)
	{
		elements->allocated *= 2;
		elements->pairs = repalloc(elements->pairs, elements->allocated * sizeof(JsonbPair));
	}
	elements->pairs[elements->count++] = *pair;
}

/* The place in a list that the key means, or -1. */
static int
list_place(const JsonbValue *key)
{
	const char *text = key->val.string.val;
	int			length = key->val.string.len;
	int			place = 0;

	/* No list of PHP_MAX_BYTES has longer ones. */
	if (length == 0 || length > 8 || (text[0] == '0' && length > 1))
		return -1;
	for (int i = 0; i < length; i++)
	{
		if (!is_digit(text[i]))
			return -1;
		place = place * 10 + (text[i] - '0');
	}
	return place;
}

static void
set_list(const Elements *elements, JsonbValue *value)
{
	JsonbValue *values = palloc(Max(elements->count, 1) * sizeof(JsonbValue));

	for (int i = 0; i < elements->count; i++)
		values[i] = elements->pairs[i].value;

	value->type = jbvArray;
	value->val.array.nElems = elements->count;
	value->val.array.elems = values;
	value->val.array.rawScalar = false;
}

static void
set_object(const Elements *elements, JsonbValue *value)
{
	value->type = jbvObject;
	value->val.object.nPairs = elements->count;
	value->val.object.pairs = elements->pairs;
}

/*
 * Bytes
 */

/* A length or a count. */
static uint64
read_count(Reader *reader, const char *thing)
{
	size_t		start = reader->at;
	uint64		count = 0;

	require_digits(reader, thing);
	for (; is_digit(next_byte(reader)); reader->at++)
	{
		if (pg_mul_u64_overflow(count, 10, &count) ||
			pg_add_u64_overflow(count, next_byte(reader) - '0', &count))
			refuse(reader, start, ERRCODE_INVALID_TEXT_REPRESENTATION,
				   psprintf("the PHP value is damaged: %s has more than 64 bits", thing),
				   HINT_DAMAGED);
	}
	return count;
}

/* EOF at the end */
static int
next_byte(const Reader *reader)
{
	return reader->at < reader->length ? (unsigned char) reader->bytes[reader->at] : EOF;
}

static size_t
bytes_left(const Reader *reader)
{
	return reader->length - reader->at;
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static void
expect(Reader *reader, const char *literal, const char *thing)
{
	for (; *literal != '\0'; literal++)
	{
		if (next_byte(reader) == EOF)
			refuse_cut(reader, thing);
		if (next_byte(reader) != *literal)
			refuse_damage(reader, psprintf("'%c' is missing in %s", *literal, thing));
		reader->at++;
	}
}

static void
require_digits(Reader *reader, const char *thing)
{
	if (next_byte(reader) == EOF)
		refuse_cut(reader, thing);
	if (!is_digit(next_byte(reader)))
		refuse_damage(reader, psprintf("a digit is missing in %s", thing));
}

/*
 * The value as it is stored.  What is pushed into a container gets its keys
 * sorted, and rid of the same key's earlier values, at every level.
 */
static Jsonb *
stored_value(JsonbValue *value)
{
	JsonbParseState *state = NULL;
	JsonbValue *wrapper;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	pushJsonbValue(&state, WJB_ELEM, value);
	wrapper = pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbValueToJsonb(&wrapper->val.array.elems[0]);
}

/*
 * Refusals
 */

/* Where a value should begin. */
static void
refuse_kind(const Reader *reader)
{
	static const struct
	{
		char		letter;
		const char *name;
	}			kinds[] = {
		{'O', "an object"},
		{'o', "an object of PHP 3"},
		{'C', "an object that serializes itself"},
		{'E', "an enum case"},
		{'R', "a reference"},
		{'r', "a reference to an object"},
		{'S', "an escaped string"},
	};

	if (next_byte(reader) == EOF)
		refuse_cut(reader, "an array");
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (next_byte(reader) == kinds[i].letter)
			refuse(reader, reader->at, ERRCODE_FEATURE_NOT_SUPPORTED,
				   psprintf("the PHP value contains %s, which cannot be read", kinds[i].name),
				   HINT_KIND);
	}
	refuse_damage(reader, "no value begins like this");
}

static void
refuse_rest(const Reader *reader)
{
	refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
		   psprintf("the PHP value is followed by %s",
					format_things(bytes_left(reader), "byte")),
		   psprintf("If they mean nothing, read substr(value, 1, %zu).", reader->at));
}

static void
refuse_cut(const Reader *reader, const char *thing)
{
	refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
		   psprintf("the PHP value ends in the middle of %s", thing), HINT_CUT);
}

static void
refuse_damage(const Reader *reader, const char *what)
{
	refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
		   psprintf("the PHP value is damaged: %s", what), HINT_DAMAGED);
}

static void
refuse(const Reader *reader, size_t at, int sqlstate, const char *message,
	   const char *hint)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s", message),
			 errdetail("It is at byte %zu of %zu, counted from 0: %s",
					   at, reader->length, place_text(reader, at)),
			 errhint("%s", hint)));
}

/* What is there: its bytes, those that are not plain ASCII as \xHH. */
static char *
place_text(const Reader *reader, size_t at)
{
	size_t		end = Min(reader->length, at + EXCERPT_LENGTH);
	StringInfoData buf;

	if (at == reader->length)
		return "the end";
	initStringInfo(&buf);
	for (size_t i = at; i < end; i++)
	{
		unsigned char byte = reader->bytes[i];

		if (byte == '\\')
			appendStringInfoString(&buf, "\\\\");
		else if (byte >= ' ' && byte <= '~')
			appendStringInfoChar(&buf, byte);
		else
			appendStringInfo(&buf, "\\x%02x", byte);
	}
	if (end < reader->length)
		appendStringInfoString(&buf, " ...");
	return buf.data;
}
