/*-------------------------------------------------------------------------
 *
 * mysqldump_input.c
 *	  The bytes of a dump: blocks, byte order marks, UTF-16, positions.
 *
 * Plain input is read into the buffer that the parser scans.  UTF-16, which
 * a redirection in Windows PowerShell writes, is read into a separate buffer
 * and converted to UTF-8 from there.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_chars.h"
#include "mysql/mysqldump_input.h"

#define BLOCK_SIZE		65536

/* Enough to recognize byte order marks and the usual other formats. */
#define FIRST_BYTES		32

/* A UTF-16 unit of two bytes becomes three bytes of UTF-8 at most. */
#define UTF8_SIZE(utf16_size)	((utf16_size) / 2 * 3)

#define DUMP_HINT \
	"Make a dump with mysqldump, without --xml, as plain SQL."

typedef struct KnownFormat
{
	const char *magic;
	size_t		len;
	const char *failure;
} KnownFormat;

/* After a byte order mark and space; in lower case. */
static const KnownFormat text_formats[] = {
	{"<?xml", 5, "the input is XML, as of mysqldump --xml"},
	{"<mysqldump", 10, "the input is XML, as of mysqldump --xml"},
	{"<!doctype", 9, "the input is HTML, as of a browser or an error of phpMyAdmin"},
	{"<html", 5, "the input is HTML, as of a browser or an error of phpMyAdmin"},
	{"<", 1, "the input is HTML or XML"},
	{"{", 1, "the input is JSON"},
	{"[", 1, "the input is JSON"},
};

static const KnownFormat binary_formats[] = {
	{"PGDMP", 5, "the input is an archive of PostgreSQL's pg_dump"},
	{"SQLite format 3", 15, "the input is a database file of SQLite"},
	{"XBSTCK", 6, "the input is a backup of xtrabackup"},
	{"\xfe" "bin", 4, "the input is a binary log of MySQL"},
};

static const KnownFormat compressed_formats[] = {
	{"\x1f\x8b", 2, "the input is compressed with gzip"},
	{"PK\003\004", 4, "the input is a zip archive"},
	{"\x28\xb5\x2f\xfd", 4, "the input is compressed with zstd"},
	{"BZh", 3, "the input is compressed with bzip2"},
	{"\xfd" "7zXZ", 5, "the input is compressed with xz"},
	{"7z\xbc\xaf\x27\x1c", 6, "the input is a 7-zip archive"},
	{"\x04\x22\x4d\x18", 4, "the input is compressed with lz4"},
	{"\x1f\x9d", 2, "the input is compressed with compress"},
	{"Rar!", 4, "the input is a rar archive"},
	{"LZIP", 4, "the input is compressed with lzip"},
	{"\x89LZO\0", 5, "the input is compressed with lzop"},
	{"\x5d\0\0", 3, "the input is compressed with lzma"},
	{"\xff\x06\0\0sNaPpY", 10, "the input is compressed with snappy"},
};

static void read_first_bytes(MysqldumpInput *input);
static void recognize_format(MysqldumpInput *input);
static void recognize_text(MysqldumpInput *input);
static const char *find_format(const MysqldumpInput *input,
							   const KnownFormat *formats, size_t n);
static bool starts_with(const MysqldumpInput *input, const char *magic,
						size_t len);
static bool looks_like_utf16(const MysqldumpInput *input);
static void begin_utf16(MysqldumpInput *input, bool big_endian);
static size_t read_bytes(MysqldumpInput *input, char *buf, size_t len);
static size_t read_utf16(MysqldumpInput *input, char *buf);
static size_t convert_raw(MysqldumpInput *input, char *buf);
static uint32_t utf16_unit(const MysqldumpInput *input,
						   const unsigned char *p);
static unsigned char *put_utf8(unsigned char *p, uint32_t c);
static void resolve_mark(MysqldumpInput *input);
static void count_to(MysqldumpInput *input, const char *at);
static uint64_t utf16_length(const char *utf8, const char *end);

void
mysqldump_input_init(MysqldumpInput *input, MysqldumpReadFn read, void *arg,
					 MysqldumpMemory memory)
{
	memset(input, 0, sizeof(*input));
	input->read = read;
	input->arg = arg;
	input->memory = memory;
	input->buf = mysqldump_alloc(memory, BLOCK_SIZE + MYSQLDUMP_LOOKAHEAD);
	input->cur = input->end = input->counted = input->buf;
	input->position.line = 1;
}

void
mysqldump_input_free(MysqldumpInput *input)
{
	mysqldump_free(input->buf);
	if (input->raw != NULL)
		mysqldump_free(input->raw);
}

bool
mysqldump_input_more(MysqldumpInput *input)
{
	size_t		unread = input->end - input->cur;
	char	   *tail = input->buf + unread;
	size_t		len;

	Assert(unread < MYSQLDUMP_LOOKAHEAD);
	CHECK_FOR_INTERRUPTS();

	if (!input->begun)
	{
		read_first_bytes(input);
		if (input->cur < input->end)
			return true;
		tail = input->buf;
	}
	if (input->failure != NULL)
		return false;

	resolve_mark(input);
	count_to(input, input->cur);
	memmove(input->buf, input->cur, unread);
	input->cur = input->counted = input->buf;

	if (input->utf16)
		len = read_utf16(input, tail);
	else
		len = read_bytes(input, tail, BLOCK_SIZE);
	input->end = tail + len;
	return len > 0;
}

MysqldumpPosition
mysqldump_input_position(MysqldumpInput *input, const char *at)
{
	count_to(input, at);
	return input->position;
}

MysqldumpPosition
mysqldump_input_marked(MysqldumpInput *input)
{
	resolve_mark(input);
	return input->marked;
}

/* Reads enough to recognize the kind of input. */
static void
read_first_bytes(MysqldumpInput *input)
{
	size_t		len = 0;

	input->begun = true;
	while (len < FIRST_BYTES && !input->ended)
		len += read_bytes(input, input->buf + len, BLOCK_SIZE - len);
	input->end = input->buf + len;

	recognize_format(input);
	if (input->failure != NULL)
		input->end = input->cur;
}

/* Recognizes compressed input and UTF-16, and skips a byte order mark. */
static void
recognize_format(MysqldumpInput *input)
{
	input->failure = find_format(input, compressed_formats,
								 sizeof(compressed_formats) / sizeof(KnownFormat));
	if (input->failure != NULL)
	{
		input->failure_hint = "Unpack it first: a dump must be plain text.";
		return;
	}
	input->failure = find_format(input, binary_formats,
								 sizeof(binary_formats) / sizeof(KnownFormat));
	if (input->failure != NULL)
	{
		input->failure_hint = DUMP_HINT;
		return;
	}

	if (starts_with(input, "\xff\xfe\0\0", 4))
	{
		input->failure = "the input is UTF-32";
		input->failure_hint = "Convert it to UTF-8 first.";
	}
	else if (starts_with(input, "\xff\xfe", 2))
		begin_utf16(input, false);
	else if (starts_with(input, "\xfe\xff", 2))
		begin_utf16(input, true);
	else if (starts_with(input, "\xef\xbb\xbf", 3))
	{
		input->cur += 3;
		input->counted = input->cur;
		input->position.offset = 3;
	}
	else if (looks_like_utf16(input))
	{
		input->failure = "the input is UTF-16 without a byte order mark";
		input->failure_hint = "Convert it to UTF-8 first.";
	}
	if (input->failure == NULL && !input->utf16)
		recognize_text(input);
}

/*
 * Recognizes other formats by their first characters after space.  Looks at no
 * more bytes than any input has been read of.
 */
static void
recognize_text(MysqldumpInput *input)
{
	const char *begin = input->cur;
	const char *end = input->end;

	if (input->end - input->buf > FIRST_BYTES)
		input->end = input->buf + FIRST_BYTES;
	while (input->cur < input->end && mysqldump_is(*input->cur, MYSQLDUMP_SPACE))
		input->cur++;
	input->failure = find_format(input, text_formats,
								 sizeof(text_formats) / sizeof(KnownFormat));
	if (input->failure != NULL)
		input->failure_hint = DUMP_HINT;
	input->cur = begin;
	input->end = end;
}

/* What the input is, or NULL. */
static const char *
find_format(const MysqldumpInput *input, const KnownFormat *formats, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (starts_with(input, formats[i].magic, formats[i].len))
			return formats[i].failure;
	}
	return NULL;
}

static bool
starts_with(const MysqldumpInput *input, const char *magic, size_t len)
{
	char		first[FIRST_BYTES];

	if ((size_t) (input->end - input->cur) < len)
		return false;
	if (memcmp(input->cur, magic, len) == 0)
		return true;
	if (*magic != '<')
		return false;
	mysqldump_lower(first, sizeof(first), input->cur, len);
	return strcmp(first, magic) == 0;
}

/* ASCII in UTF-16 has a NUL in every other byte. */
static bool
looks_like_utf16(const MysqldumpInput *input)
{
	const char *p = input->cur;

	return input->end - p >= 4 &&
		(p[0] == '\0') == (p[2] == '\0') &&
		(p[1] == '\0') == (p[3] == '\0') &&
		(p[0] == '\0') != (p[1] == '\0');
}

/* Switches to UTF-16; the bytes after the byte order mark become raw. */
static void
begin_utf16(MysqldumpInput *input, bool big_endian)
{
	size_t		unread = input->end - input->cur - 2;

	input->utf16 = true;
	input->big_endian = big_endian;
	input->position.offset = 2;
	input->raw = mysqldump_alloc(input->memory, BLOCK_SIZE);
	input->raw_len = unread;
	memcpy(input->raw, input->cur + 2, unread);

	input->buf = mysqldump_realloc(input->buf, UTF8_SIZE(BLOCK_SIZE) +
								   MYSQLDUMP_LOOKAHEAD);
	input->cur = input->end = input->counted = input->buf;
}

/* Returns the number of bytes read; 0 at the end of the input. */
static size_t
read_bytes(MysqldumpInput *input, char *buf, size_t len)
{
	size_t		got = 0;

	if (!input->ended)
		got = input->read(input->arg, buf, len);
	if (got == 0)
		input->ended = true;
	return got;
}

/*
 * Reads UTF-16 into buf as UTF-8 and returns its length, which is 0 only at
 * the end of the input and at a failure.
 */
static size_t
read_utf16(MysqldumpInput *input, char *buf)
{
	for (;;)
	{
		size_t		len = convert_raw(input, buf);

		if (len > 0 || input->failure != NULL)
			return len;

		len = read_bytes(input, (char *) input->raw + input->raw_len,
						 BLOCK_SIZE - input->raw_len);
		input->raw_len += len;
		if (len == 0)
		{
			if (input->raw_len > 0)
				input->failure = "the input ends in the middle of a UTF-16 character";
			return 0;
		}
	}
}

/*
 * Converts the complete characters in raw, and keeps an incomplete one there.
 * Returns the length of the UTF-8.
 */
static size_t
convert_raw(MysqldumpInput *input, char *buf)
{
	const unsigned char *p = input->raw;
	const unsigned char *end = input->raw + input->raw_len;
	unsigned char *out = (unsigned char *) buf;

	while (end - p >= 2)
	{
		uint32_t	c = utf16_unit(input, p);
		size_t		len = 2;

		if (c >= 0xD800 && c <= 0xDFFF)
		{
			uint32_t	low;

			if (c <= 0xDBFF && end - p < 4)
				break;
			low = (c <= 0xDBFF) ? utf16_unit(input, p + 2) : 0;
			if (low < 0xDC00 || low > 0xDFFF)
			{
				input->failure = "the input is not valid UTF-16: it has an unpaired surrogate";
				break;
			}
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			len = 4;
		}
		out = put_utf8(out, c);
		p += len;
	}

	input->raw_len = end - p;
	memmove(input->raw, p, input->raw_len);
	return out - (unsigned char *) buf;
}

static uint32_t
utf16_unit(const MysqldumpInput *input, const unsigned char *p)
{
	return input->big_endian ? (p[0] << 8 | p[1]) : (p[1] << 8 | p[0]);
}

/* Writes one character and returns the end of it. */
static unsigned char *
put_utf8(unsigned char *p, uint32_t c)
{
	if (c < 0x80)
		*p++ = c;
	else if (c < 0x800)
	{
		*p++ = 0xC0 | (c >> 6);
		*p++ = 0x80 | (c & 0x3F);
	}
	else if (c < 0x10000)
	{
		*p++ = 0xE0 | (c >> 12);
		*p++ = 0x80 | ((c >> 6) & 0x3F);
		*p++ = 0x80 | (c & 0x3F);
	}
	else
	{
		*p++ = 0xF0 | (c >> 18);
		*p++ = 0x80 | ((c >> 12) & 0x3F);
		*p++ = 0x80 | ((c >> 6) & 0x3F);
		*p++ = 0x80 | (c & 0x3F);
	}
	return p;
}

/* Computes the mark's position while its byte is in the buffer. */
static void
resolve_mark(MysqldumpInput *input)
{
	const char *mark = input->mark;

	if (mark == NULL)
		return;
	input->mark = NULL;
	count_to(input, mark);
	input->marked = input->position;
}

/* Moves the counted position to the given byte. */
static void
count_to(MysqldumpInput *input, const char *at)
{
	const char *p;

	if (input->mark != NULL && at > input->mark)
		resolve_mark(input);

	p = input->counted;
	Assert(p <= at);
	if (input->utf16)
		input->position.offset += utf16_length(p, at);
	else
		input->position.offset += at - p;

	while ((p = memchr(p, '\n', at - p)) != NULL)
	{
		input->position.line++;
		p++;
	}
	input->counted = at;
}

/* The number of bytes that this UTF-8 had as UTF-16. */
static uint64_t
utf16_length(const char *utf8, const char *end)
{
	uint64_t	len = 0;

	for (const char *p = utf8; p < end; p++)
	{
		unsigned char c = *p;

		if ((c & 0xC0) != 0x80)
			len += (c >= 0xF0) ? 4 : 2;
	}
	return len;
}
