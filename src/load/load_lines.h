/*-------------------------------------------------------------------------
 *
 * load_lines.h
 *	  A dump's tuples as lines of COPY's text format.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_LINES_H
#define MENUCA_LOAD_LINES_H

#include "load/load_state.h"

/*
 * Chooses the encoding of the dump's text: that of SET NAMES, or UTF-8.  Raises
 * an error when the server does not have it.
 */
extern void load_choose_encoding(Load *load);

/*
 * Appends the current tuple to the batch as one COPY line.  Sets
 * tuple_postponed when it must go into the next batch; the line is then not
 * complete.  Raises an error when a value is not valid.
 */
extern void load_append_line(Load *load);

/*
 * Ends the batch before the current tuple, unless that is its first one.
 * Returns true if it did.  To be called before an error is raised: until COPY
 * has consumed every earlier tuple its line number is off, and an earlier error
 * could be overtaken.
 */
extern bool load_postpone_tuple(Load *load);

#endif							/* MENUCA_LOAD_LINES_H */
