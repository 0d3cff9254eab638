/*-------------------------------------------------------------------------
 *
 * ticket_arguments.c
 *	  A ticket's options as arguments of the functions that it calls: see
 *	  ticket_arguments.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/own_function.h"
#include "base/relation.h"
#include "runbook/ticket_arguments.h"

#define ALL_FIXES (CALLEE_FIX | CALLEE_FIX_LISTS | CALLEE_FIX_V2)
#define INTO_TARGET (CALLEE_VALIDATE | CALLEE_BACKFILL | CALLEE_FIX | CALLEE_PLAN)
#define OF_ROWS (CALLEE_VALIDATE | CALLEE_FIX | CALLEE_PLAN | CALLEE_ORPHANS)

/*
 * Options of lists have other names than the arguments; lists say what belongs into
 * combo_items, whatever the target of V1's rows is.
 */
static const struct
{
	const char *option;
	const char *argument;
	const char *type;
	int			callees;
}			arguments[] = {
	{"source", "source", "regclass", OF_ROWS | CALLEE_BACKFILL},
	{"id_column", "id_column", "text", OF_ROWS},
	{"dish_column", "dish_column", "text", OF_ROWS | CALLEE_BACKFILL},
	{"group_column", "group_column", "text", OF_ROWS | CALLEE_BACKFILL},
	{"order_column", "order_column", "text", OF_ROWS},
	{"lists_source", "source", "regclass", CALLEE_FIX_LISTS | CALLEE_PLAN_LISTS},
	{"lists_group_column", "group_column", "text", CALLEE_FIX_LISTS | CALLEE_PLAN_LISTS},
	{"lists_list_column", "list_column", "text", CALLEE_FIX_LISTS | CALLEE_PLAN_LISTS},
	{"v2_source", "source", "regclass", CALLEE_FIX_V2 | CALLEE_PLAN_V2},
	{"v2_group_column", "group_column", "text", CALLEE_FIX_V2 | CALLEE_PLAN_V2},
	{"v2_list_column", "list_column", "text", CALLEE_FIX_V2 | CALLEE_PLAN_V2},
	{"strict", "strict", "bool", CALLEE_VALIDATE | ALL_FIXES},
	{"target", "target", "text", INTO_TARGET},
	{"min_coverage_pct", "min_coverage_pct", "numeric", ALL_FIXES},
	{"min_group_coverage_pct", "min_group_coverage_pct", "numeric", ALL_FIXES},
	{"min_dish_coverage_pct", "min_dish_coverage_pct", "numeric", ALL_FIXES},
	{"max_orphan_pct", "max_orphan_pct", "numeric", ALL_FIXES},
	{"gate_on", "gate_on", "text", ALL_FIXES},
	{"batch_size", "batch_size", "int", ALL_FIXES},
	{"max_cross_restaurant_pct", "max_cross_restaurant_pct", "numeric", CALLEE_BACKFILL | ALL_FIXES},
	{"lock", "lock", "text", ALL_FIXES}
};

/*
 * Arguments that let any overall orphan rate pass: whatever is accepted of that
 * one, the rate of the groups that a source names is another figure.
 */
#define NO_ORPHAN_GATE "gate_on => 'expected', max_orphan_pct => 100"

/* The functions of the parts. */
static const struct
{
	const char *fix;
	const char *preview;
	TicketCallee callee;
}			fixes[FIX_PARTS] = {
	[FIX_BACKFILL] = {"menuca_backfill_dishes", "menuca_preview_backfill", CALLEE_BACKFILL},
	[FIX_V1] = {"menuca_fix_combos", "menuca_preview_combos", CALLEE_FIX},
	[FIX_LISTS] = {"menuca_fix_group_dishes", "menuca_preview_group_dishes", CALLEE_FIX_LISTS},
	[FIX_V2] = {"menuca_fix_v2_groups", "menuca_preview_v2_groups", CALLEE_FIX_V2}
};


void
ticket_arguments_append(StringInfo call, const TicketExecution *execution, TicketCallee callee,
						bool orphan_gate, const char *separator)
{
	for (size_t i = 0; i < lengthof(arguments); i++)
	{
		char	   *value;

		if ((arguments[i].callees & callee) == 0 ||
			((callee & CALLEE_PREVIEW) != 0 && strcmp(arguments[i].argument, "lock") == 0) ||
			(!orphan_gate && (strcmp(arguments[i].argument, "max_orphan_pct") == 0 ||
							  strcmp(arguments[i].argument, "gate_on") == 0)) ||
			!ticket_option_is_given(execution, arguments[i].option))
			continue;
		value = ticket_option(execution, arguments[i].option);

		/* The caller's search_path finds it; the query's does not */
		if (value && strcmp(arguments[i].type, "regclass") == 0)
			value = relation_quoted_name(RangeVarGetRelid(relation_parse_name(arguments[i].option, value), NoLock, false));
		appendStringInfo(call, "%s%s => %s::%s", separator, quote_identifier(arguments[i].argument),
						 value ? quote_literal_cstr(value) : "NULL", arguments[i].type);
		separator = ", ";
	}
}

char *
ticket_fix_call(const TicketExecution *execution, FixPart part, bool dry_run, bool orphan_gate)
{
	bool		preview = dry_run && !own_function_may_call(fixes[part].fix);
	StringInfoData call;

	initStringInfo(&call);
	if (!preview)
		appendStringInfo(&call, "dry_run => %s", dry_run ? "true" : "false");
	ticket_arguments_append(&call, execution, fixes[part].callee | (preview ? CALLEE_PREVIEW : 0),
							orphan_gate, call.len > 0 ? ", " : "");
	if (!orphan_gate)
		format_append(&call, ", ", "%s", NO_ORPHAN_GATE);
	return psprintf("%s%s(%s)", migrate_schema(), preview ? fixes[part].preview : fixes[part].fix, call.data);
}
