/*-------------------------------------------------------------------------
 *
 * ticket_list.h
 *	  The eleven tickets of the runbook, each a list of tasks.
 *
 * A task checks something, or does it, and reports what it found.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_LIST_H
#define MENUCA_TICKET_LIST_H

#include "runbook/ticket_run.h"
#include "runbook/ticket_state.h"

/*
 * A task that acts is omitted in a dry run, and when a task before it failed.
 * What a gate refuses is let through when the run is forced; what is found out
 * about the data never is.
 */
typedef enum TicketTaskKind
{
	TASK_LOOKS,
	TASK_ACTS,
	TASK_GATE
} TicketTaskKind;

/* A task fills a finding, or reports several by itself when it has no title. */
typedef struct TicketTask
{
	const char *name;
	const char *title;			/* NULL: it reports by itself */
	void		(*run) (TicketRun *run, Finding *finding);
	TicketTaskKind kind;
} TicketTask;

typedef struct Ticket
{
	const char *title;
	const TicketTask *tasks;	/* ends with a NULL name */
} Ticket;

/* By number. */
extern const Ticket ticket_list[TICKET_COUNT];

#endif							/* MENUCA_TICKET_LIST_H */
