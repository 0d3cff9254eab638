/*-------------------------------------------------------------------------
 *
 * ticket_staging.c
 *	  Tasks of production's tickets that compare with staging, or ask whether
 *	  people are ready: see ticket_staging.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_staging.h"
#include "runbook/ticket_state.h"

/* How far production's counts may be from staging's, in percent. */
#define COUNTS_CLOSE 20.0
#define COUNTS_ALIKE 50.0

static int64 staging_count(const TicketRun *run, const char *object, const char *name);


/*
 * What only people know (tickets BK-09): that the window was announced, and
 * who is there.  Their word is the note of the sign-off that was made here.
 */
void
ticket_check_window(TicketRun *run, Finding *finding)
{
	QueryArgs	args = {0};
	char	   *word;

	query_arg_int8(&args, run->environment->id);
	query_arg_int8(&args, FIRST_PRODUCTION_TICKET - 1);
	word = query_text(psprintf("SELECT format('%%s by %%s: %%s', decision, approver, coalesce(note, 'no note'))"
							   " FROM %smenuca_signature WHERE environment_id = $1 AND ticket_no = $2"
							   " ORDER BY signature_id DESC LIMIT 1", migrate_schema()), &args);
	finding->expected = "a sign-off made here: announced 24 hours before, two people, support informed, a channel open, the rollback guide read";
	finding->actual = word ? word : "none was made here";
	if (word == NULL)
	{
		finding->status = CHECK_WARN;
		finding->remedy = psprintf("SELECT menuca_sign_off(%d, 'name', 'GO', 'announced; two people; support informed; channel open; rollback guide read');",
								   FIRST_PRODUCTION_TICKET - 1);
	}
}

/* Production's rows are staging's, more or less; items differ until the fix. */
void
ticket_check_staging_counts(TicketRun *run, pg_attribute_unused() Finding *finding)
{
	static const char *const counted[] = {"restaurants", "dishes", "combo_groups"};

	for (size_t i = 0; i < lengthof(counted); i++)
	{
		Finding		row = {0};
		uint64		here = ticket_count_rows(counted[i]);
		uint64		there = staging_count(run, "counts", counted[i]);
		double		difference;

		row.expected = psprintf("staging's count, within %g %%", COUNTS_CLOSE);
		row.actual = psprintf("%s here, %s on staging", format_count(here), format_count(there));
		if (there == 0)
		{
			row.status = CHECK_SKIP;
			row.remedy = "Import staging's verdict: it has the counts.";
		}
		else
		{
			difference = 100.0 * ((double) here - (double) there) / there;
			row.status = fabs(difference) <= COUNTS_CLOSE ? CHECK_PASS : fabs(difference) <= COUNTS_ALIKE ? CHECK_WARN : CHECK_FAIL;
			row.detail = psprintf("%+.2f %%", difference);
			if (row.status != CHECK_PASS)
				row.remedy = "Is one of them the wrong database, or staging an old copy?";
		}
		ticket_report(run, psprintf("staging_%s", counted[i]), psprintf("Rows of %s as on staging", counted[i]), &row);
	}
}

/* The same file and the same groups and dishes come to the same items. */
void
ticket_check_staging_fix(TicketRun *run, Finding *finding)
{
	int64		source_rows = staging_count(run, "fix", "source_rows");
	int64		mapped = staging_count(run, "fix", "mapped");

	finding->expected = psprintf("as on staging: %s of %s are items", format_count(mapped),
								 format_things(source_rows, "source row"));
	if (source_rows == 0 || run->source_rows == 0)
	{
		finding_skip(finding, source_rows == 0 ? "staging's verdict has no fix" : "there was no fix",
					 source_rows == 0 ? "Export it on staging once ticket 04 is complete, and import it here." : NULL);
		return;
	}
	finding->actual = psprintf("%s of %s", format_count(run->mapped), format_things(run->source_rows, "source row"));
	if (source_rows == run->source_rows && mapped == run->mapped)
		return;
	finding->status = CHECK_WARN;
	finding->detail = source_rows != run->source_rows ? "The source is another one." : "The groups or dishes are others.";
	finding->remedy = "Stop and find out why before customers order: was the same file loaded, is staging an old copy?";
}

/* A number out of staging's verdict, the one that was imported last; or 0. */
static int64
staging_count(const TicketRun *run, const char *object, const char *name)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, run->environment->id);
	query_arg_text(&args, object);
	query_arg_text(&args, name);
	return query_int8(psprintf("SELECT (verdict -> $2 ->> $3)::int8 FROM %smenuca_imported_verdict"
							   " WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1", migrate_schema()), &args);
}
