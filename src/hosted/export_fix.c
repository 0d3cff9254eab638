/*-------------------------------------------------------------------------
 *
 * export_fix.c
 *	  A fix as SQL files.
 *
 * menuca_export_fix(run_id, style, max_bytes)
 *
 * The runs in effect up to that one are read from the copy, each as a layer, with
 * the rows that they refer to.  The files insert the layers into the database that
 * the copy was made of, if it still is in all that matters as the copy was.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "base/database_identity.h"
#include "utils/timestamp.h"

#include "base/export_set.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "hosted/export_apply.h"
#include "hosted/export_layer.h"
#include "hosted/export_runs.h"
#include "hosted/export_settings.h"
#include "ledger/run_ledger.h"

PG_FUNCTION_INFO_V1(menuca_export_fix);

/* A part's bytes of values at most, where the client has no limit. */
#define DEFAULT_PART_BYTES (4 * 1024 * 1024)

/* The least of them that is tried, and how often the size is corrected. */
#define MIN_PART_BYTES 1024
#define MAX_TRIES 16

/* Parts that are cut elsewhere may have a few bytes more than those before. */
#define CORRECTION_BYTES 64

/* What is exported. */
typedef struct FixExport
{
	ExportSubject subject;
	ExportTables tables;
	const List *runs;
	ExportStyle style;
	int			max_bytes;		/* 0: no limit */
	char	   *checks;			/* the statement of 00_check */
	char	   *questions;
	char	   *verification;
} FixExport;

static void read_layers(FixExport *fix);
static ExportSet *fitting_set(const FixExport *fix);
static ExportSet *make_fix_set(const FixExport *fix, int part_bytes);
static void add_facts(const FixExport *fix, ExportSet *set);
static void add_lines(ExportSet *set, const char *name, const List *lines);
static void tell_larger_files(const FixExport *fix, const ExportSet *set);


/* menuca_export_fix(run_id bigint, style text, max_bytes integer): a row per file. */
Datum
menuca_export_fix(PG_FUNCTION_ARGS)
{
	FixExport	fix = {0};
	int64		run_id = run_argument(fcinfo, 0, migrate_call("SELECT run_id, status, inserted, started_at FROM menuca_runs ORDER BY 1;"));
	int			level;

	fix.style = export_style_argument(fcinfo, 1);
	fix.max_bytes = export_bytes_argument(fcinfo, 2);
	InitMaterializedSRF(fcinfo, 0);
	run_require_rights();
	fix.subject.original = copy_of_require();
	fix.subject.set = psprintf("menuca_fix_%lld", (long long) run_id);
	fix.subject.tables = &fix.tables;
	fix.runs = fix.tables.runs = export_runs_up_to(run_id);

	level = guc_scope_begin_pg_catalog();
	export_settings_set();
	read_layers(&fix);
	fix.checks = export_check_before(&fix.subject);
	fix.questions = export_check_questions(&fix.subject);
	fix.verification = export_check_after(&fix.subject);
	export_set_return(fitting_set(&fix), (ReturnSetInfo *) fcinfo->resultinfo);
	guc_scope_end(level);
	return (Datum) 0;
}

static void
read_layers(FixExport *fix)
{
	List	   *layers = NIL;
	ListCell   *lc;

	foreach(lc, fix->runs)
		layers = lappend(layers, export_layer_read(&fix->tables, lfirst(lc), foreach_current_index(lc) + 1));
	fix->subject.layers = layers;
}

/* A file has a header besides its part, so the size of the parts is found by trying. */
static ExportSet *
fitting_set(const FixExport *fix)
{
	int			bytes = fix->max_bytes == 0 ? DEFAULT_PART_BYTES : Min(fix->max_bytes, DEFAULT_PART_BYTES);

	for (int i = 0; i < MAX_TRIES && bytes >= MIN_PART_BYTES; i++)
	{
		ExportSet  *set = make_fix_set(fix, bytes);
		int			largest = export_set_largest_of(set, "01_stage");

		if (fix->max_bytes == 0 || largest <= fix->max_bytes)
		{
			tell_larger_files(fix, set);
			return set;
		}
		bytes -= largest - fix->max_bytes + CORRECTION_BYTES;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("max_bytes is too small for this export"),
			 errdetail("The header of a file and the values of one row have more than %d bytes.", fix->max_bytes),
			 errhint("Pass max_bytes => %d, or omit it when the client has no limit.", Min(fix->max_bytes, INT_MAX / 4) * 4)));
}

/* part_bytes: of the values of a part, at most. */
static ExportSet *
make_fix_set(const FixExport *fix, int part_bytes)
{
	const ExportSubject *subject = &fix->subject;
	char	   *text = psprintf("%s%s", fix->checks, fix->questions);
	List	   *parts = export_stage_parts(subject->tables, subject->layers, text, part_bytes);
	char	   *content = export_stage_content(parts);
	const char *first_file = list_length(parts) + 1 > 99 ? "01_stage_0001" : "01_stage_01";
	char	   *ledger_row = export_apply_ledger_row(subject);
	char	   *apply = export_apply_layers(subject, content, parts, first_file, fix->checks, text);
	ExportSet  *set = export_set_begin(fix->style, subject->set, "the runs of a copy, for the database that it was made of");
	ListCell   *lc;

	add_facts(fix, set);
	export_set_add(set, EXPORT_READ, "00_check", "checks whether the database is as the copy was; changes nothing", list_make1(fix->checks));
	export_set_add(set, EXPORT_CHANGE, first_file, "creates stage and ledger in schema menuca_hosted; can be repeated",
				   list_make1(export_apply_stage(subject, content)));
	foreach(lc, parts)
	{
		const ExportPart *part = lfirst(lc);

		export_set_add(set, EXPORT_CHANGE, part->file,
					   strcmp(part->kind, "text") == 0 ? "stages the checks that 02_apply makes; can be repeated" : "stages a part of the rows; can be repeated",
					   list_make1(export_apply_part(subject, content, part, first_file)));
	}
	/* A migration shows nobody what a query returns */
	export_set_add(set, EXPORT_CHANGE, "02_apply", "inserts the rows in one transaction, or nothing; repeated, it does nothing",
				   fix->style == EXPORT_SUPABASE ? list_make1(apply) : list_make2(apply, ledger_row));
	export_set_add(set, EXPORT_READ, "03_verify", "compares the database with the copy after 02_apply; changes nothing", list_make1(fix->verification));
	export_set_add(set, EXPORT_UNDO, "04_rollback", "deletes exactly the rows that 02_apply inserted, or nothing",
				   list_make2(export_apply_rollback(subject, content), ledger_row));
	export_set_add(set, EXPORT_UNDO, "05_clean", "removes stage and ledger; after it 04_rollback is not possible any more",
				   list_make1(export_apply_clean(subject)));
	return set;
}

static void
add_facts(const FixExport *fix, ExportSet *set)
{
	const CopyOf *original = fix->subject.original;
	const Run  *first = linitial(fix->runs);
	uint64		rows = 0;
	ListCell   *lc;

	foreach(lc, fix->subject.layers)
		rows += ((const ExportLayer *) lfirst(lc))->nrows;
	export_set_fact(set, "for", psprintf("database %s%s%s", original->database,
										 original->has_system_identifier ? psprintf(" in cluster " INT64_FORMAT, original->system_identifier) : "",
										 original->project ? psprintf(" of project %s", original->project) : ""));
	export_set_fact(set, "exported", psprintf("by %s from database %s at %s", GetUserNameFromId(GetSessionUserId(), false),
											  database_identity_name(), format_utc(GetCurrentTimestamp())));
	export_set_fact(set, "rows", psprintf("%s in %s", format_count(rows), format_things(list_length(fix->subject.layers), "layer")));
	add_lines(set, "run", export_runs_describe(fix->runs));
	add_lines(set, "decision", export_runs_approvals(first->target_schema, "decision"));
	add_lines(set, "acceptance", export_runs_approvals(first->target_schema, "acceptance"));
}

static void
add_lines(ExportSet *set, const char *name, const List *lines)
{
	ListCell   *lc;

	foreach(lc, lines)
		export_set_fact(set, name, lfirst(lc));
}

/* max_bytes cuts the rows into parts; the other files are one statement each. */
static void
tell_larger_files(const FixExport *fix, const ExportSet *set)
{
	int			largest = export_set_largest(set);

	if (fix->max_bytes > 0 && largest > fix->max_bytes)
		ereport(NOTICE,
				(errmsg("a file besides those of 01_stage has %s bytes", format_count(largest)),
				 errdetail("Only the files of 01_stage are cut into parts of max_bytes (%s): each of the others is one statement.", format_count(fix->max_bytes))));
}
