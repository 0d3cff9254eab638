/*-------------------------------------------------------------------------
 *
 * seating_note.c
 *	  What people say of seating: support tickets, feedback, learnings.
 *
 * menuca_seating_note(kind, note, good, restaurant)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/seating_schema.h"

PG_FUNCTION_INFO_V1(menuca_seating_note);

static void require_note_kind(const char *kind, bool has_good);


/* Enters a note and returns its number. */
Datum
menuca_seating_note(PG_FUNCTION_ARGS)
{
	char	   *kind = argument_text(fcinfo, 0, "kind");
	char	   *note = argument_said(fcinfo, 1, "note");
	QueryArgs	args = {0};
	int64		number = 0;

	require_note_kind(kind, !PG_ARGISNULL(2));
	if (!PG_ARGISNULL(3))
		seating_schema_require_restaurant(seating_schema_find(), PG_GETARG_UUID_P(3));
	query_require_writable("menuca_seating_note()");
	query_arg_text(&args, kind);
	query_arg_text(&args, note);
	query_arg(&args, BOOLOID, PG_GETARG_DATUM(2), PG_ARGISNULL(2));
	query_arg(&args, UUIDOID, PG_GETARG_DATUM(3), PG_ARGISNULL(3));
	seating_write("menuca_seating_note_list",
				  psprintf("INSERT INTO %smenuca_seating_note_list (kind, note, good, restaurant_id) VALUES ($1, $2, $3, $4) RETURNING note_no",
						   seating_extension_schema()), &args, slot_store_int8, &number);
	PG_RETURN_INT64(number);
}

static void
require_note_kind(const char *kind, bool has_good)
{
	const char *example = seating_call("SELECT menuca_seating_note('feedback', '...', good => true);");

	if (strcmp(kind, "ticket") != 0 && strcmp(kind, "feedback") != 0 && strcmp(kind, "learning") != 0)
		refusal_raise_argument(psprintf("kind must be ticket, feedback or learning, not \"%s\"", kind), example);
	if ((strcmp(kind, "feedback") == 0) != has_good)
		refusal_raise_argument("good is for feedback: whether it is", example);
}
