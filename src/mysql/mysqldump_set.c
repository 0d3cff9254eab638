/*-------------------------------------------------------------------------
 *
 * mysqldump_set.c
 *	  SET statements: see mysqldump_set.h.
 *
 *	  statement:  item [, item ...]
 *	  item:       NAMES charset [ COLLATE name ] | CHARACTER SET charset |
 *				  [ scope ] name { = | := } expression |
 *				  @@ [ scope . ] name { = | := } expression |
 *				  @ variable { = | := } expression
 *
 * Of an expression, strings, words, system variables and user variables count,
 * so that @@sql_mode, @OLD_SQL_MODE, 'ANSI' and CONCAT(@@sql_mode, ',ANSI') have
 * the modes that MySQL gives them.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"
#include "mysql/mysqldump_set.h"

/* The bits of SQL_MODE as a number. */
#define ANSI_QUOTES_BIT				4
#define NO_BACKSLASH_ESCAPES_BIT	1048576
#define EMPTY_STRING_IS_NULL_BIT	(1ULL << 33)	/* of MariaDB */

typedef enum Scope
{
	SCOPE_SESSION,
	SCOPE_SERVER,				/* GLOBAL, PERSIST: of later sessions */
	SCOPE_VARIABLE				/* a user variable */
} Scope;

/* An expression while it is read. */
typedef struct Expression
{
	MysqldumpSetting value;
	bool		removes;		/* REPLACE(modes, 'mode', '') */
	MysqldumpModes removed;
	uint64_t	depth;			/* of parentheses */
	bool		begun;
} Expression;

static bool read_set_item(MysqldumpReader *reader, Scope *scope, bool *done);
static bool read_names(MysqldumpReader *reader);
static bool read_assignment(MysqldumpReader *reader, Scope scope);
static bool read_target(MysqldumpReader *reader, Scope *scope, char *name);
static void read_scope(const MysqldumpReader *reader, Scope *scope);
static bool read_expression(MysqldumpReader *reader, MysqldumpSetting *value);
static bool read_operand(MysqldumpReader *reader, Expression *expression);
static bool read_variable(MysqldumpReader *reader, MysqldumpSetting *value);
static void add_text(const MysqldumpReader *reader, Expression *expression);
static MysqldumpModes modes_of(const char *list);
static bool begins_statement(const MysqldumpReader *reader);
static bool assign(MysqldumpReader *reader, Scope scope, const char *name,
				   const MysqldumpSetting *value);
static MysqldumpVariable *find_variable(MysqldumpReader *reader, const char *name);
static void copy_setting(char *to, const char *from);
static bool at_end(const MysqldumpReader *reader);
static bool fail_set(MysqldumpReader *reader);

bool
mysqldump_read_set(MysqldumpReader *reader)
{
	Scope		scope = SCOPE_SESSION;
	bool		done = false;

	do
	{
		if (!mysqldump_next_token(reader) ||
			!read_set_item(reader, &scope, &done))
			return false;
	} while (!done && mysqldump_token_is_char(reader, ','));

	if (!done && !at_end(reader))
		return fail_set(reader);
	return true;
}

/* Reads one item and gets the token after it; *done after a whole statement. */
static bool
read_set_item(MysqldumpReader *reader, Scope *scope, bool *done)
{
	static const char *const others[] = {
		"password", "transaction", "role", "resource"
	};

	if (mysqldump_token_is(reader, "names") ||
		mysqldump_token_is(reader, "charset"))
		return mysqldump_next_token(reader) && read_names(reader);
	if (mysqldump_token_is(reader, "character"))
	{
		if (!mysqldump_next_token(reader))
			return false;
		if (!mysqldump_token_is(reader, "set"))
			return fail_set(reader);
		return mysqldump_next_token(reader) && read_names(reader);
	}

	/* statements that only begin with the same word */
	*done = true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
	{
		if (mysqldump_token_is(reader, others[i]))
			return mysqldump_skip_statement(reader);
	}

	if (mysqldump_token_is(reader, "session") ||
		mysqldump_token_is(reader, "local") ||
		mysqldump_token_is(reader, "global") ||
		mysqldump_token_is(reader, "persist") ||
		mysqldump_token_is(reader, "persist_only"))
	{
		read_scope(reader, scope);
		if (!mysqldump_next_token(reader))
			return false;
		if (mysqldump_token_is(reader, "transaction"))
			return mysqldump_skip_statement(reader);
	}
	else if (mysqldump_token_is(reader, "default"))
	{
		/* SET DEFAULT ROLE */
		if (!mysqldump_next_token(reader))
			return false;
		return mysqldump_token_is(reader, "role") ?
			mysqldump_skip_statement(reader) : fail_set(reader);
	}
	*done = false;
	return read_assignment(reader, *scope);
}

/* Reads the character set of NAMES, and its collation. */
static bool
read_names(MysqldumpReader *reader)
{
	if (!mysqldump_token_is_name(reader) &&
		reader->token != MYSQLDUMP_TOKEN_STRING)
		return fail_set(reader);

	if (mysqldump_token_is(reader, "default"))
		reader->charset[0] = '\0';
	else
		copy_setting(reader->charset, reader->word);
	if (!mysqldump_next_token(reader))
		return false;
	if (!mysqldump_token_is(reader, "collate"))
		return true;
	return mysqldump_next_token(reader) && mysqldump_next_token(reader);
}

static bool
read_assignment(MysqldumpReader *reader, Scope scope)
{
	char		name[MYSQLDUMP_SETTING_SIZE];
	MysqldumpSetting value;

	if (!read_target(reader, &scope, name))
		return false;
	if (mysqldump_token_is_char(reader, ':') && !mysqldump_next_token(reader))
		return false;
	if (!mysqldump_token_is_char(reader, '='))
		return fail_set(reader);
	if (!mysqldump_next_token(reader) || !read_expression(reader, &value))
		return false;
	return assign(reader, scope, name, &value);
}

/* Reads what is set, in lower case, and gets the token after it. */
static bool
read_target(MysqldumpReader *reader, Scope *scope, char *name)
{
	if (mysqldump_token_is_char(reader, '@'))
	{
		if (!mysqldump_next_token(reader))
			return false;
		if (mysqldump_token_is_char(reader, '@'))
		{
			if (!mysqldump_next_token(reader))
				return false;
			*scope = SCOPE_SESSION;
		}
		else
			*scope = SCOPE_VARIABLE;
	}
	if (!mysqldump_token_is_name(reader) &&
		!(*scope == SCOPE_VARIABLE && reader->token == MYSQLDUMP_TOKEN_STRING))
		return fail_set(reader);

	copy_setting(name, reader->word);
	read_scope(reader, scope);
	if (!mysqldump_next_token(reader))
		return false;

	/* @@GLOBAL.name, or a part of a name such as @@keycache.name */
	while (mysqldump_token_is_char(reader, '.'))
	{
		if (!mysqldump_next_token(reader))
			return false;
		copy_setting(name, reader->word);
		if (!mysqldump_next_token(reader))
			return false;
	}
	return true;
}

/* Sets *scope if the last token is one, unless a user variable has this name. */
static void
read_scope(const MysqldumpReader *reader, Scope *scope)
{
	if (*scope == SCOPE_VARIABLE)
		return;
	if (mysqldump_token_is(reader, "session") ||
		mysqldump_token_is(reader, "local"))
		*scope = SCOPE_SESSION;
	else if (mysqldump_token_is(reader, "global") ||
			 mysqldump_token_is(reader, "persist") ||
			 mysqldump_token_is(reader, "persist_only"))
		*scope = SCOPE_SERVER;
}

/* Reads an expression from its first token on, and gets the token after it. */
static bool
read_expression(MysqldumpReader *reader, MysqldumpSetting *value)
{
	Expression	expression = {0};

	while (expression.depth > 0 ||
		   !(at_end(reader) || mysqldump_token_is_char(reader, ',')))
	{
		if (reader->token == MYSQLDUMP_TOKEN_END)
			return mysqldump_fail_cut(reader, "a statement",
									  reader->statement_at);
		if (reader->token == MYSQLDUMP_TOKEN_DELIMITER)
			return fail_set(reader);
		if (!read_operand(reader, &expression))
			return false;
		expression.begun = true;
	}

	if (expression.removes)
	{
		MysqldumpModes *modes = &expression.value.modes;

		modes->no_backslash_escapes &= !expression.removed.no_backslash_escapes;
		modes->ansi_quotes &= !expression.removed.ansi_quotes;
		modes->empty_is_null &= !expression.removed.empty_is_null;
	}
	*value = expression.value;
	return expression.begun || fail_set(reader);
}

/* Adds what the last token means, and gets the token after it. */
static bool
read_operand(MysqldumpReader *reader, Expression *expression)
{
	if (mysqldump_token_is_char(reader, '@'))
		return read_variable(reader, &expression->value);

	if (mysqldump_token_is_char(reader, '('))
		expression->depth++;
	else if (mysqldump_token_is_char(reader, ')') && expression->depth > 0)
		expression->depth--;
	else if (mysqldump_token_is(reader, "replace"))
	{
		if (!mysqldump_next_token(reader))
			return false;
		expression->removes = true;
		return mysqldump_token_is_char(reader, '(') || fail_set(reader);
	}
	else if (expression->begun && begins_statement(reader))
		return fail_set(reader);
	else if (reader->token != MYSQLDUMP_TOKEN_CHAR)
	{
		add_text(reader, expression);
	}
	return mysqldump_next_token(reader);
}

/* Reads @name or @@[scope.]name and adds its value. */
static bool
read_variable(MysqldumpReader *reader, MysqldumpSetting *value)
{
	MysqldumpSetting found = {0};
	bool		is_system;
	char		name[MYSQLDUMP_SETTING_SIZE];
	Scope		scope = SCOPE_SESSION;

	if (!mysqldump_next_token(reader))
		return false;
	is_system = mysqldump_token_is_char(reader, '@');
	if (is_system && !mysqldump_next_token(reader))
		return false;
	if (!is_system && reader->token == MYSQLDUMP_TOKEN_STRING)
		scope = SCOPE_VARIABLE;
	if (!read_target(reader, &scope, name))
		return false;

	if (is_system)
	{
		if (strcmp(name, "sql_mode") == 0 && scope == SCOPE_SESSION)
			found.modes = reader->modes;
		else if (strcmp(name, "character_set_client") == 0)
			strcpy(found.text, reader->charset);
		else if (strcmp(name, "time_zone") == 0 && scope == SCOPE_SESSION)
			strcpy(found.text, reader->time_zone);
	}
	else
	{
		MysqldumpVariable *variable = find_variable(reader, name);

		if (variable != NULL)
			found = variable->value;
	}

	value->modes.no_backslash_escapes |= found.modes.no_backslash_escapes;
	value->modes.ansi_quotes |= found.modes.ansi_quotes;
	value->modes.empty_is_null |= found.modes.empty_is_null;
	value->is_cut |= found.is_cut;
	if (value->text[0] == '\0')
		strcpy(value->text, found.text);
	return true;
}

/* Adds a string, a word or a number. */
static void
add_text(const MysqldumpReader *reader, Expression *expression)
{
	MysqldumpModes modes = modes_of(reader->word);
	MysqldumpModes *sum = expression->removes ? &expression->removed :
		&expression->value.modes;

	sum->no_backslash_escapes |= modes.no_backslash_escapes;
	sum->ansi_quotes |= modes.ansi_quotes;
	sum->empty_is_null |= modes.empty_is_null;
	if (reader->word_len > MYSQLDUMP_NAME_MAX)
		expression->value.is_cut = true;
	if (!expression->begun && !mysqldump_token_is(reader, "default"))
		copy_setting(expression->value.text, reader->word);
}

/* The modes in a list such as 'ANSI,NO_ZERO_DATE', or of a number. */
static MysqldumpModes
modes_of(const char *list)
{
	static const char *const with_ansi_quotes[] = {
		"ansi_quotes", "ansi", "db2", "maxdb", "mssql", "oracle", "postgresql"
	};
	MysqldumpModes modes = {0};
	const char *p = list;

	if (*list != '\0' && strspn(list, "0123456789") == strlen(list))
	{
		unsigned long long bits = strtoull(list, NULL, 10);

		modes.ansi_quotes = (bits & ANSI_QUOTES_BIT) != 0;
		modes.no_backslash_escapes = (bits & NO_BACKSLASH_ESCAPES_BIT) != 0;
		modes.empty_is_null = (bits & EMPTY_STRING_IS_NULL_BIT) != 0;
		return modes;
	}

	while (*p != '\0')
	{
		size_t		len = 0;

		while (p[len] != '\0' && mysqldump_is(p[len], MYSQLDUMP_WORD))
			len++;
		if (mysqldump_same_word("no_backslash_escapes", p, len))
			modes.no_backslash_escapes = true;
		if (mysqldump_same_word("empty_string_is_null", p, len))
			modes.empty_is_null = true;
		for (size_t i = 0; i < sizeof(with_ansi_quotes) / sizeof(char *); i++)
		{
			if (mysqldump_same_word(with_ansi_quotes[i], p, len))
				modes.ansi_quotes = true;
		}
		p += (len > 0) ? len : 1;
	}
	return modes;
}

/* Inside an expression, these words show that a delimiter is missing. */
static bool
begins_statement(const MysqldumpReader *reader)
{
	static const char *const words[] = {
		"alter", "create", "delete", "drop", "insert", "lock", "unlock",
		"update", "use"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (mysqldump_token_is(reader, words[i]))
			return true;
	}
	return false;
}

/*
 * Fails if modes may have been lost or are not supported, or if the session's
 * time zone is none that can be written after a time.
 */
static bool
assign(MysqldumpReader *reader, Scope scope, const char *name,
	   const MysqldumpSetting *value)
{
	if (scope == SCOPE_VARIABLE)
	{
		MysqldumpVariable *variable = find_variable(reader, name);

		if (variable == NULL && reader->nvariables == MYSQLDUMP_MAX_VARIABLES)
			return mysqldump_fail(reader, reader->statement_at, NULL,
								  "the dump sets more than %d variables",
								  MYSQLDUMP_MAX_VARIABLES);
		if (variable == NULL)
			variable = &reader->variables[reader->nvariables++];
		strcpy(variable->name, name);
		variable->value = *value;
	}
	else if (scope == SCOPE_SERVER)
		return true;
	else if (strcmp(name, "sql_mode") == 0)
	{
		if (value->is_cut)
			return mysqldump_fail(reader, reader->statement_at, NULL,
								  "the SQL mode is longer than %d bytes",
								  MYSQLDUMP_NAME_MAX);
		if (value->modes.empty_is_null)
			return mysqldump_fail(reader, reader->statement_at,
								  "Dump the table again without EMPTY_STRING_IS_NULL in sql_mode.",
								  "the SQL mode EMPTY_STRING_IS_NULL is not supported");
		reader->modes = value->modes;
	}
	else if (strcmp(name, "autocommit") == 0)
	{
		reader->autocommit_off = strcmp(value->text, "0") == 0 ||
			strcmp(value->text, "off") == 0 || strcmp(value->text, "false") == 0;
		reader->uncommitted &= reader->autocommit_off;
	}
	else if (strcmp(name, "character_set_client") == 0)
		strcpy(reader->charset, value->text);
	else if (strcmp(name, "time_zone") == 0)
	{
		const char *zone = value->text;

		if (zone[strspn(zone, "abcdefghijklmnopqrstuvwxyz0123456789+-_/:")] != '\0')
			return mysqldump_fail(reader, reader->statement_at, NULL,
								  "the time zone is not supported");
		strcpy(reader->time_zone, strcmp(zone, "system") == 0 ? "" : zone);
	}
	return true;
}

static MysqldumpVariable *
find_variable(MysqldumpReader *reader, const char *name)
{
	for (int i = 0; i < reader->nvariables; i++)
	{
		if (strcmp(reader->variables[i].name, name) == 0)
			return &reader->variables[i];
	}
	return NULL;
}

/* Copies in lower case; what is not ASCII becomes a question mark. */
static void
copy_setting(char *to, const char *from)
{
	mysqldump_lower(to, MYSQLDUMP_SETTING_SIZE, from, strlen(from));
	for (char *p = to; *p != '\0'; p++)
	{
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
}

static bool
at_end(const MysqldumpReader *reader)
{
	return reader->token == MYSQLDUMP_TOKEN_DELIMITER ||
		reader->token == MYSQLDUMP_TOKEN_END;
}

static bool
fail_set(MysqldumpReader *reader)
{
	return mysqldump_fail_token(reader, "is not supported in a SET statement");
}
