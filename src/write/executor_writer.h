/*-------------------------------------------------------------------------
 *
 * executor_writer.h
 *	  The executor's engine: writing items by an INSERT.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXECUTOR_WRITER_H
#define MENUCA_EXECUTOR_WRITER_H

#include "target/junction.h"
#include "write/new_item.h"

/* The same as item_writer_insert(), but rows are filled in any order. */
extern void executor_insert(const Target *target, const NewItem *items, int n,
							KeyedRow *rows);

#endif							/* MENUCA_EXECUTOR_WRITER_H */
