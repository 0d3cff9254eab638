/*-------------------------------------------------------------------------
 *
 * apply_executor.h
 *	  The executor's engine: an INSERT.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_APPLY_EXECUTOR_H
#define MENUCA_APPLY_EXECUTOR_H

#include "new_item.h"
#include "target.h"

/* As apply_insert(), but rows come in any order. */
extern void executor_insert(const Target *target, const NewItem *items, int n,
							KeyedRow *rows);

#endif							/* MENUCA_APPLY_EXECUTOR_H */
