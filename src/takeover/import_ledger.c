/*-------------------------------------------------------------------------
 *
 * import_ledger.c
 *	  Imports in the ledger of changes: see import_ledger.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "takeover/import_ledger.h"
#include "takeover/original.h"

/* A number that somebody has written in place of ours is none of ours. */
#define NUMBER_OF(column) \
	"CASE WHEN jsonb_typeof(c." column " -> 'import') = 'number' AND c." column " ->> 'import' ~ '^[0-9]{1,18}$'" \
	" THEN (c." column " ->> 'import')::int8 END"

static int64 read_import_number(const char *sql);
static void *make_number(TupleTableSlot *slot);


int64
import_ledger_next_number(void)
{
	return 1 + read_import_number(psprintf("SELECT COALESCE(max(" NUMBER_OF("after") "), 0) FROM %smenuca_seating_change c WHERE c.what = 'import'",
										   seating_extension_schema()));
}

int64
import_ledger_last_number(void)
{
	return read_import_number(psprintf("SELECT COALESCE(max(i.number), 0) FROM (SELECT " NUMBER_OF("after") " AS number"
									   " FROM %1$smenuca_seating_change c WHERE c.what = 'import') i"
									   " WHERE NOT EXISTS (SELECT FROM %1$smenuca_seating_change c WHERE c.what = 'import_undo'"
									   " AND " NUMBER_OF("after") " = i.number)", seating_extension_schema()));
}

static int64
read_import_number(const char *sql)
{
	return *(int64 *) linitial(original_read_own("menuca_seating_change", sql, NULL, make_number));
}

static void *
make_number(TupleTableSlot *slot)
{
	int64	   *number = palloc(sizeof(int64));

	*number = slot_int8(slot, 0);
	return number;
}

void
import_ledger_enter(int64 number, const Datum *restaurants, const bool *no_restaurant,
					const Datum *before, const bool *no_before, const Datum *after, int n)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, number);
	original_array(&args, UUIDOID, restaurants, no_restaurant, n);
	original_array(&args, TEXTOID, before, no_before, n);
	original_array(&args, TEXTOID, after, NULL, n);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %smenuca_seating_change (what, restaurant_id, before, after)"
						   " SELECT 'import', n.r, n.b::jsonb, jsonb_build_object('import', $1) || n.a::jsonb"
						   " FROM ROWS FROM (unnest($2), unnest($3), unnest($4)) WITH ORDINALITY AS n (r, b, a, i) ORDER BY n.i",
						   seating_extension_schema()),
				  &args, NULL, NULL);
}

void
import_ledger_enter_one(int64 number, const pg_uuid_t *restaurant, const char *before, const char *after)
{
	Datum		restaurants[1] = {restaurant ? UUIDPGetDatum(restaurant) : (Datum) 0};
	bool		no_restaurant[1] = {restaurant == NULL};
	Datum		befores[1] = {before ? CStringGetTextDatum(before) : (Datum) 0};
	bool		no_before[1] = {before == NULL};
	Datum		afters[1] = {CStringGetTextDatum(after)};

	import_ledger_enter(number, restaurants, no_restaurant, befores, no_before, afters, 1);
}

void
import_ledger_enter_undo(int64 number, const char *figures)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, number);
	query_arg_json(&args, figures);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %smenuca_seating_change (what, after)"
						   " VALUES ('import_undo', jsonb_build_object('import', $1) || $2)", seating_extension_schema()),
				  &args, NULL, NULL);
}
