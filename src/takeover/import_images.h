/*-------------------------------------------------------------------------
 *
 * import_images.h
 *	  Rows of booking_table_assignments as text, for the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_IMAGES_H
#define MENUCA_IMPORT_IMAGES_H

#include "seating/seating_schema.h"

/*
 * For each of n bookings and dining tables, its rows as a JSON array, NULL where it has none;
 * as they are now, and the same text whatever the session's settings are.
 */
extern char **import_images_read(const SeatingSchema *schema, const Datum *bookings, const Datum *tables, int n);

#endif							/* MENUCA_IMPORT_IMAGES_H */
