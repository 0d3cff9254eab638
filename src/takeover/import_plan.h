/*-------------------------------------------------------------------------
 *
 * import_plan.h
 *	  What an import is about; declares no function.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_PLAN_H
#define MENUCA_IMPORT_PLAN_H

#include "seating/seating_schema.h"
#include "takeover/import_items.h"

/* One import, or the dry run of one. */
typedef struct ImportCall
{
	bool		dry_run;
	char	   *environment;	/* whose overrides are taken over */
	TimestampTz now;			/* what expired before is over */
	const SeatingSchema *schema;
	ImportItems *items;
	int64		number;			/* of the import in the ledger; 0 for a dry
								 * run */
	uint64		changes;		/* written */
} ImportCall;

#endif							/* MENUCA_IMPORT_PLAN_H */
