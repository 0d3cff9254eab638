/*-------------------------------------------------------------------------
 *
 * rollback_advice.h
 *	  When to roll back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLBACK_ADVICE_H
#define MENUCA_ROLLBACK_ADVICE_H

#include "runbook/ticket_execution.h"

/*
 * A task of staging's validation: each way back was rehearsed, in at most 15 minutes.
 * Production's reports nothing.
 */
extern void rollback_report_rehearsals(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_ROLLBACK_ADVICE_H */
