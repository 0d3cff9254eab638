/*-------------------------------------------------------------------------
 *
 * import_ledger.h
 *	  Imports in the ledger of changes, menuca_seating_change.
 *
 * Each change of an import is a row with what => 'import'; its column after has the
 * import's number and the kind of change.  Undoing an import adds one row with
 * what => 'import_undo' and that number.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_LEDGER_H
#define MENUCA_IMPORT_LEDGER_H

#include "utils/uuid.h"

/* The number that the next import gets; the caller keeps others from taking it. */
extern int64 import_ledger_next_number(void);

/* The last import that was not undone; 0 when there is none. */
extern int64 import_ledger_last_number(void);

/*
 * Enters n changes of an import, in order.  restaurants, before and after are arrays of
 * uuid and JSON text; nulls of the first two.  after gets the member "import".
 */
extern void import_ledger_enter(int64 number, const Datum *restaurants, const bool *no_restaurant,
								const Datum *before, const bool *no_before, const Datum *after, int n);

/* Enters one change. */
extern void import_ledger_enter_one(int64 number, const pg_uuid_t *restaurant, const char *before, const char *after);

/* Enters that an import was undone; figures is a JSON object. */
extern void import_ledger_enter_undo(int64 number, const char *figures);

#endif							/* MENUCA_IMPORT_LEDGER_H */
