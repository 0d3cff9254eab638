/*-------------------------------------------------------------------------
 *
 * seating_begun.c
 *	  When seating was deployed or rolled out last.
 *
 * menuca_seating_begun()
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

PG_FUNCTION_INFO_V1(menuca_seating_begun);

/* The latest time of some queries. */
typedef struct LatestTime
{
	bool		known;
	TimestampTz time;
} LatestTime;

static void take_later(TupleTableSlot *slot, void *arg);


/* menuca_seating_begun(): NULL when it never was. */
Datum
menuca_seating_begun(PG_FUNCTION_ARGS)
{
	LatestTime	latest = {0};
	Oid			table = extension_table("menuca_seating", "menuca_seating_guarantee");

	(void) query_each(psprintf("SELECT max(g.deployed_at) FROM %s g", relation_quoted_name(table)), NULL, take_later, &latest);

	/* The stages of a rollout are another part's. */
	table = get_relname_relid("menuca_seating_stage", get_rel_namespace(table));
	if (OidIsValid(table))
		(void) query_each(psprintf("SELECT max(s.begun_at) FROM %s s", relation_quoted_name(table)), NULL, take_later, &latest);
	if (!latest.known)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(latest.time);
}

static void
take_later(TupleTableSlot *slot, void *arg)
{
	LatestTime *latest = arg;

	if (slot->tts_isnull[0])
		return;
	if (!latest->known || slot_time(slot, 0) > latest->time)
		latest->time = slot_time(slot, 0);
	latest->known = true;
}
