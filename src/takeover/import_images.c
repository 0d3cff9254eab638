/*-------------------------------------------------------------------------
 *
 * import_images.c
 *	  Rows of booking_table_assignments as text: see import_images.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/guc_scope.h"
#include "base/query.h"
#include "base/slot.h"
#include "takeover/import_images.h"
#include "takeover/original.h"

/* Where they are stored. */
typedef struct ImageReading
{
	char	  **images;
	MemoryContext context;
} ImageReading;

static void take_image(TupleTableSlot *slot, void *arg);


char	  **
import_images_read(const SeatingSchema *schema, const Datum *bookings, const Datum *tables, int n)
{
	ImageReading reading = {palloc0((n + 1) * sizeof(char *)), CurrentMemoryContext};
	QueryArgs	args = {0};
	int			level = guc_scope_begin();

	/* JSON shows times in the session's zone, and other values by these. */
	guc_scope_set("TimeZone", "UTC");
	guc_scope_set("IntervalStyle", "postgres");
	guc_scope_set("extra_float_digits", "1");
	guc_scope_set("bytea_output", "hex");
	original_array(&args, UUIDOID, bookings, NULL, n);
	original_array(&args, UUIDOID, tables, NULL, n);
	query_begin_snapshot();
	(void) query_each(psprintf("SELECT n.i, jsonb_agg(to_jsonb(a) ORDER BY to_jsonb(a))::text"
							   " FROM ROWS FROM (unnest($1), unnest($2)) WITH ORDINALITY AS n (b, t, i)"
							   " JOIN %s a ON a.booking_id = n.b AND a.table_id = n.t GROUP BY n.i", schema->assignments),
					  &args, take_image, &reading);
	query_end_snapshot();
	guc_scope_end(level);
	return reading.images;
}

static void
take_image(TupleTableSlot *slot, void *arg)
{
	ImageReading *reading = arg;
	MemoryContext old = MemoryContextSwitchTo(reading->context);

	reading->images[slot_int8(slot, 0) - 1] = slot_text(slot, 1);
	MemoryContextSwitchTo(old);
}
