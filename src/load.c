/*-------------------------------------------------------------------------
 *
 * load.c
 *	  Loading one table of a MySQL dump into a staging table.
 *
 * menuca_load_dump(dump, table_name, into_table, append, replace)
 * menuca_load_dump_lo(...)		the same, from a large object
 * menuca_load_dump_file(...)	the same, from a file on the server
 *
 * The reader hands out tuples; each becomes a line of COPY's text format, and
 * COPY's own machinery does the rest: conversion, defaults, constraints,
 * triggers, partitions and speed.  One tuple is handed over at a time, so
 * that an error tells where in the dump it is, and memory stays flat.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/stat.h>

#include "access/table.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "commands/copy.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_relation.h"
#include "parser/scansup.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "arguments.h"
#include "compat.h"
#include "mysqldump.h"
#include "mysqltype.h"
#include "query.h"
#include "report.h"
#include "sqlstate.h"
#include "staging.h"
#include "target.h"

PG_FUNCTION_INFO_V1(menuca_load_dump);
PG_FUNCTION_INFO_V1(menuca_load_dump_lo);
PG_FUNCTION_INFO_V1(menuca_load_dump_file);

/* A column of the staging table that gets values from the dump. */
typedef struct LoadColumn
{
	char	   *name;
	ValueKind	kind;			/* what its type wants */
	bool		mysql_bit;		/* the dump's column is a BIT */
	int			position;		/* of its value in the current INSERT, or -1 */
} LoadColumn;

/* A load at work. */
typedef struct Load
{
	const char *table_name;		/* in the dump */
	MysqldumpReader *reader;
	int			encoding;		/* of the dump's text */
	bool		in_server_encoding; /* the dump was a text argument */
	Relation	rel;			/* staging table */
	int			ncolumns;
	LoadColumn *columns;
	bool		by_place;		/* the dump names no columns */
	uint64_t	bound_insert;	/* number of the INSERT that is bound */
	StringInfoData line;		/* of COPY's text format */
	int			line_sent;		/* bytes of it that COPY has */
	bool		tuple_waiting;	/* the reader's tuple was not made a line yet */
	bool		finished;
	uint64		zero_dates;
} Load;

/*
 * COPY's callback has no argument, so this says whose turn it is.  A trigger
 * of the staging table may load another dump: each load puts back what it
 * found.
 */
static Load *current_load = NULL;

static Datum load_dump(FunctionCallInfo fcinfo, MysqldumpReadFn read, void *arg,
					   bool in_server_encoding);
static LoadMode load_mode(FunctionCallInfo fcinfo);
static void first_tuple(Load *load);
static void choose_columns(Load *load);
static void add_column(Load *load, const char *name);
static AttrNumber find_column(Relation rel, const char *name);
static void choose_columns_by_place(Load *load);
static const MysqldumpColumn *dump_column(const Load *load, const char *name);
static void bind_insert(Load *load);
static void bind_name(Load *load, const char *name, int place);
static uint64 copy_in(Load *load);
static int	give_to_copy(void *outbuf, int minread, int maxread);
static bool next_line(Load *load);
static void append_value(Load *load, const LoadColumn *column,
						 const MysqldumpValue *value);
static void append_text(Load *load, const MysqldumpValue *value);
static const char *to_server_encoding(const Load *load,
									  const MysqldumpValue *value, int encoding);
static void append_escaped(StringInfo buf, const char *data, size_t len);
static void choose_encoding(Load *load);
pg_noreturn static void raise_reader_error(Load *load);
pg_noreturn static void rethrow_with_position(const Load *load);
static char *position_text(const Load *load);
static void announce(const Load *load, uint64 rows);


/* A text argument as input. */
typedef struct TextInput
{
	const char *data;
	size_t		left;
} TextInput;

static size_t
read_text(void *arg, char *buf, size_t len)
{
	TextInput  *input = arg;

	len = Min(len, input->left);
	memcpy(buf, input->data, len);
	input->data += len;
	input->left -= len;
	return len;
}

/*
 * menuca_load_dump(dump text, table_name, into_table, append, replace): the
 * number of rows loaded, which is that of the dump's tuples.  The text is in
 * the database's encoding.
 */
Datum
menuca_load_dump(PG_FUNCTION_ARGS)
{
	text	   *dump;
	TextInput	input;

	require_argument(fcinfo, 0, "dump");
	dump = PG_GETARG_TEXT_PP(0);
	input.data = VARDATA_ANY(dump);
	input.left = VARSIZE_ANY_EXHDR(dump);
	return load_dump(fcinfo, read_text, &input, true);
}

static size_t
read_large_object(void *arg, char *buf, size_t len)
{
	return lo_read(*(int *) arg, buf, (int) Min(len, INT_MAX));
}

/*
 * menuca_load_dump_lo(dump oid, ...): the same, from a large object that the
 * caller may read.
 */
Datum
menuca_load_dump_lo(PG_FUNCTION_ARGS)
{
	Oid			oid = optional_oid(fcinfo, 0);
	QueryArgs	args = {0};
	int			fd;
	Datum		result;

	require_argument(fcinfo, 0, "dump");
	query_arg(&args, OIDOID, ObjectIdGetDatum(oid), false);
	if (query_int8("SELECT count(*) FROM pg_largeobject_metadata WHERE oid = $1", &args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("large object %u does not exist", oid),
				 errdetail("Nothing was loaded."),
				 errhint("In psql: \\lo_import 'dump.sql', then pass :LASTOID.")));

	fd = DatumGetInt32(DirectFunctionCall2(be_lo_open, ObjectIdGetDatum(oid),
										   Int32GetDatum(INV_READ)));
	result = load_dump(fcinfo, read_large_object, &fd, false);
	DirectFunctionCall1(be_lo_close, Int32GetDatum(fd));
	return result;
}

/* A file on the server as input. */
typedef struct FileInput
{
	FILE	   *file;
	const char *path;
} FileInput;

static size_t
read_file(void *arg, char *buf, size_t len)
{
	FileInput  *input = arg;
	size_t		n = fread(buf, 1, len, input->file);

	if (ferror(input->file))
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read file \"%s\": %m", input->path),
				 errdetail("Nothing was loaded."),
				 errhint("Look at the server's disk, or send a copy with \\lo_import.")));
	return n;
}

/*
 * menuca_load_dump_file(path text, ...): the same, from a file that the server
 * can read; for roles with the privileges of pg_read_server_files.
 */
Datum
menuca_load_dump_file(PG_FUNCTION_ARGS)
{
	FileInput	input;
	struct stat st;
	Datum		result;

	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to read a file on the server"),
				 errdetail("Role \"%s\" lacks the privileges of pg_read_server_files; nothing was loaded.",
						   GetUserNameFromId(GetUserId(), false)),
				 errhint("Send the dump from the client: in psql \\lo_import 'dump.sql', then menuca_load_dump_lo(:LASTOID, ...).")));

	input.path = required_text(fcinfo, 0, "path");
	input.file = AllocateFile(input.path, PG_BINARY_R);
	if (input.file == NULL)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open file \"%s\" for reading: %m", input.path),
				 errdetail("Nothing was loaded."),
				 errhint("The file is opened by the server: it must be on its machine and readable for its user. A client's file can be sent with \\lo_import.")));

	if (fstat(fileno(input.file), &st) == 0 && S_ISDIR(st.st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is a directory", input.path),
				 errdetail("Nothing was loaded."),
				 errhint("Name the dump's file.")));

	result = load_dump(fcinfo, read_file, &input, false);
	FreeFile(input.file);
	return result;
}

/*
 * The main path.  read and arg are the input; returns the number of rows
 * loaded.
 */
static Datum
load_dump(FunctionCallInfo fcinfo, MysqldumpReadFn read, void *arg,
		  bool in_server_encoding)
{
	Load		load = {0};
	LoadMode	mode = load_mode(fcinfo);
	char	   *into_table = required_text(fcinfo, 2, "into_table");
	uint64		rows;
	uint64		tuples;

	query_require_writable("menuca_load_dump()");
	load.table_name = required_text(fcinfo, 1, "table_name");
	load.in_server_encoding = in_server_encoding;
	initStringInfo(&load.line);
	load.reader = mysqldump_open(read, arg, load.table_name);

	first_tuple(&load);
	load.rel = staging_open(load.reader, load.table_name, into_table, mode);
	choose_columns(&load);
	rows = copy_in(&load);

	tuples = mysqldump_tuple_number(load.reader);
	if (rows != tuples)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_LOAD),
				 errmsg("%s of %s of the dump got into table %s",
						format_count(rows), format_things(tuples, "tuple"),
						relation_display_name(RelationGetRelid(load.rel))),
				 errdetail("A trigger of the table swallowed the others. All of it was undone."),
				 errhint("Load into a table without triggers.")));
	announce(&load, rows);

	table_close(load.rel, NoLock);
	mysqldump_close(load.reader);
	PG_RETURN_INT64(rows);
}

static LoadMode
load_mode(FunctionCallInfo fcinfo)
{
	bool		append = required_bool(fcinfo, 3, "append");
	bool		replace = required_bool(fcinfo, 4, "replace");

	if (append && replace)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("append and replace exclude each other"),
				 errdetail("Nothing was loaded."),
				 errhint("append keeps the rows that are there, replace deletes them.")));
	return append ? LOAD_APPEND : replace ? LOAD_REPLACE : LOAD_INTO_EMPTY;
}

/* Nothing is touched before the dump has shown a tuple. */
static void
first_tuple(Load *load)
{
	const char *seen;

	switch (mysqldump_next(load->reader))
	{
		case MYSQLDUMP_TUPLE:
			load->tuple_waiting = true;
			choose_encoding(load);
			return;
		case MYSQLDUMP_ERROR:
			raise_reader_error(load);
		case MYSQLDUMP_END:
			seen = mysqldump_tables_seen(load->reader);
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("the dump holds no row of table \"%s\"", load->table_name),
					 seen && *seen ?
					 errdetail("Tables in the dump: %s. Nothing was loaded.", seen) :
					 errdetail("It names no table at all. Nothing was loaded."),
					 errhint("Check the table's name, and that the dump was made with data (not --no-data).")));
	}
}

/*
 * Chooses the staging table's columns that get values: those that the first
 * INSERT lists, or else those of CREATE TABLE, by name; or else, by place.
 */
static void
choose_columns(Load *load)
{
	char	   *const *names;
	const MysqldumpColumn *columns;
	int			n = mysqldump_insert_columns(load->reader, &names);

	load->columns = palloc0(sizeof(LoadColumn) * MaxHeapAttributeNumber);
	if (n > 0)
	{
		for (int i = 0; i < n; i++)
			add_column(load, names[i]);
		return;
	}

	n = mysqldump_columns(load->reader, &columns);
	for (int i = 0; i < n; i++)
		add_column(load, columns[i].name);
	if (n == 0)
		choose_columns_by_place(load);
}

/* A column of the dump, by its name. */
static void
add_column(Load *load, const char *name)
{
	AttrNumber	attnum = find_column(load->rel, name);
	const MysqldumpColumn *mysql = dump_column(load, name);
	Form_pg_attribute att;
	LoadColumn *column = &load->columns[load->ncolumns];

	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s has no column \"%s\"",
						relation_display_name(RelationGetRelid(load->rel)), name),
				 errdetail("The dump's table \"%s\" has one; columns are bound by name. Nothing was loaded.",
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
	column->kind = value_kind(getBaseType(att->atttypid));
	column->mysql_bit = mysql && strcmp(mysql->type, "bit") == 0;
	load->ncolumns++;
}

/* A column by name: exactly, or else ignoring case as MySQL does. */
static AttrNumber
find_column(Relation rel, const char *name)
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

/* A dump without any column names fits a table of as many columns. */
static void
choose_columns_by_place(Load *load)
{
	TupleDesc	desc = RelationGetDescr(load->rel);
	const MysqldumpValue *values;
	int			nvalues = mysqldump_values(load->reader, &values);
	StringInfoData names;

	load->by_place = true;
	initStringInfo(&names);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || att->attgenerated)
			continue;
		add_column(load, NameStr(att->attname));
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", NameStr(att->attname));
	}

	if (load->ncolumns != nvalues)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the dump's tuples have %d values, table %s has %d columns",
						nvalues, relation_display_name(RelationGetRelid(load->rel)),
						load->ncolumns),
				 errdetail("The dump has neither a CREATE TABLE nor column lists, so values can only be bound by place. Nothing was loaded."),
				 errhint("Dump again without --no-create-info, or with --complete-insert.")));
	ereport(NOTICE,
			(errmsg("the dump names no columns: its values are bound by place, as %s", names.data),
			 errhint("A dump with CREATE TABLE or --complete-insert is bound by name, which is safer.")));
}

/* The column of CREATE TABLE by that name, or NULL. */
static const MysqldumpColumn *
dump_column(const Load *load, const char *name)
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

/*
 * Finds each column's place in the current INSERT, by the names that it lists
 * or else by those of CREATE TABLE.  A column that it does not have becomes
 * NULL; one that only it has is an error.
 */
static void
bind_insert(Load *load)
{
	char	   *const *listed;
	const MysqldumpColumn *columns;
	int			nlisted = mysqldump_insert_columns(load->reader, &listed);
	int			ncolumns = mysqldump_columns(load->reader, &columns);

	load->bound_insert = mysqldump_insert_number(load->reader);
	for (int i = 0; i < load->ncolumns; i++)
		load->columns[i].position = load->by_place && nlisted == 0 ? i : -1;

	if (nlisted > 0)
	{
		for (int place = 0; place < nlisted; place++)
			bind_name(load, listed[place], place);
	}
	else if (ncolumns > 0)
	{
		for (int place = 0; place < ncolumns; place++)
			bind_name(load, columns[place].name, place);
	}
	else if (!load->by_place)
		ereport(ERROR,
				(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
				 errmsg("an INSERT lists no columns, although an earlier one did"),
				 errdetail("It is at %s. Without a CREATE TABLE, their order is unknown. Nothing was loaded.",
						   position_text(load)),
				 errhint("Dump again without --no-create-info, or with --complete-insert.")));
}

/* Binds the column of that name to a place in the tuples. */
static void
bind_name(Load *load, const char *name, int place)
{
	char	   *wanted = pstrdup(name);

	truncate_identifier(wanted, strlen(wanted), false);
	for (int i = 0; i < load->ncolumns; i++)
	{
		if (pg_strcasecmp(load->columns[i].name, wanted) == 0)
		{
			load->columns[i].position = place;
			pfree(wanted);
			return;
		}
	}

	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("an INSERT has column \"%s\", which the first one did not", name),
			 errdetail("It is at %s. Nothing was loaded.", position_text(load)),
			 errhint("Dump again with mysqldump: its INSERTs all have the same columns.")));
}

static uint64
copy_in(Load *load)
{
	Load	   *outer = current_load;
	MemoryContext context = CurrentMemoryContext;
	ParseState *pstate = make_parsestate(NULL);
	List	   *names = NIL;
	List	   *options;
	CopyFromState state;
	uint64		rows;

	for (int i = 0; i < load->ncolumns; i++)
		names = lappend(names, makeString(load->columns[i].name));
	options = list_make1(makeDefElem("encoding",
									 (Node *) makeString(pstrdup(GetDatabaseEncodingName())), -1));
	(void) addRangeTableEntryForRelation(pstate, load->rel, RowExclusiveLock,
										 NULL, false, false);

	PG_TRY();
	{
		current_load = load;
		state = BeginCopyFrom(pstate, load->rel, NULL, NULL, false, give_to_copy,
							  names, options);
		rows = CopyFrom(state);
		EndCopyFrom(state);
	}
	PG_CATCH();
	{
		current_load = outer;
		MemoryContextSwitchTo(context);
		rethrow_with_position(load);
	}
	PG_END_TRY();

	current_load = outer;
	free_parsestate(pstate);
	return rows;
}

/*
 * Raises COPY's error again, saying where in the dump it is and what to do
 * where it does not say so itself.
 */
static void
rethrow_with_position(const Load *load)
{
	ErrorData  *error = CopyErrorData();
	char	   *position = psprintf("It is at or before %s. Nothing was loaded.",
									position_text(load));

	FlushErrorState();
	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		ReThrowError(error);
	if (error->detail == NULL)
		error->detail = position;
	else if (strstr(error->detail, "Nothing was loaded.") == NULL)
		error->detail = psprintf("%s %s", error->detail, position);
	if (error->hint == NULL)
		error->hint = "Load into a new table, which gets columns that fit the dump, or change the staging table.";
	ReThrowError(error);
}

/*
 * COPY's data source: one tuple at a time, or a part of it when it is larger
 * than what COPY asks for.
 */
static int
give_to_copy(void *outbuf, pg_attribute_unused() int minread, int maxread)
{
	Load	   *load = current_load;
	int			n;

	if (load->line_sent == load->line.len && !next_line(load))
		return 0;

	n = Min(maxread, load->line.len - load->line_sent);
	memcpy(outbuf, load->line.data + load->line_sent, n);
	load->line_sent += n;
	return n;
}

/* Makes the reader's next tuple a line; false when there is none. */
static bool
next_line(Load *load)
{
	const MysqldumpValue *values;

	CHECK_FOR_INTERRUPTS();
	if (load->finished)
		return false;
	if (!load->tuple_waiting)
	{
		MysqldumpStatus status = mysqldump_next(load->reader);

		if (status == MYSQLDUMP_ERROR)
			raise_reader_error(load);
		load->finished = status == MYSQLDUMP_END;
		if (load->finished)
			return false;
	}
	load->tuple_waiting = false;
	if (load->bound_insert != mysqldump_insert_number(load->reader))
		bind_insert(load);

	resetStringInfo(&load->line);
	load->line_sent = 0;
	mysqldump_values(load->reader, &values);
	for (int i = 0; i < load->ncolumns; i++)
	{
		const LoadColumn *column = &load->columns[i];

		if (i > 0)
			appendStringInfoCharMacro(&load->line, '\t');
		if (column->position < 0)
			appendStringInfoString(&load->line, "\\N");
		else
			append_value(load, column, &values[column->position]);
	}
	appendStringInfoCharMacro(&load->line, '\n');
	return true;
}

/* A value as its column's type wants it, in COPY's text format. */
static void
append_value(Load *load, const LoadColumn *column, const MysqldumpValue *value)
{
	StringInfo	line = &load->line;

	if (value->kind == MYSQLDUMP_NULL)
	{
		appendStringInfoString(line, "\\N");
		return;
	}

	switch (column->kind)
	{
		case VALUE_BYTES:
			append_bytes(line, value);
			return;
		case VALUE_BITS:
			append_bits(line, value);
			return;
		case VALUE_DATE:
			if (is_zero_date(value))
			{
				load->zero_dates++;
				appendStringInfoString(line, "\\N");
				return;
			}
			break;
		case VALUE_NUMBER:
			if (value->kind == MYSQLDUMP_BYTES || value->kind == MYSQLDUMP_BITS ||
				(column->mysql_bit && value->kind == MYSQLDUMP_STRING))
			{
				if (!append_integer(line, value))
					ereport(ERROR,
							(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							 errmsg("a binary value of column \"%s\" is too large for a number", column->name),
							 errdetail("It is at %s. Nothing was loaded.", position_text(load)),
							 errhint("Make the column of type bytea, or load into a new table.")));
				return;
			}
			break;
		case VALUE_TEXT:
			break;
	}
	append_text(load, value);
}

/* Text, converted to the database's encoding. */
static void
append_text(Load *load, const MysqldumpValue *value)
{
	int			encoding = load->encoding;
	const char *converted;

	if (value->kind == MYSQLDUMP_NUMBER)
	{
		appendBinaryStringInfo(&load->line, value->data, value->len);
		return;
	}
	if (memchr(value->data, '\0', value->len))
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("a text value contains a NUL character"),
				 errdetail("It is at %s; PostgreSQL's text cannot hold it. Nothing was loaded.", position_text(load)),
				 errhint("Make the staging column of type bytea, or clean the value in the old system.")));

	if (value->charset && !load->in_server_encoding &&
		!mysql_charset_encoding(value->charset, &encoding))
		encoding = load->encoding;

	converted = to_server_encoding(load, value, encoding);
	append_escaped(&load->line, converted,
				   converted == value->data ? value->len : strlen(converted));
	if (converted != value->data)
		pfree((char *) converted);
}

/* The value itself when it needs no conversion, else a copy. */
static const char *
to_server_encoding(const Load *load, const MysqldumpValue *value, int encoding)
{
	int			server_encoding = GetDatabaseEncoding();

	if (!pg_verify_mbstr(encoding, value->data, value->len, true))
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("a text value is not valid %s", pg_encoding_to_char(encoding)),
				 errdetail("It is at %s. Nothing was loaded.", position_text(load)),
				 errhint("Dump again with --default-character-set=utf8mb4; a dump in another encoding must say so with SET NAMES.")));
	if (encoding == server_encoding || server_encoding == PG_SQL_ASCII)
		return value->data;
	return (const char *) pg_do_encoding_conversion((unsigned char *) unconstify(char *, value->data),
													value->len, encoding, server_encoding);
}

/* Escapes what has a meaning in COPY's text format. */
static void
append_escaped(StringInfo buf, const char *data, size_t len)
{
	const char *end = data + len;
	const char *start = data;

	for (const char *p = data; p < end; p++)
	{
		char		escape;

		switch (*p)
		{
			case '\\':
				escape = '\\';
				break;
			case '\n':
				escape = 'n';
				break;
			case '\r':
				escape = 'r';
				break;
			case '\t':
				escape = 't';
				break;
			default:
				continue;
		}
		appendBinaryStringInfo(buf, start, p - start);
		appendStringInfoChar(buf, '\\');
		appendStringInfoChar(buf, escape);
		start = p + 1;
	}
	appendBinaryStringInfo(buf, start, end - start);
}

/* The encoding of the dump's text: as SET NAMES says, or UTF-8. */
static void
choose_encoding(Load *load)
{
	const char *charset = mysqldump_charset(load->reader);

	load->encoding = PG_UTF8;
	if (load->in_server_encoding)
		load->encoding = GetDatabaseEncoding();
	else if (charset && !mysqldump_was_utf16(load->reader) &&
			 !mysql_charset_encoding(charset, &load->encoding))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the dump's character set \"%s\" is not known", charset),
				 errdetail("Its SET NAMES says so; guessing could garble names. Nothing was loaded."),
				 errhint("Dump again with --default-character-set=utf8mb4.")));
}

static void
raise_reader_error(Load *load)
{
	const char *hint = mysqldump_hint(load->reader);

	ereport(ERROR,
			(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
			 errmsg("%s", mysqldump_message(load->reader)),
			 errdetail("It is at %s. Nothing was loaded.", position_text(load)),
			 errhint("%s", hint ? hint : "Dump the table again and check that the file is complete.")));
}

static char *
position_text(const Load *load)
{
	uint64_t	line;
	uint64_t	offset;

	mysqldump_position(load->reader, &line, &offset);
	return psprintf("line " UINT64_FORMAT ", byte offset " UINT64_FORMAT " of the dump",
					(uint64) line, (uint64) offset);
}

static void
announce(const Load *load, uint64 rows)
{
	ereport(NOTICE,
			(errmsg("%s loaded into %s, as many as the dump has tuples of \"%s\"",
					format_things(rows, "row"),
					relation_display_name(RelationGetRelid(load->rel)), load->table_name)));
	if (load->zero_dates > 0)
		ereport(NOTICE,
				(errmsg("%s of MySQL (such as 0000-00-00) became NULL",
						format_things(load->zero_dates, "zero date"))));
	if (mysqldump_lacks_trailer(load->reader))
		ereport(WARNING,
				(errmsg("the dump does not end with \"Dump completed\""),
				 errdetail("It begins as mysqldump's do, but its last line is missing: the file may have been cut."),
				 errhint("Compare the number of rows with SELECT count(*) in the old system.")));
}
