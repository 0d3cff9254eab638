/*-------------------------------------------------------------------------
 *
 * snapshot_triggers.h
 *	  Disabling triggers while a snapshot is restored.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_TRIGGERS_H
#define MENUCA_SNAPSHOT_TRIGGERS_H

#include "target/keyed_table.h"

/*
 * Disables the table's enabled triggers; returns the statements that enable them
 * again, as C strings.  Raises an error unless the caller owns the table.
 */
extern List *snapshot_triggers_disable(const KeyedTable *table);

#endif							/* MENUCA_SNAPSHOT_TRIGGERS_H */
