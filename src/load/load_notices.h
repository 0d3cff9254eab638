/*-------------------------------------------------------------------------
 *
 * load_notices.h
 *	  What a load tells when it has ended.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_NOTICES_H
#define MENUCA_LOAD_NOTICES_H

#include "load/load_state.h"

/* Reports the number of rows, and all in which they differ from the dump. */
extern void load_report(const Load *load, uint64 rows);

/* The call to make after it. */
extern char *load_next_call(const Load *load);

#endif							/* MENUCA_LOAD_NOTICES_H */
