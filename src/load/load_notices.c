/*-------------------------------------------------------------------------
 *
 * load_notices.c
 *	  What a load tells when it has ended: see load_notices.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/settings.h"
#include "load/load_columns.h"
#include "load/load_notices.h"
#include "load/staging_names.h"
#include "mysql/mysqldump.h"

static void report_renamed(const Load *load);
static void report_unlisted(const Load *load);
static const char *unlisted_reason(const MysqldumpColumn *column);
static const char *staging_value(Form_pg_attribute att);
static bool is_loaded(const Load *load, AttrNumber attnum);
static void report_missing(const Load *load);
static void report_time_zone(const Load *load);
static void report_zero_dates(const Load *load);
static void report_unnumbered(const Load *load);
static void report_triggers(const Load *load);
static void report_garbled(const Load *load);
static void report_overriding(const Load *load);


void
load_report(const Load *load, uint64 rows)
{
	ereport(NOTICE,
			(errmsg("%s loaded into %s, one for each tuple of \"%s\" in the dump",
					format_things(rows, "row"),
					relation_display_name(RelationGetRelid(load->rel)), load->table_name)));
	report_renamed(load);
	report_unlisted(load);
	report_missing(load);
	report_time_zone(load);
	report_zero_dates(load);
	report_unnumbered(load);
	report_triggers(load);
	report_garbled(load);
	report_overriding(load);
	if (mysqldump_lacks_trailer(load->reader))
		ereport(WARNING,
				(errmsg("the dump does not end with \"Dump completed\""),
				 errdetail("It begins like a dump of mysqldump, but its last line is missing: the file may have been cut."),
				 errhint("Compare the number of rows with SELECT count(*) in the old system.")));
}

/* Columns whose names PostgreSQL cannot have. */
static void
report_renamed(const Load *load)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < load->ncolumns; i++)
	{
		const LoadColumn *column = &load->columns[i];

		if (pg_strcasecmp(column->name, column->dump_name) != 0)
			format_append(&names, ", ", "%s as %s", column->dump_name, column->name);
	}
	if (names.len > 0)
		ereport(NOTICE,
				(errmsg("columns have other names than in the dump: %s", names.data),
				 errdetail("PostgreSQL has system columns such as xmin, and names of at most %d bytes.",
						   NAMEDATALEN - 1)));
}

/* Columns of the dump or of the staging table that got no values. */
static void
report_unlisted(const Load *load)
{
	TupleDesc	desc = RelationGetDescr(load->rel);
	const MysqldumpColumn *columns;
	int			n = mysqldump_columns(load->reader, &columns);
	char	  **names = staging_names(load->reader);
	bool	   *told = palloc0(sizeof(bool) * desc->natts);
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < n; i++)
	{
		bool		loaded = false;
		const char *here = "not in the staging table";

		for (int j = 0; j < load->ncolumns; j++)
			loaded |= pg_strcasecmp(load->columns[j].dump_name, columns[i].name) == 0;
		if (loaded || load->by_position)
			continue;
		for (int j = 0; j < desc->natts; j++)
		{
			Form_pg_attribute att = TupleDescAttr(desc, j);

			if (att->attisdropped || pg_strcasecmp(NameStr(att->attname), names[i]) != 0)
				continue;
			told[j] = true;
			here = staging_value(att);
		}
		format_append(&list, ", ", "%s (%s; here %s)", columns[i].name,
					  unlisted_reason(&columns[i]), here);
	}
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && !told[i] && !is_loaded(load, att->attnum))
			format_append(&list, ", ", "%s (not in the dump; here %s)", NameStr(att->attname),
						  staging_value(att));
	}
	if (list.len > 0)
		ereport(NOTICE,
				(errmsg("no INSERT has values for these columns: %s", list.data)));
}

/* Why MySQL has a value for a column that no INSERT lists. */
static const char *
unlisted_reason(const MysqldumpColumn *column)
{
	if (column->is_generated)
		return "generated";
	if (column->is_auto_increment)
		return "auto_increment";
	return column->has_default ? "default" : "NULL in MySQL";
}

/* What a column of the staging table has if the load gives it no value. */
static const char *
staging_value(Form_pg_attribute att)
{
	if (att->attgenerated)
		return "generated";
	if (att->attidentity)
		return "identity";
	return att->atthasdef ? "default" : "NULL";
}

static bool
is_loaded(const Load *load, AttrNumber attnum)
{
	for (int i = 0; i < load->ncolumns; i++)
	{
		if (load->columns[i].attnum == attnum)
			return true;
	}
	return false;
}

/* Columns that some INSERTs list and others do not. */
static void
report_missing(const Load *load)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < load->ncolumns; i++)
	{
		if (load->columns[i].missing)
			format_append(&list, ", ", "%s", load->columns[i].name);
	}
	if (list.len > 0)
		ereport(NOTICE,
				(errmsg("these columns are NULL where an INSERT does not list them: %s", list.data),
				 errdetail("In MySQL they have their defaults there.")));
}

/* TIMESTAMPs in columns without a time zone, and the other way round. */
static void
report_time_zone(const Load *load)
{
	for (int i = 0; i < load->ncolumns && load->time_zone[0] != '\0'; i++)
	{
		const LoadColumn *column = &load->columns[i];

		if (column->adds_zone && !column->mysql_type)
			ereport(NOTICE,
					(errmsg("values of column \"%s\" are taken for times in the dump's time zone, %s",
							column->name, load->time_zone),
					 errdetail("The dump has no CREATE TABLE, which would tell TIMESTAMP from DATETIME.")));
		else if (column->kind == VALUE_TIMESTAMP && column->mysql_type &&
				 strcmp(column->mysql_type, "timestamp") == 0)
			ereport(NOTICE,
					(errmsg("times in column \"%s\" are in the dump's time zone, %s",
							column->name, load->time_zone),
					 errdetail("The column has no time zone, but a TIMESTAMP of MySQL is a moment."),
					 load_zone_is_abbreviation(load->time_zone) ? 0 :
					 errhint("To have the moments: ALTER TABLE %s ALTER COLUMN %s TYPE timestamptz USING (%s || ' %s')::timestamptz;",
							 relation_quoted_name(RelationGetRelid(load->rel)), quote_identifier(column->name),
							 quote_identifier(column->name), load->time_zone)));
	}
}

static void
report_zero_dates(const Load *load)
{
	StringInfoData list;
	uint64		total = 0;

	initStringInfo(&list);
	for (int i = 0; i < load->ncolumns; i++)
	{
		total += load->columns[i].zero_dates;
		if (load->columns[i].zero_dates > 0)
			format_append(&list, ", ", "%s %s (the first is %s)", load->columns[i].name,
						  format_count(load->columns[i].zero_dates), load->columns[i].first_zero_date);
	}
	if (total > 0)
		ereport(NOTICE,
				(errmsg("%s of MySQL (such as 0000-00-00) became NULL", format_things(total, "zero date")),
				 errdetail("By column: %s.", list.data),
				 errhint("To keep them, create the table first, with these columns as text.")));
}

/* NULL, to which MySQL gives the next number. */
static void
report_unnumbered(const Load *load)
{
	for (int i = 0; i < load->ncolumns; i++)
	{
		const LoadColumn *column = &load->columns[i];

		if (column->unnumbered > 0)
			ereport(NOTICE,
					(errmsg("column \"%s\" is NULL in %s, to which MySQL gives the next numbers",
							column->name, format_things(column->unnumbered, "row")),
					 errdetail("It is an AUTO_INCREMENT, and the file has NULL for it."),
					 errhint("If the numbers matter, load the file into MySQL, and dump the table with mysqldump.")));
	}
}

/* Other people's code, which may change a row before it is stored. */
static void
report_triggers(const Load *load)
{
	if (load->triggers)
		ereport(NOTICE,
				(errmsg("triggers of table %s ran, and may have changed its rows: %s",
						relation_display_name(RelationGetRelid(load->rel)), load->triggers),
				 errhint("To have the dump's values for certain, load into a table without triggers.")));
}

static void
report_garbled(const Load *load)
{
	StringInfoData list;
	uint64		total = 0;

	initStringInfo(&list);
	for (int i = 0; i < load->ncolumns; i++)
	{
		total += load->columns[i].garbled;
		if (load->columns[i].garbled > 0)
			format_append(&list, ", ", "%s %s", load->columns[i].name,
						  format_count(load->columns[i].garbled));
	}
	if (total > 0)
		ereport(NOTICE,
				(errmsg("%s may be UTF-8 that MySQL stored as latin1", format_things(total, "value")),
				 errdetail("By column: %s. They are loaded as MySQL has them: such a text shows two characters, of which the first often is an A with a tilde, for one with an accent.",
						   list.data),
				 errhint("If they are garbled, dump again with --default-character-set=latin1 --skip-set-charset, which writes the bytes as they were stored, and load that file into a new table.")));
}

static void
report_overriding(const Load *load)
{
	uint64_t	line;
	uint64_t	offset;
	uint64		tuples = mysqldump_overriding_tuples(load->reader, &line, &offset);

	if (tuples > 0)
		ereport(WARNING,
				(errmsg("%s loaded from REPLACE or INSERT IGNORE, all as they are", format_things(tuples, "tuple")),
				 errdetail("The first begins at line " UINT64_FORMAT ", byte offset " UINT64_FORMAT " of the dump. Of tuples with equal keys, MySQL would keep only one.",
						   (uint64) line, (uint64) offset),
				 errhint("Compare the number of rows with SELECT count(*) in the old system.")));
}

/* A person decides what V1's combos mean; what comes after other tables depends on the rest. */
char *
load_next_call(const Load *load)
{
	const char *point = strrchr(load->table_name, '.');
	Oid			relid = RelationGetRelid(load->rel);
	RangeVar   *source = relation_parse_name("menuca.source_table", menuca_source_table);
	Oid			schema = source->schemaname ? get_namespace_oid(source->schemaname, true) : InvalidOid;

	if (strcmp(point ? point + 1 : load->table_name, "combos") != 0)
		return migrate_call("SELECT * FROM menuca_next();");
	if (relid == (source->schemaname ? get_relname_relid(source->relname, schema) : RelnameGetRelid(source->relname)))
		return migrate_call("SELECT * FROM menuca_decide();");
	return migrate_call("SELECT * FROM menuca_decide(source => %s);", quote_literal_cstr(relation_quoted_name(relid)));
}
