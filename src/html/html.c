/*-------------------------------------------------------------------------
 *
 * html.c
 *	  A value as text of an HTML page: see html.h.
 *
 * menuca_html(value, at_most)
 *
 * Everything on the page that comes out of a table passes here.  The result is
 * ASCII, so that the page is the same in every encoding of server and client, and
 * may stand between tags and in quotes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/format.h"
#include "html/html.h"

PG_FUNCTION_INFO_V1(menuca_html);

#define REPLACEMENT_CHARACTER 0xFFFD

static const unsigned char *as_utf8(const char *value, size_t *length);
static pg_wchar next_character(const unsigned char **p, const unsigned char *end);
static bool is_harmful(pg_wchar character);
static void append_character(StringInfo html, pg_wchar character);


/* Returns the first at_most characters of a text, escaped; "" for NULL. */
Datum
menuca_html(PG_FUNCTION_ARGS)
{
	int			at_most = argument_int4(fcinfo, 1, "at_most");
	StringInfoData html;
	uint64		characters = 0;

	if (at_most < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("at_most must be at least 1"),
				 errdetail("It was given as %d.", at_most),
				 errhint("Omit it to see the first 240 characters.")));
	initStringInfo(&html);
	if (!PG_ARGISNULL(0))
		characters = html_append(&html, text_to_cstring(PG_GETARG_TEXT_PP(0)), at_most);
	if (characters > (uint64) at_most)
		appendStringInfo(&html, "&#8230; (%s characters)", format_count(characters));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(html.data, html.len));
}

uint64
html_append(StringInfo html, const char *value, int at_most)
{
	size_t		length;
	const unsigned char *p = as_utf8(value, &length);
	const unsigned char *end = p + length;
	uint64		characters = 0;

	for (; p < end; characters++)
	{
		pg_wchar	character = next_character(&p, end);

		if (characters < (uint64) at_most)
			append_character(html, character);
	}
	return characters;
}

/* The bytes of a text in UTF-8; of a database without an encoding, as they are. */
static const unsigned char *
as_utf8(const char *value, size_t *length)
{
	const unsigned char *bytes = (const unsigned char *) value;
	int			encoding = GetDatabaseEncoding();

	if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII)
		bytes = pg_do_encoding_conversion((unsigned char *) bytes, strlen(value), encoding, PG_UTF8);
	*length = strlen((const char *) bytes);
	return bytes;
}

/* Steps over a character and returns it; bytes that are none are replaced one by one. */
static pg_wchar
next_character(const unsigned char **p, const unsigned char *end)
{
	int			length = pg_utf_mblen(*p);
	pg_wchar	character;

	if (length > end - *p || !pg_utf8_islegal(*p, length))
	{
		(*p)++;
		return REPLACEMENT_CHARACTER;
	}
	character = utf8_to_unicode(*p);
	*p += length;
	return is_harmful(character) ? REPLACEMENT_CHARACTER : character;
}

/*
 * True for what no XML may hold, and for marks that would turn the direction of the
 * text around the value.
 */
static bool
is_harmful(pg_wchar character)
{
	return (character < 0x20 && character != '\t' && character != '\n' && character != '\r') ||
		(character >= 0x7F && character < 0xA0) ||
		character == 0x061C || character == 0x200E || character == 0x200F ||
		(character >= 0x202A && character <= 0x202E) ||
		(character >= 0x2066 && character <= 0x2069) ||
		(character & 0xFFFE) == 0xFFFE;
}

static void
append_character(StringInfo html, pg_wchar character)
{
	if (character >= 0x80 || strchr("&<>\"'`", (int) character) != NULL || character < 0x20)
		appendStringInfo(html, "&#%u;", (unsigned int) character);
	else
		appendStringInfoChar(html, (char) character);
}
