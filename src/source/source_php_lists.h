/*-------------------------------------------------------------------------
 *
 * source_php_lists.h
 *	  A source whose rows hold a group and its dishes in PHP's format: V1's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_PHP_LISTS_H
#define MENUCA_SOURCE_PHP_LISTS_H

#include "source/source_row.h"

/*
 * Calls fn for each dish of each list, which PHP's serialize() wrote: 756 or
 * "756", or "756.2", which is dish 756 with order 2.  Without that, the order is
 * the key in the list.  NULL, an empty blob, an empty list and null give no row;
 * any other value gives a row without a dish.  Returns the number of rows.
 * Raises an error for a list that cannot be read.
 */
extern uint64 source_php_lists_read(const Source *source, SourceRowFn fn, void *arg);

#endif							/* MENUCA_SOURCE_PHP_LISTS_H */
