/*-------------------------------------------------------------------------
 *
 * seating_report.c
 *	  The figures of seating as one HTML page.
 *
 * menuca_seating_report(days, restaurant)
 *
 * The page is made of SQL functions, one for each section, by the list
 * menuca_seating_report_section.  What a section shows are the rows of a function, its
 * source, which is called once for all sections with the same one.  A section that cannot
 * be made, or whose source fails, says so, and the others are there all the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/slot.h"
#include "page/restaurant_name.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"

PG_FUNCTION_INFO_V1(menuca_seating_report);

/* What the page is about. */
typedef struct SeatingReport
{
	int			days;
	pg_uuid_t  *restaurant;		/* NULL: all */
	StringInfoData page;
	List	   *sources;		/* those that were called */
} SeatingReport;

/* A function whose rows are shown, and what it returned: JSON, or why not. */
typedef struct ReportSource
{
	SeatingReport *report;
	char	   *name;
	bool		takes_restaurant;
	char	   *rows;
	char	   *error;
} ReportSource;

/* A row of menuca_seating_report_section, and what its function returned. */
typedef struct PageSection
{
	SeatingReport *report;
	char	   *name;
	char	   *title;
	char	   *source;			/* NULL: none */
	bool		takes_restaurant;
	char	   *rows;
	char	   *body;
} PageSection;

static void append_beginning(SeatingReport *report);
static void report_arguments(const SeatingReport *report, QueryArgs *args);
static void *read_page_section(TupleTableSlot *slot);
static void add_source(SeatingReport *report, const PageSection *section);
static const ReportSource *find_source(const SeatingReport *report, const char *name);
static void call_sources(void *arg);
static void call_source(void *arg);
static void append_page_section(SeatingReport *report, PageSection *section);
static void make_page_section(void *arg);


/* Returns the page. */
Datum
menuca_seating_report(PG_FUNCTION_ARGS)
{
	const char *schema = seating_extension_schema();
	SeatingReport report = {.days = argument_int4(fcinfo, 0, "days"),.restaurant = PG_ARGISNULL(1) ? NULL : PG_GETARG_UUID_P(1)};
	QueryArgs	args = {0};
	List	   *sections;
	ListCell   *lc;
	int			scope;

	if (report.days < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("days must be at least 1"),
				 errdetail("It was given as %d.", report.days),
				 errhint("%s", seating_call("SELECT menuca_seating_report(7);"))));
	if (report.restaurant)
		seating_schema_require_restaurant(seating_schema_find(), report.restaurant);

	/*
	 * The sections read some rows of JSON: what compiling them takes is never
	 * made up for.
	 */
	scope = guc_scope_begin();
	guc_scope_set("jit", "off");

	/* One query snapshot: each figure is of the same moment. */
	query_begin_snapshot();
	report_arguments(&report, &args);
	initStringInfo(&report.page);
	append_beginning(&report);
	sections = query_list(psprintf("SELECT s.name, s.title, s.source, s.takes_restaurant FROM %smenuca_seating_report_section s"
								   " WHERE s.shown_for IN ('any', CASE WHEN $2 IS NULL THEN 'all' ELSE 'one' END) AND $1 > 0 ORDER BY s.place", schema),
						  &args, read_page_section);
	foreach(lc, sections)
		add_source(&report, lfirst(lc));

	/*
	 * Together they share what they have computed, which is kept for a
	 * subtransaction.
	 */
	if (attempt(call_sources, &report))
	{
		foreach(lc, report.sources)
		{
			ErrorData  *error = attempt(call_source, lfirst(lc));

			((ReportSource *) lfirst(lc))->error = error ? attempt_message(error) : NULL;
		}
	}
	foreach(lc, sections)
		append_page_section(&report, lfirst(lc));
	appendStringInfoString(&report.page, query_text(psprintf("SELECT %smenuca_seating_report_end()", schema), NULL));
	query_end_snapshot();
	guc_scope_end(scope);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(report.page.data, report.page.len));
}

static void
append_beginning(SeatingReport *report)
{
	QueryArgs	args = {0};

	report_arguments(report, &args);
	query_arg_text(&args, report->restaurant ? restaurant_name(seating_schema_find(), report->restaurant) : NULL);
	appendStringInfoString(&report->page, query_text(psprintf("SELECT %smenuca_seating_report_begin($1, $2, $3)", seating_extension_schema()), &args));
}

/* $1 is days, $2 the restaurant or NULL. */
static void
report_arguments(const SeatingReport *report, QueryArgs *args)
{
	query_arg(args, INT4OID, Int32GetDatum(report->days), false);
	query_arg_uuid(args, report->restaurant);
}

static void *
read_page_section(TupleTableSlot *slot)
{
	PageSection *section = palloc0(sizeof(PageSection));

	section->name = slot_text(slot, 0);
	section->title = slot_text(slot, 1);
	section->source = slot_text_or_null(slot, 2);
	section->takes_restaurant = slot_bool(slot, 3);
	return section;
}

/* Several sections may have one source. */
static void
add_source(SeatingReport *report, const PageSection *section)
{
	ReportSource *source;

	if (section->source == NULL || find_source(report, section->source))
		return;
	source = palloc0(sizeof(ReportSource));
	source->report = report;
	source->name = section->source;
	source->takes_restaurant = section->takes_restaurant;
	report->sources = lappend(report->sources, source);
}

static const ReportSource *
find_source(const SeatingReport *report, const char *name)
{
	ListCell   *lc;

	foreach(lc, report->sources)
	{
		if (strcmp(((ReportSource *) lfirst(lc))->name, name) == 0)
			return lfirst(lc);
	}
	return NULL;
}

static void
call_sources(void *arg)
{
	ListCell   *lc;

	foreach(lc, ((SeatingReport *) arg)->sources)
		call_source(lfirst(lc));
}

static void
call_source(void *arg)
{
	ReportSource *source = arg;
	QueryArgs	args = {0};

	report_arguments(source->report, &args);
	if (!source->takes_restaurant)
		args.count = 1;
	source->rows = query_text(psprintf("SELECT jsonb_agg(to_jsonb(r))::text FROM %s%s($1%s) r", seating_extension_schema(),
									   quote_identifier(source->name), source->takes_restaurant ? ", $2" : ""), &args);
}

/* Appends a section, or why it is missing. */
static void
append_page_section(SeatingReport *report, PageSection *section)
{
	const ReportSource *source = section->source ? find_source(report, section->source) : NULL;
	char	   *error = source ? source->error : NULL;
	QueryArgs	args = {0};

	section->report = report;
	section->rows = source ? source->rows : NULL;
	if (error == NULL)
	{
		ErrorData  *failure = attempt(make_page_section, section);

		error = failure ? attempt_message(failure) : NULL;
	}
	query_arg_text(&args, section->name);
	query_arg_text(&args, section->title);
	query_arg_text(&args, section->body);
	query_arg_text(&args, error);
	appendStringInfoString(&report->page, query_text(psprintf("SELECT %smenuca_seating_report_frame($1, $2, $3, $4)", seating_extension_schema()), &args));
}

static void
make_page_section(void *arg)
{
	PageSection *section = arg;
	QueryArgs	args = {0};

	report_arguments(section->report, &args);
	query_arg_json(&args, section->rows);
	section->body = query_text(psprintf("SELECT %s%s($3, $1, $2)", seating_extension_schema(),
										quote_identifier(psprintf("menuca_seating_report_%s", section->name))), &args);
}
