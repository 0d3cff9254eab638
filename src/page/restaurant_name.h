/*-------------------------------------------------------------------------
 *
 * restaurant_name.h
 *	  What a restaurant is called, on a page.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RESTAURANT_NAME_H
#define MENUCA_RESTAURANT_NAME_H

#include "seating/seating_schema.h"

/* Its name, under the active query snapshot; NULL where restaurants have none, or this one. */
extern char *restaurant_name(const SeatingSchema *schema, const pg_uuid_t *restaurant);

#endif							/* MENUCA_RESTAURANT_NAME_H */
