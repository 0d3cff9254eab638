/*-------------------------------------------------------------------------
 *
 * mysqldump.c
 *	  A streaming reader of mysqldump output: statements and tuples.
 *
 *	  dump:      [ statement ] delimiter ...
 *	  statement: INSERT [ priority ] [ IGNORE ] [ INTO ] table
 *				   [ (column, ...) ] { VALUES | VALUE } tuple [, tuple ...] |
 *				 REPLACE likewise |
 *				 CREATE [ OR REPLACE ] [ TEMPORARY ] TABLE
 *				   [ IF NOT EXISTS ] table (...) ... |
 *				 LOCK TABLES table ..., ... | UNLOCK TABLES |
 *				 SET item, ... | USE database | DELIMITER delimiter |
 *				 ALTER, DELETE and others that change the table |
 *				 another statement of MySQL, which is skipped
 *	  table:     [ name . ] name
 *	  tuple:     ( value, ... )
 *
 * A statement is recognized by its first words only: an INSERT in the body of
 * a routine, for example, is skipped with the routine.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump.h"
#include "mysql/mysqldump_change.h"
#include "mysql/mysqldump_columns.h"
#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_insert.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_set.h"
#include "mysql/mysqldump_statement.h"
#include "mysql/mysqldump_table.h"

static bool read_statement(MysqldumpReader *reader);
static bool finish_dump(MysqldumpReader *reader);
static void note_commit(MysqldumpReader *reader);
static bool read_begin(MysqldumpReader *reader);
static bool read_create(MysqldumpReader *reader);
static bool read_lock(MysqldumpReader *reader);
static bool read_unlock(MysqldumpReader *reader);
static bool read_use(MysqldumpReader *reader);

MysqldumpReader *
mysqldump_open(MysqldumpReadFn read, void *arg, const char *table)
{
	MysqldumpMemory memory = MYSQLDUMP_CURRENT_MEMORY;
	MysqldumpReader *reader = mysqldump_alloc(memory, sizeof(*reader));

	memset(reader, 0, sizeof(*reader));
	reader->memory = memory;
	reader->status = MYSQLDUMP_TUPLE;
	mysqldump_input_init(&reader->input, read, arg, memory);
	reader->position = reader->input.position;
	mysqldump_set_delimiter(reader, ";", 1);

	mysqldump_want_table(reader, table);

	reader->columns_size = 16;
	reader->columns =
		mysqldump_alloc(memory, reader->columns_size * sizeof(MysqldumpColumn));
	reader->insert_columns_size = 16;
	reader->insert_columns =
		mysqldump_alloc(memory, reader->insert_columns_size * sizeof(char *));
	reader->values_size = 16;
	reader->values =
		mysqldump_alloc(memory, reader->values_size * sizeof(MysqldumpValue));
	reader->spans =
		mysqldump_alloc(memory, reader->values_size * sizeof(MysqldumpSpan));
	mysqldump_buffer_init(&reader->insert_text, memory);
	mysqldump_buffer_init(&reader->text, memory);
	return reader;
}

void
mysqldump_set_names(MysqldumpReader *reader, MysqldumpNameFn fn, void *arg)
{
	reader->convert_name = fn;
	reader->convert_arg = arg;
}

MysqldumpStatus
mysqldump_next(MysqldumpReader *reader)
{
	/* the values of the previous tuple are no longer valid */
	reader->nvalues = 0;
	reader->text.len = 0;

	while (reader->status == MYSQLDUMP_TUPLE)
	{
		if (!reader->in_insert)
			(void) read_statement(reader);
		else if (mysqldump_begin_tuple(reader) && reader->in_insert)
		{
			(void) mysqldump_read_tuple(reader);
			break;
		}
	}
	return reader->status;
}

/* Reads one statement; of an INSERT, only the part before its tuples. */
static bool
read_statement(MysqldumpReader *reader)
{
	bool		done;

	reader->between_statements = true;
	if (!mysqldump_next_token(reader))
		return false;
	reader->between_statements = false;
	reader->statement_has_body = false;
	reader->statement_at = reader->token_at;

	if (reader->token == MYSQLDUMP_TOKEN_END)
		return finish_dump(reader);
	if (reader->token == MYSQLDUMP_TOKEN_DELIMITER)
		return true;
	if (!mysqldump_require_beginning(reader))
		return false;

	/* a trailer that a statement follows does not end the dump */
	reader->trailer_seen = false;
	note_commit(reader);

	if (mysqldump_token_is(reader, "insert") ||
		mysqldump_token_is(reader, "replace"))
		return mysqldump_read_insert(reader);
	if (mysqldump_token_is(reader, "create"))
		return read_create(reader);
	if (mysqldump_token_is(reader, "lock"))
		return read_lock(reader);
	if (mysqldump_token_is(reader, "unlock"))
		return read_unlock(reader);
	if (mysqldump_token_is(reader, "set"))
		return mysqldump_read_set(reader);
	if (mysqldump_token_is(reader, "use"))
		return read_use(reader);
	if (mysqldump_token_is(reader, "delimiter"))
		return mysqldump_read_delimiter(reader);
	if (!mysqldump_read_change(reader, &done))
		return false;
	if (done)
		return true;

	if (mysqldump_token_in(reader, "begin start"))
		return read_begin(reader);
	return mysqldump_read_second(reader) && mysqldump_skip_statement(reader);
}

/* COMMIT, and what MySQL commits a transaction before. */
static void
note_commit(MysqldumpReader *reader)
{
	if (!mysqldump_token_in(reader, "alter analyze begin commit create drop grant"
							" lock optimize rename repair revoke rollback start"
							" truncate unlock"))
		return;
	reader->in_transaction = false;
	reader->uncommitted = false;
}

/* At the end of the input, between statements: fails if the dump was cut. */
static bool
finish_dump(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	if (input->failure != NULL)
		return mysqldump_fail_here(reader, input->failure_hint, "%s",
								   input->failure);
	if (reader->version_comments > 0)
		return mysqldump_fail_cut(reader, "a comment",
								  reader->version_comment_at);
	if (reader->table_locked)
		return mysqldump_fail_here(reader, MYSQLDUMP_CUT_HINT,
								   "the dump ends inside the data of table \"%s\"",
								   reader->table);
	if (reader->uncommitted)
		return mysqldump_fail_here(reader, MYSQLDUMP_CUT_HINT,
								   "the dump ends before the COMMIT of the data of table \"%s\"",
								   reader->table);
	reader->position = mysqldump_here(reader);
	reader->status = MYSQLDUMP_END;
	return true;
}

/* START TRANSACTION, BEGIN, or BEGIN NOT ATOMIC, whose body may change rows. */
static bool
read_begin(MysqldumpReader *reader)
{
	if (!mysqldump_read_second(reader))
		return false;
	if (mysqldump_token_is(reader, "not"))
	{
		reader->statement_has_body = true;
		if (reader->tuple_number > 0)
			return mysqldump_fail_unknown_change(reader, "BEGIN NOT ATOMIC");
	}
	else if (!mysqldump_token_in(reader, "all group_replication replica slave"))
		reader->in_transaction = true;
	return mysqldump_skip_statement(reader);
}

static bool
read_create(MysqldumpReader *reader)
{
	bool		wanted;

	if (!mysqldump_read_second(reader))
		return false;
	while (mysqldump_token_in(reader, "or replace temporary"))
	{
		if (!mysqldump_next_token(reader))
			return false;
	}
	if (!mysqldump_token_is(reader, "table"))
	{
		/* a trigger or a procedure, say */
		reader->statement_has_body = true;
		return mysqldump_skip_statement(reader);
	}

	if (!mysqldump_skip_parts(reader, "if not exists") ||
		!mysqldump_read_table(reader, &wanted))
		return false;
	if (reader->name[0] == '\0')
		return mysqldump_fail_token(reader, "is not supported as a table's name");
	if (!wanted && mysqldump_is_case_variant(reader))
		strcpy(reader->variant_created, reader->name);
	if (!wanted)
		return mysqldump_skip_statement(reader);

	if (reader->tuple_number > 0 &&
		strcmp(reader->name_database, reader->tuples_database) != 0)
		return mysqldump_fail_databases(reader, reader->tuples_database);
	if (reader->tuple_number > 0)
		return mysqldump_fail(reader, reader->statement_at, MYSQLDUMP_TWO_DATABASES_HINT,
							  "table \"%s\" is created again after its data",
							  reader->table);
	mysqldump_forget_columns(reader);
	strcpy(reader->columns_database, reader->name_database);
	if (reader->token == MYSQLDUMP_TOKEN_END)
		return mysqldump_fail_cut(reader, "a CREATE TABLE statement",
								  reader->statement_at);
	if (mysqldump_token_is(reader, "like") ||
		reader->token == MYSQLDUMP_TOKEN_DELIMITER)
		return mysqldump_skip_statement(reader);
	if (!mysqldump_token_is_char(reader, '('))
		return mysqldump_fail_query(reader);
	return mysqldump_read_columns(reader);
}

/* LOCK TABLES releases the tables that an earlier one locked. */
static bool
read_lock(MysqldumpReader *reader)
{
	if (!mysqldump_read_second(reader))
		return false;
	if (!mysqldump_token_is(reader, "tables") &&
		!mysqldump_token_is(reader, "table"))
		return mysqldump_skip_statement(reader);

	reader->table_locked = false;
	do
	{
		bool		wanted;

		if (!mysqldump_next_part(reader) ||
			!mysqldump_read_table(reader, &wanted))
			return false;
		if (wanted)
			reader->table_locked = true;

		/* an alias and READ or WRITE */
		while (mysqldump_token_is_name(reader))
		{
			if (!mysqldump_next_part(reader))
				return false;
		}
	} while (mysqldump_token_is_char(reader, ','));
	return mysqldump_skip_statement(reader);
}

static bool
read_unlock(MysqldumpReader *reader)
{
	if (!mysqldump_read_second(reader))
		return false;
	if (mysqldump_token_is(reader, "tables") ||
		mysqldump_token_is(reader, "table"))
		reader->table_locked = false;
	return mysqldump_skip_statement(reader);
}

/* USE is a line for the client, which may end without a delimiter. */
static bool
read_use(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	int			c;

	if (!mysqldump_next_token(reader))
		return false;
	if (!mysqldump_token_is_name(reader))
		return mysqldump_fail_token(reader, "is not supported in a USE command");
	mysqldump_convert_any_name(reader);
	strcpy(reader->database, reader->word);

	while ((c = mysqldump_input_peek(input)) == ' ' || c == '\t' || c == '\r')
		input->cur++;
	if (c == '\n')
		return true;
	if (!mysqldump_next_token(reader))
		return false;
	return reader->token == MYSQLDUMP_TOKEN_DELIMITER ||
		reader->token == MYSQLDUMP_TOKEN_END ||
		mysqldump_fail_token(reader, "is not supported in a USE command");
}

void
mysqldump_close(MysqldumpReader *reader)
{
	mysqldump_input_free(&reader->input);
	mysqldump_forget_columns(reader);
	mysqldump_free(reader->columns);
	mysqldump_free(reader->insert_columns);
	mysqldump_free(reader->insert_text.data);
	mysqldump_free(reader->values);
	mysqldump_free(reader->spans);
	mysqldump_free(reader->text.data);
	mysqldump_forget_table(reader);
	mysqldump_free(reader);
}

int
mysqldump_values(const MysqldumpReader *reader, const MysqldumpValue **values)
{
	*values = reader->values;
	return (reader->status == MYSQLDUMP_TUPLE) ? reader->nvalues : 0;
}

int
mysqldump_columns(const MysqldumpReader *reader,
				  const MysqldumpColumn **columns)
{
	*columns = reader->columns;
	return reader->ncolumns;
}

int
mysqldump_insert_columns(const MysqldumpReader *reader, char *const **names)
{
	*names = reader->insert_columns;
	return reader->ninsert_columns;
}

uint64_t
mysqldump_insert_number(const MysqldumpReader *reader)
{
	return reader->insert_number;
}

uint64_t
mysqldump_tuple_number(const MysqldumpReader *reader)
{
	return reader->tuple_number;
}

void
mysqldump_position(const MysqldumpReader *reader, uint64_t *line,
				   uint64_t *offset)
{
	*line = reader->position.line;
	*offset = reader->position.offset;
}

const char *
mysqldump_message(const MysqldumpReader *reader)
{
	return reader->message;
}

const char *
mysqldump_hint(const MysqldumpReader *reader)
{
	return reader->hint;
}

const char *
mysqldump_charset(const MysqldumpReader *reader)
{
	return (reader->charset[0] != '\0') ? reader->charset : NULL;
}

const char *
mysqldump_time_zone(const MysqldumpReader *reader)
{
	return (reader->time_zone[0] != '\0') ? reader->time_zone : NULL;
}

uint64_t
mysqldump_overriding_tuples(const MysqldumpReader *reader, uint64_t *line,
							uint64_t *offset)
{
	*line = reader->overriding_at.line;
	*offset = reader->overriding_at.offset;
	return reader->overriding_tuples;
}

bool
mysqldump_was_utf16(const MysqldumpReader *reader)
{
	return reader->input.utf16;
}

bool
mysqldump_lacks_trailer(const MysqldumpReader *reader)
{
	return reader->header_seen && !reader->trailer_seen;
}

const char *
mysqldump_tables_seen(const MysqldumpReader *reader)
{
	return reader->tables_seen;
}
