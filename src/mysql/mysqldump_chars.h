/*-------------------------------------------------------------------------
 *
 * mysqldump_chars.h
 *	  Classes of bytes, and words in any letter case.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_CHARS_H
#define MYSQLDUMP_CHARS_H

#include <stdbool.h>
#include <stddef.h>

/* What a byte means to the lexer; a byte can be in several classes. */
#define MYSQLDUMP_SPACE		0x01	/* whitespace */
#define MYSQLDUMP_COMMENT	0x02	/* may begin a comment or end one */
#define MYSQLDUMP_WORD		0x04	/* belongs to a word */
#define MYSQLDUMP_QUOTED	0x08	/* ends a run of plain bytes inside quotes */

/* The classes of each byte. */
extern const unsigned char mysqldump_class[256];

/* True if the byte is in one of the classes. */
static inline bool
mysqldump_is(int c, int classes)
{
	return (mysqldump_class[(unsigned char) c] & classes) != 0;
}

/* True if these len bytes are the keyword (lower case), in any letter case. */
extern bool mysqldump_same_word(const char *keyword, const char *word,
								size_t len);

/* True if they are one of the keywords between spaces. */
extern bool mysqldump_word_in(const char *keywords, const char *word,
							  size_t len);

/* Copies len bytes in lower case, truncated to size - 1, and adds a NUL. */
extern void mysqldump_lower(char *to, size_t size, const char *from,
							size_t len);

#endif							/* MYSQLDUMP_CHARS_H */
