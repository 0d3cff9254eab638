/*-------------------------------------------------------------------------
 *
 * ticket_call.c
 *	  The next real call of a ticket: see ticket_call.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_options.h"

/* The target of a ticket without that option. */
#define DEFAULT_TARGET "combo_items"

static char *earlier_options(const Environment *environment, int no);
static bool has_target(const Environment *environment, int no);
static bool validates(int no);
static char *with_target(const char *options, const char *target);


char *
ticket_call(const Environment *environment, int no)
{
	return migrate_call("SELECT * FROM menuca_ticket(%d%s, dry_run => false);", no,
						ticket_call_argument(ticket_call_options(environment, no)));
}

char *
ticket_call_options(const Environment *environment, int no)
{
	char	   *options = earlier_options(environment, no);
	char	   *target = has_target(environment, no) ? ticket_call_decided_target() : NULL;

	/* A validation is of the table that was written to, whatever was decided. */
	if (target == NULL || strcmp(target, DEFAULT_TARGET) == 0 ||
		ticket_call_option(options, "target") || (options && validates(no)))
		return options;
	return with_target(options, target);
}

/*
 * NULL without any.  What staging has lowered its gates to is not carried to
 * production, where a person decides about it; nor is what needed force.
 */
static char *
earlier_options(const Environment *environment, int no)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_arg_text(&args, ticket_options_of(environment, no, true));
	query_arg_text(&args, ticket_options_of(environment, no, false));
	return query_text(psprintf("SELECT (SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}') FROM jsonb_each(p.options) o"
							   " WHERE o.key = ANY (CASE WHEN p.with_gates THEN $3 ELSE $4 END::text[]))::text"
							   " FROM %smenuca_ticket_proposal p"
							   " WHERE p.environment_id = $1 AND p.ticket_no = $2 AND jsonb_typeof(p.options) = 'object'",
							   migrate_schema()), &args);
}

static bool
has_target(const Environment *environment, int no)
{
	return strstr(ticket_options_of(environment, no, false), "target") != NULL;
}

static bool
validates(int no)
{
	return no == FIRST_PRODUCTION_TICKET - 1 || no == TICKET_COUNT - 1;
}

char *
ticket_call_decided_target(void)
{
	QueryArgs	args = {0};

	if (!relation_may(migrate_table("menuca_decision"), ACL_SELECT))
		return NULL;
	query_arg_text(&args, menuca_target_schema);
	return query_text(psprintf("SELECT target FROM %smenuca_decision WHERE target_schema = $1"
							   " ORDER BY decision_id DESC LIMIT 1", migrate_schema()), &args);
}

static char *
with_target(const char *options, const char *target)
{
	QueryArgs	args = {0};

	query_arg_json(&args, options ? options : "{}");
	query_arg_text(&args, target);
	return query_text("SELECT ($1 || jsonb_build_object('target', $2))::text", &args);
}

const char *
ticket_call_argument(const char *options)
{
	return options == NULL || strcmp(options, "{}") == 0 ? "" : psprintf(", %s", quote_literal_cstr(options));
}

char *
ticket_call_option(const char *options, const char *name)
{
	QueryArgs	args = {0};

	if (options == NULL)
		return NULL;
	query_arg_json(&args, options);
	query_arg_text(&args, name);
	return query_text("SELECT $1 ->> $2", &args);
}
