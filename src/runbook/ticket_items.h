/*-------------------------------------------------------------------------
 *
 * ticket_items.h
 *	  The items that lists say, where V1's rows mean something else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_ITEMS_H
#define MENUCA_TICKET_ITEMS_H

#include "runbook/ticket_execution.h"

/*
 * Reports, for the lists of V1 and those of V2, whether all items are there that
 * they say, and whether the fix's gates let them pass: the validation of a ticket is
 * of its target, which is another table then.  Nothing is reported where the target
 * is combo_items.
 */
extern void ticket_report_items(TicketExecution *execution);

#endif							/* MENUCA_TICKET_ITEMS_H */
