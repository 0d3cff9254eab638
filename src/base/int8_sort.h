/*-------------------------------------------------------------------------
 *
 * int8_sort.h
 *	  Sorting fixed tuples of bigints, spilling to disk when they are many.
 *
 * This library sorts millions of small tuples of integers: pairs of ids, keys
 * with hashes.  The server's tuplesort would make a heap tuple of each and
 * compare them through function pointers; here they are side by side in one
 * array.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INT8_SORT_H
#define MENUCA_INT8_SORT_H

#define INT8_SORT_MIN_COLUMNS 1
#define INT8_SORT_MAX_COLUMNS 4

typedef struct Int8Sort Int8Sort;

/*
 * Begins a sort of tuples of ncolumns values, ascending by all of them, the
 * first one first.  It uses at most that many kilobytes of memory, but at least
 * 64.  With across_transactions its files outlive the transaction.  Allocated in
 * the current memory context; deleting that ends the sort, too.
 */
extern Int8Sort *int8_sort_begin(int ncolumns, int kilobytes,
								 bool across_transactions);

/* Adds a tuple of that many values.  Not after int8_sort_perform(). */
extern void int8_sort_put(Int8Sort *sort, const int64 *values);

/* Sorts the tuples; int8_sort_next() then returns the first one. */
extern void int8_sort_perform(Int8Sort *sort);

/* Returns the next tuple, valid until the next call; NULL at the end. */
extern const int64 *int8_sort_next(Int8Sort *sort);

/* Makes int8_sort_next() begin with the first tuple again. */
extern void int8_sort_rewind(Int8Sort *sort);

/* Frees the sort, with its memory and files. */
extern void int8_sort_end(Int8Sort *sort);

#endif							/* MENUCA_INT8_SORT_H */
