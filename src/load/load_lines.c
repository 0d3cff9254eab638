/*-------------------------------------------------------------------------
 *
 * load_lines.c
 *	  A dump's tuples as lines of COPY's text format: see load_lines.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "load/load_columns.h"
#include "load/load_lines.h"
#include "load/load_position.h"
#include "mysql/mysqldump.h"

/* In bytes: only values beyond this bring a batch near a StringInfo's limit. */
#define LONG_VALUE		65536

static void append_value(Load *load, const LoadColumn *column,
						 const MysqldumpValue *value);
static void append_text(Load *load, const MysqldumpValue *value);
pg_noreturn static void raise_text_error(const Load *load,
										 const MysqldumpValue *value, int encoding);
static inline void append_short(StringInfo buf, const char *data, size_t len);
static void append_copy_escaped(StringInfo buf, const char *data, size_t len);


bool
load_postpone_tuple(Load *load)
{
	load->tuple_postponed = load->batch_tuples > 0;
	return load->tuple_postponed;
}

void
load_append_line(Load *load)
{
	const MysqldumpValue *values;

	if (load->bound_insert != mysqldump_insert_number(load->reader))
	{
		if (load_postpone_tuple(load))
			return;
		load_bind_insert(load);
	}

	mysqldump_values(load->reader, &values);
	for (int i = 0; i < load->ncolumns; i++)
	{
		const LoadColumn *column = &load->columns[i];

		if (i > 0)
			appendStringInfoCharMacro(&load->batch, '\t');
		if (column->value_index < 0)
			appendStringInfoString(&load->batch, "\\N");
		else
			append_value(load, column, &values[column->value_index]);
	}
	appendStringInfoCharMacro(&load->batch, '\n');
}

/* Appends a value, as its column's type needs it, in COPY's text format. */
static void
append_value(Load *load, const LoadColumn *column, const MysqldumpValue *value)
{
	StringInfo	line = &load->batch;

	if (value->kind == MYSQLDUMP_NULL)
	{
		appendStringInfoString(line, "\\N");
		return;
	}

	/* a StringInfo has at most 1 GB, which this line may need alone */
	if (value->len > LONG_VALUE && load_postpone_tuple(load))
		return;

	if (value->kind == MYSQLDUMP_NUMBER && column->kind != VALUE_BYTES &&
		column->kind != VALUE_BITS)
	{
		append_short(line, value->data, value->len);
		return;
	}

	switch (column->kind)
	{
		case VALUE_BYTES:
			mysql_append_bytes(line, value);
			return;
		case VALUE_BITS:
			mysql_append_bits(line, value);
			return;
		case VALUE_DATE:
			if (mysql_is_zero_date(value))
			{
				load->zero_dates++;
				appendStringInfoString(line, "\\N");
				return;
			}
			break;
		case VALUE_NUMBER:
			if (value->kind == MYSQLDUMP_BYTES || value->kind == MYSQLDUMP_BITS ||
				(column->mysql_bit && value->kind == MYSQLDUMP_STRING))
			{
				if (!mysql_append_integer(line, value) && !load_postpone_tuple(load))
					ereport(ERROR,
							(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							 errmsg("a binary value of column \"%s\" is too large for a number", column->name),
							 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
							 errhint("Change the column to type bytea, or load into a new table.")));
				return;
			}
			break;
		case VALUE_TEXT:
			break;
	}
	append_text(load, value);
}

/* Appends text, verified and converted to the database's encoding. */
static void
append_text(Load *load, const MysqldumpValue *value)
{
	int			encoding = load->encoding;
	int			server_encoding = GetDatabaseEncoding();
	char	   *converted;

	if (value->charset && !load->in_server_encoding &&
		!mysql_charset_encoding(value->charset, &encoding))
		encoding = load->encoding;

	if (!pg_verify_mbstr(encoding, value->data, value->len, true))
	{
		if (!load_postpone_tuple(load))
			raise_text_error(load, value, encoding);
		return;
	}
	if (encoding == server_encoding || server_encoding == PG_SQL_ASCII)
	{
		append_copy_escaped(&load->batch, value->data, value->len);
		return;
	}

	/* conversion fails when the database's encoding lacks a character */
	if (load_postpone_tuple(load))
		return;
	converted = (char *) pg_do_encoding_conversion((unsigned char *) unconstify(char *, value->data),
												   value->len, encoding, server_encoding);
	append_copy_escaped(&load->batch, converted,
						converted == value->data ? value->len : strlen(converted));
	if (converted != value->data)
		pfree(converted);
}

/* Raises the error for text that is not valid in the encoding. */
static void
raise_text_error(const Load *load, const MysqldumpValue *value, int encoding)
{
	if (memchr(value->data, '\0', value->len))
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("a text value contains a NUL character"),
				 errdetail("It is at %s; PostgreSQL's text cannot hold it. Nothing was loaded.", load_position_text(load)),
				 errhint("Change the staging column to type bytea, or correct the value in the old system.")));
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("a text value is not valid %s", pg_encoding_to_char(encoding)),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 errhint("Dump again with --default-character-set=utf8mb4; a dump in another encoding must declare it with SET NAMES.")));
}

/* The same as appendBinaryStringInfo(), but quicker for a few bytes. */
static inline void
append_short(StringInfo buf, const char *data, size_t len)
{
	char	   *to;

	if (len >= (size_t) (buf->maxlen - buf->len))
		enlargeStringInfo(buf, len);
	to = buf->data + buf->len;
	buf->len += len;
	for (size_t i = 0; i < len; i++)
		to[i] = data[i];
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

void
load_choose_encoding(Load *load)
{
	const char *charset = mysqldump_charset(load->reader);

	load->encoding = PG_UTF8;
	if (load->in_server_encoding)
		load->encoding = GetDatabaseEncoding();
	else if (charset && !mysqldump_was_utf16(load->reader) &&
			 !mysql_charset_encoding(charset, &load->encoding))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the dump's character set \"%s\" is not supported", charset),
				 errdetail("The dump declares it with SET NAMES, and a guess could garble names. Nothing was loaded."),
				 errhint("Dump again with --default-character-set=utf8mb4.")));
}
