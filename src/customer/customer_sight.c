/*-------------------------------------------------------------------------
 *
 * customer_sight.c
 *	  What visitors see of all combos: see customer_sight.h.
 *
 * Two queries, each of which passes once over the items and returns a row per group
 * in the order of the groups' ids, so that they are merged: what visitors see is
 * kept, 16 bytes a group, and what the tables have goes by.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/access_session.h"
#include "base/attempt.h"
#include "base/blank.h"
#include "base/extension.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"
#include "customer/customer_sight.h"

/* For sorting and hashing: at two million items, the server's default spills to disk. */
#define QUERY_MEMORY "64MB"

/* A group that visitors see. */
typedef struct SeenGroup
{
	int64		id;
	uint32		shown;			/* its items whose dish is active */
	bool		inactive;		/* items whose dish is not */
	bool		blank;
	bool		equal;
} SeenGroup;

/* State of both queries. */
typedef struct SightReading
{
	const CustomerTables *tables;
	CustomerSight *sight;
	SeenGroup  *groups;			/* in the order of their ids */
	size_t		ngroups;
	size_t		room;
	size_t		at;				/* the next one to be met by the second query */
	HTAB	   *restaurants;	/* RestaurantSights */
} SightReading;

static void read_as_visitor(void *arg);
static char *seen_query(const CustomerTables *tables);
static char *dish_key(const CustomerTable *dishes);
static void keep_seen(TupleTableSlot *slot, void *arg);
static char *owned_query(const CustomerTables *tables);
static char *backfilled_dishes(void);
static void compare_owned(TupleTableSlot *slot, void *arg);
static void compare_dishes(SightReading *reading, const SeenGroup *seen, TupleTableSlot *slot);
static void add_sight_example(SightExamples *examples, int64 id);
static void sum_restaurants(const SightReading *reading);
static void keep_largest(CustomerSight *sight, const RestaurantSight *restaurant);


ErrorData *
customer_sight_read(const CustomerTables *tables, CustomerSight *sight)
{
	HASHCTL		ctl = {.keysize = sizeof(int64),.entrysize = sizeof(RestaurantSight),.hcxt = CurrentMemoryContext};
	SightReading reading = {.tables = tables,.sight = sight};
	ErrorData  *error;
	QueryArgs	args = {0};
	int			scope;

	memset(sight, 0, sizeof(CustomerSight));
	reading.room = 1024;
	reading.groups = palloc(sizeof(SeenGroup) * reading.room);
	error = attempt_and_undo(read_as_visitor, &reading);
	if (error)
		return error;

	reading.restaurants = hash_create("menuca restaurants", 1024, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	query_arg_text(&args, backfilled_dishes());
	scope = guc_scope_begin();
	guc_scope_set("work_mem", QUERY_MEMORY);
	(void) query_each(owned_query(tables), &args, compare_owned, &reading);
	guc_scope_end(scope);
	sum_restaurants(&reading);
	hash_destroy(reading.restaurants);
	pfree(reading.groups);
	return NULL;
}

/* Called in a subtransaction that is undone, and with it the role. */
static void
read_as_visitor(void *arg)
{
	SightReading *reading = arg;

	(void) access_session_begin(ROLE_PUBLIC, "");
	guc_scope_set("work_mem", QUERY_MEMORY);
	(void) query_each_as_role(seen_query(reading->tables), NULL, keep_seen, reading);
}

/*
 * What row security leaves of all groups, active or not, and of their items.  A dish has
 * a key: NULL unless the site shows the dish, 0 without a name, else a hash of it.  Only
 * by a LEFT JOIN does the planner compute it once for each dish, not for each item.
 */
static char *
seen_query(const CustomerTables *tables)
{
	return psprintf("SELECT c.id, coalesce(x.shown, 0), coalesce(x.inactive, false), coalesce(x.blank, false), coalesce(x.equal, false)"
					" FROM (SELECT g.%s::pg_catalog.int8 AS id FROM %s g) c"
					" LEFT JOIN (SELECT i.%s::pg_catalog.int8 AS id, pg_catalog.count(d.key) AS shown,"
					"  pg_catalog.bool_or(d.key IS NULL AND d.id IS NOT NULL) AS inactive,"
					"  pg_catalog.bool_or(d.key OPERATOR(pg_catalog.=) 0) AS blank,"
					"  pg_catalog.count(d.key) FILTER (WHERE d.key OPERATOR(pg_catalog.<>) 0) OPERATOR(pg_catalog.>)"
					"   pg_catalog.count(DISTINCT d.key) FILTER (WHERE d.key OPERATOR(pg_catalog.<>) 0) AS equal"
					"  FROM %s i LEFT JOIN (SELECT d.%s AS id, %s AS key FROM %s d) d"
					"   ON d.id OPERATOR(pg_catalog.=) i.%s"
					"  GROUP BY 1) x ON x.id OPERATOR(pg_catalog.=) c.id"
					" ORDER BY c.id",
					tables->groups.id, tables->groups.name, tables->item_group,
					tables->items.name, tables->dishes.id, dish_key(&tables->dishes), tables->dishes.name,
					tables->item_dish);
}

/* Without names, the key is that of all dishes that are shown. */
static char *
dish_key(const CustomerTable *dishes)
{
	char	   *label = customer_tables_label(dishes, "d");
	char	   *blanks = blank_characters();

	if (dishes->label == InvalidAttrNumber)
		return psprintf("CASE WHEN %s THEN 1::pg_catalog.int8 END", customer_tables_shows(dishes, "d"));
	return psprintf("CASE WHEN NOT %s THEN NULL"
					" WHEN coalesce(pg_catalog.btrim(%s, %s), '') OPERATOR(pg_catalog.=) '' THEN 0"
					" ELSE pg_catalog.hashtextextended(pg_catalog.lower(pg_catalog.btrim(%s, %s)), 0) END",
					customer_tables_shows(dishes, "d"), label, blanks, label, blanks);
}

/* Called as the visitors' role. */
static void
keep_seen(TupleTableSlot *slot, void *arg)
{
	SightReading *reading = arg;
	SeenGroup  *group;

	if (slot->tts_isnull[0])
		return;
	if (reading->ngroups == reading->room)
	{
		reading->room *= 2;
		reading->groups = repalloc_huge(reading->groups, sizeof(SeenGroup) * reading->room);
	}
	group = &reading->groups[reading->ngroups++];
	group->id = slot_int8(slot, 0);
	group->shown = (uint32) Min(slot_int8(slot, 1), PG_UINT32_MAX);
	group->inactive = slot_bool(slot, 2);
	group->blank = slot_bool(slot, 3);
	group->equal = slot_bool(slot, 4) && reading->tables->dishes.label != InvalidAttrNumber;
}

/* What the tables have of each group; $1 is what backfilled_dishes() returns. */
static char *
owned_query(const CustomerTables *tables)
{
	const CustomerTable *restaurants = &tables->restaurants;
	char	   *active = customer_tables_shows(&tables->dishes, "d");

	return psprintf("SELECT g.%s::int8, g.%s::int8, %s AND %s,"
					" coalesce(x.items, 0), coalesce(x.active, 0), coalesce(x.backfilled, 0), %s"
					" FROM %s g %s"
					" LEFT JOIN (SELECT i.%s::int8 AS id, count(*) AS items, count(*) FILTER (WHERE %s) AS active,"
					"  count(*) FILTER (WHERE NOT %s AND $1::int8multirange @> d.%s::int8) AS backfilled"
					"  FROM %s i JOIN %s d ON d.%s = i.%s GROUP BY 1) x ON x.id = g.%s"
					" WHERE g.%s IS NOT NULL ORDER BY 1",
					tables->groups.id, tables->groups.restaurant,
					customer_tables_shows(&tables->groups, "g"),
					OidIsValid(restaurants->oid) ?
					psprintf("coalesce(%s, false)", customer_tables_shows(restaurants, "r")) : "true",
					tables->item_count ? tables->item_count : "NULL::int8",
					tables->groups.name,
					OidIsValid(restaurants->oid) ?
					psprintf("LEFT JOIN %s r ON r.%s = g.%s", restaurants->name, restaurants->id,
							 tables->groups.restaurant) : "",
					tables->item_group, active, active, tables->dishes.id,
					tables->items.name, tables->dishes.name, tables->dishes.id, tables->item_dish,
					tables->groups.id, tables->groups.id);
}

/* The ids of dishes that a run created: those are inactive until somebody gives them a price. */
static char *
backfilled_dishes(void)
{
	QueryArgs	args = {0};
	char	   *keys;

	query_arg_text(&args, menuca_target_schema);
	keys = query_text(psprintf("SELECT range_agg(b.keys)::text FROM %smenuca_run r JOIN %smenuca_run_batch b USING (run_id)"
							   " WHERE r.target_schema = $1 AND r.target = 'dishes' AND r.status <> 'rolled_back'",
							   migrate_schema(), migrate_schema()), &args);
	return keys ? keys : "{}";
}

/* A group of the tables: meets the one that visitors see, if they do. */
static void
compare_owned(TupleTableSlot *slot, void *arg)
{
	SightReading *reading = arg;
	CustomerSight *sight = reading->sight;
	int64		id = slot_int8(slot, 0);
	bool		expected = slot_bool(slot, 2);
	const SeenGroup *seen = NULL;

	while (reading->at < reading->ngroups && reading->groups[reading->at].id < id)
		reading->at++;
	if (reading->at < reading->ngroups && reading->groups[reading->at].id == id)
		seen = &reading->groups[reading->at];

	sight->expected += expected;
	sight->seen += expected && seen;
	if (!slot->tts_isnull[1])
	{
		int64		restaurant = slot_int8(slot, 1);
		bool		found;
		RestaurantSight *entry = hash_search(reading->restaurants, &restaurant, HASH_ENTER, &found);

		if (!found)
			*entry = (RestaurantSight)
		{
			.id = restaurant
		};
		entry->groups++;
		entry->items += slot_int8(slot, 3);
		entry->expected += expected;
		entry->seen += expected && seen;
	}
	if (seen == NULL)
		return;
	if (expected)
		compare_dishes(reading, seen, slot);
	else
		add_sight_example(&sight->problems[SIGHT_INACTIVE], id);
}

static void
compare_dishes(SightReading *reading, const SeenGroup *seen, TupleTableSlot *slot)
{
	CustomerSight *sight = reading->sight;
	SightExamples *problems = sight->problems;
	int64		items = slot_int8(slot, 3);
	int64		active = slot_int8(slot, 4);
	int64		backfilled = slot_int8(slot, 5);
	int64		stated = slot->tts_isnull[6] ? 0 : slot_int8(slot, 6);

	sight->items_expected += active;
	sight->items_seen += seen->shown;
	sight->without_items += items == 0;
	sight->stated += stated > 0;
	if (seen->inactive)
		add_sight_example(&problems[SIGHT_INACTIVE_DISHES], seen->id);
	if (seen->shown < active)
		add_sight_example(&problems[SIGHT_PARTLY_HIDDEN], seen->id);
	if (items > 0 && seen->shown == 0)
		add_sight_example(&problems[active > 0 ? SIGHT_EMPTY :
									items == backfilled ? SIGHT_EMPTY_BACKFILLED : SIGHT_EMPTY_INACTIVE], seen->id);
	else if (items > 0 && items < stated)
		add_sight_example(&problems[SIGHT_FEW_OWNED], seen->id);
	else if (items > 0 && seen->shown < stated)
		add_sight_example(&problems[active < stated ? SIGHT_FEW_INACTIVE : SIGHT_FEW], seen->id);
	if (seen->blank)
		add_sight_example(&problems[SIGHT_BLANK], seen->id);
	if (seen->equal)
		add_sight_example(&problems[SIGHT_EQUAL], seen->id);
}

/* Groups come in the order of their ids, so the first ones are kept. */
static void
add_sight_example(SightExamples *examples, int64 id)
{
	if (examples->count < SIGHT_EXAMPLES)
		examples->ids[examples->count] = id;
	examples->count++;
}

/* Restaurants come in any order: the smallest ids are kept, and the largest menus. */
static void
sum_restaurants(const SightReading *reading)
{
	CustomerSight *sight = reading->sight;
	SightExamples *incomplete = &sight->incomplete;
	HASH_SEQ_STATUS scan;
	const RestaurantSight *restaurant;

	hash_seq_init(&scan, reading->restaurants);
	while ((restaurant = hash_seq_search(&scan)) != NULL)
	{
		int64		id = restaurant->id;

		sight->restaurants += restaurant->expected > 0;
		keep_largest(sight, restaurant);
		if (restaurant->seen >= restaurant->expected)
			continue;
		for (uint64 i = 0; i < Min(incomplete->count, SIGHT_EXAMPLES); i++)
		{
			if (id < incomplete->ids[i])
			{
				int64		other = incomplete->ids[i];

				incomplete->ids[i] = id;
				id = other;
			}
		}
		add_sight_example(incomplete, id);
	}
}

/* Inserts it where it belongs by its number of groups, then by its id. */
static void
keep_largest(CustomerSight *sight, const RestaurantSight *restaurant)
{
	int			place = sight->nlargest;

	while (place > 0 && (sight->largest[place - 1].groups < restaurant->groups ||
						 (sight->largest[place - 1].groups == restaurant->groups &&
						  sight->largest[place - 1].id > restaurant->id)))
	{
		if (place < SIGHT_EXAMPLES)
			sight->largest[place] = sight->largest[place - 1];
		place--;
	}
	if (place >= SIGHT_EXAMPLES)
		return;
	sight->largest[place] = *restaurant;
	sight->nlargest = Min(sight->nlargest + 1, SIGHT_EXAMPLES);
}
