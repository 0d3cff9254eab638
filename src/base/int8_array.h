/*-------------------------------------------------------------------------
 *
 * int8_array.h
 *	  Sorting an array of fixed tuples of bigints, in memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INT8_ARRAY_H
#define MENUCA_INT8_ARRAY_H

/* A sort counts tuples in 32 bits, which fit a near cache. */
#define INT8_ARRAY_MAX_TUPLES ((size_t) PG_UINT32_MAX)

/* n tuples of ncolumns (1 to 4) bigints each, side by side. */
typedef struct Int8Array
{
	MemoryContext context;		/* of the tuples */
	int			ncolumns;
	size_t		allocated;		/* tuples that there is memory for */
	size_t		n;
	int64	   *tuples;
} Int8Array;

/*
 * Sorts at most INT8_ARRAY_MAX_TUPLES, ascending by all columns, the first one first.  Needs as
 * much memory again meanwhile, and may move the tuples to it.
 */
extern void int8_array_sort(Int8Array *array);

/* Compares two tuples of ncolumns values: negative, 0 or positive. */
static inline int
int8_array_compare(const int64 *a, const int64 *b, int ncolumns)
{
	for (int i = 0; i < ncolumns; i++)
	{
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

#endif							/* MENUCA_INT8_ARRAY_H */
