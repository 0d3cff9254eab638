/*-------------------------------------------------------------------------
 *
 * load_position.h
 *	  Where in the dump a load is, and the errors of its reader.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_POSITION_H
#define MENUCA_LOAD_POSITION_H

#include "base/compat.h"
#include "load/load_state.h"

/* Where the reader is, in words. */
extern char *load_position_text(const Load *load);

/* Where the tuple is that COPY is processing, or else the reader. */
extern char *load_copy_position_text(const Load *load);

/* Raises the reader's failure as an error. */
pg_noreturn extern void load_raise_reader_error(const Load *load);

#endif							/* MENUCA_LOAD_POSITION_H */
