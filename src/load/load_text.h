/*-------------------------------------------------------------------------
 *
 * load_text.h
 *	  Text and names of a dump, verified and converted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_TEXT_H
#define MENUCA_LOAD_TEXT_H

#include "load/load_state.h"

/*
 * Chooses the encoding of the text that comes next: that of the dump's SET
 * NAMES, or UTF-8.  Raises an error when the server does not have it.
 */
extern void load_choose_encoding(Load *load);

/*
 * Converts a name of the dump to the database's encoding: a MysqldumpNameFn,
 * whose arg is the Load.
 */
extern bool load_convert_name(void *arg, const char *charset, const char *name,
							  char *to, size_t size);

/*
 * Appends a value as text, verified and converted to the database's encoding,
 * in COPY's text format.  Raises an error when it is not valid, or postpones the
 * tuple.
 */
extern void load_append_text(Load *load, LoadColumn *column,
							 const MysqldumpValue *value);

#endif							/* MENUCA_LOAD_TEXT_H */
