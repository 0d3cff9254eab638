/*-------------------------------------------------------------------------
 *
 * mysqldump_columns.c
 *	  The columns of a dump's CREATE TABLE: see mysqldump_columns.h.
 *
 *	  body:    item [, item ...] ) [ option ... ]
 *	  item:    name type [ ( length [, scale ] ) ] [ attribute ... ] |
 *			   PRIMARY KEY ... and the like
 *
 * Of a column's attributes, only those that affect its values are read.  Keys
 * and the table's options are skipped.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include <limits.h>

#include "mysql/mysqldump_columns.h"
#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_table.h"

#define NAME_SIZE	64			/* bytes for the name of a type or a character
								 * set, with its NUL */

/* A character set among attributes or options. */
typedef struct Charset
{
	char		name[NAME_SIZE];	/* in lower case, or empty */
	bool		follows;		/* a name comes next */
	bool		is_collation;	/* of a collation, which begins with its set's */
} Charset;

static bool read_item(MysqldumpReader *reader);
static bool begins_key(const MysqldumpReader *reader);
static bool skip_key(MysqldumpReader *reader);
static bool read_type(MysqldumpReader *reader, MysqldumpColumn *column,
					  char *type);
static bool read_type_name(MysqldumpReader *reader, MysqldumpColumn *column,
						   char *type);
static void replace_alias(char *type);
static bool read_lengths(MysqldumpReader *reader, MysqldumpColumn *column);
static int	token_number(const MysqldumpReader *reader);
static bool read_attributes(MysqldumpReader *reader, MysqldumpColumn *column,
							Charset *charset);
static void note_charset(const MysqldumpReader *reader, Charset *charset);
static bool skip_parentheses(MysqldumpReader *reader);
static bool skip_options(MysqldumpReader *reader);
static bool next_body_token(MysqldumpReader *reader);
static void append_column(MysqldumpReader *reader,
						  const MysqldumpColumn *column,
						  const char *name, const char *type,
						  const char *charset);
static char *copy_string(MysqldumpReader *reader, const char *string);

/* Aliases of types, and the names that SHOW CREATE TABLE shows for them. */
static const char *const type_aliases[][2] = {
	{"integer", "int"},
	{"int1", "tinyint"},
	{"int2", "smallint"},
	{"int3", "mediumint"},
	{"middleint", "mediumint"},
	{"int4", "int"},
	{"int8", "bigint"},
	{"dec", "decimal"},
	{"numeric", "decimal"},
	{"fixed", "decimal"},
	{"number", "decimal"},
	{"real", "double"},
	{"float4", "float"},
	{"float8", "double"},
	{"character", "char"},
	{"nchar", "char"},
	{"nvarchar", "varchar"},
	{"varcharacter", "varchar"},
	{"varchar2", "varchar"},
	{"geomcollection", "geometrycollection"},
};

bool
mysqldump_read_columns(MysqldumpReader *reader)
{
	do
	{
		if (!next_body_token(reader))
			return false;
		if (mysqldump_token_is(reader, "select") ||
			mysqldump_token_is(reader, "with"))
			return mysqldump_fail_query(reader);
		if (mysqldump_token_is(reader, "like"))
		{
			/* the columns of another table are not known here */
			mysqldump_forget_columns(reader);
			return mysqldump_skip_statement(reader);
		}
		if (!read_item(reader))
			return false;
	} while (mysqldump_token_is_char(reader, ','));

	if (!mysqldump_token_is_char(reader, ')'))
		return mysqldump_fail_token(reader, "is not supported in CREATE TABLE");
	return skip_options(reader);
}

void
mysqldump_forget_columns(MysqldumpReader *reader)
{
	for (int i = 0; i < reader->ncolumns; i++)
	{
		mysqldump_free(reader->columns[i].name);
		mysqldump_free(reader->columns[i].type);
		if (reader->columns[i].charset != NULL)
			mysqldump_free(reader->columns[i].charset);
	}
	reader->ncolumns = 0;
}

bool
mysqldump_fail_query(MysqldumpReader *reader)
{
	mysqldump_forget_columns(reader);
	return mysqldump_fail(reader, reader->statement_at,
						  "Load the dump into MySQL and dump the table itself.",
						  "the rows of table \"%s\" come from a query",
						  reader->table);
}

/* Reads a column or skips a key, and gets the token after it. */
static bool
read_item(MysqldumpReader *reader)
{
	MysqldumpColumn column = {.length = -1,.scale = -1};
	Charset		charset = {0};
	char		name[MYSQLDUMP_NAME_MAX + 1];
	char		type[NAME_SIZE];
	bool		period = mysqldump_token_is(reader, "period");
	bool		vector = mysqldump_token_is(reader, "vector");

	if (begins_key(reader))
		return skip_key(reader);

	if (!mysqldump_token_is_name(reader))
		return mysqldump_fail_token(reader,
									"is not supported as a column name");
	if (!mysqldump_convert_name(reader))
		return false;
	strcpy(name, reader->word);
	if (!next_body_token(reader))
		return false;

	/* both words can be a column's name or begin a key */
	if ((period && mysqldump_token_is(reader, "for")) ||
		(vector && (mysqldump_token_is(reader, "key") ||
					mysqldump_token_is(reader, "index"))))
		return skip_key(reader);

	if (reader->ncolumns == MYSQLDUMP_MAX_COLUMNS)
		return mysqldump_fail(reader, reader->token_at, NULL,
							  "a table has more than %d columns",
							  MYSQLDUMP_MAX_COLUMNS);
	if (!read_type(reader, &column, type) ||
		!read_attributes(reader, &column, &charset))
		return false;
	append_column(reader, &column, name, type, charset.name);
	return true;
}

static bool
begins_key(const MysqldumpReader *reader)
{
	return mysqldump_token_in(reader, "primary key index unique fulltext spatial"
							  " constraint foreign check");
}

static bool
skip_key(MysqldumpReader *reader)
{
	MysqldumpColumn ignored = {0};
	Charset		charset = {0};

	return read_attributes(reader, &ignored, &charset);
}

static bool
read_type(MysqldumpReader *reader, MysqldumpColumn *column, char *type)
{
	if (!read_type_name(reader, column, type))
		return false;
	if (!mysqldump_token_is_char(reader, '('))
		return true;
	return read_lengths(reader, column);
}

/* Reads the words of the base type into type, as SHOW CREATE TABLE shows it. */
static bool
read_type_name(MysqldumpReader *reader, MysqldumpColumn *column, char *type)
{
	bool		two_words = true;

	if (mysqldump_token_is(reader, "national") && !next_body_token(reader))
		return false;
	if (reader->token != MYSQLDUMP_TOKEN_WORD)
		return mysqldump_fail_token(reader,
									"is not supported as a column type");
	mysqldump_lower(type, NAME_SIZE, reader->word,
					strlen(reader->word));
	replace_alias(type);
	if (!next_body_token(reader))
		return false;

	if (strcmp(type, "char") == 0 &&
		(mysqldump_token_is(reader, "varying") ||
		 mysqldump_token_is(reader, "varchar") ||
		 mysqldump_token_is(reader, "varcharacter")))
		strcpy(type, "varchar");
	else if (strcmp(type, "long") == 0 &&
			 mysqldump_token_is(reader, "varbinary"))
		strcpy(type, "mediumblob");
	else if (strcmp(type, "long") == 0)
	{
		strcpy(type, "mediumtext");
		two_words = mysqldump_token_is(reader, "varchar");
	}
	else
		two_words = strcmp(type, "double") == 0 &&
			mysqldump_token_is(reader, "precision");

	/* aliases that imply a length or a sign */
	if (strcmp(type, "bool") == 0 || strcmp(type, "boolean") == 0)
	{
		strcpy(type, "tinyint");
		column->length = 1;
	}
	else if (strcmp(type, "serial") == 0)
	{
		strcpy(type, "bigint");
		column->is_unsigned = true;
		column->is_auto_increment = true;
	}
	return !two_words || next_body_token(reader);
}

static void
replace_alias(char *type)
{
	for (size_t i = 0; i < sizeof(type_aliases) / sizeof(type_aliases[0]); i++)
	{
		if (strcmp(type, type_aliases[i][0]) == 0)
		{
			strcpy(type, type_aliases[i][1]);
			return;
		}
	}
}

/* Reads (length[, scale]) and skips anything else in the parentheses. */
static bool
read_lengths(MysqldumpReader *reader, MysqldumpColumn *column)
{
	if (!next_body_token(reader))
		return false;
	column->length = token_number(reader);
	if (column->length >= 0)
	{
		if (!next_body_token(reader))
			return false;
		if (mysqldump_token_is_char(reader, ','))
		{
			if (!next_body_token(reader))
				return false;
			column->scale = token_number(reader);
		}
	}
	return skip_parentheses(reader);
}

/* The last token as a number, at most INT_MAX; -1 if it is not a number. */
static int
token_number(const MysqldumpReader *reader)
{
	int			number = 0;

	if (reader->token != MYSQLDUMP_TOKEN_WORD)
		return -1;
	for (const char *p = reader->word; *p != '\0'; p++)
	{
		if (*p < '0' || *p > '9')
			return -1;
		if (number > (INT_MAX - 9) / 10)
			return INT_MAX;
		number = number * 10 + (*p - '0');
	}
	return number;
}

/* Reads attributes up to the comma or parenthesis that ends the item. */
static bool
read_attributes(MysqldumpReader *reader, MysqldumpColumn *column, Charset *charset)
{
	bool		value = false;	/* a default's value follows */

	while (!mysqldump_token_is_char(reader, ',') &&
		   !mysqldump_token_is_char(reader, ')'))
	{
		if (value && !mysqldump_token_is(reader, "null"))
			column->has_default = true;
		value = mysqldump_token_is(reader, "default");

		if (mysqldump_token_is_char(reader, '('))
		{
			if (!next_body_token(reader) || !skip_parentheses(reader))
				return false;
			continue;
		}

		if (mysqldump_token_is(reader, "unsigned") ||
			mysqldump_token_is(reader, "zerofill"))
			column->is_unsigned = true;
		else if (mysqldump_token_is(reader, "generated") ||
				 mysqldump_token_is(reader, "as"))
			column->is_generated = true;
		else if (mysqldump_token_is(reader, "auto_increment"))
			column->is_auto_increment = true;
		else if (mysqldump_token_is(reader, "byte") ||
				 (charset->follows && strcmp(reader->word, "binary") == 0))
			column->is_binary = true;

		note_charset(reader, charset);
		if (!next_body_token(reader))
			return false;
	}
	return true;
}

/* Takes the last token for the name of a character set, if one is to follow. */
static void
note_charset(const MysqldumpReader *reader, Charset *charset)
{
	if (mysqldump_token_in(reader, "charset character collate"))
	{
		charset->follows = true;
		charset->is_collation = mysqldump_token_is(reader, "collate");
		return;
	}
	if (!charset->follows || mysqldump_token_is(reader, "set") ||
		mysqldump_token_is_char(reader, '='))
		return;

	charset->follows = false;
	if (charset->name[0] == '\0' || !charset->is_collation)
	{
		mysqldump_lower(charset->name, NAME_SIZE, reader->word, strlen(reader->word));
		if (charset->is_collation)
			charset->name[strcspn(charset->name, "_")] = '\0';
	}
}

/* Skips to the token after the parenthesis that closes the one just read. */
static bool
skip_parentheses(MysqldumpReader *reader)
{
	uint64_t	depth = 1;

	for (;;)
	{
		if (mysqldump_token_is_char(reader, '('))
			depth++;
		else if (mysqldump_token_is_char(reader, ')'))
			depth--;
		if (!next_body_token(reader))
			return false;
		if (depth == 0)
			return true;
	}
}

/*
 * Skips the table's options to the end of the statement.  Its character set is
 * that of the columns that have none.
 */
static bool
skip_options(MysqldumpReader *reader)
{
	Charset		charset = {0};

	do
	{
		if (!mysqldump_next_token(reader))
			return false;
		if (reader->token == MYSQLDUMP_TOKEN_END)
			return mysqldump_fail_cut(reader, "a CREATE TABLE statement",
									  reader->statement_at);

		if (mysqldump_token_is(reader, "select"))
			return mysqldump_fail_query(reader);
		note_charset(reader, &charset);
	} while (reader->token != MYSQLDUMP_TOKEN_DELIMITER);

	for (int i = 0; i < reader->ncolumns && charset.name[0] != '\0'; i++)
	{
		if (reader->columns[i].charset == NULL)
			reader->columns[i].charset = copy_string(reader, charset.name);
	}
	return true;
}

/* Gets the next token; fails if the statement ends inside its parentheses. */
static bool
next_body_token(MysqldumpReader *reader)
{
	if (!mysqldump_next_token(reader))
		return false;
	if (reader->token == MYSQLDUMP_TOKEN_END)
		return mysqldump_fail_cut(reader, "a CREATE TABLE statement",
								  reader->statement_at);
	if (reader->token == MYSQLDUMP_TOKEN_DELIMITER)
		return mysqldump_fail(reader, reader->token_at, NULL,
							  "CREATE TABLE ends before its closing parenthesis");
	return true;
}

/* Appends a copy of the column, with copies of its names. */
static void
append_column(MysqldumpReader *reader, const MysqldumpColumn *column,
			  const char *name, const char *type, const char *charset)
{
	MysqldumpColumn *added;

	if (reader->ncolumns == reader->columns_size)
	{
		reader->columns_size *= 2;
		reader->columns =
			mysqldump_realloc(reader->columns,
							  reader->columns_size * sizeof(MysqldumpColumn));
	}
	added = &reader->columns[reader->ncolumns++];
	*added = *column;
	added->name = copy_string(reader, name);
	added->type = copy_string(reader, type);
	if (charset[0] != '\0')
		added->charset = copy_string(reader, charset);
}

static char *
copy_string(MysqldumpReader *reader, const char *string)
{
	size_t		size = strlen(string) + 1;

	(void) reader;				/* unused when standalone */
	return memcpy(mysqldump_alloc(reader->memory, size), string, size);
}
