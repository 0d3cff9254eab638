/*-------------------------------------------------------------------------
 *
 * native_writer.h
 *	  The native engine.
 *
 * The functions are as their namesakes in item_writer.h, called with a snapshot
 * active, as expressions and TOAST want it; rows come in any order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NATIVE_WRITER_H
#define MENUCA_NATIVE_WRITER_H

#include "target/junction.h"
#include "write/new_item.h"
#include "write/uuid_pool.h"

typedef struct NativeWriter NativeWriter;

extern char *native_obstacle(const Target *target);
extern NativeWriter *native_begin(const Target *target, bool rebuild_indexes,
								  UuidPool *uuid_pool, int kilobytes);
extern void native_reference(NativeWriter *writer, const int64 *groups,
							 int ngroups, const int64 *dishes, int ndishes);
extern void native_insert(NativeWriter *writer, const NewItem *items, int n,
						  KeyedRow *rows);
extern void native_end(NativeWriter *writer);

#endif							/* MENUCA_NATIVE_WRITER_H */
