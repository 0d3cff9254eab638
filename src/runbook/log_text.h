/*-------------------------------------------------------------------------
 *
 * log_text.h
 *	  Texts of the execution log, which is Markdown.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOG_TEXT_H
#define MENUCA_LOG_TEXT_H

#include "executor/tuptable.h"

/* A text that has to be seen: Markdown has no colours of its own. */
extern char *log_red(const char *text);

/* A column as text that fits into a table's cell; empty if it is NULL. */
extern char *log_cell(TupleTableSlot *slot, const char *column);

#endif							/* MENUCA_LOG_TEXT_H */
