/*-------------------------------------------------------------------------
 *
 * mysqldump_insert.c
 *	  INSERT statements and their tuples: see mysqldump_insert.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include <inttypes.h>

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_insert.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_plain.h"
#include "mysql/mysqldump_table.h"
#include "mysql/mysqldump_value.h"

static bool check_case(MysqldumpReader *reader, bool wanted);
static bool begin_insert(MysqldumpReader *reader);
static bool check_table_database(MysqldumpReader *reader);
static bool check_overriding(MysqldumpReader *reader);
static bool check_charset(MysqldumpReader *reader);
static bool read_column_list(MysqldumpReader *reader);
static bool add_listed_column(MysqldumpReader *reader);
static void finish_column_list(MysqldumpReader *reader);
static bool read_values(MysqldumpReader *reader);
static bool check_value_count(MysqldumpReader *reader);
static const char *plural_ending(int count);

bool
mysqldump_read_insert(MysqldumpReader *reader)
{
	bool		wanted;

	reader->insert_overrides = mysqldump_token_is(reader, "replace");
	do
	{
		if (!mysqldump_next_token(reader))
			return false;
		if (mysqldump_token_is(reader, "ignore"))
			reader->insert_overrides = true;
	} while (mysqldump_token_in(reader, "low_priority delayed high_priority ignore into"));
	if (!mysqldump_read_table(reader, &wanted))
		return false;
	if (reader->name[0] == '\0')
		return mysqldump_fail_token(reader, "is not supported as a table's name");
	if (!check_case(reader, wanted))
		return false;
	if (wanted)
		return begin_insert(reader);
	if (!mysqldump_skip_statement(reader))
		return false;
	return reader->token != MYSQLDUMP_TOKEN_END ||
		mysqldump_fail_cut(reader, "an INSERT", reader->statement_at);
}

/*
 * Some servers ignore letter case in tables' names: there, `T` and `t` are one
 * table, unless the dump creates both.
 */
static bool
check_case(MysqldumpReader *reader, bool wanted)
{
	if (!wanted && reader->variant_filled[0] == '\0' && mysqldump_is_case_variant(reader) &&
		strcmp(reader->name, reader->variant_created) != 0)
	{
		strcpy(reader->variant_filled, reader->name);
		reader->variant_at = reader->statement_at;
	}
	if (reader->variant_filled[0] == '\0' || (!wanted && reader->tuple_number == 0))
		return true;
	return mysqldump_fail(reader, reader->variant_at,
						  "Where letter case does not count, both are one table: write one spelling throughout the file, or delete the rows of the other table.",
						  "the dump has rows of \"%s\", which it does not create, and of \"%s\"",
						  reader->variant_filled, reader->table);
}

/* Reads an INSERT into the wanted table from after the table's name. */
static bool
begin_insert(MysqldumpReader *reader)
{
	if (!check_table_database(reader) || !check_overriding(reader) ||
		!check_charset(reader))
		return false;

	reader->ninsert_columns = 0;
	reader->insert_text.len = 0;
	if (mysqldump_token_is_char(reader, '(') && !read_column_list(reader))
		return false;
	if (!mysqldump_token_is(reader, "values") &&
		!mysqldump_token_is(reader, "value"))
		return mysqldump_fail_token(reader, "is not supported in an INSERT");

	reader->in_insert = true;
	reader->insert_number++;
	reader->insert_tuples = 0;
	return true;
}

/* All tuples must be of one table, whose columns are those of CREATE TABLE. */
static bool
check_table_database(MysqldumpReader *reader)
{
	const char *database = reader->name_database;
	const char *other = reader->columns_database;

	if (reader->wanted_database != NULL && database[0] == '\0' &&
		strcmp(reader->name, reader->table) != 0)
		return mysqldump_fail(reader, reader->statement_at,
							  "Pass the table's name without a database, or write USE and the database into the first line of the file.",
							  "the dump does not say in which database its table \"%s\" is",
							  reader->name);

	if (reader->tuple_number == 0)
		strcpy(reader->tuples_database, database);
	if (strcmp(reader->tuples_database, database) != 0)
		other = reader->tuples_database;
	else if (reader->ncolumns == 0 || other[0] == '\0' || database[0] == '\0' ||
			 strcmp(other, database) == 0)
		return true;
	return mysqldump_fail_databases(reader, other);
}

/*
 * A dump that consists of REPLACE or INSERT IGNORE is one of mysqldump --replace
 * or --insert-ignore.  After plain INSERTs, they are meant to change or to leave
 * out rows.
 */
static bool
check_overriding(MysqldumpReader *reader)
{
	if (!reader->insert_overrides)
		return true;
	if (reader->tuple_number > reader->overriding_tuples)
		return mysqldump_fail(reader, reader->statement_at,
							  "Load the dump into MySQL and dump the table again, or load the two parts of the file into two tables.",
							  "a REPLACE or INSERT IGNORE follows after %" PRIu64 " tuples of table \"%s\" from plain INSERTs",
							  reader->tuple_number - reader->overriding_tuples,
							  reader->table);
	if (reader->overriding_tuples == 0)
		reader->overriding_at = reader->statement_at;
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

/* Reads (column, ...) and gets the token after it. */
static bool
read_column_list(MysqldumpReader *reader)
{
	do
	{
		if (!mysqldump_next_token(reader))
			return false;
		if (mysqldump_token_is_char(reader, ')') &&
			reader->ninsert_columns == 0)
			break;
		if (!add_listed_column(reader) || !mysqldump_next_token(reader))
			return false;
	} while (mysqldump_token_is_char(reader, ','));

	if (!mysqldump_token_is_char(reader, ')'))
		return mysqldump_fail_token(reader, "is not supported in a column list");
	finish_column_list(reader);
	return mysqldump_next_token(reader);
}

static bool
add_listed_column(MysqldumpReader *reader)
{
	int			n = reader->ninsert_columns;

	if (!mysqldump_token_is_name(reader))
		return mysqldump_fail_token(reader,
									"is not supported as a column name");
	if (!mysqldump_convert_name(reader))
		return false;
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

/* Points the list to its names, whose buffer does not move any more. */
static void
finish_column_list(MysqldumpReader *reader)
{
	char	   *name = reader->insert_text.data;

	for (int i = 0; i < reader->ninsert_columns; i++)
	{
		reader->insert_columns[i] = name;
		name += strlen(name) + 1;
	}
}

bool
mysqldump_begin_tuple(MysqldumpReader *reader)
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

bool
mysqldump_read_tuple(MysqldumpReader *reader)
{
	reader->in_tuple = true;
	reader->input.cur++;
	if (!mysqldump_read_plain_values(reader) && !read_values(reader))
		return false;
	reader->in_tuple = false;

	if (!check_value_count(reader))
		return false;
	reader->insert_tuples++;
	reader->tuple_number++;
	reader->overriding_tuples += reader->insert_overrides;
	reader->uncommitted = reader->in_transaction || reader->autocommit_off;
	return true;
}

/* Reads a tuple from after its opening parenthesis to its end. */
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

/*
 * A tuple must have a value for each column that the INSERT lists, or else for
 * each column of CREATE TABLE, or else as many as the INSERT's first tuple.
 */
static bool
check_value_count(MysqldumpReader *reader)
{
	const char *standard;
	const char *noun = "column";
	int			expected;

	if (reader->insert_tuples == 0)
		reader->insert_first_nvalues = reader->nvalues;

	if (reader->ninsert_columns > 0)
	{
		standard = "the INSERT lists";
		expected = reader->ninsert_columns;
	}
	else if (reader->ncolumns > 0)
	{
		standard = "the table has";
		expected = reader->ncolumns;
	}
	else
	{
		standard = "the INSERT's first tuple has";
		noun = "value";
		expected = reader->insert_first_nvalues;
	}

	if (reader->nvalues != expected)
		return mysqldump_fail(reader, reader->position, NULL,
							  "a tuple has %d value%s, but %s %d %s%s",
							  reader->nvalues, plural_ending(reader->nvalues),
							  standard, expected, noun, plural_ending(expected));
	return true;
}

static const char *
plural_ending(int count)
{
	return count == 1 ? "" : "s";
}
