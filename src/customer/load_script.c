/*-------------------------------------------------------------------------
 *
 * load_script.c
 *	  The requests of a load run.
 *
 * menuca_load_script(requests, connections, seed)
 *
 * The program menuca-load sends them: the menu and the combos of real restaurants, as
 * visitors and as their staff, each in one round trip and a READ ONLY transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/access_roles.h"
#include "base/access_session.h"
#include "base/arguments.h"
#include "base/claim_setting.h"
#include "base/column.h"
#include "base/format.h"
#include "base/jwt_claim.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "customer/customer_tables.h"
#include "ledger/environment.h"

PG_FUNCTION_INFO_V1(menuca_load_script);

/* The tickets' sizes of a run. */
#define STAGING_REQUESTS 100
#define STAGING_CONNECTIONS 10
#define PRODUCTION_REQUESTS 200
#define PRODUCTION_CONNECTIONS 20

#define MAX_REQUESTS 1000000
#define MAX_CONNECTIONS 1000

/*
 * Restaurants are drawn that often: each that was gives four scripts, and pgbench takes
 * 128.
 */
#define MAX_DRAWS 30

/* As many dishes as a page of the menu has. */
#define MENU_ROWS 100

/* A restaurant that may be drawn. */
typedef struct LoadRestaurant
{
	int64		id;
	int64		dishes_until;	/* its active dishes and those of all before
								 * it */
	int			weight;			/* how often it was drawn */
} LoadRestaurant;

/* Who sends a request. */
typedef struct LoadRequester
{
	const char *name;
	AccessRole	role;
} LoadRequester;

/* Sizes and texts that all scripts have in common. */
typedef struct LoadPlan
{
	int			requests;
	int			connections;
	int64		seed;
	const CustomerTables *tables;
} LoadPlan;

static int	size_argument(FunctionCallInfo fcinfo, int place, const char *name, int fallback, int most);
static void *make_load_restaurant(TupleTableSlot *slot);
static List *draw_for_load(const LoadPlan *plan);
static void add_scripts(ReturnSetInfo *rsinfo, const LoadPlan *plan, const LoadRestaurant *restaurant, int *place);
static char *write_request(const LoadRequester *requester, int64 restaurant, const char *query);
static char *write_menu_query(const CustomerTables *tables, const LoadRequester *requester, int64 restaurant);
static char *write_combo_query(const CustomerTables *tables, const LoadRequester *requester, int64 restaurant);
static char *columns_for(Oid relid, AccessRole role, const char *alias);
static void require_plain_text(const char *request);


/* menuca_load_script(requests, connections, seed): a row per script. */
Datum
menuca_load_script(PG_FUNCTION_ARGS)
{
	Environment *environment = environment_current();
	bool		large = environment && environment->is_production;
	LoadPlan	plan;
	ListCell   *lc;
	int			place = 0;

	plan.requests = size_argument(fcinfo, 0, "requests", large ? PRODUCTION_REQUESTS : STAGING_REQUESTS, MAX_REQUESTS);
	plan.connections = size_argument(fcinfo, 1, "connections",
									 Min(plan.requests, large ? PRODUCTION_CONNECTIONS : STAGING_CONNECTIONS), MAX_CONNECTIONS);
	argument_require(fcinfo, 2, "seed");
	plan.seed = PG_GETARG_INT64(2);
	if (plan.connections > plan.requests)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d connections are more than %d requests", plan.connections, plan.requests),
				 errdetail("Each connection sends at least one request."),
				 errhint("Omit connections to use %d.", Min(plan.requests, STAGING_CONNECTIONS))));
	access_session_require_visitors("menuca-load");
	plan.tables = customer_tables_open();

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, draw_for_load(&plan))
		add_scripts((ReturnSetInfo *) fcinfo->resultinfo, &plan, lfirst(lc), &place);
	return (Datum) 0;
}

static int
size_argument(FunctionCallInfo fcinfo, int place, const char *name, int fallback, int most)
{
	int			size = PG_ARGISNULL(place) ? fallback : PG_GETARG_INT32(place);

	if (size < 1 || size > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 1 and %d", name, most),
				 errdetail("It was given as %d.", size),
				 errhint("Omit it to use %d.", fallback)));
	return size;
}

static void *
make_load_restaurant(TupleTableSlot *slot)
{
	LoadRestaurant *restaurant = palloc0(sizeof(LoadRestaurant));

	restaurant->id = slot_int8(slot, 0);
	restaurant->dishes_until = slot_int8(slot, 1);
	return restaurant;
}

/*
 * The restaurants that were drawn by their share of active dishes, in the order of
 * their ids.  Raises an error when there is none.
 */
static List *
draw_for_load(const LoadPlan *plan)
{
	const CustomerTables *tables = plan->tables;
	const CustomerTable *restaurants = &tables->restaurants;
	bool		known = OidIsValid(restaurants->oid);
	List	   *all = query_list(psprintf("SELECT t.id, sum(t.n) OVER (ORDER BY t.id)::int8 FROM"
										  " (SELECT d.%s::int8 AS id, count(*) AS n FROM %s d %s"
										  "  WHERE %s AND %s AND d.%s IS NOT NULL GROUP BY 1) t ORDER BY 1",
										  tables->dishes.restaurant, tables->dishes.name,
										  known ? psprintf("JOIN %s r ON r.%s = d.%s", restaurants->name, restaurants->id,
														   tables->dishes.restaurant) : "",
										  customer_tables_shows(&tables->dishes, "d"),
										  known ? customer_tables_shows(restaurants, "r") : "true",
										  tables->dishes.restaurant), NULL, make_load_restaurant);
	List	   *drawn = NIL;
	pg_prng_state state;
	ListCell   *lc;

	if (all == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no active restaurant has an active dish"),
				 errdetail("There is no menu to ask for in schema \"%s\".", menuca_target_schema),
				 errhint("Connect to the right database, or: SET menuca.target_schema = '...';")));
	pg_prng_seed(&state, (uint64) plan->seed);
	for (int i = 0; i < Min(plan->requests, MAX_DRAWS); i++)
	{
		int64		dish = (int64) (pg_prng_double(&state) * ((LoadRestaurant *) llast(all))->dishes_until);
		int			low = 0;
		int			high = list_length(all) - 1;

		/* The first one whose dishes reach that far */
		while (low < high)
		{
			int			middle = (low + high) / 2;

			if (((LoadRestaurant *) list_nth(all, middle))->dishes_until > dish)
				high = middle;
			else
				low = middle + 1;
		}
		((LoadRestaurant *) list_nth(all, low))->weight++;
	}
	foreach(lc, all)
	{
		if (((LoadRestaurant *) lfirst(lc))->weight > 0)
			drawn = lappend(drawn, lfirst(lc));
	}
	return drawn;
}

/* Menu and combos of a restaurant, as either requester. */
static void
add_scripts(ReturnSetInfo *rsinfo, const LoadPlan *plan, const LoadRestaurant *restaurant, int *place)
{
	static const LoadRequester requesters[] = {{"visitor", ROLE_PUBLIC}, {"tenant", ROLE_TENANT}};

	for (size_t i = 0; i < lengthof(requesters); i++)
	{
		for (int menu = 1; menu >= 0; menu--)
		{
			char	   *query = menu ? write_menu_query(plan->tables, &requesters[i], restaurant->id) :
				write_combo_query(plan->tables, &requesters[i], restaurant->id);
			Datum		values[9];
			bool		nulls[9] = {0};

			values[0] = Int32GetDatum(++*place);
			values[1] = CStringGetTextDatum(menu ? "menu" : "combos");
			values[2] = CStringGetTextDatum(requesters[i].name);
			values[3] = Int64GetDatum(restaurant->id);
			values[4] = Int32GetDatum(restaurant->weight);
			values[5] = Int32GetDatum(plan->requests);
			values[6] = Int32GetDatum(plan->connections);
			values[7] = Int64GetDatum(plan->seed);
			values[8] = CStringGetTextDatum(write_request(&requesters[i], restaurant->id, query));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
}

/*
 * One line for pgbench, whose \; sends all of it at once: so the time of a request has
 * one round trip, wherever it is sent from.
 */
static char *
write_request(const LoadRequester *requester, int64 restaurant, const char *query)
{
	char	   *claims = requester->role == ROLE_PUBLIC ? "" :
		jwt_claim_object(menuca_tenant_claim, psprintf(INT64_FORMAT, restaurant));
	char	   *request = psprintf("BEGIN READ ONLY\\; SET LOCAL row_security = on\\; SET LOCAL ROLE %s\\;"
								   " SELECT pg_catalog.set_config(%s, %s, true)\\; %s\\; COMMIT;",
								   access_role_quoted(requester->role), quote_literal_cstr(claim_setting_name()),
								   quote_literal_cstr(claims), query);

	require_plain_text(request);
	return request;
}

/* A page of the menu: active dishes with their courses, in the site's order. */
static char *
write_menu_query(const CustomerTables *tables, const LoadRequester *requester, int64 restaurant)
{
	const CustomerTable *dishes = &tables->dishes;
	Oid			schema = get_rel_namespace(dishes->oid);
	Oid			courses = get_relname_relid("courses", schema);
	AttrNumber	course = OidIsValid(courses) ? column_find(dishes->oid, "course_id") : InvalidAttrNumber;
	bool		named = course != InvalidAttrNumber && relation_has_column(courses, "id") &&
		relation_has_column(courses, "name");

	return psprintf("SELECT %s%s FROM %s d%s WHERE d.%s OPERATOR(pg_catalog.=) " INT64_FORMAT " AND %s ORDER BY %sd.%s LIMIT %d",
					columns_for(dishes->oid, requester->role, "d"), named ? ", c.name AS course_name" : "",
					dishes->name,
					named ? psprintf(" LEFT JOIN %s c ON c.id OPERATOR(pg_catalog.=) d.%s", relation_quoted_name(courses),
									 column_quoted(dishes->oid, course)) : "",
					dishes->restaurant, restaurant, customer_tables_shows(dishes, "d"),
					relation_has_column(dishes->oid, "display_order") ? "d.display_order, " : "", dishes->id, MENU_ROWS);
}

/* All combos with their dishes. */
static char *
write_combo_query(const CustomerTables *tables, const LoadRequester *requester, int64 restaurant)
{
	return psprintf("SELECT %s, %s, d.%s AS dish, %s AS dish_name FROM %s g LEFT JOIN %s i ON i.%s OPERATOR(pg_catalog.=) g.%s"
					" LEFT JOIN %s d ON d.%s OPERATOR(pg_catalog.=) i.%s AND %s"
					" WHERE g.%s OPERATOR(pg_catalog.=) " INT64_FORMAT " AND %s ORDER BY g.%s, d.%s",
					columns_for(tables->groups.oid, requester->role, "g"), columns_for(tables->items.oid, requester->role, "i"),
					tables->dishes.id, customer_tables_label(&tables->dishes, "d"),
					tables->groups.name, tables->items.name, tables->item_group, tables->groups.id,
					tables->dishes.name, tables->dishes.id, tables->item_dish, customer_tables_shows(&tables->dishes, "d"),
					tables->groups.restaurant, restaurant, customer_tables_shows(&tables->groups, "g"),
					tables->groups.id, tables->dishes.id);
}

/*
 * The columns that the role may read; all where it may read none, so that the request
 * fails as the web site's would.
 */
static char *
columns_for(Oid relid, AccessRole role, const char *alias)
{
	QueryArgs	args = {0};
	char	   *columns;

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg_text(&args, alias);
	columns = query_text("SELECT string_agg(format('%s.%I', $3, a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a"
						 " WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped"
						 " AND has_column_privilege($2, a.attrelid, a.attnum, 'SELECT')", &args);
	return columns ? columns : psprintf("%s.*", alias);
}

/* What pgbench would read as something else: lines, and its own variables. */
static void
require_plain_text(const char *request)
{
	static const char *const variables[] = {":client_id", ":default_seed", ":random_seed", ":scale"};
	bool		plain = strcmp(request, format_one_line(request)) == 0;

	for (size_t i = 0; i < lengthof(variables); i++)
		plain &= strstr(request, variables[i]) == NULL;
	if (!plain)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("a name of a table, column or role cannot be in a script of pgbench"),
				 errdetail("It has a control character, or a colon before client_id, default_seed, random_seed or scale: %s", request),
				 errhint("Rename it, or measure by other means.")));
}
