/*-------------------------------------------------------------------------
 *
 * load_values.c
 *	  Values of a dump as fields of COPY: see load_values.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "base/format.h"
#include "load/load_position.h"
#include "load/load_text.h"
#include "load/load_values.h"
#include "load/mysql_dates.h"
#include "load/staging.h"
#include "mysql/mysqldump.h"

/* Bytes that a line of COPY has beside its last value's digits. */
#define LINE_ROOM	64

static bool is_refused(Load *load, LoadColumn *column, const MysqldumpValue *value);
static bool is_changed_by_conversion(const Load *load, const LoadColumn *column,
									 const MysqldumpValue *value);
static void refuse_converted(Load *load, const LoadColumn *column);
static bool loses_spaces(const Load *load, const LoadColumn *column,
						 const MysqldumpValue *value);
static void append_bit_value(Load *load, LoadColumn *column,
							 const MysqldumpValue *value);
static void append_bit_string(Load *load, const LoadColumn *column,
							  const MysqldumpValue *value);
static void append_zeros(StringInfo buf, size_t count);
static void append_number(Load *load, LoadColumn *column, const MysqldumpValue *value);
static bool is_raw_number(const LoadColumn *column, const MysqldumpValue *value);
static void append_time(Load *load, LoadColumn *column, const MysqldumpValue *value);
static void append_date(Load *load, LoadColumn *column, const MysqldumpValue *value);
static void append_time_zone(Load *load, StringInfo line, size_t len);
static bool is_text(const MysqldumpValue *value);
static void refuse_value(Load *load, const LoadColumn *column,
						 const MysqldumpValue *value, const char *problem,
						 const char *type);
static char *shown_value(const MysqldumpValue *value);


void
load_append_value(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	if (is_changed_by_conversion(load, column, value))
	{
		refuse_converted(load, column);
		return;
	}
	if (column->bit_width > 0)
	{
		append_bit_value(load, column, value);
		return;
	}
	if (is_refused(load, column, value))
		return;
	switch (column->kind)
	{
		case VALUE_BYTES:
			/* COPY gets two digits for each byte, and at most 1 GB for a row */
			if (value->len > (MaxAllocSize - load->batch.len) / 2 - LINE_ROOM)
				refuse_value(load, column, value,
							 psprintf("has %s, more than a bytea can be loaded with",
									  format_things(value->len, "byte")), NULL);
			else
				mysql_append_bytes(&load->batch, value);
			return;
		case VALUE_BITS:
			/* '101' of a VARCHAR, say, are the digits themselves */
			if (!is_text(value) || !column->mysql_type)
			{
				append_bit_value(load, column, value);
				return;
			}
			break;
		case VALUE_DATE:
		case VALUE_TIMESTAMP:
		case VALUE_TIMESTAMPTZ:
			append_date(load, column, value);
			return;
		case VALUE_TIME:
			append_time(load, column, value);
			return;
		case VALUE_NUMBER:
			append_number(load, column, value);
			return;
		case VALUE_TEXT:
			break;
	}
	load_append_text(load, column, value);
}

/* Refuses what MySQL stores otherwise than it is written, or the column would. */
static bool
is_refused(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	bool		is_stored = column->kind == VALUE_TEXT || column->kind == VALUE_BYTES;

	if (column->is_enum && value->kind == MYSQLDUMP_NUMBER)
		refuse_value(load, column, value,
					 psprintf("is the number of a value of its type, %s", column->mysql_type), NULL);
	else if (column->is_string && is_stored && value->kind == MYSQLDUMP_NUMBER &&
			 !mysql_is_stored_number(value->data, value->len))
		refuse_value(load, column, value, "is a number that MySQL stores in another form", NULL);
	else if (column->is_string && column->kind == VALUE_TEXT && value->kind == MYSQLDUMP_BITS)
		refuse_value(load, column, value, "is written as bits, which stand for bytes", "bytea");
	else if (column->kind == VALUE_TEXT && loses_spaces(load, column, value))
		refuse_value(load, column, value, "ends with spaces that the column does not keep", "text");
	else
		return false;
	return true;
}

/* Bytes that are no text do not survive that a file is converted. */
static bool
is_changed_by_conversion(const Load *load, const LoadColumn *column, const MysqldumpValue *value)
{
	const char *type = column->mysql_type;

	if (value->kind != MYSQLDUMP_STRING ||
		(column->kind != VALUE_BYTES && column->kind != VALUE_BITS && column->bit_width == 0))
		return false;
	if (type && (strstr(type, "char") || strstr(type, "text")))
		return false;
	if (!mysqldump_was_utf16(load->reader) &&
		!(load->in_server_encoding && GetDatabaseEncoding() != PG_UTF8))
		return false;
	for (size_t i = 0; i < value->len; i++)
	{
		if (value->data[i] & 0x80)
			return true;
	}
	return false;
}

static void
refuse_converted(Load *load, const LoadColumn *column)
{
	if (load_postpone_tuple(load))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("bytes of column \"%s\" were changed when the dump was converted to another encoding",
					column->name),
			 errdetail("They are at %s; the dump is %s. Nothing was loaded.", load_position_text(load),
					   mysqldump_was_utf16(load->reader) ? "UTF-16" : "a text in the database's encoding"),
			 errhint("Load the file as mysqldump wrote it, or dump again with --hex-blob.")));
}

/* True if the column drops spaces from the value's end without an error. */
static bool
loses_spaces(const Load *load, const LoadColumn *column, const MysqldumpValue *value)
{
	int			chars = 0;

	if (column->max_chars < 0 || value->len == 0 || value->data[value->len - 1] != ' ')
		return false;
	for (size_t i = 0; i < value->len && chars <= column->max_chars; chars++)
		i += pg_encoding_mblen(load->encoding, value->data + i);
	return chars > column->max_chars;
}

/*
 * Appends a value of a BIT, or for a bit string.  Like MySQL's strict mode, it
 * takes leading zeros, but no more digits than the dump's column has.
 */
static void
append_bit_value(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	StringInfo	digits = &load->text;

	if (!mysql_bit_digits(digits, value))
	{
		refuse_value(load, column, value, "is no bit string",
					 column->bit_width > 0 ? NULL : "text");
		return;
	}
	if (column->bit_width > 0 && digits->len > column->bit_width)
	{
		refuse_value(load, column, value,
					 psprintf("has more than the %d bits of the dump's column",
							  column->bit_width), NULL);
		return;
	}

	switch (column->kind)
	{
		case VALUE_BYTES:
			appendStringInfoString(&load->batch, "\\\\x");
			mysql_append_packed_bits(&load->batch, digits->data, digits->len,
									 column->bit_width);
			return;
		case VALUE_BITS:
			if (column->bit_length > 0 && digits->len > column->bit_length)
				refuse_value(load, column, value,
							 psprintf("has more than the %d bits of the staging column",
									  column->bit_length),
							 psprintf("bit(%d)", digits->len));
			else
				append_bit_string(load, column, value);
			return;
		case VALUE_TEXT:
			append_zeros(&load->batch, column->bit_width - digits->len);
			appendBinaryStringInfo(&load->batch, digits->data, digits->len);
			return;
		default:
			if (!mysql_append_integer(&load->batch, digits->data, digits->len))
				refuse_value(load, column, value, "is too large for a number", "bytea");
			return;
	}
}

/* Appends the digits with as many zeros as the types have room for. */
static void
append_bit_string(Load *load, const LoadColumn *column, const MysqldumpValue *value)
{
	int			width = column->bit_width;
	int			len = load->text.len;

	if (!column->bit_varies)
		width = column->bit_length;
	else if (width == 0 && value->kind != MYSQLDUMP_NUMBER)
		width = value->kind == MYSQLDUMP_BITS ? value->len : value->len * 8;
	else if (column->bit_length > 0)
		width = Min(width, column->bit_length);
	append_zeros(&load->batch, width > len ? width - len : 0);
	appendBinaryStringInfo(&load->batch, load->text.data, len);
}

static void
append_zeros(StringInfo buf, size_t count)
{
	for (size_t i = 0; i < count; i++)
		appendStringInfoCharMacro(buf, '0');
}

/* Appends a value for a column of a numeric type or boolean. */
static void
append_number(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	if (column->is_year && !(mysql_is_digits(value->data, value->len) &&
							 (value->len == 4 || (value->kind == MYSQLDUMP_NUMBER && value->len == 1 && *value->data == '0'))))
	{
		refuse_value(load, column, value, "is no year of four digits", "text");
		return;
	}
	if (is_text(value) && !is_raw_number(column, value))
	{
		if (column->scale != MYSQL_ANY_SCALE && mysql_exceeds_scale(value->data, value->len, column->scale))
		{
			refuse_value(load, column, value,
						 column->scale < 0 ? "has digits that the column rounds to zeros" :
						 psprintf("has more than the %d digits after the point that the column keeps",
								  column->scale), "numeric");
			return;
		}
		load_append_text(load, column, value);
		return;
	}
	if (!mysql_bit_digits(&load->text, value) ||
		!mysql_append_integer(&load->batch, load->text.data, load->text.len))
		refuse_value(load, column, value, "is too large for a number", "bytea");
}

/*
 * Without a CREATE TABLE, _binary '...' may be a BIT, unless it has only digits:
 * then nobody can tell.
 */
static bool
is_raw_number(const LoadColumn *column, const MysqldumpValue *value)
{
	if (column->mysql_type || !value->charset || strcmp(value->charset, "binary") != 0)
		return false;
	for (size_t i = 0; i < value->len; i++)
	{
		if (strchr("+-.0123456789eE", value->data[i]) == NULL || value->data[i] == '\0')
			return true;
	}
	return false;
}

/* Appends a value for a column of type time or interval. */
static void
append_time(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	if (!mysql_is_time(value->data, value->len))
		refuse_value(load, column, value, "is not written as HH:MM:SS", "text");
	else if (column->scale != MYSQL_ANY_SCALE &&
			 mysql_exceeds_scale(value->data, value->len, column->scale))
		refuse_value(load, column, value, "has fractions of a second that the column does not keep", "interval");
	else
		load_append_text(load, column, value);
}

/* Appends a value for a column of type date, timestamp or timestamptz. */
static void
append_date(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	char		buf[MYSQL_DATE_SIZE];
	const char *date = value->data;
	size_t		len = value->len;
	const char *problem;
	bool		has_zone;

	if (value->kind == MYSQLDUMP_NUMBER ||
		(len > 0 && len <= 14 && mysql_is_digits(date, len)))
	{
		bool		is_timestamp = column->mysql_type && strcmp(column->mysql_type, "timestamp") == 0;

		if (!mysql_date_of_digits(value, is_timestamp ? column->mysql_length : -1, buf))
		{
			refuse_value(load, column, value, "is no date", "text");
			return;
		}
		date = buf;
		len = strlen(buf);
	}
	if (mysql_is_zero_date(date, len))
	{
		if (column->zero_dates == 0)
			memcpy(column->first_zero_date, date, sizeof(column->first_zero_date) - 1);
		column->zero_date_in_line = true;
		load->line_noted = true;
		appendStringInfoString(&load->batch, "\\N");
		return;
	}

	problem = mysql_date_problem(date, len, &has_zone);
	if (problem)
	{
		refuse_value(load, column, value, problem, "text");
		return;
	}

	/* PostgreSQL would ignore a time in a date, and a zone in a timestamp */
	if (column->kind == VALUE_DATE && mysql_has_time(date, len))
	{
		refuse_value(load, column, value, "has a time, which a date cannot hold", "timestamp");
		return;
	}
	if (column->kind == VALUE_TIMESTAMP && has_zone)
	{
		refuse_value(load, column, value, "has a time zone, which a timestamp cannot hold", "timestamptz");
		return;
	}

	if (column->kind == VALUE_TIMESTAMPTZ && !has_zone && !column->adds_zone)
	{
		refuse_value(load, column, value, "has no time zone, which the column needs", "timestamp");
		return;
	}

	if (column->scale != MYSQL_ANY_SCALE && len > 19 && mysql_exceeds_scale(date + 19, len - 19, column->scale))
	{
		refuse_value(load, column, value, "has fractions of a second that the column does not keep",
					 column->kind == VALUE_TIMESTAMP ? "timestamp" : "timestamptz");
		return;
	}

	if (date == buf)
		appendBinaryStringInfo(&load->batch, date, len);
	else
		load_append_text(load, column, value);
	if (column->adds_zone && !has_zone && !load->tuple_postponed)
		append_time_zone(load, &load->batch, len);
}

/* Appends the dump's time zone to a date of len bytes. */
static void
append_time_zone(Load *load, StringInfo line, size_t len)
{
	const char *zone = load->time_zone;

	if (len <= 10)
		appendStringInfoString(line, " 00:00:00");
	if (*zone != '+' && *zone != '-')
		appendStringInfoChar(line, ' ');
	appendStringInfoString(line, zone);
}

/* True for characters, as against bits and bytes. */
static bool
is_text(const MysqldumpValue *value)
{
	if (value->kind == MYSQLDUMP_BYTES)
		return value->charset && strcmp(value->charset, "binary") != 0;
	return value->kind == MYSQLDUMP_STRING || value->kind == MYSQLDUMP_NUMBER;
}

/*
 * Raises an error about a value, whose hint gives the column the type in which
 * it can be loaded, unless type is NULL; or postpones the tuple.
 */
static void
refuse_value(Load *load, const LoadColumn *column, const MysqldumpValue *value,
			 const char *problem, const char *type)
{
	if (load_postpone_tuple(load))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("the value %s of column \"%s\" %s", shown_value(value), column->name,
					problem),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 type ?
			 errhint("Correct the value in the old system, or load it as it is: %s",
					 staging_type_hint(load->rel, load->created, column->attnum, type)) :
			 errhint("Correct the value, or dump the table again with mysqldump.")));
}

/* A value as SQL has it; bytes as hexadecimal digits, and cut. */
static char *
shown_value(const MysqldumpValue *value)
{
	StringInfoData shown;
	size_t		len = Min(value->len, 40);
	bool		ascii = value->kind != MYSQLDUMP_BYTES;

	for (size_t i = 0; i < len; i++)
		ascii = ascii && value->data[i] >= ' ' && value->data[i] <= '~';

	initStringInfo(&shown);
	if (!ascii)
		appendStringInfoString(&shown, "0x");
	else if (value->kind == MYSQLDUMP_BITS)
		appendStringInfoString(&shown, "b'");
	else if (value->kind == MYSQLDUMP_STRING)
		appendStringInfoChar(&shown, '\'');
	for (size_t i = 0; i < len; i++)
	{
		if (ascii)
			appendStringInfoChar(&shown, value->data[i]);
		else
			appendStringInfo(&shown, "%02X", (unsigned char) value->data[i]);
	}
	if (ascii && value->kind != MYSQLDUMP_NUMBER)
		appendStringInfoChar(&shown, '\'');
	if (len < value->len)
		appendStringInfoString(&shown, "...");
	return shown.data;
}
