/*-------------------------------------------------------------------------
 *
 * load_text.c
 *	  Text and names of a dump: see load_text.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "common/string.h"
#include "mb/pg_wchar.h"

#include "load/load_position.h"
#include "load/load_text.h"
#include "load/mysql_charset.h"
#include "load/staging.h"
#include "mysql/mysqldump.h"

static const char *text_charset(const Load *load, const LoadColumn *column,
								const MysqldumpValue *value);
static inline bool is_plain(const char *data, size_t len);
pg_noreturn static void raise_charset_error(const Load *load, const LoadColumn *column,
											const char *charset);
pg_noreturn static void raise_differing(const Load *load, const LoadColumn *column,
										const char *charset, unsigned char byte);
pg_noreturn static void raise_text_error(const Load *load, const LoadColumn *column,
										 const MysqldumpValue *value, int encoding);
static void append_copy_escaped(StringInfo buf, const char *data, size_t len);


void
load_choose_encoding(Load *load)
{
	const char *charset = mysqldump_charset(load->reader);

	if (load->in_server_encoding)
	{
		load->encoding = GetDatabaseEncoding();
		return;
	}
	if (charset && mysqldump_was_utf16(load->reader))
		charset = NULL;
	if (load->encoding_chosen && strcmp(load->charset, charset ? charset : "") == 0)
		return;

	load->encoding = PG_UTF8;
	if (charset && !mysql_charset_encoding(charset, &load->encoding))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the dump's character set \"%s\" is not supported", charset),
				 errdetail("The dump declares it with SET NAMES, and a guess could garble names. Nothing was loaded."),
				 errhint("Dump again with --default-character-set=utf8mb4.")));
	strlcpy(load->charset, charset ? charset : "", sizeof(load->charset));
	load->encoding_chosen = true;
}

bool
load_convert_name(void *arg, const char *charset, const char *name, char *to,
				  size_t size)
{
	const Load *load = arg;
	int			server_encoding = GetDatabaseEncoding();
	int			encoding = PG_UTF8;
	size_t		len = strlen(name);
	StringInfoData latin1;
	Oid			conversion;
	size_t		room;
	char	   *converted;

	if (load->in_server_encoding)
		encoding = server_encoding;
	else if (*charset && (!mysql_charset_encoding(charset, &encoding) ||
						  mysql_differing_character(charset, name, len)))
		return false;
	if (encoding == PG_WIN1252 && server_encoding != PG_WIN1252 &&
		server_encoding != PG_SQL_ASCII)
	{
		initStringInfo(&latin1);
		mysql_append_latin1(&latin1, name, len);
		name = latin1.data;
		len = latin1.len;
		encoding = PG_UTF8;
	}
	if (!pg_verify_mbstr(encoding, name, len, true))
		return false;

	if (encoding == server_encoding || server_encoding == PG_SQL_ASCII)
		return strlcpy(to, name, size) < size;

	conversion = FindDefaultConversionProc(encoding, server_encoding);
	if (!OidIsValid(conversion))
		return false;
	room = len * MAX_CONVERSION_GROWTH + 1;
	converted = palloc(room);
	return pg_do_encoding_conversion_buf(conversion, encoding, server_encoding,
										 (unsigned char *) unconstify(char *, name), len,
										 (unsigned char *) converted, room, true) == (int) len &&
		strlcpy(to, converted, size) < size;
}

void
load_append_text(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	int			server_encoding = GetDatabaseEncoding();
	int			encoding = load->encoding;
	const char *charset;
	const char *differing;
	const char *data = value->data;
	size_t		len = value->len;
	char	   *converted;

	/* all encodings here have ASCII */
	if (is_plain(data, len))
	{
		append_copy_escaped(&load->batch, data, len);
		return;
	}

	charset = text_charset(load, column, value);
	if (charset && !mysql_charset_encoding(charset, &encoding))
	{
		if (!load_postpone_tuple(load))
			raise_charset_error(load, column, charset);
		return;
	}
	/* bytes are in the column's character set, which may not be known */
	if (!pg_verify_mbstr(encoding, data, len, true) ||
		(value->kind == MYSQLDUMP_BYTES && !charset && encoding != PG_UTF8))
	{
		if (!load_postpone_tuple(load))
			raise_text_error(load, column, value, encoding);
		return;
	}
	if (!charset && !load->in_server_encoding)
		charset = load->charset;
	differing = charset ? mysql_differing_character(charset, data, len) : NULL;
	if (differing)
	{
		if (!load_postpone_tuple(load))
			raise_differing(load, column, charset, *differing);
		return;
	}

	if (encoding == PG_WIN1252 && server_encoding != PG_WIN1252 &&
		server_encoding != PG_SQL_ASCII)
	{
		column->garbled_in_line = pg_verify_mbstr(PG_UTF8, data, len, true);
		resetStringInfo(&load->text);
		mysql_append_latin1(&load->text, data, len);
		data = load->text.data;
		len = load->text.len;
		encoding = PG_UTF8;
	}
	else if (encoding == PG_UTF8)
		column->garbled_in_line = mysql_is_garbled(data, len);
	load->line_noted |= column->garbled_in_line;

	if (encoding == server_encoding || server_encoding == PG_SQL_ASCII)
	{
		append_copy_escaped(&load->batch, data, len);
		return;
	}

	/* conversion fails when the database's encoding lacks a character */
	if (load_postpone_tuple(load))
		return;
	load->converted = column->name;
	converted = (char *) pg_do_encoding_conversion((unsigned char *) unconstify(char *, data),
												   len, encoding, server_encoding);
	load->converted = NULL;
	append_copy_escaped(&load->batch, converted,
						converted == data ? len : strlen(converted));
	if (converted != data)
		pfree(converted);
}

/*
 * The character set of a value; NULL if it is that of the dump's text.  Text that
 * was converted before it came here has no other; bytes have their column's.
 */
static const char *
text_charset(const Load *load, const LoadColumn *column, const MysqldumpValue *value)
{
	bool		is_bytes = value->kind == MYSQLDUMP_BYTES;

	if (!is_bytes && (load->in_server_encoding || mysqldump_was_utf16(load->reader)))
		return NULL;
	if (value->charset)
		is_bytes = strcmp(value->charset, "binary") == 0;
	else
		is_bytes |= strcmp(load->charset, "binary") == 0;
	return is_bytes && column->charset ? column->charset : value->charset;
}

/* True for ASCII without a NUL, which is the same in all encodings. */
static inline bool
is_plain(const char *data, size_t len)
{
	const char *end = data + len;
	uint64		high = 0;
	uint64		chunk;

	/* a byte of zero borrows from its highest bit */
	for (; end - data >= (ptrdiff_t) sizeof(chunk); data += sizeof(chunk))
	{
		memcpy(&chunk, data, sizeof(chunk));
		high |= chunk | (chunk - UINT64CONST(0x0101010101010101));
	}
	if (high & UINT64CONST(0x8080808080808080))
		return false;
	for (; data < end; data++)
	{
		if ((signed char) *data <= 0)
			return false;
	}
	return true;
}

static void
raise_charset_error(const Load *load, const LoadColumn *column, const char *charset)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("column \"%s\" has a value in the character set \"%s\", which is not supported",
					column->name, pg_is_ascii(charset) ? charset : "?"),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 errhint("Dump again with mysqldump --default-character-set=utf8mb4.")));
}

static void
raise_differing(const Load *load, const LoadColumn *column, const char *charset,
				unsigned char byte)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("a value of column \"%s\" has a character of \"%s\" that PostgreSQL reads as another one",
					column->name, charset),
			 errdetail("The character begins with the byte 0x%02X. It is at %s. Nothing was loaded.",
					   byte, load_position_text(load)),
			 errhint("Dump again with mysqldump --default-character-set=utf8mb4.")));
}

/* Raises the error for text that is not valid in the encoding. */
static void
raise_text_error(const Load *load, const LoadColumn *column,
				 const MysqldumpValue *value, int encoding)
{
	if (memchr(value->data, '\0', value->len))
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("a text value of column \"%s\" contains a NUL character", column->name),
				 errdetail("It is at %s; PostgreSQL's text cannot hold it. Nothing was loaded.", load_position_text(load)),
				 errhint("Correct the value in the old system, or load it as bytes: %s",
						 staging_type_hint(load->rel, load->created, column->attnum, "bytea"))));
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 value->kind == MYSQLDUMP_BYTES ?
			 errmsg("the bytes of column \"%s\" are text in a character set that is not known", column->name) :
			 errmsg("a text value of column \"%s\" is not valid %s", column->name, pg_encoding_to_char(encoding)),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 load->encoding_chosen && load->charset[0] != '\0' ?
			 errhint("The dump says SET NAMES %s: if the file was edited or converted, dump it again; else load the bytes: %s",
					 load->charset, staging_type_hint(load->rel, load->created, column->attnum, "bytea")) :
			 errhint("Dump again with --default-character-set=utf8mb4; a dump in another encoding must declare it with SET NAMES.")));
}

/* Appends text, with what has a meaning in COPY's text format escaped. */
static void
append_copy_escaped(StringInfo buf, const char *data, size_t len)
{
	static const char escapes[256] = {
		['\\'] = '\\',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
	};
	const char *end = data + len;
	const char *start = data;

	for (const char *p = data; p < end; p++)
	{
		char		escape = escapes[(unsigned char) *p];

		if (escape == '\0')
			continue;
		appendBinaryStringInfo(buf, start, p - start);
		appendStringInfoChar(buf, '\\');
		appendStringInfoChar(buf, escape);
		start = p + 1;
	}
	appendBinaryStringInfo(buf, start, end - start);
}
