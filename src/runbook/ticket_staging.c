/*-------------------------------------------------------------------------
 *
 * ticket_staging.c
 *	  Tasks of production's tickets that compare production with staging, or
 *	  check that people are ready: see ticket_staging.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_staging.h"

/*
 * Differences between production's and staging's counts, in percent, above
 * which they are a WARN and a FAIL.
 */
#define COUNTS_WARN 20.0
#define COUNTS_FAIL 50.0

/* The parts of a fix in staging's verdict, and in the rows that compare them. */
static const struct
{
	const char *member;
	const char *name;
	const char *title;
	const char *noun;
	const char *mapped;
}			staging_fixes[FIX_PARTS] = {
	{"backfill", "staging_backfill", "The missing dishes as on staging", "menu row", "are dishes"},
	{"fix", "staging_fix", "The fix as on staging", "source row", "became items"},
	{"fix_lists", "staging_fix_lists", "The fix of V1's lists as on staging", "source row", "became items"},
	{"fix_v2", "staging_fix_v2", "The fix of V2's groups as on staging", "source row", "became items"}
};

static void *make_sign_off_text(TupleTableSlot *slot);
static void compare_fix(const TicketExecution *execution, FixPart part, Finding *finding);
static int64 staging_count(const TicketExecution *execution, const char *object, const char *name);


/*
 * Only people know that the window was announced and who is present (tickets
 * BK-09).  They confirm it by the note of their sign-off in this database.
 */
void
ticket_check_window(TicketExecution *execution, Finding *finding)
{
	QueryArgs	args = {0};
	List	   *sign_offs;

	query_arg_int8(&args, execution->environment->id);
	query_arg_int8(&args, FIRST_PRODUCTION_TICKET - 1);
	sign_offs = query_list(psprintf("SELECT decision, approver, note FROM %smenuca_signature_latest"
									" WHERE environment_id = $1 AND ticket_no = $2", migrate_schema()),
						   &args, make_sign_off_text);
	finding->expected = "a sign-off here that confirms: announced 24 hours before, two people, support informed, a channel open, the rollback guide read";
	finding->actual = sign_offs ? linitial(sign_offs) : "no sign-off here";
	if (sign_offs == NIL)
	{
		finding->status = CHECK_WARN;
		finding->remedy = migrate_call("SELECT menuca_sign_off(%d, 'name', 'GO', 'announced; two people; support informed; channel open; rollback guide read');",
									   FIRST_PRODUCTION_TICKET - 1);
	}
}

static void *
make_sign_off_text(TupleTableSlot *slot)
{
	char	   *note = slot_text_or_null_of(slot, "note");

	return psprintf("%s by %s: %s", slot_text_of(slot, "decision"), slot_text_of(slot, "approver"),
					note ? note : "no note");
}

/* Production has about as many rows as staging; items differ until the fix. */
void
ticket_check_staging_counts(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	static const char *const counted[] = {"restaurants", "dishes", "combo_groups"};

	for (size_t i = 0; i < lengthof(counted); i++)
	{
		Finding		row = {0};
		uint64		here = ticket_count_rows(counted[i]);
		uint64		there = staging_count(execution, "counts", counted[i]);
		double		difference;

		row.expected = psprintf("staging's count, within %g %%", COUNTS_WARN);
		row.actual = psprintf("%s here, %s on staging", format_count(here), format_count(there));
		if (there == 0)
		{
			row.status = CHECK_SKIP;
			row.remedy = migrate_call("Import staging's verdict, which has the counts: SELECT menuca_import_verdict('...');");
		}
		else
		{
			difference = 100.0 * ((double) here - (double) there) / there;
			row.status = fabs(difference) <= COUNTS_WARN ? CHECK_PASS : fabs(difference) <= COUNTS_FAIL ? CHECK_WARN : CHECK_FAIL;
			row.detail = psprintf("%+.2f %%", difference);
			if (row.status != CHECK_PASS)
				row.remedy = "Check that both are the right databases, and that staging is not an old copy.";
		}
		ticket_report(execution, psprintf("staging_%s", counted[i]), psprintf("Rows of %s as on staging", counted[i]), &row);
	}
}

/*
 * The same files, groups and dishes must give the same rows.  A part that neither
 * has done is no row.
 */
void
ticket_check_staging_fix(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	for (int i = 0; i < FIX_PARTS; i++)
	{
		Finding		row = {0};

		if (i != FIX_V1 && execution->fix[i].source_rows == 0 && !ticket_staging_has_fix(execution, (FixPart) i))
			continue;
		compare_fix(execution, (FixPart) i, &row);
		ticket_report(execution, staging_fixes[i].name, staging_fixes[i].title, &row);
	}
}

static void
compare_fix(const TicketExecution *execution, FixPart part, Finding *finding)
{
	const FixFigures *here = &execution->fix[part];
	int64		source_rows = staging_count(execution, staging_fixes[part].member, "source_rows");
	int64		mapped = staging_count(execution, staging_fixes[part].member, "mapped");
	const char *noun = staging_fixes[part].noun;

	finding->expected = psprintf("as on staging: %s of %s %s", format_count(mapped), format_things(source_rows, noun),
								 staging_fixes[part].mapped);
	if (part == FIX_V1 && (source_rows == 0 || here->source_rows == 0))
	{
		finding_skip(finding, source_rows == 0 ? "staging's verdict has no fix" : "this ticket ran no fix",
					 source_rows == 0 ? "Export the verdict on staging once ticket 04 is COMPLETE, and import it here." : NULL);
		return;
	}
	finding->actual = here->source_rows == 0 ? "not done here" :
		psprintf("%s of %s", format_count(here->mapped), format_things(here->source_rows, noun));
	if (source_rows == here->source_rows && mapped == here->mapped)
		return;
	finding->status = CHECK_WARN;
	finding->detail = source_rows == 0 ? "Staging did not do this." : here->source_rows == 0 ? "Staging did this." :
		source_rows != here->source_rows ? "The source has another number of rows." : "The groups or dishes differ.";
	finding->remedy = "Find out why before customers order: check that the same file was loaded, that the options are the same, and that staging is not an old copy.";
}

bool
ticket_staging_has_fix(const TicketExecution *execution, FixPart part)
{
	return execution->environment->is_production &&
		staging_count(execution, staging_fixes[part].member, "source_rows") > 0;
}

/* A number in the newest imported verdict of staging; 0 if it is missing. */
static int64
staging_count(const TicketExecution *execution, const char *object, const char *name)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, execution->environment->id);
	query_arg_text(&args, object);
	query_arg_text(&args, name);
	return query_int8(psprintf("SELECT (document -> $2 ->> $3)::int8 FROM %smenuca_imported_verdict"
							   " WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1", migrate_schema()), &args);
}
