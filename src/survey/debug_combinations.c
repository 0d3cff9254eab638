/*-------------------------------------------------------------------------
 *
 * debug_combinations.c
 *	  Which rule keeps a party from its dining tables.
 *
 * menuca_debug_combinations(restaurant, party_size, start_at, duration)
 *
 * The planner counts the sets for the party by all rules, and once more without each
 * of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/json.h"
#include "base/results.h"
#include "seating/no_plan.h"
#include "seating/plan_search.h"
#include "seating/rollout_share.h"
#include "seating/seating_extension.h"
#include "seating/seating_numeric.h"
#include "seating/seating_refusal.h"
#include "seating/seating_settings.h"
#include "survey/survey_text.h"

PG_FUNCTION_INFO_V1(menuca_debug_combinations);

/* The largest value of max_overage: setting_values.c refuses greater ones. */
#define MOST_OVERAGE 100000

/* How many times more steps are taken to see whether the limit has lost sets. */
#define MORE_STEPS 10

/* A rule, and what the sets are that exist without it. */
typedef struct DebuggedRule
{
	const char *name;
	int			waived;			/* PLAN_RULE_, or 0 for what is no rule of the
								 * planner */
	PlanResult *without;
	char	   *key;			/* the setting that would bring some of them;
								 * NULL: none, it is the floor */
	char	   *value;			/* its value as JSON */
	char	   *detail;
} DebuggedRule;

/* The question. */
typedef struct DebuggedParty
{
	const FloorReader *reader;
	int			party_size;
	TimestampTz start;
	bool		off;			/* the settings planner or merges say that
								 * nothing is joined */
	PlanQuestion question;
	PlanResult *result;			/* with the settings as they are */
	int			nrules;
	DebuggedRule rules[16];
} DebuggedParty;

/* The planner's rules in the order of a tie. */
static const struct
{
	const char *name;
	int			waived;
	const char *floor;			/* what it says of the floor; NULL: it is a
								 * setting */
}			planner_rules[] = {
	{"busy", PLAN_RULE_BUSY, "They are taken, held or kept for walk-ins then."},
	{"k", PLAN_RULE_K, NULL},
	{"adjacency", PLAN_RULE_ADJACENCY, NULL},
	{"overage", PLAN_RULE_OVERAGE, NULL},
	{"listed", PLAN_RULE_LISTED_ONLY, NULL},
	{"mobility", PLAN_RULE_MOBILITY, "Dining tables are fixed: column mobility."},
	{"min_party", PLAN_RULE_MIN_PARTY, "Dining tables are for larger parties: column min_party_size, or a preference."},
	{"max_party", PLAN_RULE_MAX_PARTY, "Dining tables are for smaller parties: column max_party_size."},
	{"zone_closed", PLAN_RULE_ZONE_CLOSED, "Zones are not active."},
	{"out_of_service", PLAN_RULE_OUT_OF_SERVICE, "Dining tables are out of service."},
	{"capacity", PLAN_RULE_CAPACITY, "They have fewer seats than the party needs, which is never waived."}
};

static void read_debug_arguments(FunctionCallInfo fcinfo, DebuggedParty *debugged);
static PlanResult *count_plans(const DebuggedParty *debugged, const FloorSettings *settings, int waived);
static void add_planner_rules(DebuggedParty *debugged);
static void add_settings_off(DebuggedParty *debugged);
static void add_limit(DebuggedParty *debugged);
static DebuggedRule *add_rule(DebuggedParty *debugged, const char *name, int waived, PlanResult *without);
static int64 lost_by(const DebuggedParty *debugged, const DebuggedRule *rule);
static void find_setting(const DebuggedParty *debugged, DebuggedRule *rule);
static void find_k_max(const DebuggedParty *debugged, DebuggedRule *rule);
static void find_overage(const DebuggedParty *debugged, DebuggedRule *rule);
static int64 plans_with(const DebuggedParty *debugged, const FloorSettings *settings);
static int	compare_debugged_rules(const void *a, const void *b, void *arg);
static const DebuggedRule *commonest_rule(const DebuggedParty *debugged);
static void return_debug_summary(ReturnSetInfo *rsinfo, const DebuggedParty *debugged);
static char *summary_text(const DebuggedParty *debugged, const DebuggedRule *commonest);
static char *lost_by_all(const DebuggedParty *debugged);
static char *best_plan_text(const DebuggedParty *debugged);
static void return_debugged_rule(ReturnSetInfo *rsinfo, const DebuggedParty *debugged, const DebuggedRule *rule);
static char *setting_call(const DebuggedParty *debugged, const DebuggedRule *rule);
static char *sizes_json(const PlanResult *result);


/* menuca_debug_combinations(...): the summary, and a row per rule.  Read only. */
Datum
menuca_debug_combinations(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	DebuggedParty debugged = {0};

	InitMaterializedSRF(fcinfo, 0);
	read_debug_arguments(fcinfo, &debugged);
	debugged.result = count_plans(&debugged, &debugged.reader->floor.settings, 0);
	add_planner_rules(&debugged);
	add_settings_off(&debugged);
	add_limit(&debugged);
	for (int i = 0; i < debugged.nrules; i++)
		find_setting(&debugged, &debugged.rules[i]);
	qsort_arg(debugged.rules, debugged.nrules, sizeof(DebuggedRule), compare_debugged_rules, &debugged);

	return_debug_summary(rsinfo, &debugged);
	for (int i = 0; i < debugged.nrules; i++)
		return_debugged_rule(rsinfo, &debugged, &debugged.rules[i]);
	return (Datum) 0;
}

static void
read_debug_arguments(FunctionCallInfo fcinfo, DebuggedParty *debugged)
{
	char	   *hint = seating_call("SELECT * FROM menuca_debug_combinations('...', party_size => 12, start_at => now());");
	TimestampTz end = 0;
	BookingWindow window;

	argument_require(fcinfo, 0, "restaurant");
	argument_require(fcinfo, 2, "start_at");
	debugged->party_size = argument_int4(fcinfo, 1, "party_size");
	debugged->start = PG_GETARG_TIMESTAMPTZ(2);
	if (debugged->party_size < 1)
		refusal_raise_argument(psprintf("a party of %d cannot be seated", debugged->party_size), hint);
	if (TIMESTAMP_NOT_FINITE(debugged->start))
		refusal_raise_argument("a booking has no infinite start", hint);
	if (!PG_ARGISNULL(3))
	{
		end = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, PG_GETARG_DATUM(2), PG_GETARG_DATUM(3)));
		if (end <= debugged->start)
			refusal_raise_argument("a booking ends after its start", hint);
	}
	debugged->reader = floor_reader_read(PG_GETARG_UUID_P(0));
	debugged->off = !debugged->reader->settings->planner || !debugged->reader->settings->merges;
	window = floor_reader_window(debugged->reader, debugged->party_size, debugged->start, PG_ARGISNULL(3) ? NULL : &end);
	debugged->question = plan_question_make(debugged->reader, debugged->party_size, debugged->start, window, NULL);
}

static PlanResult *
count_plans(const DebuggedParty *debugged, const FloorSettings *settings, int waived)
{
	PlanQuery	query = debugged->question.query;

	CHECK_FOR_INTERRUPTS();
	query.settings = settings;
	query.waived = waived;
	return plan_search(&debugged->reader->floor, &query);
}

/* Where nothing is joined at all, sets of more dining tables are not what k_max has lost. */
static void
add_planner_rules(DebuggedParty *debugged)
{
	for (size_t i = 0; i < lengthof(planner_rules); i++)
	{
		int			waived = planner_rules[i].waived;
		DebuggedRule *rule = add_rule(debugged, planner_rules[i].name, waived,
									  waived == PLAN_RULE_K && debugged->off ? debugged->result :
									  count_plans(debugged, &debugged->reader->floor.settings, waived));

		if (planner_rules[i].floor && lost_by(debugged, rule) > 0)
			rule->detail = pstrdup(planner_rules[i].floor);
	}
}

/* The settings planner and merges: what there would be if both were on. */
static void
add_settings_off(DebuggedParty *debugged)
{
	Jsonb	   *on = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{\"planner\": true, \"merges\": true}")));
	PlanResult *without = debugged->result;
	DebuggedRule *rule;

	if (debugged->off)
		without = count_plans(debugged, &seating_settings_with(&debugged->reader->restaurant, on)->floor, 0);
	rule = add_rule(debugged, "off", 0, without);
	if (lost_by(debugged, rule) == 0)
		return;
	rule->value = "true";
	if (!rollout_share_is_in(&debugged->reader->restaurant))
	{
		rule->key = "rollout";
		rule->detail = "The rollout has not reached the restaurant, so dining tables are not joined at all.";
		return;
	}
	rule->key = debugged->reader->settings->planner ? "merges" : debugged->reader->settings->merges ? "planner" : "planner, merges";
	rule->detail = "Dining tables are not joined at all.";
}

/* Steps that were not taken, where the limit ended the search. */
static void
add_limit(DebuggedParty *debugged)
{
	FloorSettings settings = debugged->reader->floor.settings;
	PlanResult *without = debugged->result;
	DebuggedRule *rule;

	settings.max_evaluations *= MORE_STEPS;
	if (!debugged->result->complete)
		without = count_plans(debugged, &settings, 0);
	rule = add_rule(debugged, "max_evaluations", 0, without);
	if (debugged->result->complete)
		return;
	rule->key = "max_evaluations";
	rule->value = psprintf(INT64_FORMAT, settings.max_evaluations);
	rule->detail = psprintf("The search ended after %s steps, so plans is what it had counted.", format_count(debugged->result->evaluations));
}

static DebuggedRule *
add_rule(DebuggedParty *debugged, const char *name, int waived, PlanResult *without)
{
	DebuggedRule *rule = &debugged->rules[debugged->nrules++];

	memset(rule, 0, sizeof(*rule));
	rule->name = name;
	rule->waived = waived;
	rule->without = without;
	return rule;
}

/* Never fewer, unless the limit ended the search without the rule before that with it. */
static int64
lost_by(const DebuggedParty *debugged, const DebuggedRule *rule)
{
	return Max(rule->without->total_plans - debugged->result->total_plans, 0);
}

/* The smallest change of a setting that brings a set. */
static void
find_setting(const DebuggedParty *debugged, DebuggedRule *rule)
{
	static const char *const modes[] = {"off", "connected", "pairwise", "neighbors"};

	if (lost_by(debugged, rule) == 0)
		return;
	if (rule->waived == PLAN_RULE_K)
		find_k_max(debugged, rule);
	else if (rule->waived == PLAN_RULE_OVERAGE)
		find_overage(debugged, rule);
	else if (rule->waived == PLAN_RULE_ADJACENCY)
	{
		rule->key = "adjacency";
		rule->value = "\"off\"";
		rule->detail = psprintf("Dining tables must be %s for parties of %d and more.",
								modes[debugged->reader->floor.settings.adjacency], debugged->reader->floor.settings.adjacency_min_party);
	}
	else if (rule->waived == PLAN_RULE_LISTED_ONLY)
	{
		rule->key = "combinations";
		rule->value = "\"both\"";
		rule->detail = "Only listed combinations are allowed.";
	}
}

static void
find_k_max(const DebuggedParty *debugged, DebuggedRule *rule)
{
	FloorSettings settings = debugged->reader->floor.settings;

	for (settings.k_max++; settings.k_max <= FLOOR_MAX_K; settings.k_max++)
	{
		int64		more = plans_with(debugged, &settings) - debugged->result->total_plans;

		if (more <= 0)
			continue;
		rule->key = "k_max";
		rule->value = psprintf("%d", settings.k_max);
		rule->detail = psprintf("k_max %d brings %s.", settings.k_max, format_things(more, "set"));
		return;
	}
}

/* With more seats too many there are never fewer sets. */
static void
find_overage(const DebuggedParty *debugged, DebuggedRule *rule)
{
	FloorSettings settings = debugged->reader->floor.settings;
	int			low = settings.max_overage + 1;
	int			high = MOST_OVERAGE;
	int64		more;

	while (low < high)
	{
		settings.max_overage = low + (high - low) / 2;
		if (plans_with(debugged, &settings) > debugged->result->total_plans)
			high = settings.max_overage;
		else
			low = settings.max_overage + 1;
	}
	settings.max_overage = low;
	more = plans_with(debugged, &settings) - debugged->result->total_plans;
	if (more <= 0)
	{
		rule->detail = "They have far too many seats.";
		return;
	}
	rule->key = "max_overage";
	rule->value = psprintf("%d", low);
	rule->detail = psprintf("max_overage %d brings %s.", low, format_things(more, "set"));
}

static int64
plans_with(const DebuggedParty *debugged, const FloorSettings *settings)
{
	PlanResult *result = count_plans(debugged, settings, 0);
	int64		plans = result->total_plans;

	pfree(result->plans);
	pfree(result);
	return plans;
}

/* Those that have lost most come first; of two that have lost as many, the planner's order. */
static int
compare_debugged_rules(const void *a, const void *b, void *arg)
{
	int64		first = lost_by(arg, a);
	int64		second = lost_by(arg, b);

	if (first != second)
		return first > second ? -1 : 1;
	for (size_t i = 0; i < lengthof(planner_rules); i++)
	{
		if (((const DebuggedRule *) a)->waived == planner_rules[i].waived)
			return ((const DebuggedRule *) b)->waived == planner_rules[i].waived ? 0 : -1;
		if (((const DebuggedRule *) b)->waived == planner_rules[i].waived)
			return 1;
	}
	return strcmp(((const DebuggedRule *) b)->name, ((const DebuggedRule *) a)->name);
}

/* Sets with too few seats are no reason: they would seat nobody. */
static const DebuggedRule *
commonest_rule(const DebuggedParty *debugged)
{
	for (int i = 0; i < debugged->nrules; i++)
	{
		if (debugged->rules[i].waived != PLAN_RULE_CAPACITY)
			return lost_by(debugged, &debugged->rules[i]) > 0 ? &debugged->rules[i] : NULL;
	}
	return NULL;
}

/* A setting is proposed where there is no combination; elsewhere more of them are not what is missing. */
static void
return_debug_summary(ReturnSetInfo *rsinfo, const DebuggedParty *debugged)
{
	const PlanResult *result = debugged->result;
	const DebuggedRule *commonest = commonest_rule(debugged);
	bool		is_needed = commonest && result->total_plans == result->by_size[1];
	Datum		values[10] = {0};
	bool		nulls[10] = {0};

	values[0] = CStringGetTextDatum("summary");
	values[1] = Int64GetDatum(result->total_plans);
	nulls[2] = nulls[3] = true;
	values[4] = result_text(is_needed && commonest->key ? psprintf("%s %s", commonest->key, commonest->value) : NULL, &nulls[4]);
	values[5] = result_text(is_needed ? setting_call(debugged, commonest) : NULL, &nulls[5]);
	values[6] = BoolGetDatum(result->complete);
	values[7] = CStringGetTextDatum(summary_text(debugged, commonest));
	values[8] = CStringGetTextDatum(seating_call("SELECT * FROM menuca_plan_tables('%s', party_size => %d, start_at => '%s', include_dominated => true);",
												 refusal_id(&debugged->reader->restaurant), debugged->party_size, refusal_instant(debugged->start)));
	values[9] = result_json(sizes_json(result));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static char *
summary_text(const DebuggedParty *debugged, const DebuggedRule *commonest)
{
	const FloorReader *reader = debugged->reader;
	StringInfoData text;

	initStringInfo(&text);
	if (debugged->result->total_plans == 0 && !debugged->result->complete)
		appendStringInfo(&text, "The search ended after %s steps without a plan.", format_count(debugged->result->evaluations));
	else if (debugged->result->total_plans == 0)
	{
		NoPlan	   *none = no_plan_explain(reader, &debugged->question, debugged->start, NULL, false);

		appendStringInfo(&text, "No plan: %s.", none->reason);
	}
	else
		appendStringInfoString(&text, best_plan_text(debugged));
	if (commonest)
		appendStringInfo(&text, " The rule that loses most sets is %s. Lost by each rule alone: %s.", commonest->name, lost_by_all(debugged));
	else
		appendStringInfoString(&text, " No rule alone loses a set.");
	return text.data;
}

/* "k 320, adjacency 56" */
static char *
lost_by_all(const DebuggedParty *debugged)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < debugged->nrules; i++)
	{
		const DebuggedRule *rule = &debugged->rules[i];

		if (lost_by(debugged, rule) > 0 && rule->waived != PLAN_RULE_CAPACITY)
			format_append(&text, ", ", "%s %s", rule->name, format_count(lost_by(debugged, rule)));
	}
	return text.data;
}

/* Combinations are not used where a single dining table is better. */
static char *
best_plan_text(const DebuggedParty *debugged)
{
	const PlanResult *result = debugged->result;
	int64		singles = result->by_size[1];
	char	   *counts = psprintf("%s, %s", format_things(singles, "single dining table"),
								  format_things(result->total_plans - singles, "combination"));
	const SeatingPlan *best = result->nplans > 0 ? &result->plans[0] : NULL;

	if (best == NULL)
		return psprintf("There are plans: %s.", counts);
	return psprintf("There are plans: %s. The best one is %s, score %s%s.", counts,
					format_one_line(survey_text_tables(debugged->reader, best->tables, best->ntables)), seating_numeric_text(best->score),
					best->ntables == 1 && result->total_plans > singles ? ", so no combination is used" : "");
}

static void
return_debugged_rule(ReturnSetInfo *rsinfo, const DebuggedParty *debugged, const DebuggedRule *rule)
{
	Datum		values[10] = {0};
	bool		nulls[10] = {0};
	char	   *call = setting_call(debugged, rule);

	values[0] = CStringGetTextDatum(rule->name);
	values[1] = Int64GetDatum(debugged->result->total_plans);
	values[2] = Int64GetDatum(rule->without->total_plans);
	values[3] = Int64GetDatum(lost_by(debugged, rule));
	values[4] = result_text(rule->key ? psprintf("%s %s", rule->key, rule->value) : NULL, &nulls[4]);
	values[5] = result_text(call, &nulls[5]);
	values[6] = BoolGetDatum(debugged->result->complete && rule->without->complete);
	values[7] = result_text(rule->detail, &nulls[7]);
	values[8] = result_text(call, &nulls[8]);
	values[9] = result_json(sizes_json(rule->without));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static char *
setting_call(const DebuggedParty *debugged, const DebuggedRule *rule)
{
	char	   *id = refusal_id(&debugged->reader->restaurant);

	if (rule->key == NULL)
		return NULL;
	if (strcmp(rule->key, "rollout") == 0)
		return seating_call("SELECT * FROM menuca_seating_rollout(restaurant => '%s');", id);
	if (strcmp(rule->key, "planner, merges") == 0)
		return seating_call("SELECT * FROM menuca_seating_set('%s', '{\"planner\": true, \"merges\": true}');", id);
	return seating_call("SELECT * FROM menuca_seating_set('%s', '{\"%s\": %s}');", id, rule->key, rule->value);
}

/* {"1": 24, "2": 25}: sets by number of dining tables. */
static char *
sizes_json(const PlanResult *result)
{
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	for (int n = 1; n <= FLOOR_MAX_COMBINATION; n++)
	{
		if (result->by_size[n] > 0)
			json_count(&json, psprintf("%d", n), result->by_size[n]);
	}
	json_end(&json);
	return json.data;
}
