/*-------------------------------------------------------------------------
 *
 * undo_settings.h
 *	  Putting back settings and keys that an import changed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_UNDO_SETTINGS_H
#define MENUCA_UNDO_SETTINGS_H

#include "takeover/import_plan.h"

/* Each adds items; unless the call is a dry run, it writes what is as the import left it. */
extern void undo_settings(ImportCall *call);
extern void undo_keys(ImportCall *call);

#endif							/* MENUCA_UNDO_SETTINGS_H */
