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
 * triggers, partitions and speed.  Tuples are handed over in batches, so
 * memory stays flat; COPY's line number and a list of where the last tuples
 * are in the dump tell the place of an error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/stat.h>

#include "access/table.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "commands/copyfrom_internal.h"
#include "fmgr.h"
#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_relation.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/sqlstate.h"
#include "load/load_columns.h"
#include "load/load_lines.h"
#include "load/load_position.h"
#include "load/load_state.h"
#include "load/staging.h"

PG_FUNCTION_INFO_V1(menuca_load_dump);
PG_FUNCTION_INFO_V1(menuca_load_dump_lo);
PG_FUNCTION_INFO_V1(menuca_load_dump_file);

/*
 * COPY buffers up to 1000 rows before it inserts them: the row in error may be
 * that many and a batch behind the reader, which LOAD_PLACES covers.
 */
#define BATCH_TUPLES	512

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
static uint64 copy_in(Load *load);
static int	give_to_copy(void *outbuf, int minread, int maxread);
static void next_batch(Load *load, int size);
static bool next_tuple(Load *load);
pg_noreturn static void rethrow_with_position(const Load *load);
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

	argument_require(fcinfo, 0, "dump");
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
	Oid			oid = argument_oid_or_invalid(fcinfo, 0);
	QueryArgs	args = {0};
	int			fd;
	Datum		result;

	argument_require(fcinfo, 0, "dump");
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

	input.path = argument_text(fcinfo, 0, "path");
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
	char	   *into_table = argument_text(fcinfo, 2, "into_table");
	uint64		rows;
	uint64		tuples;

	query_require_writable("menuca_load_dump()");
	load.table_name = argument_text(fcinfo, 1, "table_name");
	load.in_server_encoding = in_server_encoding;
	initStringInfo(&load.batch);
	load.places = palloc(sizeof(Place) * LOAD_PLACES);
	load.reader = mysqldump_open(read, arg, load.table_name);

	first_tuple(&load);
	load.rel = staging_open(load.reader, load.table_name, into_table, mode);
	load_choose_columns(&load);
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
	bool		append = argument_bool(fcinfo, 3, "append");
	bool		replace = argument_bool(fcinfo, 4, "replace");

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
			load_choose_encoding(load);
			return;
		case MYSQLDUMP_ERROR:
			load_raise_reader_error(load);
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

static uint64
copy_in(Load *load)
{
	Load	   *outer = current_load;
	MemoryContext context = CurrentMemoryContext;
	ParseState *pstate = make_parsestate(NULL);
	List	   *names = NIL;
	List	   *options;
	uint64		rows;

	for (int i = 0; i < load->ncolumns; i++)
		names = lappend(names, makeString(load->columns[i].name));

	/* no conversion, and no check either: append_text() has seen to both */
	options = list_make1(makeDefElem("encoding", (Node *) makeString("SQL_ASCII"), -1));
	(void) addRangeTableEntryForRelation(pstate, load->rel, RowExclusiveLock,
										 NULL, false, false);

	PG_TRY();
	{
		current_load = load;
		load->copy = BeginCopyFrom(pstate, load->rel, NULL, NULL, false, give_to_copy,
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
 * Raises COPY's error again, saying where in the dump it is and what to do
 * where it does not say so itself.
 */
static void
rethrow_with_position(const Load *load)
{
	ErrorData  *error = CopyErrorData();
	char	   *position = psprintf("It is at or before %s. Nothing was loaded.",
									load_copy_position_text(load));

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
 * COPY's data source: a batch of tuples, or a part of it when it is larger
 * than what COPY asks for.
 */
static int
give_to_copy(void *outbuf, pg_attribute_unused() int minread, int maxread)
{
	Load	   *load = current_load;
	int			n;

	if (load->batch_sent == load->batch.len)
	{
		load->copy_waits = true;
		next_batch(load, maxread);
		load->copy_waits = false;
	}

	n = Min(maxread, load->batch.len - load->batch_sent);
	memcpy(outbuf, load->batch.data + load->batch_sent, n);
	load->batch_sent += n;
	return n;
}

/* Makes tuples lines up to about that size, none when there are no more. */
static void
next_batch(Load *load, int size)
{
	resetStringInfo(&load->batch);
	load->batch_tuples = 0;
	load->batch_sent = 0;
	load->put_off = false;

	while (load->batch_tuples < BATCH_TUPLES && load->batch.len < size &&
		   next_tuple(load))
	{
		int			len = load->batch.len;
		uint64		zero_dates = load->zero_dates;

		load_append_line(load);
		if (load->put_off)
		{
			load->batch.len = len;
			load->zero_dates = zero_dates;
			load->tuple_waiting = true;
			return;
		}
		load->batch_tuples++;
	}
}

/* Goes to the next tuple; false when the batch ends before it. */
static bool
next_tuple(Load *load)
{
	Place	   *place;

	CHECK_FOR_INTERRUPTS();
	if (load->finished)
		return false;
	if (!load->tuple_waiting)
	{
		MysqldumpStatus status = mysqldump_next(load->reader);

		if (status == MYSQLDUMP_ERROR && load_put_off(load))
			return false;
		if (status == MYSQLDUMP_ERROR)
			load_raise_reader_error(load);
		load->finished = status == MYSQLDUMP_END;
		if (load->finished)
			return false;
	}

	load->tuple_waiting = false;
	place = &load->places[mysqldump_tuple_number(load->reader) % LOAD_PLACES];
	mysqldump_position(load->reader, &place->line, &place->offset);
	return true;
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
