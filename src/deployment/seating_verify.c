/*-------------------------------------------------------------------------
 *
 * seating_verify.c
 *	  Whether all that was deployed is there: triggers, functions, constraint, index.
 *
 * menuca_seating_verify()
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/lsyscache.h"

#include "base/finding.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "deployment/guarantee.h"
#include "deployment/seating_backup.h"
#include "deployment/seating_environment.h"
#include "seating/seating_extension.h"

PG_FUNCTION_INFO_V1(menuca_seating_verify);

/* The functions of the triggers, which CREATE EXTENSION has made. */
static const char *const trigger_functions[] = {
	"menuca_booking_assignment_validation", "menuca_booking_assignment_truncation",
	"menuca_booking_fit_validation", "menuca_booking_release"
};

static void add_guarantees(FindingRows *rows);
static void judge_guarantee(const Guarantee *guarantee, Finding *finding);
static void add_trigger_functions(FindingRows *rows);
static char *missing_functions(void);
static void add_environment(FindingRows *rows);


/* menuca_seating_verify(): a row per object by name, and the summary. */
Datum
menuca_seating_verify(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};

	InitMaterializedSRF(fcinfo, 0);
	add_guarantees(&rows);
	add_trigger_functions(&rows);
	add_environment(&rows);
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}

static void
add_guarantees(FindingRows *rows)
{
	GuardedTables tables = guarantee_tables();
	int			level = guc_scope_begin_pg_catalog();
	List	   *guarantees = guarantee_plan(&tables);
	ListCell   *lc;

	guc_scope_end(level);
	foreach(lc, guarantees)
	{
		const Guarantee *guarantee = lfirst(lc);
		Finding		finding = {0};

		judge_guarantee(guarantee, &finding);
		finding_rows_add(rows, guarantee->name,
						 psprintf("%s %s%s", guarantee_state_kind_name(guarantee->kind), guarantee->name,
								  OidIsValid(guarantee->relid) ? psprintf(" of table %s", relation_display_name(guarantee->relid)) : ""),
						 &finding);
	}
}

/* Rows that break a guarantee which is there came while triggers did not fire. */
static void
judge_guarantee(const Guarantee *guarantee, Finding *finding)
{
	finding->expected = guarantee->wanted;
	finding->detail = guarantee->reason;
	if (strcmp(guarantee->status, "unchanged") != 0)
	{
		finding->status = CHECK_FAIL;
		finding->actual = guarantee->replaced ? ((const GuaranteeState *) linitial(guarantee->replaced))->definition : "it is not there, or not in force";
		finding->remedy = guarantee->remedy ? guarantee->remedy : seating_call("SELECT * FROM menuca_seating_deploy();");
		return;
	}
	finding->status = guarantee->remedy ? CHECK_FAIL : CHECK_PASS;
	finding->actual = guarantee->remedy ? "it is there, but rows break it" : "it is there";
	finding->remedy = guarantee->remedy;
}

static void
add_trigger_functions(FindingRows *rows)
{
	Finding		finding = {.status = CHECK_PASS,.actual = "all are there"};
	char	   *missing = missing_functions();

	finding.expected = "the triggers' functions are in the extension's schema";
	if (missing)
	{
		finding.status = CHECK_FAIL;
		finding.actual = psprintf("missing: %s", missing);
		finding.remedy = "DROP EXTENSION menuca_seating and CREATE EXTENSION menuca_seating make them again; settings and ledger go with it, so dump them before.";
		finding.next_step = "";
	}
	finding_rows_add(rows, "functions", "Functions of the triggers", &finding);
}

static char *
missing_functions(void)
{
	StringInfoData missing;

	initStringInfo(&missing);
	for (size_t i = 0; i < lengthof(trigger_functions); i++)
	{
		QueryArgs	args = {0};

		query_arg_text(&args, psprintf("%s%s()", seating_extension_schema(), trigger_functions[i]));
		if (!query_bool("SELECT to_regprocedure($1) IS NOT NULL", &args))
			format_append(&missing, ", ", "%s", trigger_functions[i]);
	}
	return missing.len > 0 ? missing.data : NULL;
}

/* A database that nobody has registered may be production. */
static void
add_environment(FindingRows *rows)
{
	char	   *name = seating_environment_name();
	char	   *obstacle = seating_backup_obstacle();
	Finding		finding = {.expected = "this database is registered as staging, or as production with a fresh backup"};

	finding.status = name == NULL || obstacle ? CHECK_WARN : CHECK_PASS;
	finding.actual = name == NULL ? "it is not registered" : obstacle ? psprintf("%s: %s", name, obstacle) : name;
	if (name == NULL)
		finding.remedy = psprintf("If it is production: %s", seating_environment_call());
	else if (obstacle)
		finding.remedy = seating_backup_call();
	finding.next_step = name == NULL ? NULL : "";
	finding_rows_add(rows, "environment", "Staging or production, and its backup", &finding);
}
