/*-------------------------------------------------------------------------
 *
 * source_arguments.h
 *	  Arguments of SQL functions that name the columns of a source.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_ARGUMENTS_H
#define MENUCA_SOURCE_ARGUMENTS_H

#include "fmgr.h"

#include "source/source_row.h"

/*
 * Reads four arguments, from that position (from 0) on: the names of the
 * source's columns id, dish, group and order.  Raises an error when that of
 * dish or group is NULL.
 */
extern SourceColumns source_row_columns(FunctionCallInfo fcinfo, int position);

/*
 * Reads two arguments, from that position on: the names of the columns of the
 * group's id and of the list, in a source of lists.  Raises an error when one is
 * NULL.
 */
extern SourceColumns source_list_columns(FunctionCallInfo fcinfo, int position);

#endif							/* MENUCA_SOURCE_ARGUMENTS_H */
