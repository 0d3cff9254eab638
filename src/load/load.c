/*-------------------------------------------------------------------------
 *
 * load.c
 *	  Loading one table of a MySQL dump into a staging table.
 *
 * menuca_load_dump(dump, table_name, into_table, append, replace)
 * menuca_load_dump_lo(...)		the same, from a large object
 * menuca_load_dump_file(...)	the same, from a file on the server
 *
 * The reader returns tuples.  Each becomes a line of COPY's text format, and
 * COPY does the rest: conversion, defaults, constraints, triggers, partitions
 * and speed.  COPY gets the lines in batches, so that memory stays flat.  The
 * position of an error in the dump follows from COPY's line number and the
 * positions of the last tuples, which are kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/stat.h>

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "commands/copyfrom_internal.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_relation.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "load/load_columns.h"
#include "load/load_lines.h"
#include "load/load_notices.h"
#include "load/load_position.h"
#include "load/load_progress.h"
#include "load/load_state.h"
#include "load/load_text.h"
#include "load/staging.h"
#include "load/staging_names.h"
#include "mysql/mysqldump.h"

PG_FUNCTION_INFO_V1(menuca_load_dump);
PG_FUNCTION_INFO_V1(menuca_load_dump_lo);
PG_FUNCTION_INFO_V1(menuca_load_dump_file);

/*
 * COPY buffers up to 1000 rows before it inserts them (MAX_BUFFERED_TUPLES in
 * copyfrom.c).  A row in error may be that many rows and a batch behind the
 * reader, so their sum must be below LOAD_POSITIONS.
 */
#define BATCH_TUPLES	512

/*
 * The load that COPY's callback, which has no argument, reads from.  A trigger
 * of the staging table may load another dump, so each load restores the
 * previous value.
 */
static Load *current_load = NULL;

static Datum load_dump(FunctionCallInfo fcinfo, MysqldumpReadFn read, void *arg,
					   uint64 bytes, bool in_server_encoding);
static uint64 large_object_size(int fd);
static FILE *open_dump(FunctionCallInfo fcinfo, const char *path);
static uint64 file_size(FILE *file);
static char *large_object_hint(FunctionCallInfo fcinfo);
static LoadMode load_mode(FunctionCallInfo fcinfo);
static void read_first_tuple(Load *load);
static uint64 copy_from_dump(Load *load);
static int	read_batch(void *outbuf, int minread, int maxread);
static void make_batch(Load *load, int size);
static bool next_tuple(Load *load);
pg_noreturn static void rethrow_with_position(const Load *load);
static char *rethrow_hint(const Load *load, int sqlstate);
static char *type_for(const Load *load, const char *attname, int sqlstate);
static bool has_type(Form_pg_attribute att, const char *type);


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
 * menuca_load_dump(dump text, table_name, into_table, append, replace): returns
 * the number of rows loaded, which is the number of the dump's tuples, and the
 * next call.  The text is in the database's encoding.
 */
Datum
menuca_load_dump(PG_FUNCTION_ARGS)
{
	text	   *dump;
	TextInput	input;

	argument_require(fcinfo, 0, "dump");
	dump = PG_GETARG_TEXT_PP(0);
	input.data = VARDATA_ANY(dump);
	input.left = VARSIZE_ANY_EXHDR(dump);
	return load_dump(fcinfo, read_text, &input, input.left, true);
}

static size_t
read_large_object(void *arg, char *buf, size_t len)
{
	return lo_read(*(int *) arg, buf, (int) Min(len, INT_MAX));
}

static uint64
large_object_size(int fd)
{
	int64		size = DatumGetInt64(DirectFunctionCall3(be_lo_lseek64, Int32GetDatum(fd), Int64GetDatum(0),
														 Int32GetDatum(SEEK_END)));

	(void) DirectFunctionCall3(be_lo_lseek64, Int32GetDatum(fd), Int64GetDatum(0), Int32GetDatum(SEEK_SET));
	return (uint64) size;
}

/*
 * menuca_load_dump_lo(large_object oid, ...): the same, from a large object
 * that the caller may read.
 */
Datum
menuca_load_dump_lo(PG_FUNCTION_ARGS)
{
	Oid			oid;
	QueryArgs	args = {0};
	int			fd;
	Datum		result;

	argument_require(fcinfo, 0, "large_object");
	oid = PG_GETARG_OID(0);
	query_arg(&args, OIDOID, ObjectIdGetDatum(oid), false);
	if (query_int8("SELECT count(*) FROM pg_largeobject_metadata WHERE oid = $1", &args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("large object %u does not exist", oid),
				 errdetail("Nothing was loaded."),
				 errhint("%s", large_object_hint(fcinfo))));

	fd = DatumGetInt32(DirectFunctionCall2(be_lo_open, ObjectIdGetDatum(oid),
										   Int32GetDatum(INV_READ)));
	result = load_dump(fcinfo, read_large_object, &fd, large_object_size(fd), false);
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
				 errhint("%s", migrate_call("Check the server's disk, or load the dump as a large object, with menuca_load_dump_lo()."))));
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
	Datum		result;

	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to read a file on the server"),
				 errdetail("Role \"%s\" lacks the privileges of pg_read_server_files. Nothing was loaded.",
						   GetUserNameFromId(GetUserId(), false)),
				 errhint("%s", large_object_hint(fcinfo))));

	input.path = argument_text(fcinfo, 0, "path");
	input.file = open_dump(fcinfo, input.path);
	result = load_dump(fcinfo, read_file, &input, file_size(input.file), false);
	FreeFile(input.file);
	return result;
}

/*
 * Opens a regular file: opening a named pipe would wait for its writer, and no
 * cancel would end that.
 */
static FILE *
open_dump(FunctionCallInfo fcinfo, const char *path)
{
	struct stat st;
	FILE	   *file = NULL;
	bool		is_impossible;

	if (strlen(path) >= MAXPGPATH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("the path of the dump has %zu bytes", strlen(path)),
				 errdetail("A path has at most %d. Nothing was loaded.", MAXPGPATH - 1),
				 errhint("%s", large_object_hint(fcinfo))));
	if (stat(path, &st) == 0)
	{
		if (!S_ISREG(st.st_mode))
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 S_ISDIR(st.st_mode) ? errmsg("\"%s\" is a directory", path) :
					 errmsg("\"%s\" is a device, a pipe or a socket, not a file", path),
					 errdetail("Nothing was loaded."),
					 errhint("Pass the path of the dump's file.")));
		file = AllocateFile(path, PG_BINARY_R);
	}
	is_impossible = errno == ENAMETOOLONG || errno == ELOOP;
	if (file == NULL)
		ereport(ERROR,
				(is_impossible ? errcode(ERRCODE_INVALID_NAME) : errcode_for_file_access(),
				 errmsg("could not open file \"%s\" for reading: %m", path),
				 errdetail("Nothing was loaded."),
				 errhint("The server opens the file: it must be on the server's machine and readable by the server's user. %s",
						 large_object_hint(fcinfo))));
	return file;
}

/* 0 when it cannot be told. */
static uint64
file_size(FILE *file)
{
	struct stat st;

	return fstat(fileno(file), &st) == 0 ? (uint64) st.st_size : 0;
}

/* The next call for a dump that is a file of the client. */
static char *
large_object_hint(FunctionCallInfo fcinfo)
{
	char	   *table_name = argument_text_or_null(fcinfo, 1);
	char	   *into_table = argument_text_or_null(fcinfo, 2);

	return migrate_call("Put the client's file into a large object, in pieces: SELECT lo_from_bytea(0, '" ARGUMENT_REASON "'); with the first piece returns its oid, and lo_put() appends the others (psql: \\lo_import); then: SELECT * FROM menuca_load_dump_lo(oid, %s, %s);",
						quote_literal_cstr(table_name ? table_name : "combos"),
						quote_literal_cstr(into_table ? into_table : "staging.menuca_v1_combos"));
}

/*
 * The main path.  read and arg are the input, bytes its size, or 0 if it is not
 * known; returns the number of rows loaded, and the next call.
 */
static Datum
load_dump(FunctionCallInfo fcinfo, MysqldumpReadFn read, void *arg,
		  uint64 bytes, bool in_server_encoding)
{
	Load		load = {0};
	TupleDesc	desc = result_row_type(fcinfo, "it");
	Datum		values[2];
	bool		nulls[2] = {0};
	LoadMode	mode = load_mode(fcinfo);
	char	   *into_table = argument_text(fcinfo, 2, "into_table");
	uint64		rows;
	uint64		tuples;
	int64		before = 0;

	query_require_writable("menuca_load_dump()");
	load.table_name = argument_text(fcinfo, 1, "table_name");
	load.in_server_encoding = in_server_encoding;
	initStringInfo(&load.batch);
	initStringInfo(&load.text);
	load.positions = palloc(sizeof(LoadPosition) * LOAD_POSITIONS);
	load_progress_begin(&load, read, arg, bytes);
	load.reader = mysqldump_open(load_progress_read, &load, load.table_name);
	mysqldump_set_names(load.reader, load_convert_name, &load);

	read_first_tuple(&load);
	load.rel = staging_open(load.reader, load.table_name, into_table, mode, &load.created);
	load_choose_columns(&load);
	load.triggers = staging_triggers(load.rel);
	if (load.triggers)
		before = staging_row_count(load.rel);
	load_progress_end(&load);
	rows = copy_from_dump(&load);

	/* a trigger may also delete rows that COPY has counted, or add some */
	tuples = mysqldump_tuple_number(load.reader);
	if (load.triggers && rows == tuples)
		rows = Max(staging_row_count(load.rel) - before, 0);
	if (rows > tuples)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_LOAD),
				 errmsg("table %s has %s more, but the dump has %s",
						relation_display_name(RelationGetRelid(load.rel)),
						format_things(rows, "row"), format_things(tuples, "tuple")),
				 errdetail("A trigger on the table added the others. The load was undone."),
				 errhint("Load into a table without triggers.")));
	if (rows != tuples)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_LOAD),
				 errmsg("only %s of the dump's %s were loaded into table %s",
						format_count(rows), format_things(tuples, "tuple"),
						relation_display_name(RelationGetRelid(load.rel))),
				 errdetail("A trigger on the table discarded the rest. The load was undone."),
				 errhint("Load into a table without triggers.")));
	load_report(&load, rows);

	values[0] = Int64GetDatum((int64) rows);
	values[1] = CStringGetTextDatum(load_next_call(&load));
	table_close(load.rel, NoLock);
	mysqldump_close(load.reader);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

static LoadMode
load_mode(FunctionCallInfo fcinfo)
{
	bool		append = argument_bool(fcinfo, 3, "append");
	bool		replace = argument_bool(fcinfo, 4, "replace");

	if (append && replace)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("append and replace exclude each other"),
				 errdetail("Nothing was loaded."),
				 errhint("Pass only one of them: append => true keeps existing rows, replace => true deletes them.")));
	return append ? LOAD_APPEND : replace ? LOAD_REPLACE : LOAD_INTO_EMPTY;
}

/* No table is touched before the dump has been seen to contain a tuple. */
static void
read_first_tuple(Load *load)
{
	const char *seen;

	switch (mysqldump_next(load->reader))
	{
		case MYSQLDUMP_TUPLE:
			load->tuple_pending = true;
			load_choose_encoding(load);
			return;
		case MYSQLDUMP_ERROR:
			load_raise_reader_error(load);
		case MYSQLDUMP_END:
			seen = mysqldump_tables_seen(load->reader);
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("the dump has no rows of table \"%s\"", load->table_name),
					 seen && *seen ?
					 errdetail("Tables in the dump: %s. Nothing was loaded.", seen) :
					 errdetail("It names no table. Nothing was loaded."),
					 errhint("Check the table's name, and that the dump was made with data (without --no-data).")));
	}
}

/* Loads all tuples by COPY; returns the number of rows that it inserted. */
static uint64
copy_from_dump(Load *load)
{
	Load	   *outer = current_load;
	MemoryContext context = CurrentMemoryContext;
	ParseState *pstate = make_parsestate(NULL);
	List	   *names = NIL;
	List	   *options;
	uint64		rows;

	for (int i = 0; i < load->ncolumns; i++)
		names = lappend(names, makeString(load->columns[i].name));

	/* COPY must neither convert nor verify text: load_text.c has done both */
	options = list_make1(makeDefElem("encoding", (Node *) makeString("SQL_ASCII"), -1));
	(void) addRangeTableEntryForRelation(pstate, load->rel, RowExclusiveLock,
										 NULL, false, false);

	PG_TRY();
	{
		current_load = load;
		load->copy = BeginCopyFrom(pstate, load->rel, NULL, NULL, false, read_batch,
								   names, options);
		rows = CopyFrom(load->copy);
		EndCopyFrom(load->copy);
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
 * Re-throws COPY's error with its position in the dump, the column and its
 * value, and what to do about it.
 */
static void
rethrow_with_position(const Load *load)
{
	ErrorData  *error = CopyErrorData();
	const char *column = load->copy ? load->copy->cur_attname : NULL;
	char	   *position = psprintf("It is at or before %s. Nothing was loaded.",
									load_copy_position_text(load));

	FlushErrorState();
	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED ||
		(error->detail && strstr(error->detail, "Nothing was loaded.")))
		ReThrowError(error);
	if (column)
		position = psprintf("Column \"%s\" cannot hold the value. %s", column, position);
	else if (load->converted)
		position = psprintf("It is a character in column \"%s\". %s", load->converted, position);
	error->detail = error->detail ? psprintf("%s %s", error->detail, position) : position;

	/* the server's own would be about its settings */
	if (column)
		error->hint = rethrow_hint(load, error->sqlerrcode);
	else if (error->hint == NULL && error->sqlerrcode == ERRCODE_UNTRANSLATABLE_CHARACTER)
		error->hint = "The database's encoding lacks this character: load into a database in UTF8.";
	else if (error->hint == NULL && error->sqlerrcode == ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		error->hint = "No design of the table changes this limit of PostgreSQL: make a table with fewer columns or shorter values in the old system (CREATE TABLE ... AS SELECT ...), and dump that.";
	else if (error->hint == NULL && !load->created)
		error->hint = "Load into a new table, which gets columns that fit the dump, or change the staging table.";
	ReThrowError(error);
}

/* The statement by which the column that COPY is at could hold its value. */
static char *
rethrow_hint(const Load *load, int sqlstate)
{
	const char *column = load->copy->cur_attname;
	AttrNumber	attnum = get_attnum(RelationGetRelid(load->rel), column);

	if (attnum == InvalidAttrNumber)
		return NULL;
	return psprintf("Correct the value in the old system, or load it as it is: %s",
					staging_type_hint(load->rel, load->created, attnum,
									  type_for(load, column, sqlstate)));
}

/* A type that can hold what the column cannot: the dump's, or one for all. */
static char *
type_for(const Load *load, const char *attname, int sqlstate)
{
	const MysqldumpColumn *columns;

	mysqldump_columns(load->reader, &columns);
	for (int i = 0; i < load->ncolumns && !load->created; i++)
	{
		const LoadColumn *column = &load->columns[i];
		int			place = staging_find_dump_column(load->reader, column->dump_name);
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(load->rel), column->attnum - 1);
		char	   *type;

		if (place < 0 || strcmp(column->name, attname) != 0)
			continue;
		type = mysql_postgres_type(&columns[place], load->time_zone[0] != '\0');
		if (!has_type(att, type))
			return type;
	}
	return sqlstate == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE ? "numeric" : "text";
}

/* True if the column has the type of that name. */
static bool
has_type(Form_pg_attribute att, const char *type)
{
	if (strcmp(type, "timestamp") == 0)
		return att->atttypid == TIMESTAMPOID;
	if (strcmp(type, "timestamptz") == 0)
		return att->atttypid == TIMESTAMPTZOID;
	return strcmp(type, format_type_with_typemod(att->atttypid, att->atttypmod)) == 0;
}

/*
 * COPY's data source: returns a batch of tuples, or as much of it as COPY asks
 * for.
 */
static int
read_batch(void *outbuf, pg_attribute_unused() int minread, int maxread)
{
	Load	   *load = current_load;
	int			n;

	if (load->batch_sent == load->batch.len)
	{
		load->copy_waits = true;
		make_batch(load, maxread);
		load->copy_waits = false;
	}

	n = Min(maxread, load->batch.len - load->batch_sent);
	memcpy(outbuf, load->batch.data + load->batch_sent, n);
	load->batch_sent += n;
	load_progress_give(load, n);
	return n;
}

/*
 * Formats tuples as COPY lines until the batch reaches about size bytes; leaves
 * it empty at end of input.
 */
static void
make_batch(Load *load, int size)
{
	resetStringInfo(&load->batch);
	load->batch_tuples = 0;
	load->batch_sent = 0;
	load->tuple_postponed = false;

	while (load->batch_tuples < BATCH_TUPLES && load->batch.len < size &&
		   next_tuple(load))
	{
		int			len = load->batch.len;

		load_append_line(load);
		if (load->tuple_postponed)
		{
			load->batch.len = len;
			load->tuple_pending = true;
			return;
		}
		load->batch_tuples++;
	}
}

/* Advances to the next tuple; returns false when the batch ends before it. */
static bool
next_tuple(Load *load)
{
	LoadPosition *position;

	CHECK_FOR_INTERRUPTS();
	if (load->finished)
		return false;
	if (!load->tuple_pending)
	{
		MysqldumpStatus status = mysqldump_next(load->reader);

		if (status == MYSQLDUMP_ERROR && load_postpone_tuple(load))
			return false;
		if (status == MYSQLDUMP_ERROR)
			load_raise_reader_error(load);
		load->finished = status == MYSQLDUMP_END;
		if (load->finished)
			return false;
	}

	load->tuple_pending = false;
	position = &load->positions[mysqldump_tuple_number(load->reader) % LOAD_POSITIONS];
	mysqldump_position(load->reader, &position->line, &position->offset);
	return true;
}
