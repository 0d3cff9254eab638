/*-------------------------------------------------------------------------
 *
 * rollout_share.h
 *	  Whether the rollout has reached a restaurant, and which variant it has.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLOUT_SHARE_H
#define MENUCA_ROLLOUT_SHARE_H

#include "utils/jsonb.h"
#include "utils/uuid.h"

/* The value of the setting "variant" without one. */
#define NO_VARIANT "none"

/* A variant of the settings. */
typedef struct RolloutVariant
{
	char	   *name;
	Jsonb	   *settings;		/* an object as menuca_seating_set() takes it */
} RolloutVariant;

/*
 * True if the rollout has reached the restaurant: it is named, or its share is below the
 * stage's percent.  Without any stage there is no rollout, and all restaurants are in.
 * Stages and variants are read as the extension's owner: a program that seats guests
 * needs no right on them, and does not fail on the evening when the first one begins.
 */
extern bool rollout_share_is_in(const pg_uuid_t *restaurant);

/*
 * The variant of a restaurant: that of this name or, with NULL, the one of the smallest
 * percent that its share is below; NULL when there is none.  restaurant may be NULL when
 * the name is given.
 */
extern RolloutVariant *rollout_share_variant(const pg_uuid_t *restaurant, const char *name);

#endif							/* MENUCA_ROLLOUT_SHARE_H */
