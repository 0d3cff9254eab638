/*-------------------------------------------------------------------------
 *
 * gate.c
 *	  The gates of a fix: see gate.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/sqlstate.h"
#include "plan/gate.h"

static List *add_refusal(List *refusals, int sqlstate, char *message, char *call, char *accept, char *hint);
static List *refuse_swapped_columns(List *refusals, const GateSettings *settings,
									const Probes *probes);
static List *refuse_foreign_ids(List *refusals, const GateSettings *settings,
								const Probes *probes);
static List *refuse_reversed_direction(List *refusals, const GateSettings *settings,
									   const Probes *probes);
static List *refuse_low_coverage(List *refusals, const GateSettings *settings,
								 const char *what, const Coverage *coverage,
								 double minimum, const PlanFigures *figures);
static List *refuse_orphan_rate(List *refusals, const GateSettings *settings,
								const OrphanFigures *figures, const char *tense);
static char *limit_text(const GateSettings *settings, AcceptedFigure figure, const char *verb, double gate);
static bool is_low(const Coverage *coverage, double minimum);
static bool has_too_many_orphans(const GateSettings *settings, double pct);
static List *add_accepted(List *accepted, const GateSettings *settings, AcceptedFigure figure,
						  const char *what, uint64 part, uint64 whole);
static List *refuse_new_breakage(List *refusals, const GateSettings *settings, Breakage breakage,
								 const Integrity *before, const Integrity *after);
static char *outcomes_call(const GateSettings *settings);
static char *outcomes_text(const PlanFigures *figures);


void
gate_orphans(const GateSettings *settings, const OrphanFigures *figures,
			 uint64 *orphans, uint64 *groups)
{
	*orphans = settings->on_expected ? figures->expected_orphans : figures->orphans;
	*groups = settings->on_expected ? figures->expected_groups : figures->groups;
}

void
gate_check_settings(const GateSettings *settings)
{
	argument_check_percentage("min_group_coverage_pct", settings->min_group_coverage);
	argument_check_percentage("min_dish_coverage_pct", settings->min_dish_coverage);
	argument_check_percentage("max_orphan_pct", settings->max_orphans);
	argument_check_percentage("max_cross_restaurant_pct", settings->max_cross_restaurant);
}

void
gate_check_points(const char *name, double value)
{
	if (!(value >= 0 && value <= 100))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and 100", name),
				 errdetail("It was given as %g; nothing was changed.", value),
				 errhint("It is in percentage points: 5 means that 5 %% of the groups may differ.")));
}

List *
gate_before(const GateSettings *settings, const PlanFigures *figures,
			const Probes *probes)
{
	List	   *refusals = NIL;

	refusals = refuse_swapped_columns(refusals, settings, probes);
	refusals = refuse_foreign_ids(refusals, settings, probes);
	refusals = refuse_reversed_direction(refusals, settings, probes);
	refusals = refuse_low_coverage(refusals, settings, "groups", &figures->groups,
								   settings->min_group_coverage, figures);
	refusals = refuse_low_coverage(refusals, settings, "dishes", &figures->dishes,
								   settings->min_dish_coverage, figures);
	refusals = refuse_orphan_rate(refusals, settings, &figures->after, "would be");
	return refusals;
}

List *
gate_after(const GateSettings *settings, const Integrity *before,
		   const Integrity *after, const OrphanFigures *orphans)
{
	List	   *refusals = NIL;

	for (int i = 0; i < BREAKAGE_COUNT; i++)
		refusals = refuse_new_breakage(refusals, settings, (Breakage) i, before, after);
	refusals = refuse_orphan_rate(refusals, settings, orphans, "is");
	return refusals;
}

Integrity
gate_integrity_of(const ItemCensus *census)
{
	Integrity	integrity;

	integrity.items[BREAKAGE_NULL_GROUP] = census->null_group;
	integrity.items[BREAKAGE_NULL_DISH] = census->null_dish;
	integrity.items[BREAKAGE_INVALID_GROUP] = census->invalid_group;
	integrity.items[BREAKAGE_INVALID_DISH] = census->invalid_dish;
	integrity.items[BREAKAGE_CROSS_RESTAURANT] = census->cross_restaurant;
	integrity.items[BREAKAGE_DUPLICATE] = census->duplicate;
	return integrity;
}

const char *
gate_breakage_name(Breakage breakage)
{
	static const char *const names[BREAKAGE_COUNT] = {
		"null_group", "null_dish", "invalid_group", "invalid_dish",
		"cross_restaurant", "duplicate_items"
	};

	return names[breakage];
}

List *
gate_messages(List *refusals)
{
	List	   *messages = NIL;
	ListCell   *lc;

	foreach(lc, refusals)
		messages = lappend(messages, ((Refusal *) lfirst(lc))->message);
	return messages;
}

char *
gate_states_json(List *refusals)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, refusals)
		format_append(&buf, ", ", "\"%s\"", unpack_sql_state(((Refusal *) lfirst(lc))->sqlstate));
	return psprintf("[%s]", buf.data);
}

char *
gate_call(List *refusals)
{
	Refusal    *first = linitial(refusals);

	return first->accept ? first->accept : first->call;
}

void
gate_raise(List *refusals, const char *what, const char *state,
		   const char *hint)
{
	Refusal    *first = linitial(refusals);
	StringInfoData others;
	ListCell   *lc;

	initStringInfo(&others);
	for_each_from(lc, refusals, 1)
		appendStringInfo(&others, "Also: %s.\n", ((Refusal *) lfirst(lc))->message);
	appendStringInfoString(&others, state);

	ereport(ERROR,
			(errcode(first->sqlstate),
			 errmsg("%s: %s", what, first->message),
			 errdetail_internal("%s", others.data),
			 errhint("%s", hint ? hint : first->hint)));
}

static List *
add_refusal(List *refusals, int sqlstate, char *message, char *call, char *accept, char *hint)
{
	Refusal    *refusal = palloc(sizeof(Refusal));

	refusal->sqlstate = sqlstate;
	refusal->message = message;
	refusal->hint = hint;
	refusal->call = call;
	refusal->accept = accept;
	return lappend(refusals, refusal);
}

/* Refuses when more rows fit with group and dish swapped. */
static List *
refuse_swapped_columns(List *refusals, const GateSettings *settings, const Probes *probes)
{
	if (probes->fits_swapped <= probes->fits_declared)
		return refusals;

	return add_refusal(refusals, ERRCODE_MENUCA_ORIENTATION,
					   psprintf("group and dish seem to be swapped: %s", probes_orientation_text(probes)),
					   outcomes_call(settings), NULL,
					   migrate_call("Load the dump again by column name with menuca_load_dump, or name the columns: dish_column => '...', group_column => '...'."));
}

/*
 * Refuses when too many rows lead to other restaurants: then the ids are those
 * of other things with the same numbers.
 */
static List *
refuse_foreign_ids(List *refusals, const GateSettings *settings, const Probes *probes)
{
	char	   *call;

	if (format_percentage(probes->crossed_rows, probes->source_rows) <= settings->max_cross_restaurant)
		return refusals;

	call = migrate_call("SELECT * FROM %s(%s) WHERE %s = 'cross_restaurant';",
						migrate_qualify(settings->crossed_function),
						settings->source_arguments, settings->crossed_column);
	return add_refusal(refusals, ERRCODE_MENUCA_ID_SPACE,
					   psprintf("%s; the gate is %g %%", probes_id_space_text(probes),
								settings->max_cross_restaurant),
					   call, NULL,
					   psprintf("To see these rows: %s something else was migrated under their legacy ids. None of these rows would be inserted, so raise max_cross_restaurant_pct only if they may be lost.",
								call));
}

/* In strict mode, refuses when the source means the reverse of the target. */
static List *
refuse_reversed_direction(List *refusals, const GateSettings *settings, const Probes *probes)
{
	if (!settings->strict || !probes_direction_reversed(probes) ||
		acceptance_covering(settings->accepted, ACCEPT_DIRECTION, 0))
		return refusals;

	return add_refusal(refusals, ERRCODE_MENUCA_DIRECTION,
					   probes_direction_warning(probes), outcomes_call(settings),
					   acceptance_proposal(ACCEPT_DIRECTION, 0, settings->accepted_arguments),
					   "Choose the other target, or omit strict to write the rows all the same.");
}

static List *
refuse_low_coverage(List *refusals, const GateSettings *settings, const char *what,
					const Coverage *coverage, double minimum,
					const PlanFigures *figures)
{
	bool		of_groups = strcmp(what, "groups") == 0;
	AcceptedFigure figure = of_groups ? ACCEPT_GROUP_COVERAGE : ACCEPT_DISH_COVERAGE;
	double		pct = format_percentage(coverage->covered, coverage->ids);
	char	   *accept;

	if (acceptance_passes(settings->accepted, figure, pct, !is_low(coverage, minimum)))
		return refusals;

	accept = coverage->covered == 0 ? NULL : acceptance_proposal(figure, pct, settings->accepted_arguments);
	return add_refusal(refusals, ERRCODE_MENUCA_COVERAGE,
					   psprintf("coverage of %s is %s (%s of %s distinct legacy ids identify a row), below %s; by outcome: %s",
								what, format_pct(coverage->covered, coverage->ids),
								format_count(coverage->covered), format_count(coverage->ids),
								limit_text(settings, figure, "of", minimum), outcomes_text(figures)),
					   outcomes_call(settings), accept,
					   psprintf("To see what becomes of the source rows: %s migrate the missing %s first%s",
								outcomes_call(settings), what,
								accept == NULL ? "." : psprintf("; or, if they are lost, accept it: %s", accept)));
}

/* What the figure has failed: the bound of its acceptance, or else the gate. */
static char *
limit_text(const GateSettings *settings, AcceptedFigure figure, const char *verb, double gate)
{
	const Acceptance *acceptance = settings->accepted ? settings->accepted->of[figure] : NULL;

	return acceptance ? psprintf("the accepted bound %s %.15g %%", verb, acceptance->bound) :
		psprintf("the gate %s %g %%", verb, gate);
}

/* Without any id, the coverage is 0 %. */
static bool
is_low(const Coverage *coverage, double minimum)
{
	return coverage->ids > 0 ?
		(double) coverage->covered * 100.0 < minimum * (double) coverage->ids : minimum > 0;
}

/*
 * Refuses a rate above the allowed one, and one in the band FAIL unless the
 * caller allowed more than the rate where that band begins.
 */
static List *
refuse_orphan_rate(List *refusals, const GateSettings *settings,
				   const OrphanFigures *figures, const char *tense)
{
	uint64		orphans;
	uint64		groups;
	double		pct;
	char	   *rate;
	char	   *call;
	char	   *accept;
	AcceptedFigure figure = settings->on_expected ? ACCEPT_EXPECTED_ORPHAN_RATE : ACCEPT_ORPHAN_RATE;

	gate_orphans(settings, figures, &orphans, &groups);
	pct = format_percentage(orphans, groups);
	if (acceptance_passes(settings->accepted, figure, pct, !has_too_many_orphans(settings, pct)))
		return refusals;

	rate = psprintf("the %s orphan rate after the fix %s %s (%s of %s groups)",
					settings->on_expected ? "expected" : "overall", tense,
					format_pct(orphans, groups), format_count(orphans),
					format_count(groups));
	call = migrate_call("SELECT reason, count(*) FROM menuca_orphans(%s) GROUP BY 1;",
						settings->target_arguments);
	accept = acceptance_proposal(figure, pct, settings->accepted_arguments);
	return add_refusal(refusals, ERRCODE_MENUCA_ORPHANS,
					   pct > settings->max_orphans || !has_too_many_orphans(settings, pct) ?
					   psprintf("%s, which is band %s; %s", rate,
								orphan_band(orphans, groups), limit_text(settings, figure, "is", settings->max_orphans)) :
					   psprintf("%s, which is band FAIL; only max_orphan_pct above %g accepts that",
								rate, ORPHAN_BAND_FAIL),
					   call, accept,
					   psprintf("To see why groups have no items: %s if these groups can have no items, accept it: %s",
								call, accept));
}

static bool
has_too_many_orphans(const GateSettings *settings, double pct)
{
	return pct > settings->max_orphans ||
		(pct >= ORPHAN_BAND_FAIL && settings->max_orphans <= ORPHAN_BAND_FAIL);
}

List *
gate_accepted(const GateSettings *settings, const PlanFigures *figures, const Probes *probes)
{
	List	   *accepted = NIL;
	uint64		orphans;
	uint64		groups;
	double		pct;

	if (is_low(&figures->groups, settings->min_group_coverage))
		accepted = add_accepted(accepted, settings, ACCEPT_GROUP_COVERAGE, "coverage of groups",
								figures->groups.covered, figures->groups.ids);
	if (is_low(&figures->dishes, settings->min_dish_coverage))
		accepted = add_accepted(accepted, settings, ACCEPT_DISH_COVERAGE, "coverage of dishes",
								figures->dishes.covered, figures->dishes.ids);
	gate_orphans(settings, &figures->after, &orphans, &groups);
	pct = format_percentage(orphans, groups);
	if (has_too_many_orphans(settings, pct))
		accepted = add_accepted(accepted, settings,
								settings->on_expected ? ACCEPT_EXPECTED_ORPHAN_RATE : ACCEPT_ORPHAN_RATE,
								"the orphan rate after the fix", orphans, groups);
	if (probes_direction_reversed(probes) && acceptance_covering(settings->accepted, ACCEPT_DIRECTION, 0))
		accepted = lappend(accepted, psprintf("the reversed direction: %s",
											  acceptance_text(settings->accepted->of[ACCEPT_DIRECTION])));
	return accepted;
}

/* Adds a sentence about a figure beyond its limit, if it is accepted. */
static List *
add_accepted(List *accepted, const GateSettings *settings, AcceptedFigure figure, const char *what,
			 uint64 part, uint64 whole)
{
	const Acceptance *acceptance = acceptance_covering(settings->accepted, figure, format_percentage(part, whole));

	if (acceptance == NULL)
		return accepted;
	return lappend(accepted, psprintf("%s, %s: %s", what, format_pct(part, whole), acceptance_text(acceptance)));
}

static List *
refuse_new_breakage(List *refusals, const GateSettings *settings, Breakage breakage, const Integrity *before,
					const Integrity *after)
{
	static const char *const what[BREAKAGE_COUNT] = {
		"items without a group", "items without a dish",
		"items of a group that does not exist",
		"items of a dish that does not exist",
		"items whose dish belongs to another restaurant",
		"items that repeat a pair of group and dish"
	};

	if (after->items[breakage] <= before->items[breakage])
		return refusals;

	return add_refusal(refusals, ERRCODE_MENUCA_INTEGRITY,
					   psprintf("%s were introduced: %s before, %s after", what[breakage],
								format_count(before->items[breakage]),
								format_count(after->items[breakage])),
					   migrate_call("SELECT * FROM menuca_validate(%s);", settings->target_arguments), NULL,
					   migrate_call("A trigger or another session changed the written items: look at the triggers of the table, and SELECT * FROM menuca_validate(%s);",
									settings->target_arguments));
}

List *
gate_repeated_keys(const KeyedTable *table)
{
	int64		repeats = keyed_table_repeats(table);
	char	   *hint;
	char	   *obstacle = keyed_table_undo_obstacle(table, &hint);
	List	   *refusals = NIL;

	if (obstacle)
		refusals = add_refusal(refusals, ERRCODE_FEATURE_NOT_SUPPORTED, obstacle,
							   keyed_table_storage_query(table), NULL, hint);
	if (repeats > 0)
		refusals = add_refusal(refusals, ERRCODE_MENUCA_INTEGRITY, keyed_table_repeats_text(table, repeats),
							   keyed_table_repeats_query(table), NULL, keyed_table_repeats_hint(table));
	return refusals;
}

/* The call that shows what becomes of the source rows. */
static char *
outcomes_call(const GateSettings *settings)
{
	return migrate_call("SELECT outcome, count(*) FROM %s(%s) GROUP BY 1;",
						migrate_qualify(settings->plan_function), settings->source_arguments);
}

/* "12,446 insert, 4,015 unmapped_dish": the outcomes that occur. */
static char *
outcomes_text(const PlanFigures *figures)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < OUTCOME_COUNT; i++)
	{
		if (figures->outcomes[i] > 0)
			format_append(&buf, ", ", "%s %s", format_count(figures->outcomes[i]),
						  plan_outcome_name((Outcome) i));
	}
	return buf.data;
}
