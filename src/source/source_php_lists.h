/*-------------------------------------------------------------------------
 *
 * source_php_lists.h
 *	  A source whose rows hold a group and the list of its dishes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_PHP_LISTS_H
#define MENUCA_SOURCE_PHP_LISTS_H

#include "source/source_row.h"

/*
 * Hands out a row for each dish of each list, which PHP's serialize() wrote:
 * dish 756 as a number or a string; "756.2" is dish 756 at position 2.
 * Without such a position, that is the key in the list.  NULL, an empty blob,
 * an empty list and null are no rows; what is no dish has none.  Returns the
 * number of rows.  Raises an error on a list that cannot be read.
 */
extern uint64 source_php_lists_read(const Source *source, SourceRowFn fn, void *arg);

#endif							/* MENUCA_SOURCE_PHP_LISTS_H */
