/*-------------------------------------------------------------------------
 *
 * log_text.c
 *	  Texts of the execution log: see log_text.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/slot.h"
#include "verdict/log_text.h"


char *
log_warning(const char *text)
{
	return psprintf("**(!) %s**", text);
}

char *
log_cell(TupleTableSlot *slot, const char *column)
{
	char	   *text = slot_text_or_null_of(slot, column);
	StringInfoData escaped;

	initStringInfo(&escaped);
	for (const char *p = text ? text : ""; *p; p++)
	{
		if (*p == '|' || *p == '<')
			appendStringInfoChar(&escaped, '\\');
		appendStringInfoChar(&escaped, *p == '\n' ? ' ' : *p);
	}
	return escaped.data;
}
