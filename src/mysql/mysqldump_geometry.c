/*-------------------------------------------------------------------------
 *
 * mysqldump_geometry.c
 *	  Geometries from their text: see mysqldump_geometry.h.
 *
 *	  geometry:    POINT(x y) | LINESTRING(x y, ...) |
 *				   POLYGON((x y, ...), ...) | MULTI...(...) |
 *				   GEOMETRYCOLLECTION(geometry, ...) | ... EMPTY
 *
 * A parenthesis may lack around the points of a MULTIPOINT.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include <stdlib.h>

#include "mysql/mysqldump_chars.h"
#include "mysql/mysqldump_geometry.h"

/* The most levels of nested collections. */
#define MAX_DEPTH	32

/* Types of WKB. */
#define WKB_POINT		1
#define WKB_LINESTRING	2
#define WKB_POLYGON		3
#define WKB_MULTIPOINT	4
#define WKB_MULTILINESTRING	5
#define WKB_MULTIPOLYGON	6
#define WKB_COLLECTION	7

/* The text that is left, in the buffer that the bytes are appended to. */
typedef struct Wkt
{
	MysqldumpBuffer *buffer;
	size_t		at;
	size_t		end;			/* there is a NUL */
} Wkt;

static bool read_wkt_geometry(Wkt *wkt, int depth);
static bool read_wkt_type(Wkt *wkt, uint32_t *type);
static bool read_wkt_body(Wkt *wkt, uint32_t type, int depth);
static bool read_wkt_list(Wkt *wkt, uint32_t type, int depth);
static bool read_wkt_element(Wkt *wkt, uint32_t type, int depth);
static bool read_coordinates(Wkt *wkt);
static bool read_coordinate(Wkt *wkt);
static bool accept_wkt_char(Wkt *wkt, char c);
static bool accept_wkt_word(Wkt *wkt, const char *word);
static char next_char(Wkt *wkt);
static void put_header(Wkt *wkt, uint32_t type);
static void put_uint32(Wkt *wkt, uint32_t number);
static void set_uint32(Wkt *wkt, size_t at, uint32_t number);

bool
mysqldump_encode_geometry(MysqldumpBuffer *text, size_t start)
{
	Wkt			wkt = {text, start, text->len};
	size_t		len;

	if (memchr(text->data + start, '\0', text->len - start) != NULL)
		return false;
	mysqldump_buffer_append(text, "", 1);
	put_uint32(&wkt, 0);
	if (!read_wkt_geometry(&wkt, 0) || next_char(&wkt) != '\0')
		return false;

	len = text->len - (wkt.end + 1);
	memmove(text->data + start, text->data + wkt.end + 1, len);
	text->len = start + len;
	return true;
}

static bool
read_wkt_geometry(Wkt *wkt, int depth)
{
	uint32_t	type;

	if (depth > MAX_DEPTH || !read_wkt_type(wkt, &type))
		return false;
	put_header(wkt, type);
	return read_wkt_body(wkt, type, depth);
}

static bool
read_wkt_type(Wkt *wkt, uint32_t *type)
{
	static const struct
	{
		const char *word;
		uint32_t	type;
	}			types[] = {
		{"point", WKB_POINT},
		{"linestring", WKB_LINESTRING},
		{"polygon", WKB_POLYGON},
		{"multipoint", WKB_MULTIPOINT},
		{"multilinestring", WKB_MULTILINESTRING},
		{"multipolygon", WKB_MULTIPOLYGON},
		{"geometrycollection", WKB_COLLECTION},
		{"geomcollection", WKB_COLLECTION},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		*type = types[i].type;
		if (accept_wkt_word(wkt, types[i].word))
			return true;
	}
	return false;
}

static bool
read_wkt_body(Wkt *wkt, uint32_t type, int depth)
{
	if (type == WKB_POINT)
		return accept_wkt_char(wkt, '(') && read_coordinates(wkt) &&
			accept_wkt_char(wkt, ')');
	return read_wkt_list(wkt, type, depth);
}

/* Reads (element, ...) or EMPTY, which only a collection can be. */
static bool
read_wkt_list(Wkt *wkt, uint32_t type, int depth)
{
	size_t		count_at = wkt->buffer->len;
	uint32_t	count = 0;

	put_uint32(wkt, 0);
	if (type == WKB_COLLECTION && accept_wkt_word(wkt, "empty"))
		return true;
	if (!accept_wkt_char(wkt, '('))
		return false;
	if (type == WKB_COLLECTION && accept_wkt_char(wkt, ')'))
		return true;
	do
	{
		if (!read_wkt_element(wkt, type, depth))
			return false;
		count++;
	} while (accept_wkt_char(wkt, ','));
	set_uint32(wkt, count_at, count);
	return accept_wkt_char(wkt, ')');
}

static bool
read_wkt_element(Wkt *wkt, uint32_t type, int depth)
{
	bool		parenthesis;

	switch (type)
	{
		case WKB_LINESTRING:
			return read_coordinates(wkt);
		case WKB_POLYGON:
			/* a ring is a list of points */
			return read_wkt_list(wkt, WKB_LINESTRING, depth);
		case WKB_MULTIPOINT:
			put_header(wkt, WKB_POINT);
			parenthesis = accept_wkt_char(wkt, '(');
			return read_coordinates(wkt) &&
				(!parenthesis || accept_wkt_char(wkt, ')'));
		case WKB_MULTILINESTRING:
			put_header(wkt, WKB_LINESTRING);
			return read_wkt_list(wkt, WKB_LINESTRING, depth);
		case WKB_MULTIPOLYGON:
			put_header(wkt, WKB_POLYGON);
			return read_wkt_list(wkt, WKB_POLYGON, depth);
		default:
			return read_wkt_geometry(wkt, depth + 1);
	}
}

static bool
read_coordinates(Wkt *wkt)
{
	return read_coordinate(wkt) && read_coordinate(wkt);
}

/* Appends a number as the eight bytes of a double, the lowest first. */
static bool
read_coordinate(Wkt *wkt)
{
	const char *begin;
	char	   *end;
	double		number;
	uint64_t	bits;

	/* strtod() would also read infinity, NaN and hexadecimal numbers */
	if (strchr("+-.0123456789", next_char(wkt)) == NULL || next_char(wkt) == '\0')
		return false;
	begin = wkt->buffer->data + wkt->at;
	if (begin[strspn(begin, "+-.0123456789eE")] == 'x' ||
		begin[strspn(begin, "+-.0123456789eE")] == 'X')
		return false;
	number = strtod(begin, &end);
	if (end == begin || number - number != 0)
		return false;
	for (const char *p = begin; p < end; p++)
	{
		if (strchr("+-.0123456789eE", *p) == NULL)
			return false;
	}
	wkt->at += end - begin;

	memcpy(&bits, &number, sizeof(bits));
	put_uint32(wkt, (uint32_t) bits);
	put_uint32(wkt, (uint32_t) (bits >> 32));
	return true;
}

static bool
accept_wkt_char(Wkt *wkt, char c)
{
	if (next_char(wkt) != c)
		return false;
	wkt->at++;
	return true;
}

/* Consumes the word (in lower case) if it is the next one. */
static bool
accept_wkt_word(Wkt *wkt, const char *word)
{
	size_t		len = 0;
	const char *p;

	(void) next_char(wkt);
	p = wkt->buffer->data + wkt->at;
	while (p[len] != '\0' && mysqldump_is(p[len], MYSQLDUMP_WORD))
		len++;
	if (!mysqldump_same_word(word, p, len))
		return false;
	wkt->at += len;
	return true;
}

/* Skips space; returns the next character, which is NUL at the end. */
static char
next_char(Wkt *wkt)
{
	while (mysqldump_is(wkt->buffer->data[wkt->at], MYSQLDUMP_SPACE))
		wkt->at++;
	return wkt->buffer->data[wkt->at];
}

/* The order of bytes and the type. */
static void
put_header(Wkt *wkt, uint32_t type)
{
	mysqldump_buffer_append(wkt->buffer, "\001", 1);
	put_uint32(wkt, type);
}

static void
put_uint32(Wkt *wkt, uint32_t number)
{
	size_t		at = wkt->buffer->len;

	mysqldump_buffer_append(wkt->buffer, "\0\0\0\0", 4);
	set_uint32(wkt, at, number);
}

static void
set_uint32(Wkt *wkt, size_t at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		wkt->buffer->data[at + i] = (char) (number >> (8 * i) & 0xFF);
}
