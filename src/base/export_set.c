/*-------------------------------------------------------------------------
 *
 * export_set.c
 *	  A set of SQL files: see export_set.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/export_set.h"

/* A row of the result. */
typedef struct ExportFile
{
	ExportKind	kind;
	char	   *name;
	const char *purpose;
	char	   *body;			/* what follows the header */
	char	   *sha256;			/* of the body, in hexadecimal digits */
} ExportFile;

struct ExportSet
{
	ExportStyle style;
	const char *name;
	const char *title;
	StringInfoData facts;		/* lines of the header */
	TimestampTz made_at;
	int			nmigrations;
	List	   *files;			/* of ExportFiles */
};

static void add_file(ExportSet *set, ExportKind kind, const char *name, const char *purpose, List *statements);
static char *migration_name(ExportSet *set, const char *name);
static const char *use_of(ExportKind kind);
static char *header_of(const ExportSet *set, const ExportFile *file, int number);
static char *list_of_sums(const ExportSet *set, const char *prefix);

/* Files that each header lists; of more, only the first one's does, so that parts stay small. */
#define MAX_LISTED_FILES 100

/* The last line of a header: what its SHA-256 are of follows it. */
#define HEADER_END "-- ----------------------------------------------------------------\n"


ExportStyle
export_style_argument(FunctionCallInfo fcinfo, int place)
{
	char	   *style = argument_text(fcinfo, place, "style");

	if (strcmp(style, "psql") == 0)
		return EXPORT_PSQL;
	if (strcmp(style, "supabase") == 0)
		return EXPORT_SUPABASE;
	if (strcmp(style, "statements") == 0)
		return EXPORT_STATEMENTS;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no style \"%s\"", style),
			 errdetail("The styles are psql; supabase, migrations of one statement; and statements, for a tool that sends one string."),
			 errhint("Pass style => 'psql', 'supabase' or 'statements'.")));
}

int
export_bytes_argument(FunctionCallInfo fcinfo, int place)
{
	int			bytes;

	if (PG_ARGISNULL(place))
		return 0;
	bytes = PG_GETARG_INT32(place);
	if (bytes < EXPORT_MIN_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_bytes must be at least %d", EXPORT_MIN_BYTES),
				 errdetail("It is %d; each file has a header of its own.", bytes),
				 errhint("Pass max_bytes => 65536, or omit it when the client has no limit.")));
	return bytes;
}

ExportSet *
export_set_begin(ExportStyle style, const char *name, const char *title)
{
	ExportSet  *set = palloc0(sizeof(ExportSet));

	set->style = style;
	set->name = name;
	set->title = title;
	set->made_at = GetCurrentTimestamp();
	initStringInfo(&set->facts);
	return set;
}

void
export_set_fact(ExportSet *set, const char *name, const char *value)
{
	char	   *line = psprintf("%s: %s", name, value);

	for (char *c = line; *c; c++)
	{
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	}
	appendStringInfo(&set->facts, "-- %s\n", line);
}

void
export_set_add(ExportSet *set, ExportKind kind, const char *name, const char *purpose, List *statements)
{
	bool		split = set->style == EXPORT_STATEMENTS || (set->style == EXPORT_SUPABASE && kind == EXPORT_CHANGE);
	ListCell   *lc;

	if (!split || list_length(statements) == 1)
	{
		add_file(set, kind, name, purpose, statements);
		return;
	}
	foreach(lc, statements)
		add_file(set, kind, psprintf("%s_%d", name, foreach_current_index(lc) + 1), purpose, list_make1(lfirst(lc)));
}

static void
add_file(ExportSet *set, ExportKind kind, const char *name, const char *purpose, List *statements)
{
	ExportFile *file = palloc0(sizeof(ExportFile));
	StringInfoData body;
	ListCell   *lc;

	CHECK_FOR_INTERRUPTS();
	initStringInfo(&body);
	if (set->style == EXPORT_PSQL)
		appendStringInfoString(&body, "\\set ON_ERROR_STOP on\n");
	foreach(lc, statements)
		appendStringInfo(&body, "%s;\n", (char *) lfirst(lc));
	file->name = set->style == EXPORT_SUPABASE && kind == EXPORT_CHANGE ? migration_name(set, name) : psprintf("%s.sql", name);
	file->kind = kind;
	file->purpose = purpose;
	file->body = body.data;
	file->sha256 = export_set_sha256(body.data);
	set->files = lappend(set->files, file);
}

/* A migration's time, in UTC, is that of the export, and a second later for each that follows. */
static char *
migration_name(ExportSet *set, const char *name)
{
	pg_time_t	time = timestamptz_to_time_t(set->made_at) + set->nmigrations++;
	char		digits[sizeof("20260101000000")];

	pg_strftime(digits, sizeof(digits), "%Y%m%d%H%M%S", pg_gmtime(&time));
	return psprintf("%s_%s_%s.sql", digits, set->name, name);
}

char *
export_set_file_name(const char *stem, int number, const char *name)
{
	char	   *file = psprintf("%s_%02d_%s", stem, number, name);

	for (char *c = file; *c; c++)
	{
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
		else if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')))
			*c = '_';
	}
	return file;
}

char *
export_set_sha256(const char *text)
{
	bytea	   *digest = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(cstring_to_text(text))));
	char	   *hex = palloc(VARSIZE_ANY_EXHDR(digest) * 2 + 1);

	hex[hex_encode(VARDATA_ANY(digest), VARSIZE_ANY_EXHDR(digest), hex)] = '\0';
	return hex;
}

/* The program menuca-export reads the first word. */
static const char *
use_of(ExportKind kind)
{
	switch (kind)
	{
		case EXPORT_READ:
			return "read, it changes nothing";
		case EXPORT_CHANGE:
			return "apply, in the order of the files";
		case EXPORT_UNDO:
			return "undo, by itself when that is wanted";
	}
	pg_unreachable();
}

/* The comments that a file begins with.  number: of the file, from 1. */
static char *
header_of(const ExportSet *set, const ExportFile *file, int number)
{
	const ExportFile *first = linitial(set->files);
	StringInfoData header;

	initStringInfo(&header);
	appendStringInfo(&header, "-- %s: %s\n-- File %d of %d, %s: %s\n-- Use: %s\n--\n%s--\n",
					 set->name, set->title, number, list_length(set->files), file->name, file->purpose,
					 use_of(file->kind), set->facts.data);
	if (number == 1 || list_length(set->files) <= MAX_LISTED_FILES)
		appendStringInfo(&header, "-- SHA-256 of each file's text below the line of dashes (sed '1,/^-- ----/d' %s | sha256sum):\n%s",
						 file->name, list_of_sums(set, "-- "));
	else
		appendStringInfo(&header, "-- SHA-256 of the text below the line of dashes: %s\n"
						 "-- SHA-256 of the list of all files' in the header of %s (sed -n 's/^-- \\([0-9a-f]\\{64\\}  \\)/\\1/p' %s | sha256sum): %s\n",
						 file->sha256, first->name, first->name, export_set_sha256(list_of_sums(set, "")));
	appendStringInfoString(&header, HEADER_END);
	return header.data;
}

/* A line for each file, after that prefix, as sha256sum writes it. */
static char *
list_of_sums(const ExportSet *set, const char *prefix)
{
	StringInfoData list;
	ListCell   *lc;

	initStringInfo(&list);
	foreach(lc, set->files)
	{
		const ExportFile *file = lfirst(lc);

		appendStringInfo(&list, "%s%s  %s\n", prefix, file->sha256, file->name);
	}
	return list.data;
}

int
export_set_largest(const ExportSet *set)
{
	return export_set_largest_of(set, "");
}

int
export_set_largest_of(const ExportSet *set, const char *in_name)
{
	size_t		largest = 0;
	ListCell   *lc;

	foreach(lc, set->files)
	{
		const ExportFile *file = lfirst(lc);

		if (strstr(file->name, in_name))
			largest = Max(largest, strlen(header_of(set, file, foreach_current_index(lc) + 1)) + strlen(file->body));
	}
	return (int) largest;
}

void
export_set_return(const ExportSet *set, ReturnSetInfo *rsinfo)
{
	ListCell   *lc;

	foreach(lc, set->files)
	{
		const ExportFile *file = lfirst(lc);
		int			number = foreach_current_index(lc) + 1;
		Datum		values[4];
		bool		nulls[4] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = Int32GetDatum(number);
		values[1] = CStringGetTextDatum(file->name);
		values[2] = CStringGetTextDatum(file->purpose);
		values[3] = CStringGetTextDatum(psprintf("%s%s", header_of(set, file, number), file->body));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}
