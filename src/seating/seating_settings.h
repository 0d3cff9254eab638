/*-------------------------------------------------------------------------
 *
 * seating_settings.h
 *	  The settings of a restaurant's planner.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEATING_SETTINGS_H
#define MENUCA_SEATING_SETTINGS_H

#include "utils/uuid.h"

#include "seating/setting_values.h"

/*
 * The settings of a restaurant; NULL for those of all without their own.  Raises an
 * error when somebody has written a value that menuca_seating_set() refuses.
 */
extern SeatingSettings *seating_settings_of(const pg_uuid_t *restaurant);

/*
 * The same with changes, a JSON object as menuca_seating_set() takes it, NULL for none; a
 * value of null is what holds for all restaurants.
 */
extern SeatingSettings *seating_settings_with(const pg_uuid_t *restaurant, Jsonb *changes);

/*
 * Settings as menuca_seating_set() takes them, with our own names, and all of them
 * possible.  Raises an error otherwise.
 */
extern Jsonb *seating_settings_normalized(Jsonb *settings);

/*
 * The minutes that a party of that size stays: the turn time of the smallest
 * party that is not smaller, or of the largest one.  0 when there are no turn times.
 */
extern int	seating_settings_turn_time(const SeatingSettings *settings, int party_size);

/* The longest turn time with both buffers, in minutes; the buffers when there are no turn times. */
extern int	seating_settings_longest_stay(const SeatingSettings *settings);

#endif							/* MENUCA_SEATING_SETTINGS_H */
