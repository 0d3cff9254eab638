/*-------------------------------------------------------------------------
 *
 * orphan_restaurants.c
 *	  Combo groups without items, counted by restaurant.
 *
 * menuca_orphan_restaurants(target)
 *
 * Why a group has none is menuca_orphans()'s subject, see orphans.c: that reads
 * the source, this does not.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "base/arguments.h"
#include "base/query.h"
#include "target/junction.h"
#include "target/restaurant_name.h"

PG_FUNCTION_INFO_V1(menuca_orphan_restaurants);

static char *count_query(const Target *target);
static void return_restaurant(TupleTableSlot *slot, void *arg);


/*
 * menuca_orphan_restaurants(target): one row per restaurant that has groups without
 * items, those with the most first.
 */
Datum
menuca_orphan_restaurants(PG_FUNCTION_ARGS)
{
	Target	   *target = target_open(NULL, argument_text(fcinfo, 0, "target"), ACL_SELECT);

	InitMaterializedSRF(fcinfo, 0);
	query_each(count_query(target), NULL, return_restaurant, fcinfo->resultinfo);

	return (Datum) 0;
}

/* The groups of each restaurant, and those of them that no item refers to. */
static char *
count_query(const Target *target)
{
	const ParentTable *groups = &target->groups;

	return psprintf("SELECT c.%s::int8, %s, c.groups, c.orphans"
					" FROM (SELECT a.%s, sum(a.groups)::int8 AS groups, sum(a.orphans)::int8 AS orphans"
					"  FROM (SELECT g.%s, 1 AS groups, 0 AS orphans FROM %s g"
					"   UNION ALL SELECT g.%s, 0, 1 FROM %s g"
					"    WHERE NOT EXISTS (SELECT FROM %s i WHERE i.%s = g.%s)) a"
					"  GROUP BY a.%s HAVING sum(a.orphans) > 0) c"
					" ORDER BY c.orphans DESC, c.%s",
					groups->restaurant, restaurant_name_expression(target, "c"),
					groups->restaurant,
					groups->restaurant, groups->name,
					groups->restaurant, groups->name,
					target->table.name, target->group, groups->id,
					groups->restaurant, groups->restaurant);
}

static void
return_restaurant(TupleTableSlot *slot, void *arg)
{
	ReturnSetInfo *rsinfo = arg;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
						 slot->tts_values, slot->tts_isnull);
}
