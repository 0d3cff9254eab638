/*-------------------------------------------------------------------------
 *
 * ticket_environment.c
 *	  Whose tickets are executed in this database: see ticket_environment.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/database_identity.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_state.h"

static void fill_this_database(QueryArgs *args);
static void *make_hosted(TupleTableSlot *slot);


Environment *
ticket_environment(int no)
{
	Environment *here = environment_current();
	Environment *hosted = ticket_hosted_production();

	if (hosted && (no >= FIRST_PRODUCTION_TICKET || here == NULL))
		return hosted;
	return here;
}

Environment *
ticket_environment_require(int no)
{
	Environment *environment = ticket_environment(no);

	return environment ? environment : environment_require();
}

List *
ticket_environments(void)
{
	Environment *first = ticket_environment_require(0);
	Environment *last = ticket_environment_require(FIRST_PRODUCTION_TICKET);

	return first->id == last->id ? list_make1(first) : list_make2(first, last);
}

Environment *
ticket_environment_to_sign(int no)
{
	Environment *environment = ticket_environment_require(no);
	Environment *hosted = ticket_hosted_production();
	char	   *decision;
	char	   *verdict;

	if (hosted == NULL || environment->is_hosted || no != FIRST_PRODUCTION_TICKET - 1)
		return environment;
	decision = ticket_decision(environment, no);
	verdict = ticket_imported_verdict(hosted);
	return decision && strcmp(decision, "GO") == 0 && verdict && strcmp(verdict, "GO") == 0 ? hosted : environment;
}

Environment *
ticket_hosted_production(void)
{
	QueryArgs	args = {0};
	List	   *found;

	fill_this_database(&args);
	query_begin_snapshot();
	found = query_list(psprintf("SELECT environment_id, name, of_database, of_system_identifier, of_project"
								" FROM %smenuca_hosted_production WHERE database_name = $1 AND system_identifier = $2",
								migrate_schema()), &args, make_hosted);
	query_end_snapshot();
	return found == NIL ? NULL : linitial(found);
}

static void *
make_hosted(TupleTableSlot *slot)
{
	Environment *environment = palloc0(sizeof(Environment));

	environment->id = slot_int8_of(slot, "environment_id");
	environment->name = slot_text_of(slot, "name");
	environment->database = slot_text_of(slot, "of_database");
	environment->system_identifier = slot_int8_or_zero_of(slot, "of_system_identifier");
	environment->project = slot_text_or_null_of(slot, "of_project");
	environment->is_production = true;
	environment->is_hosted = true;
	return environment;
}

char *
ticket_hosted_registration(void)
{
	QueryArgs	args = {0};
	char	   *arguments;

	if (ticket_hosted_production())
		return NULL;
	fill_this_database(&args);
	arguments = query_text(psprintf("SELECT format('%%L, %%s', of_database, coalesce(of_system_identifier::text, 'NULL'))"
									" FROM %smenuca_copy WHERE database_name = $1 AND system_identifier = $2"
									" ORDER BY record_no DESC LIMIT 1", migrate_schema()), &args);
	return arguments ? migrate_call("SELECT * FROM menuca_environment('production', %s, hosted => true);", arguments) : NULL;
}

/* $1 and $2: a copy of this database has the same rows, which are not its own. */
static void
fill_this_database(QueryArgs *args)
{
	query_arg_text(args, database_identity_name());
	query_arg_int8(args, database_identity_cluster());
}
