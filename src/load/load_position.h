/*-------------------------------------------------------------------------
 *
 * load_position.h
 *	  The position of a load in its dump, and when an error is raised.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_POSITION_H
#define MENUCA_LOAD_POSITION_H

#include "base/compat.h"
#include "load/load_state.h"

/*
 * Ends the batch before the current tuple, unless that is its first one.
 * Returns true if it did.  To be called before an error is raised: until COPY
 * has consumed every earlier tuple its line number is off, and an earlier error
 * could be overtaken.
 */
extern bool load_postpone_tuple(Load *load);

/* The position of the reader: "line 3, byte offset 75 of the dump". */
extern char *load_position_text(const Load *load);

/* The same of the tuple that COPY is processing, or else of the reader. */
extern char *load_copy_position_text(const Load *load);

/* Raises the reader's failure as an error. */
pg_noreturn extern void load_raise_reader_error(const Load *load);

#endif							/* MENUCA_LOAD_POSITION_H */
