/*-------------------------------------------------------------------------
 *
 * check_customer_view.c
 *	  What customers must see, and what they must not.
 *
 * menuca_check_customer_view()
 *
 * Over all combos, exactly: as visitors without a login, and for the largest
 * restaurants as their staff.  Nothing is written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/access_roles.h"
#include "base/access_session.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/json.h"
#include "base/jwt_claim.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "customer/customer_sight.h"
#include "plan/acceptance.h"

PG_FUNCTION_INFO_V1(menuca_check_customer_view);

/* Names are cut to that many characters in a text that has several of them. */
#define NAME_CHARACTERS 60

/* What the checks examine. */
typedef struct CustomerFacts
{
	CustomerTables *tables;
	char	   *why_not;		/* nobody was asked; NULL: visitors were */
	char	   *remedy;
	ErrorData  *error;			/* of the visitors' query */
	bool		error_told;
	char	   *open;			/* tables where access is deployed, and row
								 * security is off; NULL: none */
	CustomerSight sight;
	Acceptances acceptances;
} CustomerFacts;

/* What a restaurant's staff see of it. */
typedef struct StaffSight
{
	const CustomerTables *tables;
	int64		restaurant;
	int64		groups;
	int64		items;
} StaffSight;

static void add_view_summary(FindingRows *rows, const CustomerFacts *facts);
static void find_obstacle(CustomerFacts *facts);
static bool is_deployed(Oid table);
static void gather_sight(void *arg);
static bool is_unknown(CustomerFacts *facts, Finding *finding);
static void check_visitor_combos(void *subject, Finding *finding);
static void check_visitor_items(void *subject, Finding *finding);
static void check_visitor_inactive(void *subject, Finding *finding);
static void check_visitor_empty(void *subject, Finding *finding);
static void check_visitor_few(void *subject, Finding *finding);
static void check_visitor_names(void *subject, Finding *finding);
static void check_staff_combos(void *subject, Finding *finding);
static void judge_sight(const CustomerFacts *facts, Finding *finding, uint64 hidden, uint64 all, AcceptedFigure figure,
						double pct, char *remedy);
static void read_as_staff(void *arg);
static void store_staff_counts(TupleTableSlot *slot, void *arg);
static int64 restaurant_of_first(const CustomerTables *tables, const SightExamples *examples);
static char *group_names(const CustomerTables *tables, const SightExamples *examples);
static char *restaurant_names(const CustomerTables *tables, const SightExamples *examples);
static char *names_of_ids(const char *sql, const SightExamples *examples);
static void add_part(StringInfo text, const char *part);

static const FindingCheck customer_checks[] = {
	{"visitor_combos", "Combos that visitors see, by restaurant", check_visitor_combos},
	{"visitor_items", "Dishes that visitors see in combos", check_visitor_items},
	{"visitor_inactive", "Nothing that is inactive or deleted is shown", check_visitor_inactive},
	{"visitor_empty", "Combos without any visible dish", check_visitor_empty},
	{"visitor_few", "Combos with fewer visible dishes than item_count", check_visitor_few},
	{"visitor_names", "Names of the dishes in a combo", check_visitor_names},
	{"staff_combos", "Combos that a restaurant's staff sees", check_staff_combos},
};


/* menuca_check_customer_view(): a row per check and the summary. */
Datum
menuca_check_customer_view(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	CustomerFacts facts = {0};
	ErrorData  *error;

	InitMaterializedSRF(fcinfo, 0);
	facts.tables = customer_tables_open();
	find_obstacle(&facts);
	acceptances_read_any(menuca_target_schema, "combo_items", &facts.acceptances);
	if (!facts.why_not)
	{
		error = attempt(gather_sight, &facts);
		if (error)
			facts.error = error;
	}
	finding_rows_run(&rows, customer_checks, lengthof(customer_checks), &facts);
	add_view_summary(&rows, &facts);
	return (Datum) 0;
}

/* Where nobody was asked, not even the summary passes. */
static void
add_view_summary(FindingRows *rows, const CustomerFacts *facts)
{
	Finding		summary;

	if (!facts->why_not)
	{
		finding_rows_add_summary(rows, NULL);
		return;
	}
	finding_rows_summary(rows, &summary);
	summary.detail = "nobody was asked what customers see";
	summary.remedy = facts->remedy;
	finding_rows_add(rows, "summary", "Summary of all checks", &summary);
}

/* Why nobody can be asked what he sees, so that nothing may pass. */
static void
find_obstacle(CustomerFacts *facts)
{
	List	   *open = customer_tables_open_to_all(facts->tables);
	List	   *remedies;
	List	   *obstacles = access_role_obstacles(&remedies);
	ListCell   *lc;
	StringInfoData closed_once;
	StringInfoData never_closed;

	if (obstacles)
	{
		facts->why_not = linitial(obstacles);
		facts->remedy = linitial(remedies);
		return;
	}
	for (AccessRole role = ROLE_PUBLIC; role <= ROLE_TENANT; role++)
	{
		if (access_session_may_become(role))
			continue;
		facts->why_not = psprintf("you may not become role \"%s\", as which this looks", access_role_name(role));
		facts->remedy = access_session_grant(role);
		return;
	}
	initStringInfo(&closed_once);
	initStringInfo(&never_closed);
	foreach(lc, open)
		format_append(is_deployed(lfirst_oid(lc)) ? &closed_once : &never_closed, ", ", "%s", relation_display_name(lfirst_oid(lc)));
	if (closed_once.len > 0)
		facts->open = closed_once.data;
	if (never_closed.len == 0)
		return;
	facts->why_not = psprintf("row level security is off for %s: access is not deployed", never_closed.data);
	facts->remedy = migrate_call("SELECT * FROM menuca_deploy_access();");
}

/* Whether the ledger of access says that a table has its policies. */
static bool
is_deployed(Oid table)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, get_rel_name(table));
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_deployment"
							   " WHERE undone_at IS NULL AND table_schema = $1 AND table_name = $2)", migrate_schema()), &args);
}

static void
gather_sight(void *arg)
{
	CustomerFacts *facts = arg;

	facts->error = customer_sight_read(facts->tables, &facts->sight);
}

/* The first check has the error, the others say that they know nothing. */
static bool
is_unknown(CustomerFacts *facts, Finding *finding)
{
	if (facts->why_not)
		finding_skip(finding, facts->why_not, facts->remedy);
	else if (facts->error && !facts->error_told)
	{
		finding_of_error(finding, facts->error);
		facts->error_told = true;
	}
	else if (facts->error)
		finding_skip(finding, "what visitors see is not known: see visitor_combos", NULL);
	else
		return false;
	return true;
}

static void
check_visitor_combos(void *subject, Finding *finding)
{
	CustomerFacts *facts = subject;
	const CustomerSight *sight = &facts->sight;
	StringInfoData metadata;
	StringInfoData detail;

	finding->expected = "visitors see every active combo of every active restaurant";
	if (is_unknown(facts, finding))
		return;
	initStringInfo(&detail);
	finding->actual = psprintf("%s of %s, in %s restaurants; incomplete: %s", format_count(sight->seen),
							   format_things(sight->expected, "combo"), format_count(sight->restaurants),
							   format_things(sight->incomplete.count, "restaurant"));
	if (sight->incomplete.count > 0)
	{
		finding->status = CHECK_FAIL;
		add_part(&detail, psprintf("Combos are hidden in %s.", restaurant_names(facts->tables, &sight->incomplete)));
		finding->remedy = migrate_call("Row level security hides what is public; see what is not as wanted: SELECT * FROM menuca_check_access(overhead => false) WHERE status <> 'PASS';");
	}
	else if (sight->expected == 0)
	{
		finding_skip(finding, "no active restaurant has an active combo", NULL);
		return;
	}
	if (sight->without_items > 0)
		add_part(&detail, psprintf("%s of the combos that they see have no item at all: the orphans that menuca_orphan_rate counts.",
								   format_count(sight->without_items)));
	if (customer_tables_missing(facts->tables))
		add_part(&detail, customer_tables_missing(facts->tables));
	if (detail.len > 0)
		finding->detail = detail.data;
	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "combos_expected", sight->expected);
	json_count(&metadata, "combos_seen", sight->seen);
	json_count(&metadata, "restaurants", sight->restaurants);
	json_count(&metadata, "restaurants_incomplete", sight->incomplete.count);
	json_count(&metadata, "combos_without_items", sight->without_items);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

static void
check_visitor_items(void *subject, Finding *finding)
{
	CustomerFacts *facts = subject;
	const CustomerSight *sight = &facts->sight;
	const SightExamples *hidden = &sight->problems[SIGHT_PARTLY_HIDDEN];

	finding->expected = "visitors see every active dish of the combos that they see";
	if (is_unknown(facts, finding))
		return;
	if (sight->items_expected == 0)
	{
		finding_skip(finding, "no combo that visitors see has an active dish", NULL);
		return;
	}
	finding->actual = psprintf("%s of %s; incomplete: %s", format_count(sight->items_seen),
							   format_things(sight->items_expected, "item"), format_things(hidden->count, "combo"));
	finding->metadata = psprintf("{\"items_expected\": " UINT64_FORMAT ", \"items_seen\": " UINT64_FORMAT ", \"combos_incomplete\": " UINT64_FORMAT "}",
								 sight->items_expected, sight->items_seen, hidden->count);
	if (hidden->count == 0)
		return;
	finding->status = CHECK_FAIL;
	finding->detail = psprintf("Row level security hides dishes or items of %s.", group_names(facts->tables, hidden));
	finding->remedy = migrate_call("See what is not as wanted: SELECT * FROM menuca_check_access(overhead => false) WHERE status <> 'PASS';");
}

static void
check_visitor_inactive(void *subject, Finding *finding)
{
	CustomerFacts *facts = subject;
	const CustomerTables *tables = facts->tables;
	const SightExamples *groups = &facts->sight.problems[SIGHT_INACTIVE];
	const SightExamples *dishes = &facts->sight.problems[SIGHT_INACTIVE_DISHES];
	StringInfoData detail;

	finding->expected = "no combo that is inactive, deleted or of such a restaurant, and no such dish";
	if (is_unknown(facts, finding))
		return;
	if (strcmp(customer_tables_shows(&tables->groups, "g"), "true") == 0 &&
		strcmp(customer_tables_shows(&tables->dishes, "d"), "true") == 0 &&
		(!OidIsValid(tables->restaurants.oid) ||
		 strcmp(customer_tables_shows(&tables->restaurants, "r"), "true") == 0))
	{
		finding_skip(finding, "no table has a column status, is_active or deleted_at", NULL);
		return;
	}
	finding->actual = psprintf("%s, and inactive dishes in %s", format_things(groups->count, "combo"),
							   format_things(dishes->count, "combo"));
	finding->metadata = psprintf("{\"combos\": " UINT64_FORMAT ", \"combos_with_inactive_dishes\": " UINT64_FORMAT "}",
								 groups->count, dishes->count);
	finding->detail = customer_tables_missing(tables);
	if (groups->count == 0 && dishes->count == 0 && facts->open == NULL)
		return;
	initStringInfo(&detail);
	if (facts->open)
		add_part(&detail, psprintf("Row level security is off for %s, so every row of it is shown.", facts->open));
	if (groups->count > 0)
		add_part(&detail, psprintf("Shown: %s.", group_names(tables, groups)));
	if (dishes->count > 0)
		add_part(&detail, psprintf("Inactive dishes are shown in %s.", group_names(tables, dishes)));
	if (finding->detail)
		add_part(&detail, finding->detail);
	finding->status = groups->count > 0 || dishes->count > 0 ? CHECK_FAIL : CHECK_WARN;
	finding->detail = detail.data;
	finding->remedy = facts->open ?
		migrate_call("Deploy access again, which turns it on: SELECT * FROM menuca_deploy_access(dry_run => false);") :
		migrate_call("A policy shows more than is wanted: SELECT * FROM menuca_check_access(overhead => false) WHERE status <> 'PASS'; public_may_read_where of menuca_wanted_access says what is wanted.");
}

static void
check_visitor_empty(void *subject, Finding *finding)
{
	CustomerFacts *facts = subject;
	const CustomerSight *sight = &facts->sight;
	const SightExamples *empty = &sight->problems[SIGHT_EMPTY];
	const SightExamples *inactive = &sight->problems[SIGHT_EMPTY_INACTIVE];
	const SightExamples *backfilled = &sight->problems[SIGHT_EMPTY_BACKFILLED];
	uint64		all = empty->count + inactive->count + backfilled->count;
	StringInfoData detail;

	finding->expected = "no combo without a visible dish";
	if (is_unknown(facts, finding))
		return;
	initStringInfo(&detail);
	finding->actual = psprintf("%s (%s): hidden by row level security %s, without an active dish %s, with backfilled dishes that are not active yet %s",
							   format_things(all, "combo"), format_pct(all, sight->seen), format_count(empty->count),
							   format_count(inactive->count), format_count(backfilled->count));
	finding->metadata = psprintf("{\"combos\": " UINT64_FORMAT ", \"combos_inactive\": " UINT64_FORMAT ", \"combos_backfilled\": " UINT64_FORMAT "}",
								 empty->count, inactive->count, backfilled->count);
	if (empty->count > 0)
		add_part(&detail, psprintf("Row level security hides all active dishes of %s.", group_names(facts->tables, empty)));
	if (inactive->count > 0)
		add_part(&detail, psprintf("No dish is active in %s.", group_names(facts->tables, inactive)));
	if (backfilled->count > 0)
		add_part(&detail, psprintf("All dishes are backfilled ones that nobody has activated in %s.",
								   group_names(facts->tables, backfilled)));
	if (detail.len > 0)
		finding->detail = detail.data;
	judge_sight(facts, finding, empty->count, all, ACCEPT_EMPTY_COMBOS, format_percentage(all, sight->seen),
				"Activate the dishes, backfilled ones with their prices, or deactivate the combos: customers find nothing in them.");
}

/*
 * Fails when there is any; an acceptance of the figure, if it covers all, makes it
 * a warning.  What row level security hides is never accepted.
 */
static void
judge_sight(const CustomerFacts *facts, Finding *finding, uint64 hidden, uint64 all, AcceptedFigure figure, double pct,
			char *remedy)
{
	if (all > 0)
	{
		finding->status = CHECK_FAIL;
		finding->remedy = hidden == 0 ? remedy :
			migrate_call("See what is not as wanted: SELECT * FROM menuca_check_access(overhead => false) WHERE status <> 'PASS';");
	}
	if (hidden == 0)
		acceptance_judge(&facts->acceptances, figure, pct, "", finding);
}

static void
check_visitor_few(void *subject, Finding *finding)
{
	CustomerFacts *facts = subject;
	const CustomerSight *sight = &facts->sight;
	const SightExamples *few = &sight->problems[SIGHT_FEW];
	const SightExamples *inactive = &sight->problems[SIGHT_FEW_INACTIVE];
	const SightExamples *owned = &sight->problems[SIGHT_FEW_OWNED];
	StringInfoData detail;

	finding->expected = "at least as many visible dishes as combo_rules.item_count";
	if (is_unknown(facts, finding))
		return;
	if (sight->stated == 0)
	{
		finding_skip(finding, facts->tables->item_count ? "no combo that visitors see states an item_count" :
					 "combo_groups has no column combo_rules of type jsonb or json", NULL);
		return;
	}
	initStringInfo(&detail);
	finding->actual = psprintf("too few in %s of %s: hidden by row level security in %s, too few active in %s, too few items in %s",
							   format_count(few->count + inactive->count + owned->count), format_things(sight->stated, "combo"),
							   format_count(few->count), format_count(inactive->count), format_count(owned->count));
	finding->metadata = psprintf("{\"combos\": " UINT64_FORMAT ", \"combos_inactive\": " UINT64_FORMAT ", \"combos_with_fewer_items\": " UINT64_FORMAT "}",
								 few->count, inactive->count, owned->count);
	if (few->count > 0)
		add_part(&detail, psprintf("Row level security leaves too few dishes of %s.", group_names(facts->tables, few)));
	if (inactive->count > 0)
		add_part(&detail, psprintf("Too few dishes are active in %s.", group_names(facts->tables, inactive)));
	if (owned->count > 0)
		add_part(&detail, psprintf("Fewer items than item_count: %s; check item_count of menuca_validate judges that.",
								   group_names(facts->tables, owned)));
	if (detail.len > 0)
		finding->detail = detail.data;
	judge_sight(facts, finding, few->count, few->count + inactive->count + owned->count, ACCEPT_ITEM_COUNT, 0,
				inactive->count > 0 ? "Decide for each restaurant whether to sell the dishes again, or correct item_count; backfilled dishes need their prices first." :
				"Find out what item_count means here: how many dishes a combo offers, or how many a customer picks.");
}

static void
check_visitor_names(void *subject, Finding *finding)
{
	CustomerFacts *facts = subject;
	const CustomerSight *sight = &facts->sight;
	const SightExamples *blank = &sight->problems[SIGHT_BLANK];
	const SightExamples *equal = &sight->problems[SIGHT_EQUAL];
	StringInfoData detail;

	finding->expected = "no dish without a name, and no equal names in a combo";
	if (is_unknown(facts, finding))
		return;
	if (facts->tables->dishes.label == InvalidAttrNumber)
	{
		finding_skip(finding, "dishes have no column name", NULL);
		return;
	}
	initStringInfo(&detail);
	finding->actual = psprintf("without a name in %s, equal names in %s (%s)", format_things(blank->count, "combo"),
							   format_things(equal->count, "combo"), format_pct(equal->count, sight->seen));
	finding->metadata = psprintf("{\"combos_with_blank_names\": " UINT64_FORMAT ", \"combos_with_equal_names\": " UINT64_FORMAT "}",
								 blank->count, equal->count);
	if (blank->count > 0)
		add_part(&detail, psprintf("Dishes without a name in %s.", group_names(facts->tables, blank)));
	if (equal->count > 0)
		add_part(&detail, psprintf("Dishes of the same name in %s.", group_names(facts->tables, equal)));
	if (detail.len > 0)
	{
		finding->detail = detail.data;
		finding->status = CHECK_FAIL;
		finding->remedy = "Name these dishes so that customers can tell them apart, or delete the items that repeat one.";
		finding->next_step = migrate_call("SELECT * FROM menuca_customer_view(%lld);",
										  (long long) restaurant_of_first(facts->tables, blank->count > 0 ? blank : equal));
	}
	if (blank->count == 0)
		acceptance_judge(&facts->acceptances, ACCEPT_EQUAL_NAMES, format_percentage(equal->count, sight->seen), "", finding);
}

/* The largest restaurants' staff: their claims are those of the restaurant. */
static void
check_staff_combos(void *subject, Finding *finding)
{
	CustomerFacts *facts = subject;
	const CustomerSight *sight = &facts->sight;
	StringInfoData detail;
	int			incomplete = 0;

	finding->expected = "the staff of the largest restaurants see all of their combos and items";
	if (is_unknown(facts, finding))
		return;
	if (menuca_tenant_by == MENUCA_TENANT_BY_MEMBERSHIP)
	{
		finding_skip(finding, "restaurants are found by a membership table, so no claim names one",
					 migrate_call("The matrix tries its members: SELECT * FROM menuca_test_access();"));
		return;
	}
	if (sight->nlargest == 0)
	{
		finding_skip(finding, "no restaurant has a combo", NULL);
		return;
	}
	initStringInfo(&detail);
	for (int i = 0; i < sight->nlargest; i++)
	{
		const RestaurantSight *owned = &sight->largest[i];
		StaffSight	staff = {.tables = facts->tables,.restaurant = owned->id};
		ErrorData  *error = attempt_and_undo(read_as_staff, &staff);

		if (error)
		{
			finding_of_error(finding, error);
			return;
		}
		if (staff.groups == (int64) owned->groups && staff.items == (int64) owned->items)
			continue;
		incomplete++;
		add_part(&detail, psprintf("Restaurant %lld: %lld of %s, %lld of %s.", (long long) owned->id,
								   (long long) staff.groups, format_things(owned->groups, "combo"),
								   (long long) staff.items, format_things(owned->items, "item")));
	}
	finding->actual = psprintf("%d of %s", sight->nlargest - incomplete, format_things(sight->nlargest, "restaurant"));
	finding->metadata = psprintf("{\"restaurants\": %d, \"restaurants_incomplete\": %d}", sight->nlargest, incomplete);
	if (incomplete == 0)
		return;
	finding->status = CHECK_FAIL;
	finding->detail = detail.data;
	finding->remedy = migrate_call("Row level security hides a restaurant's own rows: SELECT * FROM menuca_check_access(overhead => false) WHERE status <> 'PASS';");
}

/* Called in a subtransaction that is undone, and with it the role. */
static void
read_as_staff(void *arg)
{
	StaffSight *staff = arg;
	const CustomerTables *tables = staff->tables;

	(void) access_session_begin(ROLE_TENANT,
								jwt_claim_object(menuca_tenant_claim, psprintf(INT64_FORMAT, staff->restaurant)));
	(void) query_each_as_role(psprintf("SELECT pg_catalog.count(*), pg_catalog.sum((SELECT pg_catalog.count(*)"
									   "  FROM %s i JOIN %s d ON d.%s OPERATOR(pg_catalog.=) i.%s"
									   "  WHERE i.%s OPERATOR(pg_catalog.=) g.%s))::pg_catalog.int8"
									   " FROM %s g WHERE g.%s OPERATOR(pg_catalog.=) " INT64_FORMAT,
									   tables->items.name, tables->dishes.name, tables->dishes.id, tables->item_dish,
									   tables->item_group, tables->groups.id,
									   tables->groups.name, tables->groups.restaurant, staff->restaurant),
							  NULL, store_staff_counts, staff);
}

/* Called as the staff's role. */
static void
store_staff_counts(TupleTableSlot *slot, void *arg)
{
	StaffSight *staff = arg;

	staff->groups = slot_int8(slot, 0);
	staff->items = slot->tts_isnull[1] ? 0 : slot_int8(slot, 1);
}

/* Whose the first of these groups is; 0 if it is nobody's. */
static int64
restaurant_of_first(const CustomerTables *tables, const SightExamples *examples)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, examples->ids[0]);
	return query_int8(psprintf("SELECT g.%s::int8 FROM %s g WHERE g.%s = $1", tables->groups.restaurant,
							   tables->groups.name, tables->groups.id), &args);
}

/* "7 "Family" of restaurant 3 (Napoli), …": the first of them. */
static char *
group_names(const CustomerTables *tables, const SightExamples *examples)
{
	return names_of_ids(psprintf("SELECT format('%%s \"%%s\" of restaurant %%s', g.%s, left(%s, %d), g.%s)"
								 " FROM %s g WHERE g.%s = ANY ($1) ORDER BY g.%s",
								 tables->groups.id, customer_tables_label(&tables->groups, "g"), NAME_CHARACTERS,
								 tables->groups.restaurant,
								 tables->groups.name, tables->groups.id, tables->groups.id), examples);
}

static char *
restaurant_names(const CustomerTables *tables, const SightExamples *examples)
{
	const CustomerTable *restaurants = &tables->restaurants;

	if (!OidIsValid(restaurants->oid))
		return names_of_ids("SELECT format('restaurant %s', u.key) FROM unnest($1) u(key) ORDER BY u.key", examples);
	return names_of_ids(psprintf("SELECT format('restaurant %%s \"%%s\"', u.key, left(%s, %d))"
								 " FROM unnest($1) u(key) LEFT JOIN %s r ON r.%s = u.key ORDER BY u.key",
								 customer_tables_label(restaurants, "r"), NAME_CHARACTERS,
								 restaurants->name, restaurants->id), examples);
}

/* The texts that the query returns for the ids $1, and how many more there are. */
static char *
names_of_ids(const char *sql, const SightExamples *examples)
{
	int			n = Min(examples->count, SIGHT_EXAMPLES);
	QueryArgs	args = {0};
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&names);
	query_arg(&args, INT8ARRAYOID, query_int8_array(examples->ids, NULL, n), false);
	foreach(lc, query_texts(sql, &args))
		format_append(&names, ", ", "%s", format_one_line(lfirst(lc)));
	if (examples->count > (uint64) n)
		appendStringInfo(&names, " and %s more", format_count(examples->count - n));
	return names.data;
}

static void
add_part(StringInfo text, const char *part)
{
	format_append(text, " ", "%s", part);
}
