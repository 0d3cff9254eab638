/*-------------------------------------------------------------------------
 *
 * guarantee_ledger.h
 *	  The ledger of what was created on tables of users: menuca_seating_guarantee.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUARANTEE_LEDGER_H
#define MENUCA_GUARANTEE_LEDGER_H

#include "nodes/pg_list.h"

#include "deployment/guarantee_state.h"

/* An entry. */
typedef struct LedgerEntry
{
	int64		id;
	GuaranteeKind kind;
	char	   *name;
	char	   *schema;			/* of the table; "" for an extension */
	char	   *table;
	Oid			relid;			/* the table that has that name now, or
								 * InvalidOid */
	char	   *definition;		/* what was created, as the server showed it */
	char	   *before;			/* JSON of guarantee_state.h, or NULL */
} LedgerEntry;

/*
 * All entries, the newest first, under a query snapshot taken now.  They are read as
 * the extension's owner: whoever may deploy needs no right on the ledger.
 */
extern List *guarantee_ledger_entries(void);

/* The entry for an object; NULL when it has none. */
extern LedgerEntry *guarantee_ledger_find(GuaranteeKind kind, Oid relid, const char *name);

/* Enters what was created, or changes the entry; before may be NULL. */
extern void guarantee_ledger_enter(GuaranteeKind kind, Oid relid, const char *name,
								   const char *definition, const char *before);

/* Deletes an entry. */
extern void guarantee_ledger_remove(int64 id);

#endif							/* MENUCA_GUARANTEE_LEDGER_H */
