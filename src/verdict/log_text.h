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

/* What must not be overlooked: Markdown has no colours, but bold letters and signs. */
extern char *log_warning(const char *text);

/* A column as text that fits into a table's cell, and is no HTML; empty if it is NULL. */
extern char *log_cell(TupleTableSlot *slot, const char *column);

#endif							/* MENUCA_LOG_TEXT_H */
