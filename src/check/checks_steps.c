/*-------------------------------------------------------------------------
 *
 * checks_steps.c
 *	  Checks of the items' steps: see checks_steps.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_steps.h"
#include "check/header_steps.h"
#include "check/list_steps.h"
#include "check/validation_facts.h"
#include "plan/orphan_story.h"
#include "target/step_table.h"

/* Groups and items that a detail names. */
#define EXAMPLES 5

/* What is wrong with the steps; from STEPS_DIFFERING on, an owner may have done it. */
typedef enum StepFault
{
	STEPS_MISSING,				/* items that have none, while the lists have
								 * some for them */
	STEPS_REPEATED,				/* steps that an item has twice */
	STEPS_WITH_GAPS,			/* groups whose steps are not 1, 2, 3 ... */
	STEPS_INVALID,				/* steps without a number, or below 1 */
	STEPS_DANGLING,				/* steps of items that do not exist */
	STEPS_DIFFERING,			/* steps that the lists do not have */
	STEPS_UNWRITTEN,			/* items that have none, while their groups'
								 * headers give them some */
	STEPS_OF_NO_HEADER,			/* steps that these headers do not give */
	STEPS_LACKING				/* steps that items with other ones lack */
} StepFault;

#define STEP_FAULTS (STEPS_LACKING + 1)

static const char *const fault_names[STEP_FAULTS] = {
	"missing", "repeated", "with_gaps", "invalid", "dangling", "differing",
	"unwritten", "of_no_header", "lacking"
};

static const char *const fault_nouns[STEP_FAULTS] = {
	"item without steps that V2's list has", "repeated step", "group with gap", "step without a number from 1",
	"step of no item", "step that V2's list lacks",
	"item without steps that its group's headers give", "step that its group's headers do not give",
	"step of a header that its item lacks"
};

typedef struct StepFaults
{
	int64		steps;
	int64		count[STEP_FAULTS];
	int			named;			/* in the examples, or more */
	StringInfoData examples;
} StepFaults;

static bool skip_without_steps(const Facts *facts, Finding *finding);
static bool lists_were_read(const Facts *facts);
static void count_faults(const Facts *facts, const StepTable *steps, StepFaults *faults);
static void count_gaps(Facts *facts, const StepTable *steps, const ListSteps *list,
					   StepFaults *faults);
static void count_against_lists(const Facts *facts, const StepTable *steps,
								const ListSteps *list, StepFaults *faults);
static const StepPlan *count_against_headers(const Facts *facts, const StepTable *steps,
											 StepFaults *faults);
static char *missing_steps_remedy(const StepFaults *faults, const StepPlan *by_headers);
static void store_faults(TupleTableSlot *slot, void *arg);
static void add_gap(TupleTableSlot *slot, void *arg);
static void add_missing(TupleTableSlot *slot, void *arg);
static void add_example(StepFaults *faults, const char *noun, int64 id);


/*
 * 31: a customer goes through a group's steps one by one, from 1.  A gap that the
 * lists have as well is V2's, so it is no fault of the migration.
 */
void
check_steps(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	StepFaults	faults = {0};
	const StepTable *steps;
	const ListSteps *list;
	const StepPlan *by_headers;
	StringInfoData actual;
	StringInfoData metadata;
	bool		failed = false;
	bool		lists_lost;

	if (skip_without_steps(facts, finding))
		return;
	initStringInfo(&faults.examples);
	steps = step_table_open(facts->target, ACL_SELECT);
	list = list_steps_read(facts->target);
	count_faults(facts, steps, &faults);
	count_gaps(facts, steps, list, &faults);
	if (list)
		count_against_lists(facts, steps, list, &faults);
	by_headers = count_against_headers(facts, steps, &faults);
	if (faults.steps == 0 && faults.count[STEPS_MISSING] == 0 && faults.count[STEPS_UNWRITTEN] == 0)
	{
		finding_skip(finding, list ? "no item has steps, and none needs any" : "no item has steps", NULL);
		return;
	}

	initStringInfo(&actual);
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < STEP_FAULTS; i++)
	{
		if (i >= STEPS_UNWRITTEN && by_headers == NULL)
			continue;
		json_count(&metadata, fault_names[i], faults.count[i]);
		if (faults.count[i] == 0)
			continue;
		failed |= i < STEPS_DIFFERING;
		format_append(&actual, ", ", "%s: %s", fault_nouns[i], format_count(faults.count[i]));
	}
	json_end(&metadata);

	lists_lost = list == NULL && orphan_lists_state(facts->target) == V2_NOT_STAGED && lists_were_read(facts);
	finding->status = failed ? CHECK_FAIL : actual.len > 0 || lists_lost ? CHECK_WARN : CHECK_PASS;
	finding->expected = psprintf("the steps of a group are 1, 2, 3 ..., each once for an item, and those that V2's lists%s have",
								 by_headers ? " or its headers" : "");
	finding->actual = actual.len > 0 ? actual.data : psprintf("true for %s", format_things(faults.steps, "step"));
	finding->detail = psprintf("%s%s%s", list ? "" : lists_lost ? "V2's lists, which a run has read, are not staged any more, so the steps are not compared with them." :
							   "V2's lists are not staged, so the steps are not compared with them.",
							   faults.examples.len > 0 && !list ? " " : "",
							   faults.examples.len > 0 ? psprintf("Such as %s.", faults.examples.data) : "");
	if (finding->detail[0] == '\0')
		finding->detail = NULL;
	if (finding->status != CHECK_PASS)
		finding->remedy = faults.count[STEPS_MISSING] > 0 || faults.count[STEPS_UNWRITTEN] > 0 ?
			missing_steps_remedy(&faults, by_headers) :
			actual.len == 0 ? "Load V2's dump again, to compare with it." :
			"Find out who wrote them, and restore them from the backup.";
	finding->metadata = metadata.data;
	accepted_change_apply(facts, "steps", metadata.data, finding);
}

/* 32: the ledger of the latest run that inserted steps. */
void
check_step_ledger(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const LedgerFacts *ledger;

	if (skip_without_steps(facts, finding))
		return;
	if (check_judge_undone(facts, &step_table_open(facts->target, ACL_SELECT)->table,
						   facts->target->junction->step_table, "step", finding))
		return;
	ledger = facts_step_ledger(facts);
	if (ledger->run_id == 0)
	{
		finding_skip(finding, "the ledger has no finished run that inserted steps and was not rolled back", NULL);
		return;
	}
	check_judge_ledger(ledger, "step", finding);
	accepted_change_apply(facts, "step_ledger", check_ledger_found(ledger), finding);
}

/* Whether a run in effect has read V2's lists, as far as the caller may know. */
static bool
lists_were_read(const Facts *facts)
{
	QueryArgs	args = {0};

	query_arg_text(&args, facts->target->schema);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_run WHERE kind IN ('fix_v2_groups', 'fix_v2_steps') AND target_schema = $1"
							   " AND status IN ('completed', 'gate_failed') AND inserted > 0)",
							   migrate_schema()), &args);
}

static bool
skip_without_steps(const Facts *facts, Finding *finding)
{
	if (step_table_exists(facts->target))
		return false;
	finding_skip(finding, facts->target->junction->step_table ?
				 psprintf("the table %s does not exist", facts->target->junction->step_table) :
				 "these items have no steps", NULL);
	return true;
}

static void
count_faults(const Facts *facts, const StepTable *steps, StepFaults *faults)
{
	const Target *target = facts->target;

	query_each(psprintf("SELECT coalesce(sum(s.n), 0)::int8, coalesce(sum(s.n - 1), 0)::int8,"
						" coalesce(sum(s.n) FILTER (WHERE s.step IS NULL OR s.step < 1), 0)::int8,"
						" coalesce(sum(s.n) FILTER (WHERE NOT EXISTS (SELECT FROM %s i WHERE i.%s = s.item)), 0)::int8"
						" FROM (SELECT %s AS item, %s AS step, count(*) AS n FROM %s GROUP BY 1, 2) s",
						target->table.name, target->table.id, steps->item, steps->step, steps->table.name),
			   NULL, store_faults, faults);
}

static void
store_faults(TupleTableSlot *slot, void *arg)
{
	StepFaults *faults = arg;

	faults->steps = slot_int8(slot, 0);
	faults->count[STEPS_REPEATED] = slot_int8(slot, 1);
	faults->count[STEPS_INVALID] = slot_int8(slot, 2);
	faults->count[STEPS_DANGLING] = slot_int8(slot, 3);
}

/*
 * A gap is V2's own if its list has the same steps or, without lists, if all
 * steps are as a run has written them.
 */
static void
count_gaps(Facts *facts, const StepTable *steps, const ListSteps *list, StepFaults *faults)
{
	const Target *target = facts->target;
	QueryArgs	args = {0};

	if (list == NULL && facts_step_ledger(facts)->run_id != 0 &&
		facts_step_ledger(facts)->found.fingerprint == 0 && facts_step_ledger(facts)->found.others == 0)
		return;
	query_arg(&args, INT8ARRAYOID, query_int8_array(list ? list->groups : NULL, NULL, list ? list->n : 0), false);
	query_arg(&args, INT8ARRAYOID, query_int8_array(list ? list->steps : NULL, NULL, list ? list->n : 0), false);
	query_each(psprintf("SELECT h.g FROM (SELECT i.%s::int8 AS g, array_agg(DISTINCT s.%s::int8) AS steps"
						"  FROM %s s JOIN %s i ON i.%s = s.%s WHERE s.%s IS NOT NULL GROUP BY 1) h"
						" LEFT JOIN (SELECT g, array_agg(DISTINCT n) AS steps FROM unnest($1, $2) l (g, n) GROUP BY 1) t ON t.g = h.g"
						" WHERE (h.steps[1] <> 1 OR h.steps[cardinality(h.steps)] <> cardinality(h.steps))"
						" AND h.steps IS DISTINCT FROM t.steps ORDER BY 1",
						target->group, steps->step, steps->table.name, target->table.name, target->table.id,
						steps->item, steps->step),
			   &args, add_gap, faults);
}

static void
count_against_lists(const Facts *facts, const StepTable *steps, const ListSteps *list,
					StepFaults *faults)
{
	const Target *target = facts->target;
	QueryArgs	args = {0};

	query_arg(&args, INT8ARRAYOID, query_int8_array(list->groups, NULL, list->n), false);
	query_arg(&args, INT8ARRAYOID, query_int8_array(list->dishes, NULL, list->n), false);
	query_arg(&args, INT8ARRAYOID, query_int8_array(list->steps, NULL, list->n), false);
	query_each(psprintf("SELECT i.%s::int8 FROM %s i WHERE (i.%s, i.%s) IN (SELECT g, d FROM unnest($1, $2) l (g, d))"
						" AND NOT EXISTS (SELECT FROM %s s WHERE s.%s = i.%s) AND $3 IS NOT NULL ORDER BY 1",
						target->table.id, target->table.name, target->group, target->dish,
						steps->table.name, steps->item, target->table.id),
			   &args, add_missing, faults);
	faults->count[STEPS_DIFFERING] =
		query_int8(psprintf("SELECT count(*) FROM %s s JOIN %s i ON i.%s = s.%s"
							" WHERE (i.%s, i.%s) IN (SELECT g, d FROM unnest($1, $2) l (g, d))"
							" AND (i.%s, i.%s, s.%s) NOT IN (SELECT g, d, n FROM unnest($1, $2, $3) l (g, d, n))",
							steps->table.name, target->table.name, target->table.id, steps->item,
							target->group, target->dish, target->group, target->dish, steps->step),
				   &args);
}

/* Returns the plan by the headers; NULL when no run has read them. */
static const StepPlan *
count_against_headers(const Facts *facts, const StepTable *steps, StepFaults *faults)
{
	const StepPlan *plan = header_steps_plan(facts->target, steps);

	if (plan == NULL)
		return NULL;
	faults->count[STEPS_UNWRITTEN] = plan->outcomes[STEP_FITS];
	header_steps_count(plan, &faults->count[STEPS_OF_NO_HEADER], &faults->count[STEPS_LACKING]);
	for (uint64 i = 0; i < plan->n && faults->named < EXAMPLES; i++)
	{
		const StepItem *item = &plan->items[i];

		CHECK_FOR_INTERRUPTS();
		if (header_steps_fault(item))
			add_example(faults, "item", item->id);
	}
	return plan;
}

static char *
missing_steps_remedy(const StepFaults *faults, const StepPlan *by_headers)
{
	if (faults->count[STEPS_MISSING] > 0)
		return migrate_call("To write the missing ones: SELECT * FROM menuca_fix_v2_groups();");
	return migrate_call(by_headers->headers_name == HEADERS_NAME_CHOICES ?
						"To write the missing ones: SELECT * FROM menuca_fix_combo_steps(headers_name => 'choices');" :
						"To write the missing ones: SELECT * FROM menuca_fix_combo_steps();");
}

static void
add_gap(TupleTableSlot *slot, void *arg)
{
	StepFaults *faults = arg;

	faults->count[STEPS_WITH_GAPS]++;
	add_example(faults, "group", slot_int8(slot, 0));
}

static void
add_missing(TupleTableSlot *slot, void *arg)
{
	StepFaults *faults = arg;

	faults->count[STEPS_MISSING]++;
	add_example(faults, "item", slot_int8(slot, 0));
}

static void
add_example(StepFaults *faults, const char *noun, int64 id)
{
	if (faults->named++ < EXAMPLES)
		format_append(&faults->examples, ", ", "%s " INT64_FORMAT, noun, id);
}
