/*-------------------------------------------------------------------------
 *
 * listed_combination.c
 *	  Dining tables that a restaurant joins: see listed_combination.h.
 *
 * menuca_list_combination(restaurant, tables, capacity, min_party, max_party,
 * from_time, until_time, weekdays)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/listed_combination.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"

PG_FUNCTION_INFO_V1(menuca_list_combination);

/* Most dining tables of a combination: somebody has to carry them. */
#define MAX_TABLES 20

/* The arguments of menuca_list_combination(). */
typedef struct CombinationArguments
{
	const pg_uuid_t *restaurant;
	int			n;
	pg_uuid_t  *table_ids;		/* sorted */
	int			capacity;
	int			min_party;
	int			max_party;
	ServiceTimes times;
} CombinationArguments;

static void read_combination(FunctionCallInfo fcinfo, CombinationArguments *arguments);
static void read_tables(FunctionCallInfo fcinfo, CombinationArguments *arguments);
static void check_numbers(const CombinationArguments *arguments);
static void check_tables(const CombinationArguments *arguments);
static int64 store(const CombinationArguments *arguments);
static void tell_others(const QueryArgs *args, int64 id);
static void take_other(TupleTableSlot *slot, void *arg);
static Datum table_array(const CombinationArguments *arguments);
static void *make_combination(TupleTableSlot *slot);
static int	compare_uuids(const void *a, const void *b);
pg_noreturn static void refuse_combination(const char *message, const char *detail);


/* menuca_list_combination(...): returns combination_id. */
Datum
menuca_list_combination(PG_FUNCTION_ARGS)
{
	CombinationArguments arguments = {0};

	read_combination(fcinfo, &arguments);
	check_numbers(&arguments);
	check_tables(&arguments);
	query_require_writable("menuca_list_combination()");
	PG_RETURN_INT64(store(&arguments));
}

static void
read_combination(FunctionCallInfo fcinfo, CombinationArguments *arguments)
{
	static const char *const names[] = {
		"restaurant", "tables", "capacity", "min_party", "max_party"
	};

	for (size_t i = 0; i < lengthof(names); i++)
		argument_require(fcinfo, (int) i, names[i]);
	arguments->restaurant = PG_GETARG_UUID_P(0);
	read_tables(fcinfo, arguments);
	arguments->capacity = PG_GETARG_INT32(2);
	arguments->min_party = PG_GETARG_INT32(3);
	arguments->max_party = PG_GETARG_INT32(4);
	arguments->times = service_times_arguments(fcinfo, 5);
}

static void
read_tables(FunctionCallInfo fcinfo, CombinationArguments *arguments)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	Datum	   *values;
	bool	   *nulls;

	deconstruct_array(array, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &values, &nulls, &arguments->n);
	if (arguments->n < 2 || arguments->n > MAX_TABLES)
		refuse_combination(psprintf("a combination has 2 to %d dining tables, not %d", MAX_TABLES, arguments->n), NULL);
	arguments->table_ids = palloc(arguments->n * sizeof(pg_uuid_t));
	for (int i = 0; i < arguments->n; i++)
	{
		if (nulls[i])
			refuse_combination("a dining table of the combination is NULL", NULL);
		arguments->table_ids[i] = *DatumGetUUIDP(values[i]);
	}
	qsort(arguments->table_ids, arguments->n, sizeof(pg_uuid_t), compare_uuids);
	for (int i = 1; i < arguments->n; i++)
	{
		if (compare_uuids(&arguments->table_ids[i - 1], &arguments->table_ids[i]) == 0)
			refuse_combination(psprintf("the combination has dining table %s twice",
										DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&arguments->table_ids[i])))), NULL);
	}
}

static void
check_numbers(const CombinationArguments *arguments)
{
	if (arguments->capacity < 1)
		refuse_combination(psprintf("the capacity of a combination cannot be %d", arguments->capacity), NULL);
	if (arguments->min_party < 1 || arguments->max_party < arguments->min_party)
		refuse_combination(psprintf("there is no party between %d and %d guests", arguments->min_party, arguments->max_party), NULL);
	if (arguments->max_party > arguments->capacity)
		refuse_combination(psprintf("a party of %d does not fit a capacity of %d", arguments->max_party, arguments->capacity), NULL);
}

/* They may be moved to one zone later. */
static void
check_tables(const CombinationArguments *arguments)
{
	const SeatingSchema *schema = seating_schema_find();
	QueryArgs	args = {.keep = true};

	seating_schema_require_restaurant(schema, arguments->restaurant);
	query_arg(&args, UUIDOID, UUIDPGetDatum(arguments->restaurant), false);
	query_arg(&args, UUIDARRAYOID, table_array(arguments), false);
	if (query_int8(psprintf("SELECT count(*) FROM %s t WHERE t.restaurant_id = $1 AND t.id = ANY ($2)", schema->dining_tables),
				   &args) != arguments->n)
		refuse_combination("not all of these dining tables are the restaurant's", psprintf("They are in table %s.", schema->dining_tables));
	if (query_int8(psprintf("SELECT count(DISTINCT t.zone_id) + count(*) FILTER (WHERE t.zone_id IS NULL) FROM %s t WHERE t.id = ANY ($2)",
							schema->dining_tables), &args) != 1)
		ereport(WARNING,
				(errmsg("the dining tables of this combination are not in one zone, so it is not planned"),
				 errdetail("Only dining tables of one zone can be pushed together; one without a zone is never combined."),
				 errhint("UPDATE %s SET zone_id = '...' WHERE id = '...';", schema->dining_tables)));
}

/* The same tables, parties, times and weekdays are listed once. */
static int64
store(const CombinationArguments *arguments)
{
	QueryArgs	args = {.keep = true};
	QueryArgs	copy;
	int64		id = 0;

	query_arg(&args, UUIDOID, UUIDPGetDatum(arguments->restaurant), false);
	query_arg(&args, UUIDARRAYOID, table_array(arguments), false);
	query_arg(&args, INT4OID, Int32GetDatum(arguments->capacity), false);
	query_arg(&args, INT4OID, Int32GetDatum(arguments->min_party), false);
	query_arg(&args, INT4OID, Int32GetDatum(arguments->max_party), false);
	service_times_query_args(&args, &arguments->times);
	copy = args;
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %1$smenuca_seating_change (what, restaurant_id, before, after)"
						   " SELECT 'combination', $1,"
						   " (SELECT pg_catalog.to_jsonb(c) FROM %1$smenuca_listed_combination c"
						   " WHERE (c.restaurant_id, c.table_ids, c.min_party, c.max_party, c.from_time, c.until_time) OPERATOR(pg_catalog.=)"
						   " ($1, $2, $4, $5, $6, $7) AND c.weekdays IS NOT DISTINCT FROM $8),"
						   " pg_catalog.jsonb_build_object('table_ids', $2, 'capacity', $3, 'min_party', $4, 'max_party', $5,"
						   " 'from_time', $6, 'until_time', $7, 'weekdays', $8)", seating_extension_schema()),
				  &copy, NULL, NULL);
	copy = args;
	seating_write("menuca_listed_combination",
				  psprintf("INSERT INTO %smenuca_listed_combination"
						   " (restaurant_id, table_ids, capacity, min_party, max_party, from_time, until_time, weekdays)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
						   " ON CONFLICT (restaurant_id, table_ids, min_party, max_party, from_time, until_time, weekdays)"
						   " DO UPDATE SET capacity = EXCLUDED.capacity RETURNING combination_id", seating_extension_schema()),
				  &copy, slot_store_int8, &id);
	tell_others(&args, id);
	return id;
}

/* Whoever meant to change the parties of a combination has listed another one. */
static void
tell_others(const QueryArgs *args, int64 id)
{
	QueryArgs	copy = *args;
	int64		other[3];

	query_arg_int8(&copy, id);
	if (seating_write("menuca_listed_combination",
					  psprintf("SELECT c.combination_id, c.min_party::pg_catalog.int8, c.max_party::pg_catalog.int8 FROM %smenuca_listed_combination c"
							   " WHERE (c.restaurant_id, c.table_ids, c.from_time, c.until_time) OPERATOR(pg_catalog.=) ($1, $2, $6, $7)"
							   " AND c.weekdays IS NOT DISTINCT FROM $8 AND c.combination_id <> $9 AND c.min_party <= $5 AND c.max_party >= $4"
							   " ORDER BY c.combination_id DESC LIMIT 1", seating_extension_schema()),
					  &copy, take_other, other) > 0)
		ereport(NOTICE,
				(errmsg("the same dining tables are listed for parties of " INT64_FORMAT " to " INT64_FORMAT ", too", other[1], other[2]),
				 errdetail("Of two that hold for a party, the one with the greater combination_id counts."),
				 errhint("DELETE FROM %smenuca_listed_combination WHERE combination_id = " INT64_FORMAT ";", seating_extension_schema(), other[0])));
}

static void
take_other(TupleTableSlot *slot, void *arg)
{
	int64	   *other = arg;

	for (int i = 0; i < 3; i++)
		other[i] = slot_int8(slot, i);
}

static Datum
table_array(const CombinationArguments *arguments)
{
	Datum	   *values = palloc(arguments->n * sizeof(Datum));

	for (int i = 0; i < arguments->n; i++)
		values[i] = UUIDPGetDatum(&arguments->table_ids[i]);
	return PointerGetDatum(construct_array(values, arguments->n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

List *
listed_combination_all(const pg_uuid_t *restaurant)
{
	QueryArgs	args = {.keep = true};

	seating_require_readable("menuca_listed_combination");
	if (seating_is_blank("menuca_listed_combination"))
		return NIL;
	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	return query_list(psprintf("SELECT table_ids, capacity, min_party, max_party, from_time, until_time, weekdays"
							   " FROM %smenuca_listed_combination WHERE restaurant_id = $1 ORDER BY combination_id",
							   seating_extension_schema()), &args, make_combination);
}

static void *
make_combination(TupleTableSlot *slot)
{
	ListedCombination *combination = palloc0(sizeof(ListedCombination));
	Datum	   *values;
	bool	   *nulls;

	deconstruct_array(DatumGetArrayTypeP(slot_datum(slot, 0, UUIDARRAYOID)), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR,
					  &values, &nulls, &combination->n);
	combination->table_ids = palloc(Max(combination->n, 1) * sizeof(pg_uuid_t));
	for (int i = 0; i < combination->n; i++)
	{
		if (nulls[i])
			slot_raise_null(slot, 0);
		combination->table_ids[i] = *DatumGetUUIDP(values[i]);
	}
	combination->capacity = slot_int4(slot, 1);
	combination->min_party = slot_int4(slot, 2);
	combination->max_party = slot_int4(slot, 3);
	combination->times = service_times_of(slot, 4);
	return combination;
}

static int
compare_uuids(const void *a, const void *b)
{
	return memcmp(a, b, UUID_LEN);
}

/* detail may be NULL. */
static void
refuse_combination(const char *message, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s", message),
			 errdetail("%s%sNothing was changed.", detail ? detail : "", detail ? " " : ""),
			 errhint("%s", seating_call("SELECT menuca_list_combination(restaurant => '...', tables => '{...}', capacity => 6, min_party => 5, max_party => 6);"))));
}
