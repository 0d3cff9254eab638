/*-------------------------------------------------------------------------
 *
 * staging_names.c
 *	  Names of columns in a staging table: see staging_names.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/heap.h"
#include "mb/pg_wchar.h"

#include "load/staging_names.h"
#include "mysql/mysqldump.h"

static char *cut_name(const char *name, int room);
static bool is_kept(const char *name);
static char *changed_name(const char *name);
static bool name_is_taken(const MysqldumpReader *reader, char **names, int n,
						  const char *name);


char	  **
staging_names(const MysqldumpReader *reader)
{
	const MysqldumpColumn *columns;
	int			n = mysqldump_columns(reader, &columns);
	char	  **names = palloc(sizeof(char *) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		const char *name = columns[i].name;

		if (is_kept(name))
		{
			names[i] = pstrdup(name);
			continue;
		}
		names[i] = changed_name(name);
		for (int number = 2; name_is_taken(reader, names, i, names[i]); number++)
		{
			char	   *suffix = psprintf("_%d", number);

			names[i] = psprintf("%s%s", cut_name(name, NAMEDATALEN - 1 - strlen(suffix)), suffix);
		}
	}
	return names;
}

char *
staging_name(const MysqldumpReader *reader, const char *dump_name)
{
	int			place = staging_find_dump_column(reader, dump_name);

	if (is_kept(dump_name))
		return pstrdup(dump_name);
	return place < 0 ? changed_name(dump_name) : staging_names(reader)[place];
}

int
staging_find_dump_column(const MysqldumpReader *reader, const char *dump_name)
{
	const MysqldumpColumn *columns;
	int			n = mysqldump_columns(reader, &columns);

	for (int i = 0; i < n; i++)
	{
		if (pg_strcasecmp(columns[i].name, dump_name) == 0)
			return i;
	}
	return -1;
}

bool
staging_omits(const MysqldumpReader *reader, const MysqldumpColumn *column)
{
	char	   *const *listed;
	int			n = mysqldump_insert_columns(reader, &listed);

	if (!column->is_generated || n == 0)
		return false;
	for (int i = 0; i < n; i++)
	{
		if (pg_strcasecmp(listed[i], column->name) == 0)
			return false;
	}
	return true;
}

/* The name with at most room bytes, without cutting a character. */
static char *
cut_name(const char *name, int room)
{
	return pnstrdup(name, pg_mbcliplen(name, strlen(name), room));
}

/* True if PostgreSQL can have a column of this name. */
static bool
is_kept(const char *name)
{
	return strlen(name) < NAMEDATALEN && SystemAttributeByName(name) == NULL;
}

static char *
changed_name(const char *name)
{
	if (SystemAttributeByName(name) != NULL)
		return psprintf("%s_", name);
	return cut_name(name, NAMEDATALEN - 1);
}

/* True if another column has the name: one that keeps its own, or one before n. */
static bool
name_is_taken(const MysqldumpReader *reader, char **names, int n, const char *name)
{
	const MysqldumpColumn *columns;
	int			ncolumns = mysqldump_columns(reader, &columns);

	for (int i = 0; i < ncolumns; i++)
	{
		const char *other = is_kept(columns[i].name) ? columns[i].name : i < n ? names[i] : NULL;

		if (other && pg_strcasecmp(other, name) == 0)
			return true;
	}
	return false;
}
