/*-------------------------------------------------------------------------
 *
 * decide.c
 *	  What a source's rows mean, and which target they belong in.
 *
 * menuca_decide(source, id_column, dish_column, group_column, order_column)
 *
 * The first call after loading.  It makes the plan for combo_items and returns
 * three sentences on what the probes and the plan say of the source, a few of
 * its pairs by name, so that a person can see what they mean, the decision that
 * is recorded, and the possibilities, each with its call.  It writes nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "plan/decision.h"
#include "plan/gate.h"
#include "plan/mapping_plan.h"
#include "plan/plan_call.h"
#include "plan/probes.h"
#include "source/source.h"
#include "source/source_arguments.h"
#include "source/staged_table.h"

PG_FUNCTION_INFO_V1(menuca_decide);

/* Pairs that are shown by name. */
#define EXAMPLES 5

/* A pair of group and dish that the source leads to. */
typedef struct ExamplePair
{
	uint32		rank;			/* the pairs of the least ranks are shown */
	int64		group;
	int64		dish;
} ExamplePair;

typedef struct Decide
{
	ReturnSetInfo *rsinfo;
	int			position;
	Target	   *target;
	Source	   *source;
	MappingPlan *plan;
	Probes		probes;
	ExamplePair examples[EXAMPLES];
	int			nexamples;
} Decide;

static void keep_example(const PlanRow *row, void *arg);
static void say_meaning(Decide *decide);
static void say_fit(Decide *decide);
static char *swapped_arguments(const Source *source);
static void say_coverage(Decide *decide);
static void show_examples(Decide *decide);
static void show_example(TupleTableSlot *slot, void *arg);
static void show_decision(Decide *decide);
static void show_choices(Decide *decide);
static void show_junction(Decide *decide, const char *what);
static void show_lists(Decide *decide, SourceKind kind, const char *setting, const char *table,
					   const char *old_table, const char *what);
static const char *meant_target(const Decide *decide);
static void add_decide_row(Decide *decide, const char *kind, FindingStatus status,
						   const char *finding, const char *next_step);


/* Returns the rows in the order in which a person reads them. */
Datum
menuca_decide(PG_FUNCTION_ARGS)
{
	SourceColumns columns = source_row_columns(fcinfo, 1);
	Decide		decide = {
		.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo,
		.source = source_open(argument_table_or_invalid(fcinfo, 0, "source"), &columns, false),
		.target = target_open(NULL, "combo_items", ACL_SELECT)
	};
	PlanRequest request = {
		.row_fn = keep_example,
		.arg = &decide,
		.counts = true
	};

	InitMaterializedSRF(fcinfo, 0);
	decide.plan = plan_make(decide.target, decide.source, &request);
	probes_take(decide.plan, NULL, &decide.probes);

	say_meaning(&decide);
	say_fit(&decide);
	say_coverage(&decide);
	show_examples(&decide);
	show_decision(&decide);
	show_choices(&decide);
	plan_free(decide.plan);
	return (Datum) 0;
}

/*
 * Keeps the pairs whose hashes are the least: they are spread over the whole
 * source, and the same at each call.
 */
static void
keep_example(const PlanRow *row, void *arg)
{
	Decide	   *decide = arg;
	ExamplePair pair;
	int			i;

	if (!row->mapped || row->outcome == OUTCOME_DUPLICATE)
		return;
	pair.group = row->group_id;
	pair.dish = row->dish_id;
	pair.rank = hash_combine(murmurhash32((uint32) row->group_id), murmurhash32((uint32) row->dish_id));

	i = decide->nexamples;
	if (i == EXAMPLES && decide->examples[EXAMPLES - 1].rank <= pair.rank)
		return;
	if (i == EXAMPLES)
		i--;
	else
		decide->nexamples++;
	for (; i > 0 && decide->examples[i - 1].rank > pair.rank; i--)
		decide->examples[i] = decide->examples[i - 1];
	decide->examples[i] = pair;
}

/* The first sentence: what a row means. */
static void
say_meaning(Decide *decide)
{
	const Probes *probes = &decide->probes;

	if (probes->dishes_known == 0)
		add_decide_row(decide, "meaning", CHECK_WARN,
					   psprintf("What a row means is not known: %s. Stage V1's table menu with its column isCombo, then decide again.",
								probes_direction_text(probes)),
					   staged_load_statement("menu", menuca_menu_table));
	else if (probes_direction_reversed(probes))
		add_decide_row(decide, "meaning", CHECK_WARN,
					   psprintf("A row says which choice group a combo product uses, not which dish a group offers: %s.",
								probes_direction_text(probes)), NULL);
	else
		add_decide_row(decide, "meaning", CHECK_PASS,
					   psprintf("A row says which dish a group offers: %s.", probes_direction_text(probes)), NULL);
}

/* The second sentence: whether columns and ids are what they are taken for. */
static void
say_fit(Decide *decide)
{
	const Probes *probes = &decide->probes;
	bool		swapped = probes->fits_swapped > probes->fits_declared;
	bool		foreign = format_percentage(probes->crossed_rows, probes->source_rows) > GATE_MAX_CROSS_RESTAURANT;

	add_decide_row(decide, "meaning",
				   swapped || foreign ? CHECK_FAIL : probes->crossed_rows > 0 ? CHECK_WARN : CHECK_PASS,
				   psprintf("%s: %s; %s.",
							swapped ? "The columns of group and dish seem to be swapped" :
							foreign ? "The ids seem to be those of other things" :
							"Columns and ids are what they are taken for",
							probes_orientation_text(probes),
							probes->crossed_rows == 0 ? "none leads to a dish of another restaurant" : probes_id_space_text(probes)),
				   swapped ? migrate_call("SELECT * FROM menuca_decide(%s);", swapped_arguments(decide->source)) :
				   probes->crossed_rows == 0 ? NULL :
				   migrate_call("SELECT * FROM menuca_explain_unmapped(%s);",
								plan_call_arguments(decide->target, decide->source)));
}

/* The arguments that name the source with group and dish exchanged. */
static char *
swapped_arguments(const Source *source)
{
	Source		swapped = *source;

	swapped.columns.group = source->columns.dish;
	swapped.columns.dish = source->columns.group;
	return source_call_arguments(&swapped);
}

/* The third sentence: how much of the source can be mapped, and what stays without items. */
static void
say_coverage(Decide *decide)
{
	const PlanFigures *figures = &decide->plan->figures;
	uint64		mapped = figures->outcomes[OUTCOME_INSERT] + figures->outcomes[OUTCOME_ALREADY_PRESENT] +
		figures->outcomes[OUTCOME_DUPLICATE];
	bool		complete = figures->groups.covered == figures->groups.ids &&
		figures->dishes.covered == figures->dishes.ids;

	add_decide_row(decide, "meaning", complete ? CHECK_PASS : CHECK_WARN,
				   psprintf("%s of %s can be mapped (%s): %s of %s groups that the source names are known (%s), and %s of %s dishes (%s); with them, %s of %s would have no items (%s), and %s of the %s that the source has rows for (%s).",
							format_count(mapped), format_things(figures->source_rows, "row"),
							format_pct(mapped, figures->source_rows),
							format_count(figures->groups.covered), format_count(figures->groups.ids),
							format_pct(figures->groups.covered, figures->groups.ids),
							format_count(figures->dishes.covered), format_count(figures->dishes.ids),
							format_pct(figures->dishes.covered, figures->dishes.ids),
							format_count(figures->after.orphans), format_things(figures->after.groups, "group"),
							format_pct(figures->after.orphans, figures->after.groups),
							format_count(figures->after.expected_orphans), format_count(figures->after.expected_groups),
							format_pct(figures->after.expected_orphans, figures->after.expected_groups)),
				   complete ? NULL :
				   migrate_call("SELECT * FROM menuca_explain_unmapped(%s);",
								plan_call_arguments(decide->target, decide->source)));
}

static void
show_examples(Decide *decide)
{
	const Target *target = decide->target;
	const ParentTable *groups = &target->groups;
	const ParentTable *dishes = &target->dishes;
	int64		group_ids[EXAMPLES];
	int64		dish_ids[EXAMPLES];
	QueryArgs	args = {0};

	if (decide->nexamples == 0)
	{
		add_decide_row(decide, "example", CHECK_SKIP, "No row can be mapped yet, so there is no pair to look at.", NULL);
		return;
	}
	for (int i = 0; i < decide->nexamples; i++)
	{
		group_ids[i] = decide->examples[i].group;
		dish_ids[i] = decide->examples[i].dish;
	}
	query_arg(&args, INT8ARRAYOID, query_int8_array(group_ids, NULL, decide->nexamples), false);
	query_arg(&args, INT8ARRAYOID, query_int8_array(dish_ids, NULL, decide->nexamples), false);
	query_each(psprintf("SELECT g.%s::int8 AS group_id, %s%s AS group_name, d.%s::int8 AS dish_id, %s%s AS dish_name,"
						" g.%s::int8 AS restaurant_id"
						" FROM unnest($1, $2) WITH ORDINALITY p (g, d, n)"
						" JOIN %s g ON g.%s = p.g JOIN %s d ON d.%s = p.d ORDER BY p.n",
						groups->id, groups->label ? "g." : "", groups->label ? groups->label : "NULL::text",
						dishes->id, dishes->label ? "d." : "", dishes->label ? dishes->label : "NULL::text",
						groups->restaurant, groups->name, groups->id, dishes->name, dishes->id),
			   &args, show_example, decide);
}

static void
show_example(TupleTableSlot *slot, void *arg)
{
	char	   *group = slot_text_or_null_of(slot, "group_name");
	char	   *dish = slot_text_or_null_of(slot, "dish_name");

	add_decide_row(arg, "example", CHECK_PASS,
				   psprintf("Group \"%s\" (id %lld) has a row with dish \"%s\" (id %lld), restaurant %lld.",
							group ? group : "?", (long long) slot_int8_of(slot, "group_id"),
							dish ? dish : "?", (long long) slot_int8_of(slot, "dish_id"),
							(long long) slot_int8_of(slot, "restaurant_id")),
				   NULL);
}

/* What was decided, or the call that records it. */
static void
show_decision(Decide *decide)
{
	const Decision *decision = decision_newest(decide->target->schema);

	if (decision)
		add_decide_row(decide, "decision", CHECK_PASS, psprintf("Decided: %s.", decision_text(decision)), NULL);
	else
		add_decide_row(decide, "decision", CHECK_WARN, "Nobody has decided yet; runs into any table are allowed.",
					   migrate_call("SELECT * FROM menuca_record_decision(%s, '" ARGUMENT_NAME "', '" ARGUMENT_REASON "');",
									quote_literal_cstr(meant_target(decide))));
}

/* The possibilities, each with its next call. */
static void
show_choices(Decide *decide)
{
	add_decide_row(decide, "choice", CHECK_PASS,
				   "combo_items, as the tickets ask: each row becomes an item of its group.",
				   migrate_call("SELECT * FROM menuca_fix_combos(%s);", plan_call_arguments(decide->target, decide->source)));
	show_junction(decide, "dish_combo_groups, as rows of combo products mean: each row becomes a group that its dish uses.");
	show_lists(decide, SOURCE_PHP_LISTS, "menuca.combo_groups_table", menuca_combo_groups_table, "combo_groups",
			   "combo_items from the groups' own lists, which say what V1's groups offer");
	show_lists(decide, SOURCE_JSON_LISTS, "menuca.v2_group_items_table", menuca_v2_group_items_table,
			   "restaurants_combo_groups_items", "combo_items from V2's lists, with their steps");
}

/* The redesign's table, where it exists, or the call that creates it. */
static void
show_junction(Decide *decide, const char *what)
{
	Oid			schema = get_namespace_oid(decide->target->schema, true);
	bool		exists = OidIsValid(schema) && OidIsValid(get_relname_relid("dish_combo_groups", schema));
	char	   *arguments = source_call_arguments(decide->source);

	add_decide_row(decide, "choice", CHECK_PASS, exists ? what : psprintf("%s The table does not exist yet.", what),
				   exists ? migrate_call("SELECT * FROM menuca_fix_combos(%s%starget => 'dish_combo_groups');",
										 arguments, *arguments ? ", " : "") :
				   migrate_call("SELECT * FROM menuca_create_dish_combo_groups();"));
}

/* The lists that the groups themselves have, where they are staged, or how to stage them. */
static void
show_lists(Decide *decide, SourceKind kind, const char *setting, const char *table,
		   const char *old_table, const char *what)
{
	bool		staged = OidIsValid(staged_table_find(setting, table));

	if (decide->source->kind != SOURCE_ROWS)
		return;
	add_decide_row(decide, "choice", staged ? CHECK_PASS : CHECK_SKIP,
				   psprintf(staged ? "%s (%s)." : "%s: %s is not staged.", what, staged ? table : old_table),
				   staged ? migrate_call("SELECT * FROM %s();",
										 migrate_qualify(kind == SOURCE_PHP_LISTS ? "menuca_fix_group_dishes" : "menuca_fix_v2_groups")) :
				   staged_load_statement(old_table, table));
}

/* The target whose rows mean what the source's rows mean; the tickets' if that is not known. */
static const char *
meant_target(const Decide *decide)
{
	return probes_direction_reversed(&decide->probes) ? "dish_combo_groups" : "combo_items";
}

static void
add_decide_row(Decide *decide, const char *kind, FindingStatus status, const char *finding,
			   const char *next_step)
{
	Datum		values[5];
	bool		nulls[5] = {0};

	values[0] = Int32GetDatum(++decide->position);
	values[1] = CStringGetTextDatum(kind);
	values[2] = CStringGetTextDatum(finding_status_name(status));
	values[3] = CStringGetTextDatum(finding);
	values[4] = result_text(next_step, &nulls[4]);
	tuplestore_putvalues(decide->rsinfo->setResult, decide->rsinfo->setDesc, values, nulls);
}
