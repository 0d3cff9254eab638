/*-------------------------------------------------------------------------
 *
 * read_only.h
 *	  New sessions of the database that are read-only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_READ_ONLY_H
#define MENUCA_READ_ONLY_H

#include "ledger/environment.h"

/* A NOTICE while new sessions are read-only: since when, and how to write and end it. */
extern void read_only_announce(const Environment *environment);

#endif							/* MENUCA_READ_ONLY_H */
