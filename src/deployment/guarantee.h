/*-------------------------------------------------------------------------
 *
 * guarantee.h
 *	  The guarantees: what is wanted on the tables of users, and what is missing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUARANTEE_H
#define MENUCA_GUARANTEE_H

#include "nodes/pg_list.h"

#include "deployment/guarantee_data.h"
#include "deployment/guarantee_state.h"

/* A guarantee: an object that is wanted, and what deploying it takes. */
typedef struct Guarantee
{
	const char *name;			/* of the object */
	GuaranteeKind kind;
	Oid			relid;			/* the table that it is on; InvalidOid for an
								 * extension */
	GuaranteeRule rule;			/* what rows could break */
	char	   *wanted;			/* its definition, as the server shows it */
	char	   *create;			/* the statement, with its semicolon */

	const char *status;			/* planned, unchanged, impossible; later
								 * created, replaced */
	char	   *reason;			/* or NULL */
	char	   *remedy;			/* the next step when it is impossible, or a
								 * query for the rows in reason; or NULL */
	List	   *statements;		/* to be executed, with their semicolons */
	List	   *replaced;		/* GuaranteeStates of what these drop */
} Guarantee;

/*
 * The users' tables of the setting menuca.seating_schema.  Raises an error unless all that
 * the planner needs are there, and readable by the caller.
 */
extern GuardedTables guarantee_tables(void);

/*
 * The guarantees on these tables, in the order in which they are created, with what each
 * takes now: Guarantees.
 */
extern List *guarantee_plan(const GuardedTables *tables);

/* "table public.bookings", or "extension btree_gist". */
extern char *guarantee_object(GuaranteeKind kind, const char *name, const char *schema, const char *table);

#endif							/* MENUCA_GUARANTEE_H */
