/*-------------------------------------------------------------------------
 *
 * wanted_access.h
 *	  Who may do what on which table: table menuca_wanted_access.
 *
 * Restaurants' staff (the tenant) may do tenant_may with the rows whose
 * tenant_key equals their claim, customers may do user_may with the rows whose
 * user_key equals theirs, everybody reads the rows for which
 * public_may_read_where is true, and the platform's services may do admin_may
 * with all rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WANTED_ACCESS_H
#define MENUCA_WANTED_ACCESS_H

#include "access/wanted_row.h"
#include "base/access_roles.h"

/*
 * The wanted access of the target schema's tables: WantedAccesses, sorted by
 * table, of those that menuca_wanted_access does not list, too, but without
 * optional tables that are absent.  names: only these tables, C strings; NIL for
 * all.  Raises an error when the caller may not read menuca_wanted_access, or
 * one of the names is neither listed there nor a table of the schema.  What is
 * wrong with a single row is its problem.
 */
extern List *wanted_access_tables(List *names);

/* The same, and with each table its partitions. */
extern List *wanted_access_tables_with_parts(List *names);

/*
 * The table of the target schema of that name, or the part of one in another
 * schema, as in WantedAccess.  InvalidOid when there is none.
 */
extern Oid	wanted_access_relation(const char *table);

/*
 * What a role may do with the table's rows, whichever they are; for the
 * tenant's role: as staff, as a customer or as a visitor.
 */
extern AclMode wanted_access_of_role(const WantedAccess *wanted, AccessRole role);

/*
 * An SQL condition: the row belongs to the tenant, or customer, that the
 * request's claim names.  The table has such a key.
 */
extern char *wanted_access_tenant_condition(const WantedAccess *wanted);
extern char *wanted_access_user_condition(const WantedAccess *wanted);

#endif							/* MENUCA_WANTED_ACCESS_H */
