/*-------------------------------------------------------------------------
 *
 * window.h
 *	  The announced maintenance window.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WINDOW_H
#define MENUCA_WINDOW_H

#include "runbook/ticket_execution.h"

/*
 * A ticket's task: whether the clock is within the newest announced window, and what
 * ticket_check_window() says; outside is a WARN.  With none announced, the latter alone.
 */
extern void window_check(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_WINDOW_H */
