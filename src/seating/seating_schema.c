/*-------------------------------------------------------------------------
 *
 * seating_schema.c
 *	  The tables of the users: see seating_schema.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/column.h"
#include "base/compat.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "seating/seating_schema.h"

static Oid	require_users_table(const char *name, const char *columns);
static char *optional_integer(Oid relid, const char *column, const char *alias, const char *otherwise);
static char *required_word(Oid relid, const char *column, const char *alias, const char *word);
static char *required_text(Oid relid, const char *column, const char *alias);
static void find_holds(SeatingSchema *schema);
static void find_times(SeatingSchema *schema, Oid bookings);
pg_noreturn static void raise_no_users_table(const char *what, const char *detail);


const SeatingSchema *
seating_schema_find(void)
{
	SeatingSchema *schema = palloc0(sizeof(SeatingSchema));
	Oid			restaurants = require_users_table("restaurants", "id timezone");
	Oid			zones = require_users_table("zones", "id restaurant_id name active");
	Oid			dining_tables = require_users_table("table_inventory",
													"id restaurant_id zone_id table_number capacity mobility status active");
	Oid			bookings = require_users_table("bookings", "id restaurant_id party_size status");
	Oid			assignments = require_users_table("booking_table_assignments", "booking_id table_id start_at end_at");

	schema->restaurants = relation_quoted_name(restaurants);
	schema->zones = relation_quoted_name(zones);
	schema->dining_tables = relation_quoted_name(dining_tables);
	schema->booking_table = bookings;
	schema->bookings = relation_quoted_name(bookings);
	schema->assignment_table = assignments;
	schema->assignments = relation_quoted_name(assignments);
	if (OidIsValid(seating_schema_table("table_adjacencies")))
	{
		schema->adjacency_table = require_users_table("table_adjacencies", "table_a table_b");
		schema->adjacencies = relation_quoted_name(schema->adjacency_table);
	}
	find_holds(schema);

	schema->timezone = required_text(restaurants, "timezone", "r");
	schema->capacity = optional_integer(dining_tables, "capacity", "t", "0");
	schema->min_party = psprintf("GREATEST(%s, 1)", optional_integer(dining_tables, "min_party_size", "t", "1"));
	schema->max_party = optional_integer(dining_tables, "max_party_size", "t", "NULL::pg_catalog.int4");
	schema->movable = required_word(dining_tables, "mobility", "t", "movable");
	schema->out_of_service = required_word(dining_tables, "status", "t", "out_of_service");
	schema->table_number = required_text(dining_tables, "table_number", "t");
	schema->booking_status = required_text(bookings, "status", "b");
	find_times(schema, bookings);
	return schema;
}

/* Holds are a later part of the original. */
static void
find_holds(SeatingSchema *schema)
{
	Oid			holds;

	if (!OidIsValid(seating_schema_table("table_holds")))
		return;
	holds = require_users_table("table_holds", "id restaurant_id start_at end_at expires_at");
	schema->hold_table = holds;
	schema->holds = relation_quoted_name(holds);
	schema->hold_members = relation_quoted_name(require_users_table("table_hold_members", "hold_id table_id"));
	schema->hold_booking = relation_has_column(holds, "booking_id") ? "h.booking_id" : "NULL::pg_catalog.uuid";
}

/* Bookings have instants, or a date and times of the restaurant's clock, or both. */
static void
find_times(SeatingSchema *schema, Oid bookings)
{
	bool		has_instant = relation_has_column(bookings, "start_at");
	bool		has_local = relation_has_column(bookings, "booking_date") && relation_has_column(bookings, "start_time");

	if (!has_instant && !has_local)
		raise_no_users_table(psprintf("column start_at of table %s", relation_display_name(bookings)),
							 "A booking has its start as start_at, or as booking_date and start_time.");
	schema->booking_start = has_instant ? "b.start_at" : "NULL::pg_catalog.timestamptz";
	schema->booking_end = relation_has_column(bookings, "end_at") ? "b.end_at" : "NULL::pg_catalog.timestamptz";
	schema->booking_local_start = has_local ? "(b.booking_date + b.start_time)" : "NULL::pg_catalog.timestamp";
	schema->booking_local_end = has_local && relation_has_column(bookings, "end_time") ?
		"(b.booking_date + b.end_time)" : "NULL::pg_catalog.timestamp";
	schema->booking_date = relation_has_column(bookings, "booking_date") ? "b.booking_date" : "NULL::pg_catalog.date";
}

Oid
seating_schema_table(const char *name)
{
	Oid			schema = get_namespace_oid(menuca_seating_schema, true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

/* columns: names with a space between. */
static Oid
require_users_table(const char *name, const char *columns)
{
	Oid			schema = get_namespace_oid(menuca_seating_schema, true);
	Oid			relid = OidIsValid(schema) ? relation_lock_by_name(schema, name, AccessShareLock, ACL_SELECT) : InvalidOid;
	char	   *rest = pstrdup(columns);
	char	   *column;

	if (!OidIsValid(relid))
		raise_no_users_table(psprintf("table %s.%s", menuca_seating_schema, name),
							 "Bookings get their dining tables from the tables restaurants, zones, table_inventory, bookings and booking_table_assignments.");
	while ((column = strsep(&rest, " ")) != NULL)
	{
		if (!relation_has_column(relid, column))
			raise_no_users_table(psprintf("column %s of table %s", column, relation_display_name(relid)),
								 psprintf("Its columns are: %s.", column_names(relid)));
	}
	return relid;
}

/* All that is below 0 is the same, and so is all that is beyond an integer: no reason to read no row. */
static char *
optional_integer(Oid relid, const char *column, const char *alias, const char *otherwise)
{
	return relation_has_column(relid, column) ?
		psprintf("CASE WHEN %1$s.%2$s IS NULL THEN %3$s ELSE LEAST(GREATEST(%1$s.%2$s, -1), 2147483647)::pg_catalog.int4 END",
				 alias, quote_identifier(column), otherwise) : pstrdup(otherwise);
}

/*
 * Whether the column is that word.  Of an enum, values are compared and not their labels,
 * of which the word may be none.
 */
static char *
required_word(Oid relid, const char *column, const char *alias, const char *word)
{
	Oid			type = get_atttype(relid, column_require(relid, column, InvalidOid));

	if (!type_is_enum(type))
		return psprintf("COALESCE(%s OPERATOR(pg_catalog.=) '%s'::pg_catalog.text, false)", required_text(relid, column, alias), word);
	if (!SearchSysCacheExists2(ENUMTYPOIDNAME, ObjectIdGetDatum(type), CStringGetDatum(word)))
		return pstrdup("false");
	return psprintf("COALESCE(%s.%s OPERATOR(pg_catalog.=) '%s', false)", alias, quote_identifier(column), word);
}

/* An enum, or a text. */
static char *
required_text(Oid relid, const char *column, const char *alias)
{
	return column_as_text(relid, column_require(relid, column, InvalidOid), alias);
}

void
seating_schema_require_restaurant(const SeatingSchema *schema, const pg_uuid_t *restaurant)
{
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	if (!query_bool(psprintf("SELECT EXISTS (SELECT FROM %s r WHERE r.id = $1)", schema->restaurants), &args))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("there is no restaurant %s in table %s",
						DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(restaurant))), schema->restaurants),
				 errdetail("It has all restaurants; menuca.seating_schema names its schema."),
				 errhint("SELECT id FROM %s;", schema->restaurants)));
}

static void
raise_no_users_table(const char *what, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("%s does not exist", what),
			 errdetail("%s", detail),
			 errhint("Where these tables are is a setting: SET menuca.seating_schema = '...';")));
}
