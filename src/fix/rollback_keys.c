/*-------------------------------------------------------------------------
 *
 * rollback_keys.c
 *	  The primary keys of the rows that a rollback deletes: see rollback_keys.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fix/rollback_keys.h"


void
rollback_keys_add(int64 key, bool changed, void *arg)
{
	Rollback   *rollback = arg;

	int8_sort_put(rollback->keys, &key);
	rollback->nkeys++;
	if (changed && list_length(rollback->changed_keys) < ROLLBACK_KEYS_NAMED)
		rollback->changed_keys = lappend(rollback->changed_keys,
										 psprintf(INT64_FORMAT, key));
}

int
rollback_keys_next(Rollback *rollback, int64 *keys)
{
	const int64 *key;
	int			n = 0;

	while (n < ROLLBACK_KEYS_PER_STATEMENT && (key = int8_sort_next(rollback->keys)) != NULL)
		keys[n++] = *key;
	return n;
}
