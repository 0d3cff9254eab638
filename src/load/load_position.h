/*-------------------------------------------------------------------------
 *
 * load_position.h
 *	  The position of a load in its dump, and the errors of its reader.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_POSITION_H
#define MENUCA_LOAD_POSITION_H

#include "base/compat.h"
#include "load/load_state.h"

/* The position of the reader: "line 3, byte offset 75 of the dump". */
extern char *load_position_text(const Load *load);

/* The same of the tuple that COPY is processing, or else of the reader. */
extern char *load_copy_position_text(const Load *load);

/* Raises the reader's failure as an error. */
pg_noreturn extern void load_raise_reader_error(const Load *load);

#endif							/* MENUCA_LOAD_POSITION_H */
