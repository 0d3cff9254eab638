/*-------------------------------------------------------------------------
 *
 * stage.c
 *	  Stages of the rollout: see stage.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/timestamp.h"

#include "base/format.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "rollout/stage.h"
#include "rollout/stage_flags.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"

/* Stages of at most that percent are watched for two hours, larger ones for a day. */
#define SMALL_STAGE 10.0

static RolloutStage *read_stage(int64 below);
static void *make_stage(TupleTableSlot *slot);
static void add_stage_args(QueryArgs *args, const RolloutStage *stage);


RolloutStage *
stage_current(void)
{
	return read_stage(PG_INT64_MAX);
}

RolloutStage *
stage_before(const RolloutStage *stage)
{
	return read_stage(stage->number);
}

/* The newest stage with a smaller number, read as the extension's owner. */
static RolloutStage *
read_stage(int64 below)
{
	QueryArgs	args = {0};
	OwnerContext caller;
	List	   *found;

	query_arg_int8(&args, below);
	query_begin_snapshot();
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_stage"));
	found = query_list(psprintf("SELECT s.stage_no, s.percent::text, s.restaurant_ids::text, cardinality(s.restaurant_ids), s.action, s.begun_at"
								" FROM %smenuca_seating_stage s WHERE s.stage_no < $1 ORDER BY s.stage_no DESC LIMIT 1",
								seating_extension_schema()), &args, make_stage);
	owner_return(&caller);
	query_end_snapshot();
	return found == NIL ? NULL : linitial(found);
}

static void *
make_stage(TupleTableSlot *slot)
{
	RolloutStage *stage = palloc0(sizeof(RolloutStage));
	bool		isnull;

	stage->number = slot_int8(slot, 0);
	stage->percent = slot_text(slot, 1);
	stage->restaurants = slot_text(slot, 2);
	stage->n_restaurants = DatumGetInt32(slot_datum(slot, 3, INT4OID));
	stage->action = slot_text(slot, 4);
	stage->begun_at = slot_time_of(slot, "begun_at", &isnull);
	return stage;
}

int64
stage_first(const RolloutStage *until)
{
	QueryArgs	args = {0};
	OwnerContext caller;
	int64		first;

	query_arg_int8(&args, until->number);
	query_begin_snapshot();
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_stage"));
	first = query_int8(psprintf("WITH s AS (SELECT stage_no, action, lead(action) OVER (ORDER BY stage_no) AS next"
								" FROM %smenuca_seating_stage WHERE stage_no < $1)"
								" SELECT COALESCE(min(stage_no), 0) FROM s WHERE stage_no > (SELECT COALESCE(max(stage_no), 0) FROM s"
								" WHERE action = 'rollback' AND next IS DISTINCT FROM 'undo')", seating_extension_schema()), &args);
	owner_return(&caller);
	query_end_snapshot();
	return first;
}

/* Writers of one table exclude each other by its own lock mode. */
void
stage_lock(void)
{
	LockRelationOid(extension_table("menuca_seating", "menuca_seating_stage"), ShareRowExclusiveLock);
}

int64
stage_enter(const RolloutStage *stage, const char *reason, List *failures)
{
	QueryArgs	args = {0};
	int64		number = 0;

	add_stage_args(&args, stage);
	query_arg_text(&args, stage->action);
	query_arg_text(&args, reason);
	query_arg(&args, TEXTARRAYOID, result_text_array(failures), false);
	query_arg(&args, TEXTARRAYOID, stage_flags_keys(), false);
	seating_write("menuca_seating_stage",
				  psprintf("INSERT INTO %1$smenuca_seating_stage (percent, restaurant_ids, action, reason, failures, flags)"
						   " SELECT $1::numeric, $2::uuid[], $3, $4, pg_catalog.to_jsonb($5), COALESCE(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(s)"
						   " ORDER BY s.restaurant_id NULLS FIRST, s.key), '[]')"
						   " FROM %1$smenuca_seating_setting s WHERE s.key OPERATOR(pg_catalog.=) ANY ($6) RETURNING stage_no", seating_extension_schema()),
				  &args, slot_store_int8, &number);
	return number;
}

/* The ids are read first: what reads tables of users executes no function of ours. */
int64
stage_reaches(const RolloutStage *stage)
{
	const SeatingSchema *schema = seating_schema_find();
	QueryArgs	args = {0};
	char	   *ids;
	int64		n;

	query_begin_snapshot();
	ids = query_text(psprintf("SELECT array_agg(r.id)::text FROM %s r", schema->restaurants), NULL);
	if (stage)
		add_stage_args(&args, stage);
	query_arg_text(&args, ids);
	n = query_int8(stage ? psprintf("SELECT count(*) FROM unnest($3::uuid[]) r(id) WHERE %smenuca_seating_share(r.id) < $1::numeric * 100 OR r.id = ANY ($2::uuid[])",
									seating_extension_schema()) : "SELECT count(*) FROM unnest($1::uuid[]) r(id)", &args);
	query_end_snapshot();
	return n;
}

bool
stage_is_wider(const RolloutStage *stage, const RolloutStage *than)
{
	QueryArgs	args = {0};

	if (than == NULL)
		return false;
	add_stage_args(&args, stage);
	add_stage_args(&args, than);
	return query_bool("SELECT $1::numeric > $3::numeric OR NOT $2::uuid[] <@ $4::uuid[]", &args);
}

static void
add_stage_args(QueryArgs *args, const RolloutStage *stage)
{
	query_arg_text(args, stage->percent);
	query_arg_text(args, stage->restaurants);
}

char *
stage_describe(const RolloutStage *stage)
{
	double		percent = atof(stage->percent);
	char	   *share = psprintf("%g %% of the restaurants", percent);
	char	   *named = format_things(stage->n_restaurants, "named restaurant");

	if (percent >= 100)
		return pstrdup("all restaurants");
	if (percent > 0)
		return stage->n_restaurants > 0 ? psprintf("%s and %s", share, named) : share;
	return stage->n_restaurants > 0 ? named : pstrdup("no restaurant");
}

const char *
stage_least_age(const RolloutStage *stage)
{
	double		percent = atof(stage->percent);

	return percent > SMALL_STAGE ? "1 day" : percent > 0 ? "2 hours" : stage->n_restaurants > 0 ? "1 hour" : "0 hours";
}
