/*-------------------------------------------------------------------------
 *
 * load_position.c
 *	  Where in the dump a load is: see load_position.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/copyfrom_internal.h"

#include "load/load_position.h"

static char *place_text(const Place *place);


char *
load_position_text(const Load *load)
{
	Place		place;

	mysqldump_position(load->reader, &place.line, &place.offset);
	return place_text(&place);
}

void
load_raise_reader_error(const Load *load)
{
	const char *hint = mysqldump_hint(load->reader);

	ereport(ERROR,
			(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
			 errmsg("%s", mysqldump_message(load->reader)),
			 errdetail("It is at %s. Nothing was loaded.", load_position_text(load)),
			 errhint("%s", hint ? hint : "Dump the table again and check that the file is complete.")));
}

char *
load_copy_position_text(const Load *load)
{
	uint64		tuple = load->copy ? load->copy->cur_lineno : 0;
	uint64		last = mysqldump_tuple_number(load->reader);

	if (load->copy_waits || tuple == 0 || tuple > last || tuple + LOAD_PLACES <= last)
		return load_position_text(load);
	return place_text(&load->places[tuple % LOAD_PLACES]);
}

static char *
place_text(const Place *place)
{
	return psprintf("line " UINT64_FORMAT ", byte offset " UINT64_FORMAT " of the dump",
					(uint64) place->line, (uint64) place->offset);
}
