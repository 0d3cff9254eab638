/*-------------------------------------------------------------------------
 *
 * wal_ahead.h
 *	  Having the WAL of a long transaction written while it runs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WAL_AHEAD_H
#define MENUCA_WAL_AHEAD_H

/*
 * To be called now and then while much is written: asks the WAL writer to write
 * and flush what has been logged so far, and does not wait for it.
 */
extern void wal_ahead(void);

#endif							/* MENUCA_WAL_AHEAD_H */
