/*-------------------------------------------------------------------------
 *
 * day_store.h
 *	  Writing the seating of a service day.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_STORE_H
#define MENUCA_DAY_STORE_H

#include "datatype/timestamp.h"

#include "seating/day_problem.h"

/*
 * Writes the dining tables of those who get some or get others, their bookings' zone and
 * status, what those who move had before, and an attempt for each that was decided about.
 * The caller has locked bookings and dining tables.  began is when the run did.
 */
extern void day_store(const FloorReader *reader, const DaySeating *seating, TimestampTz began);

#endif							/* MENUCA_DAY_STORE_H */
