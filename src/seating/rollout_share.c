/*-------------------------------------------------------------------------
 *
 * rollout_share.c
 *	  Whether the rollout has reached a restaurant: see rollout_share.h.
 *
 * The share of a restaurant is computed by menuca_seating_share(), in SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/owner.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/rollout_share.h"
#include "seating/seating_extension.h"

static List *read_as_owner(const char *table, const char *sql, QueryArgs *args, QueryMakeFn fn);
static void *make_reached(TupleTableSlot *slot);
static void *make_variant(TupleTableSlot *slot);


bool
rollout_share_is_in(const pg_uuid_t *restaurant)
{
	QueryArgs	args = {.keep = true};
	List	   *found;

	if (seating_is_blank("menuca_seating_stage"))
		return true;
	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	found = read_as_owner("menuca_seating_stage",
						  psprintf("SELECT %1$smenuca_seating_share($1) < s.percent * 100 OR $1 = ANY (s.restaurant_ids)"
								   " FROM %1$smenuca_seating_stage s ORDER BY s.stage_no DESC LIMIT 1", seating_extension_schema()),
						  &args, make_reached);
	return found == NIL || *(bool *) linitial(found);
}

RolloutVariant *
rollout_share_variant(const pg_uuid_t *restaurant, const char *name)
{
	QueryArgs	args = {.keep = true};
	List	   *found;

	if (seating_is_blank("menuca_seating_variant"))
		return NULL;
	query_arg_uuid(&args, restaurant);
	query_arg_text(&args, name);
	found = read_as_owner("menuca_seating_variant",
						  psprintf("SELECT v.name, v.settings FROM %1$smenuca_seating_variant v"
								   " WHERE CASE WHEN $2 IS NULL THEN %1$smenuca_seating_share($1) < v.percent * 100 ELSE v.name = $2 END"
								   " ORDER BY v.percent, v.name LIMIT 1", seating_extension_schema()),
						  &args, make_variant);
	return found == NIL ? NULL : linitial(found);
}

static List *
read_as_owner(const char *table, const char *sql, QueryArgs *args, QueryMakeFn fn)
{
	OwnerContext caller = owner_become(extension_table("menuca_seating", table));
	List	   *found = query_list(sql, args, fn);

	owner_return(&caller);
	return found;
}

/* A stage that somebody has damaged reaches nobody: single dining tables are always right. */
static void *
make_reached(TupleTableSlot *slot)
{
	bool	   *reached = palloc(sizeof(bool));

	slot_getallattrs(slot);
	*reached = !slot->tts_isnull[0] && DatumGetBool(slot->tts_values[0]);
	return reached;
}

static void *
make_variant(TupleTableSlot *slot)
{
	RolloutVariant *variant = palloc0(sizeof(RolloutVariant));

	variant->name = slot_text(slot, 0);
	variant->settings = DatumGetJsonbPCopy(slot_datum(slot, 1, JSONBOID));
	return variant;
}
