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

/* Chooses the encoding of the dump's text: as SET NAMES says, or UTF-8. */
extern void load_choose_encoding(Load *load);

/* Appends the reader's tuple to the batch as one line. */
extern void load_append_line(Load *load);

/*
 * Ends the batch before the current tuple, unless that is its first one.
 * Asked before an error is raised: until COPY has consumed every earlier tuple
 * its line number is off, and an earlier error could be overtaken.
 */
extern bool load_put_off(Load *load);

#endif							/* MENUCA_LOAD_LINES_H */
