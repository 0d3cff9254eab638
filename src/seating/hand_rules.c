/*-------------------------------------------------------------------------
 *
 * hand_rules.c
 *	  The planner's rules for dining tables by hand: see hand_rules.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/sqlstate.h"
#include "seating/hand_rules.h"
#include "seating/plan_listed.h"
#include "seating/plan_rules.h"
#include "seating/seating_refusal.h"

/* A rule that can be waived. */
typedef struct NamedRule
{
	int			rule;
	const char *name;
} NamedRule;

/* In the order in which messages name them. */
static const NamedRule named_rules[] = {
	{PLAN_RULE_OVERAGE, "overage"},
	{PLAN_RULE_MIN_PARTY, "min_party"},
	{PLAN_RULE_MAX_PARTY, "max_party"},
	{PLAN_RULE_K, "k"},
	{PLAN_RULE_LISTED_ONLY, "listed"},
	{PLAN_RULE_OTHER_ZONE, "zone"},
	{PLAN_RULE_ZONE_CLOSED, "zone_closed"},
	{PLAN_RULE_MOBILITY, "mobility"},
	{PLAN_RULE_ADJACENCY, "adjacency"},
	{HAND_RULE_WALK_INS_ONLY, "walk_ins_only"}
};

/* What is looked at, with what is found. */
typedef struct HandCheck
{
	const FloorReader *reader;
	const HandQuestion *question;
	PlanRules  *rules;			/* of the party, with all that can be waived
								 * of single dining tables waived */
	const int  *tables;			/* by table number */
	int			n;
	int		   *places;
	bool	   *for_others;		/* by index: not kept for walk-ins */
	int		   *min_party;		/* by index */
	int			broken;			/* rules so far */
	StringInfoData details;		/* a sentence for each */
} HandCheck;

static void begin_check(HandCheck *check);
static void require_never_waived(HandCheck *check, bool is_listed);
static void check_single_rules(HandCheck *check);
static void check_set_rules(HandCheck *check);
static void check_zones(HandCheck *check);
static void check_movable(HandCheck *check);
static void add_broken(HandCheck *check, int rule, char *sentence);
static int	total_capacity(const HandCheck *check);
pg_noreturn static void raise_broken(const HandCheck *check, int refused);
pg_noreturn static void raise_rule(const char *message, const char *detail, const char *hint);
static int	compare_named(const void *a, const void *b, void *arg);


int
hand_rules_argument(FunctionCallInfo fcinfo, int place)
{
	List	   *names = NIL;
	int			rules = 0;
	ListCell   *lc;

	if (!PG_ARGISNULL(place) && ArrayGetNItems(ARR_NDIM(PG_GETARG_ARRAYTYPE_P(place)), ARR_DIMS(PG_GETARG_ARRAYTYPE_P(place))) > 0)
		names = argument_text_list(fcinfo, place, "force");
	foreach(lc, names)
	{
		const char *name = lfirst(lc);
		int			rule = 0;

		for (size_t i = 0; i < lengthof(named_rules); i++)
		{
			if (strcmp(named_rules[i].name, name) == 0)
				rule = named_rules[i].rule;
		}
		if (rule == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no rule \"%s\" that force can waive", name),
					 errdetail("The rules are: overage, min_party, max_party, k, listed, zone, zone_closed, mobility, adjacency, walk_ins_only. Seats for the whole party, and dining tables that are free, cannot be waived. Nothing was changed."),
					 errhint("Omit force, or name rules of these, for example: force => '{overage}'.")));
		rules |= rule;
	}
	return rules;
}

List *
hand_rules_names(int rules)
{
	List	   *names = NIL;

	for (size_t i = 0; i < lengthof(named_rules); i++)
	{
		if (rules & named_rules[i].rule)
			names = lappend(names, unconstify(char *, named_rules[i].name));
	}
	return names;
}

int *
hand_rules_tables(const FloorReader *reader, ArrayType *array, int *n)
{
	Datum	   *ids;
	bool	   *nulls;
	int		   *tables;

	deconstruct_array(array, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &ids, &nulls, n);
	if (*n == 0 || *n > FLOOR_MAX_COMBINATION)
		refusal_raise_argument(psprintf("tables must name 1 to %d dining tables", FLOOR_MAX_COMBINATION),
							   psprintf("SELECT id, table_number FROM %s;", reader->schema->dining_tables));
	tables = palloc(*n * sizeof(int));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			refusal_raise_argument("tables has a NULL", psprintf("SELECT id, table_number FROM %s;", reader->schema->dining_tables));
		tables[i] = floor_reader_table(reader, DatumGetUUIDP(ids[i]));
		if (tables[i] < 0)
			raise_rule(psprintf("the restaurant has no dining table %s", refusal_id(DatumGetUUIDP(ids[i]))),
					   psprintf("Restaurant %s has %d dining tables, and this is none of them.", refusal_id(&reader->restaurant), reader->floor.ntables),
					   psprintf("SELECT id, table_number FROM %s WHERE restaurant_id = '%s';", reader->schema->dining_tables, refusal_id(&reader->restaurant)));
		for (int j = 0; j < i; j++)
		{
			if (tables[j] == tables[i])
				refusal_raise_argument(psprintf("tables has dining table %s twice", reader->floor.tables[tables[i]].number),
									   psprintf("SELECT id, table_number FROM %s;", reader->schema->dining_tables));
		}
	}
	qsort_arg(tables, *n, sizeof(int), compare_named, unconstify(FloorReader *, reader));
	return tables;
}

static int
compare_named(const void *a, const void *b, void *arg)
{
	const FloorReader *reader = arg;

	return reader->floor.place[*(const int *) a] - reader->floor.place[*(const int *) b];
}

int
hand_rules_require(const FloorReader *reader, const HandQuestion *question, const int *tables, int n)
{
	HandCheck	check = {.reader = reader,.question = question,.tables = tables,.n = n};
	bool		is_listed;

	begin_check(&check);
	is_listed = n > 1 && plan_listed_has(plan_listed_make(check.rules), check.places, n);
	require_never_waived(&check, is_listed);
	check_single_rules(&check);
	if (!is_listed)
		check_set_rules(&check);
	if (check.broken & ~question->waived)
		raise_broken(&check, check.broken & ~question->waived);
	return check.broken;
}

static void
begin_check(HandCheck *check)
{
	const FloorReader *reader = check->reader;
	int			ntables = reader->floor.ntables;
	PlanQuery  *query = palloc0(sizeof(PlanQuery));
	int		   *priority = palloc((ntables + 1) * sizeof(int));

	check->for_others = palloc(ntables + 1);
	memset(check->for_others, true, ntables);
	check->min_party = palloc((ntables + 1) * sizeof(int));
	floor_reader_prefer(reader, check->question->start, check->question->for_walk_in, check->for_others, priority, check->min_party);
	check->places = palloc(check->n * sizeof(int));
	for (int i = 0; i < check->n; i++)
		check->places[i] = reader->floor.place[check->tables[i]];
	initStringInfo(&check->details);

	query->party = check->question->party_size;
	query->zone = FLOOR_NO_ZONE;
	query->applies = floor_reader_applies(reader, check->question->start);
	query->min_party = check->min_party;
	query->waived = PLAN_RULE_MIN_PARTY | PLAN_RULE_ZONE_CLOSED;
	check->rules = plan_rules_make(&reader->floor, query);
}

/* What no force makes right. */
static void
require_never_waived(HandCheck *check, bool is_listed)
{
	const Floor *floor = &check->reader->floor;
	int			capacity = total_capacity(check);

	for (int i = 0; i < check->n; i++)
	{
		const DiningTable *table = &floor->tables[check->tables[i]];

		if (!table->active || table->out_of_service || table->capacity <= 0)
			raise_rule(psprintf("dining table %s cannot be used", table->number),
					   !table->active ? "It is not active. This cannot be waived. Nothing was changed." :
					   table->out_of_service ? "It is out of service. This cannot be waived. Nothing was changed." :
					   "It has no seats. This cannot be waived. Nothing was changed.",
					   psprintf("SELECT * FROM %s WHERE id = '%s';", check->reader->schema->dining_tables,
								refusal_id(&check->reader->table_ids[check->tables[i]])));
	}
	if (!is_listed && capacity < check->question->party_size)
		raise_rule(psprintf("a party of %d does not fit at %s", check->question->party_size, refusal_numbers(check->reader, check->tables, check->n)),
				   psprintf("Rule capacity: %s together. This cannot be waived. Nothing was changed.", format_things(capacity, "seat")),
				   psprintf("SELECT id, table_number, capacity FROM %s WHERE restaurant_id = '%s' ORDER BY capacity DESC;",
							check->reader->schema->dining_tables, refusal_id(&check->reader->restaurant)));
}

/* Rules that each dining table has to satisfy, whatever it is joined with. */
static void
check_single_rules(HandCheck *check)
{
	int			party = check->question->party_size;

	for (int i = 0; i < check->n; i++)
	{
		int			index = check->tables[i];
		const DiningTable *table = &check->reader->floor.tables[index];

		if (party < check->min_party[index])
			add_broken(check, PLAN_RULE_MIN_PARTY, psprintf("dining table %s is for parties of at least %d, not %d", table->number, check->min_party[index], party));
		if (!table->zone_active)
			add_broken(check, PLAN_RULE_ZONE_CLOSED, psprintf("the zone of dining table %s is not active", table->number));
		if (!check->for_others[index])
			add_broken(check, HAND_RULE_WALK_INS_ONLY, psprintf("dining table %s is kept for walk-ins", table->number));
	}
}

/* Rules of a single dining table alone, or of a set that nobody has listed. */
static void
check_set_rules(HandCheck *check)
{
	const FloorSettings *settings = &check->rules->settings;
	const DiningTable *first = &check->reader->floor.tables[check->tables[0]];
	int			party = check->question->party_size;
	int			capacity = total_capacity(check);

	if (capacity > check->rules->most)
		add_broken(check, PLAN_RULE_OVERAGE, psprintf("%s for a party of %d, where max_overage allows %d more",
													  format_things(capacity, "seat"), party, settings->max_overage));
	if (check->n == 1)
	{
		if (first->max_party > 0 && party > first->max_party)
			add_broken(check, PLAN_RULE_MAX_PARTY, psprintf("dining table %s is for parties of at most %d, not %d", first->number, first->max_party, party));
		return;
	}
	if (check->n > check->rules->k)
		add_broken(check, PLAN_RULE_K, psprintf("%s, where k_max is %d", format_things(check->n, "dining table"), check->rules->k));
	if (settings->combinations == FLOOR_COMBINATIONS_LISTED)
		add_broken(check, PLAN_RULE_LISTED_ONLY, pstrdup("only listed combinations are allowed, and this is none for such a party at that time"));
	check_zones(check);
	check_movable(check);
	if (!plan_rules_adjacent(check->rules, check->places, check->n))
		add_broken(check, PLAN_RULE_ADJACENCY, psprintf("the dining tables are not next to each other as the setting adjacency demands (%s)",
														settings->adjacency == FLOOR_ADJACENCY_CONNECTED ? "connected" :
														settings->adjacency == FLOOR_ADJACENCY_PAIRWISE ? "pairwise" : "neighbors"));
}

static void
check_zones(HandCheck *check)
{
	const Floor *floor = &check->reader->floor;

	for (int i = 0; i < check->n; i++)
	{
		const DiningTable *table = &floor->tables[check->tables[i]];

		if (table->zone == FLOOR_NO_ZONE)
		{
			add_broken(check, PLAN_RULE_OTHER_ZONE, psprintf("dining table %s is in no zone, so it is not combined", table->number));
			return;
		}
		if (table->zone != floor->tables[check->tables[0]].zone)
		{
			add_broken(check, PLAN_RULE_OTHER_ZONE, psprintf("dining tables %s and %s are in different zones", floor->tables[check->tables[0]].number, table->number));
			return;
		}
	}
}

static void
check_movable(HandCheck *check)
{
	for (int i = 0; i < check->n; i++)
	{
		const DiningTable *table = &check->reader->floor.tables[check->tables[i]];

		if (!table->movable)
			add_broken(check, PLAN_RULE_MOBILITY, psprintf("dining table %s is fixed", table->number));
	}
}

static void
add_broken(HandCheck *check, int rule, char *sentence)
{
	check->broken |= rule;
	if ((check->question->waived & rule) == 0)
		format_append(&check->details, " ", "Rule %s: %s.", (char *) linitial(hand_rules_names(rule)), sentence);
}

static int
total_capacity(const HandCheck *check)
{
	int64		capacity = 0;

	for (int i = 0; i < check->n; i++)
		capacity += check->reader->floor.tables[check->tables[i]].capacity;
	return (int) Min(capacity, PG_INT32_MAX);
}

static void
raise_broken(const HandCheck *check, int refused)
{
	StringInfoData force;
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&force);
	foreach(lc, hand_rules_names(check->broken))
		format_append(&force, ",", "%s", (char *) lfirst(lc));
	initStringInfo(&names);
	foreach(lc, hand_rules_names(refused))
		format_append(&names, ", ", "%s", (char *) lfirst(lc));
	raise_rule(psprintf("dining %s %s %s rules for a party of %d: %s", check->n == 1 ? "table" : "tables",
						refusal_numbers(check->reader, check->tables, check->n), check->n == 1 ? "breaks" : "break",
						check->question->party_size, names.data),
			   psprintf("%s Nothing was changed.", check->details.data),
			   check->question->instead ? check->question->instead :
			   psprintf("%s, force => '{%s}');", check->question->call, force.data));
}

static void
raise_rule(const char *message, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_SEATING_RULE),
			 errmsg("%s", message),
			 errdetail("%s", detail),
			 errhint("%s", hint)));
}
