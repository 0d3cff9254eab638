/*-------------------------------------------------------------------------
 *
 * int8_array.c
 *	  Sorting an array of fixed tuples of bigints: see int8_array.h.
 *
 * An array is sorted by its first column digit by digit (a radix sort, from
 * the least digit on): ids lie close together, so few digits differ, and the
 * processor mispredicts no comparison.  Tuples that are equal in it are then
 * sorted by comparing the other columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "base/int8_array.h"

/* One sort routine for each number of columns, with the comparison inlined. */
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

#define ST_SORT sort_tuples1
#define ST_ELEMENT_TYPE Tuple1
#define ST_COMPARE(a, b) int8_array_compare((a)->v, (b)->v, 1)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_tuples2
#define ST_ELEMENT_TYPE Tuple2
#define ST_COMPARE(a, b) int8_array_compare((a)->v, (b)->v, 2)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_tuples3
#define ST_ELEMENT_TYPE Tuple3
#define ST_COMPARE(a, b) int8_array_compare((a)->v, (b)->v, 3)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_tuples4
#define ST_ELEMENT_TYPE Tuple4
#define ST_COMPARE(a, b) int8_array_compare((a)->v, (b)->v, 4)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Bits of a digit: few passes, and the counts of its values fit a near cache. */
#define DIGIT_BITS 13
#define DIGIT_VALUES (1 << DIGIT_BITS)

/* For each value of a digit: its tuples, or the place of the next one. */
typedef uint32 DigitCounts[DIGIT_VALUES];

/* The most digits that a bigint has. */
#define MAX_DIGITS ((64 + DIGIT_BITS - 1) / DIGIT_BITS)

/*
 * Bits that tuples are sorted by, beyond those that their number needs: among
 * random keys, one in 256 then shares its bits with another.
 */
#define SPARE_BITS 8

/* Fewer tuples than this are sorted by comparison. */
#define MIN_RADIX_TUPLES 1024

static bool is_sorted(const Int8Array *array);
static void sort_by_comparison(int64 *tuples, size_t n, int ncolumns);
static int	find_digits(const int64 *tuples, size_t n, int ncolumns, int *shifts);
static int	sort_by_digits(Int8Array *array);
static void sort_equal_tuples(Int8Array *array, int bits);


void
int8_array_sort(Int8Array *array)
{
	int			bits;

	if (is_sorted(array))
		return;
	if (array->n < MIN_RADIX_TUPLES)
	{
		sort_by_comparison(array->tuples, array->n, array->ncolumns);
		return;
	}
	bits = sort_by_digits(array);
	if (array->ncolumns > 1)
		sort_equal_tuples(array, bits);
}

static bool
is_sorted(const Int8Array *array)
{
	int			ncolumns = array->ncolumns;

	for (size_t i = array->n; i > 1; i--)
	{
		const int64 *tuple = array->tuples + (i - 1) * ncolumns;

		if (int8_array_compare(tuple - ncolumns, tuple, ncolumns) > 0)
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

/* The first column as an unsigned number that sorts in the same order. */
static inline uint64
sort_key(const int64 *tuple)
{
	return (uint64) *tuple ^ (UINT64CONST(1) << 63);
}

/* The value of the digit that begins at a bit. */
static inline uint32
digit_of(const int64 *tuple, int shift)
{
	return (sort_key(tuple) >> shift) % DIGIT_VALUES;
}

/*
 * Counts how often each value of each digit occurs.  Neighbours often share a
 * digit, and counting one digit at a time would wait for the same counter again
 * and again, so the digits take turns.
 */
static pg_attribute_always_inline void
count_digits(const int64 *tuples, size_t n, int ncolumns, const int *shifts,
			 int ndigits, DigitCounts *counts)
{
	for (size_t i = 0; i < n; i++, tuples += ncolumns)
	{
		for (int digit = 0; digit < ndigits; digit++)
			counts[digit][digit_of(tuples, shifts[digit])]++;
	}
}

/* Turns the counts of a digit's values into the places where they begin. */
static void
sum_counts(DigitCounts counts)
{
	uint32		place = 0;

	for (int value = 0; value < DIGIT_VALUES; value++)
	{
		uint32		count = counts[value];

		counts[value] = place;
		place += count;
	}
}

/* Copies tuples in the order of one digit; equal ones keep their order. */
static pg_attribute_always_inline void
move_by_digit(const int64 *from, int64 *to, size_t n, int ncolumns, int shift,
			  DigitCounts places)
{
	for (size_t i = 0; i < n; i++, from += ncolumns)
	{
		int64	   *tuple = to + (size_t) places[digit_of(from, shift)]++ * ncolumns;

		for (int k = 0; k < ncolumns; k++)
			tuple[k] = from[k];
	}
}

/*
 * Finds the digits to sort by, the most significant first; each begins at the
 * next bit in which the first column differs at all.  With more columns, equal
 * tuples are sorted by comparison anyway, so it is enough to use the bits that
 * tell most tuples apart.  Returns the number of digits.
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
 * Sorts by the digits, the least significant first.  Returns the number of the
 * first column's low bits that tuples are not sorted by.
 */
static int
sort_by_digits(Int8Array *array)
{
	int			ncolumns = array->ncolumns;
	size_t		n = array->n;
	int64	   *from = array->tuples;
	int64	   *to = MemoryContextAllocHuge(array->context,
											sizeof(int64) * ncolumns * array->allocated);
	int			shifts[MAX_DIGITS];
	int			ndigits = find_digits(from, n, ncolumns, shifts);
	DigitCounts *counts = MemoryContextAllocZero(array->context, sizeof(DigitCounts) * ndigits);

	Assert(n <= INT8_ARRAY_MAX_TUPLES);
	count_digits(from, n, ncolumns, shifts, ndigits, counts);
	for (int digit = ndigits - 1; digit >= 0; digit--)
	{
		int			shift = shifts[digit];
		uint32	   *places = counts[digit];
		int64	   *swap = from;

		CHECK_FOR_INTERRUPTS();
		sum_counts(places);

		/* With a constant number of columns, the compiler unrolls the copy. */
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
	pfree(counts);
	pfree(to);
	array->tuples = from;
	return ndigits > 0 ? shifts[ndigits - 1] : 0;
}

/*
 * Sorts tuples whose first columns are equal, except for that many low bits, by
 * those bits and the other columns.
 */
static void
sort_equal_tuples(Int8Array *array, int bits)
{
	int			ncolumns = array->ncolumns;
	size_t		end;

	for (size_t start = 0; start < array->n; start = end)
	{
		int64	   *tuples = array->tuples + start * ncolumns;
		uint64		prefix = sort_key(tuples) >> bits;

		for (end = start + 1; end < array->n; end++)
		{
			if (sort_key(array->tuples + end * ncolumns) >> bits != prefix)
				break;
		}
		if (end - start > 1)
			sort_by_comparison(tuples, end - start, ncolumns);
	}
}
