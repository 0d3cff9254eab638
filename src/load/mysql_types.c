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
#include "utils/timestamp.h"

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

/* The most digits of MySQL's DECIMAL, and those after its point. */
#define DECIMAL_DIGITS 65
#define DECIMAL_MAX_SCALE 30

/* MySQL's defaults for DECIMAL without a precision or scale. */
#define DECIMAL_PRECISION 10
#define DECIMAL_SCALE 0

/* MySQL's FLOAT(p) is a DOUBLE beyond this precision, in bits. */
#define FLOAT_PRECISION 24

static size_t digits_at(const char *p, const char *end);


char *
mysql_postgres_type(const MysqldumpColumn *column, bool zoned)
{
	if (strcmp(column->type, "decimal") == 0)
		return psprintf("numeric(%d,%d)",
						column->length >= 0 ? column->length : DECIMAL_PRECISION,
						column->scale >= 0 ? column->scale : DECIMAL_SCALE);
	if (strcmp(column->type, "float") == 0 && column->scale < 0 &&
		column->length > FLOAT_PRECISION)
		return "double precision";
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
		case TIMEOID:
		case INTERVALOID:
			return VALUE_TIME;
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
		return (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
	if ((type == TIMESTAMPOID || type == TIMESTAMPTZOID || type == TIMEOID) && typmod >= 0)
		return typmod;
	if (type == INTERVALOID && typmod >= 0 &&
		INTERVAL_PRECISION(typmod) != INTERVAL_FULL_PRECISION)
		return INTERVAL_PRECISION(typmod);
	return MYSQL_ANY_SCALE;
}

const char *
mysql_lossy_type(Oid type, int32 typmod)
{
	switch (type)
	{
		case NAMEOID:
		case CHAROID:
			return "text";
		case MONEYOID:
			return "numeric";
		case TIMETZOID:
			return "time";
		case INTERVALOID:
			return typmod >= 0 && INTERVAL_RANGE(typmod) != INTERVAL_FULL_RANGE ? "interval" : NULL;
		default:
			return NULL;
	}
}

bool
mysql_is_string_type(const char *type)
{
	return strstr(type, "char") || strstr(type, "text") || strstr(type, "binary") ||
		strstr(type, "blob");
}

bool
mysql_is_stored_number(const char *data, size_t len)
{
	const char *p = data;
	const char *end = data + len;
	size_t		whole;
	size_t		fraction = 0;

	if (p < end && *p == '-')
		p++;
	whole = digits_at(p, end);
	if (whole == 0 || (whole > 1 && *p == '0'))
		return false;
	p += whole;
	if (p < end && *p == '.')
	{
		fraction = digits_at(p + 1, end);
		if (fraction == 0)
			return false;
		p += 1 + fraction;
	}
	if (p != end || whole + fraction > DECIMAL_DIGITS || fraction > DECIMAL_MAX_SCALE)
		return false;

	/* -0 is 0 */
	return *data != '-' || strspn(data + 1, "0.") < len - 1;
}

static size_t
digits_at(const char *p, const char *end)
{
	size_t		n = 0;

	while (p + n < end && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

bool
mysql_exceeds_scale(const char *data, size_t len, int scale)
{
	int			place = 0;		/* of the last digit that is not zero */
	int			digits = 0;		/* after the point */
	int			zeros = 0;		/* at the end of the digits before it */
	bool		point = false;
	bool		is_zero = true;

	for (size_t i = 0; i < len; i++)
	{
		char		c = data[i];

		is_zero &= c < '1' || c > '9';
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
	return !is_zero && place > scale;
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
