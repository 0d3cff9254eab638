/*-------------------------------------------------------------------------
 *
 * fewer_tables.h
 *	  Whether a party would do with fewer of its own dining tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FEWER_TABLES_H
#define MENUCA_FEWER_TABLES_H

#include "seating/floor_reader.h"
#include "seating/plan_search.h"

/*
 * The best plan for a party that comes at start, of fewer of these n dining tables, by
 * index, each once, were they its only ones; NULL when there is none.
 */
extern const SeatingPlan *fewer_tables_find(const FloorReader *reader, int party_size, TimestampTz start,
											const int *tables, int n);

#endif							/* MENUCA_FEWER_TABLES_H */
