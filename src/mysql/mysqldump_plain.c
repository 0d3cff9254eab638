/*-------------------------------------------------------------------------
 *
 * mysqldump_plain.c
 *	  The quick way to read a tuple: see mysqldump_plain.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_chars.h"
#include "mysql/mysqldump_plain.h"

static inline const char *find_plain_value_end(const char *p, const char *end,
											   MysqldumpValue *value);
static inline const char *skip_plain_digits(const char *p, const char *end);

bool
mysqldump_read_plain_values(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	const char *p = input->cur;

	for (int n = 0; n < reader->values_size; n++)
	{
		p = find_plain_value_end(p, input->end, &reader->values[n]);
		if (p == NULL)
			return false;
		if (*p == ')')
		{
			reader->nvalues = n + 1;
			input->cur = p + 1;
			return true;
		}
		p++;
	}
	return false;
}

/*
 * Sets the value that begins at p, and returns the comma or parenthesis after
 * it, or NULL if it is not plain.
 */
static inline const char *
find_plain_value_end(const char *p, const char *end, MysqldumpValue *value)
{
	if (p == end)
		return NULL;

	value->data = p;
	value->charset = NULL;
	if (*p == '\'')
	{
		value->kind = MYSQLDUMP_STRING;
		value->data = ++p;
		while (p < end && !mysqldump_is(*p, MYSQLDUMP_QUOTED))
			p++;
		value->len = p - value->data;
		if (p == end || *p++ != '\'')
			return NULL;
	}
	else if (*p == 'N')
	{
		value->kind = MYSQLDUMP_NULL;
		value->data = NULL;
		value->len = 0;
		if (end - p < 4 || memcmp(p, "NULL", 4) != 0)
			return NULL;
		p += 4;
	}
	else
	{
		const char *digits = (*p == '-') ? p + 1 : p;

		value->kind = MYSQLDUMP_NUMBER;
		p = skip_plain_digits(digits, end);
		if (p == digits)
			return NULL;
		if (p < end && *p == '.')
			p = skip_plain_digits(p + 1, end);
		value->len = p - value->data;
	}
	return (p < end && (*p == ',' || *p == ')')) ? p : NULL;
}

static inline const char *
skip_plain_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}
