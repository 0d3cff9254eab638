/*-------------------------------------------------------------------------
 *
 * mysqldump_chars.c
 *	  Classes of bytes, and words in any letter case: see mysqldump_chars.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_chars.h"

#define S	MYSQLDUMP_SPACE
#define C	MYSQLDUMP_COMMENT
#define Q	MYSQLDUMP_QUOTED
#define W	MYSQLDUMP_WORD
#define W10	W, W, W, W, W, W, W, W, W, W
#define W16	W10, W, W, W, W, W, W
#define W26	W16, W10
#define W128	W16, W16, W16, W16, W16, W16, W16, W16

const unsigned char mysqldump_class[256] = {
	['\t'] = S,
	['\n'] = S,
	['\v'] = S,
	['\f'] = S,
	['\r'] = S,
	[' '] = S,
	['-'] = C,
	['#'] = C,
	['/'] = C,
	['*'] = C,
	['\''] = Q,
	['"'] = Q,
	['\\'] = Q,
	['$'] = W,
	['_'] = W,
	['0'] = W10,
	['A'] = W26,
	['a'] = W26,
	[0x80] = W128
};

static char lower_ascii(char c);

bool
mysqldump_same_word(const char *keyword, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		/* this also stops at the keyword's end */
		if (keyword[i] == '\0' || lower_ascii(word[i]) != keyword[i])
			return false;
	}
	return keyword[len] == '\0';
}

bool
mysqldump_word_in(const char *keywords, const char *word, size_t len)
{
	while (*keywords != '\0')
	{
		size_t		keyword_len = strcspn(keywords, " ");
		size_t		i = 0;

		while (i < len && i < keyword_len && lower_ascii(word[i]) == keywords[i])
			i++;
		if (i > 0 && i == len && i == keyword_len)
			return true;
		keywords += keyword_len;
		keywords += strspn(keywords, " ");
	}
	return false;
}

void
mysqldump_lower(char *to, size_t size, const char *from, size_t len)
{
	size_t		i;

	for (i = 0; i < len && i < size - 1; i++)
		to[i] = lower_ascii(from[i]);
	to[i] = '\0';
}

/* Does not depend on the locale. */
static char
lower_ascii(char c)
{
	return (c >= 'A' && c <= 'Z') ? c - 'A' + 'a' : c;
}
