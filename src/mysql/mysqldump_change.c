/*-------------------------------------------------------------------------
 *
 * mysqldump_change.c
 *	  Statements that change the wanted table: see mysqldump_change.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include <inttypes.h>

#include "mysql/mysqldump_change.h"
#include "mysql/mysqldump_columns.h"
#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_statement.h"
#include "mysql/mysqldump_table.h"

#define CHANGE_HINT \
	"Load the dump into MySQL and dump the table again, or delete the statement from the file if its effect is not wanted."

static bool read_alter(MysqldumpReader *reader);
static bool read_alter_actions(MysqldumpReader *reader, bool wanted, bool *changes);
static bool is_harmless_action(const MysqldumpReader *reader);
static bool is_harmless_add_or_drop(const MysqldumpReader *reader);
static bool read_drop(MysqldumpReader *reader);
static bool read_drop_database(MysqldumpReader *reader);
static bool read_rows_change(MysqldumpReader *reader, const char *name,
							 const char *stop);
static bool read_rename(MysqldumpReader *reader);
static bool read_load(MysqldumpReader *reader);
static bool read_rollback(MysqldumpReader *reader);
static bool mentions_table(MysqldumpReader *reader, const char *stop,
						   bool *wanted);
static bool fail_change(MysqldumpReader *reader, const char *name);

bool
mysqldump_read_change(MysqldumpReader *reader, bool *done)
{
	*done = true;
	if (mysqldump_token_is(reader, "alter"))
		return read_alter(reader);
	if (mysqldump_token_is(reader, "drop"))
		return read_drop(reader);
	if (mysqldump_token_is(reader, "delete"))
		return read_rows_change(reader, "DELETE", "where");
	if (mysqldump_token_is(reader, "update"))
		return read_rows_change(reader, "UPDATE", "set");
	if (mysqldump_token_is(reader, "truncate"))
		return read_rows_change(reader, "TRUNCATE", "");
	if (mysqldump_token_is(reader, "rename"))
		return read_rename(reader);
	if (mysqldump_token_is(reader, "load"))
		return read_load(reader);
	if (mysqldump_token_is(reader, "rollback"))
		return read_rollback(reader);
	if (mysqldump_token_is(reader, "commit"))
	{
		reader->committed_tuples = reader->tuple_number;
		return mysqldump_read_second(reader) && mysqldump_skip_statement(reader);
	}
	if (reader->tuple_number > 0 && mysqldump_token_is(reader, "call"))
		return mysqldump_fail_unknown_change(reader, "CALL");
	if (reader->tuple_number > 0 && mysqldump_token_is(reader, "binlog"))
		return mysqldump_fail_unknown_change(reader, "BINLOG");
	*done = false;
	return true;
}

bool
mysqldump_fail_unknown_change(MysqldumpReader *reader, const char *name)
{
	return mysqldump_fail(reader, reader->statement_at, CHANGE_HINT,
						  "%s may change table \"%s\" after %" PRIu64 " of its tuples, and is not carried out",
						  name, reader->table, reader->tuple_number);
}

/*
 * Keys, options and AUTO_INCREMENT may be altered: phpMyAdmin writes these
 * statements after the data.
 */
static bool
read_alter(MysqldumpReader *reader)
{
	bool		wanted;
	bool		changes = false;

	if (!mysqldump_read_second(reader))
		return false;
	while (mysqldump_token_in(reader, "online offline ignore"))
	{
		if (!mysqldump_next_part(reader))
			return false;
	}

	/* the body of an event may contain an INSERT */
	if (!mysqldump_token_is(reader, "table"))
	{
		reader->statement_has_body = true;
		return mysqldump_skip_statement(reader);
	}

	if (!mysqldump_skip_parts(reader, "if exists") ||
		!mysqldump_match_table(reader, &wanted) ||
		!read_alter_actions(reader, wanted, &changes))
		return false;
	if (changes && (reader->tuple_number > 0 || reader->ncolumns > 0 || !wanted))
		return fail_change(reader, "ALTER TABLE");
	return mysqldump_skip_statement(reader);
}

/*
 * Reads the actions of ALTER TABLE.  *changes is true if one of them changes
 * rows or columns of the wanted table, or renames another table to it, or
 * exchanges a partition with it.
 */
static bool
read_alter_actions(MysqldumpReader *reader, bool wanted, bool *changes)
{
	bool		begins = true;	/* an action begins */
	bool		is_modify = false;
	bool		is_add_or_drop = false;
	uint64_t	depth = 0;

	while (reader->token != MYSQLDUMP_TOKEN_DELIMITER &&
		   reader->token != MYSQLDUMP_TOKEN_END)
	{
		bool		was_rename = begins && mysqldump_token_is(reader, "rename");
		bool		was_with = mysqldump_token_is(reader, "with");

		if (!mysqldump_check_part(reader))
			return false;

		/* MODIFY is harmless if it only adds AUTO_INCREMENT */
		if (is_modify && mysqldump_token_is(reader, "auto_increment"))
			is_modify = false;
		if (is_add_or_drop)
		{
			*changes |= wanted && !is_harmless_add_or_drop(reader);
			is_add_or_drop = false;
		}
		else if (begins && wanted)
		{
			is_modify = mysqldump_token_is(reader, "modify");
			is_add_or_drop = mysqldump_token_in(reader, "add drop");
			*changes |= !is_modify && !is_add_or_drop && !is_harmless_action(reader);
		}

		if (mysqldump_token_is_char(reader, '('))
			depth++;
		else if (mysqldump_token_is_char(reader, ')') && depth > 0)
			depth--;
		begins = depth == 0 && mysqldump_token_is_char(reader, ',');
		if (begins)
		{
			*changes |= is_modify;
			is_modify = false;
		}
		if (!mysqldump_next_part(reader))
			return false;

		/* EXCHANGE PARTITION ... WITH TABLE */
		if (was_with && mysqldump_token_is(reader, "table"))
		{
			bool		target;

			if (!mysqldump_next_part(reader) ||
				!mysqldump_match_table(reader, &target))
				return false;
			*changes |= target;
		}
		if (was_rename)
		{
			bool		target;

			if (mysqldump_token_in(reader, "to as") && !mysqldump_next_part(reader))
				return false;
			if (mysqldump_token_in(reader, "key index column"))
				continue;
			if (!mysqldump_match_table(reader, &target))
				return false;
			*changes |= target;
		}
	}
	*changes |= is_modify;
	return true;
}

static bool
is_harmless_action(const MysqldumpReader *reader)
{
	return mysqldump_token_in(reader, "algorithm alter auto_increment"
							  " avg_row_length checksum comment default"
							  " delay_key_write disable enable engine force"
							  " key_block_size lock max_rows min_rows pack_keys"
							  " row_format stats_auto_recalc stats_persistent"
							  " stats_sample_pages");
}

/* True if the last token, after ADD or DROP, begins a key. */
static bool
is_harmless_add_or_drop(const MysqldumpReader *reader)
{
	return mysqldump_token_in(reader, "check constraint foreign fulltext index"
							  " key primary spatial unique vector");
}

/* DROP TABLE before the data is how most dumps begin. */
static bool
read_drop(MysqldumpReader *reader)
{
	bool		wanted;

	if (!mysqldump_read_second(reader) ||
		(mysqldump_token_is(reader, "temporary") && !mysqldump_next_part(reader)))
		return false;
	if (mysqldump_token_in(reader, "database schema"))
		return read_drop_database(reader);
	if (!mysqldump_token_in(reader, "table tables"))
		return mysqldump_skip_statement(reader);

	if (!mysqldump_next_part(reader) ||
		!mentions_table(reader, "", &wanted))
		return false;
	if (!wanted)
		return true;
	if (reader->tuple_number > 0)
		return fail_change(reader, "DROP TABLE");
	mysqldump_forget_columns(reader);
	return true;
}

static bool
read_drop_database(MysqldumpReader *reader)
{
	if (!mysqldump_skip_parts(reader, "if exists"))
		return false;
	if (mysqldump_token_is_name(reader))
		mysqldump_convert_any_name(reader);
	if (reader->tuple_number > 0 &&
		strcmp(reader->word, reader->tuples_database) == 0)
		return fail_change(reader, "DROP DATABASE");
	return mysqldump_skip_statement(reader);
}

/* Before the first tuple, there is nothing to change. */
static bool
read_rows_change(MysqldumpReader *reader, const char *name, const char *stop)
{
	bool		wanted;

	if (!mysqldump_read_second(reader) ||
		!mentions_table(reader, stop, &wanted))
		return false;
	if (wanted && reader->tuple_number > 0)
		return fail_change(reader, name);
	return mysqldump_skip_statement(reader);
}

/* A table that takes the wanted one's name brings rows that were skipped. */
static bool
read_rename(MysqldumpReader *reader)
{
	bool		wanted;

	if (!mysqldump_read_second(reader))
		return false;
	if (!mysqldump_token_in(reader, "table tables"))
		return mysqldump_skip_statement(reader);
	if (!mysqldump_next_part(reader) ||
		!mentions_table(reader, "", &wanted))
		return false;
	if (wanted)
		return fail_change(reader, "RENAME TABLE");
	return true;
}

/* The rows of LOAD DATA are in another file. */
static bool
read_load(MysqldumpReader *reader)
{
	bool		wanted = false;

	if (!mysqldump_read_second(reader))
		return false;
	while (!mysqldump_token_is(reader, "table") &&
		   reader->token != MYSQLDUMP_TOKEN_DELIMITER &&
		   reader->token != MYSQLDUMP_TOKEN_END)
	{
		/* REPLACE is one of its options */
		if (!mysqldump_next_token(reader) ||
			(mysqldump_token_is(reader, "insert") &&
			 !mysqldump_check_part(reader)))
			return false;
	}
	if (mysqldump_token_is(reader, "table") &&
		(!mysqldump_next_part(reader) ||
		 !mysqldump_match_table(reader, &wanted)))
		return false;
	if (wanted)
		return fail_change(reader, "LOAD DATA");
	return mysqldump_skip_statement(reader);
}

static bool
read_rollback(MysqldumpReader *reader)
{
	if (reader->tuple_number > reader->committed_tuples)
		return fail_change(reader, "ROLLBACK");
	return mysqldump_read_second(reader) && mysqldump_skip_statement(reader);
}

/*
 * Reads to the word stop (in lower case), or else to the statement's end.
 * *wanted is true if the wanted table is named on the way.
 */
static bool
mentions_table(MysqldumpReader *reader, const char *stop, bool *wanted)
{
	*wanted = false;
	while (reader->token != MYSQLDUMP_TOKEN_DELIMITER &&
		   reader->token != MYSQLDUMP_TOKEN_END &&
		   !mysqldump_token_is(reader, stop))
	{
		bool		is_wanted = false;

		if (!mysqldump_check_part(reader))
			return false;
		if (!mysqldump_token_is_name(reader))
		{
			if (!mysqldump_next_part(reader))
				return false;
		}
		else if (!mysqldump_match_table(reader, &is_wanted))
			return false;
		*wanted |= is_wanted;
	}
	return true;
}

static bool
fail_change(MysqldumpReader *reader, const char *name)
{
	return mysqldump_fail(reader, reader->statement_at, CHANGE_HINT,
						  "%s changes table \"%s\" after %" PRIu64 " of its tuples, and is not carried out",
						  name, reader->table, reader->tuple_number);
}
