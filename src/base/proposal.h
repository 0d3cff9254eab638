/*-------------------------------------------------------------------------
 *
 * proposal.h
 *	  The statement in a text that says what to do.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PROPOSAL_H
#define MENUCA_PROPOSAL_H

/*
 * The first statement in a text, with its semicolon, in the current memory
 * context; NULL when the text is NULL or has none.  A statement is one that
 * begins with SELECT or CALL, or with another command of SQL where the text
 * begins, or after a colon; never inside quotes.  The text must be our own: one
 * that others wrote, such as the hint of their error, could propose anything.
 */
extern char *proposal_first(const char *text);

/*
 * The name, without its schema, of the first of the extension's functions that a
 * statement calls, in the current memory context; NULL when it calls none.
 */
extern char *proposal_function(const char *statement);

#endif							/* MENUCA_PROPOSAL_H */
