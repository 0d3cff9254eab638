/*-------------------------------------------------------------------------
 *
 * load_columns.c
 *	  Matching columns to values: see load_columns.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "parser/scansup.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/format.h"
#include "base/relation.h"
#include "load/load_columns.h"
#include "load/load_position.h"
#include "mysql/mysqldump.h"

static void add_load_column(Load *load, const char *name);
static AttrNumber find_staging_column(Relation rel, const char *name);
static void choose_columns_by_position(Load *load);
static const MysqldumpColumn *find_dump_column(const Load *load, const char *name);
static void set_value_index(Load *load, const char *name, int value_index);


void
load_choose_columns(Load *load)
{
	char	   *const *names;
	const MysqldumpColumn *columns;
	int			n = mysqldump_insert_columns(load->reader, &names);

	load->columns = palloc0(sizeof(LoadColumn) * MaxHeapAttributeNumber);
	if (n > 0)
	{
		for (int i = 0; i < n; i++)
			add_load_column(load, names[i]);
		return;
	}

	n = mysqldump_columns(load->reader, &columns);
	for (int i = 0; i < n; i++)
		add_load_column(load, columns[i].name);
	if (n == 0)
		choose_columns_by_position(load);
}

/* Adds the staging column that a column of the dump is loaded into. */
static void
add_load_column(Load *load, const char *name)
{
	AttrNumber	attnum = find_staging_column(load->rel, name);
	const MysqldumpColumn *mysql = find_dump_column(load, name);
	Form_pg_attribute att;
	LoadColumn *column = &load->columns[load->ncolumns];

	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s has no column \"%s\"",
						relation_display_name(RelationGetRelid(load->rel)), name),
				 errdetail("The dump's table \"%s\" has one; columns are matched by name. Nothing was loaded.",
						   load->table_name),
				 errhint("Load into a new table, which gets the dump's columns, or add the column.")));

	att = TupleDescAttr(RelationGetDescr(load->rel), attnum - 1);
	if (att->attgenerated)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("column \"%s\" of table %s is generated", name,
						relation_display_name(RelationGetRelid(load->rel))),
				 errdetail("The dump has values for it. Nothing was loaded."),
				 errhint("Load into a new table, which gets the dump's columns.")));
	column->name = pstrdup(NameStr(att->attname));
	column->kind = mysql_value_kind(getBaseType(att->atttypid));
	column->mysql_bit = mysql && strcmp(mysql->type, "bit") == 0;
	load->ncolumns++;
}

/* A column by its exact name, or else in any letter case, as in MySQL. */
static AttrNumber
find_staging_column(Relation rel, const char *name)
{
	TupleDesc	desc = RelationGetDescr(rel);
	char	   *wanted = pstrdup(name);
	AttrNumber	found = InvalidAttrNumber;

	truncate_identifier(wanted, strlen(wanted), false);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		if (strcmp(NameStr(att->attname), wanted) == 0)
			return att->attnum;
		if (pg_strcasecmp(NameStr(att->attname), wanted) == 0)
			found = att->attnum;
	}
	return found;
}

/*
 * A dump without any column names can be loaded into a table with as many
 * columns as its tuples have values.
 */
static void
choose_columns_by_position(Load *load)
{
	TupleDesc	desc = RelationGetDescr(load->rel);
	const MysqldumpValue *values;
	int			nvalues = mysqldump_values(load->reader, &values);
	StringInfoData names;

	load->by_position = true;
	initStringInfo(&names);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || att->attgenerated)
			continue;
		add_load_column(load, NameStr(att->attname));
		format_append(&names, ", ", "%s", NameStr(att->attname));
	}

	if (load->ncolumns != nvalues)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the dump's tuples have %d values, but table %s has %d columns",
						nvalues, relation_display_name(RelationGetRelid(load->rel)),
						load->ncolumns),
				 errdetail("The dump has neither a CREATE TABLE nor column lists, so values can only be matched by position. Nothing was loaded."),
				 errhint("Dump again without --no-create-info, or with --complete-insert.")));
	ereport(NOTICE,
			(errmsg("the dump names no columns: its values are loaded by position, into %s", names.data),
			 errhint("To match columns by name, which is safer, dump with CREATE TABLE or --complete-insert.")));
}

/* The column of CREATE TABLE with that name, or NULL. */
static const MysqldumpColumn *
find_dump_column(const Load *load, const char *name)
{
	const MysqldumpColumn *columns;
	int			n = mysqldump_columns(load->reader, &columns);

	for (int i = 0; i < n; i++)
	{
		if (pg_strcasecmp(columns[i].name, name) == 0)
			return &columns[i];
	}
	return NULL;
}

void
load_bind_insert(Load *load)
{
	char	   *const *listed;
	const MysqldumpColumn *columns;
	int			nlisted = mysqldump_insert_columns(load->reader, &listed);
	int			ncolumns = mysqldump_columns(load->reader, &columns);

	load->bound_insert = mysqldump_insert_number(load->reader);
	for (int i = 0; i < load->ncolumns; i++)
		load->columns[i].value_index = load->by_position && nlisted == 0 ? i : -1;

	if (nlisted > 0)
	{
		for (int i = 0; i < nlisted; i++)
			set_value_index(load, listed[i], i);
	}
	else if (ncolumns > 0)
	{
		for (int i = 0; i < ncolumns; i++)
			set_value_index(load, columns[i].name, i);
	}
	else if (!load->by_position)
		ereport(ERROR,
				(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
				 errmsg("an INSERT lists no columns, but an earlier one does"),
				 errdetail("It is at %s. Without a CREATE TABLE, the order of the columns is unknown. Nothing was loaded.",
						   load_position_text(load)),
				 errhint("Dump again without --no-create-info, or with --complete-insert.")));
}

/* Sets the value of the column with that name. */
static void
set_value_index(Load *load, const char *name, int value_index)
{
	char	   *wanted = pstrdup(name);

	truncate_identifier(wanted, strlen(wanted), false);
	for (int i = 0; i < load->ncolumns; i++)
	{
		if (pg_strcasecmp(load->columns[i].name, wanted) == 0)
		{
			load->columns[i].value_index = value_index;
			pfree(wanted);
			return;
		}
	}

	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("an INSERT has column \"%s\", but the first one does not", name),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 errhint("Dump the table again with mysqldump, whose INSERTs all have the same columns.")));
}
