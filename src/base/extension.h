/*-------------------------------------------------------------------------
 *
 * extension.h
 *	  The schema and the tables of an extension.
 *
 * The library carries the functions of more than one extension, so shared
 * code is told which extension it works for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXTENSION_H
#define MENUCA_EXTENSION_H

#include "nodes/parsenodes.h"

#include "base/compat.h"

/* The library's name, MODULE_big of the Makefile. */
#define MENUCA_LIBRARY "menuca_migrate"

/* The beginning of the name of each function, table and view of an extension. */
#define EXTENSION_NAME_PREFIX "menuca_"

/*
 * The name of the extension's schema, quoted and followed by a dot, in the
 * current memory context.  Raises an error when the extension is not installed
 * in this database.
 */
extern char *extension_schema(const char *extension);

/*
 * A text that proposes a call, as psprintf() makes it, but with the extension's
 * schema before each of its names in the format itself: the call can be pasted
 * whatever the search_path is.  Names in the arguments stay as they are.  If the
 * extension is not installed, so do all.
 *
 * It reads the catalog.  Where the transaction may be aborted, as in PG_CATCH
 * and in an error context's callback, the text must have been made before.
 */
extern char *extension_call(const char *extension, const char *format,...) menuca_attribute_printf(2, 3);

/* The same for a text without conversions, which may hold any %. */
extern char *extension_qualify(const char *extension, const char *text);

/*
 * The OID of a table or view of the extension.  Raises an error when somebody
 * has dropped it.
 */
extern Oid	extension_table(const char *extension, const char *table);

/* The same; raises an error, too, when the caller lacks one of the rights. */
extern Oid	extension_require_table(const char *extension, const char *table,
									AclMode rights);

/* The role that owns the extension; InvalidOid when it is not installed. */
extern Oid	extension_owner(const char *extension);

/* The same for menuca_migrate, the extension that repairs the migration. */
#define migrate_schema() extension_schema("menuca_migrate")
#define migrate_call(...) extension_call("menuca_migrate", __VA_ARGS__)
#define migrate_qualify(text) extension_qualify("menuca_migrate", text)
#define migrate_table(table) extension_table("menuca_migrate", table)
#define migrate_require_table(table, rights) \
	extension_require_table("menuca_migrate", table, rights)

#endif							/* MENUCA_EXTENSION_H */
