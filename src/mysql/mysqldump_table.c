/*-------------------------------------------------------------------------
 *
 * mysqldump_table.c
 *	  Names, and the wanted table: see mysqldump_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_table.h"

static char *copy_part(MysqldumpReader *reader, const char *part, size_t len);
static const char *part_end(const char *part);
static bool convert_name(MysqldumpReader *reader);
static bool match_table(MysqldumpReader *reader, bool *wanted);
static bool names_wanted(const MysqldumpReader *reader);
static void add_to_tables_seen(MysqldumpReader *reader);

void
mysqldump_want_table(MysqldumpReader *reader, const char *table)
{
	const char *end = part_end(table);

	reader->table = copy_part(reader, table, strlen(table));
	if (*end == '.' && end > table && end[1] != '\0' && *part_end(end + 1) == '\0')
	{
		reader->wanted_database = copy_part(reader, table, end - table);
		reader->wanted_name = copy_part(reader, end + 1, strlen(end + 1));
	}
	else if (*end == '\0' && (*table == '`' || *table == '"'))
	{
		mysqldump_free(reader->table);
		reader->table = copy_part(reader, table, end - table);
	}
}

/* The end of a name, which is a period or the end of the string. */
static const char *
part_end(const char *part)
{
	char		quote = *part;

	if (quote != '`' && quote != '"')
		return part + strcspn(part, ".");
	for (const char *p = part + 1; *p != '\0'; p++)
	{
		if (*p == quote && p[1] == quote)
			p++;
		else if (*p == quote && (p[1] == '.' || p[1] == '\0'))
			return p + 1;
	}
	return part + strlen(part);
}

/* Copies a name without its quotes. */
static char *
copy_part(MysqldumpReader *reader, const char *part, size_t len)
{
	MysqldumpMemory memory = reader->memory;
	char	   *copy = mysqldump_alloc(memory, len + 1);
	char	   *to = copy;
	bool		quoted = len > 2 && (*part == '`' || *part == '"') &&
		part[len - 1] == *part && part_end(part) == part + len;

	(void) memory;				/* unused when standalone */
	if (!quoted)
	{
		memcpy(copy, part, len);
		copy[len] = '\0';
		return copy;
	}
	for (const char *p = part + 1; p < part + len - 1; p++)
	{
		*to++ = *p;
		if (*p == *part)
			p++;
	}
	*to = '\0';
	return copy;
}

void
mysqldump_forget_table(MysqldumpReader *reader)
{
	mysqldump_free(reader->table);
	if (reader->wanted_database != NULL)
	{
		mysqldump_free(reader->wanted_database);
		mysqldump_free(reader->wanted_name);
	}
}

bool
mysqldump_convert_name(MysqldumpReader *reader)
{
	if (convert_name(reader))
		return true;
	return mysqldump_fail(reader, reader->token_at,
						  "Dump again with --default-character-set=utf8mb4; a dump in another encoding must declare it with SET NAMES.",
						  "a name is not valid in the dump's character set %s",
						  reader->charset[0] != '\0' ? reader->charset : "utf8");
}

void
mysqldump_convert_any_name(MysqldumpReader *reader)
{
	if (convert_name(reader))
		return;
	for (char *p = reader->word; *p != '\0'; p++)
	{
		if ((unsigned char) *p >= 0x80)
			*p = '?';
	}
}

/* Converts the last token; returns false, and changes nothing, if it cannot. */
static bool
convert_name(MysqldumpReader *reader)
{
	const char *charset = reader->input.utf16 ? "utf8" : reader->charset;
	char		name[MYSQLDUMP_NAME_MAX + 1];
	bool		ascii = true;

	for (const char *p = reader->word; *p != '\0'; p++)
	{
		if ((unsigned char) *p >= 0x80)
			ascii = false;
	}
	if (ascii || reader->convert_name == NULL)
		return true;
	if (!reader->convert_name(reader->convert_arg, charset, reader->word, name,
							  sizeof(name)))
		return false;
	strcpy(reader->word, name);
	reader->word_len = strlen(name);
	return true;
}

/*
 * Reads [name.]name from the last token on, and gets the token after it.
 * *wanted is true if that is the wanted table, false if there is no name.
 */
static bool
match_table(MysqldumpReader *reader, bool *wanted)
{
	*wanted = false;
	reader->name[0] = '\0';
	strcpy(reader->name_database, reader->database);
	if (!mysqldump_token_is_name(reader))
		return true;
	mysqldump_convert_any_name(reader);
	strcpy(reader->name, reader->word);
	if (!mysqldump_next_token(reader))
		return false;

	if (mysqldump_token_is_char(reader, '.'))
	{
		strcpy(reader->name_database, reader->name);
		reader->name[0] = '\0';
		if (!mysqldump_next_token(reader))
			return false;
		if (!mysqldump_token_is_name(reader))
			return true;
		mysqldump_convert_any_name(reader);
		strcpy(reader->name, reader->word);
		if (!mysqldump_next_token(reader))
			return false;
	}

	*wanted = names_wanted(reader);
	return true;
}

/*
 * A table whose database the dump does not name may be the wanted one: whoever
 * reads rows from it has to refuse that.
 */
static bool
names_wanted(const MysqldumpReader *reader)
{
	if (strcmp(reader->name, reader->table) == 0)
		return true;
	return reader->wanted_name != NULL &&
		strcmp(reader->name, reader->wanted_name) == 0 &&
		(reader->name_database[0] == '\0' ||
		 strcmp(reader->name_database, reader->wanted_database) == 0);
}

bool
mysqldump_is_case_variant(const MysqldumpReader *reader)
{
	const char *wanted = reader->wanted_name != NULL ? reader->wanted_name : reader->table;
	char		lower[MYSQLDUMP_NAME_MAX + 1];

	if (reader->wanted_database != NULL && reader->name_database[0] != '\0' &&
		strcmp(reader->name_database, reader->wanted_database) != 0)
		return false;
	if (strcmp(reader->name, wanted) == 0 || strlen(wanted) > MYSQLDUMP_NAME_MAX)
		return false;
	mysqldump_lower(lower, sizeof(lower), wanted, strlen(wanted));
	return mysqldump_same_word(lower, reader->name, strlen(reader->name));
}

bool
mysqldump_match_table(MysqldumpReader *reader, bool *wanted)
{
	if (!match_table(reader, wanted))
		return false;
	if (reader->tuple_number > 0 && reader->name_database[0] != '\0' &&
		reader->tuples_database[0] != '\0' &&
		strcmp(reader->name_database, reader->tuples_database) != 0)
		*wanted = false;
	return true;
}

bool
mysqldump_fail_databases(MysqldumpReader *reader, const char *database)
{
	const char *other = reader->name_database;

	return mysqldump_fail(reader, reader->statement_at, MYSQLDUMP_TWO_DATABASES_HINT,
						  "table \"%s\" is in more than one database: in %s and in %s",
						  reader->name,
						  database[0] != '\0' ? database : "one without a name",
						  other[0] != '\0' ? other : "one without a name");
}

bool
mysqldump_read_table(MysqldumpReader *reader, bool *wanted)
{
	if (!match_table(reader, wanted))
		return false;
	if (reader->name[0] != '\0')
		add_to_tables_seen(reader);
	return true;
}

/* Adds the statement's table, unless it is listed or the list is full. */
static void
add_to_tables_seen(MysqldumpReader *reader)
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
