/*-------------------------------------------------------------------------
 *
 * mysqldump_chars.h
 *	  What a byte of a dump is to the lexer; words in any case.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_CHARS_H
#define MYSQLDUMP_CHARS_H

#include <stdbool.h>
#include <stddef.h>

/* What a byte is to the lexer; a byte can be several. */
#define MYSQLDUMP_SPACE		0x01	/* whitespace */
#define MYSQLDUMP_COMMENT	0x02	/* may begin a comment or end one */
#define MYSQLDUMP_WORD		0x04	/* belongs to a word */
#define MYSQLDUMP_QUOTED	0x08	/* a run inside quotes stops here */

extern const unsigned char mysqldump_class[256];

/* Does the byte belong to one of the classes? */
static inline bool
mysqldump_is(int c, int classes)
{
	return (mysqldump_class[(unsigned char) c] & classes) != 0;
}

/* Are these len bytes the keyword (lower case), in whatever case? */
extern bool mysqldump_same_word(const char *keyword, const char *word,
								size_t len);

/* Copies len bytes in lower case, cut to fit size, and NUL-terminated. */
extern void mysqldump_lower(char *to, size_t size, const char *from,
							size_t len);

#endif							/* MYSQLDUMP_CHARS_H */
