/*-------------------------------------------------------------------------
 *
 * blank.c
 *	  Texts that show nothing: see blank.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "base/blank.h"

/* Ranges of code points; in other encodings than UTF-8 only those of ASCII count. */
static const struct
{
	pg_wchar	first;
	pg_wchar	last;
}			blanks[] = {
	{0x01, 0x20},				/* control characters and the space */
	{0x7f, 0xa0},				/* more of them, and the no-break space */
	{0xad, 0xad},				/* soft hyphen */
	{0x034f, 0x034f},
	{0x061c, 0x061c},
	{0x115f, 0x1160},			/* fillers of Hangul */
	{0x1680, 0x1680},
	{0x17b4, 0x17b5},
	{0x180b, 0x180e},
	{0x2000, 0x200f},			/* spaces by width, and those without any */
	{0x2028, 0x202f},
	{0x205f, 0x206f},
	{0x2800, 0x2800},			/* Braille without a dot */
	{0x3000, 0x3000},			/* the space of East Asian texts */
	{0x3164, 0x3164},
	{0xfe00, 0xfe0f},			/* variation selectors */
	{0xfeff, 0xfeff},			/* byte order mark */
	{0xffa0, 0xffa0}
};

static bool is_blank_character(pg_wchar c);


bool
blank_text(const char *text, int len)
{
	const char *end = text + len;

	while (text < end)
	{
		int			length = Min(pg_mblen(text), (int) (end - text));
		pg_wchar	c = (unsigned char) *text;

		if (c >= 0x80 && GetDatabaseEncoding() != PG_UTF8)
			return false;
		if (c >= 0x80)
			c = utf8_to_unicode((const unsigned char *) text);
		if (!is_blank_character(c))
			return false;
		text += length;
	}
	return true;
}

static bool
is_blank_character(pg_wchar c)
{
	for (size_t i = 0; i < lengthof(blanks); i++)
	{
		if (c >= blanks[i].first && c <= blanks[i].last)
			return true;
	}
	return false;
}

char *
blank_characters(void)
{
	pg_wchar	greatest = GetDatabaseEncoding() == PG_UTF8 ? 0xffff : 0x7f;
	StringInfoData literal;

	initStringInfo(&literal);
	appendStringInfoString(&literal, "E'");
	for (size_t i = 0; i < lengthof(blanks); i++)
	{
		for (pg_wchar c = blanks[i].first; c <= Min(blanks[i].last, greatest); c++)
			appendStringInfo(&literal, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
	}
	appendStringInfoChar(&literal, '\'');
	return literal.data;
}
