/*-------------------------------------------------------------------------
 *
 * int8_sort.h
 *	  Sorting fixed tuples of bigints, spilling to disk when they are many.
 *
 * What this extension sorts are millions of small tuples of integers: pairs
 * of ids, keys with hashes.  The server's tuplesort would make a heap tuple
 * of each and compare them through function pointers; here they lie side by
 * side in one array.
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
 * first one first, in at most so many kilobytes of memory (and not less than
 * 64).  With across_transactions its files outlive the transaction.  Allocated
 * in the current memory context, with which it ends at the latest.
 */
extern Int8Sort *int8_sort_begin(int ncolumns, int kilobytes,
								 bool across_transactions);

/* Adds a tuple.  All are added before the first is read. */
extern void int8_sort_put(Int8Sort *sort, const int64 *values);

/* Sorts, and stands before the first tuple. */
extern void int8_sort_perform(Int8Sort *sort);

/* Returns the next tuple, valid until the next call, or NULL at the end. */
extern const int64 *int8_sort_next(Int8Sort *sort);

/* Goes back before the first tuple. */
extern void int8_sort_rewind(Int8Sort *sort);

/* Releases memory and files. */
extern void int8_sort_end(Int8Sort *sort);

#endif							/* MENUCA_INT8_SORT_H */
