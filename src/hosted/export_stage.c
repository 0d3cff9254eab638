/*-------------------------------------------------------------------------
 *
 * export_stage.c
 *	  The parts of an export: see export_stage.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/md5.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"
#include "hosted/export_layer.h"
#include "hosted/export_stage.h"

/* Bytes of a piece of text at most. */
#define PIECE_BYTES 1000

/* Columns of values, cut into parts while rows are added. */
typedef struct PartWriter
{
	const char *kind;
	int			number;
	int			bytes;			/* of a part, at most */
	int			ncolumns;
	StringInfoData *columns;	/* of the part that is being written */
	int			nrows;
	int			used;			/* bytes of these as literals */
	List	   *parts;
	MemoryContext context;
} PartWriter;

static PartWriter begin_parts(const char *kind, int number, int ncolumns, int bytes);
static void add_part_row(PartWriter *writer, const char *const *values, const bool *plain);
static void end_part(PartWriter *writer);
static int	literal_bytes(const char *element);
static char *array_element(const char *value, bool plain);
static List *parts_of_layer(const ExportLayer *layer, int bytes);
static List *parts_of_referred(const ExportTable *table, int bytes);
static List *parts_of_text(const char *text, int bytes);
static void add_referred_row(TupleTableSlot *slot, void *arg);
static void name_files(List *parts);
static char *md5_of_text(const char *text);


List *
export_stage_parts(const ExportTables *tables, const List *layers, const char *text, int bytes)
{
	List	   *parts = NIL;
	ListCell   *lc;

	foreach(lc, tables->tables)
		parts = list_concat(parts, parts_of_referred(lfirst(lc), bytes));
	foreach(lc, layers)
		parts = list_concat(parts, parts_of_layer(lfirst(lc), bytes));
	parts = list_concat(parts, parts_of_text(text, bytes));
	name_files(parts);
	return parts;
}

char *
export_stage_content(const List *parts)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, parts)
		appendStringInfo(&text, "%s\n", ((const ExportPart *) lfirst(lc))->checksum);
	return md5_of_text(text.data);
}

char *
export_stage_text_checksum(const char *text)
{
	return md5_of_text(text);
}

char *
export_stage_expected(const List *parts)
{
	StringInfoData json;
	ListCell   *lc = list_head(parts);

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	while (lc)
	{
		const ExportPart *first = lfirst(lc);
		const ExportPart *part = first;
		StringInfoData checksums;
		int			nparts = 0;
		uint64		nrows = 0;

		initStringInfo(&checksums);
		for (; lc; lc = lnext(parts, lc), nparts++)
		{
			const ExportPart *next = lfirst(lc);

			if (next->number != first->number || strcmp(next->kind, first->kind) != 0)
				break;
			part = next;
			appendStringInfo(&checksums, "%s%s", nparts > 0 ? "," : "", part->checksum);
			nrows += part->nrows;
		}
		if (json.len > 1)
			appendStringInfoChar(&json, ',');
		json_begin(&json);
		json_text(&json, "kind", first->kind);
		json_count(&json, "number", first->number);
		json_text(&json, "file", nparts == 1 ? first->file : psprintf("%s to %s", first->file, part->file));
		json_count(&json, "parts", nparts);
		json_count(&json, "row_count", nrows);
		json_text(&json, "checksum", md5_of_text(checksums.data));
		json_end(&json);
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

/* In hexadecimal digits. */
static char *
md5_of_text(const char *text)
{
	char	   *hex = palloc(MD5_DIGEST_LENGTH * 2 + 1);
	const char *error = NULL;

	if (!pg_md5_hash(text, strlen(text), hex, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute an MD5 hash: %s", error),
				 errhint("The files' parts are checked by MD5: allow it in the server's OpenSSL configuration.")));
	return hex;
}

static List *
parts_of_layer(const ExportLayer *layer, int bytes)
{
	PartWriter	writer = begin_parts("rows", layer->number, layer->ncolumns, bytes);
	const char **values = palloc(sizeof(char *) * (layer->ncolumns + 1));
	bool	   *plain = palloc(sizeof(bool) * (layer->ncolumns + 1));
	int			n = 0;

	for (int i = 0; i < layer->ncolumns; i++)
	{
		if (!layer->columns[i].is_constant)
			plain[n++] = layer->columns[i].is_integer;
	}
	writer.ncolumns = n;
	for (int row = 0; row < layer->nrows; row++)
	{
		n = 0;
		for (int i = 0; i < layer->ncolumns; i++)
		{
			if (!layer->columns[i].is_constant)
				values[n++] = layer->columns[i].values[row];
		}
		add_part_row(&writer, values, plain);
	}
	end_part(&writer);
	return writer.parts;
}

/* The ids, and what the rows are recognized by. */
static List *
parts_of_referred(const ExportTable *table, int bytes)
{
	PartWriter	writer = begin_parts("referred", table->number, 2, bytes);
	QueryArgs	args = {0};

	if (table->referred.n == 0)
		return NIL;
	query_arg(&args, INT8ARRAYOID, query_int8_array(table->referred.ids, NULL, table->referred.n), false);
	query_each(psprintf("SELECT t.%s::pg_catalog.text, %s FROM %s t WHERE t.%s = ANY ($1) ORDER BY t.%s",
						table->table.id, table->line, table->table.name, table->table.id, table->table.id),
			   &args, add_referred_row, &writer);
	end_part(&writer);
	return writer.parts;
}

static void
add_referred_row(TupleTableSlot *slot, void *arg)
{
	PartWriter *writer = arg;
	MemoryContext old = MemoryContextSwitchTo(writer->context);
	static const bool plain[] = {true, false};
	const char *values[] = {slot_text(slot, 0), slot_text(slot, 1)};

	add_part_row(writer, values, plain);
	MemoryContextSwitchTo(old);
}

/* Pieces of the text, which is whole when they are put together. */
static List *
parts_of_text(const char *text, int bytes)
{
	PartWriter	writer = begin_parts("text", 0, 1, bytes);
	static const bool plain[] = {false};
	int			rest = strlen(text);

	while (rest > 0)
	{
		int			length = pg_mbcliplen(text, rest, PIECE_BYTES);
		const char *values[] = {pnstrdup(text, length)};

		add_part_row(&writer, values, plain);
		text += length;
		rest -= length;
	}
	end_part(&writer);
	return writer.parts;
}

static PartWriter
begin_parts(const char *kind, int number, int ncolumns, int bytes)
{
	PartWriter	writer = {.kind = kind,.number = number,.ncolumns = ncolumns,.bytes = bytes,.context = CurrentMemoryContext};

	writer.columns = palloc(sizeof(StringInfoData) * (ncolumns + 1));
	for (int i = 0; i < ncolumns; i++)
		initStringInfo(&writer.columns[i]);
	return writer;
}

/* plain: which values are numbers, and need no quotes in an array. */
static void
add_part_row(PartWriter *writer, const char *const *values, const bool *plain)
{
	char	   *elements[MaxHeapAttributeNumber];
	int			bytes = 0;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < writer->ncolumns; i++)
	{
		elements[i] = array_element(values[i], plain[i]);
		bytes += literal_bytes(elements[i]) + 1;
	}
	if (writer->nrows > 0 && writer->used + bytes > writer->bytes)
		end_part(writer);
	for (int i = 0; i < writer->ncolumns; i++)
	{
		appendStringInfo(&writer->columns[i], "%c%s", writer->nrows > 0 ? ',' : '{', elements[i]);
		if (elements[i] != values[i])
			pfree(elements[i]);
	}
	writer->used += bytes;
	writer->nrows++;
}

static void
end_part(PartWriter *writer)
{
	ExportPart *part;
	StringInfoData text;

	if (writer->nrows == 0)
		return;
	part = palloc0(sizeof(ExportPart));
	part->kind = writer->kind;
	part->number = writer->number;
	part->part_no = list_length(writer->parts) + 1;
	part->nrows = writer->nrows;
	initStringInfo(&text);
	for (int i = 0; i < writer->ncolumns; i++)
	{
		appendStringInfoChar(&writer->columns[i], '}');
		part->columns = lappend(part->columns, pstrdup(writer->columns[i].data));
		appendStringInfo(&text, "%s%s", i > 0 ? "\n" : "", writer->columns[i].data);
		resetStringInfo(&writer->columns[i]);
	}
	part->checksum = md5_of_text(text.data);
	pfree(text.data);
	writer->parts = lappend(writer->parts, part);
	writer->nrows = 0;
	writer->used = 0;
}

/* A value as an element of an array's text; a plain one is returned as it is. */
static char *
array_element(const char *value, bool plain)
{
	StringInfoData element;

	if (value == NULL)
		return pstrdup("NULL");
	if (plain)
		return unconstify(char *, value);
	initStringInfo(&element);
	appendStringInfoChar(&element, '"');
	for (const char *c = value; *c; c++)
	{
		if (*c == '"' || *c == '\\')
			appendStringInfoChar(&element, '\\');
		appendStringInfoChar(&element, *c);
	}
	appendStringInfoChar(&element, '"');
	return element.data;
}

/* A literal doubles quotes and backslashes. */
static int
literal_bytes(const char *element)
{
	int			bytes = 0;

	for (const char *c = element; *c; c++)
		bytes += *c == '\'' || *c == '\\' ? 2 : 1;
	return bytes;
}

/* The first file begins the stage, and each part has one that follows it. */
static void
name_files(List *parts)
{
	int			digits = list_length(parts) + 1 > 99 ? 4 : 2;
	ListCell   *lc;

	foreach(lc, parts)
		((ExportPart *) lfirst(lc))->file = psprintf("01_stage_%0*d", digits, foreach_current_index(lc) + 2);
}
