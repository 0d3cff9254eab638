/*-------------------------------------------------------------------------
 *
 * apply_native.h
 *	  The native engine.
 *
 * The functions are as their namesakes in apply.h, called with a snapshot
 * active, as expressions and TOAST want it; rows come in any order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_APPLY_NATIVE_H
#define MENUCA_APPLY_NATIVE_H

#include "new_item.h"
#include "target.h"
#include "uuid_pool.h"

typedef struct NativeWriter NativeWriter;

extern char *native_obstacle(const Target *target);
extern NativeWriter *native_begin(const Target *target, bool rebuild_indexes,
								  UuidPool *uuid_pool, int kilobytes);
extern void native_reference(NativeWriter *writer, const int64 *groups,
							 int ngroups, const int64 *dishes, int ndishes);
extern void native_insert(NativeWriter *writer, const NewItem *items, int n,
						  KeyedRow *rows);
extern void native_end(NativeWriter *writer);

#endif							/* MENUCA_APPLY_NATIVE_H */
