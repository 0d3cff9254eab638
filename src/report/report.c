/*-------------------------------------------------------------------------
 *
 * report.c
 *	  The state of the migration as one HTML page.
 *
 * menuca_report(title)
 *
 * The page is made of SQL functions, one for each section, by the list
 * menuca_report_section; this only puts them together.  A section that cannot be
 * made says so, and the others are there all the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/slot.h"

PG_FUNCTION_INFO_V1(menuca_report);

/* A row of menuca_report_section, and what its function returned. */
typedef struct ReportSection
{
	char	   *name;
	char	   *title;
	char	   *body;
} ReportSection;

static void *read_section(TupleTableSlot *slot);
static void append_section(StringInfo page, ReportSection *section);
static void make_body(void *arg);


/* Returns the page; title NULL: the name of the database. */
Datum
menuca_report(PG_FUNCTION_ARGS)
{
	char	   *title = argument_text_or_null(fcinfo, 0);
	QueryArgs	args = {0};
	StringInfoData page;
	List	   *sections;
	ListCell   *lc;

	query_begin_snapshot();
	query_arg_text(&args, title);
	initStringInfo(&page);
	appendStringInfoString(&page, query_text(psprintf("SELECT %smenuca_report_begin($1)", migrate_schema()), &args));
	sections = query_list(psprintf("SELECT name, title FROM %smenuca_report_section ORDER BY place", migrate_schema()),
						  NULL, read_section);
	foreach(lc, sections)
		append_section(&page, lfirst(lc));
	appendStringInfoString(&page, query_text(psprintf("SELECT %smenuca_report_end()", migrate_schema()), NULL));
	query_end_snapshot();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(page.data, page.len));
}

static void *
read_section(TupleTableSlot *slot)
{
	ReportSection *section = palloc0(sizeof(ReportSection));

	section->name = slot_text_of(slot, "name");
	section->title = slot_text_of(slot, "title");
	return section;
}

/* Appends a section, or why it is missing. */
static void
append_section(StringInfo page, ReportSection *section)
{
	ErrorData  *error = attempt(make_body, section);
	QueryArgs	args = {0};

	query_arg_text(&args, section->name);
	query_arg_text(&args, section->title);
	query_arg_text(&args, section->body);
	query_arg_text(&args, error ? attempt_message(error) : NULL);
	appendStringInfoString(page, query_text(psprintf("SELECT %smenuca_report_frame($1, $2, $3, $4)", migrate_schema()),
											&args));
}

static void
make_body(void *arg)
{
	ReportSection *section = arg;

	section->body = query_text(psprintf("SELECT %s%s()", migrate_schema(),
										quote_identifier(psprintf("menuca_report_%s", section->name))), NULL);
}
