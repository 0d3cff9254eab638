/*-------------------------------------------------------------------------
 *
 * restaurant_name.h
 *	  The name of the restaurant that a row of a parent table belongs to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RESTAURANT_NAME_H
#define MENUCA_RESTAURANT_NAME_H

#include "target/junction.h"

/*
 * An SQL expression of type text: the restaurant's name if the schema has a table
 * of restaurants, "restaurant 7" if it has no name there, else its id.  alias is that
 * of a row with the column of combo_groups that refers to the restaurant.  In the
 * current memory context.
 */
extern char *restaurant_name_expression(const Target *target, const char *alias);

#endif							/* MENUCA_RESTAURANT_NAME_H */
