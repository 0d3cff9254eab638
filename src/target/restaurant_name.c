/*-------------------------------------------------------------------------
 *
 * restaurant_name.c
 *	  The name of the restaurant that a row belongs to: see restaurant_name.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/lsyscache.h"

#include "base/relation.h"
#include "target/restaurant_name.h"


char *
restaurant_name_expression(const Target *target, const char *alias)
{
	Oid			restaurants = get_relname_relid("restaurants",
												get_namespace_oid(target->schema, false));

	if (OidIsValid(restaurants) && relation_has_column(restaurants, "id") &&
		relation_has_column(restaurants, "name"))
		return psprintf("coalesce((SELECT r.name::text FROM %1$s r WHERE r.id = %2$s.%3$s), 'restaurant ' || %2$s.%3$s)",
						relation_quoted_name(restaurants), alias, target->groups.restaurant);
	return psprintf("%s.%s::text", alias, target->groups.restaurant);
}
