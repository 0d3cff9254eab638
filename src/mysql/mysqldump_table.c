/*-------------------------------------------------------------------------
 *
 * mysqldump_table.c
 *	  The name of the table that a statement is about: see mysqldump_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_table.h"

static void add_to_tables_seen(MysqldumpReader *reader);

bool
mysqldump_read_table(MysqldumpReader *reader, bool *wanted)
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

	add_to_tables_seen(reader);
	*wanted = strcmp(reader->name, reader->table) == 0;
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
