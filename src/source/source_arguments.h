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
 * Four arguments from that place on (counted from 0): the names of the
 * source's columns id, dish, group and order; the first and last may be NULL.
 */
extern SourceColumns source_row_columns(FunctionCallInfo fcinfo, int place);

/*
 * Two arguments from that place on: the names of the columns of a source of
 * lists, the group's id and the list.
 */
extern SourceColumns source_list_columns(FunctionCallInfo fcinfo, int place);

#endif							/* MENUCA_SOURCE_ARGUMENTS_H */
