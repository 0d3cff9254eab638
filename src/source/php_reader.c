/*-------------------------------------------------------------------------
 *
 * php_reader.c
 *	  The bytes of a PHP value: see php_reader.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "lib/stringinfo.h"

#include "source/php_reader.h"

/* The number of bytes that an error shows. */
#define EXCERPT_LENGTH 20

#define HINT_CUT \
	"The value was truncated, perhaps by a column that was too short. Fetch the complete value from the old system."

static char *excerpt(const PhpReader *reader, size_t at);


uint64
php_read_count(PhpReader *reader, const char *thing)
{
	size_t		start = reader->at;
	uint64		count = 0;

	php_require_digits(reader, thing);
	for (; php_is_digit(php_next_byte(reader)); reader->at++)
	{
		if (pg_mul_u64_overflow(count, 10, &count) ||
			pg_add_u64_overflow(count, php_next_byte(reader) - '0', &count))
			php_refuse(reader, start, ERRCODE_INVALID_TEXT_REPRESENTATION,
					   psprintf("the PHP value is damaged: %s has more than 64 bits", thing),
					   PHP_HINT_DAMAGED);
	}
	return count;
}

void
php_expect(PhpReader *reader, const char *literal, const char *thing)
{
	for (; *literal != '\0'; literal++)
	{
		if (php_next_byte(reader) == EOF)
			php_refuse_cut(reader, thing);
		if (php_next_byte(reader) != *literal)
			php_refuse_damage(reader, psprintf("'%c' is missing in %s", *literal, thing));
		reader->at++;
	}
}

void
php_require_digits(PhpReader *reader, const char *thing)
{
	if (php_next_byte(reader) == EOF)
		php_refuse_cut(reader, thing);
	if (!php_is_digit(php_next_byte(reader)))
		php_refuse_damage(reader, psprintf("a digit is missing in %s", thing));
}

void
php_refuse_cut(const PhpReader *reader, const char *thing)
{
	php_refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
			   psprintf("the PHP value ends in the middle of %s", thing), HINT_CUT);
}

void
php_refuse_damage(const PhpReader *reader, const char *what)
{
	php_refuse(reader, reader->at, ERRCODE_INVALID_TEXT_REPRESENTATION,
			   psprintf("the PHP value is damaged: %s", what), PHP_HINT_DAMAGED);
}

void
php_refuse(const PhpReader *reader, size_t at, int sqlstate, const char *message,
		   const char *hint)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s", message),
			 errdetail("It is at byte %zu of %zu, counted from 0: %s",
					   at, reader->length, excerpt(reader, at)),
			 errhint("%s", hint)));
}

/* The bytes at an offset; those that are not plain ASCII as \xHH. */
static char *
excerpt(const PhpReader *reader, size_t at)
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
