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

static Oid	find_staged(const char *what, const char *name);
static Oid	find_lists(const TicketExecution *execution);
static bool lists_are_omitted(const TicketExecution *execution);
static const char *lists_name(const TicketExecution *execution);
static bool lists_mean_the_target(const TicketExecution *execution);
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
		execution->no != 0 && OidIsValid(ticket_source_find_v2(execution));

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

/* V2's lists need not be staged, but on production as on staging. */
void
ticket_check_v2_source(TicketExecution *execution, Finding *finding)
{
	Oid			relid = find_lists(execution);
	uint64		rows = OidIsValid(relid) ? count_rows(relid) : 0;
	bool		on_staging = ticket_staging_has_fix(execution, FIX_V2);

	finding->expected = on_staging ? "V2's lists are loaded, as on staging" :
		"V2's lists, if there are any, are loaded, one row per tuple of the dump";
	finding->actual = OidIsValid(relid) ? psprintf("%s in %s", format_things(rows, "row"), relation_display_name(relid)) :
		psprintf("%s does not exist", lists_name(execution));
	if (lists_are_omitted(execution) || !lists_mean_the_target(execution))
	{
		finding->status = on_staging ? CHECK_FAIL : CHECK_SKIP;
		finding->actual = lists_are_omitted(execution) ? "option v2_source is null, so V2's groups are not filled" :
			"V2's lists say which dishes a group offers, and this target which groups a product uses";
		if (on_staging)
			finding->remedy = "Run the ticket with the options that it was run with on staging.";
	}
	else if (rows == 0)
	{
		finding->status = on_staging ? CHECK_FAIL : OidIsValid(relid) ? CHECK_WARN : CHECK_SKIP;
		finding->remedy = OidIsValid(relid) || on_staging ?
			load_remedy("restaurants_combo_groups_items", lists_name(execution)) : NULL;
	}
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
ticket_source_find_v2(const TicketExecution *execution)
{
	Oid			relid = find_lists(execution);

	return OidIsValid(relid) && lists_mean_the_target(execution) && count_rows(relid) > 0 ? relid : InvalidOid;
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
find_lists(const TicketExecution *execution)
{
	return lists_are_omitted(execution) ? InvalidOid : find_staged("v2_source", lists_name(execution));
}

static bool
lists_are_omitted(const TicketExecution *execution)
{
	return ticket_option_is_given(execution, "v2_source") && ticket_option(execution, "v2_source") == NULL;
}

static const char *
lists_name(const TicketExecution *execution)
{
	char	   *name = ticket_option(execution, "v2_source");

	return name ? name : menuca_v2_group_items_table;
}

static bool
lists_mean_the_target(const TicketExecution *execution)
{
	char	   *target = ticket_option(execution, "target");

	return target == NULL || !target_is_of_products(target);
}

static uint64
count_rows(Oid relid)
{
	relation_require(relid, ACL_SELECT);
	return query_int8(psprintf("SELECT count(*) FROM %s", relation_quoted_name(relid)), NULL);
}
