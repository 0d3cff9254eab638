/*-------------------------------------------------------------------------
 *
 * ticket_rehearsals.h
 *	  A task of staging's validation: each way back was rehearsed, and is short enough.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_REHEARSALS_H
#define MENUCA_TICKET_REHEARSALS_H

#include "runbook/ticket_execution.h"

/*
 * FAIL if a way back took more than 15 minutes, WARN if one was never rehearsed.
 * Production's ticket reports nothing.
 */
extern void ticket_check_rehearsals(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_TICKET_REHEARSALS_H */
