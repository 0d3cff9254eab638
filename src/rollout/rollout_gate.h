/*-------------------------------------------------------------------------
 *
 * rollout_gate.h
 *	  What refuses a wider stage of the rollout.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLOUT_GATE_H
#define MENUCA_ROLLOUT_GATE_H

#include "rollout/stage.h"

/*
 * Why the stage should not follow the current one (NULL: none has begun): sentences
 * without a full stop; NIL when nothing refuses it.  A stage that reaches nobody new is
 * never refused.
 */
extern List *rollout_gate_failures(const RolloutStage *current, const RolloutStage *stage);

/* The call that shows what these failures are, and what to do: of verify where one is its, otherwise of the monitor. */
extern char *rollout_gate_call(List *failures);

#endif							/* MENUCA_ROLLOUT_GATE_H */
