/*-------------------------------------------------------------------------
 *
 * guarantee_state.h
 *	  Triggers, constraints, indexes and extensions as the server has them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUARANTEE_STATE_H
#define MENUCA_GUARANTEE_STATE_H

#include "nodes/pg_list.h"

/* What a name is the name of. */
typedef enum GuaranteeKind
{
	GUARANTEE_EXTENSION,
	GUARANTEE_CONSTRAINT,
	GUARANTEE_INDEX,
	GUARANTEE_TRIGGER
} GuaranteeKind;

/* An object that exists. */
typedef struct GuaranteeState
{
	GuaranteeKind kind;
	char	   *definition;		/* as the server shows it:
								 * pg_get_triggerdef(), ... */
	char	   *comment;		/* or NULL */
	char	   *enabled;		/* of a trigger: O, D, R or A, as in
								 * pg_trigger; else O, and "invalid" for such
								 * an index */
} GuaranteeState;

/* "trigger", "constraint", ...: for the ledger, and back. */
extern const char *guarantee_state_kind_name(GuaranteeKind kind);
extern GuaranteeKind guarantee_state_kind(const char *name);

/*
 * The object of that name on the table (InvalidOid for an extension), under a query
 * snapshot taken now; NULL when there is none.
 */
extern GuaranteeState *guarantee_state_find(GuaranteeKind kind, Oid relid, const char *name);

/* The statement that drops it, with its semicolon. */
extern char *guarantee_state_drop(GuaranteeKind kind, Oid relid, const char *name);

/*
 * The statements that create it again as it was.  Raises an error unless its definition
 * is one statement that creates an object of that kind and name on that table: a text of
 * the ledger is executed as the caller.
 */
extern List *guarantee_state_restore(const GuaranteeState *state, Oid relid, const char *name);

/* States as a JSON array, and those of such an array: GuaranteeStates. */
extern char *guarantee_state_to_json(const List *states);
extern List *guarantee_state_of_json(const char *json);

#endif							/* MENUCA_GUARANTEE_STATE_H */
