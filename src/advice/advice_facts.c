/*-------------------------------------------------------------------------
 *
 * advice_facts.c
 *	  What the triggers of a rollback are judged by: see advice_facts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "advice/advice_facts.h"
#include "base/access_session.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/renamed_column.h"
#include "base/settings.h"
#include "base/slot.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_environment.h"
#include "target/keyed_table.h"

/* Arguments of count_as_visitor(). */
typedef struct VisitorCount
{
	const char *sql;
	int64		count;
} VisitorCount;

static void validate_now(void *arg);
static void *make_validation_row(TupleTableSlot *slot);
static void try_access_matrix(void *arg);
static void add_cell(TupleTableSlot *slot, void *arg);
static void keep_guide_call(RollbackOption option, const char *what, const char *statement, void *arg);
static void collect_calls(void *arg);
static void look_up_rehearsals(AdviceFacts *facts);
static void store_rehearsal(TupleTableSlot *slot, void *arg);
static Oid	readable_table(const char *table);
static void count_as_visitor(void *arg);

static const char *const option_names[ROLLBACK_OPTIONS] = {
	"items", "indexes", "access", "snapshot", "restore"
};


AdviceFacts *
advice_facts(void)
{
	AdviceFacts *facts = palloc0(sizeof(AdviceFacts));
	ErrorData  *error;

	facts->environment = ticket_environment_require(0);
	error = attempt(validate_now, facts);
	if (error)
		facts->no_validation = psprintf("the validation cannot be made: %s", error->message);
	error = attempt(collect_calls, facts);
	if (error)
		ereport(WARNING,
				(errmsg("the calls of the rollback cannot be collected: %s", error->message)));
	facts->access_deployed = query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_deployment WHERE undone_at IS NULL)",
												 migrate_schema()), NULL);
	if (facts->access_deployed)
	{
		error = attempt(try_access_matrix, facts);
		if (error)
			facts->no_matrix = psprintf("the matrix cannot be tried: %s", error->message);
	}
	else
		facts->no_matrix = pstrdup("no access is deployed here, so there is nothing to roll back");
	look_up_rehearsals(facts);
	return facts;
}

/* Of the table that was decided for. */
static void
validate_now(void *arg)
{
	AdviceFacts *facts = arg;
	char	   *target = ticket_call_decided_target();

	query_begin_snapshot();
	facts->validation = query_list(psprintf("SELECT name, title, status, actual FROM %smenuca_validate(%s%s) WHERE name <> 'summary'",
											migrate_schema(), target ? "target => " : "", target ? quote_literal_cstr(target) : ""),
								   NULL, make_validation_row);
	query_end_snapshot();
}

static void *
make_validation_row(TupleTableSlot *slot)
{
	ValidationRow *row = palloc(sizeof(ValidationRow));

	row->name = slot_text_of(slot, "name");
	row->title = slot_text_of(slot, "title");
	row->status = slot_text_of(slot, "status");
	row->actual = slot_text_or_null_of(slot, "actual");
	return row;
}

/* The statement makes changes and undoes them. */
static void
try_access_matrix(void *arg)
{
	query_write(psprintf("SELECT table_name, role_kind, command, row_case, expected, actual, status FROM %smenuca_test_access()",
						 migrate_schema()), NULL, add_cell, arg);
}

/* The facts outlive the row. */
static void
add_cell(TupleTableSlot *slot, void *arg)
{
	AdviceFacts *facts = arg;
	MatrixFacts *matrix = &facts->matrix;
	char	   *status = slot_text_of(slot, "status");
	char	   *expected = slot_text_or_null_of(slot, "expected");
	char	   *actual = slot_text_or_null_of(slot, "actual");
	bool		opens = expected && strcmp(expected, "refused") == 0;
	char	  **example = opens ? &matrix->open_example : &matrix->closed_example;

	if (strcmp(status, "SKIP") != 0)
		matrix->cells++;
	if (strcmp(status, "FAIL") != 0)
		return;
	if (opens)
		matrix->open++;
	else
		matrix->closed++;
	if (*example == NULL)
		*example = MemoryContextStrdup(GetMemoryChunkContext(facts),
									   psprintf("%s: %s, %s (%s) is %s", slot_text_of(slot, "table_name"),
												slot_text_of(slot, "role_kind"), slot_text_of(slot, "command"),
												slot_text_of(slot, "row_case"), actual ? actual : "unclear"));
}

static void
collect_calls(void *arg)
{
	rollback_guide_each(keep_guide_call, arg);
}

/* Of several snapshots or backups, the newest one is the way back. */
static void
keep_guide_call(RollbackOption option, pg_attribute_unused() const char *what, const char *statement, void *arg)
{
	AdviceFacts *facts = arg;
	MemoryContext old;

	if ((option == ROLLBACK_SNAPSHOT || option == ROLLBACK_RESTORE) && facts->calls[option])
		return;
	old = MemoryContextSwitchTo(GetMemoryChunkContext(facts));
	facts->calls[option] = lappend(facts->calls[option], pstrdup(statement));
	MemoryContextSwitchTo(old);
}

static void
look_up_rehearsals(AdviceFacts *facts)
{
	query_begin_snapshot();
	query_each(psprintf("SELECT rollback_option, minutes::float8 AS minutes FROM %smenuca_rehearsal", migrate_schema()),
			   NULL, store_rehearsal, facts);
	query_end_snapshot();
}

static void
store_rehearsal(TupleTableSlot *slot, void *arg)
{
	AdviceFacts *facts = arg;
	char	   *name = slot_text_of(slot, "rollback_option");
	int			minutes = slot_attribute(slot, "minutes");

	for (int i = 0; i < ROLLBACK_OPTIONS; i++)
	{
		if (strcmp(name, option_names[i]) != 0 || slot->tts_isnull[minutes])
			continue;
		facts->rehearsed[i] = true;
		facts->minutes[i] = slot_float8(slot, minutes);
	}
}

const char *
advice_option_name(RollbackOption option)
{
	return option_names[option];
}

void
advice_visitors_see(int64 counts[4])
{
	Oid			dishes = readable_table("dishes");
	Oid			groups = readable_table("combo_groups");
	Oid			items = readable_table("combo_items");
	VisitorCount visitors[] = {
		{psprintf("SELECT pg_catalog.count(*) FROM %s", relation_quoted_name(dishes)), 0},
		{psprintf("SELECT pg_catalog.count(*) FROM %s g WHERE EXISTS (SELECT FROM %s i WHERE i.%s OPERATOR(pg_catalog.=) g.%s)",
				  relation_quoted_name(groups), relation_quoted_name(items),
				  column_quoted(items, column_require(items, "combo_group_id", groups)),
				  column_quoted(groups, renamed_column_require(groups, "id"))), 0}
	};

	for (size_t i = 0; i < lengthof(visitors); i++)
	{
		ErrorData  *error;

		counts[2 * i + 1] = query_int8(visitors[i].sql, NULL);
		error = attempt_and_undo(count_as_visitor, &visitors[i]);
		if (error)
			ReThrowError(error);
		counts[2 * i] = visitors[i].count;
	}
}

/* A table of the target schema, that the caller may read. */
static Oid
readable_table(const char *table)
{
	Oid			relid = target_table_oid(menuca_target_schema, table);

	relation_require(relid, ACL_SELECT);
	return relid;
}

static void
count_as_visitor(void *arg)
{
	VisitorCount *visitor = arg;
	AccessSession session = access_session_begin(ROLE_PUBLIC, "");

	(void) query_each_as_role(visitor->sql, NULL, slot_store_int8, &visitor->count);
	access_session_end(&session);
}
