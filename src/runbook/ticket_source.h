/*-------------------------------------------------------------------------
 *
 * ticket_source.h
 *	  The staged tables that a ticket's fix reads.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_SOURCE_H
#define MENUCA_TICKET_SOURCE_H

#include "runbook/ticket_execution.h"

/*
 * V1's staged rows, by option source or the setting menuca.source_table;
 * InvalidOid if the table does not exist.
 */
extern Oid	ticket_source_find(const TicketExecution *execution);

/*
 * The staged lists of a part, FIX_LISTS or FIX_V2, by its option or its setting.
 * InvalidOid if the table does not exist, is empty, or is no part of this ticket: the
 * option is null, or V1's rows are the items.  Raises an error if the caller may not
 * read it.
 */
extern Oid	ticket_source_find_lists(const TicketExecution *execution, FixPart part);

/* True if the target of V1's rows is another table than that of the items. */
extern bool ticket_source_is_of_products(const TicketExecution *execution);

/* True if V1's menu is staged (setting menuca.menu_table). */
extern bool ticket_source_has_menu(void);

/* Each fills the finding: see ticket_list.h. */
extern void ticket_check_source(TicketExecution *execution, Finding *finding);
extern void ticket_check_lists_source(TicketExecution *execution, Finding *finding);
extern void ticket_check_v2_source(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_TICKET_SOURCE_H */
