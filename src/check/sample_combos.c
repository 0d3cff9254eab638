/*-------------------------------------------------------------------------
 *
 * sample_combos.c
 *	  Combos with their dishes, for human eyes.
 *
 * menuca_sample_combos(n, seed, target)
 *
 * Machine checks come before the human look: see validate.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/relation.h"
#include "target/junction.h"

PG_FUNCTION_INFO_V1(menuca_sample_combos);

/* A group of so many dishes tells more than one of a single dish. */
#define TELLING_DISHES 2

static char *sample_query(const Target *target);
static char *label_of(const ParentTable *parent, const char *alias);
static char *restaurant_label(const Target *target);
static void emit_sample(TupleTableSlot *slot, void *arg);


/*
 * menuca_sample_combos(n, seed, target): n groups, or as many as have items.
 */
Datum
menuca_sample_combos(PG_FUNCTION_ARGS)
{
	int			n = argument_int4(fcinfo, 0, "n");
	Target	   *target;
	QueryArgs	args = {0};

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"seed\" must not be NULL"),
				 errdetail("The same seed gives the same groups."),
				 errhint("Leave it away to use 0.")));
	if (n < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be at least 1"),
				 errdetail("It was given as %d.", n),
				 errhint("Leave it away to see 5 groups.")));
	target = target_open(NULL, argument_text(fcinfo, 2, "target"), ACL_SELECT);

	query_arg(&args, INT4OID, Int32GetDatum(n), false);
	query_arg(&args, FLOAT8OID, PG_GETARG_DATUM(1), false);
	InitMaterializedSRF(fcinfo, 0);
	query_each(sample_query(target), &args, emit_sample, fcinfo->resultinfo);

	return (Datum) 0;
}

/*
 * Groups are drawn by a hash of their id and the seed, those with several
 * dishes first; only the drawn ones' names are read.
 */
static char *
sample_query(const Target *target)
{
	const char *order = target->display_order ?
		psprintf("i.%s, ", target->display_order) : "";

	return psprintf("WITH drawn AS ("
					"  SELECT i.%s AS group_id, count(*) AS items,"
					"   row_number() OVER (ORDER BY count(DISTINCT i.%s) < %d,"
					"    hashint8extended(i.%s::int8, hashfloat8extended($2, 0)), i.%s) AS place"
					"  FROM %s i WHERE i.%s IS NOT NULL GROUP BY i.%s"
					"  ORDER BY place LIMIT $1)"
					" SELECT g.%s::int8, %s, %s, drawn.items,"
					"  (SELECT array_agg(coalesce(%s, 'dish ' || i.%s) ORDER BY %s i.%s)"
					"   FROM %s i LEFT JOIN %s d ON d.%s = i.%s WHERE i.%s = drawn.group_id)"
					" FROM drawn JOIN %s g ON g.%s = drawn.group_id"
					" ORDER BY drawn.place",
					target->group, target->dish, TELLING_DISHES,
					target->group, target->group,
					target->table.name, target->group, target->group,
					target->groups.id, label_of(&target->groups, "g"), restaurant_label(target),
					label_of(&target->dishes, "d"), target->dish, order, target->table.id,
					target->table.name, target->dishes.name, target->dishes.id, target->dish, target->group,
					target->groups.name, target->groups.id);
}

static char *
label_of(const ParentTable *parent, const char *alias)
{
	return parent->label ? psprintf("%s.%s::text", alias, parent->label) : "NULL::text";
}

/* The restaurant's name when there is such a table, else its id. */
static char *
restaurant_label(const Target *target)
{
	Oid			restaurants = get_relname_relid("restaurants",
												get_namespace_oid(target->schema, false));

	if (OidIsValid(restaurants) && relation_has_column(restaurants, "id") &&
		relation_has_column(restaurants, "name"))
		return psprintf("(SELECT r.name::text FROM %s r WHERE r.id = g.%s)",
						relation_quoted_name(restaurants), target->groups.restaurant);
	return psprintf("g.%s::text", target->groups.restaurant);
}

static void
emit_sample(TupleTableSlot *slot, void *arg)
{
	ReturnSetInfo *rsinfo = arg;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
						 slot->tts_values, slot->tts_isnull);
}
