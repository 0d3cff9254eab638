/*-------------------------------------------------------------------------
 *
 * table_preference.c
 *	  What a restaurant prefers for its dining tables: see table_preference.h.
 *
 * menuca_prefer_table(table_id, priority, min_party, walk_ins_only, from_time,
 * until_time, weekdays)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "seating/seating_settings.h"
#include "seating/table_preference.h"

PG_FUNCTION_INFO_V1(menuca_prefer_table);

/* Points: far more than any score has. */
#define MAX_PRIORITY 1000000

static pg_uuid_t *require_dining_table_of(const pg_uuid_t *table_id);
static void *make_restaurant(TupleTableSlot *slot);
static void tell_without_weight(const pg_uuid_t *restaurant);
static void record_preference(const QueryArgs *args, const pg_uuid_t *restaurant);
static int64 store_preference(const QueryArgs *args);
static void *make_preference(TupleTableSlot *slot);


/* menuca_prefer_table(...): returns preference_id, or NULL. */
Datum
menuca_prefer_table(PG_FUNCTION_ARGS)
{
	QueryArgs	args = {.keep = true};
	int			priority;
	bool		walk_ins_only;
	ServiceTimes times;
	pg_uuid_t  *restaurant;
	int64		id;

	argument_require(fcinfo, 0, "table_id");
	priority = argument_int4(fcinfo, 1, "priority");
	walk_ins_only = argument_bool(fcinfo, 3, "walk_ins_only");
	times = service_times_arguments(fcinfo, 4);
	if (priority < -MAX_PRIORITY || priority > MAX_PRIORITY || (!PG_ARGISNULL(2) && PG_GETARG_INT32(2) < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("priority must be between -%d and %d, and min_party at least 1", MAX_PRIORITY, MAX_PRIORITY),
				 errdetail("Nothing was changed."),
				 errhint("%s", seating_call("SELECT menuca_prefer_table('...', priority => 1);"))));
	restaurant = require_dining_table_of(PG_GETARG_UUID_P(0));
	query_require_writable("menuca_prefer_table()");

	query_arg(&args, UUIDOID, PG_GETARG_DATUM(0), false);
	query_arg(&args, INT4OID, Int32GetDatum(priority), false);
	query_arg(&args, INT4OID, PG_GETARG_DATUM(2), PG_ARGISNULL(2));
	query_arg(&args, BOOLOID, BoolGetDatum(walk_ins_only), false);
	service_times_query_args(&args, &times);
	query_arg(&args, BOOLOID, BoolGetDatum(priority == 0 && PG_ARGISNULL(2) && !walk_ins_only), false);
	record_preference(&args, restaurant);
	id = store_preference(&args);
	if (priority != 0)
		tell_without_weight(restaurant);
	if (id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(id);
}

/* Its restaurant; raises an error when there is no such dining table. */
static pg_uuid_t *
require_dining_table_of(const pg_uuid_t *table_id)
{
	const SeatingSchema *schema = seating_schema_find();
	QueryArgs	args = {.keep = true};
	List	   *restaurants;

	query_arg(&args, UUIDOID, UUIDPGetDatum(table_id), false);
	restaurants = query_list(psprintf("SELECT t.restaurant_id FROM %s t WHERE t.id = $1", schema->dining_tables), &args, make_restaurant);
	if (restaurants == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("there is no dining table %s in table %s",
						DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(table_id))), schema->dining_tables),
				 errdetail("Nothing was changed."),
				 errhint("SELECT id, table_number FROM %s;", schema->dining_tables)));
	return linitial(restaurants);
}

static void *
make_restaurant(TupleTableSlot *slot)
{
	pg_uuid_t  *restaurant = palloc(sizeof(pg_uuid_t));

	*restaurant = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	return restaurant;
}

/* The weight is 0 until somebody sets it. */
static void
tell_without_weight(const pg_uuid_t *restaurant)
{
	if (seating_settings_of(restaurant)->floor.w_priority != 0)
		return;
	ereport(NOTICE,
			(errmsg("the priority changes nothing, since the setting w_priority is 0"),
			 errhint("%s", seating_call("SELECT * FROM menuca_seating_set('%s', '{\"w_priority\": 1}');",
										DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(restaurant)))))));
}

/* That one ends which there was not is no change. */
static void
record_preference(const QueryArgs *args, const pg_uuid_t *restaurant)
{
	QueryArgs	copy = *args;

	query_arg(&copy, UUIDOID, UUIDPGetDatum(restaurant), false);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %1$smenuca_seating_change (what, restaurant_id, before, after)"
						   " SELECT 'preference', $9, b.image,"
						   " CASE WHEN NOT $8 THEN pg_catalog.jsonb_build_object('table_id', $1, 'priority', $2, 'min_party', $3,"
						   " 'walk_ins_only', $4, 'from_time', $5, 'until_time', $6, 'weekdays', $7) END"
						   " FROM (SELECT (SELECT pg_catalog.to_jsonb(p) FROM %1$smenuca_table_preference p"
						   " WHERE (p.table_id, p.from_time, p.until_time) OPERATOR(pg_catalog.=) ($1, $5, $6)"
						   " AND p.weekdays IS NOT DISTINCT FROM $7) AS image) b WHERE NOT $8 OR b.image IS NOT NULL",
						   seating_extension_schema()),
				  &copy, NULL, NULL);
}

/* Returns 0 when the preference ended. */
static int64
store_preference(const QueryArgs *args)
{
	QueryArgs	copy = *args;
	int64		id = 0;

	seating_write("menuca_table_preference",
				  psprintf("DELETE FROM %smenuca_table_preference p"
						   " WHERE (p.table_id, p.from_time, p.until_time) OPERATOR(pg_catalog.=) ($1, $5, $6)"
						   " AND p.weekdays IS NOT DISTINCT FROM $7 AND $8", seating_extension_schema()),
				  &copy, NULL, NULL);
	copy = *args;
	seating_write("menuca_table_preference",
				  psprintf("INSERT INTO %smenuca_table_preference"
						   " (table_id, priority, min_party, walk_ins_only, from_time, until_time, weekdays)"
						   " SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT $8"
						   " ON CONFLICT (table_id, from_time, until_time, weekdays)"
						   " DO UPDATE SET priority = EXCLUDED.priority, min_party = EXCLUDED.min_party, walk_ins_only = EXCLUDED.walk_ins_only"
						   " RETURNING preference_id", seating_extension_schema()),
				  &copy, slot_store_int8, &id);
	return id;
}

List *
table_preference_all(const SeatingSchema *schema, const pg_uuid_t *restaurant)
{
	QueryArgs	args = {.keep = true};

	seating_require_readable("menuca_table_preference");
	if (seating_is_blank("menuca_table_preference"))
		return NIL;
	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	return query_list(psprintf("SELECT p.table_id, p.priority, COALESCE(p.min_party, 0), p.walk_ins_only, p.from_time, p.until_time, p.weekdays"
							   " FROM %smenuca_table_preference p JOIN %s t ON t.id = p.table_id"
							   " WHERE t.restaurant_id = $1",
							   seating_extension_schema(), schema->dining_tables), &args, make_preference);
}

static void *
make_preference(TupleTableSlot *slot)
{
	TablePreference *preference = palloc0(sizeof(TablePreference));

	preference->table_id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	preference->priority = slot_int4(slot, 1);
	preference->min_party = slot_int4(slot, 2);
	preference->walk_ins_only = slot_bool(slot, 3);
	preference->times = service_times_of(slot, 4);
	return preference;
}
