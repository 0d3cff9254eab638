/*-------------------------------------------------------------------------
 *
 * item_details.c
 *	  Positions and dates of the items: see item_details.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/scan.h"
#include "base/slot.h"
#include "target/item_details.h"

/* State of item_details_count(). */
typedef struct CountState
{
	ItemDetails *details;
	TimestampTz since;
} CountState;

static void count_details(TupleTableSlot *slot, void *arg);


void
item_details_count(const Target *target, TimestampTz since, ItemDetails *details)
{
	CountState	state = {details, since};
	ScanColumn	columns[] = {
		{target->display_order_attnum, SCAN_INT8},
		{target->created_at_attnum, SCAN_TIMESTAMPTZ}
	};

	memset(details, 0, sizeof(ItemDetails));
	details->order_greatest = PG_INT64_MIN;
	scan_each(target->table.oid, columns, lengthof(columns), false, count_details, &state);
	if (details->order_greatest == PG_INT64_MIN)
		details->order_greatest = 0;
}

static void
count_details(TupleTableSlot *slot, void *arg)
{
	const CountState *state = arg;
	ItemDetails *details = state->details;

	if (slot->tts_isnull[0])
		details->order_missing++;
	else
	{
		details->order_negative += slot_int8(slot, 0) < 0;
		details->order_greatest = Max(details->order_greatest, slot_int8(slot, 0));
	}
	if (!slot->tts_isnull[1])
		details->recent += slot_time(slot, 1) > state->since;
}
