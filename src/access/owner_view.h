/*-------------------------------------------------------------------------
 *
 * owner_view.h
 *	  Views of the target schema that policies read with their owner's rights.
 *
 * menuca_own_tenants has the restaurants of the caller, menuca_public_restaurants
 * and the like the keys of a table's public rows.  No role is granted anything on
 * them: the functions of tenant_lookup.c read them as their owner, who owns the
 * tables, too.  As views they follow a renamed table or column, and the server
 * refuses to drop those.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OWNER_VIEW_H
#define MENUCA_OWNER_VIEW_H

#include "nodes/pg_list.h"

#define OWN_TENANTS_VIEW "menuca_own_tenants"
#define PUBLIC_VIEW_PREFIX "menuca_public_"

/* A view that the policies need. */
typedef struct OwnerView
{
	const char *name;
	Oid			table;			/* whose owner owns the view */
	char	   *query;
	bool		is_ready;		/* the views that the query reads exist */
} OwnerView;

/*
 * Raises an error unless a condition can be evaluated as the table's owner: it has
 * no subquery and no volatile function, and its functions are the server's, a
 * superuser's or the owner's.  where names the condition.
 */
extern void owner_view_require_trusted(Oid relid, Node *condition, const char *where);

/* The same as a question. */
extern bool owner_view_trusts(Oid relid, Node *condition);

/* The view of that name in the target schema, quoted; and its OID or InvalidOid. */
extern char *owner_view_quoted(const char *name);
extern Oid	owner_view_find(const char *name);

/*
 * Appends the actions that make the view as it is needed, owned by the owner of its
 * table, and granted to nobody.
 */
extern void owner_view_plan(List **actions, const OwnerView *view);

/*
 * Raises an error when somebody else made the view, as far as the ledger knows, who
 * could decide what policies allow.
 */
extern void owner_view_require_own(const OwnerView *view);

/* The definition of a view that exists, as in the ledger; NULL when there is none. */
extern char *owner_view_definition(const char *name);

/* True if the name is that of such a view. */
extern bool owner_view_is_name(const char *name);

/* True if a policy, or another view, still reads the view. */
extern bool owner_view_is_used(const char *name);

#endif							/* MENUCA_OWNER_VIEW_H */
