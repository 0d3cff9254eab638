/*-------------------------------------------------------------------------
 *
 * service_date.h
 *	  Service days by date, for calls that take one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SERVICE_DATE_H
#define MENUCA_SERVICE_DATE_H

#include "utils/date.h"

#include "seating/floor_reader.h"

/* The date; raises an error unless its instants, and those of the days beside it, are timestamps. */
extern DateADT service_date_require(DateADT date);

/* The current service day of the restaurant. */
extern DateADT service_date_today(const FloorReader *reader);

/* When the service day of that date begins on the restaurant's clock. */
extern TimestampTz service_date_begin(const FloorReader *reader, DateADT date);

#endif							/* MENUCA_SERVICE_DATE_H */
