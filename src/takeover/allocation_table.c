/*-------------------------------------------------------------------------
 *
 * allocation_table.c
 *	  The original's table allocations: see allocation_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "takeover/allocation_table.h"
#include "takeover/import_items.h"

static char *equals_id(const char *column, const pg_uuid_t *id);


AllocationTable *
allocation_table_find(void)
{
	static const OriginalColumn columns[] = {
		{"booking_id", UUIDOID}, {"resource_type", TEXTOID}, {"resource_id", UUIDOID}, {"window", TSTZRANGEOID}
	};
	AllocationTable *allocations = palloc0(sizeof(AllocationTable));
	OriginalTable *table = original_find("allocations", columns, lengthof(columns));
	char	   *shadow;

	allocations->table = table;
	if (table->missing)
		return allocations;
	allocations->id = original_text(table, "id", "l", "NULL::text");
	allocations->type = psprintf("COALESCE(%s, '')", original_text(table, "resource_type", "l", "''"));
	shadow = original_value(table, "shadow", BOOLOID, "l", "");
	allocations->shadow = *shadow ? psprintf("COALESCE(%s, false)", shadow) :
		psprintf("COALESCE(lower(%s) IN ('true', 't'), false)", original_text(table, "shadow", "l", "'false'"));
	allocations->restaurant = original_value(table, "restaurant_id", UUIDOID, "l", "NULL::uuid");
	return allocations;
}

char *
allocation_table_show(const AllocationTable *table, const pg_uuid_t *booking, const pg_uuid_t *resource)
{
	return psprintf("SELECT * FROM %s WHERE %s AND %s;", table->table->quoted,
					equals_id("booking_id", booking), equals_id("resource_id", resource));
}

static char *
equals_id(const char *column, const pg_uuid_t *id)
{
	return id ? psprintf("%s = '%s'", column, import_items_id(id)) : psprintf("%s IS NULL", column);
}
