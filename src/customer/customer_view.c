/*-------------------------------------------------------------------------
 *
 * customer_view.c
 *	  Combos as customers see them, for a person's eyes.
 *
 * menuca_customer_view(restaurant, n, seed)
 *
 * Asked as visitors without a login and as the restaurant's staff, beside what the
 * tables have.  Nothing is written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/access_session.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/format.h"
#include "base/jwt_claim.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "customer/customer_tables.h"

PG_FUNCTION_INFO_V1(menuca_customer_view);

/* Restaurants that may be drawn. */
#define MAX_RESTAURANTS 1000

/* A combo as the tables have it. */
typedef struct OwnedCombo
{
	int64		id;
	char	   *name;			/* NULL: it has none */
	char	   *restaurant_name;
	bool		active;
	bool		restaurant_active;
	int64		items;
	int64		active_items;
} OwnedCombo;

/* The same as somebody sees it. */
typedef struct SeenCombo
{
	int64		id;
	int64		items;
	Datum		dishes;			/* an int8[] */
	Datum		names;			/* a text[] */
} SeenCombo;

/* One look at a restaurant's combos. */
typedef struct CustomerLook
{
	const CustomerTables *tables;
	int64		restaurant;
	AccessRole	role;
	const char *seen_by;
	char	   *claims;
	MemoryContext context;		/* of the list */
	List	   *seen;			/* SeenCombos, in the order of their ids */
} CustomerLook;

static List *draw_restaurants(const CustomerTables *tables, int n, float8 seed);
static void *make_drawn(TupleTableSlot *slot);
static void add_restaurant_view(ReturnSetInfo *rsinfo, const CustomerTables *tables, int64 restaurant);
static List *owned_combos(const CustomerTables *tables, int64 restaurant);
static void *make_owned(TupleTableSlot *slot);
static void look_as_role(void *arg);
static void keep_seen_combo(TupleTableSlot *slot, void *arg);
static void add_looked(ReturnSetInfo *rsinfo, const CustomerLook *look, const List *owned, char *why_not);
static char *what_is_hidden(const OwnedCombo *owned, const SeenCombo *seen);


/* menuca_customer_view(restaurant, n, seed): a row per combo and who looks. */
Datum
menuca_customer_view(PG_FUNCTION_ARGS)
{
	int			n = argument_int4(fcinfo, 1, "n");
	float8		seed = PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2);
	CustomerTables *tables;
	ListCell   *lc;

	if (n < 1 || n > MAX_RESTAURANTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be between 1 and %d", MAX_RESTAURANTS),
				 errdetail("It is the number of restaurants to draw; it was given as %d.", n),
				 errhint("Omit it to see 5 restaurants.")));
	tables = customer_tables_open();
	access_session_require_visitors("menuca_customer_view");
	InitMaterializedSRF(fcinfo, 0);
	if (!PG_ARGISNULL(0))
		add_restaurant_view((ReturnSetInfo *) fcinfo->resultinfo, tables, PG_GETARG_INT64(0));
	else
		foreach(lc, draw_restaurants(tables, n, seed))
			add_restaurant_view((ReturnSetInfo *) fcinfo->resultinfo, tables, *(int64 *) lfirst(lc));
	return (Datum) 0;
}

/* Of the restaurants with an active combo, by a hash of their ids and the seed. */
static List *
draw_restaurants(const CustomerTables *tables, int n, float8 seed)
{
	const CustomerTable *restaurants = &tables->restaurants;
	QueryArgs	args = {0};

	query_arg(&args, INT4OID, Int32GetDatum(n), false);
	query_arg(&args, FLOAT8OID, Float8GetDatum(seed), false);
	return query_list(psprintf("SELECT g.%s::int8 FROM %s g %s WHERE %s AND %s AND g.%s IS NOT NULL GROUP BY 1"
							   " ORDER BY hashint8extended(g.%s::int8, hashfloat8extended($2, 0)), 1 LIMIT $1",
							   tables->groups.restaurant, tables->groups.name,
							   OidIsValid(restaurants->oid) ?
							   psprintf("JOIN %s r ON r.%s = g.%s", restaurants->name, restaurants->id,
										tables->groups.restaurant) : "",
							   customer_tables_shows(&tables->groups, "g"),
							   OidIsValid(restaurants->oid) ? customer_tables_shows(restaurants, "r") : "true",
							   tables->groups.restaurant, tables->groups.restaurant), &args, make_drawn);
}

static void *
make_drawn(TupleTableSlot *slot)
{
	int64	   *id = palloc(sizeof(int64));

	*id = slot_int8(slot, 0);
	return id;
}

/* The rows of one restaurant, by both who look. */
static void
add_restaurant_view(ReturnSetInfo *rsinfo, const CustomerTables *tables, int64 restaurant)
{
	List	   *owned = owned_combos(tables, restaurant);
	CustomerLook looks[] = {
		{.role = ROLE_PUBLIC,.seen_by = "visitor",.claims = ""},
		{.role = ROLE_TENANT,.seen_by = "tenant"}
	};

	looks[1].claims = jwt_claim_object(menuca_tenant_claim, psprintf(INT64_FORMAT, restaurant));
	for (size_t i = 0; i < lengthof(looks); i++)
	{
		ErrorData  *error = NULL;
		char	   *why_not = NULL;

		looks[i].tables = tables;
		looks[i].restaurant = restaurant;
		looks[i].context = CurrentMemoryContext;
		if (looks[i].role == ROLE_TENANT && menuca_tenant_by == MENUCA_TENANT_BY_MEMBERSHIP)
			why_not = "not asked: restaurants are found by a membership table, so no claim names one";
		else
			error = attempt_and_undo(look_as_role, &looks[i]);
		add_looked(rsinfo, &looks[i], owned, error ? attempt_message(error) : why_not);
	}
}

static List *
owned_combos(const CustomerTables *tables, int64 restaurant)
{
	const CustomerTable *restaurants = &tables->restaurants;
	bool		known = OidIsValid(restaurants->oid);
	QueryArgs	args = {0};

	query_arg_int8(&args, restaurant);
	return query_list(psprintf("SELECT g.%s::int8, %s, %s, %s, %s, count(d.%s), count(d.%s) FILTER (WHERE %s)"
							   " FROM %s g %s LEFT JOIN %s i ON i.%s = g.%s LEFT JOIN %s d ON d.%s = i.%s"
							   " WHERE g.%s = $1 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1",
							   tables->groups.id, customer_tables_label(&tables->groups, "g"),
							   known ? customer_tables_label(restaurants, "r") : "NULL::text",
							   customer_tables_shows(&tables->groups, "g"),
							   known ? psprintf("coalesce(%s, false)", customer_tables_shows(restaurants, "r")) : "true",
							   tables->dishes.id, tables->dishes.id, customer_tables_shows(&tables->dishes, "d"),
							   tables->groups.name,
							   known ? psprintf("LEFT JOIN %s r ON r.%s = g.%s", restaurants->name, restaurants->id,
												tables->groups.restaurant) : "",
							   tables->items.name, tables->item_group, tables->groups.id,
							   tables->dishes.name, tables->dishes.id, tables->item_dish,
							   tables->groups.restaurant), &args, make_owned);
}

static void *
make_owned(TupleTableSlot *slot)
{
	OwnedCombo *combo = palloc(sizeof(OwnedCombo));

	combo->id = slot_int8(slot, 0);
	combo->name = slot_text_or_null(slot, 1);
	combo->restaurant_name = slot_text_or_null(slot, 2);
	combo->active = slot_bool(slot, 3);
	combo->restaurant_active = slot_bool(slot, 4);
	combo->items = slot_int8(slot, 5);
	combo->active_items = slot_int8(slot, 6);
	return combo;
}

/* Called in a subtransaction that is undone, and with it the role. */
static void
look_as_role(void *arg)
{
	CustomerLook *look = arg;
	const CustomerTables *tables = look->tables;
	char	   *name = psprintf("coalesce(%s, '')", customer_tables_label(&tables->dishes, "d"));

	(void) access_session_begin(look->role, look->claims);
	(void) query_each_as_role(psprintf("SELECT g.%s::pg_catalog.int8, pg_catalog.count(d.%s),"
									   " pg_catalog.array_agg(d.%s::pg_catalog.int8 ORDER BY %s COLLATE pg_catalog.\"C\", d.%s) FILTER (WHERE d.%s IS NOT NULL),"
									   " pg_catalog.array_agg(%s ORDER BY %s COLLATE pg_catalog.\"C\", d.%s) FILTER (WHERE d.%s IS NOT NULL)"
									   " FROM %s g LEFT JOIN (%s i JOIN %s d ON d.%s OPERATOR(pg_catalog.=) i.%s AND %s)"
									   " ON i.%s OPERATOR(pg_catalog.=) g.%s"
									   " WHERE g.%s OPERATOR(pg_catalog.=) " INT64_FORMAT " GROUP BY 1 ORDER BY 1",
									   tables->groups.id, tables->dishes.id,
									   tables->dishes.id, name, tables->dishes.id, tables->dishes.id,
									   name, name, tables->dishes.id, tables->dishes.id,
									   tables->groups.name, tables->items.name, tables->dishes.name,
									   tables->dishes.id, tables->item_dish, customer_tables_shows(&tables->dishes, "d"),
									   tables->item_group, tables->groups.id,
									   tables->groups.restaurant, look->restaurant),
							  NULL, keep_seen_combo, look);
}

/* Called as the role that looks. */
static void
keep_seen_combo(TupleTableSlot *slot, void *arg)
{
	CustomerLook *look = arg;
	MemoryContext old = MemoryContextSwitchTo(look->context);
	SeenCombo  *combo = palloc(sizeof(SeenCombo));

	combo->id = slot_int8(slot, 0);
	combo->items = slot_int8(slot, 1);
	combo->dishes = slot->tts_isnull[2] ? PointerGetDatum(construct_empty_array(INT8OID)) :
		PointerGetDatum(DatumGetArrayTypePCopy(slot_datum(slot, 2, INT8ARRAYOID)));
	combo->names = slot->tts_isnull[3] ? PointerGetDatum(construct_empty_array(TEXTOID)) :
		PointerGetDatum(DatumGetArrayTypePCopy(slot_datum(slot, 3, TEXTARRAYOID)));
	look->seen = lappend(look->seen, combo);
	MemoryContextSwitchTo(old);
}

/*
 * A row for each combo that is active or seen; both lists are in the order of ids.
 * why_not: nobody knows what is seen; else NULL.
 */
static void
add_looked(ReturnSetInfo *rsinfo, const CustomerLook *look, const List *owned, char *why_not)
{
	const ListCell *lc;
	int			at = 0;

	foreach(lc, owned)
	{
		const OwnedCombo *combo = lfirst(lc);
		const SeenCombo *seen = NULL;
		Datum		values[11];
		bool		nulls[11] = {0};

		CHECK_FOR_INTERRUPTS();
		while (at < list_length(look->seen) && ((SeenCombo *) list_nth(look->seen, at))->id < combo->id)
			at++;
		if (at < list_length(look->seen) && ((SeenCombo *) list_nth(look->seen, at))->id == combo->id)
			seen = list_nth(look->seen, at);
		if (!seen && !combo->active)
			continue;
		values[0] = CStringGetTextDatum(look->seen_by);
		values[1] = Int64GetDatum(look->restaurant);
		values[2] = result_text(combo->restaurant_name, &nulls[2]);
		values[3] = Int64GetDatum(combo->id);
		values[4] = result_text(combo->name, &nulls[4]);
		values[5] = BoolGetDatum(seen != NULL);
		nulls[5] = why_not != NULL;
		values[6] = Int64GetDatum(seen ? seen->items : 0);
		nulls[6] = why_not != NULL;
		values[7] = Int64GetDatum(combo->items);
		values[8] = seen ? seen->dishes : (Datum) 0;
		values[9] = seen ? seen->names : (Datum) 0;
		nulls[8] = nulls[9] = seen == NULL;
		values[10] = result_text(why_not ? why_not : what_is_hidden(combo, seen), &nulls[10]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

/* Why the row differs from what the tables have; NULL when it does not. */
static char *
what_is_hidden(const OwnedCombo *owned, const SeenCombo *seen)
{
	StringInfoData why;
	int64		inactive = owned->items - owned->active_items;

	initStringInfo(&why);
	if (!owned->active)
		format_append(&why, "; ", "the combo is not active");
	if (!owned->restaurant_active)
		format_append(&why, "; ", "the restaurant is not active");
	if (!seen && owned->active && owned->restaurant_active)
		format_append(&why, "; ", "row level security hides it");
	if (seen && inactive > 0)
		format_append(&why, "; ", "of dishes that are not active: %s", format_things(inactive, "item"));
	if (seen && seen->items < owned->active_items)
		format_append(&why, "; ", "row level security hides %s", format_things(owned->active_items - seen->items, "item"));
	if (seen && owned->items == 0)
		format_append(&why, "; ", "it has no items");
	return why.len > 0 ? why.data : NULL;
}
