/*-------------------------------------------------------------------------
 *
 * seating_extension.h
 *	  The extension menuca_seating: its schema, its tables, its calls.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEATING_EXTENSION_H
#define MENUCA_SEATING_EXTENSION_H

#include "base/direct_access.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/relation.h"

/* What base/extension.h and base/extension_write.h do, for this extension. */
#define seating_extension_schema() extension_schema("menuca_seating")
#define seating_call(...) extension_call("menuca_seating", __VA_ARGS__)
#define seating_write(table, sql, args, fn, arg) \
	extension_write("menuca_seating", table, sql, args, fn, arg)

/* Raises an error unless the caller may read all rows of a table of the extension. */
#define seating_require_readable(table) \
	relation_require(extension_table("menuca_seating", table), ACL_SELECT)

/* True if a table of the extension, which the caller may read, has no rows for sure. */
#define seating_is_blank(table) \
	direct_access_is_blank(extension_table("menuca_seating", table))

#endif							/* MENUCA_SEATING_EXTENSION_H */
