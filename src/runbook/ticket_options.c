/*-------------------------------------------------------------------------
 *
 * ticket_options.c
 *	  The options of tickets: see ticket_options.h.
 *
 * A ticket calls functions that check their own arguments, but late: a ticket
 * that found out then would be recorded as failed, or would have ignored an
 * option that it does not have.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "runbook/ticket_options.h"
#include "runbook/ticket_state.h"
#include "target/junction.h"

/* Sets of tickets, a bit for each; and those of a hosted production. */
#define TICKET(no) (1 << (no))
#define HOSTED(no) (1 << (TICKET_COUNT + (no)))
#define TICKETS_BACKUP (TICKET(1) | TICKET(6) | TICKET(7) | TICKET(8) | TICKET(9))
#define TICKETS_INDEXES (TICKET(2) | TICKET(7))
#define TICKETS_ACCESS (TICKET(3) | TICKET(8))
#define TICKETS_FIX (TICKET(4) | TICKET(9))
#define TICKETS_VALIDATION (TICKET(5) | TICKET(10))
#define TICKETS_LISTS (TICKETS_FIX | TICKETS_VALIDATION)
#define TICKETS_SOURCE (TICKET(0) | TICKETS_FIX | TICKETS_VALIDATION)

typedef struct TicketOption
{
	const char *name;
	Oid			type;
	int			tickets;		/* that have it */
	bool		null_ok;		/* null means the same as in a call */
	void		(*check) (const char *name, const char *text, Datum value); /* or NULL */
} TicketOption;

static void check_name(const char *name, const char *text, Datum value);
static void check_percentage(const char *name, const char *text, Datum value);
static void check_batch_size(const char *name, const char *text, Datum value);
static void check_timeout(const char *name, const char *text, Datum value);
static void check_time(const char *name, const char *text, Datum value);
static void check_backup(const char *name, const char *text, Datum value);
static void check_moment(const char *name, const char *text, Datum value);
static void check_run(const char *name, const char *text, Datum value);
static void check_source(const char *name, const char *text, Datum value);
static void check_target(const char *name, const char *text, Datum value);
static void check_gate_on(const char *name, const char *text, Datum value);
static void check_lock(const char *name, const char *text, Datum value);

static const TicketOption options[] = {
	{"source", TEXTOID, TICKETS_SOURCE, true, check_source},
	{"id_column", TEXTOID, TICKETS_SOURCE, true, check_name},
	{"dish_column", TEXTOID, TICKETS_SOURCE, false, check_name},
	{"group_column", TEXTOID, TICKETS_SOURCE, false, check_name},
	{"order_column", TEXTOID, TICKETS_SOURCE, true, check_name},
	{"target", TEXTOID, TICKETS_SOURCE, false, check_target},
	{"lists_source", TEXTOID, TICKETS_LISTS, true, check_source},
	{"lists_group_column", TEXTOID, TICKETS_LISTS, false, check_name},
	{"lists_list_column", TEXTOID, TICKETS_LISTS, false, check_name},
	{"v2_source", TEXTOID, TICKETS_LISTS, true, check_source},
	{"v2_group_column", TEXTOID, TICKETS_LISTS, false, check_name},
	{"v2_list_column", TEXTOID, TICKETS_LISTS, false, check_name},
	{"backfill", BOOLOID, TICKETS_FIX, false, NULL},
	{"min_coverage_pct", NUMERICOID, TICKETS_FIX, false, check_percentage},
	{"min_group_coverage_pct", NUMERICOID, TICKETS_FIX, true, check_percentage},
	{"min_dish_coverage_pct", NUMERICOID, TICKETS_FIX, true, check_percentage},
	{"max_orphan_pct", NUMERICOID, TICKETS_FIX, false, check_percentage},
	{"gate_on", TEXTOID, TICKETS_FIX, false, check_gate_on},
	{"batch_size", INT4OID, TICKETS_FIX, false, check_batch_size},
	{"max_cross_restaurant_pct", NUMERICOID, TICKETS_FIX, false, check_percentage},
	{"strict", BOOLOID, TICKETS_SOURCE, false, NULL},
	{"lock", TEXTOID, TICKETS_FIX, false, check_lock},
	{"backup", TEXTOID, TICKETS_BACKUP | HOSTED(6), false, check_backup},
	{"backup_time", TIMESTAMPTZOID, HOSTED(6), false, check_moment},
	{"max_backup_age", INTERVALOID, TICKETS_BACKUP | HOSTED(6), false, check_time},
	{"lock_timeout", INTERVALOID, TICKETS_INDEXES | TICKETS_ACCESS, false, check_timeout},
	{"stability", INTERVALOID, TICKETS_VALIDATION | HOSTED(10), false, check_time},
	{"deploy", BOOLOID, TICKETS_INDEXES, false, NULL},
	{"run_id", INT8OID, HOSTED(6) | HOSTED(9) | HOSTED(10), false, check_run}
};

static void require_option(const TicketExecution *execution, const char *name);
static bool is_of_hosted(const TicketExecution *execution);
static const TicketOption *find_option(const char *name);
static bool has_option(const TicketOption *option, bool is_hosted, int no);
static char *option_names(bool is_hosted, int no);
static bool is_local(const TicketOption *option);
static void require_option_value(const TicketOption *option, char *value);
static void add_option_context(void *name);
static void check_one_of(const char *name, const char *text, const char *first, const char *second);


void
ticket_options_require(const TicketExecution *execution)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(execution->options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errdetail("The options of this ticket are: %s. Nothing was done.",
						   option_names(is_of_hosted(execution), execution->no)),
				 errhint("%s", migrate_call("SELECT * FROM menuca_ticket(%d, '{}');", execution->no))));
	iterator = JsonbIteratorInit(&execution->options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			require_option(execution, pnstrdup(value.val.string.val, value.val.string.len));
	}
}

/* An option of another ticket would be ignored. */
static void
require_option(const TicketExecution *execution, const char *name)
{
	const TicketOption *option = find_option(name);

	if (option == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown option \"%s\"", name),
				 errdetail("The options of ticket %s are: %s. Nothing was done.",
						   ticket_number(execution->no), option_names(is_of_hosted(execution), execution->no)),
				 errhint("Correct its name, or omit it.")));
	if (!has_option(option, is_of_hosted(execution), execution->no))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ticket %s has no option \"%s\"", ticket_number(execution->no), name),
				 errdetail("The options of ticket %s are: %s. Nothing was done.",
						   ticket_number(execution->no), option_names(is_of_hosted(execution), execution->no)),
				 errhint("Omit it.")));
	require_option_value(option, ticket_option(execution, name));
}

/* The environment is not known yet where the database is not registered. */
static bool
is_of_hosted(const TicketExecution *execution)
{
	return execution->environment && execution->environment->is_hosted;
}

static const TicketOption *
find_option(const char *name)
{
	for (size_t i = 0; i < lengthof(options); i++)
	{
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	}
	return NULL;
}

static bool
has_option(const TicketOption *option, bool is_hosted, int no)
{
	return (option->tickets & (is_hosted ? HOSTED(no) : TICKET(no))) != 0;
}

/* The names of a ticket's options. */
static char *
option_names(bool is_hosted, int no)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(options); i++)
	{
		if (has_option(&options[i], is_hosted, no))
			format_append(&names, ", ", "%s", options[i].name);
	}
	return names.data;
}

char *
ticket_options_of(const Environment *environment, int no, bool with_gates)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(options); i++)
	{
		if (has_option(&options[i], environment->is_hosted, no) && (with_gates || !is_local(&options[i])))
			format_append(&names, ",", "%s", options[i].name);
	}
	return psprintf("{%s}", names.data);
}

/* Every percentage is a bound, and so is the age of a backup or a sample. */
static bool
is_local(const TicketOption *option)
{
	return option->type == NUMERICOID || option->check == check_time || option->check == check_gate_on ||
		option->check == check_lock;
}

/* Raises the type's own error, or the argument's, with the option as context. */
static void
require_option_value(const TicketOption *option, char *value)
{
	ErrorContextCallback context = {error_context_stack, add_option_context, unconstify(char *, option->name)};
	Oid			input;
	Oid			param;
	Datum		parsed;

	if (value == NULL)
	{
		if (!option->null_ok)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("option \"%s\" must not be null", option->name),
					 errdetail("Nothing was done."),
					 errhint("Omit it to use its default.")));
		return;
	}
	error_context_stack = &context;
	getTypeInputInfo(option->type, &input, &param);
	parsed = OidInputFunctionCall(input, value, param, -1);
	if (option->check)
		option->check(option->name, value, parsed);
	error_context_stack = context.previous;
}

static void
add_option_context(void *name)
{
	errcontext("option \"%s\" of menuca_ticket(); nothing was done", (char *) name);
}

static void
check_name(const char *name, const char *text, pg_attribute_unused() Datum value)
{
	if (*text == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be empty", name),
				 errdetail("It is a name."),
				 errhint("Omit it to use its default.")));
}

static void
check_percentage(const char *name, pg_attribute_unused() const char *text, Datum value)
{
	argument_check_percentage(name, DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value)));
}

static void
check_batch_size(pg_attribute_unused() const char *name, pg_attribute_unused() const char *text, Datum value)
{
	argument_check_batch_size(DatumGetInt32(value));
}

static void
check_timeout(const char *name, pg_attribute_unused() const char *text, Datum value)
{
	(void) argument_check_milliseconds(name, DatumGetIntervalP(value));
}

static void
check_time(const char *name, const char *text, Datum value)
{
	const Interval *interval = DatumGetIntervalP(value);

	if (interval->month < 0 || interval->day < 0 || interval->time < 0 ||
		(interval->month == 0 && interval->day == 0 && interval->time == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be positive, not %s", name, text),
				 errdetail("It is a length of time, such as \"6 hours\"."),
				 errhint("Omit it to use its default.")));
}

/* Not what a message proposes in its place, either. */
static void
check_backup(const char *name, const char *text, Datum value)
{
	check_name(name, text, value);
	if (argument_says_nothing(text))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be \"%s\"", name, text),
				 errdetail("It is the label of a backup, or its id at the hosting service."),
				 errhint("Write which backup it is.")));
}

static void
check_moment(const char *name, const char *text, Datum value)
{
	if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(value)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be %s", name, text),
				 errdetail("It is a time with its time zone, such as \"2026-01-31 02:00 UTC\"."),
				 errhint("Look it up at the hosting service.")));
}

static void
check_run(const char *name, pg_attribute_unused() const char *text, Datum value)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, DatumGetInt64(value));
	if (!query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_runs WHERE run_id = $1 AND status = 'completed')", migrate_schema()), &args))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a completed run, not %lld", name, (long long) DatumGetInt64(value)),
				 errdetail("It is the last run of the fix that is applied."),
				 errhint("%s", migrate_call("SELECT run_id, kind, status FROM menuca_runs ORDER BY run_id;"))));
}

static void
check_source(const char *name, const char *text, pg_attribute_unused() Datum value)
{
	(void) RangeVarGetRelid(relation_parse_name(name, text), NoLock, false);
}

static void
check_target(pg_attribute_unused() const char *name, const char *text, pg_attribute_unused() Datum value)
{
	target_require_name(text);
}

static void
check_gate_on(const char *name, const char *text, pg_attribute_unused() Datum value)
{
	check_one_of(name, text, "overall", "expected");
}

static void
check_lock(const char *name, const char *text, pg_attribute_unused() Datum value)
{
	check_one_of(name, text, "share_row_exclusive", "access_exclusive");
}

static void
check_one_of(const char *name, const char *text, const char *first, const char *second)
{
	if (strcmp(text, first) != 0 && strcmp(text, second) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown %s \"%s\"", name, text),
				 errdetail("It must be \"%s\" or \"%s\".", first, second),
				 errhint("Omit it to use \"%s\".", first)));
}
