/*-------------------------------------------------------------------------
 *
 * sample_combos.c
 *	  Combos with their dishes, to be checked by a person.
 *
 * menuca_sample_combos(n, seed, target)
 *
 * What a program can check is checked by menuca_validate(): see validate.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/query.h"
#include "target/junction.h"
#include "target/restaurant_name.h"

PG_FUNCTION_INFO_V1(menuca_sample_combos);

static char *sample_query(const Target *target);
static char *label_expression(const ParentTable *parent, const char *alias);
static void return_sample(TupleTableSlot *slot, void *arg);


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
				 errhint("Omit it to use 0.")));
	if (n < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be at least 1"),
				 errdetail("It was given as %d.", n),
				 errhint("Omit it to see 5 groups.")));
	target = target_open(NULL, argument_text(fcinfo, 2, "target"), ACL_SELECT);

	query_arg(&args, INT4OID, Int32GetDatum(n), false);
	query_arg(&args, FLOAT8OID, PG_GETARG_DATUM(1), false);
	InitMaterializedSRF(fcinfo, 0);
	query_each(sample_query(target), &args, return_sample, fcinfo->resultinfo);

	return (Datum) 0;
}

/*
 * Groups are drawn by a hash of their id and the seed, those with several
 * dishes first, since a group of a single dish shows little; names are read only
 * for the groups that were drawn.  Least and greatest dish tell several from one
 * without sorting all items.
 */
static char *
sample_query(const Target *target)
{
	const char *order = target->display_order ?
		psprintf("i.%s, ", target->display_order) : "";

	return psprintf("WITH drawn AS ("
					"  SELECT i.%s AS group_id, count(*) AS items,"
					"   row_number() OVER (ORDER BY min(i.%s::int8) IS NOT DISTINCT FROM max(i.%s::int8),"
					"    hashint8extended(i.%s::int8, hashfloat8extended($2, 0)), i.%s) AS place"
					"  FROM %s i WHERE i.%s IS NOT NULL GROUP BY i.%s"
					"  ORDER BY place LIMIT $1)"
					" SELECT g.%s::int8, %s, %s, drawn.items,"
					"  (SELECT array_agg(coalesce(%s, 'dish ' || i.%s) ORDER BY %s i.%s)"
					"   FROM %s i LEFT JOIN %s d ON d.%s = i.%s WHERE i.%s = drawn.group_id)"
					" FROM drawn JOIN %s g ON g.%s = drawn.group_id"
					" ORDER BY drawn.place",
					target->group, target->dish, target->dish,
					target->group, target->group,
					target->table.name, target->group, target->group,
					target->groups.id, label_expression(&target->groups, "g"), restaurant_name_expression(target, "g"),
					label_expression(&target->dishes, "d"), target->dish, order, target->table.id,
					target->table.name, target->dishes.name, target->dishes.id, target->dish, target->group,
					target->groups.name, target->groups.id);
}

static char *
label_expression(const ParentTable *parent, const char *alias)
{
	return parent->label ? psprintf("%s.%s::text", alias, parent->label) : "NULL::text";
}

static void
return_sample(TupleTableSlot *slot, void *arg)
{
	ReturnSetInfo *rsinfo = arg;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
						 slot->tts_values, slot->tts_isnull);
}
