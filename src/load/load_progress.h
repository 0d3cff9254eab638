/*-------------------------------------------------------------------------
 *
 * load_progress.h
 *	  How much of the dump has been read, for pg_stat_progress_copy.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_PROGRESS_H
#define MENUCA_LOAD_PROGRESS_H

#include "load/load_state.h"

/*
 * Begins to show the bytes that are read, out of bytes (0: not known); until COPY
 * begins, without a table.  read and input are the dump.
 */
extern void load_progress_begin(Load *load, MysqldumpReadFn read, void *input, uint64 bytes);

/* Reads from the dump, for mysqldump_open(); arg is the load. */
extern size_t load_progress_read(void *arg, char *buf, size_t len);

/* Ends it, since COPY shows itself from now on. */
extern void load_progress_end(Load *load);

/*
 * Has COPY, which has begun and is about to get n bytes of its own format, show
 * the bytes of the dump instead of these.
 */
extern void load_progress_give(Load *load, int n);

#endif							/* MENUCA_LOAD_PROGRESS_H */
