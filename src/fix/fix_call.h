/*-------------------------------------------------------------------------
 *
 * fix_call.h
 *	  The calls that a fix proposes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_CALL_H
#define MENUCA_FIX_CALL_H

#include "fix/fix_state.h"

/*
 * The statement that begins a run with the same options, even if this one was
 * resumed; in the current memory context.  The fix has a target and source.
 */
extern char *fix_call_new_run(const Fix *fix);

/* The call to make after this one, for the column next_step of its result. */
extern char *fix_call_next(const Fix *fix, bool dry_run);

/* True if a real run would insert items or steps. */
extern bool fix_call_has_work(const Fix *fix);

#endif							/* MENUCA_FIX_CALL_H */
