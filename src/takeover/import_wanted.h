/*-------------------------------------------------------------------------
 *
 * import_wanted.h
 *	  Values that an import wants the planner's settings to have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_WANTED_H
#define MENUCA_IMPORT_WANTED_H

#include "takeover/import_plan.h"

/* A value for a setting; it comes from an object of the original. */
typedef struct WantedValue
{
	ImportKind	kind;			/* of the item */
	bool		is_default;		/* for all restaurants */
	pg_uuid_t	restaurant;		/* unless is_default */
	const char *key;
	char	   *value;			/* as JSON */
	char	   *object;			/* what of the original says so */
	char	   *detail;			/* what else there is to say, or NULL */
} WantedValue;

/*
 * Compares a list of WantedValues, those for all restaurants first, with the settings in
 * effect; unless the call is a dry run, sets those that differ.  Adds an item for each.
 */
extern void import_wanted_set(ImportCall *call, const List *wanted);

/* The value that is stored for a setting, as JSON; NULL when none is. */
extern char *import_wanted_stored(const pg_uuid_t *restaurant, const char *key);

/* Whether two values are equal; both are JSON, NULL is equal to NULL. */
extern bool import_wanted_equal(const char *left, const char *right);

#endif							/* MENUCA_IMPORT_WANTED_H */
