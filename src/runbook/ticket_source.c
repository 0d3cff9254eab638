/*-------------------------------------------------------------------------
 *
 * ticket_source.c
 *	  The staged tables that a ticket's fix reads: see ticket_source.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "runbook/ticket_source.h"
#include "runbook/ticket_staging.h"
#include "target/junction.h"

/* Staged lists of the dishes that groups offer. */
typedef struct StagedLists
{
	const char *what;
	const char *option;			/* of the ticket: another table, or null */
	char	  **setting;		/* their table without that option */
	const char *dump_table;		/* in the old system */
} StagedLists;

static const StagedLists staged_lists[FIX_PARTS] = {
	[FIX_LISTS] = {"V1's lists", "lists_source", &menuca_combo_groups_table, "combo_groups"},
	[FIX_V2] = {"V2's lists", "v2_source", &menuca_v2_group_items_table, "restaurants_combo_groups_items"}
};

static void check_lists(const TicketExecution *execution, FixPart part, Finding *finding);
static Oid	find_staged(const char *what, const char *name);
static Oid	find_lists(const TicketExecution *execution, FixPart part);
static bool lists_are_needed(const TicketExecution *execution, FixPart part);
static bool lists_are_omitted(const TicketExecution *execution, FixPart part);
static const char *lists_name(const TicketExecution *execution, FixPart part);
static char *load_remedy(const char *old_table, const char *table);
static uint64 count_rows(Oid relid);


/*
 * V1's rows.  The fix needs them, unless V2's lists are all that is staged;
 * ticket 0 only reports that they are missing.
 */
void
ticket_check_source(TicketExecution *execution, Finding *finding)
{
	char	   *named = ticket_option(execution, "source");
	const char *source = named ? named : menuca_source_table;
	Oid			relid = ticket_source_find(execution);
	uint64		rows = OidIsValid(relid) ? count_rows(relid) : 0;
	bool		needless = named == NULL && !OidIsValid(relid) &&
		execution->no != 0 && OidIsValid(ticket_source_find_lists(execution, FIX_V2));

	finding->expected = "V1's combos are loaded, one row per tuple of the dump";
	finding->actual = OidIsValid(relid) ? psprintf("%s in %s", format_things(rows, "row"), relation_display_name(relid)) :
		psprintf("%s does not exist", source);
	if (rows > 0)
		return;
	finding->status = execution->no == 0 ? CHECK_SKIP : needless ? CHECK_WARN : CHECK_FAIL;
	if (needless)
		finding->detail = "Only V2's lists are staged, so only V2's groups are filled. If there are groups of V1, their items are not.";
	finding->remedy = load_remedy("combos", source);
}

/* V1's lists fill the items where V1's rows mean something else; elsewhere nobody asks for them. */
void
ticket_check_lists_source(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	Finding		row = {0};

	if (!ticket_source_is_of_products(execution) && !ticket_staging_has_fix(execution, FIX_LISTS))
		return;
	check_lists(execution, FIX_LISTS, &row);
	ticket_report(execution, "lists_source", "V1's lists", &row);
}

/* V2's lists need not be staged, but on production as on staging. */
void
ticket_check_v2_source(TicketExecution *execution, Finding *finding)
{
	check_lists(execution, FIX_V2, finding);
}

static void
check_lists(const TicketExecution *execution, FixPart part, Finding *finding)
{
	const StagedLists *lists = &staged_lists[part];
	bool		on_staging = ticket_staging_has_fix(execution, part);
	bool		omitted = lists_are_omitted(execution, part);
	Oid			relid = find_lists(execution, part);
	uint64		rows = OidIsValid(relid) ? count_rows(relid) : 0;

	finding->expected = on_staging ? psprintf("%s are loaded, as on staging", lists->what) :
		psprintf("%s, if there are any, are loaded, one row per tuple of the dump", lists->what);
	if (!lists_are_needed(execution, part) || omitted)
	{
		finding->status = on_staging ? CHECK_FAIL : CHECK_SKIP;
		finding->actual = omitted ? psprintf("option %s is null, so %s are not used", lists->option, lists->what) :
			"V1's rows say which dishes the groups offer, by the ticket's target";
		if (on_staging)
			finding->remedy = "Run the ticket with the options that it was run with on staging.";
		return;
	}
	finding->actual = OidIsValid(relid) ? psprintf("%s in %s", format_things(rows, "row"), relation_display_name(relid)) :
		psprintf("%s does not exist", lists_name(execution, part));
	if (rows > 0)
		return;
	finding->status = on_staging ? CHECK_FAIL : OidIsValid(relid) || part == FIX_LISTS ? CHECK_WARN : CHECK_SKIP;
	if (part == FIX_LISTS)
		finding->detail = "V1's rows go into another table, so V1's groups get no items without its lists.";
	if (finding->status != CHECK_SKIP)
		finding->remedy = load_remedy(lists->dump_table, lists_name(execution, part));
}

static char *
load_remedy(const char *old_table, const char *table)
{
	return migrate_call("Load the dump: SELECT * FROM menuca_load_dump('" ARGUMENT_REASON "', '%s', %s); with the dump's text in place of '" ARGUMENT_REASON "', or in pieces by lo_from_bytea(), lo_put() and menuca_load_dump_lo().",
						old_table, quote_literal_cstr(table));
}

Oid
ticket_source_find(const TicketExecution *execution)
{
	char	   *name = ticket_option(execution, "source");

	return find_staged("source", name ? name : menuca_source_table);
}

Oid
ticket_source_find_lists(const TicketExecution *execution, FixPart part)
{
	Oid			relid = find_lists(execution, part);

	return OidIsValid(relid) && count_rows(relid) > 0 ? relid : InvalidOid;
}

bool
ticket_source_is_of_products(const TicketExecution *execution)
{
	char	   *target = ticket_option(execution, "target");

	return target && target_is_of_products(target);
}

bool
ticket_source_has_menu(void)
{
	return OidIsValid(find_staged("menuca.menu_table", menuca_menu_table));
}

static Oid
find_staged(const char *what, const char *name)
{
	return RangeVarGetRelid(relation_parse_name(what, name), NoLock, true);
}

static Oid
find_lists(const TicketExecution *execution, FixPart part)
{
	if (!lists_are_needed(execution, part) || lists_are_omitted(execution, part))
		return InvalidOid;
	return find_staged(staged_lists[part].option, lists_name(execution, part));
}

/* V1's rows and its lists fill the same groups. */
static bool
lists_are_needed(const TicketExecution *execution, FixPart part)
{
	return part == FIX_V2 || ticket_source_is_of_products(execution);
}

static bool
lists_are_omitted(const TicketExecution *execution, FixPart part)
{
	const char *option = staged_lists[part].option;

	return ticket_option_is_given(execution, option) && ticket_option(execution, option) == NULL;
}

static const char *
lists_name(const TicketExecution *execution, FixPart part)
{
	char	   *name = ticket_option(execution, staged_lists[part].option);

	return name ? name : *staged_lists[part].setting;
}

static uint64
count_rows(Oid relid)
{
	relation_require(relid, ACL_SELECT);
	return query_int8(psprintf("SELECT count(*) FROM %s", relation_quoted_name(relid)), NULL);
}
