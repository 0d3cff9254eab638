/*-------------------------------------------------------------------------
 *
 * hosted_production.h
 *	  The hosted production, which is changed from its copy.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_HOSTED_PRODUCTION_H
#define MENUCA_HOSTED_PRODUCTION_H

#include "hosted/copy_of.h"

/*
 * The call to make next, in the current memory context: the one that registers the
 * original of this copy as the hosted production, or what the runbook says where
 * that was done.
 */
extern char *hosted_production_next_call(const CopyOf *original);

#endif							/* MENUCA_HOSTED_PRODUCTION_H */
