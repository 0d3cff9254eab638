/*-------------------------------------------------------------------------
 *
 * int8_sort.h
 *	  Sorting fixed tuples of bigints, spilling to disk when they are many.
 *
 * A thin face of the server's tuplesort for what this extension sorts:
 * pairs of ids, and keys with hashes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INT8_SORT_H
#define MENUCA_INT8_SORT_H

#define INT8_SORT_MAX_COLUMNS 4

typedef struct Int8Sort Int8Sort;

/*
 * Begins a sort of tuples of ncolumns values, ascending by the first nkeys
 * of them, in at most maintenance_work_mem of memory.
 */
extern Int8Sort *int8_sort_begin(int ncolumns, int nkeys);

/* Adds a tuple.  All are added before the first is read. */
extern void int8_sort_put(Int8Sort *sort, const int64 *values);

/* Sorts. */
extern void int8_sort_perform(Int8Sort *sort);

/* Reads the next tuple; false at the end. */
extern bool int8_sort_get(Int8Sort *sort, int64 *values);

/* Releases memory and files. */
extern void int8_sort_end(Int8Sort *sort);

#endif							/* MENUCA_INT8_SORT_H */
