/*-------------------------------------------------------------------------
 *
 * html.h
 *	  A value as text of an HTML page.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_HTML_H
#define MENUCA_HTML_H

#include "lib/stringinfo.h"

/*
 * Appends the first at_most characters of a text, in ASCII, harmless between tags and in
 * quotes, also of an SVG.  Returns how many characters the text has.
 */
extern uint64 html_append(StringInfo html, const char *value, int at_most);

#endif							/* MENUCA_HTML_H */
