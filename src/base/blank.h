/*-------------------------------------------------------------------------
 *
 * blank.h
 *	  Texts that show nothing: white space, and characters without a width.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BLANK_H
#define MENUCA_BLANK_H

/* True if a text of the database's encoding has nothing else. */
extern bool blank_text(const char *text, int len);

/* All of these characters as an SQL literal, for btrim(). */
extern char *blank_characters(void);

#endif							/* MENUCA_BLANK_H */
