/*-------------------------------------------------------------------------
 *
 * restaurant_name.c
 *	  What a restaurant is called: see restaurant_name.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/query.h"
#include "base/relation.h"
#include "page/restaurant_name.h"

/* A name is a column that the planner does not need. */
char *
restaurant_name(const SeatingSchema *schema, const pg_uuid_t *restaurant)
{
	Oid			relid = relation_lock_by_name(get_rel_namespace(schema->booking_table), "restaurants", AccessShareLock, ACL_SELECT);
	AttrNumber	column = OidIsValid(relid) ? column_find(relid, "name") : InvalidAttrNumber;
	QueryArgs	args = {0};

	if (column == InvalidAttrNumber)
		return NULL;
	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	return query_text(psprintf("SELECT %s FROM %s r WHERE r.id = $1", column_as_text(relid, column, "r"), schema->restaurants), &args);
}
