/*-------------------------------------------------------------------------
 *
 * mysql_types.c
 *	  MySQL's types and values: see mysql_types.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/builtins.h"

#include "load/mysql_types.h"

/* A MySQL type, and the types that hold its signed and unsigned values. */
typedef struct TypeMapping
{
	const char *mysql;
	const char *postgres;
	const char *unsigned_postgres;	/* NULL: the same */
} TypeMapping;

/*
 * TIMESTAMP becomes a timestamp without time zone when the dump says no zone.
 * TIME may be negative or exceed a day, so it becomes an interval.
 */
static const TypeMapping type_mappings[] = {
	{"tinyint", "smallint", NULL},
	{"smallint", "smallint", "integer"},
	{"mediumint", "integer", NULL},
	{"int", "integer", "bigint"},
	{"bigint", "bigint", "numeric(20,0)"},
	{"float", "real", NULL},
	{"double", "double precision", NULL},
	{"date", "date", NULL},
	{"datetime", "timestamp", NULL},
	{"timestamp", "timestamp", NULL},
	{"time", "interval", NULL},
	{"year", "smallint", NULL},
	{"json", "json", NULL},
	{"uuid", "uuid", NULL},
	{"inet4", "inet", NULL},
	{"inet6", "inet", NULL},
	{"binary", "bytea", NULL},
	{"varbinary", "bytea", NULL},
	{"tinyblob", "bytea", NULL},
	{"blob", "bytea", NULL},
	{"mediumblob", "bytea", NULL},
	{"longblob", "bytea", NULL},
	{"geometry", "bytea", NULL},
	{"point", "bytea", NULL},
	{"linestring", "bytea", NULL},
	{"polygon", "bytea", NULL},
	{"multipoint", "bytea", NULL},
	{"multilinestring", "bytea", NULL},
	{"multipolygon", "bytea", NULL},
	{"geometrycollection", "bytea", NULL},
	{"geomcollection", "bytea", NULL},
	{"vector", "bytea", NULL},
};

/* MySQL's defaults for DECIMAL without a precision or scale. */
#define DECIMAL_PRECISION 10
#define DECIMAL_SCALE 0

/* The pivot of years with two digits: 69 is 2069, 70 is 1970. */
#define FIRST_YEAR_OF_1900	70


char *
mysql_postgres_type(const MysqldumpColumn *column, bool zoned)
{
	if (strcmp(column->type, "decimal") == 0)
		return psprintf("numeric(%d,%d)",
						column->length >= 0 ? column->length : DECIMAL_PRECISION,
						column->scale >= 0 ? column->scale : DECIMAL_SCALE);
	if (strcmp(column->type, "bit") == 0)
		return psprintf("bit(%d)", mysql_bit_width(column));
	if (zoned && strcmp(column->type, "timestamp") == 0)
		return "timestamptz";
	if (column->is_binary)
		return "bytea";

	for (size_t i = 0; i < lengthof(type_mappings); i++)
	{
		const TypeMapping *mapping = &type_mappings[i];

		if (strcmp(column->type, mapping->mysql) == 0)
			return pstrdup(column->is_unsigned && mapping->unsigned_postgres ?
						   mapping->unsigned_postgres : mapping->postgres);
	}

	/* CHAR, VARCHAR, TEXT, ENUM, SET and unknown types: as the dump has it. */
	return "text";
}

int
mysql_bit_width(const MysqldumpColumn *column)
{
	if (strcmp(column->type, "bit") != 0)
		return 0;
	return column->length > 0 ? column->length : 1;
}

ValueKind
mysql_value_kind(Oid type)
{
	switch (type)
	{
		case BYTEAOID:
			return VALUE_BYTES;
		case BITOID:
		case VARBITOID:
			return VALUE_BITS;
		case DATEOID:
			return VALUE_DATE;
		case TIMESTAMPOID:
			return VALUE_TIMESTAMP;
		case TIMESTAMPTZOID:
			return VALUE_TIMESTAMPTZ;
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
			return VALUE_NUMBER;
		default:
			return VALUE_TEXT;
	}
}

int
mysql_kept_scale(Oid type, int32 typmod)
{
	/* as numeric_typmod_scale() in numeric.c */
	if (type == NUMERICOID && typmod >= (int32) VARHDRSZ)
		return Max((((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024, 0);
	if (type == TIMESTAMPOID || type == TIMESTAMPTZOID)
		return typmod;
	return -1;
}

bool
mysql_exceeds_scale(const char *data, size_t len, int scale)
{
	int			place = 0;		/* of the last digit that is not zero */
	int			digits = 0;		/* after the point */
	int			zeros = 0;		/* at the end of the digits before it */
	bool		point = false;

	for (size_t i = 0; i < len; i++)
	{
		char		c = data[i];

		if (c == '.')
			point = true;
		else if (c == 'e' || c == 'E')
		{
			char	   *exponent = pnstrdup(data + i + 1, Min(len - i - 1, 8));

			place -= atoi(exponent);
			break;
		}
		else if (c >= '0' && c <= '9' && point)
		{
			digits++;
			if (c != '0')
				place = digits;
		}
		else if (c >= '0' && c <= '9')
		{
			zeros = c == '0' ? zeros + 1 : 0;
			place = -zeros;
		}
		else if (point)
			break;				/* a time zone */
	}
	return place > scale;
}

bool
mysql_type_varies(Oid type)
{
	return type == VARBITOID;
}

bool
mysql_is_digits(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		if (data[i] < '0' || data[i] > '9')
			return false;
	}
	return true;
}

/* A date is YYYY-MM-DD, a timestamp has its time after that. */
bool
mysql_is_zero_date(const char *d, size_t len)
{
	if (len < 10 || d[4] != '-' || d[7] != '-' || !mysql_is_digits(d, 4) ||
		!mysql_is_digits(d + 5, 2) || !mysql_is_digits(d + 8, 2))
		return false;
	return memcmp(d + 5, "00", 2) == 0 || memcmp(d + 8, "00", 2) == 0 ||
		memcmp(d, "0000", 4) == 0;
}

/*
 * MySQL up to 4.0 writes a TIMESTAMP as digits, as many as its type says; any
 * version reads dates as digits.  In a number, zeros may lack at the left.
 */
bool
mysql_date_of_digits(const MysqldumpValue *value, int timestamp_width, char *date)
{
	char		digits[15];
	int			n = value->len;
	int			year;
	const char *rest;

	if (n == 0 || n > 14 || !mysql_is_digits(value->data, n))
		return false;
	if (n != timestamp_width && value->kind == MYSQLDUMP_NUMBER)
		n = n <= 6 ? 6 : n <= 8 ? 8 : n <= 12 ? 12 : 14;
	memset(digits, '0', sizeof(digits));
	memcpy(digits + n - value->len, value->data, value->len);
	digits[n] = '\0';

	if (n != 14 && n != 12 && n != 8 && n != 6 &&
		!(n == timestamp_width && (n == 10 || n == 4 || n == 2)))
		return false;

	if (strspn(digits, "0") == (size_t) n)
	{
		strcpy(date, "0000-00-00");
		return true;
	}

	/* what a shorter TIMESTAMP leaves out is not known: its first moment */
	if (n == 14 || n == 8)
	{
		year = pg_strtoint32(pnstrdup(digits, 4));
		rest = digits + 4;
	}
	else
	{
		year = pg_strtoint32(pnstrdup(digits, 2));
		year += year < FIRST_YEAR_OF_1900 ? 2000 : 1900;
		rest = digits + 2;
	}
	n = strlen(rest);
	snprintf(date, MYSQL_DATE_SIZE, "%04d-%.2s-%.2s %.2s:%.2s:%.2s", year,
			 n >= 2 ? rest : "01", n >= 4 ? rest + 2 : "01", n >= 6 ? rest + 4 : "00",
			 n >= 8 ? rest + 6 : "00", n >= 10 ? rest + 8 : "00");
	return true;
}

bool
mysql_has_time(const char *date, size_t len)
{
	for (size_t i = 10; i < len; i++)
	{
		if (date[i] >= '1' && date[i] <= '9')
			return true;
	}
	return false;
}

void
mysql_append_bytes(StringInfo buf, const MysqldumpValue *value)
{
	appendStringInfoString(buf, "\\\\x");
	if (value->kind == MYSQLDUMP_BITS)
		mysql_append_packed_bits(buf, value->data, value->len, value->len);
	else if (value->len > 0)
	{
		enlargeStringInfo(buf, value->len * 2 + 1);
		buf->len += hex_encode(value->data, value->len, buf->data + buf->len);
		buf->data[buf->len] = '\0';
	}
}

void
mysql_append_packed_bits(StringInfo buf, const char *digits, size_t len, size_t width)
{
	size_t		bits = (width + 7) / 8 * 8;
	int			byte = 0;

	for (size_t i = 0; i < bits; i++)
	{
		size_t		left = bits - i;

		byte = byte << 1 | (left <= len && digits[len - left] == '1');
		if (left % 8 == 1)
		{
			appendStringInfo(buf, "%02x", byte);
			byte = 0;
		}
	}
}

bool
mysql_bit_digits(StringInfo buf, const MysqldumpValue *value)
{
	size_t		skip;

	resetStringInfo(buf);
	if (value->kind == MYSQLDUMP_BITS)
		appendBinaryStringInfo(buf, value->data, value->len);
	else if (value->kind == MYSQLDUMP_NUMBER)
	{
		uint64		number = 0;

		if (value->len == 0)
			return false;
		for (size_t i = 0; i < value->len; i++)
		{
			if (value->data[i] < '0' || value->data[i] > '9' ||
				pg_mul_u64_overflow(number, 10, &number) ||
				pg_add_u64_overflow(number, value->data[i] - '0', &number))
				return false;
		}
		for (int bit = 63; bit >= 0; bit--)
			appendStringInfoChar(buf, (number >> bit) & 1 ? '1' : '0');
	}
	else
	{
		for (size_t i = 0; i < value->len; i++)
		{
			for (int bit = 7; bit >= 0; bit--)
				appendStringInfoChar(buf, (value->data[i] >> bit) & 1 ? '1' : '0');
		}
	}

	skip = strspn(buf->data, "0");
	memmove(buf->data, buf->data + skip, buf->len - skip + 1);
	buf->len -= skip;
	return true;
}

bool
mysql_append_integer(StringInfo buf, const char *digits, size_t len)
{
	uint64		number = 0;

	if (len > 64)
		return false;
	for (size_t i = 0; i < len; i++)
		number = number << 1 | (digits[i] == '1');
	appendStringInfo(buf, UINT64_FORMAT, number);
	return true;
}
