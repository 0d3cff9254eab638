/*-------------------------------------------------------------------------
 *
 * mysqldump_statement.c
 *	  The words that statements begin with: see mysqldump_statement.h.
 *
 * A line that is no SQL, such as a warning that went into the file, would
 * otherwise be skipped up to the next delimiter, together with the INSERT behind
 * it.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_statement.h"

typedef struct Beginning
{
	const char *first;
	const char *second;			/* words that may follow, between spaces, ; if
								 * the statement may end; NULL: any token */
} Beginning;

static const Beginning beginnings[] = {
	{"alter", " algorithm database definer event function ignore instance"
		" logfile offline online procedure resource role schema sequence server"
	" sql table tablespace user view "},
	{"analyze", " local no_write_to_binlog table tables "},
	{"begin", " ; not work "},
	{"binlog", NULL},
	{"call", NULL},
	{"change", " master replication "},
	{"check", " table tables view "},
	{"checksum", " table tables "},
	{"commit", " ; and no release work "},
	{"create", " aggregate algorithm database definer event fulltext function"
		" index logfile offline online or package procedure resource role schema"
		" sequence server spatial sql table tablespace temporary trigger undo"
	" unique user vector view "},
	{"deallocate", " prepare "},
	{"delete", NULL},
	{"delimiter", NULL},
	{"do", NULL},
	{"drop", " database event function index logfile offline online package"
		" prepare procedure resource role schema sequence server spatial table"
	" tables tablespace temporary trigger undo user view "},
	{"execute", NULL},
	{"flush", " binary engine error general host hosts local logs master"
		" no_write_to_binlog optimizer_costs privileges query relay replica slave"
	" slow ssl status table tables user_resources "},
	{"grant", NULL},
	{"insert", NULL},
	{"install", " component plugin soname "},
	{"load", " data index xml "},
	{"lock", " instance table tables "},
	{"optimize", " local no_write_to_binlog table tables "},
	{"prepare", NULL},
	{"purge", " binary master "},
	{"release", " savepoint "},
	{"rename", " table tables user "},
	{"repair", " local no_write_to_binlog table tables view "},
	{"replace", NULL},
	{"reset", " binary master persist query replica slave "},
	{"revoke", NULL},
	{"rollback", " ; and no release to work "},
	{"savepoint", NULL},
	{"select", NULL},
	{"set", NULL},
	{"show", NULL},
	{"start", " all group_replication replica slave transaction "},
	{"stop", " all group_replication replica slave "},
	{"truncate", NULL},
	{"uninstall", " component plugin soname "},
	{"unlock", " instance table tables "},
	{"update", NULL},
	{"use", NULL},
	{"xa", " begin commit end prepare recover rollback start "},
};

static const Beginning *find_beginning(const MysqldumpReader *reader);
static bool begins_insert(const MysqldumpReader *reader);
static bool begins_cut(MysqldumpReader *reader);
static bool fail_beginning(MysqldumpReader *reader);

bool
mysqldump_require_beginning(MysqldumpReader *reader)
{
	if (find_beginning(reader) != NULL)
		return true;

	/* the last word of the input may have been cut */
	if (begins_cut(reader))
		return mysqldump_fail_cut(reader, "a statement", reader->statement_at);
	return fail_beginning(reader);
}

bool
mysqldump_read_second(MysqldumpReader *reader)
{
	const char *second = find_beginning(reader)->second;
	bool		may_end = second != NULL && second[1] == ';';

	if (!mysqldump_next_token(reader))
		return false;
	if (reader->token == MYSQLDUMP_TOKEN_END && !may_end)
		return mysqldump_fail_cut(reader, "a statement", reader->statement_at);
	if (reader->token == MYSQLDUMP_TOKEN_DELIMITER ||
		reader->token == MYSQLDUMP_TOKEN_END)
		return may_end || fail_beginning(reader);
	if (second != NULL && !mysqldump_token_in(reader, second))
	{
		/* the last word of the input may have been cut */
		if (reader->token == MYSQLDUMP_TOKEN_WORD &&
			mysqldump_input_peek(&reader->input) < 0)
			return mysqldump_fail_cut(reader, "a statement",
									  reader->statement_at);
		return fail_beginning(reader);
	}
	return reader->token_at.line == reader->statement_at.line ||
		!begins_insert(reader) || fail_beginning(reader);
}

bool
mysqldump_next_part(MysqldumpReader *reader)
{
	return mysqldump_next_token(reader) && mysqldump_check_part(reader);
}

bool
mysqldump_skip_parts(MysqldumpReader *reader, const char *keywords)
{
	do
	{
		if (!mysqldump_next_part(reader))
			return false;
	} while (mysqldump_token_in(reader, keywords));
	return true;
}

bool
mysqldump_check_part(MysqldumpReader *reader)
{
	return !begins_insert(reader) || fail_beginning(reader);
}

static bool
begins_insert(const MysqldumpReader *reader)
{
	return mysqldump_token_in(reader, "insert replace create");
}

static const Beginning *
find_beginning(const MysqldumpReader *reader)
{
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
	{
		if (mysqldump_token_is(reader, beginnings[i].first))
			return &beginnings[i];
	}
	return NULL;
}

/* True if the input ends with the last token, the beginning of such a word. */
static bool
begins_cut(MysqldumpReader *reader)
{
	if (reader->token != MYSQLDUMP_TOKEN_WORD ||
		mysqldump_input_peek(&reader->input) >= 0)
		return false;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
	{
		const char *first = beginnings[i].first;

		if (reader->word_len < strlen(first))
		{
			char		begin[MYSQLDUMP_LOOKAHEAD];

			mysqldump_lower(begin, reader->word_len + 1, first, reader->word_len);
			if (mysqldump_same_word(begin, reader->word, reader->word_len))
				return true;
		}
	}
	return false;
}

/* Shows the statement's first token, which may not be the last one read. */
static bool
fail_beginning(MysqldumpReader *reader)
{
	const char *hint = "If this line is a message of a program, delete it from the file, or dump again without 2>&1. If a statement before it has no delimiter, add that.";

	if (reader->token_at.offset == reader->statement_at.offset)
	{
		if (mysqldump_token_is(reader, "copy"))
			hint = "COPY is a statement of PostgreSQL's pg_dump: restore that file with psql.";
		else if (mysqldump_token_is(reader, "pragma"))
			hint = "PRAGMA is a statement of SQLite: only dumps of MySQL and MariaDB are read.";
		else if (mysqldump_token_is(reader, "source"))
			hint = "SOURCE reads another file: load that file itself.";
		return mysqldump_fail_word(reader, hint, "does not begin a statement of MySQL");
	}
	return mysqldump_fail(reader, reader->statement_at, hint,
						  "no statement of MySQL begins with these words");
}
