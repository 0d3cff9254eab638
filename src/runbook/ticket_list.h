/*-------------------------------------------------------------------------
 *
 * ticket_list.h
 *	  The eleven tickets of the runbook, each a list of tasks.
 *
 * A task checks something or changes something, and reports findings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_LIST_H
#define MENUCA_TICKET_LIST_H

#include "runbook/ticket_execution.h"

/*
 * An action is skipped in a dry run, and after a task that failed.  Force
 * overrides a gate, but never a check of the data.
 */
typedef enum TicketTaskKind
{
	TASK_CHECK,
	TASK_ACTION,
	TASK_GATE
} TicketTaskKind;

/*
 * A task with a title fills one finding, which the caller reports; a task
 * without one reports its findings itself.
 */
typedef struct TicketTask
{
	const char *name;
	const char *title;			/* NULL: the task reports its findings */
	void		(*execute) (TicketExecution *execution, Finding *finding);
	TicketTaskKind kind;
} TicketTask;

typedef struct Ticket
{
	const char *title;
	const TicketTask *tasks;	/* ends with a NULL name */
} Ticket;

/* All tickets; the index is the ticket's number. */
extern const Ticket ticket_list[TICKET_COUNT];

/* The tasks of a ticket in that environment; the last one has a NULL name. */
extern const TicketTask *ticket_tasks(const Environment *environment, int no);

/* The title of a ticket whose number comes from a table, where it may be any. */
extern const char *ticket_title(int64 no);

#endif							/* MENUCA_TICKET_LIST_H */
