/*-------------------------------------------------------------------------
 *
 * ticket_state.h
 *	  Where a ticket of the runbook is: whose it is, how it ended, who decided.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_STATE_H
#define MENUCA_TICKET_STATE_H

#include "ledger/environment.h"

#define TICKET_COUNT 11

/* The first ticket of production; those before are staging's. */
#define FIRST_PRODUCTION_TICKET 6

/* "00" to "10". */
extern char *ticket_number(int no);

/* True if the environment runs the ticket; the pre-flight is everybody's. */
extern bool ticket_is_here(const Environment *environment, int no);

/*
 * How the newest run of a ticket in an environment ended: COMPLETE, FAILED or
 * IN_PROGRESS.  PENDING when there was none, and for a validation when
 * something was changed after it.
 */
extern char *ticket_status(const Environment *environment, int no);

/* The last decision on a ticket that was signed here, GO or NO-GO; or NULL. */
extern char *ticket_decision(const Environment *environment, int no);

#endif							/* MENUCA_TICKET_STATE_H */
