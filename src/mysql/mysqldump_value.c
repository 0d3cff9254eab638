/*-------------------------------------------------------------------------
 *
 * mysqldump_value.c
 *	  The values of a tuple: see mysqldump_value.h.
 *
 *	  value:   { literal | function } [ COLLATE name ]
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_function.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_literal.h"
#include "mysql/mysqldump_value.h"

static MysqldumpValue *add_value(MysqldumpReader *reader);
static bool skip_collation(MysqldumpReader *reader);

bool
mysqldump_read_value(MysqldumpReader *reader)
{
	MysqldumpValue *value = add_value(reader);
	const MysqldumpSpan *span;
	bool		found;

	if (value == NULL)
		return mysqldump_fail_here(reader, NULL,
								   "a tuple has more than %d values",
								   MYSQLDUMP_MAX_COLUMNS);

	if (!mysqldump_read_literal(reader, value, &found) ||
		(!found && !mysqldump_read_function(reader, value)) ||
		!skip_collation(reader))
		return false;

	span = &reader->spans[reader->nvalues - 1];
	value->len = (span->end != MYSQLDUMP_TEXT_END ? span->end : reader->text.len) - span->start;
	return true;
}

void
mysqldump_finish_values(MysqldumpReader *reader)
{
	const char *base = reader->text.data;

	for (int i = 0; i < reader->nvalues; i++)
	{
		MysqldumpValue *value = &reader->values[i];
		const MysqldumpSpan *span = &reader->spans[i];

		if (value->kind != MYSQLDUMP_NULL)
			value->data = base + span->start;
		if (span->charset != MYSQLDUMP_NO_CHARSET)
			value->charset = base + span->charset;
	}
}

/* Adds a value to the tuple; returns NULL if that would be too many. */
static MysqldumpValue *
add_value(MysqldumpReader *reader)
{
	int			n = reader->nvalues;

	if (n == MYSQLDUMP_MAX_COLUMNS)
		return NULL;
	if (n == reader->values_size)
	{
		reader->values_size *= 2;
		reader->values =
			mysqldump_realloc(reader->values,
							  reader->values_size * sizeof(MysqldumpValue));
		reader->spans =
			mysqldump_realloc(reader->spans,
							  reader->values_size * sizeof(MysqldumpSpan));
	}

	memset(&reader->values[n], 0, sizeof(MysqldumpValue));
	reader->spans[n].start = reader->text.len;
	reader->spans[n].charset = MYSQLDUMP_NO_CHARSET;
	reader->spans[n].end = MYSQLDUMP_TEXT_END;
	reader->nvalues++;
	return &reader->values[n];
}

/* Skips COLLATE and a name, which do not change the value. */
static bool
skip_collation(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	if (!mysqldump_skip_space(reader))
		return false;
	if (!mysqldump_accept_word(reader, "collate"))
		return true;
	if (!mysqldump_skip_space(reader))
		return false;
	if (!mysqldump_is(mysqldump_input_peek(input), MYSQLDUMP_WORD))
		return mysqldump_fail_next(reader, "is not supported as a collation");
	while (mysqldump_input_peek(input) >= 0 &&
		   mysqldump_is(*input->cur, MYSQLDUMP_WORD))
		input->cur++;
	return true;
}
