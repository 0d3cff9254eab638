/*-------------------------------------------------------------------------
 *
 * advice_triggers.h
 *	  The triggers of a rollback.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ADVICE_TRIGGERS_H
#define MENUCA_ADVICE_TRIGGERS_H

#include "advice/advice_facts.h"

/* A trigger of the tickets or the checklist. */
typedef struct AdviceTrigger
{
	const char *name;
	const char *threshold;
	bool		immediate;		/* else a rollback is to be considered */
	RollbackOption option;
	void		(*look) (const AdviceFacts *facts, Advice *advice);
} AdviceTrigger;

extern const AdviceTrigger advice_triggers[];
extern const int advice_ntriggers;

#endif							/* MENUCA_ADVICE_TRIGGERS_H */
