/*-------------------------------------------------------------------------
 *
 * load_position.c
 *	  The position of a load in its dump: see load_position.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/copyfrom_internal.h"
#include "mb/pg_wchar.h"

#include "load/load_position.h"
#include "mysql/mysqldump.h"

static char *position_text(const LoadPosition *position);


bool
load_postpone_tuple(Load *load)
{
	load->tuple_postponed = load->batch_tuples > 0;
	return load->tuple_postponed;
}

char *
load_position_text(const Load *load)
{
	LoadPosition position;

	mysqldump_position(load->reader, &position.line, &position.offset);
	return position_text(&position);
}

void
load_raise_reader_error(const Load *load)
{
	const char *hint = mysqldump_hint(load->reader);
	const char *message = mysqldump_message(load->reader);

	/* the reader may have cut it within a character */
	message = pnstrdup(message, pg_mbcliplen(message, strlen(message), INT_MAX));
	ereport(ERROR,
			(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
			 errmsg("%s", message),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 errhint("%s", hint ? hint : "Dump the table again and check that the file is complete.")));
}

char *
load_copy_position_text(const Load *load)
{
	uint64		tuple = load->copy ? load->copy->cur_lineno : 0;
	uint64		last = mysqldump_tuple_number(load->reader);

	if (load->copy_waits || tuple == 0 || tuple > last || tuple + LOAD_POSITIONS <= last)
		return load_position_text(load);
	return position_text(&load->positions[tuple % LOAD_POSITIONS]);
}

static char *
position_text(const LoadPosition *position)
{
	return psprintf("line " UINT64_FORMAT ", byte offset " UINT64_FORMAT " of the dump",
					(uint64) position->line, (uint64) position->offset);
}
