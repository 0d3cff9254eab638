/*-------------------------------------------------------------------------
 *
 * next_ticket.h
 *	  The next call of the runbook.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEXT_TICKET_H
#define MENUCA_NEXT_TICKET_H

#include "advice/next_step.h"

/* The look at the ticket whose turn it is, in a registered environment. */
extern void next_ticket(NextStep *next);

#endif							/* MENUCA_NEXT_TICKET_H */
