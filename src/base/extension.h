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

/* The library's name, MODULE_big of the Makefile. */
#define MENUCA_LIBRARY "menuca_migrate"

/*
 * The name of the extension's schema, quoted and followed by a dot, in the
 * current memory context.  Raises an error when the extension is not installed
 * in this database.
 */
extern char *extension_schema(const char *extension);

/*
 * The prefix that a call needs in a hint: empty when the extension's schema is
 * in the caller's search_path, otherwise as extension_schema().
 */
extern char *extension_call_schema(const char *extension);

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
#define migrate_call_schema() extension_call_schema("menuca_migrate")
#define migrate_table(table) extension_table("menuca_migrate", table)
#define migrate_require_table(table, rights) \
	extension_require_table("menuca_migrate", table, rights)

#endif							/* MENUCA_EXTENSION_H */
