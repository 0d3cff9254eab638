/*-------------------------------------------------------------------------
 *
 * announcement.c
 *	  A ticket in a few lines, for people who do not read the log.
 *
 * menuca_announcement(ticket, kind)
 *
 * Its figures are those of the ticket's newest execution, and of the runs that it made.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_open.h"
#include "runbook/ticket_state.h"
#include "verdict/announcement_facts.h"

PG_FUNCTION_INFO_V1(menuca_announcement);

/* What can be announced of a ticket, and when. */
typedef struct AnnouncementKind
{
	const char *name;
	const char *says;			/* of the ticket */
	const char *state;			/* that it has then; NULL: any but COMPLETE */
} AnnouncementKind;

static const AnnouncementKind kinds[] = {
	{"before", "is planned", NULL},
	{"start", "begins now", NULL},
	{"done", "is done", "COMPLETE"},
	{"failed", "has FAILED", "FAILED"},
	{"rolled_back", "is rolled back", ""}
};

static const AnnouncementKind *kind_require(int no, const char *name);
static void require_state(const AnnouncementKind *kind, const Environment *environment, int no, const char *state);
static void write_context(StringInfo text, const Environment *environment, int no, const char *state);
static void write_next(StringInfo text);
static void write_next_call(TupleTableSlot *slot, void *arg);


/* Returns the text; raises an error when the ticket is not in the state that the kind is about. */
Datum
menuca_announcement(PG_FUNCTION_ARGS)
{
	int			no = argument_int4(fcinfo, 0, "ticket");
	char	   *name = argument_text(fcinfo, 1, "kind");
	const AnnouncementKind *kind = kind_require(no, name);
	Environment *environment = ticket_environment_require(no);
	char	   *state = ticket_status(environment, no);
	StringInfoData text;

	require_state(kind, environment, no, state);
	initStringInfo(&text);
	appendStringInfo(&text, "Ticket %s (%s) %s on %s, %s.\n", ticket_number(no), ticket_list[no].title, kind->says,
					 environment->name, environment_describe(environment));
	query_begin_snapshot();
	if (kind->state == NULL || *kind->state == '\0')
		announcement_write_counts(&text, environment, no);
	if (kind->state != NULL)
		announcement_write_execution(&text, environment, no);
	if (strcmp(kind->name, "failed") == 0)
		announcement_write_failures(&text, environment, no);
	write_context(&text, environment, no, state);
	query_end_snapshot();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

static const AnnouncementKind *
kind_require(int no, const char *name)
{
	StringInfoData names;

	if (no < 0 || no >= TICKET_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no ticket %d", no),
				 errdetail("The tickets are 0 to %d.", TICKET_COUNT - 1),
				 errhint("%s", migrate_call("SELECT * FROM menuca_status();"))));
	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
		format_append(&names, ", ", "%s", kinds[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown kind of announcement \"%s\"", name),
			 errdetail("The kinds are %s.", names.data),
			 errhint("%s", migrate_call("SELECT menuca_announcement(%d, 'before');", no))));
	return NULL;
}

/* Nobody is told what is not so. */
static void
require_state(const AnnouncementKind *kind, const Environment *environment, int no, const char *state)
{
	const char *fits = strcmp(state, "COMPLETE") == 0 ? "done" : strcmp(state, "FAILED") == 0 ? "failed" : "before";
	bool		is_so = kind->state == NULL ? strcmp(state, "COMPLETE") != 0 :
		*kind->state == '\0' ? announcement_is_rolled_back(environment, no) : strcmp(state, kind->state) == 0;

	if (!ticket_is_here(environment, no))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("ticket %s is %s, and this is %s", ticket_number(no), state, environment->name),
				 errdetail("It is announced where it is executed."),
				 errhint("%s", migrate_call("SELECT * FROM menuca_status();"))));
	if (!is_so)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 kind->state && *kind->state == '\0' ? errmsg("nothing of ticket %s is rolled back", ticket_number(no)) :
				 errmsg("ticket %s is %s, which is not \"%s\"", ticket_number(no), state, kind->name),
				 errdetail("An announcement says what is so."),
				 errhint("%s", migrate_call("SELECT menuca_announcement(%d, '%s');", no, fits))));
}

/* What whoever goes on has to know. */
static void
write_context(StringInfo text, const Environment *environment, int no, const char *state)
{
	TicketOpen *open = ticket_open_first(environment, no);

	appendStringInfoString(text, "\nContext for the next step\n");
	appendStringInfo(text, "- State: ticket %s is %s\n", ticket_number(no), state);
	if (open)
		appendStringInfo(text, "- Open: %s\n", ticket_open_describe(open));
	announcement_write_context(text, environment, no);
	write_next(text);
}

/* The first call of the runbook that can be made now. */
static void
write_next(StringInfo text)
{
	if (query_each(psprintf("SELECT ticket, next_call FROM %smenuca_status()"
							" WHERE next_call IS NOT NULL ORDER BY ticket LIMIT 1", migrate_schema()),
				   NULL, write_next_call, text) == 0)
		appendStringInfo(text, "- Next: %s\n", migrate_call("SELECT * FROM menuca_next();"));
}

static void
write_next_call(TupleTableSlot *slot, void *arg)
{
	appendStringInfo(arg, "- Next: ticket %s: %s\n", ticket_number((int) slot_int8_of(slot, "ticket")),
					 slot_text_of(slot, "next_call"));
}
