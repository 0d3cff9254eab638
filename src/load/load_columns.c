/*-------------------------------------------------------------------------
 *
 * load_columns.c
 *	  Matching columns to values: see load_columns.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "load/load_columns.h"
#include "load/load_position.h"
#include "load/load_text.h"
#include "load/staging.h"
#include "load/staging_names.h"
#include "mysql/mysqldump.h"

static void add_load_column(Load *load, const char *dump_name, const char *name);
pg_noreturn static void refuse_listed_twice(const Load *load, const char *dump_name);
static void refuse_missing_column(const Load *load, const char *dump_name);
static AttrNumber find_staging_column(const Load *load, const char *name);
static void set_kind(const Load *load, LoadColumn *column, Form_pg_attribute att,
					 const MysqldumpColumn *mysql);
static void set_limits(LoadColumn *column, Oid type, int32 typmod);
pg_noreturn static void refuse_lossy_type(const Load *load, const LoadColumn *column,
										  Form_pg_attribute att, const char *type);
static int	dump_scale(const MysqldumpColumn *mysql);
static void choose_columns_by_position(Load *load);
static void set_value_index(Load *load, const char *dump_name, int value_index);
static void bind_time_zone(Load *load);
static void require_time_zone(const Load *load, LoadColumn *column, const char *zone);
static void refuse_abbreviation(const Load *load, const LoadColumn *column, const char *zone);


void
load_choose_columns(Load *load)
{
	char	   *const *listed;
	const MysqldumpColumn *columns;
	char	  **names = staging_names(load->reader);
	int			n = mysqldump_insert_columns(load->reader, &listed);

	load->columns = palloc0(sizeof(LoadColumn) * MaxHeapAttributeNumber);
	if (n > 0)
	{
		for (int i = 0; i < n; i++)
		{
			int			place = staging_find_dump_column(load->reader, listed[i]);

			add_load_column(load, listed[i], place < 0 ? staging_name(load->reader, listed[i]) :
							names[place]);
		}
		return;
	}

	n = mysqldump_columns(load->reader, &columns);
	for (int i = 0; i < n; i++)
		add_load_column(load, columns[i].name, names[i]);
	if (n == 0)
		choose_columns_by_position(load);
}

/* Adds the staging column that a column of the dump is loaded into. */
static void
add_load_column(Load *load, const char *dump_name, const char *name)
{
	AttrNumber	attnum = find_staging_column(load, name);
	int			place = staging_find_dump_column(load->reader, dump_name);
	const MysqldumpColumn *mysql;
	Form_pg_attribute att;
	LoadColumn *column;

	if (attnum == InvalidAttrNumber)
		refuse_missing_column(load, dump_name);
	for (int i = 0; i < load->ncolumns; i++)
	{
		if (pg_strcasecmp(load->columns[i].dump_name, dump_name) == 0)
			refuse_listed_twice(load, dump_name);
		if (load->columns[i].attnum == attnum)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_COLUMN),
					 errmsg("columns \"%s\" and \"%s\" of the dump are both loaded into column \"%s\"",
							load->columns[i].dump_name, dump_name, load->columns[i].name),
					 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
					 errhint("Dump the table again with CREATE TABLE, and load it into a new table, which gets a column for each.")));
	}

	att = TupleDescAttr(RelationGetDescr(load->rel), attnum - 1);
	if (att->attgenerated)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("column \"%s\" of table %s is generated", NameStr(att->attname),
						relation_display_name(RelationGetRelid(load->rel))),
				 errdetail("The dump has values for it. Nothing was loaded."),
				 errhint("Load into a new table, which gets the dump's columns.")));

	column = &load->columns[load->ncolumns++];
	column->attnum = attnum;
	column->name = pstrdup(NameStr(att->attname));
	column->dump_name = pstrdup(dump_name);
	if (place >= 0)
	{
		mysqldump_columns(load->reader, &mysql);
		column->mysql_type = pstrdup(mysql[place].type);
		column->mysql_length = mysql[place].length;
		column->bit_width = mysql_bit_width(&mysql[place]);
		column->is_auto_increment = mysql[place].is_auto_increment;
	}
	set_kind(load, column, att, place >= 0 ? &mysql[place] : NULL);
}

/* In MySQL, names that differ only in letter case are equal. */
static void
refuse_listed_twice(const Load *load, const char *dump_name)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_COLUMN),
			 errmsg("an INSERT lists column \"%s\" twice", dump_name),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 errhint("MySQL refuses it, too: dump the table again.")));
}

static void
refuse_missing_column(const Load *load, const char *dump_name)
{
	if (load->created)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("an INSERT lists column \"%s\", which the dump's CREATE TABLE does not have", dump_name),
				 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
				 errhint("Create the table first, with this column, or dump the table again.")));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("table %s has no column \"%s\"",
					relation_display_name(RelationGetRelid(load->rel)), dump_name),
			 errdetail("The dump's table \"%s\" has one; columns are matched by name. Nothing was loaded.",
					   load->table_name),
			 errhint("Load into a new table, which gets the dump's columns, or add the column.")));
}

/*
 * A column by its exact name, or else in any letter case, as in MySQL.  Raises
 * an error when several differ only in that.
 */
static AttrNumber
find_staging_column(const Load *load, const char *name)
{
	TupleDesc	desc = RelationGetDescr(load->rel);
	Form_pg_attribute found = NULL;
	Form_pg_attribute other = NULL;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		if (strcmp(NameStr(att->attname), name) == 0)
			return att->attnum;
		if (pg_strcasecmp(NameStr(att->attname), name) == 0)
		{
			other = found;
			found = att;
		}
	}
	if (other)
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_COLUMN),
				 errmsg("column \"%s\" of the dump can be \"%s\" or \"%s\" of table %s", name,
						NameStr(other->attname), NameStr(found->attname),
						relation_display_name(RelationGetRelid(load->rel))),
				 errdetail("Neither has exactly its name. Nothing was loaded."),
				 errhint("Load into a new table, or rename one of them.")));
	return found ? found->attnum : InvalidAttrNumber;
}

/* Sets how values are written for the column's type. */
static void
set_kind(const Load *load, LoadColumn *column, Form_pg_attribute att,
		 const MysqldumpColumn *mysql)
{
	int32		typmod = att->atttypmod;
	Oid			type = getBaseTypeAndTypmod(att->atttypid, &typmod);
	const char *mysql_type = column->mysql_type;

	if (mysql_lossy_type(type, typmod))
		refuse_lossy_type(load, column, att, mysql_lossy_type(type, typmod));

	column->kind = mysql_value_kind(type);
	column->is_enum = mysql_type &&
		(strcmp(mysql_type, "enum") == 0 || strcmp(mysql_type, "set") == 0);
	column->is_string = mysql_type && mysql_is_string_type(mysql_type);
	if (mysql && mysql->charset && (column->is_string || column->is_enum))
		column->charset = pstrdup(mysql->charset);
	column->is_year = mysql_type && strcmp(mysql_type, "year") == 0 && column->mysql_length != 2;
	column->scale = mysql_kept_scale(type, typmod);
	if (column->scale >= dump_scale(mysql))
		column->scale = MYSQL_ANY_SCALE;
	set_limits(column, type, typmod);
	column->plain_numbers = column->bit_width == 0 && !column->is_enum && !column->is_string &&
		!column->is_year && column->scale == MYSQL_ANY_SCALE &&
		(column->kind == VALUE_TEXT || column->kind == VALUE_NUMBER);
	if (column->kind == VALUE_BITS)
	{
		column->bit_varies = mysql_type_varies(type);
		column->bit_length = Max(typmod, 0);
	}
}

/* Spaces at the end are dropped without an error by char(n) and varchar(n). */
static void
set_limits(LoadColumn *column, Oid type, int32 typmod)
{
	column->max_chars = -1;
	if (type == BPCHAROID)
		column->max_chars = 0;
	else if (type == VARCHAROID && typmod >= (int32) VARHDRSZ)
		column->max_chars = typmod - VARHDRSZ;
}

static void
refuse_lossy_type(const Load *load, const LoadColumn *column, Form_pg_attribute att,
				  const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" has type %s, which does not keep every value as it is",
					column->name, format_type_with_typemod(att->atttypid, att->atttypmod)),
			 errdetail("It would change some values without an error. Nothing was loaded."),
			 errhint("%s", staging_type_hint(load->rel, load->created, column->attnum, type))));
}

/* The most digits after the point that the dump's column can have. */
static int
dump_scale(const MysqldumpColumn *mysql)
{
	if (mysql && strcmp(mysql->type, "decimal") == 0)
		return Max(mysql->scale, 0);
	if (mysql && (strcmp(mysql->type, "datetime") == 0 || strcmp(mysql->type, "timestamp") == 0 ||
				  strcmp(mysql->type, "time") == 0) &&
		mysql->length <= 6)
		return Max(mysql->length, 0);
	if (mysql && strstr(mysql->type, "int") && !strstr(mysql->type, "point"))
		return 0;
	return INT_MAX;
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
		add_load_column(load, NameStr(att->attname), NameStr(att->attname));
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

void
load_bind_insert(Load *load)
{
	char	   *const *listed;
	const MysqldumpColumn *columns;
	int			nlisted = mysqldump_insert_columns(load->reader, &listed);
	int			ncolumns = mysqldump_columns(load->reader, &columns);

	load->bound_insert = mysqldump_insert_number(load->reader);
	load_choose_encoding(load);
	bind_time_zone(load);

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

	for (int i = 0; i < load->ncolumns; i++)
		load->columns[i].missing |= load->columns[i].value_index < 0;
}

/* Sets the value of the column with that name in the dump. */
static void
set_value_index(Load *load, const char *dump_name, int value_index)
{
	/* mostly it is at the same place, which is tried first */
	for (int i = 0; i < load->ncolumns; i++)
	{
		LoadColumn *column = &load->columns[(value_index + i) % load->ncolumns];

		if (strcmp(column->dump_name, dump_name) != 0 &&
			pg_strcasecmp(column->dump_name, dump_name) != 0)
			continue;
		if (column->value_index >= 0)
			refuse_listed_twice(load, dump_name);
		column->value_index = value_index;
		return;
	}

	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("an INSERT has column \"%s\", but the first one does not", dump_name),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 errhint("Dump the table again with mysqldump, whose INSERTs all have the same columns.")));
}

/* Takes the time zone that the dump has set for the INSERT. */
static void
bind_time_zone(Load *load)
{
	const char *zone = mysqldump_time_zone(load->reader);

	for (int i = 0; i < load->ncolumns; i++)
	{
		if (load->columns[i].kind == VALUE_TIMESTAMPTZ)
			require_time_zone(load, &load->columns[i], zone);
		else if (load->bound_insert > 1 && load->columns[i].mysql_type &&
				 strcmp(load->columns[i].mysql_type, "timestamp") == 0 &&
				 strcmp(zone ? zone : "", load->time_zone) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
					 errmsg("the time zone changes between the INSERTs of the table"),
					 errdetail("It is at %s. Column \"%s\" has no time zone. Nothing was loaded.",
							   load_position_text(load), load->columns[i].name),
					 errhint("Dump the table again with mysqldump, which writes TIMESTAMPs in UTC, or load it by this: %s",
							 staging_type_hint(load->rel, load->created, load->columns[i].attnum, "timestamptz"))));
	}
	strlcpy(load->time_zone, zone ? zone : "", sizeof(load->time_zone));
}

/*
 * Raises an error when values of a timestamptz would be taken for times in the
 * session's time zone: the dump must say one, and the column be a TIMESTAMP.
 */
static void
require_time_zone(const Load *load, LoadColumn *column, const char *zone)
{
	const char *mysql_type = column->mysql_type;
	bool		is_timestamp = mysql_type && strcmp(mysql_type, "timestamp") == 0;

	if (mysql_type && strcmp(mysql_type, "datetime") != 0 &&
		strcmp(mysql_type, "date") != 0 && !is_timestamp)
		return;
	column->adds_zone = zone && (is_timestamp || !mysql_type);
	if (column->adds_zone)
	{
		refuse_abbreviation(load, column, zone);
		return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" has a time zone, but the dump does not say which one its values are in",
					column->name),
			 mysql_type && !is_timestamp ?
			 errdetail("In the dump it is a %s, which has no time zone. Nothing was loaded.", mysql_type) :
			 errdetail("The dump has no SET TIME_ZONE. Nothing was loaded."),
			 errhint("Load it as it is: %s",
					 staging_type_hint(load->rel, load->created, column->attnum, "timestamp"))));
}

static void
refuse_abbreviation(const Load *load, const LoadColumn *column, const char *zone)
{
	if (load_zone_is_abbreviation(zone))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the dump's time zone \"%s\" is an abbreviation with another meaning in PostgreSQL", zone),
				 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
				 errhint("Dump again with mysqldump, which writes TIMESTAMPs in UTC, or load them as they are: %s",
						 staging_type_hint(load->rel, load->created, column->attnum, "timestamp"))));
}

bool
load_zone_is_abbreviation(const char *zone)
{
	QueryArgs	args = {0};

	if (*zone == '+' || *zone == '-' || strchr(zone, '/') ||
		strcmp(zone, "utc") == 0 || strcmp(zone, "gmt") == 0)
		return false;
	query_arg(&args, TEXTOID, CStringGetTextDatum(zone), false);
	return query_bool("SELECT EXISTS (SELECT FROM pg_catalog.pg_timezone_abbrevs"
					  " WHERE lower(abbrev) = $1)", &args);
}
