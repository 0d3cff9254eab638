/*-------------------------------------------------------------------------
 *
 * int8_sort.c
 *	  Sorting fixed tuples of bigints: see int8_sort.h.
 *
 * Tuples fill an array.  When it has reached the limit it is sorted and written
 * to a temporary file, and filled again; finally these spilled parts are merged.
 * When all tuples fit into the array, no file is written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "storage/buffile.h"
#include "utils/memutils.h"

#include "base/int8_array.h"
#include "base/int8_sort.h"

/* Tuples allocated at first; the array grows by half as it fills. */
#define INITIAL_TUPLES 1024

/* The least memory that is used: work_mem has the same minimum, 64 kB. */
#define MIN_KILOBYTES 64

/* Tuples of a file that are read at once while files are merged. */
#define MERGE_TUPLES 512

/* A sorted part of the tuples, in a temporary file. */
typedef struct Spill
{
	BufFile    *file;
	size_t		size;			/* tuples in the file */
	size_t		fetched;		/* of these, already read into the buffer */
	int64	   *buffer;
	int			nbuffered;
	int			next;			/* tuple in the buffer to return next */
} Spill;

struct Int8Sort
{
	Int8Array	array;			/* the tuples in memory */
	bool		across_transactions;
	MemoryContextCallback at_reset; /* when across transactions */
	size_t		limit;			/* most tuples in memory */
	size_t		next;			/* tuple in memory to return next */
	int			nspills;
	Spill	   *spills;
	binaryheap *heap;			/* spills by their next tuple */
	bool		started;		/* a tuple of the heap's first spill was
								 * returned */
};

static void close_files(void *arg);
static void grow_array(Int8Sort *sort);
static void write_spill(Int8Sort *sort);
static void begin_merge(Int8Sort *sort);
static const int64 *next_merged(Int8Sort *sort);
static bool advance_spill(Int8Sort *sort, Spill *spill);
static const int64 *spill_tuple(const Int8Sort *sort, const Spill *spill);
static int	compare_spills(Datum a, Datum b, void *arg);


Int8Sort *
int8_sort_begin(int ncolumns, int kilobytes, bool across_transactions)
{
	Int8Sort   *sort = palloc0(sizeof(Int8Sort));

	Assert(ncolumns >= INT8_SORT_MIN_COLUMNS && ncolumns <= INT8_SORT_MAX_COLUMNS);
	sort->array.context = CurrentMemoryContext;
	sort->array.ncolumns = ncolumns;
	sort->across_transactions = across_transactions;
	/* Sorting the array needs as much memory again. */
	sort->limit = (size_t) Max(kilobytes, MIN_KILOBYTES) * 1024 / (sizeof(int64) * ncolumns) / 2;
	sort->limit = Min(sort->limit, INT8_ARRAY_MAX_TUPLES);
	sort->array.allocated = Min(INITIAL_TUPLES, sort->limit);
	sort->array.tuples = palloc(sizeof(int64) * ncolumns * sort->array.allocated);

	/* No transaction owns such files, so an error would not close them. */
	if (across_transactions)
	{
		sort->at_reset.func = close_files;
		sort->at_reset.arg = sort;
		MemoryContextRegisterResetCallback(CurrentMemoryContext, &sort->at_reset);
	}
	return sort;
}

void
int8_sort_put(Int8Sort *sort, const int64 *values)
{
	int64	   *tuple;

	if (sort->array.n == sort->array.allocated)
	{
		if (sort->array.allocated < sort->limit)
			grow_array(sort);
		else
			write_spill(sort);
	}
	if (sort->array.ncolumns == 1)
	{
		sort->array.tuples[sort->array.n++] = values[0];
		return;
	}
	tuple = sort->array.tuples + sort->array.n++ * sort->array.ncolumns;
	for (int i = 0; i < sort->array.ncolumns; i++)
		tuple[i] = values[i];
}

void
int8_sort_perform(Int8Sort *sort)
{
	if (sort->nspills == 0)
		int8_array_sort(&sort->array);
	else
	{
		if (sort->array.n > 0)
			write_spill(sort);
		pfree(sort->array.tuples);
		sort->array.tuples = NULL;
	}
	int8_sort_rewind(sort);
}

const int64 *
int8_sort_next(Int8Sort *sort)
{
	CHECK_FOR_INTERRUPTS();
	if (sort->nspills > 0)
		return next_merged(sort);
	if (sort->next == sort->array.n)
		return NULL;
	return sort->array.tuples + sort->next++ * sort->array.ncolumns;
}

void
int8_sort_rewind(Int8Sort *sort)
{
	sort->next = 0;
	if (sort->nspills > 0)
		begin_merge(sort);
}

void
int8_sort_end(Int8Sort *sort)
{
	for (int i = 0; i < sort->nspills; i++)
	{
		if (sort->spills[i].buffer)
			pfree(sort->spills[i].buffer);
	}
	close_files(sort);
	if (sort->spills)
		pfree(sort->spills);
	if (sort->heap)
		binaryheap_free(sort->heap);
	if (sort->array.tuples)
		pfree(sort->array.tuples);

	/* With a callback, the context refers to it. */
	if (!sort->across_transactions)
		pfree(sort);
}

static void
close_files(void *arg)
{
	Int8Sort   *sort = arg;

	while (sort->nspills > 0)
		BufFileClose(sort->spills[--sort->nspills].file);
}

static void
grow_array(Int8Sort *sort)
{
	sort->array.allocated = Min(sort->array.allocated + sort->array.allocated / 2, sort->limit);
	sort->array.tuples = repalloc_huge(sort->array.tuples,
									   sizeof(int64) * sort->array.ncolumns * sort->array.allocated);
}

/* Sorts the tuples in memory and writes them to a file. */
static void
write_spill(Int8Sort *sort)
{
	MemoryContext old = MemoryContextSwitchTo(sort->array.context);
	Spill	   *spill;

	int8_array_sort(&sort->array);

	if (sort->spills == NULL)
		sort->spills = palloc(sizeof(Spill));
	else
		sort->spills = repalloc(sort->spills, sizeof(Spill) * (sort->nspills + 1));
	spill = &sort->spills[sort->nspills];
	memset(spill, 0, sizeof(Spill));
	spill->file = BufFileCreateTemp(sort->across_transactions);
	spill->size = sort->array.n;
	sort->nspills++;

	for (size_t i = 0; i < sort->array.n; i += MERGE_TUPLES)
	{
		size_t		n = Min(MERGE_TUPLES, sort->array.n - i);

		CHECK_FOR_INTERRUPTS();
		BufFileWrite(spill->file, sort->array.tuples + i * sort->array.ncolumns,
					 sizeof(int64) * sort->array.ncolumns * n);
	}
	sort->array.n = 0;
	MemoryContextSwitchTo(old);
}

/* Rewinds every spill to its first tuple, and builds the heap. */
static void
begin_merge(Int8Sort *sort)
{
	MemoryContext old = MemoryContextSwitchTo(sort->array.context);

	if (sort->heap == NULL)
		sort->heap = binaryheap_allocate(sort->nspills, compare_spills, sort);
	binaryheap_reset(sort->heap);

	for (int i = 0; i < sort->nspills; i++)
	{
		Spill	   *spill = &sort->spills[i];

		if (spill->buffer == NULL)
			spill->buffer = palloc(sizeof(int64) * sort->array.ncolumns * MERGE_TUPLES);
		if (BufFileSeek(spill->file, 0, 0, SEEK_SET) != 0)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not rewind a temporary file of a sort: %m")));
		spill->fetched = 0;
		spill->nbuffered = spill->next = 0;
		if (advance_spill(sort, spill))
			binaryheap_add_unordered(sort->heap, PointerGetDatum(spill));
	}
	binaryheap_build(sort->heap);
	sort->started = false;
	MemoryContextSwitchTo(old);
}

static const int64 *
next_merged(Int8Sort *sort)
{
	binaryheap *heap = sort->heap;

	/* The tuple returned last had to stay in its buffer until now. */
	if (sort->started)
	{
		Spill	   *last = (Spill *) DatumGetPointer(binaryheap_first(heap));

		if (advance_spill(sort, last))
			binaryheap_replace_first(heap, PointerGetDatum(last));
		else
			(void) binaryheap_remove_first(heap);
	}
	sort->started = !binaryheap_empty(heap);
	if (!sort->started)
		return NULL;
	return spill_tuple(sort, (Spill *) DatumGetPointer(binaryheap_first(heap)));
}

/* Advances to a spill's next tuple; false at its end. */
static bool
advance_spill(Int8Sort *sort, Spill *spill)
{
	size_t		size;

	if (spill->next < spill->nbuffered)
		spill->next++;
	if (spill->next < spill->nbuffered)
		return true;
	if (spill->fetched == spill->size)
		return false;

	spill->nbuffered = Min(MERGE_TUPLES, spill->size - spill->fetched);
	spill->fetched += spill->nbuffered;
	spill->next = 0;
	size = sizeof(int64) * sort->array.ncolumns * spill->nbuffered;
	if (BufFileRead(spill->file, spill->buffer, size) != size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read a temporary file of a sort: %m")));
	return true;
}

static const int64 *
spill_tuple(const Int8Sort *sort, const Spill *spill)
{
	return spill->buffer + (size_t) spill->next * sort->array.ncolumns;
}

/* Reversed, because a binaryheap returns the greatest element first. */
static int
compare_spills(Datum a, Datum b, void *arg)
{
	const Int8Sort *sort = arg;

	return -int8_array_compare(spill_tuple(sort, (Spill *) DatumGetPointer(a)),
							   spill_tuple(sort, (Spill *) DatumGetPointer(b)),
							   sort->array.ncolumns);
}
