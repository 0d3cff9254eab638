/*-------------------------------------------------------------------------
 *
 * access_state.h
 *	  What a table was like before a deployment changed it: tables
 *	  menuca_access_deployment and menuca_access_state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_STATE_H
#define MENUCA_ACCESS_STATE_H

#include "nodes/pg_list.h"

/*
 * Something that a deployment could change: a privilege, or an owner, a policy or
 * a switch of row security.  All texts are quoted for SQL where they must be.
 */
typedef struct AccessItem
{
	char	   *kind;			/* as in the view menuca_access_item */
	char	   *object;			/* NULL: the table */
	char	   *grantee;		/* PUBLIC, OWNER or a role; NULL: no privilege */
	char	   *grantor;
	char	   *privilege;
	bool		grantable;
	char	   *value;			/* NULL: a privilege */
} AccessItem;

/*
 * Enters the deployment of a table (NULL, InvalidOid: of the schemas) into the ledger,
 * with what the table is like now.  Returns its number.
 */
extern int64 access_state_begin(const char *table, Oid relid);

/* Enters what has been added and removed since then. */
extern void access_state_end(int64 deployment, Oid relid);

/* True if a deployment of the table (NULL: of the schemas) is in force. */
extern bool access_state_exists(const char *table);

/* The items of a table (InvalidOid: of the schemas) as they are now, sorted. */
extern List *access_state_now(Oid relid);

/* The items from before the first deployment in force; NIL when there is none. */
extern List *access_state_before(const char *table);

/*
 * What deployments in force have removed or, without was_there, added, each thing
 * as it was before the first of them.
 */
extern List *access_state_reversal(const char *table, bool was_there);

/* Marks the deployments of a table (NULL: of the schemas) as undone. */
extern void access_state_mark_undone(const char *table);

/* True if the item is in the list. */
extern bool access_item_is_in(const AccessItem *item, const List *items);

/* "SELECT on column email for anon", for messages. */
extern char *access_item_text(const AccessItem *item);

#endif							/* MENUCA_ACCESS_STATE_H */
