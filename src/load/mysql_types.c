/*-------------------------------------------------------------------------
 *
 * mysql_types.c
 *	  MySQL's types, values and character sets: see mysql_types.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
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
 * TIMESTAMP becomes a timestamp without time zone, since a dump writes no zone.
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
	{"json", "jsonb", NULL},
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
	{"sjis", PG_SJIS},
	{"cp932", PG_SJIS},
	{"ujis", PG_EUC_JP},
	{"eucjpms", PG_EUC_JP},
	{"euckr", PG_EUC_KR},
	{"gb2312", PG_EUC_CN},
	{"gbk", PG_GBK},
	{"gb18030", PG_GB18030},
	{"big5", PG_BIG5},
};

/* MySQL's defaults for DECIMAL without a precision or scale. */
#define DECIMAL_PRECISION 10
#define DECIMAL_SCALE 0

static void append_packed_bits(StringInfo buf, const MysqldumpValue *value);


char *
mysql_postgres_type(const MysqldumpColumn *column)
{
	if (strcmp(column->type, "decimal") == 0)
		return psprintf("numeric(%d,%d)",
						column->length >= 0 ? column->length : DECIMAL_PRECISION,
						column->scale >= 0 ? column->scale : DECIMAL_SCALE);
	if (strcmp(column->type, "bit") == 0)
		return psprintf("bit(%d)", column->length > 0 ? column->length : 1);
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
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return VALUE_DATE;
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

/* A date is YYYY-MM-DD, a timestamp has its time after that. */
bool
mysql_is_zero_date(const MysqldumpValue *value)
{
	const char *d = value->data;

	if (value->kind != MYSQLDUMP_STRING || value->len < 10 || d[4] != '-' || d[7] != '-')
		return false;
	return memcmp(d + 5, "00", 2) == 0 || memcmp(d + 8, "00", 2) == 0 ||
		memcmp(d, "0000", 4) == 0;
}

void
mysql_append_bytes(StringInfo buf, const MysqldumpValue *value)
{
	appendStringInfoString(buf, "\\\\x");
	if (value->kind == MYSQLDUMP_BITS)
	{
		append_packed_bits(buf, value);
		return;
	}
	if (value->len > 0)
	{
		enlargeStringInfo(buf, value->len * 2 + 1);
		buf->len += hex_encode(value->data, value->len, buf->data + buf->len);
		buf->data[buf->len] = '\0';
	}
}

/* Appends bits as hexadecimal bytes, with leading zeros in the first one. */
static void
append_packed_bits(StringInfo buf, const MysqldumpValue *value)
{
	size_t		missing = (8 - value->len % 8) % 8;
	int			byte = 0;

	for (size_t i = 0; i < value->len; i++)
	{
		byte = byte << 1 | (value->data[i] == '1');
		if ((i + missing) % 8 == 7)
		{
			appendStringInfo(buf, "%02x", byte);
			byte = 0;
		}
	}
}

/*
 * A BIT column is dumped as b'101', as 0x05, or as the raw byte.  Of the last
 * two whole bytes are appended, whose leading zeros the column's type cuts off.
 */
void
mysql_append_bits(StringInfo buf, const MysqldumpValue *value)
{
	if (value->kind == MYSQLDUMP_BITS || value->kind == MYSQLDUMP_NUMBER)
	{
		appendBinaryStringInfo(buf, value->data, value->len);
		return;
	}
	for (size_t i = 0; i < value->len; i++)
	{
		for (int bit = 7; bit >= 0; bit--)
			appendStringInfoChar(buf, (value->data[i] >> bit) & 1 ? '1' : '0');
	}
}

bool
mysql_append_integer(StringInfo buf, const MysqldumpValue *value)
{
	bool		bits = value->kind == MYSQLDUMP_BITS;
	uint64		number = 0;

	for (size_t i = 0; i < value->len; i++)
	{
		if (number >> (bits ? 63 : 56))
			return false;
		if (bits)
			number = number << 1 | (value->data[i] == '1');
		else
			number = number << 8 | (unsigned char) value->data[i];
	}
	appendStringInfo(buf, UINT64_FORMAT, number);
	return true;
}

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
