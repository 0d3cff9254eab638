/*-------------------------------------------------------------------------
 *
 * restaurant_name.c
 *	  What a restaurant is called: see restaurant_name.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/query.h"
#include "page/restaurant_name.h"
#include "seating/users_column.h"

/* A name is a column that the planner does not need. */
char *
restaurant_name(const SeatingSchema *schema, const pg_uuid_t *restaurant)
{
	char	   *name = users_column_text("restaurants", "name", "r");
	QueryArgs	args = {0};

	if (name == NULL)
		return NULL;
	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	return query_text(psprintf("SELECT %s FROM %s r WHERE r.id = $1", name, schema->restaurants), &args);
}
