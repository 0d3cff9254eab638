/*-------------------------------------------------------------------------
 *
 * fix_call.h
 *	  The call that carries out what a dry run has shown.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_CALL_H
#define MENUCA_FIX_CALL_H

#include "fix/fix_state.h"

/*
 * The statement that runs the fix for real: with the extension's schema and the
 * same options, in the current memory context.  The fix has a target and source.
 */
extern char *fix_call_for_real(const Fix *fix);

#endif							/* MENUCA_FIX_CALL_H */
