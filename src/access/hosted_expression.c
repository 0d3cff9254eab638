/*-------------------------------------------------------------------------
 *
 * hosted_expression.c
 *	  Conditions of policies, for a database without the extension: see
 *	  hosted_expression.h.
 *
 * A condition is text of the server or of this extension, so a function of ours is
 * its qualified name and a parenthesis, outside of quotes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "access/hosted_expression.h"
#include "access/owner_view.h"
#include "base/extension.h"

/* What is done with the arguments. */
typedef enum HostedArguments
{
	KEEP_ARGUMENTS,
	DROP_ARGUMENTS,				/* the only one is the view */
	ASK_VIEW					/* the first one is the view, the second one
								 * its key */
} HostedArguments;

static const struct
{
	const char *name;
	const char *hosted;
	HostedArguments arguments;
}			hosted_functions[] = {
	{"menuca_claim_bigint", "claim_bigint", KEEP_ARGUMENTS},
	{"menuca_claim_uuid", "claim_uuid", KEEP_ARGUMENTS},
	{"menuca_own_tenants", "own_tenants", DROP_ARGUMENTS},
	{"menuca_own_tenant_uuids", "own_tenant_uuids", DROP_ARGUMENTS},
	{"menuca_is_public", NULL, ASK_VIEW}
};

static const char *replace_function(StringInfo hosted, const char *name, const List *views);
static const char *ask_view(StringInfo hosted, const OwnerView *view, const char *key);
static const char *skip_view(const char *argument, const List *views, const OwnerView **found);
static const char *copy_quoted(StringInfo hosted, const char *quote, bool has_escapes);
static bool is_name_character(char c);


char *
hosted_expression(const char *sql, const List *views)
{
	char	   *schema = migrate_schema();
	StringInfoData hosted;
	const char *c = sql;

	initStringInfo(&hosted);
	while (*c)
	{
		bool		begins_name = c == sql || !(is_name_character(c[-1]) || c[-1] == '.');
		const char *rest = begins_name && strncmp(c, schema, strlen(schema)) == 0 ?
			replace_function(&hosted, c + strlen(schema), views) : NULL;

		if (rest)
			c = rest;
		else if (*c == '\'' || *c == '"')
			c = copy_quoted(&hosted, c, *c == '\'' && c > sql && c[-1] == 'E');
		else
			appendStringInfoChar(&hosted, *c++);
	}
	return hosted.data;
}

/* Returns what follows; NULL when the name is none of these functions. */
static const char *
replace_function(StringInfo hosted, const char *name, const List *views)
{
	for (size_t i = 0; i < lengthof(hosted_functions); i++)
	{
		size_t		length = strlen(hosted_functions[i].name);
		const char *arguments = name + length + 1;
		const OwnerView *view;
		const char *rest;

		if (strncmp(name, hosted_functions[i].name, length) != 0 || name[length] != '(')
			continue;
		if (hosted_functions[i].arguments == KEEP_ARGUMENTS)
		{
			appendStringInfo(hosted, HOSTED_SCHEMA ".%s(", hosted_functions[i].hosted);
			return arguments;
		}
		rest = skip_view(arguments, views, &view);
		if (hosted_functions[i].arguments == ASK_VIEW)
			return ask_view(hosted, view, rest + strspn(rest, ", "));
		appendStringInfo(hosted, HOSTED_SCHEMA ".%s(", hosted_functions[i].hosted);
		return rest;
	}
	return NULL;
}

/*
 * A subquery instead of a function that is called for each row: the planner looks the
 * key up, or hashes all keys, whichever costs less.  The view has one column, of a
 * name that no table has, so that the key means the policy's own table.  Returns
 * what follows the parenthesis after the key.
 */
static const char *
ask_view(StringInfo hosted, const OwnerView *view, const char *key)
{
	const char *end = key;
	int			depth = 1;
	StringInfoData quoted;

	initStringInfo(&quoted);
	while (*end && depth > 0)
	{
		depth += (*end == '(') - (*end == ')');
		if (*end == '\'' || *end == '"')
			end = copy_quoted(&quoted, end, false);
		else
			end++;
	}
	appendStringInfo(hosted, "EXISTS (SELECT FROM " HOSTED_SCHEMA ".%s WHERE " HOSTED_KEY " OPERATOR(pg_catalog.=) (%s))",
					 quote_identifier(view->name), pnstrdup(key, end - key - 1));
	return end;
}

/* What follows 'schema.view'::regclass. */
static const char *
skip_view(const char *argument, const List *views, const OwnerView **found)
{
	const ListCell *lc;

	foreach(lc, views)
	{
		const OwnerView *view = lfirst(lc);
		char	   *literal = quote_literal_cstr(owner_view_quoted(view->name));
		static const char *const types[] = {"::regclass", "::pg_catalog.regclass"};

		for (size_t i = 0; i < lengthof(types); i++)
		{
			char	   *text = psprintf("%s%s", literal, types[i]);

			if (strncmp(argument, text, strlen(text)) != 0)
				continue;
			*found = view;
			return argument + strlen(text);
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("a policy asks a view that the wanted access does not need: %.100s", argument),
			 errhint("%s", migrate_call("SELECT * FROM menuca_deploy_access(dry_run => false);"))));
}

/* Copies what is quoted; returns what follows it. */
static const char *
copy_quoted(StringInfo hosted, const char *quote, bool has_escapes)
{
	const char *c = quote + 1;

	while (*c && (*c != *quote || c[1] == *quote))
		c += (*c == *quote || (has_escapes && *c == '\\')) && c[1] ? 2 : 1;
	if (*c)
		c++;
	appendBinaryStringInfo(hosted, quote, c - quote);
	return c;
}

static bool
is_name_character(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' || IS_HIGHBIT_SET(c);
}
