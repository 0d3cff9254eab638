/*-------------------------------------------------------------------------
 *
 * mysqldump_port.h
 *	  What the mysqldump reader needs from its environment: memory and
 *	  interrupts.
 *
 * Inside the server these are a memory context and CHECK_FOR_INTERRUPTS();
 * with MYSQLDUMP_STANDALONE they are malloc() and nothing.  Include this
 * first: it includes postgres.h.  No other file of this folder includes a header
 * of the server.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_PORT_H
#define MYSQLDUMP_PORT_H

#ifndef MYSQLDUMP_STANDALONE

#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

typedef MemoryContext MysqldumpMemory;

#define MYSQLDUMP_CURRENT_MEMORY	CurrentMemoryContext

/* A tuple may exceed the limit of one field, hence the huge variants. */
#define mysqldump_alloc(memory, size)	MemoryContextAllocHuge(memory, size)
#define mysqldump_realloc(pointer, size)	repalloc_huge(pointer, size)
#define mysqldump_free(pointer)		pfree(pointer)

#else							/* MYSQLDUMP_STANDALONE */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *MysqldumpMemory;

#define MYSQLDUMP_CURRENT_MEMORY	NULL

static inline void *
mysqldump_or_abort(void *pointer)
{
	if (pointer == NULL)
		abort();
	return pointer;
}

#define mysqldump_alloc(memory, size)	mysqldump_or_abort(malloc(size))
#define mysqldump_realloc(pointer, size) \
	mysqldump_or_abort(realloc(pointer, size))
#define mysqldump_free(pointer)		free(pointer)

#define CHECK_FOR_INTERRUPTS()		((void) 0)

#define Assert(condition)	\
	do { if (!(condition)) abort(); } while (0)

#endif							/* MYSQLDUMP_STANDALONE */

/* The server's own macro is for the compiler that the server was built with. */
#if defined(__GNUC__)
#define mysqldump_attribute_printf(f, a)	__attribute__((format(printf, f, a)))
#else
#define mysqldump_attribute_printf(f, a)
#endif

/* A byte buffer that grows at its end. */
typedef struct MysqldumpBuffer
{
	char	   *data;
	size_t		len;
	size_t		size;
} MysqldumpBuffer;

/* Initializes an empty buffer in the given memory. */
static inline void
mysqldump_buffer_init(MysqldumpBuffer *buffer, MysqldumpMemory memory)
{
	(void) memory;				/* unused when standalone */
	buffer->len = 0;
	buffer->size = 1024;
	buffer->data = mysqldump_alloc(memory, buffer->size);
}

/* Makes room for len more bytes. */
static inline void
mysqldump_buffer_reserve(MysqldumpBuffer *buffer, size_t len)
{
	if (len <= buffer->size - buffer->len)
		return;
	while (len > buffer->size - buffer->len)
		buffer->size *= 2;
	buffer->data = mysqldump_realloc(buffer->data, buffer->size);
}

/* Appends len bytes. */
static inline void
mysqldump_buffer_append(MysqldumpBuffer *buffer, const char *data, size_t len)
{
	mysqldump_buffer_reserve(buffer, len);
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
}

#endif							/* MYSQLDUMP_PORT_H */
