/*-------------------------------------------------------------------------
 *
 * ticket_call.h
 *	  The next real call of a ticket, with the options that it needs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_CALL_H
#define MENUCA_TICKET_CALL_H

#include "ledger/environment.h"

/* The statement that executes a ticket of an environment. */
extern char *ticket_call(const Environment *environment, int no);

/*
 * The options of that statement, as text of a jsonb object; NULL if nobody has given
 * any.  A validation has those of the fix that it validates, another ticket those of its
 * newest execution here, production's fix before that those of staging's.  A fix that
 * nobody has begun writes to the table that was decided for.
 */
extern char *ticket_call_options(const Environment *environment, int no);

/* Options as the next argument of a call, with the comma before it; "" for none. */
extern const char *ticket_call_argument(const char *options);

/* The value of one of these options; NULL if it is not among them, or options is NULL. */
extern char *ticket_call_option(const char *options, const char *name);

/*
 * The table that was decided for most recently; NULL when nobody has decided, or the
 * caller may not read menuca_decision.
 */
extern char *ticket_call_decided_target(void);

#endif							/* MENUCA_TICKET_CALL_H */
