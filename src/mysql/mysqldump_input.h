/*-------------------------------------------------------------------------
 *
 * mysqldump_input.h
 *	  The bytes of a dump: blocks, byte order marks, UTF-16, positions.
 *
 * The parser reads directly from [cur, end) and moves cur itself, so that it
 * can scan the buffer with plain loops; it calls mysqldump_input_more() only
 * when the buffer is used up.  Lines are counted in one go, when a position is
 * asked for or a block is left.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_INPUT_H
#define MYSQLDUMP_INPUT_H

#include "mysql/mysqldump_port.h"
#include "mysql/mysqldump_types.h"

/* How many bytes the parser may look ahead without consuming any. */
#define MYSQLDUMP_LOOKAHEAD		64

/* A position in the original input: line from 1, byte offset from 0. */
typedef struct MysqldumpPosition
{
	uint64_t	line;
	uint64_t	offset;
} MysqldumpPosition;

typedef struct MysqldumpInput
{
	const char *cur;			/* next byte to read, moved by the parser */
	const char *end;			/* end of the bytes in the buffer */

	MysqldumpReadFn read;
	void	   *arg;
	MysqldumpMemory memory;
	char	   *buf;
	bool		begun;			/* the first bytes have been examined */
	bool		ended;			/* the callback has returned 0 */

	bool		utf16;			/* the input is converted to UTF-8 */
	bool		big_endian;
	unsigned char *raw;			/* UTF-16 not converted yet */
	size_t		raw_len;

	const char *counted;		/* the byte that position belongs to */
	MysqldumpPosition position;
	const char *mark;			/* the marked byte; NULL: see marked */
	MysqldumpPosition marked;	/* position of the marked byte */

	const char *failure;		/* why the input stops at end; NULL: it does
								 * not */
	const char *failure_hint;
} MysqldumpInput;

/* Prepares to read; nothing is read yet. */
extern void mysqldump_input_init(MysqldumpInput *input, MysqldumpReadFn read,
								 void *arg, MysqldumpMemory memory);

/* Releases the buffers. */
extern void mysqldump_input_free(MysqldumpInput *input);

/*
 * Appends input to the unread bytes, of which there must be fewer than
 * MYSQLDUMP_LOOKAHEAD.  The unread bytes move, so that pointers into the buffer
 * become invalid.  Returns false at the end of the input and after a failure.
 */
extern bool mysqldump_input_more(MysqldumpInput *input);

/*
 * The position of a byte at or before cur.  Bytes must be asked for in
 * ascending order.
 */
extern MysqldumpPosition mysqldump_input_position(MysqldumpInput *input,
												  const char *at);

/* The position of the last byte marked. */
extern MysqldumpPosition mysqldump_input_marked(MysqldumpInput *input);

/*
 * Marks the next byte, whose position mysqldump_input_marked() then returns.
 * Costs nothing unless that is called.  A new mark replaces the old one.
 */
static inline void
mysqldump_input_mark(MysqldumpInput *input)
{
	input->mark = input->cur;
}

/*
 * Gets n bytes, at most MYSQLDUMP_LOOKAHEAD, into the buffer.  Returns n, or
 * the number of bytes left at the end of the input.  Never returns more than n,
 * so that what the parser sees does not depend on the blocks of the input.
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
