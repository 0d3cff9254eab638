/*-------------------------------------------------------------------------
 *
 * native_writer.h
 *	  The native engine: writing items past the executor.
 *
 * The caller of each function has an active query snapshot, which expressions
 * and TOAST require.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NATIVE_WRITER_H
#define MENUCA_NATIVE_WRITER_H

#include "target/junction.h"
#include "write/new_item.h"
#include "write/uuid_pool.h"

typedef struct NativeWriter NativeWriter;

/*
 * The reason why the native engine cannot write to the target, as a clause; NULL
 * when it can.
 */
extern char *native_obstacle(const Target *target);

/*
 * False if the server's check of rights, to which a hook can add, refuses an INSERT:
 * then the executor raises its error.
 */
extern bool native_is_allowed(const Target *target);

/* The same as item_writer_begin(), for a target without an obstacle. */
extern NativeWriter *native_begin(const Target *target, bool rebuild_indexes,
								  UuidPool *uuid_pool, int kilobytes);

/* The same as item_writer_reference(). */
extern void native_reference(NativeWriter *writer, const int64 *groups,
							 int ngroups, const int64 *dishes, int ndishes);

/* The same as item_writer_insert(), but rows are filled in any order. */
extern void native_insert(NativeWriter *writer, const NewItem *items, int n,
						  KeyedRow *rows);

/* The same as item_writer_end(); the writer itself is freed with its context. */
extern void native_end(NativeWriter *writer);

#endif							/* MENUCA_NATIVE_WRITER_H */
