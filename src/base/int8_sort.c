/*-------------------------------------------------------------------------
 *
 * int8_sort.c
 *	  Sorting fixed tuples of bigints: see int8_sort.h.
 *
 * Tuples fill an array.  When that has reached the limit it is sorted and
 * written to a temporary file as a run, and the array is filled anew; in the
 * end the runs are merged.  When all of them fit, there is no run at all.
 *
 * An array is sorted by its first column digit by digit (a radix sort, from
 * the least digit on): ids lie close together, so few digits differ, and no
 * comparison is mispredicted.  Equal ones are then sorted by the others.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/buffile.h"
#include "utils/memutils.h"

#include "base/int8_sort.h"

/* One sort routine for each width, with the comparison inlined. */
typedef struct Tuple1
{
	int64		v[1];
} Tuple1;

typedef struct Tuple2
{
	int64		v[2];
} Tuple2;

typedef struct Tuple3
{
	int64		v[3];
} Tuple3;

typedef struct Tuple4
{
	int64		v[4];
} Tuple4;

static inline int
compare_values(const int64 *a, const int64 *b, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

#define ST_SORT sort_tuples1
#define ST_ELEMENT_TYPE Tuple1
#define ST_COMPARE(a, b) compare_values((a)->v, (b)->v, 1)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_tuples2
#define ST_ELEMENT_TYPE Tuple2
#define ST_COMPARE(a, b) compare_values((a)->v, (b)->v, 2)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_tuples3
#define ST_ELEMENT_TYPE Tuple3
#define ST_COMPARE(a, b) compare_values((a)->v, (b)->v, 3)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_tuples4
#define ST_ELEMENT_TYPE Tuple4
#define ST_COMPARE(a, b) compare_values((a)->v, (b)->v, 4)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Tuples allocated at first; the array grows by half as it fills. */
#define INITIAL_TUPLES 1024

/* Bits of a digit: more of them, fewer passes; its counts stay in a near cache. */
#define DIGIT_BITS 13
#define DIGIT_VALUES (1 << DIGIT_BITS)

/* Digits of a bigint, at most. */
#define MAX_DIGITS ((64 + DIGIT_BITS - 1) / DIGIT_BITS)

/*
 * Bits that tuples are sorted by beyond those that number them: of keys at
 * random, one in 256 then shares them with another.
 */
#define SPARE_BITS 8

/* Fewer tuples are sorted by comparison at once. */
#define MIN_RADIX_TUPLES 1024

/* Less memory than this is not worth a file: 64 kB, as work_mem's minimum. */
#define MIN_KILOBYTES 64

/* Tuples of a run that are read at once while runs are merged. */
#define MERGE_TUPLES 512

/* A sorted part of the tuples in a file. */
typedef struct Run
{
	BufFile    *file;
	size_t		size;			/* tuples in the file */
	size_t		fetched;		/* of these, read into the buffer so far */
	int64	   *buffer;
	int			nbuffered;
	int			next;			/* in the buffer */
} Run;

struct Int8Sort
{
	MemoryContext context;
	int			ncolumns;
	bool		across_transactions;
	MemoryContextCallback at_reset; /* when across transactions */
	size_t		limit;			/* tuples in memory at most */
	size_t		allocated;
	size_t		n;				/* in memory */
	int64	   *tuples;
	size_t		next;			/* to be returned */
	int			nruns;
	Run		   *runs;
	binaryheap *heap;			/* runs by their next tuple */
	bool		started;		/* the heap's first run was returned from */
};

static void close_files(void *arg);
static void grow(Int8Sort *sort);
static void sort_in_memory(Int8Sort *sort);
static bool is_sorted(const Int8Sort *sort);
static void sort_by_comparison(int64 *tuples, size_t n, int ncolumns);
static int	find_digits(const int64 *tuples, size_t n, int ncolumns, int *shifts);
static int	sort_by_digits(Int8Sort *sort);
static void sort_equal_ones(Int8Sort *sort, int bits);
static void write_run(Int8Sort *sort);
static void begin_merge(Int8Sort *sort);
static const int64 *next_merged(Int8Sort *sort);
static bool run_advance(Int8Sort *sort, Run *run);
static const int64 *run_tuple(const Int8Sort *sort, const Run *run);
static int	compare_runs(Datum a, Datum b, void *arg);


Int8Sort *
int8_sort_begin(int ncolumns, int kilobytes, bool across_transactions)
{
	Int8Sort   *sort = palloc0(sizeof(Int8Sort));

	Assert(ncolumns >= INT8_SORT_MIN_COLUMNS && ncolumns <= INT8_SORT_MAX_COLUMNS);
	sort->context = CurrentMemoryContext;
	sort->ncolumns = ncolumns;
	sort->across_transactions = across_transactions;
	/* As much again is needed while the array is being sorted. */
	sort->limit = (size_t) Max(kilobytes, MIN_KILOBYTES) * 1024 / (sizeof(int64) * ncolumns) / 2;
	sort->allocated = Min(INITIAL_TUPLES, sort->limit);
	sort->tuples = palloc(sizeof(int64) * ncolumns * sort->allocated);

	/* Such files belong to no transaction, so an error would not close them. */
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

	if (sort->n == sort->allocated)
	{
		if (sort->allocated < sort->limit)
			grow(sort);
		else
			write_run(sort);
	}
	tuple = sort->tuples + sort->n++ * sort->ncolumns;
	for (int i = 0; i < sort->ncolumns; i++)
		tuple[i] = values[i];
}

void
int8_sort_perform(Int8Sort *sort)
{
	if (sort->nruns == 0)
		sort_in_memory(sort);
	else
	{
		if (sort->n > 0)
			write_run(sort);
		pfree(sort->tuples);
		sort->tuples = NULL;
	}
	int8_sort_rewind(sort);
}

const int64 *
int8_sort_next(Int8Sort *sort)
{
	CHECK_FOR_INTERRUPTS();
	if (sort->nruns > 0)
		return next_merged(sort);
	if (sort->next == sort->n)
		return NULL;
	return sort->tuples + sort->next++ * sort->ncolumns;
}

void
int8_sort_rewind(Int8Sort *sort)
{
	sort->next = 0;
	if (sort->nruns > 0)
		begin_merge(sort);
}

void
int8_sort_end(Int8Sort *sort)
{
	for (int i = 0; i < sort->nruns; i++)
	{
		if (sort->runs[i].buffer)
			pfree(sort->runs[i].buffer);
	}
	close_files(sort);
	if (sort->runs)
		pfree(sort->runs);
	if (sort->heap)
		binaryheap_free(sort->heap);
	if (sort->tuples)
		pfree(sort->tuples);

	/* The context knows a callback in it. */
	if (!sort->across_transactions)
		pfree(sort);
}

static void
close_files(void *arg)
{
	Int8Sort   *sort = arg;

	while (sort->nruns > 0)
		BufFileClose(sort->runs[--sort->nruns].file);
}

static void
grow(Int8Sort *sort)
{
	sort->allocated = Min(sort->allocated + sort->allocated / 2, sort->limit);
	sort->tuples = repalloc_huge(sort->tuples,
								 sizeof(int64) * sort->ncolumns * sort->allocated);
}

static void
sort_in_memory(Int8Sort *sort)
{
	int			bits;

	if (is_sorted(sort))
		return;
	if (sort->n < MIN_RADIX_TUPLES)
	{
		sort_by_comparison(sort->tuples, sort->n, sort->ncolumns);
		return;
	}
	bits = sort_by_digits(sort);
	if (sort->ncolumns > 1)
		sort_equal_ones(sort, bits);
}

static bool
is_sorted(const Int8Sort *sort)
{
	int			ncolumns = sort->ncolumns;

	for (size_t i = sort->n; i > 1; i--)
	{
		const int64 *tuple = sort->tuples + (i - 1) * ncolumns;

		if (compare_values(tuple - ncolumns, tuple, ncolumns) > 0)
			return false;
	}
	return true;
}

static void
sort_by_comparison(int64 *tuples, size_t n, int ncolumns)
{
	switch (ncolumns)
	{
		case 1:
			sort_tuples1((Tuple1 *) tuples, n);
			break;
		case 2:
			sort_tuples2((Tuple2 *) tuples, n);
			break;
		case 3:
			sort_tuples3((Tuple3 *) tuples, n);
			break;
		case 4:
			sort_tuples4((Tuple4 *) tuples, n);
			break;
	}
}

/* The first column as an unsigned number of the same order. */
static inline uint64
sort_key(const int64 *tuple)
{
	return (uint64) *tuple ^ (UINT64CONST(1) << 63);
}

/* Moves tuples to their places by one digit, keeping the order of equal ones. */
static pg_attribute_always_inline void
move_by_digit(const int64 *from, int64 *to, size_t n, int ncolumns, int shift,
			  size_t *places)
{
	for (size_t i = 0; i < n; i++, from += ncolumns)
	{
		int64	   *tuple = to + places[(sort_key(from) >> shift) % DIGIT_VALUES]++ * ncolumns;

		for (int k = 0; k < ncolumns; k++)
			tuple[k] = from[k];
	}
}

/*
 * Finds the digits to sort by, the most significant first: each ends at the
 * next bit by which the first column differs at all.  Where equal ones are
 * sorted by other columns anyway, so many bits will do that few tuples are
 * equal in all of them.  Returns how many digits.
 */
static int
find_digits(const int64 *tuples, size_t n, int ncolumns, int *shifts)
{
	int			enough = ncolumns == 1 ? 64 : pg_leftmost_one_pos64(n) + SPARE_BITS;
	uint64		differing = 0;
	int			ndigits = 0;

	for (size_t i = 0; i < n; i++)
		differing |= sort_key(tuples) ^ sort_key(tuples + i * ncolumns);
	while (differing != 0 && ndigits * DIGIT_BITS < enough)
	{
		int			shift = Max(pg_leftmost_one_pos64(differing) + 1 - DIGIT_BITS, 0);

		differing &= (UINT64CONST(1) << shift) - 1;
		shifts[ndigits++] = shift;
	}
	return ndigits;
}

/*
 * Sorts by the digits, the least significant first.  Returns the bits of the
 * first column below them, by which tuples are not sorted.
 */
static int
sort_by_digits(Int8Sort *sort)
{
	int			ncolumns = sort->ncolumns;
	size_t		n = sort->n;
	int64	   *from = sort->tuples;
	int64	   *to = MemoryContextAllocHuge(sort->context,
											sizeof(int64) * ncolumns * sort->allocated);
	size_t		places[DIGIT_VALUES];
	int			shifts[MAX_DIGITS];
	int			ndigits = find_digits(from, n, ncolumns, shifts);

	for (int digit = ndigits - 1; digit >= 0; digit--)
	{
		int			shift = shifts[digit];
		size_t		place = 0;
		int64	   *swap = from;

		CHECK_FOR_INTERRUPTS();
		memset(places, 0, sizeof(places));
		for (size_t i = 0; i < n; i++)
			places[(sort_key(from + i * ncolumns) >> shift) % DIGIT_VALUES]++;
		for (int value = 0; value < DIGIT_VALUES; value++)
		{
			size_t		count = places[value];

			places[value] = place;
			place += count;
		}

		/* With a constant width, the compiler makes each one fast. */
		switch (ncolumns)
		{
			case 1:
				move_by_digit(from, to, n, 1, shift, places);
				break;
			case 2:
				move_by_digit(from, to, n, 2, shift, places);
				break;
			case 3:
				move_by_digit(from, to, n, 3, shift, places);
				break;
			default:
				move_by_digit(from, to, n, ncolumns, shift, places);
		}
		from = to;
		to = swap;
	}
	pfree(to);
	sort->tuples = from;
	return ndigits > 0 ? shifts[ndigits - 1] : 0;
}

/*
 * Sorts tuples whose first columns are equal, but for so many bits, by those
 * and the other columns.
 */
static void
sort_equal_ones(Int8Sort *sort, int bits)
{
	int			ncolumns = sort->ncolumns;
	size_t		end;

	for (size_t start = 0; start < sort->n; start = end)
	{
		int64	   *tuples = sort->tuples + start * ncolumns;
		uint64		prefix = sort_key(tuples) >> bits;

		for (end = start + 1; end < sort->n; end++)
		{
			if (sort_key(sort->tuples + end * ncolumns) >> bits != prefix)
				break;
		}
		if (end - start > 1)
			sort_by_comparison(tuples, end - start, ncolumns);
	}
}

/* Sorts what is in memory and writes it to a file. */
static void
write_run(Int8Sort *sort)
{
	MemoryContext old = MemoryContextSwitchTo(sort->context);
	Run		   *run;

	sort_in_memory(sort);

	if (sort->runs == NULL)
		sort->runs = palloc(sizeof(Run));
	else
		sort->runs = repalloc(sort->runs, sizeof(Run) * (sort->nruns + 1));
	run = &sort->runs[sort->nruns];
	memset(run, 0, sizeof(Run));
	run->file = BufFileCreateTemp(sort->across_transactions);
	run->size = sort->n;
	sort->nruns++;

	for (size_t i = 0; i < sort->n; i += MERGE_TUPLES)
	{
		size_t		n = Min(MERGE_TUPLES, sort->n - i);

		CHECK_FOR_INTERRUPTS();
		BufFileWrite(run->file, sort->tuples + i * sort->ncolumns,
					 sizeof(int64) * sort->ncolumns * n);
	}
	sort->n = 0;
	MemoryContextSwitchTo(old);
}

/* Puts every run at its first tuple, and the runs into a heap. */
static void
begin_merge(Int8Sort *sort)
{
	MemoryContext old = MemoryContextSwitchTo(sort->context);

	if (sort->heap == NULL)
		sort->heap = binaryheap_allocate(sort->nruns, compare_runs, sort);
	binaryheap_reset(sort->heap);

	for (int i = 0; i < sort->nruns; i++)
	{
		Run		   *run = &sort->runs[i];

		if (run->buffer == NULL)
			run->buffer = palloc(sizeof(int64) * sort->ncolumns * MERGE_TUPLES);
		if (BufFileSeek(run->file, 0, 0, SEEK_SET) != 0)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not rewind a temporary file of a sort: %m")));
		run->fetched = 0;
		run->nbuffered = run->next = 0;
		if (run_advance(sort, run))
			binaryheap_add_unordered(sort->heap, PointerGetDatum(run));
	}
	binaryheap_build(sort->heap);
	sort->started = false;
	MemoryContextSwitchTo(old);
}

static const int64 *
next_merged(Int8Sort *sort)
{
	binaryheap *heap = sort->heap;

	/* The tuple returned last stays where it is until now. */
	if (sort->started)
	{
		Run		   *last = (Run *) DatumGetPointer(binaryheap_first(heap));

		if (run_advance(sort, last))
			binaryheap_replace_first(heap, PointerGetDatum(last));
		else
			(void) binaryheap_remove_first(heap);
	}
	sort->started = !binaryheap_empty(heap);
	if (!sort->started)
		return NULL;
	return run_tuple(sort, (Run *) DatumGetPointer(binaryheap_first(heap)));
}

/* Goes to a run's next tuple; false at its end. */
static bool
run_advance(Int8Sort *sort, Run *run)
{
	size_t		size;

	if (run->next < run->nbuffered)
		run->next++;
	if (run->next < run->nbuffered)
		return true;
	if (run->fetched == run->size)
		return false;

	run->nbuffered = Min(MERGE_TUPLES, run->size - run->fetched);
	run->fetched += run->nbuffered;
	run->next = 0;
	size = sizeof(int64) * sort->ncolumns * run->nbuffered;
	if (BufFileRead(run->file, run->buffer, size) != size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read a temporary file of a sort: %m")));
	return true;
}

static const int64 *
run_tuple(const Int8Sort *sort, const Run *run)
{
	return run->buffer + (size_t) run->next * sort->ncolumns;
}

/* A binaryheap has the greatest on top; the least tuple is wanted there. */
static int
compare_runs(Datum a, Datum b, void *arg)
{
	const Int8Sort *sort = arg;

	return -compare_values(run_tuple(sort, (Run *) DatumGetPointer(a)),
						   run_tuple(sort, (Run *) DatumGetPointer(b)),
						   sort->ncolumns);
}
