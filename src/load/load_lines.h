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
 * Appends the current tuple to the batch as one COPY line.  Sets
 * tuple_postponed when it must go into the next batch; the line is then not
 * complete.  Raises an error when a value is not valid.
 */
extern void load_append_line(Load *load);

#endif							/* MENUCA_LOAD_LINES_H */
