/*-------------------------------------------------------------------------
 *
 * staging.c
 *	  The staging table that a dump is loaded into: see staging.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/direct_access.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/table_lock.h"
#include "load/mysql_types.h"
#include "load/staging.h"
#include "load/staging_names.h"
#include "mysql/mysqldump.h"

/* The beginning of the comment on each table that the loader creates. */
#define STAGING_MARK	"Made by menuca_load_dump"

static void require_schema(const RangeVar *name);
static void lock_creation(const RangeVar *name);
static void create_staging(const MysqldumpReader *reader,
						   const char *table_name, const RangeVar *name);
static void refuse_other_table(Relation rel, LoadMode mode);
static bool is_in_target(Relation rel);
static bool is_made_by_loader(Relation rel);
static void require_own_storage(Relation rel);
static void refuse_referenced(Relation rel);
static Relation apply_load_mode(Relation rel, LoadMode mode);


Relation
staging_open(const MysqldumpReader *reader, const char *table_name,
			 const char *into_table, LoadMode mode, bool *created)
{
	RangeVar   *name = relation_parse_name("into_table", into_table);
	Relation	rel;
	Oid			relid;

	*created = false;
	require_schema(name);
	relid = RangeVarGetRelid(name, NoLock, true);
	if (!OidIsValid(relid))
	{
		lock_creation(name);
		relid = RangeVarGetRelid(name, NoLock, true);
	}
	if (!OidIsValid(relid))
	{
		create_staging(reader, table_name, name);
		relid = RangeVarGetRelid(name, NoLock, false);
		*created = true;
	}

	/* Otherwise two loads could both find the table empty. */
	table_lock_take(relid, ShareRowExclusiveLock, "Nothing was loaded.");
	rel = relation_lock_and_open(relid, RowExclusiveLock);	/* as COPY would */
	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a table", into_table),
				 errdetail_relkind_not_supported(rel->rd_rel->relkind),
				 errhint("Name a staging table; it is created if it does not exist.")));
	relation_require(relid, mode == LOAD_REPLACE ? ACL_INSERT | ACL_SELECT | ACL_TRUNCATE :
					 ACL_INSERT | ACL_SELECT);
	if (mode != LOAD_INTO_EMPTY && !*created)
		refuse_other_table(rel, mode);
	require_own_storage(rel);
	return apply_load_mode(rel, mode);
}

/* COPY's own code would store the rows where the server does not look for them. */
static void
require_own_storage(Relation rel)
{
	char	   *obstacle = direct_access_copy_obstacle(rel);
	const char *schema = quote_identifier(get_namespace_name(RelationGetNamespace(rel)));
	const char *copy = quote_identifier(psprintf("%s_loaded", RelationGetRelationName(rel)));

	if (obstacle)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table %s cannot be loaded directly: %s",
						relation_display_name(RelationGetRelid(rel)), obstacle),
				 errdetail("A load would store the rows where the server does not look for them. Nothing was loaded."),
				 errhint("Load into a new table with into_table => '%s.%s', and then: INSERT INTO %s SELECT * FROM %s.%s;",
						 schema, copy, relation_quoted_name(RelationGetRelid(rel)), schema, copy)));
}

/* Raises an error unless the schema of the staging table exists. */
static void
require_schema(const RangeVar *name)
{
	if (name->schemaname && !OidIsValid(get_namespace_oid(name->schemaname, true)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" does not exist", name->schemaname),
				 errdetail("It would contain the staging table %s. Nothing was loaded.", name->relname),
				 errhint("CREATE SCHEMA %s;", quote_identifier(name->schemaname))));
}

/*
 * Lets only one load at a time create tables in a schema, so that a second one
 * sees the table that the first one creates.
 */
static void
lock_creation(const RangeVar *name)
{
	Oid			schema = RangeVarGetCreationNamespace(name);

	if (!relation_may_in_schema(schema, ACL_CREATE))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to create table %s", name->relname),
				 errdetail("Role \"%s\" lacks the CREATE privilege on schema \"%s\". Nothing was loaded.",
						   GetUserNameFromId(GetUserId(), false), get_namespace_name(schema)),
				 errhint("GRANT CREATE ON SCHEMA %s TO %s;",
						 quote_identifier(get_namespace_name(schema)),
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
	LockDatabaseObject(NamespaceRelationId, schema, 0, ShareUpdateExclusiveLock);
}

static void
create_staging(const MysqldumpReader *reader, const char *table_name,
			   const RangeVar *name)
{
	const MysqldumpColumn *columns;
	int			n = mysqldump_columns(reader, &columns);
	char	  **names = staging_names(reader);
	const char *quoted = quote_qualified_identifier(name->schemaname, name->relname);
	StringInfoData sql;

	if (n > MaxHeapAttributeNumber)
		ereport(ERROR,
				(errcode(ERRCODE_TOO_MANY_COLUMNS),
				 errmsg("table \"%s\" of the dump has %d columns, but PostgreSQL's tables have at most %d",
						table_name, n, MaxHeapAttributeNumber),
				 errdetail("Nothing was loaded."),
				 errhint("In the old system, make two tables with a part of the columns and the key each (CREATE TABLE ... AS SELECT ...), and dump these.")));
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s does not exist, and the dump cannot create it", quoted),
				 errdetail("The dump has no CREATE TABLE for \"%s\". Nothing was loaded.", table_name),
				 errhint("Create the table first, with the dump's columns, or dump again without --no-create-info.")));

	initStringInfo(&sql);
	for (int i = 0; i < n; i++)
	{
		if (!staging_omits(reader, &columns[i]))
			format_append(&sql, ", ", "%s %s", quote_identifier(names[i]),
						  mysql_postgres_type(&columns[i], mysqldump_time_zone(reader) != NULL));
	}
	query_write(psprintf("CREATE TABLE %s (%s)", quoted, sql.data), NULL, NULL, NULL);
	query_write(psprintf("COMMENT ON TABLE %s IS %s", quoted,
						 quote_literal_cstr(psprintf(STAGING_MARK " from table \"%s\" of a dump.", table_name))),
				NULL, NULL, NULL);
}

/*
 * Raises an error unless the load may add to the table or empty it.  An
 * argument that was copied from another call must not cost rows of the target,
 * or of any other table.
 */
static void
refuse_other_table(Relation rel, LoadMode mode)
{
	const char *argument = mode == LOAD_APPEND ? "append" : "replace";

	if (!is_in_target(rel) && is_made_by_loader(rel))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("refused: %s is only for staging tables that the loader made", argument),
			 is_in_target(rel) ?
			 errdetail("Table %s is in the target schema (setting menuca.target_schema). Nothing was loaded.",
					   relation_quoted_name(RelationGetRelid(rel))) :
			 errdetail("Table %s does not have the loader's comment (\"%s ...\"). Nothing was loaded.",
					   relation_quoted_name(RelationGetRelid(rel)), STAGING_MARK),
			 errhint("Load into a new table: pass a name for into_table that does not exist.")));
}

static bool
is_in_target(Relation rel)
{
	char	   *schema = get_namespace_name(RelationGetNamespace(rel));

	return schema && menuca_target_schema && strcmp(schema, menuca_target_schema) == 0;
}

static bool
is_made_by_loader(Relation rel)
{
	char	   *comment = GetComment(RelationGetRelid(rel), RelationRelationId, 0);

	return comment && strncmp(comment, STAGING_MARK, strlen(STAGING_MARK)) == 0;
}

char *
staging_triggers(Relation rel)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(RelationGetRelid(rel)), false);
	return query_text("SELECT string_agg(DISTINCT pg_catalog.quote_ident(tgname), ', ')"
					  " FROM pg_catalog.pg_trigger"
					  " WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 4 <> 0 AND (tgrelid = $1"
					  " OR tgrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree($1)))", &args);
}

int64
staging_row_count(Relation rel)
{
	int64		count;

	CommandCounterIncrement();
	query_begin_snapshot();
	count = query_int8(psprintf("SELECT count(*) FROM %s",
								relation_quoted_name(RelationGetRelid(rel))), NULL);
	query_end_snapshot();
	return count;
}

char *
staging_type_hint(Relation rel, bool created, AttrNumber attnum, const char *type)
{
	TupleDesc	desc = RelationGetDescr(rel);
	char	   *quoted = relation_quoted_name(RelationGetRelid(rel));
	StringInfoData columns;

	if (!created)
	{
		const char *name = quote_identifier(NameStr(TupleDescAttr(desc, attnum - 1)->attname));

		/* nothing but text has a cast to bytea, and that not an implicit one */
		return psprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s%s;", quoted, name, type,
						strcmp(type, "bytea") == 0 ?
						psprintf(" USING convert_to(%s::text, 'UTF8')", name) : "");
	}

	initStringInfo(&columns);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		format_append(&columns, ", ", "%s %s", quote_identifier(NameStr(att->attname)),
					  att->attnum == attnum ? type :
					  format_type_with_typemod(att->atttypid, att->atttypmod));
	}
	return psprintf("CREATE TABLE %s (%s);", quoted, columns.data);
}

/* The server's own hint would be to empty the other tables, too. */
static void
refuse_referenced(Relation rel)
{
	QueryArgs	args = {0};
	char	   *referrers;

	query_arg(&args, OIDOID, ObjectIdGetDatum(RelationGetRelid(rel)), false);
	referrers = query_text("SELECT string_agg(DISTINCT conrelid::regclass::text, ', ')"
						   " FROM pg_catalog.pg_constraint"
						   " WHERE contype = 'f' AND confrelid = $1 AND conrelid <> $1", &args);
	if (referrers)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("refused: table %s cannot be emptied, because foreign keys refer to it",
						relation_quoted_name(RelationGetRelid(rel))),
				 errdetail("The foreign keys are of %s. Nothing was loaded.", referrers),
				 errhint("Load into a new table: pass a name for into_table that does not exist.")));
}

/* Applies the load mode to existing rows; returns the table, reopened if truncated. */
static Relation
apply_load_mode(Relation rel, LoadMode mode)
{
	Oid			relid = RelationGetRelid(rel);
	char	   *quoted = relation_quoted_name(relid);
	bool		has_rows;

	if (mode == LOAD_APPEND)
		return rel;

	query_begin_snapshot();
	has_rows = query_has_rows(quoted);
	query_end_snapshot();
	if (!has_rows)
		return rel;

	if (mode == LOAD_INTO_EMPTY)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s already has rows", quoted),
				 errdetail("A second load could count source rows twice. Nothing was loaded."),
				 is_in_target(rel) || !is_made_by_loader(rel) ?
				 errhint("Load into a new table: pass a name for into_table that does not exist.") :
				 errhint("Pass replace => true to empty it first, or append => true to keep its rows.")));

	refuse_referenced(rel);

	/* TRUNCATE refuses a table that this session has open. */
	table_close(rel, NoLock);
	query_write(psprintf("TRUNCATE %s", quoted), NULL, NULL, NULL);
	return relation_open_locked(relid);
}
