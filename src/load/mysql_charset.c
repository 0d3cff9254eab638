/*-------------------------------------------------------------------------
 *
 * mysql_charset.c
 *	  MySQL's character sets: see mysql_charset.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "load/mysql_charset.h"

/* MySQL's character sets and the server's encodings for them. */
static const struct
{
	const char *mysql;
	int			encoding;
}			charsets[] = {
	{"utf8", PG_UTF8},
	{"utf8mb3", PG_UTF8},
	{"utf8mb4", PG_UTF8},
	{"ascii", PG_UTF8},
	{"binary", PG_UTF8},
	{"latin1", PG_WIN1252},		/* MySQL's latin1 is windows-1252 */
	{"latin2", PG_LATIN2},
	{"latin5", PG_LATIN5},
	{"latin7", PG_LATIN7},
	{"greek", PG_ISO_8859_7},
	{"hebrew", PG_ISO_8859_8},
	{"cp1250", PG_WIN1250},
	{"cp1251", PG_WIN1251},
	{"cp1256", PG_WIN1256},
	{"cp1257", PG_WIN1257},
	{"cp866", PG_WIN866},
	{"koi8r", PG_KOI8R},
	{"koi8u", PG_KOI8U},
	{"tis620", PG_WIN874},
	{"cp932", PG_SJIS},
	{"ujis", PG_EUC_JP},
	{"eucjpms", PG_EUC_JP},
	{"euckr", PG_EUC_KR},
	{"gb2312", PG_EUC_CN},
	{"gbk", PG_GBK},
	{"gb18030", PG_GB18030},
	{"big5", PG_BIG5},
};

/*
 * Single bytes that MySQL reads as other characters than the server, or as none.
 * MySQL's sjis has hundreds, so it is not in the list above.
 */
static const struct
{
	const char *mysql;
	const char *bytes;
}			differing_bytes[] = {
	{"cp1256", "\x8a\x8f\x98\x9a\x9f\xaa\xc0\xff"},
	{"cp866", "\xfc\xfd"},
	{"greek", "\xa1\xa2\xa4\xa5\xaa"},
	{"hebrew", "\xaf"},
	{"koi8u", "\x95"},
	{"tis620", "\x80\x85\x91\x92\x93\x94\x95\x96\x97\xa0"},
};

/* The characters of the bytes 0x80 to 0x9F of MySQL's latin1. */
static const uint16 latin1_characters[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
	0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178
};

static bool differs_in_ujis(const unsigned char *p);
static bool differs_in_euckr(const unsigned char *p);
static bool is_pair_in(const char *pairs, const unsigned char *p);
static int	latin1_byte(pg_wchar character);
static int	following_bytes(int byte);


bool
mysql_charset_encoding(const char *charset, int *encoding)
{
	for (size_t i = 0; i < lengthof(charsets); i++)
	{
		if (strcmp(charset, charsets[i].mysql) == 0)
		{
			*encoding = charsets[i].encoding;
			return true;
		}
	}
	return false;
}

const char *
mysql_differing_character(const char *charset, const char *data, size_t len)
{
	const char *end = data + len;

	for (size_t i = 0; i < lengthof(differing_bytes); i++)
	{
		if (strcmp(charset, differing_bytes[i].mysql) != 0)
			continue;
		for (const char *p = data; p < end; p++)
		{
			if (*p != '\0' && strchr(differing_bytes[i].bytes, *p))
				return p;
		}
		return NULL;
	}

	if (strcmp(charset, "ujis") == 0 || strcmp(charset, "euckr") == 0)
	{
		bool		is_ujis = *charset == 'u';

		for (const char *p = data; p < end; p += pg_encoding_mblen(is_ujis ? PG_EUC_JP : PG_EUC_KR, p))
		{
			const unsigned char *c = (const unsigned char *) p;

			if (*c >= 0x80 && (is_ujis ? differs_in_ujis(c) : differs_in_euckr(c)))
				return p;
		}
	}
	return NULL;
}

/* Row 13 and the last rows of the second plane are IBM's and NEC's, not JIS. */
static bool
differs_in_ujis(const unsigned char *p)
{
	if (*p == 0x8F)
		return p[1] >= 0xF3 || is_pair_in("\xa2\xc3", p + 1);
	return *p == 0xAD ||
		is_pair_in("\xa1\xc0\xa1\xc1\xa1\xc2\xa1\xdd\xa1\xf1\xa1\xf2\xa2\xcc", p);
}

static bool
differs_in_euckr(const unsigned char *p)
{
	return is_pair_in("\xa2\xe8", p);
}

/* True if the two bytes are one of the pairs. */
static bool
is_pair_in(const char *pairs, const unsigned char *p)
{
	for (; *pairs; pairs += 2)
	{
		if (memcmp(pairs, p, 2) == 0)
			return true;
	}
	return false;
}

void
mysql_append_latin1(StringInfo buf, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		unsigned char byte = data[i];
		unsigned char utf8[4];

		if (byte < 0x80)
			appendStringInfoCharMacro(buf, byte);
		else
		{
			unicode_to_utf8(byte < 0xA0 ? latin1_characters[byte - 0x80] : byte, utf8);
			appendBinaryStringInfo(buf, (char *) utf8, pg_utf_mblen(utf8));
		}
	}
}

/* The first byte of each sequence is at least 0xC2, so its character has 0xC3. */
bool
mysql_is_garbled(const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *) data;
	const unsigned char *end = p + len;
	int			missing = 0;

	if (memchr(data, 0xC3, len) == NULL)
		return false;
	while (p < end)
	{
		int			byte = *p;

		if (byte >= 0x80)
			byte = latin1_byte(utf8_to_unicode(p));
		p += pg_utf_mblen(p);

		if (byte >= 0x80 && byte <= 0xBF && missing > 0)
			missing--;
		else if (missing > 0 || (byte >= 0x80 && byte < 0xC2))
			return false;
		else if (byte >= 0x80)
		{
			missing = following_bytes(byte);
			if (missing == 0)
				return false;
		}
		else if (byte < 0)
			return false;
	}
	return missing == 0;
}

/* The byte of a character in MySQL's latin1, or -1. */
static int
latin1_byte(pg_wchar character)
{
	if (character < 0x80 || (character >= 0xA0 && character <= 0xFF))
		return character;
	for (int i = 0; i < (int) lengthof(latin1_characters); i++)
	{
		if (latin1_characters[i] == character)
			return 0x80 + i;
	}
	return -1;
}

/* How many bytes follow this first byte of a sequence in UTF-8; 0: none may. */
static int
following_bytes(int byte)
{
	if (byte >= 0xC2 && byte <= 0xDF)
		return 1;
	if (byte >= 0xE0 && byte <= 0xEF)
		return 2;
	return byte >= 0xF0 && byte <= 0xF4 ? 3 : 0;
}
