/*-------------------------------------------------------------------------
 *
 * extension.c
 *	  The schema and the tables of an extension: see extension.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/extension.h"
#include "base/relation.h"

/* Before a name, these make it a part of something else. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define JOINING_CHARACTERS ".'\"%-"

/* The two extensions, and where they are: each of our functions asks for that. */
typedef struct KnownExtension
{
	NameData	name;
	Oid			schema;			/* InvalidOid: nothing is known */
} KnownExtension;

static KnownExtension known[2];

static char *qualify_names(const char *extension, const char *text, bool is_format);
static size_t name_length(const char *begin, const char *p, const char *extension);
static void append_schema(StringInfo buf, const char *schema, bool is_format);
static Oid	require_extension_schema(const char *extension);
static Oid	find_extension_schema(const char *extension);
static KnownExtension *find_known_extension(const char *extension);
static void forget_schemas(Datum arg, int cache, uint32 hash);
static bool find_extension(const char *extension, Form_pg_extension found);
pg_noreturn static void raise_not_installed(const char *extension);


char *
extension_schema(const char *extension)
{
	char	   *schema = get_namespace_name(require_extension_schema(extension));

	/* Another session may be dropping both. */
	if (schema == NULL)
		raise_not_installed(extension);
	return psprintf("%s.", quote_identifier(schema));
}

char *
extension_call(const char *extension, const char *format,...)
{
	char	   *qualified = qualify_names(extension, format, true);
	StringInfoData buf;

	initStringInfo(&buf);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(&buf, qualified, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&buf, needed);
	}
	pfree(qualified);
	return buf.data;
}

char *
extension_qualify(const char *extension, const char *text)
{
	return qualify_names(extension, text, false);
}

/* Puts the extension's schema before each of its names in the text. */
static char *
qualify_names(const char *extension, const char *text, bool is_format)
{
	Oid			oid = find_extension_schema(extension);
	char	   *name = OidIsValid(oid) ? get_namespace_name(oid) : NULL;
	const char *schema = name ? quote_identifier(name) : NULL;
	StringInfoData buf;

	initStringInfo(&buf);
	for (const char *p = text; *p;)
	{
		size_t		length = name_length(text, p, extension);

		if (length > 0 && schema)
			append_schema(&buf, schema, is_format);
		length = Max(length, 1);
		appendBinaryStringInfo(&buf, p, (int) length);
		p += length;
	}
	return buf.data;
}

/*
 * The length of the extension's name that begins at p, in a text from begin on;
 * 0 if none does.  What is quoted, or has a schema or the %s of one before it,
 * is no such name, nor is the name of the extension or of a schema.
 */
static size_t
name_length(const char *begin, const char *p, const char *extension)
{
	size_t		length;

	if (strncmp(p, EXTENSION_NAME_PREFIX, strlen(EXTENSION_NAME_PREFIX)) != 0)
		return 0;
	if (p > begin && strchr(NAME_CHARACTERS JOINING_CHARACTERS, p[-1]))
		return 0;
	length = strspn(p, NAME_CHARACTERS);
	if (length == strlen(extension) && strncmp(p, extension, length) == 0)
		return 0;
	if (p[length] == '.' && p[length + 1] && strchr(NAME_CHARACTERS "\"", p[length + 1]))
		return 0;
	return length;
}

/* Appends a schema and a dot; in a format, a % of its name is no conversion. */
static void
append_schema(StringInfo buf, const char *schema, bool is_format)
{
	for (const char *p = schema; *p; p++)
	{
		if (is_format && *p == '%')
			appendStringInfoChar(buf, '%');
		appendStringInfoChar(buf, *p);
	}
	appendStringInfoChar(buf, '.');
}

Oid
extension_table(const char *extension, const char *table)
{
	Oid			relid = get_relname_relid(table, require_extension_schema(extension));

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s%s does not exist", extension_schema(extension), table),
				 errdetail("It belongs to extension \"%s\"; somebody has dropped it.", extension),
				 errhint("Restore the database from a backup, or create the extension again, which begins with an empty ledger.")));
	return relid;
}

Oid
extension_require_table(const char *extension, const char *table, AclMode rights)
{
	Oid			relid = extension_table(extension, table);

	relation_require(relid, rights);
	return relid;
}

Oid
extension_owner(const char *extension)
{
	FormData_pg_extension found;

	return find_extension(extension, &found) ? found.extowner : InvalidOid;
}

static Oid
require_extension_schema(const char *extension)
{
	Oid			schema = find_extension_schema(extension);

	if (!OidIsValid(schema))
		raise_not_installed(extension);
	return schema;
}

/* The OID of the extension's schema; InvalidOid if it is not installed. */
static Oid
find_extension_schema(const char *extension)
{
	KnownExtension *place = find_known_extension(extension);
	FormData_pg_extension found;

	if (OidIsValid(place->schema))
		return place->schema;
	if (!find_extension(extension, &found))
		return InvalidOid;
	place->schema = found.extnamespace;
	return place->schema;
}

/* What is known of it; if it is neither of the two last ones, nothing, in place of one. */
static KnownExtension *
find_known_extension(const char *extension)
{
	static bool begun = false;
	KnownExtension *place = &known[0];

	if (!begun)
		CacheRegisterSyscacheCallback(PROCOID, forget_schemas, (Datum) 0);
	begun = true;
	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strcmp(NameStr(known[i].name), extension) == 0)
			return &known[i];
		if (NameStr(known[i].name)[0] == '\0')
			place = &known[i];
	}
	namestrcpy(&place->name, extension);
	place->schema = InvalidOid;
	return place;
}

/* An extension is not created, dropped or moved without its functions. */
static void
forget_schemas(pg_attribute_unused() Datum arg, pg_attribute_unused() int cache, pg_attribute_unused() uint32 hash)
{
	for (size_t i = 0; i < lengthof(known); i++)
		known[i].schema = InvalidOid;
}

/* False when the extension is not installed in this database. */
static bool
find_extension(const char *extension, Form_pg_extension found)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		exists;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum(extension));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	exists = HeapTupleIsValid(tuple);
	if (exists)
		memcpy(found, GETSTRUCT(tuple), sizeof(FormData_pg_extension));
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return exists;
}

static void
raise_not_installed(const char *extension)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("extension \"%s\" is not installed in this database", extension),
			 errhint("CREATE SCHEMA IF NOT EXISTS ops; CREATE EXTENSION %s SCHEMA ops;", quote_identifier(extension))));
}
