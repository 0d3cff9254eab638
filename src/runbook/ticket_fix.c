/*-------------------------------------------------------------------------
 *
 * ticket_fix.c
 *	  The combo fix of a ticket: see ticket_fix.h.
 *
 * The parts are written together or not at all: when one is refused, what those
 * before it have written is undone, so that no menu is left half filled.
 *
 * The overall orphan rate is a figure of all parts that write items: those of V1,
 * from its rows, or from its lists where its rows go into another table, and those
 * of V2.  Where V1's items alone would leave too many orphans, it is judged when
 * V2's items are there, too.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "runbook/ticket_arguments.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_fix.h"
#include "runbook/ticket_source.h"

/* What the fix's own gate refuses unless told otherwise, in percent. */
#define MAX_ORPHANS "20"

/* A fix in progress. */
typedef struct TicketFix
{
	TicketExecution *execution;
	MemoryContext context;
	bool		wanted[FIX_PARTS];
	FixPart		v1_items;		/* the part that writes them: FIX_V1 or
								 * FIX_LISTS */
	FixPart		current;
	char	   *rows[FIX_PARTS];	/* results, as JSON; NULL: not done */
	bool		judged[FIX_PARTS];	/* by the ticket's own gate on orphans */
	ErrorData  *error;			/* of the current part, or NULL */
	char	   *refused;		/* a dry run of the current part where its
								 * real run was refused, or NULL */
	char	   *together;		/* what is judged for V1 and V2 together, or
								 * NULL */
	bool		too_many;		/* orphans, judged together */
	char	   *acceptance;		/* the call that accepts that rate; NULL: not
								 * known */
} TicketFix;

/* A call of a part, and where its row goes. */
typedef struct PartCall
{
	MemoryContext context;
	char	   *row;
} PartCall;

static const struct
{
	const char *name;
	const char *title;
	const char *plan;			/* NULL: not needed */
	TicketCallee plan_callee;
	char	   *expected;
}			parts[FIX_PARTS] = {

	{"backfill", "The missing dishes", NULL, 0,
	"the dishes that the source names and the target lacks are inserted, inactive"},
	{"fix_combos", "The fix", "menuca_plan_combos", CALLEE_PLAN,
	"every source row that can be mapped is inserted, and the gates before and after it pass"},
	{"fix_group_dishes", "The fix of V1's lists", "menuca_plan_group_dishes", CALLEE_PLAN_LISTS,
	"every dish of V1's lists that can be mapped is inserted, and the gates before and after it pass"},
	{"fix_v2_groups", "The fix of V2's groups", "menuca_plan_v2_groups", CALLEE_PLAN_V2,
	"every dish of V2's lists that can be mapped is inserted with its steps, and the gates before and after it pass"}
};

static void write_parts(void *arg);
static ErrorData *write_part(TicketFix *fix, FixPart part);
static void write_current(void *arg);
pg_noreturn static void refuse_part(TicketFix *fix, ErrorData *error);
static void try_current(void *arg);
static void judge_together(TicketFix *fix);
static void try_parts(TicketFix *fix);
static void try_part(void *arg);
static bool is_judged_together(const TicketFix *fix);
static void try_together(TicketFix *fix);
static char *acceptance_of(const char *proposal, double pct);
static bool orphans_are_accepted(const TicketFix *fix, double pct);
static char *v1_items_source(const TicketFix *fix);
static void call_part(TicketFix *fix, FixPart part, bool dry_run, bool orphan_gate);
static void store_row(TupleTableSlot *slot, void *arg);
static void report_part(TicketFix *fix, FixPart part);
static void report_done(TicketFix *fix, FixPart part, Finding *finding);
static void report_tried(TicketFix *fix, FixPart part, Finding *finding);
static void propose_backfill(TicketFix *fix, Finding *finding);
static bool dishes_would_help(const TicketFix *fix);
static void call_backfill(void *arg);
static char *figures_text(const TicketFix *fix, FixPart part, bool dry_run);
static bool judges_all_groups(const TicketExecution *execution);
static bool part_is_refused(const char *row);
static char *reasons_of(const char *row);
static char *field(const char *row, const char *name);
static int64 number(const char *row, const char *name);


void
ticket_fix_combos(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	TicketFix	fix = {.execution = execution,.context = CurrentMemoryContext};
	bool		failed = ticket_has_failed(execution);

	fix.wanted[FIX_BACKFILL] = ticket_option_is_true(execution, "backfill", false);
	fix.wanted[FIX_LISTS] = !failed && OidIsValid(ticket_source_find_lists(execution, FIX_LISTS));
	fix.wanted[FIX_V2] = !failed && OidIsValid(ticket_source_find_lists(execution, FIX_V2));
	fix.wanted[FIX_V1] = !(fix.wanted[FIX_LISTS] || fix.wanted[FIX_V2]) || OidIsValid(ticket_source_find(execution));
	fix.v1_items = ticket_source_is_of_products(execution) ? FIX_LISTS : FIX_V1;
	if (!failed && execution->dry_run)
		try_parts(&fix);
	else if (!failed)
		fix.error = attempt(write_parts, &fix);

	for (int i = 0; i < FIX_PARTS; i++)
	{
		if (!fix.wanted[i])
			continue;
		if (!failed)
			report_part(&fix, (FixPart) i);
		else
		{
			Finding		skipped = {.expected = parts[i].expected};

			finding_skip(&skipped, "not done, since an earlier check failed", NULL);
			ticket_report(execution, parts[i].name, parts[i].title, &skipped);
		}
	}
}

/* Raises the error of the first part that fails. */
static void
write_parts(void *arg)
{
	TicketFix  *fix = arg;
	bool		both = is_judged_together(fix);
	ErrorData  *error;

	/* The ticket's own gate has judged the backup already. */
	int			nest_level = settings_begin_ticket(fix->execution->no);

	if (fix->wanted[FIX_BACKFILL])
		call_part(fix, FIX_BACKFILL, false, true);
	if (fix->wanted[FIX_V1] && fix->v1_items != FIX_V1 && (error = write_part(fix, FIX_V1)))
		refuse_part(fix, error);
	if (fix->wanted[fix->v1_items] && (error = write_part(fix, fix->v1_items)))
	{
		if (!both || error->sqlerrcode != ERRCODE_MENUCA_ORPHANS)
			refuse_part(fix, error);
		fix->together = error->message;
		call_part(fix, fix->v1_items, false, false);
	}

	/* Where V1's items have passed the gate, more items do not fail it. */
	if (fix->wanted[FIX_V2])
		call_part(fix, FIX_V2, false, !both);
	if (fix->together)
		judge_together(fix);
	settings_end_ticket(nest_level);
}

/* Returns the error, or NULL. */
static ErrorData *
write_part(TicketFix *fix, FixPart part)
{
	fix->current = part;
	return attempt(write_current, fix);
}

static void
write_current(void *arg)
{
	TicketFix  *fix = arg;

	call_part(fix, fix->current, false, true);
}

/*
 * A dry run says what to call next: the error's own hint could be that of others'
 * code.  It sees what the parts before it have written.
 */
static void
refuse_part(TicketFix *fix, ErrorData *error)
{
	if (attempt(try_current, fix) == NULL)
		fix->refused = fix->rows[fix->current];
	fix->rows[fix->current] = NULL;
	ReThrowError(error);
}

static void
try_current(void *arg)
{
	TicketFix  *fix = arg;

	call_part(fix, fix->current, true, true);
}

/*
 * With all items there, a dry run of V1's fix with the ticket's own options has
 * nothing to insert, and its gate judges the orphans that are left.
 */
static void
judge_together(TicketFix *fix)
{
	FixPart		part = fix->v1_items;
	char	   *v1 = fix->rows[part];
	char	   *judged;

	call_part(fix, part, true, true);
	judged = fix->rows[part];
	fix->rows[part] = v1;
	fix->judged[part] = false;
	fix->current = FIX_V2;
	if (part_is_refused(judged))
	{
		fix->refused = judged;
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ORPHANS),
				 errmsg("refused with V2's items: %s", reasons_of(judged)),
				 errdetail("With V1's items alone: %s.", fix->together),
				 errhint("%s%s", migrate_call("To see why groups have no items: SELECT reason, count(*) FROM menuca_orphans() GROUP BY 1; if these groups can have no items, accept it: "),
						 field(judged, "next_step"))));
	}
}

/* Each part by itself, since none of them is there for the next. */
static void
try_parts(TicketFix *fix)
{
	for (int i = 0; i < FIX_PARTS && fix->error == NULL; i++)
	{
		if (!fix->wanted[i])
			continue;
		fix->current = (FixPart) i;
		fix->error = attempt(try_part, fix);
	}
	if (fix->error == NULL && is_judged_together(fix) && part_is_refused(fix->rows[fix->v1_items]))
		try_together(fix);
}

static void
try_part(void *arg)
{
	TicketFix  *fix = arg;

	call_part(fix, fix->current, true, fix->current != FIX_V2 || !is_judged_together(fix));
}

static bool
is_judged_together(const TicketFix *fix)
{
	return fix->wanted[fix->v1_items] && fix->wanted[FIX_V2] && judges_all_groups(fix->execution);
}

/* Predicts the orphans of both, if V1's gate refuses nothing but orphans. */
static void
try_together(TicketFix *fix)
{
	const TicketExecution *execution = fix->execution;
	FixPart		part = fix->v1_items;
	char	   *refused = fix->rows[part];
	char	   *max = ticket_option(execution, "max_orphan_pct");
	StringInfoData all;
	StringInfoData v1;
	StringInfoData v2;
	QueryArgs	args = {0};
	uint64		orphans;
	uint64		groups;
	double		pct;

	call_part(fix, part, true, false);
	if (part_is_refused(fix->rows[part]))
	{
		fix->rows[part] = refused;
		fix->judged[part] = true;
		return;
	}
	initStringInfo(&all);
	initStringInfo(&v1);
	initStringInfo(&v2);
	ticket_arguments_append(&all, execution, CALLEE_ORPHANS, true, "");
	ticket_arguments_append(&v1, execution, parts[part].plan_callee, true, "");
	ticket_arguments_append(&v2, execution, CALLEE_PLAN_V2, true, "");
	groups = ticket_count_rows("combo_groups");
	orphans = query_int8(psprintf("SELECT count(*) FROM %1$smenuca_orphans(%2$s) o WHERE NOT EXISTS ("
								  "SELECT FROM %1$s%3$s(%4$s) p WHERE p.outcome = 'insert' AND p.combo_group_id = o.combo_group_id)"
								  " AND NOT EXISTS ("
								  "SELECT FROM %1$smenuca_plan_v2_groups(%5$s) p WHERE p.outcome = 'insert' AND p.combo_group_id = o.combo_group_id)",
								  migrate_schema(), all.data, parts[part].plan, v1.data, v2.data), NULL);
	pct = format_percentage(orphans, groups);
	query_arg_text(&args, max ? max : MAX_ORPHANS);
	query_arg_text(&args, psprintf("%.17g", pct));
	fix->too_many = query_bool("SELECT $2::numeric > $1::numeric OR ($2::numeric >= " MAX_ORPHANS " AND $1::numeric <= " MAX_ORPHANS ")", &args) &&
		!orphans_are_accepted(fix, pct);
	fix->acceptance = acceptance_of(field(refused, "next_step"), pct);
	fix->together = psprintf("With V1's items alone: %s. With V2's as well, %s of %s would be orphans (%s), which is %s.",
							 reasons_of(refused), format_count(orphans), format_things(groups, "group"),
							 format_pct(orphans, groups), fix->too_many ? "refused, too" : "what the ticket judges");
}

/*
 * The call that accepts the orphans of V1's items alone, for another rate; NULL if
 * that is not what the refusal proposes.
 */
static char *
acceptance_of(const char *proposal, double pct)
{
	QueryArgs	args = {0};

	query_arg_text(&args, proposal);
	query_arg_text(&args, psprintf("\\1%.2f", pct));
	return query_text("SELECT regexp_replace($1, pattern, $2)"
					  " FROM (VALUES ('(menuca_accept\\(''orphan_rate'', )[0-9.]+')) p (pattern) WHERE $1 ~ pattern", &args);
}

/* Whether a person has accepted that rate for the source of V1's items, unless its rows have changed. */
static bool
orphans_are_accepted(const TicketFix *fix, double pct)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, v1_items_source(fix));
	query_arg_text(&args, psprintf("%.17g", pct));
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_acceptance_in_effect"
							   " WHERE target_schema = $1 AND target = 'combo_items' AND source = $2 AND figure = 'orphan_rate' AND bound >= round($3::numeric, 2))",
							   migrate_schema()), &args);
}

/* The table that V1's items come from, quoted. */
static char *
v1_items_source(const TicketFix *fix)
{
	return relation_quoted_name(fix->v1_items == FIX_V1 ? ticket_source_find(fix->execution) :
								ticket_source_find_lists(fix->execution, FIX_LISTS));
}

/* Calls a part's function and keeps its row. */
static void
call_part(TicketFix *fix, FixPart part, bool dry_run, bool orphan_gate)
{
	PartCall	call = {.context = fix->context};
	char	   *sql = psprintf("SELECT pg_catalog.to_jsonb(f) OPERATOR(pg_catalog.||)"
							   " COALESCE(pg_catalog.to_jsonb(f) OPERATOR(pg_catalog.->) 'figures', '{}') AS result FROM %s f",
							   ticket_fix_call(fix->execution, part, dry_run, orphan_gate));

	fix->current = part;
	if (!dry_run)
		query_write(sql, NULL, store_row, &call);
	else
	{
		query_begin_snapshot();
		query_each(sql, NULL, store_row, &call);
		query_end_snapshot();
	}
	fix->rows[part] = call.row;
	fix->judged[part] = orphan_gate;
}

static void
store_row(TupleTableSlot *slot, void *arg)
{
	PartCall   *call = arg;
	MemoryContext old = MemoryContextSwitchTo(call->context);

	call->row = slot_text_of(slot, "result");
	MemoryContextSwitchTo(old);
}

static void
report_part(TicketFix *fix, FixPart part)
{
	Finding		finding = {0};

	if (fix->error && part == fix->current)
	{
		ticket_finding_of_error(&finding, fix->error);
		finding.next_step = fix->execution->dry_run ? NULL : fix->refused && part_is_refused(fix->refused) ?
			field(fix->refused, "next_step") : "";
		if (part == FIX_V1)
			propose_backfill(fix, &finding);
		if (part != FIX_V1 && fix->error->sqlerrcode == ERRCODE_UNDEFINED_COLUMN)
			finding.remedy = part == FIX_V2 ? "Pass the ticket's options v2_group_column and v2_list_column." :
				"Pass the ticket's options lists_group_column and lists_list_column.";
	}
	else if (fix->error && part > fix->current)
		finding_skip(&finding, "not done, since an earlier part failed", NULL);
	else if (fix->error && !fix->execution->dry_run)
		finding_skip(&finding, psprintf("undone, since part %s failed; it was: %s", parts[fix->current].name,
										figures_text(fix, part, false)), NULL);
	else if (fix->execution->dry_run)
		report_tried(fix, part, &finding);
	else
		report_done(fix, part, &finding);
	finding.expected = parts[part].expected;
	ticket_report(fix->execution, parts[part].name, parts[part].title, &finding);
}

static void
report_done(TicketFix *fix, FixPart part, Finding *finding)
{
	const char *row = fix->rows[part];
	FixFigures *figures = &fix->execution->fix[part];

	figures->run_id = number(row, "run_id");
	figures->source_rows = number(row, part == FIX_BACKFILL ? "menu_rows" : "source_rows");
	figures->mapped = number(row, "insert") + number(row, "already_present");
	finding->actual = psprintf("run %lld: %s", (long long) figures->run_id, figures_text(fix, part, false));
	finding->detail = migrate_call("To undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);", (long long) figures->run_id);
}

static void
report_tried(TicketFix *fix, FixPart part, Finding *finding)
{
	const char *row = fix->rows[part];
	FixFigures *figures = &fix->execution->fix[part];
	bool		refused = part_is_refused(row);

	figures->source_rows = number(row, part == FIX_BACKFILL ? "menu_rows" : "source_rows");
	figures->mapped = number(row, "insert") + number(row, "already_present");
	finding->actual = psprintf("would be: %s", figures_text(fix, part, true));
	finding->detail = reasons_of(row);
	if (part == fix->v1_items && fix->together)
	{
		finding->detail = fix->together;
		refused = fix->too_many;
	}
	finding->status = refused ? CHECK_FAIL : CHECK_PASS;
	finding->next_step = !refused ? NULL : fix->too_many && part == fix->v1_items ? fix->acceptance : field(row, "next_step");
	if (!refused || part != FIX_V1)
		return;
	if (fix->wanted[FIX_BACKFILL] && number(fix->rows[FIX_BACKFILL], "insert") > 0)
	{
		finding->status = CHECK_WARN;
		finding->detail = psprintf("This is without the dishes of the backfill, which only a real run has: %s", finding->detail);
	}
	else
		propose_backfill(fix, finding);
}

/* Names option backfill if V1's menu has dishes that the target lacks. */
static void
propose_backfill(TicketFix *fix, Finding *finding)
{
	TicketExecution *execution = fix->execution;
	QueryArgs	args = {0};
	const char *row;

	if (finding->status != CHECK_FAIL || fix->wanted[FIX_BACKFILL] || !dishes_would_help(fix) ||
		!ticket_source_has_menu() || attempt(call_backfill, fix) != NULL)
		return;
	row = fix->rows[FIX_BACKFILL];
	if (part_is_refused(row) || number(row, "insert") == 0)
		return;
	query_arg(&args, JSONBOID, JsonbPGetDatum(execution->options), false);
	execution->next_step =
		migrate_call("SELECT * FROM menuca_ticket(%d, %s, dry_run => false%s);", execution->no,
					 quote_literal_cstr(query_text("SELECT ($1 || '{\"backfill\": true}')::text", &args)),
					 execution->forced ? psprintf(", force => true, reason => %s", quote_literal_cstr(execution->reason)) : "");
	finding->remedy = psprintf("V1's staged menu has %s that the target lacks; with them %s %% of the dishes are covered, not %s %%. To insert them first, inactive: %s",
							   format_things(number(row, "insert"), "dish id"), field(row, "dish_coverage_pct_after"),
							   field(row, "dish_coverage_pct_before"), execution->next_step);
	finding->next_step = execution->next_step;
}

/* More dishes change coverage and orphans, and nothing else that a gate refuses first. */
static bool
dishes_would_help(const TicketFix *fix)
{
	QueryArgs	args = {0};

	if (fix->error)
		return fix->error->sqlerrcode == ERRCODE_MENUCA_COVERAGE || fix->error->sqlerrcode == ERRCODE_MENUCA_ORPHANS;
	query_arg_json(&args, fix->rows[FIX_V1]);
	query_arg_text(&args, "{MC001,MC002}");
	return query_bool("SELECT coalesce($1 -> 'refused_by' ->> 0 = ANY ($2::text[]), false)", &args);
}

static void
call_backfill(void *arg)
{
	call_part(arg, FIX_BACKFILL, true, true);
}

static char *
figures_text(const TicketFix *fix, FixPart part, bool dry_run)
{
	const char *row = fix->rows[part];
	bool		of_dishes = part == FIX_BACKFILL;
	char	   *before = field(row, of_dishes ? "dish_coverage_pct_before" : "orphan_pct_before");
	char	   *after = field(row, of_dishes ? "dish_coverage_pct_after" : "orphan_pct_after");
	char	   *band = fix->judged[part] ? field(row, "band") : NULL;

	return psprintf("%lld before + %lld inserted = %lld after; %s %s %% before, %s %% after%s",
					(long long) number(row, of_dishes ? "dishes_before" : "items_before"),
					(long long) number(row, dry_run ? "insert" : "inserted"),
					(long long) number(row, of_dishes ? "dishes_after" : "items_after"),
					of_dishes ? "dish coverage" : "orphans", before ? before : "", after ? after : "",
					band ? psprintf(" (%s)", band) : "");
}

/* The rate of the groups that a source names is a figure of that source alone. */
static bool
judges_all_groups(const TicketExecution *execution)
{
	char	   *gate_on = ticket_option(execution, "gate_on");

	return gate_on == NULL || strcmp(gate_on, "expected") != 0;
}

static bool
part_is_refused(const char *row)
{
	char	   *status = field(row, "status");

	return status && strcmp(status, "refused") == 0;
}

/* The reasons of a refusal with "; " between them, or NULL. */
static char *
reasons_of(const char *row)
{
	QueryArgs	args = {0};

	query_arg_json(&args, row);
	return query_text("SELECT string_agg(r, '; ' ORDER BY n) FROM jsonb_array_elements_text($1 -> 'reasons') WITH ORDINALITY e(r, n)", &args);
}

/* A column of a part's row; NULL when it is NULL. */
static char *
field(const char *row, const char *name)
{
	QueryArgs	args = {0};

	query_arg_json(&args, row);
	query_arg_text(&args, name);
	return query_text("SELECT $1 ->> $2", &args);
}

static int64
number(const char *row, const char *name)
{
	char	   *text = field(row, name);

	return text ? pg_strtoint64(text) : 0;
}
