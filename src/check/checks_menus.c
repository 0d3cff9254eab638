/*-------------------------------------------------------------------------
 *
 * checks_menus.c
 *	  The check of the restaurants' menus: see checks_menus.h.
 *
 * A restaurant whose combos are complete sells nothing without an active dish.
 * Which ones had a menu is known from a pre-flight or a backup, and which ones
 * must have one from the source, whose groups and dishes are theirs.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/id_set.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_menus.h"
#include "check/reference.h"
#include "check/validation_facts.h"
#include "source/staged_table.h"
#include "target/keyed_table.h"
#include "target/table_counts.h"

/* Restaurants of each kind that are looked at, and that a detail names. */
#define MAX_MENUS 1000
#define EXAMPLES 5

/* Restaurants without a menu, of one kind. */
typedef struct Menuless
{
	uint64		count;
	uint64		closed;			/* of these, not active themselves */
	uint64		failed;			/* of the others, those with many dishes or
								 * with none */
	StringInfoData names;
} Menuless;

typedef struct Menus
{
	Menuless	lost;			/* they had a menu */
	Menuless	bare;			/* the source, or V1's menu, names them */
} Menus;

/* Different restaurants. */
typedef struct Restaurants
{
	id_set_hash *seen;
	int64	   *ids;
	int			n;
	int			allocated;
} Restaurants;

static const char *recorded_menus(Facts *facts, const Reference *reference, const char **origin);
static void find_menuless(const Facts *facts, const char *recorded, Menus *menus);
static char *lost_restaurants(const char *recorded, Datum active);
static void collect_restaurants(const Facts *facts, Datum *active, Datum *bare);
static void note_restaurant(Restaurants *found, int64 restaurant);
static void read_staged_menu(const Facts *facts, Restaurants *found);
static bool is_integer(Oid relid, const char *column);
static void add_of_menu(TupleTableSlot *slot, void *arg);
static void add_menuless(TupleTableSlot *slot, void *arg);
static char *menuless_text(const Menus *menus);
static char *have(uint64 count);


/*
 * 23: a restaurant that is closed itself needs no menu, and one with a few dishes
 * may have switched all of them off for a day.
 */
void
check_menus(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Reference *reference = check_require_reference(facts, "menus", finding);
	const char *origin = NULL;
	const char *recorded = recorded_menus(facts, reference, &origin);
	Menus		menus = {0};
	uint64		open_lost;
	uint64		open_bare;

	if (recorded == NULL && facts->source == NULL)
	{
		if (reference)
			finding_skip(finding, "it is not recorded which restaurants had a menu",
						 migrate_call("SELECT * FROM menuca_ticket(0, dry_run => false); records it from now on."));
		return;
	}

	memset(finding, 0, sizeof(Finding));
	initStringInfo(&menus.lost.names);
	initStringInfo(&menus.bare.names);
	find_menuless(facts, recorded, &menus);
	open_lost = menus.lost.count - menus.lost.closed;
	open_bare = menus.bare.count - menus.bare.closed;

	/* What had no menu when the others were accepted was accepted with them */
	if (accepted_change_exists("menus"))
		open_bare = 0;
	finding->status = menus.lost.failed > 0 || open_lost > DAILY_CHANGES ? CHECK_FAIL :
		open_lost > 0 || open_bare > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = "every restaurant that had an active dish, or that V1 names, has one, unless it is closed itself";
	finding->actual = menuless_text(&menus);
	finding->detail = psprintf("%s%s%s.",
							   origin ? psprintf("Compared with %s", origin) : "Not compared with an earlier state, since none was counted",
							   menus.lost.count > 0 ? psprintf(". Lost: %s", menus.lost.names.data) : "",
							   menus.bare.count > 0 ? psprintf(". None: %s", menus.bare.names.data) : "");
	finding->metadata = psprintf("{\"without_menu\": " UINT64_FORMAT ", \"closed\": " UINT64_FORMAT ", \"named_without_menu\": " UINT64_FORMAT ", \"named_closed\": " UINT64_FORMAT "}",
								 menus.lost.count, menus.lost.closed, menus.bare.count, menus.bare.closed);
	if (open_lost > 0)
		finding->remedy = "Find out who switched off or deleted their dishes, and restore them from the backup.";
	else if (open_bare > 0)
		finding->remedy = migrate_call("Migrate their dishes, switch them on, or close these restaurants. To see what V1's staged menu has of them: SELECT * FROM menuca_plan_backfill();");
	accepted_change_apply(facts, "menus", ACCEPT_FIGURES_OF_NOW, finding);
}

/* The restaurants that had a menu, as the text of an int8multirange, or NULL. */
static const char *
recorded_menus(Facts *facts, const Reference *reference, const char **origin)
{
	const ReferenceTable *dishes = reference ? reference_table(reference, facts->target->dishes.bare_name) : NULL;

	if (dishes == NULL || dishes->menus == NULL || facts->target->dishes.is_active == NULL)
		return NULL;
	*origin = dishes->origin;
	return dishes->menus;
}

/* Counts and names the restaurants without an active dish. */
static void
find_menuless(const Facts *facts, const char *recorded, Menus *menus)
{
	const ParentTable *dishes = &facts->target->dishes;
	bool		has_table = table_counts_is_readable(facts->target->schema, "restaurants");
	Oid			restaurants = has_table ? target_table_oid(facts->target->schema, "restaurants") : InvalidOid;
	AttrNumber	name = has_table ? column_find(restaurants, "name") : InvalidAttrNumber;
	QueryArgs	args = {0};
	Datum		active;
	Datum		bare;

	collect_restaurants(facts, &active, &bare);
	query_arg_text(&args, recorded ? lost_restaurants(recorded, active) : NULL);
	query_arg(&args, INT8ARRAYOID, bare, false);
	query_each(psprintf("SELECT r.id, coalesce(d.n, 0), %s, r.lost, %s FROM"
						" ((SELECT generate_series(lower(u), upper(u) - 1) AS id, true AS lost FROM unnest($1::int8multirange) u LIMIT %d)"
						"  UNION ALL (SELECT b, false FROM unnest($2) b WHERE ($1::int8multirange @> b) IS NOT TRUE LIMIT %d)) r"
						" LEFT JOIN (SELECT %s AS id, count(*) AS n FROM %s GROUP BY 1) d ON d.id = r.id%s ORDER BY r.id",
						check_closed_condition(facts, "r.id"),
						name == InvalidAttrNumber ? "NULL::text" : column_as_text(restaurants, name, "x"),
						MAX_MENUS, MAX_MENUS, dishes->restaurant, dishes->name,
						name == InvalidAttrNumber ? "" : psprintf(" LEFT JOIN %s x ON x.id = r.id", relation_quoted_name(restaurants))),
			   &args, add_menuless, menus);
}

/* Those that were recorded and are not active now, or NULL. */
static char *
lost_restaurants(const char *recorded, Datum active)
{
	QueryArgs	args = {0};

	query_arg_text(&args, recorded);
	query_arg(&args, INT8ARRAYOID, active, false);
	return query_text("SELECT nullif($1::int8multirange - coalesce(range_agg(int8range(r, r, '[]')), '{}'), '{}')::text"
					  " FROM unnest($2) r WHERE r < 9223372036854775807", &args);
}

/*
 * The different restaurants of active dishes and, of the others, those that have a
 * group or a dish that the source names, or that V1's staged menu names, as an
 * int8[] each.
 */
static void
collect_restaurants(const Facts *facts, Datum *active, Datum *bare)
{
	const ParentMap *maps[] = {facts->dishes, facts->groups};
	Restaurants found = {.seen = id_set_create(CurrentMemoryContext, 1024, NULL),.allocated = 1024};
	int			n_active;

	found.ids = palloc(sizeof(int64) * found.allocated);
	for (uint32 i = 0; i < facts->dishes->nrows; i++)
	{
		const ParentRow *dish = &facts->dishes->rows[i];

		if (!(dish->flags & PARENT_INACTIVE) && (dish->flags & PARENT_HAS_RESTAURANT))
			note_restaurant(&found, dish->restaurant);
	}
	*active = query_int8_array(found.ids, NULL, found.n);
	n_active = found.n;

	for (size_t m = 0; m < lengthof(maps); m++)
	{
		for (uint32 i = 0; i < maps[m]->nrows; i++)
		{
			const ParentRow *row = &maps[m]->rows[i];

			if ((row->flags & PARENT_REFERENCED) && (row->flags & PARENT_HAS_RESTAURANT))
				note_restaurant(&found, row->restaurant);
		}
	}
	read_staged_menu(facts, &found);
	*bare = query_int8_array(found.ids + n_active, NULL, found.n - n_active);
	id_set_destroy(found.seen);
	pfree(found.ids);
}

static void
note_restaurant(Restaurants *found, int64 restaurant)
{
	bool		known;

	id_set_insert(found->seen, restaurant, &known);
	if (known)
		return;
	if (found->n == found->allocated)
		found->ids = repalloc(found->ids, sizeof(int64) * (found->allocated *= 2));
	found->ids[found->n++] = restaurant;
}

/* Adds the restaurants of V1's staged menu, if it and their legacy ids can be read. */
static void
read_staged_menu(const Facts *facts, Restaurants *found)
{
	Oid			menu = staged_table_find("menuca.menu_table", menuca_menu_table);
	Oid			restaurants;

	if (!OidIsValid(menu) || !relation_may(menu, ACL_SELECT) || !is_integer(menu, "restaurant") ||
		!table_counts_is_readable(facts->target->schema, "restaurants"))
		return;
	restaurants = target_table_oid(facts->target->schema, "restaurants");
	if (!is_integer(restaurants, "id") || !is_integer(restaurants, "legacy_v1_id"))
		return;
	query_each(psprintf("SELECT r.id::int8 FROM %s r WHERE EXISTS (SELECT FROM %s m WHERE m.restaurant = r.legacy_v1_id)",
						relation_quoted_name(restaurants), relation_quoted_name(menu)),
			   NULL, add_of_menu, found);
}

static bool
is_integer(Oid relid, const char *column)
{
	AttrNumber	attnum = column_find(relid, column);
	Oid			type = attnum == InvalidAttrNumber ? InvalidOid : column_type(relid, attnum);

	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static void
add_of_menu(TupleTableSlot *slot, void *arg)
{
	if (!slot->tts_isnull[0])
		note_restaurant(arg, slot_int8(slot, 0));
}

static void
add_menuless(TupleTableSlot *slot, void *arg)
{
	Menus	   *menus = arg;
	Menuless   *menuless = slot_bool(slot, 3) ? &menus->lost : &menus->bare;
	int64		dishes = slot_int8(slot, 1);
	bool		closed = slot_bool(slot, 2);
	char	   *name = slot_text_or_null(slot, 4);

	menuless->count++;
	menuless->closed += closed;
	menuless->failed += !closed && (dishes == 0 || dishes > DAILY_CHANGES);
	if (menuless->count <= EXAMPLES)
		format_append(&menuless->names, ", ", INT64_FORMAT "%s%s%s%s", slot_int8(slot, 0),
					  name ? " (" : "", name ? format_one_line(name) : "", name ? ")" : "", closed ? " closed" : "");
	else if (menuless->count == EXAMPLES + 1)
		appendStringInfoString(&menuless->names, " and others");
}

static char *
menuless_text(const Menus *menus)
{
	StringInfoData text;

	initStringInfo(&text);
	if (menus->lost.count > 0)
		format_append(&text, ", ", "%s lost the menu%s", have(menus->lost.count),
					  menus->lost.closed > 0 ? psprintf(" (%s of them not active any more)", format_count(menus->lost.closed)) : "");
	if (menus->bare.count > 0)
		format_append(&text, ", ", "%s none%s", have(menus->bare.count),
					  menus->bare.closed > 0 ? psprintf(" (%s of them not active)", format_count(menus->bare.closed)) : "");
	return text.len > 0 ? text.data : "all of them have one";
}

/* "1 restaurant has", "2 restaurants have" */
static char *
have(uint64 count)
{
	return psprintf("%s %s", format_things(count, "restaurant"), count == 1 ? "has" : "have");
}
