/*-------------------------------------------------------------------------
 *
 * ticket_open.c
 *	  What people have still to do for a ticket: see ticket_open.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_open.h"

static void *make_open(TupleTableSlot *slot);


TicketOpen *
ticket_open_first(const Environment *environment, int no)
{
	QueryArgs	args = {.keep = true};
	List	   *found;

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	found = query_list(psprintf("SELECT kind, coalesce(title, item, '?') AS title, call, state = 'failed' AS has_failed, count(*) OVER () AS count"
								" FROM %smenuca_ticket_open WHERE environment_id = $1 AND ticket_no = $2"
								" ORDER BY state = 'failed' DESC, kind = 'undone' DESC, kind = 'review' DESC, kind = 'issue' DESC, place, item COLLATE \"C\" LIMIT 1",
								migrate_schema()), &args, make_open);
	query_end_snapshot();
	return found == NIL ? NULL : linitial(found);
}

static void *
make_open(TupleTableSlot *slot)
{
	TicketOpen *open = palloc(sizeof(TicketOpen));

	open->kind = slot_text_of(slot, "kind");
	open->title = slot_text_of(slot, "title");
	open->call = slot_text_of(slot, "call");
	open->has_failed = slot_bool_of(slot, "has_failed");
	open->count = slot_int8_of(slot, "count");
	return open;
}

char *
ticket_open_call(const Environment *environment, int no)
{
	TicketOpen *open = ticket_open_first(environment, no);

	return open ? open->call : ticket_call(environment, no);
}

char *
ticket_open_describe(const TicketOpen *open)
{
	char	   *title = format_one_line(open->title);
	const char *what = open->has_failed && strcmp(open->kind, "must") == 0 ? " (FAILED)" : "";

	return open->count == 1 ? psprintf("%s%s", title, what) :
		psprintf("%s%s; %lld more", title, what, (long long) open->count - 1);
}

char *
ticket_open_sentence(const TicketOpen *open)
{
	if (strcmp(open->kind, "undone") == 0)
		return psprintf("Its checks have passed, but %s since.", open->title);
	return psprintf("Its checks have passed; %s: %s.", open->has_failed ? "people have found" : "people's part is open",
					ticket_open_describe(open));
}
