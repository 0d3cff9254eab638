/*-------------------------------------------------------------------------
 *
 * announcement_facts.h
 *	  What the database knows of a ticket, as lines of an announcement.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ANNOUNCEMENT_FACTS_H
#define MENUCA_ANNOUNCEMENT_FACTS_H

#include "lib/stringinfo.h"

#include "ledger/environment.h"

/* True if what the ticket's newest execution has changed is undone, or a part of it. */
extern bool announcement_is_rolled_back(const Environment *environment, int no);

/* The groups and rows of now, and the orphan rate, of a ticket that is about them. */
extern void announcement_write_counts(StringInfo text, const Environment *environment, int no);

/* The newest execution's checks and duration, its runs with rates before and after, and the review. */
extern void announcement_write_execution(StringInfo text, const Environment *environment, int no);

/* The first checks that failed, and what people found. */
extern void announcement_write_failures(StringInfo text, const Environment *environment, int no);

/* Its execution, backup and runs, with the calls that roll these back. */
extern void announcement_write_context(StringInfo text, const Environment *environment, int no);

#endif							/* MENUCA_ANNOUNCEMENT_FACTS_H */
