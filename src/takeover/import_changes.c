/*-------------------------------------------------------------------------
 *
 * import_changes.c
 *	  What an import changes in booking_table_assignments: see import_changes.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "takeover/import_changes.h"
#include "takeover/import_items.h"

static int	compare_changes(const void *a, const void *b);


AssignmentChange *
import_changes_add(AssignmentChanges *changes, const pg_uuid_t *booking, const pg_uuid_t *table)
{
	AssignmentChange *change = palloc0(sizeof(AssignmentChange));

	if (changes->n == changes->allocated)
	{
		changes->allocated = Max(64, changes->allocated * 2);
		changes->changes = changes->changes ?
			repalloc_huge(changes->changes, changes->allocated * sizeof(AssignmentChange *)) :
			palloc(changes->allocated * sizeof(AssignmentChange *));
	}
	changes->changes[changes->n++] = change;
	change->booking = *booking;
	change->table = *table;
	return change;
}

void
import_changes_sort(AssignmentChanges *changes)
{
	changes->by_booking = palloc_extended((changes->n + 1) * sizeof(AssignmentChange *), MCXT_ALLOC_HUGE);
	if (changes->n > 0)
		memcpy(changes->by_booking, changes->changes, changes->n * sizeof(AssignmentChange *));
	changes->nsorted = changes->n;
	qsort(changes->by_booking, changes->n, sizeof(AssignmentChange *), compare_changes);
}

static int
compare_changes(const void *a, const void *b)
{
	const AssignmentChange *left = *(AssignmentChange *const *) a;
	const AssignmentChange *right = *(AssignmentChange *const *) b;
	int			order = memcmp(&left->booking, &right->booking, UUID_LEN);

	return order != 0 ? order : memcmp(&left->table, &right->table, UUID_LEN);
}

int
import_changes_first(const AssignmentChanges *changes, const pg_uuid_t *booking)
{
	int			low = 0;
	int			high = changes->nsorted;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (memcmp(&changes->by_booking[middle]->booking, booking, UUID_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

AssignmentChange *
import_changes_find(const AssignmentChanges *changes, const pg_uuid_t *booking, const pg_uuid_t *table)
{
	AssignmentChange *found = NULL;

	for (int i = import_changes_first(changes, booking); i < changes->nsorted; i++)
	{
		AssignmentChange *change = changes->by_booking[i];

		if (memcmp(&change->booking, booking, UUID_LEN) != 0)
			break;
		if (memcmp(&change->table, table, UUID_LEN) == 0 && (found == NULL || change->sets_window))
			found = change;
	}
	return found;
}

bool
import_changes_seat(const AssignmentChanges *changes, const pg_uuid_t *booking)
{
	for (int i = import_changes_first(changes, booking); i < changes->nsorted; i++)
	{
		const AssignmentChange *change = changes->by_booking[i];

		if (memcmp(&change->booking, booking, UUID_LEN) != 0)
			break;
		if (change->inserts && change->obstacle == CHANGE_POSSIBLE)
			return true;
	}
	return false;
}

char *
import_changes_object(const AssignmentChange *change)
{
	return import_changes_describe(change->number, &change->table, &change->booking,
								   change->sets_window ? &change->start : NULL, change->sets_window ? &change->end : NULL);
}

char *
import_changes_describe(const char *number, const pg_uuid_t *table, const pg_uuid_t *booking,
						const TimestampTz *start, const TimestampTz *end)
{
	StringInfoData object;

	initStringInfo(&object);
	appendStringInfo(&object, "dining table %s, booking %s", number ? import_items_name(number) : import_items_id(table),
					 import_items_id(booking));
	if (start && end)
		appendStringInfo(&object, ", from %s to %s", format_utc(*start), format_utc(*end));
	return object.data;
}
