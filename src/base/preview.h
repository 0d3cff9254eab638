/*-------------------------------------------------------------------------
 *
 * preview.h
 *	  The dry run of a function, as a function of its own.
 *
 * A preview can be granted to who may only look, since it cannot write: it has
 * the other function's arguments without dry_run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PREVIEW_H
#define MENUCA_PREVIEW_H

#include "fmgr.h"

/*
 * Calls a function of this library, of the same schema, with dry_run => true
 * and the arguments of these names; those that the preview does not have get
 * their defaults.  function is its name in SQL and in C.  Returns its result,
 * and raises its errors, or one when it was dropped or has other types.
 */
extern Datum preview_call(FunctionCallInfo fcinfo, const char *function);

#endif							/* MENUCA_PREVIEW_H */
