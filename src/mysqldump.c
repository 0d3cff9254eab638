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
 *				 SET NAMES charset | USE database | DELIMITER delimiter |
 *				 anything else, which is skipped
 *	  table:     [ name . ] name
 *	  tuple:     ( value, ... )
 *
 * Only a statement's beginning decides what it is: an INSERT in the body of
 * a routine, for one, is skipped with the routine.
 *
 *-------------------------------------------------------------------------
 */
#include "mysqldump_port.h"

#include <inttypes.h>
#include <stdarg.h>

#include "mysqldump_reader.h"

static const char *const redump_hint =
"Make the dump again with mysqldump's usual INSERT INTO ... VALUES (...),(...).";
static const char *const cut_hint =
"The file was cut short: copy it again in full, or make the dump again.";
static const char *const two_databases_hint =
"The file holds the table of more than one database: dump each into a file of its own.";

static bool read_statement(MysqldumpReader *reader);
static bool finish(MysqldumpReader *reader);
static bool read_create(MysqldumpReader *reader);
static bool read_lock(MysqldumpReader *reader);
static bool read_unlock(MysqldumpReader *reader);
static bool read_set(MysqldumpReader *reader);
static bool read_use(MysqldumpReader *reader);
static bool read_insert(MysqldumpReader *reader);
static bool begin_insert(MysqldumpReader *reader);
static bool check_charset(MysqldumpReader *reader);
static bool read_insert_columns(MysqldumpReader *reader);
static bool add_insert_column(MysqldumpReader *reader);
static void finish_insert_columns(MysqldumpReader *reader);
static bool read_table_name(MysqldumpReader *reader, bool *wanted);
static void note_table(MysqldumpReader *reader);
static bool begin_tuple(MysqldumpReader *reader);
static bool read_tuple(MysqldumpReader *reader);
static bool read_values(MysqldumpReader *reader);
static bool check_arity(MysqldumpReader *reader);
static bool fail_word(MysqldumpReader *reader, MysqldumpPosition at,
					  const char *word, size_t len, const char *problem);
static bool fail_cut_insert(MysqldumpReader *reader);

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

	reader->table = mysqldump_alloc(memory, strlen(table) + 1);
	strcpy(reader->table, table);

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

MysqldumpStatus
mysqldump_next(MysqldumpReader *reader)
{
	/* a tuple is no more once the next one is asked for */
	reader->nvalues = 0;
	reader->text.len = 0;

	while (reader->status == MYSQLDUMP_TUPLE)
	{
		if (!reader->in_insert)
			(void) read_statement(reader);
		else if (begin_tuple(reader) && reader->in_insert)
		{
			(void) read_tuple(reader);
			break;
		}
	}
	return reader->status;
}

/* Reads one statement, of INSERT only what comes before its tuples. */
static bool
read_statement(MysqldumpReader *reader)
{
	reader->between_statements = true;
	if (!mysqldump_next_token(reader))
		return false;
	reader->between_statements = false;
	reader->statement_at = reader->token_at;

	if (reader->token == MYSQLDUMP_TOKEN_END)
		return finish(reader);

	/* whatever was completed before, it was not this */
	reader->trailer_seen = false;

	if (mysqldump_token_is(reader, "insert") ||
		mysqldump_token_is(reader, "replace"))
		return read_insert(reader);
	if (mysqldump_token_is(reader, "create"))
		return read_create(reader);
	if (mysqldump_token_is(reader, "lock"))
		return read_lock(reader);
	if (mysqldump_token_is(reader, "unlock"))
		return read_unlock(reader);
	if (mysqldump_token_is(reader, "set"))
		return read_set(reader);
	if (mysqldump_token_is(reader, "use"))
		return read_use(reader);
	if (mysqldump_token_is(reader, "delimiter"))
		return mysqldump_read_delimiter(reader);
	return mysqldump_skip_statement(reader);
}

/* The input has ended between two statements: may it? */
static bool
finish(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	if (input->failure != NULL)
		return mysqldump_fail_here(reader, input->failure_hint, "%s",
								   input->failure);
	if (reader->version_comments > 0)
		return mysqldump_fail_cut(reader, "a comment",
								  reader->version_comment_at);
	if (reader->table_locked)
		return mysqldump_fail_here(reader, cut_hint,
								   "the dump ends inside the data of table \"%s\"",
								   reader->table);
	reader->position = mysqldump_here(reader);
	reader->status = MYSQLDUMP_END;
	return true;
}

static bool
read_create(MysqldumpReader *reader)
{
	bool		wanted;

	do
	{
		if (!mysqldump_next_token(reader))
			return false;
	} while (mysqldump_token_is(reader, "or") ||
			 mysqldump_token_is(reader, "replace") ||
			 mysqldump_token_is(reader, "temporary"));
	if (!mysqldump_token_is(reader, "table"))
		return mysqldump_skip_statement(reader);

	do
	{
		if (!mysqldump_next_token(reader))
			return false;
	} while (mysqldump_token_is(reader, "if") ||
			 mysqldump_token_is(reader, "not") ||
			 mysqldump_token_is(reader, "exists"));
	if (!read_table_name(reader, &wanted))
		return false;
	if (!wanted)
		return mysqldump_skip_statement(reader);

	if (reader->tuple_number > 0)
		return mysqldump_fail(reader, reader->statement_at, two_databases_hint,
							  "table \"%s\" is created again after its data",
							  reader->table);
	mysqldump_forget_columns(reader);
	if (reader->token == MYSQLDUMP_TOKEN_END)
		return mysqldump_fail_cut(reader, "a CREATE TABLE statement",
								  reader->statement_at);
	if (!mysqldump_token_is_char(reader, '('))
		return mysqldump_skip_statement(reader);
	return mysqldump_read_columns(reader);
}

/* LOCK TABLES releases what an earlier one has locked. */
static bool
read_lock(MysqldumpReader *reader)
{
	if (!mysqldump_next_token(reader))
		return false;
	if (!mysqldump_token_is(reader, "tables") &&
		!mysqldump_token_is(reader, "table"))
		return mysqldump_skip_statement(reader);

	reader->table_locked = false;
	do
	{
		bool		wanted;

		if (!mysqldump_next_token(reader) ||
			!read_table_name(reader, &wanted))
			return false;
		if (wanted)
			reader->table_locked = true;

		/* an alias and READ or WRITE */
		while (mysqldump_token_is_name(reader))
		{
			if (!mysqldump_next_token(reader))
				return false;
		}
	} while (mysqldump_token_is_char(reader, ','));
	return mysqldump_skip_statement(reader);
}

static bool
read_unlock(MysqldumpReader *reader)
{
	if (!mysqldump_next_token(reader))
		return false;
	if (mysqldump_token_is(reader, "tables") ||
		mysqldump_token_is(reader, "table"))
		reader->table_locked = false;
	return mysqldump_skip_statement(reader);
}

/* Of all variables, only SET NAMES tells something about the data. */
static bool
read_set(MysqldumpReader *reader)
{
	if (!mysqldump_next_token(reader))
		return false;
	if (!mysqldump_token_is(reader, "names"))
		return mysqldump_skip_statement(reader);

	if (!mysqldump_next_token(reader))
		return false;
	if (mysqldump_token_is(reader, "default"))
		reader->charset[0] = '\0';
	else if (mysqldump_token_is_name(reader) ||
			 reader->token == MYSQLDUMP_TOKEN_STRING)
		mysqldump_lower(reader->charset, sizeof(reader->charset),
						reader->word, strlen(reader->word));
	return mysqldump_skip_statement(reader);
}

/*
 * mysqldump writes USE before each database's tables, and once more before
 * its views.  So it does no harm unless tuples come before and after.
 */
static bool
read_use(MysqldumpReader *reader)
{
	if (!mysqldump_next_token(reader))
		return false;
	if (mysqldump_token_is_name(reader))
	{
		if (reader->tuple_number > 0 &&
			strcmp(reader->database, reader->word) != 0)
			reader->database_changed = true;
		strcpy(reader->database, reader->word);
	}
	return mysqldump_skip_statement(reader);
}

static bool
read_insert(MysqldumpReader *reader)
{
	bool		wanted;

	do
	{
		if (!mysqldump_next_token(reader))
			return false;
	} while (mysqldump_token_is(reader, "low_priority") ||
			 mysqldump_token_is(reader, "delayed") ||
			 mysqldump_token_is(reader, "high_priority") ||
			 mysqldump_token_is(reader, "ignore") ||
			 mysqldump_token_is(reader, "into"));
	if (!read_table_name(reader, &wanted))
		return false;
	if (!wanted)
		return mysqldump_skip_statement(reader);
	return begin_insert(reader);
}

/* Reads an INSERT into the wanted table from behind the table's name. */
static bool
begin_insert(MysqldumpReader *reader)
{
	if (reader->database_changed)
		return mysqldump_fail(reader, reader->statement_at, two_databases_hint,
							  "table \"%s\" has data in more than one database",
							  reader->table);
	if (!check_charset(reader))
		return false;

	reader->ninsert_columns = 0;
	reader->insert_text.len = 0;
	if (mysqldump_token_is_char(reader, '(') && !read_insert_columns(reader))
		return false;
	if (!mysqldump_token_is(reader, "values") &&
		!mysqldump_token_is(reader, "value"))
		return mysqldump_fail_token(reader, "is not supported in an INSERT");

	reader->in_insert = true;
	reader->insert_number++;
	reader->insert_tuples = 0;
	return true;
}

/*
 * In these character sets the second byte of a character may be a backslash,
 * which only looks like an escape.
 */
static bool
check_charset(MysqldumpReader *reader)
{
	static const char *const unsafe[] = {
		"big5", "cp932", "gb18030", "gbk", "sjis"
	};

	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
	{
		if (strcmp(reader->charset, unsafe[i]) == 0)
			return mysqldump_fail(reader, reader->statement_at,
								  "Make the dump again with --default-character-set=utf8mb4.",
								  "character set \"%s\" is not supported",
								  unsafe[i]);
	}
	return true;
}

/* Reads (column, ...) and gets the token behind it. */
static bool
read_insert_columns(MysqldumpReader *reader)
{
	do
	{
		if (!mysqldump_next_token(reader))
			return false;
		if (mysqldump_token_is_char(reader, ')') &&
			reader->ninsert_columns == 0)
			break;
		if (!add_insert_column(reader) || !mysqldump_next_token(reader))
			return false;
	} while (mysqldump_token_is_char(reader, ','));

	if (!mysqldump_token_is_char(reader, ')'))
		return mysqldump_fail_token(reader, "is not supported in a list of columns");
	finish_insert_columns(reader);
	return mysqldump_next_token(reader);
}

static bool
add_insert_column(MysqldumpReader *reader)
{
	int			n = reader->ninsert_columns;

	if (!mysqldump_token_is_name(reader))
		return mysqldump_fail_token(reader,
									"is not supported as a column's name");
	if (n == MYSQLDUMP_MAX_COLUMNS)
		return mysqldump_fail(reader, reader->token_at, NULL,
							  "an INSERT lists more than %d columns",
							  MYSQLDUMP_MAX_COLUMNS);

	if (n == reader->insert_columns_size)
	{
		reader->insert_columns_size *= 2;
		reader->insert_columns =
			mysqldump_realloc(reader->insert_columns,
							  reader->insert_columns_size * sizeof(char *));
	}
	mysqldump_buffer_append(&reader->insert_text, reader->word,
							reader->word_len + 1);
	reader->ninsert_columns++;
	return true;
}

/* Makes the list point to its names, which do not move any more. */
static void
finish_insert_columns(MysqldumpReader *reader)
{
	char	   *name = reader->insert_text.data;

	for (int i = 0; i < reader->ninsert_columns; i++)
	{
		reader->insert_columns[i] = name;
		name += strlen(name) + 1;
	}
}

/*
 * Reads [name.]name from the last token on, and gets the token behind it.
 * Without a name there, nothing is wanted.
 */
static bool
read_table_name(MysqldumpReader *reader, bool *wanted)
{
	*wanted = false;
	if (!mysqldump_token_is_name(reader))
		return true;
	strcpy(reader->name, reader->word);
	if (!mysqldump_next_token(reader))
		return false;

	if (mysqldump_token_is_char(reader, '.'))
	{
		if (!mysqldump_next_token(reader))
			return false;
		if (!mysqldump_token_is_name(reader))
			return true;
		strcpy(reader->name, reader->word);
		if (!mysqldump_next_token(reader))
			return false;
	}

	note_table(reader);
	*wanted = strcmp(reader->name, reader->table) == 0;
	return true;
}

/* Adds the statement's table to those seen, unless it is there or no room. */
static void
note_table(MysqldumpReader *reader)
{
	char	   *seen = reader->tables_seen;
	size_t		room = sizeof(reader->tables_seen) - sizeof(", " ", ...");
	size_t		len = strlen(reader->name);

	if (reader->tables_seen_full)
		return;

	for (const char *p = seen; (p = strstr(p, reader->name)) != NULL; p++)
	{
		bool		begins = (p == seen || p[-1] == ' ');
		bool		ends = (p[len] == '\0' || p[len] == ',');

		if (begins && ends)
			return;
	}

	reader->tables_seen_full = (strlen(seen) + len > room);
	if (seen[0] != '\0')
		strcat(seen, ", ");
	strcat(seen, reader->tables_seen_full ? "..." : reader->name);
}

/*
 * Goes to the tuple's parenthesis, or leaves the INSERT if there are no more
 * tuples.
 */
static bool
begin_tuple(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	int			c;

	CHECK_FOR_INTERRUPTS();

	if (!mysqldump_skip_space(reader))
		return false;
	c = mysqldump_input_peek(input);

	if (reader->insert_tuples > 0)
	{
		if (c >= 0 && mysqldump_at_delimiter(reader))
		{
			input->cur += reader->delimiter_len;
			reader->in_insert = false;
			return true;
		}
		if (c != ',')
			return mysqldump_fail_next(reader,
									   "is not supported after a tuple");
		input->cur++;
		if (!mysqldump_skip_space(reader))
			return false;
		c = mysqldump_input_peek(input);
	}

	if (c != '(')
		return mysqldump_fail_next(reader, "is not supported as a tuple");
	reader->position = mysqldump_here(reader);
	return true;
}

static bool
read_tuple(MysqldumpReader *reader)
{
	reader->in_tuple = true;
	reader->input.cur++;
	if (!mysqldump_read_plain_values(reader) && !read_values(reader))
		return false;
	reader->in_tuple = false;

	if (!check_arity(reader))
		return false;
	reader->insert_tuples++;
	reader->tuple_number++;
	return true;
}

/* Reads a tuple from behind its opening parenthesis to its end. */
static bool
read_values(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	int			c;

	if (!mysqldump_skip_space(reader))
		return false;
	c = mysqldump_input_peek(input);

	while (c != ')')
	{
		if (!mysqldump_read_value(reader) || !mysqldump_skip_space(reader))
			return false;
		c = mysqldump_input_peek(input);
		if (c == ',')
		{
			input->cur++;
			if (!mysqldump_skip_space(reader))
				return false;
		}
		else if (c != ')')
			return mysqldump_fail_next(reader,
									   "is not supported after a value");
	}
	input->cur++;
	mysqldump_finish_values(reader);
	return true;
}

static bool
check_arity(MysqldumpReader *reader)
{
	const char *measure;
	int			arity;

	if (reader->insert_tuples == 0)
		reader->insert_arity = reader->nvalues;

	if (reader->ninsert_columns > 0)
	{
		measure = "columns that the INSERT lists";
		arity = reader->ninsert_columns;
	}
	else if (reader->ncolumns > 0)
	{
		measure = "columns of the table";
		arity = reader->ncolumns;
	}
	else
	{
		measure = "values in the statement's first tuple";
		arity = reader->insert_arity;
	}

	if (reader->nvalues != arity)
		return mysqldump_fail(reader, reader->position, NULL,
							  "a tuple has %d values instead of %d, the number of %s",
							  reader->nvalues, arity, measure);
	return true;
}

bool
mysqldump_fail(MysqldumpReader *reader, MysqldumpPosition at,
			   const char *hint, const char *format,...)
{
	va_list		args;

	reader->status = MYSQLDUMP_ERROR;
	reader->position = at;
	reader->hint = hint;
	va_start(args, format);
	vsnprintf(reader->message, sizeof(reader->message), format, args);
	va_end(args);
	return false;
}

bool
mysqldump_fail_cut(MysqldumpReader *reader, const char *what,
				   MysqldumpPosition begin)
{
	MysqldumpInput *input = &reader->input;

	input->cur = input->end;
	if (input->failure != NULL)
		return mysqldump_fail_here(reader, input->failure_hint, "%s",
								   input->failure);
	return mysqldump_fail_here(reader, cut_hint,
							   "the dump ends in the middle of %s that begins in line %" PRIu64,
							   what, begin.line);
}

bool
mysqldump_fail_nul(MysqldumpReader *reader)
{
	return mysqldump_fail_here(reader,
							   "Is it compressed, or UTF-16 without a byte order mark?",
							   "the input is not a text dump: it has a NUL byte outside of strings");
}

bool
mysqldump_fail_next(MysqldumpReader *reader, const char *problem)
{
	MysqldumpInput *input = &reader->input;
	size_t		len = mysqldump_input_need(input, MYSQLDUMP_LOOKAHEAD);
	size_t		word_len = 0;

	while (word_len < len &&
		   mysqldump_is(input->cur[word_len], MYSQLDUMP_WORD))
		word_len++;

	/* a word at the very end may go on where the dump does not */
	if (word_len == len && len < MYSQLDUMP_LOOKAHEAD)
		return fail_cut_insert(reader);
	if (*input->cur == '\0')
		return mysqldump_fail_nul(reader);
	return fail_word(reader, mysqldump_here(reader), input->cur,
					 word_len > 0 ? word_len : 1, problem);
}

bool
mysqldump_fail_token(MysqldumpReader *reader, const char *problem)
{
	MysqldumpToken token = reader->token;

	/* a word at the very end may go on where the dump does not */
	if (token == MYSQLDUMP_TOKEN_END ||
		(token == MYSQLDUMP_TOKEN_WORD &&
		 mysqldump_input_peek(&reader->input) < 0))
		return mysqldump_fail_cut(reader, "a statement",
								  reader->statement_at);
	if (token == MYSQLDUMP_TOKEN_CHAR)
		return fail_word(reader, reader->token_at, &reader->token_char, 1,
						 problem);
	if (token == MYSQLDUMP_TOKEN_DELIMITER)
		return fail_word(reader, reader->token_at, reader->delimiter,
						 reader->delimiter_len, problem);
	return fail_word(reader, reader->token_at, reader->word,
					 strlen(reader->word), problem);
}

/*
 * The dump's bytes may be in any character set, and so are not repeated
 * except for plain ASCII.
 */
static bool
fail_word(MysqldumpReader *reader, MysqldumpPosition at, const char *word,
		  size_t len, const char *problem)
{
	char		shown[MYSQLDUMP_LOOKAHEAD + 1];
	size_t		i;

	for (i = 0; i < len && i < MYSQLDUMP_LOOKAHEAD; i++)
		shown[i] = (word[i] >= ' ' && word[i] <= '~') ? word[i] : '?';
	shown[i] = '\0';
	return mysqldump_fail(reader, at, redump_hint, "\"%s\" %s", shown,
						  problem);
}

static bool
fail_cut_insert(MysqldumpReader *reader)
{
	if (reader->in_tuple)
		return mysqldump_fail_cut(reader, "a tuple", reader->position);
	return mysqldump_fail_cut(reader, "an INSERT", reader->statement_at);
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
	mysqldump_free(reader->table);
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
