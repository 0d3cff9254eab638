/*-------------------------------------------------------------------------
 *
 * assignment_key.c
 *	  Idempotency keys: see assignment_key.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "seating/assignment_key.h"
#include "seating/seating_extension.h"

/* A key's row, compared with a request. */
typedef struct KeyAnswer
{
	bool		found;
	bool		same_booking;
	bool		same_tables;
} KeyAnswer;

static Datum sorted_ids(const pg_uuid_t *const *ids, int n);
static int	compare_key_ids(const void *a, const void *b);
static void take_key(TupleTableSlot *slot, void *arg);
static void take_stored(TupleTableSlot *slot, void *arg);
pg_noreturn static void raise_reused(const char *key, const char *detail);


char *
assignment_key_argument(FunctionCallInfo fcinfo, int place)
{
	char	   *key = PG_ARGISNULL(place) ? NULL : argument_text_not_blank(fcinfo, place, "idempotency_key");

	if (key && pg_mbstrlen(key) > ASSIGNMENT_KEY_MAX_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the idempotency key has %d characters, more than %d", pg_mbstrlen(key), ASSIGNMENT_KEY_MAX_LENGTH),
				 errdetail("A key names a request, not what it asks for. Nothing was changed."),
				 errhint("Pass the request's id, for example: idempotency_key => 'request 4711'.")));
	return key;
}

bool
assignment_key_known(const pg_uuid_t *restaurant, const char *key, const pg_uuid_t *booking, const pg_uuid_t *const *ids, int n)
{
	QueryArgs	args = {.keep = true};
	KeyAnswer	answer = {0};

	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	query_arg_text(&args, key);
	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_arg(&args, UUIDARRAYOID, ids ? sorted_ids(ids, n) : (Datum) 0, ids == NULL);
	seating_write("menuca_seating_key",
				  psprintf("SELECT k.booking_id OPERATOR(pg_catalog.=) $3, $4 IS NULL OR k.table_ids OPERATOR(pg_catalog.=) $4"
						   " FROM %smenuca_seating_key k WHERE k.restaurant_id OPERATOR(pg_catalog.=) $1"
						   " AND k.idempotency_key OPERATOR(pg_catalog.=) $2", seating_extension_schema()),
				  &args, take_key, &answer);
	if (answer.found && !answer.same_booking)
		raise_reused(key, "It was used for another booking.");
	if (answer.found && !answer.same_tables)
		raise_reused(key, "It was used for other dining tables of the booking.");
	return answer.found;
}

static void
take_key(TupleTableSlot *slot, void *arg)
{
	KeyAnswer  *answer = arg;

	answer->found = true;
	answer->same_booking = slot_bool(slot, 0);
	answer->same_tables = slot_bool(slot, 1);
}

static Datum
sorted_ids(const pg_uuid_t *const *ids, int n)
{
	Datum	   *sorted = palloc((n + 1) * sizeof(Datum));

	for (int i = 0; i < n; i++)
		sorted[i] = UUIDPGetDatum(ids[i]);
	qsort(sorted, n, sizeof(Datum), compare_key_ids);
	return PointerGetDatum(construct_array(sorted, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static int
compare_key_ids(const void *a, const void *b)
{
	return memcmp(DatumGetPointer(*(const Datum *) a), DatumGetPointer(*(const Datum *) b), UUID_LEN);
}

/* A booking that has lost its dining tables may get others with its key. */
void
assignment_key_store(const FloorReader *reader, const char *key, const pg_uuid_t *booking, const int *tables, int n)
{
	const pg_uuid_t **ids = palloc((n + 1) * sizeof(pg_uuid_t *));
	QueryArgs	args = {.keep = true};
	bool		stored = false;

	if (key == NULL)
		return;
	for (int i = 0; i < n; i++)
		ids[i] = &reader->table_ids[tables[i]];
	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg_text(&args, key);
	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_arg(&args, UUIDARRAYOID, sorted_ids(ids, n), false);
	seating_write("menuca_seating_key",
				  psprintf("INSERT INTO %smenuca_seating_key AS k (restaurant_id, idempotency_key, booking_id, table_ids)"
						   " VALUES ($1, $2, $3, $4) ON CONFLICT (restaurant_id, idempotency_key)"
						   " DO UPDATE SET table_ids = EXCLUDED.table_ids WHERE k.booking_id OPERATOR(pg_catalog.=) EXCLUDED.booking_id"
						   " RETURNING true", seating_extension_schema()),
				  &args, take_stored, &stored);
	if (!stored)
		raise_reused(key, "Another session has used it for another booking meanwhile.");
}

static void
take_stored(TupleTableSlot *slot, void *arg)
{
	*(bool *) arg = slot_bool(slot, 0);
}

static void
raise_reused(const char *key, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_KEY_REUSED),
			 errmsg("the idempotency key \"%s\" was used for something else", key),
			 errdetail("%s Nothing was changed.", detail),
			 errhint("%s", seating_call("SELECT * FROM menuca_seating_key WHERE idempotency_key = %s;", quote_literal_cstr(key)))));
}
