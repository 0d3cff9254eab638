/*-------------------------------------------------------------------------
 *
 * own_function.h
 *	  Whether the current role may call a function of the extension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OWN_FUNCTION_H
#define MENUCA_OWN_FUNCTION_H

/*
 * True if the current role may call every function of that name of menuca_migrate in
 * a statement of its own; false where there is none.
 */
extern bool own_function_may_call(const char *name);

#endif							/* MENUCA_OWN_FUNCTION_H */
