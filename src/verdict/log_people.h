/*-------------------------------------------------------------------------
 *
 * log_people.h
 *	  What people did and said, in the execution log.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOG_PEOPLE_H
#define MENUCA_LOG_PEOPLE_H

#include "lib/stringinfo.h"

#include "ledger/environment.h"

/* Writes the checklist, the reviews of samples and the issues; of each only what there is. */
extern void log_write_people(StringInfo log, const Environment *environment);

#endif							/* MENUCA_LOG_PEOPLE_H */
