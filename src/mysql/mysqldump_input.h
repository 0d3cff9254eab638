/*-------------------------------------------------------------------------
 *
 * mysqldump_input.h
 *	  The bytes of a dump: blocks, byte order marks, UTF-16, positions.
 *
 * The parser reads straight from [cur, end) and moves cur itself, so that it
 * can run over the buffer with plain loops; it comes here only when the
 * buffer is used up.  Lines are not counted on the way but in one go, when
 * somebody asks for a position or a block is left behind.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_INPUT_H
#define MYSQLDUMP_INPUT_H

#include "mysql/mysqldump_port.h"
#include "mysql/mysqldump_types.h"

/* How far the parser may look ahead without consuming anything. */
#define MYSQLDUMP_LOOKAHEAD		64

/* A place in the original input: line from 1, byte offset from 0. */
typedef struct MysqldumpPosition
{
	uint64_t	line;
	uint64_t	offset;
} MysqldumpPosition;

typedef struct MysqldumpInput
{
	const char *cur;			/* next byte to read, moved by the parser */
	const char *end;			/* end of the bytes at hand */

	MysqldumpReadFn read;
	void	   *arg;
	MysqldumpMemory memory;
	char	   *buf;
	bool		begun;			/* the byte order mark was looked for */
	bool		ended;			/* the callback has no more */

	bool		utf16;
	bool		big_endian;
	unsigned char *raw;			/* UTF-16 not converted yet */
	size_t		raw_len;

	const char *counted;		/* position is that of this byte */
	MysqldumpPosition position;
	const char *mark;			/* if set, marked is still to be computed */
	MysqldumpPosition marked;

	const char *failure;		/* why the input stops at end, or NULL */
	const char *failure_hint;
} MysqldumpInput;

/* Prepares to read; nothing is read yet. */
extern void mysqldump_input_init(MysqldumpInput *input, MysqldumpReadFn read,
								 void *arg, MysqldumpMemory memory);

/* Releases the buffers. */
extern void mysqldump_input_free(MysqldumpInput *input);

/*
 * Gets more bytes behind those not read yet, of which there must be fewer
 * than MYSQLDUMP_LOOKAHEAD.  The bytes move: pointers into the buffer die.
 * Returns false when there are no more, for good or because of a failure.
 */
extern bool mysqldump_input_more(MysqldumpInput *input);

/*
 * The position of a byte at or before cur.  Must not be before one that was
 * asked for earlier.
 */
extern MysqldumpPosition mysqldump_input_position(MysqldumpInput *input,
												  const char *at);

/* The position of the last byte marked. */
extern MysqldumpPosition mysqldump_input_marked(MysqldumpInput *input);

/*
 * Remembers the next byte in case its position is wanted, at no cost when it
 * is not.  There is one mark.
 */
static inline void
mysqldump_input_mark(MysqldumpInput *input)
{
	input->mark = input->cur;
}

/*
 * Tries to have n bytes at hand, up to MYSQLDUMP_LOOKAHEAD.  Returns n, or how
 * many bytes there are left at the end of the input; never more than n, lest
 * it depend on the input's blocks what the parser gets to see.
 */
static inline size_t
mysqldump_input_need(MysqldumpInput *input, size_t n)
{
	while ((size_t) (input->end - input->cur) < n)
	{
		if (!mysqldump_input_more(input))
			return input->end - input->cur;
	}
	return n;
}

/* The next byte, not consumed, or -1 at the end of the input. */
static inline int
mysqldump_input_peek(MysqldumpInput *input)
{
	if (input->cur == input->end && !mysqldump_input_more(input))
		return -1;
	return (unsigned char) *input->cur;
}

#endif							/* MYSQLDUMP_INPUT_H */
