/*-------------------------------------------------------------------------
 *
 * load_lines.c
 *	  A dump's tuples as lines of COPY's text format: see load_lines.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "load/load_columns.h"
#include "load/load_lines.h"
#include "load/load_position.h"
#include "load/load_values.h"
#include "mysql/mysqldump.h"

/* In bytes: only values beyond this bring a batch near a StringInfo's limit. */
#define LONG_VALUE		65536

static void append_value(Load *load, LoadColumn *column,
						 const MysqldumpValue *value);
static void note_line(Load *load);
static inline void append_short(StringInfo buf, const char *data, size_t len);


void
load_append_line(Load *load)
{
	const MysqldumpValue *values;

	if (load->bound_insert != mysqldump_insert_number(load->reader))
	{
		if (load_postpone_tuple(load))
			return;
		load_bind_insert(load);
	}

	mysqldump_values(load->reader, &values);
	for (int i = 0; i < load->ncolumns; i++)
	{
		LoadColumn *column = &load->columns[i];

		if (i > 0)
			appendStringInfoCharMacro(&load->batch, '\t');
		if (column->value_index < 0)
			appendStringInfoString(&load->batch, "\\N");
		else
			append_value(load, column, &values[column->value_index]);
	}
	appendStringInfoCharMacro(&load->batch, '\n');
	if (load->line_noted)
		note_line(load);
}

/* Appends a value, as its column's type needs it, in COPY's text format. */
static void
append_value(Load *load, LoadColumn *column, const MysqldumpValue *value)
{
	if (value->kind == MYSQLDUMP_NULL)
	{
		column->unnumbered_in_line = column->is_auto_increment;
		load->line_noted |= column->is_auto_increment;
		appendStringInfoString(&load->batch, "\\N");
	}
	else if (value->kind == MYSQLDUMP_NUMBER && column->plain_numbers)
		append_short(&load->batch, value->data, value->len);

	/* a StringInfo has at most 1 GB, which this line may need alone */
	else if (value->len <= LONG_VALUE || !load_postpone_tuple(load))
		load_append_value(load, column, value);
}

/* Counts what its values said about the line, unless it was postponed. */
static void
note_line(Load *load)
{
	load->line_noted = false;
	for (int i = 0; i < load->ncolumns; i++)
	{
		LoadColumn *column = &load->columns[i];

		if (!load->tuple_postponed)
		{
			column->zero_dates += column->zero_date_in_line;
			column->garbled += column->garbled_in_line;
			column->unnumbered += column->unnumbered_in_line;
		}
		column->zero_date_in_line = column->garbled_in_line = column->unnumbered_in_line = false;
	}
}

/* The same as appendBinaryStringInfo(), but quicker for a few bytes. */
static inline void
append_short(StringInfo buf, const char *data, size_t len)
{
	char	   *to;

	if (len >= (size_t) (buf->maxlen - buf->len))
		enlargeStringInfo(buf, len);
	to = buf->data + buf->len;
	buf->len += len;
	for (size_t i = 0; i < len; i++)
		to[i] = data[i];
}
