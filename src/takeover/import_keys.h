/*-------------------------------------------------------------------------
 *
 * import_keys.h
 *	  The original's idempotency keys.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_KEYS_H
#define MENUCA_IMPORT_KEYS_H

#include "takeover/import_plan.h"

/*
 * Reads booking_assignment_idempotency; unless the call is a dry run, records the keys that
 * have not expired, and enters them in the ledger.  Adds the items.
 */
extern void import_keys(ImportCall *call);

#endif							/* MENUCA_IMPORT_KEYS_H */
