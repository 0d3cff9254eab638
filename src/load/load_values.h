/*-------------------------------------------------------------------------
 *
 * load_values.h
 *	  Values of a dump as fields of COPY's text format.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_VALUES_H
#define MENUCA_LOAD_VALUES_H

#include "load/load_state.h"

/*
 * Appends a value that is not NULL, as its column's type needs it, to the batch.
 * Raises an error when it is not valid, or postpones the tuple.
 */
extern void load_append_value(Load *load, LoadColumn *column,
							  const MysqldumpValue *value);

#endif							/* MENUCA_LOAD_VALUES_H */
