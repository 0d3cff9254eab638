/*-------------------------------------------------------------------------
 *
 * watch_combinations.c
 *	  Which dining tables bookings have: see watch_combinations.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/content_hash.h"
#include "watch/watch_combinations.h"

/* An entry of the hash table of combinations. */
typedef struct CombinationEntry
{
	const WatchCombination *key;
	int			number;
	char		status;
} CombinationEntry;

static inline bool
is_same_combination(const WatchCombination *a, const WatchCombination *b)
{
	return a->hash == b->hash && a->restaurant == b->restaurant && a->n == b->n &&
		memcmp(a->tables, b->tables, a->n * sizeof(int)) == 0;
}

#define SH_PREFIX combination_hash
#define SH_ELEMENT_TYPE CombinationEntry
#define SH_KEY_TYPE const WatchCombination *
#define SH_KEY key
#define SH_HASH_KEY(tb, key) ((key)->hash)
#define SH_EQUAL(tb, a, b) is_same_combination(a, b)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* The list of a booking's dining tables, which is made again for each. */
typedef struct TableList
{
	int			n;
	int			allocated;
	int		   *tables;
} TableList;

static void list_tables(const WatchData *data, const WatchBooking *booking, TableList *list);
static int	compare_watched_tables(const void *a, const void *b);
static int	number_of_combination(combination_hash_hash *known, WatchCombinations *found, int *allocated,
								  const WatchBooking *booking, const TableList *list);
static uint32 hash_tables(int restaurant, const TableList *list);
static int	compare_combinations(const void *a, const void *b, void *arg);
static WatchNamedCombination *name_combination(const WatchData *data, const WatchCombination *combination);
static int	compare_words(const ListCell *a, const ListCell *b);


WatchCombinations *
watch_combinations_find(WatchData *data)
{
	WatchCombinations *found = palloc0(sizeof(WatchCombinations));
	combination_hash_hash *known = combination_hash_create(CurrentMemoryContext, 1024, NULL);
	TableList	list = {0, 16, palloc(16 * sizeof(int))};
	int			allocated = 1024;
	int			bookings_allocated = 1024;

	found->all = palloc(allocated * sizeof(WatchCombination));
	found->bookings = palloc(bookings_allocated * sizeof(int));
	found->of = palloc(bookings_allocated * sizeof(int));
	for (uint32 i = 0; i < data->booking_ids.n; i++)
	{
		WatchBooking *booking = &data->bookings[i];

		CHECK_FOR_INTERRUPTS();
		if (booking->seats == WATCH_NONE)
			continue;
		if (data->seats[booking->seats].next == WATCH_NONE)
		{
			booking->ntables = 1;
			continue;
		}
		list_tables(data, booking, &list);
		booking->ntables = list.n;
		if (list.n < 2 || !booking->present || !watch_counts(booking->state))
			continue;
		if (found->nbookings == bookings_allocated)
		{
			bookings_allocated *= 2;
			found->bookings = repalloc_huge(found->bookings, bookings_allocated * sizeof(int));
			found->of = repalloc_huge(found->of, bookings_allocated * sizeof(int));
		}
		found->bookings[found->nbookings] = (int) i;
		found->of[found->nbookings++] = number_of_combination(known, found, &allocated, booking, &list);
	}
	combination_hash_destroy(known);
	return found;
}

/* Its different dining tables, ascending. */
static void
list_tables(const WatchData *data, const WatchBooking *booking, TableList *list)
{
	int			n = 0;

	list->n = 0;
	for (int seat = booking->seats; seat != WATCH_NONE; seat = data->seats[seat].next)
	{
		if (list->n == list->allocated)
		{
			list->allocated *= 2;
			list->tables = repalloc_huge(list->tables, list->allocated * sizeof(int));
		}
		list->tables[list->n++] = data->seats[seat].table;
	}
	qsort(list->tables, list->n, sizeof(int), compare_watched_tables);
	for (int i = 0; i < list->n; i++)
	{
		if (i == 0 || list->tables[i] != list->tables[n - 1])
			list->tables[n++] = list->tables[i];
	}
	list->n = n;
}

static int
compare_watched_tables(const void *a, const void *b)
{
	int			first = *(const int *) a;
	int			second = *(const int *) b;

	return first < second ? -1 : first > second;
}

static int
number_of_combination(combination_hash_hash *known, WatchCombinations *found, int *allocated,
					  const WatchBooking *booking, const TableList *list)
{
	WatchCombination key = {booking->restaurant, list->n, list->tables, hash_tables(booking->restaurant, list), 0};
	CombinationEntry *entry = combination_hash_lookup(known, &key);
	bool		exists;

	if (entry == NULL)
	{
		WatchCombination *kept = palloc(sizeof(WatchCombination));

		if (found->n == *allocated)
		{
			*allocated *= 2;
			found->all = repalloc_huge(found->all, *allocated * sizeof(WatchCombination));
		}
		key.tables = memcpy(palloc(list->n * sizeof(int)), list->tables, list->n * sizeof(int));
		*kept = key;
		found->all[found->n] = key;
		entry = combination_hash_insert(known, kept, &exists);
		entry->number = found->n++;
	}
	found->all[entry->number].bookings++;
	return entry->number;
}

static uint32
hash_tables(int restaurant, const TableList *list)
{
	uint64		hash = mix64((uint64) restaurant + 1);

	for (int i = 0; i < list->n; i++)
		hash = mix64(hash ^ (uint64) list->tables[i]);
	return (uint32) hash;
}

List *
watch_combinations_top(const WatchData *data, WatchCombinations *combinations)
{
	WatchCombination **sorted = palloc_extended(sizeof(WatchCombination *) * (Size) Max(combinations->n, 1), MCXT_ALLOC_HUGE);
	List	   *top = NIL;

	for (int i = 0; i < combinations->n; i++)
		sorted[i] = &combinations->all[i];
	qsort_arg(sorted, combinations->n, sizeof(WatchCombination *), compare_combinations, unconstify(WatchData *, data));
	for (int i = 0; i < Min(combinations->n, WATCH_TOP); i++)
		top = lappend(top, name_combination(data, sorted[i]));
	pfree(sorted);
	return top;
}

/* Most bookings first; then by ids, which do not depend on the order of rows. */
static int
compare_combinations(const void *a, const void *b, void *arg)
{
	const WatchData *data = arg;
	const WatchCombination *first = *(WatchCombination *const *) a;
	const WatchCombination *second = *(WatchCombination *const *) b;
	int			order = 0;

	if (first->bookings != second->bookings)
		return first->bookings > second->bookings ? -1 : 1;
	if (first->restaurant != second->restaurant)
		return first->restaurant < 0 ? 1 : second->restaurant < 0 ? -1 :
			memcmp(&data->restaurant_ids.ids[first->restaurant], &data->restaurant_ids.ids[second->restaurant], UUID_LEN);
	for (int i = 0; order == 0 && i < Min(first->n, second->n); i++)
		order = strcmp(watch_data_table_name(data, first->tables[i]), watch_data_table_name(data, second->tables[i]));
	return order != 0 ? order : first->n - second->n;
}

static WatchNamedCombination *
name_combination(const WatchData *data, const WatchCombination *combination)
{
	WatchNamedCombination *named = palloc0(sizeof(WatchNamedCombination));

	if (combination->restaurant >= 0)
	{
		named->has_restaurant = true;
		named->restaurant = data->restaurant_ids.ids[combination->restaurant];
		named->name = data->restaurants[combination->restaurant].name;
		named->name = named->name ? pstrdup(named->name) : NULL;
	}
	for (int i = 0; i < combination->n; i++)
		named->numbers = lappend(named->numbers, pstrdup(watch_data_table_name(data, combination->tables[i])));
	list_sort(named->numbers, compare_words);
	named->bookings = combination->bookings;
	return named;
}

static int
compare_words(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}
