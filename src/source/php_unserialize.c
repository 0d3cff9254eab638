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
 * Lengths are in bytes.  A length or a count is never used to allocate much
 * memory, since it may be damaged, too.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "base/compat.h"
#include "base/format.h"
#include "source/php_reader.h"
#include "source/php_scalar.h"
#include "source/php_unserialize.h"

/* Room for the elements of an array at first; it doubles when it is full. */
#define FIRST_ELEMENTS 8

#define HINT_KIND \
	"Only null, booleans, numbers, strings and arrays can be read. Convert this value in PHP, with json_encode()."
#define HINT_LIMIT \
	"Convert this value in PHP, with json_encode()."

/*
 * The elements of an array.  As long as it is a list, the key of each element is
 * its index.  Otherwise several elements may have the same key, of which the
 * last one counts.
 */
typedef struct Elements
{
	JsonbPair  *pairs;
	int			count;
	int			allocated;
	bool		is_list;		/* the keys so far are 0, 1, 2 and so on */
} Elements;

static void read_value(PhpReader *reader, JsonbValue *value);
static void read_array(PhpReader *reader, JsonbValue *value);
static void read_elements(PhpReader *reader, uint64 count, Elements *elements);
static void read_key(PhpReader *reader, JsonbValue *key);
static void add_element(Elements *elements, const JsonbPair *pair);
static int	list_index(const JsonbValue *key);
static void set_list(const Elements *elements, JsonbValue *value);
static void set_object(const Elements *elements, JsonbValue *value);
static Jsonb *stored_value(JsonbValue *value);
pg_noreturn static void refuse_kind(const PhpReader *reader);
pg_noreturn static void refuse_rest(const PhpReader *reader);

PG_FUNCTION_INFO_V1(menuca_php_unserialize);


/* menuca_php_unserialize(value bytea): returns the value as jsonb. */
Datum
menuca_php_unserialize(PG_FUNCTION_ARGS)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_JSONB_P(php_unserialize(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}

Jsonb *
php_unserialize(const char *bytes, size_t length)
{
	PhpReader	reader = {bytes, length, 0, 0};
	JsonbValue	value;

	if (length == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("the PHP value is empty"),
				 errdetail("It has 0 bytes; even null has two, \"N;\"."),
				 errhint("If an empty value means NULL, write NULLIF(value, '').")));
	if (length > PHP_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the PHP value is too large"),
				 errdetail("It has %s bytes, but at most %s can be read.",
						   format_count(length), format_count(PHP_MAX_BYTES)),
				 errhint(HINT_LIMIT)));

	read_value(&reader, &value);
	if (php_bytes_left(&reader) > 0)
		refuse_rest(&reader);
	return stored_value(&value);
}

static void
read_value(PhpReader *reader, JsonbValue *value)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	switch (php_next_byte(reader))
	{
		case 'N':
			php_read_null(reader, value);
			break;
		case 'b':
			php_read_boolean(reader, value);
			break;
		case 'i':
			php_read_integer(reader, value);
			break;
		case 'd':
			php_read_double(reader, value);
			break;
		case 's':
			php_read_string(reader, value);
			break;
		case 'a':
			read_array(reader, value);
			break;
		default:
			refuse_kind(reader);
	}
}

static void
read_array(PhpReader *reader, JsonbValue *value)
{
	size_t		start = reader->at;
	Elements	elements = {.is_list = true};
	uint64		count;

	php_expect(reader, "a:", "an array");
	count = php_read_count(reader, "an array's count");
	php_expect(reader, ":{", "an array");
	if (++reader->depth > PHP_MAX_DEPTH)
		php_refuse(reader, start, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
				   psprintf("the PHP value has more than %d levels of nested arrays", PHP_MAX_DEPTH),
				   HINT_LIMIT);

	elements.allocated = Max(Min(count, FIRST_ELEMENTS), 1);
	elements.pairs = palloc(elements.allocated * sizeof(JsonbPair));
	read_elements(reader, count, &elements);
	php_expect(reader, "}", "an array");
	reader->depth--;

	if (elements.is_list)
		set_list(&elements, value);
	else
		set_object(&elements, value);
}

static void
read_elements(PhpReader *reader, uint64 count, Elements *elements)
{
	for (uint64 n = 0; n < count; n++)
	{
		JsonbPair	pair = {0};

		if (php_next_byte(reader) == '}')
			php_refuse_damage(reader, psprintf("an array of %s ends after %s",
											   format_things(count, "element"), format_count(n)));
		read_key(reader, &pair.key);
		read_value(reader, &pair.value);
		add_element(elements, &pair);
	}
	if (php_next_byte(reader) != EOF && php_next_byte(reader) != '}')
		php_refuse_damage(reader, psprintf("an array of %s does not end where it should",
										   format_things(count, "element")));
}

/*
 * Reads a key as text.  In PHP the key "7" equals the key 7, but "07" does not:
 * so keys are equal if and only if their texts are.
 */
static void
read_key(PhpReader *reader, JsonbValue *key)
{
	switch (php_next_byte(reader))
	{
		case 'i':
			key->type = jbvString;
			key->val.string.val = psprintf(INT64_FORMAT, php_read_int64(reader));
			key->val.string.len = strlen(key->val.string.val);
			break;
		case 's':
			php_read_string(reader, key);
			break;
		case 'S':
			refuse_kind(reader);
		case EOF:
			php_refuse_cut(reader, "an array");
		default:
			php_refuse_damage(reader, "a key of an array is neither an integer nor a string");
	}
}

/* Adds an element; in a list, one with an existing key replaces its value. */
static void
add_element(Elements *elements, const JsonbPair *pair)
{
	int			index = elements->is_list ? list_index(&pair->key) : -1;

	if (index >= 0 && index < elements->count)
	{
		elements->pairs[index].value = pair->value;
		return;
	}
	if (index != elements->count)
		elements->is_list = false;

	if (elements->count == elements->allocated)
	{
		elements->allocated *= 2;
		elements->pairs = repalloc(elements->pairs, elements->allocated * sizeof(JsonbPair));
	}
	elements->pairs[elements->count++] = *pair;
}

/* The index in a list that the key means, or -1. */
static int
list_index(const JsonbValue *key)
{
	const char *text = key->val.string.val;
	int			length = key->val.string.len;
	int			index = 0;

	/* A list in PHP_MAX_BYTES has no index with more digits. */
	if (length == 0 || length > 8 || (text[0] == '0' && length > 1))
		return -1;
	for (int i = 0; i < length; i++)
	{
		if (!php_is_digit(text[i]))
			return -1;
		index = index * 10 + (text[i] - '0');
	}
	return index;
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
 * The value as it is stored.  Pushing it into a container sorts the keys of all
 * its objects, and removes the earlier values of equal keys.
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

/* Raises the error for a byte that begins no value that can be read. */
static void
refuse_kind(const PhpReader *reader)
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

	if (php_next_byte(reader) == EOF)
		php_refuse_cut(reader, "an array");
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (php_next_byte(reader) == kinds[i].letter)
			php_refuse(reader, reader->at, ERRCODE_FEATURE_NOT_SUPPORTED,
					   psprintf("the PHP value contains %s, which cannot be read", kinds[i].name),
					   HINT_KIND);
	}
	php_refuse_damage(reader, "no value begins with this byte");
}

/* Raises the error for bytes after the value. */
static void
refuse_rest(const PhpReader *reader)
{
	php_refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
			   psprintf("the PHP value is followed by %s",
						format_things(php_bytes_left(reader), "byte")),
			   psprintf("If they mean nothing, pass substr(value, 1, %zu).", reader->at));
}
