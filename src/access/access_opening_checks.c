/*-------------------------------------------------------------------------
 *
 * access_opening_checks.c
 *	  Checks of the ways around the policies: see access_opening_checks.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "access/access_opening_checks.h"
#include "base/access_roles.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"

/* Maximum number of examples in a detail. */
#define MAX_EXAMPLES 5

/* Kinds of menuca_access_opening, as elements of an array. */
#define VIEW_KINDS "view,materialized view"
#define FUNCTION_KINDS "function,procedure"
#define TABLE_KINDS "partition,inheritance child,inheritance parent,foreign table"
#define PUBLICATION_KINDS "publication"
#define ALL_OTHER_KINDS VIEW_KINDS "," FUNCTION_KINDS "," TABLE_KINDS "," PUBLICATION_KINDS

/* Ways around the policies by one object, for one role or several. */
typedef struct Opening
{
	char	   *description;
	FindingStatus status;
	bool		can_be_accepted;
} Opening;

static void judge_openings(Finding *finding, bool of_kinds, const char *kinds);
static List *find_openings(bool of_kinds, const char *kinds);
static void *make_opening(TupleTableSlot *slot);
static char *remedy(const List *openings, const char *kinds);


/* 9 */
void
access_opening_check_views(pg_attribute_unused() void *subject, Finding *finding)
{
	judge_openings(finding, true, VIEW_KINDS);
}

/* 11 */
void
access_opening_check_functions(pg_attribute_unused() void *subject, Finding *finding)
{
	judge_openings(finding, true, FUNCTION_KINDS);
}

/* 12 */
void
access_opening_check_tables(pg_attribute_unused() void *subject, Finding *finding)
{
	judge_openings(finding, true, TABLE_KINDS);
}

/* 13 */
void
access_opening_check_publications(pg_attribute_unused() void *subject, Finding *finding)
{
	judge_openings(finding, true, PUBLICATION_KINDS);
}

/* 14 */
void
access_opening_check_others(pg_attribute_unused() void *subject, Finding *finding)
{
	judge_openings(finding, false, ALL_OTHER_KINDS);
}

/* PASS if there is no opening of these kinds, or of other ones. */
static void
judge_openings(Finding *finding, bool of_kinds, const char *kinds)
{
	List	   *openings;
	StringInfoData detail;
	int			count;

	/* Without the roles of visitors, what they reach is unknown. */
	if (!OidIsValid(access_role_oid(ROLE_PUBLIC)) || !OidIsValid(access_role_oid(ROLE_TENANT)))
	{
		finding_skip(finding, "the roles of visitors do not exist", "See check 1.");
		return;
	}
	openings = find_openings(of_kinds, kinds);
	count = list_length(openings);
	finding->expected = "none";
	finding->actual = format_things(count, "opening");
	finding->metadata = json_one_count("count", count);
	finding->status = count > 0 ? ((Opening *) linitial(openings))->status : CHECK_PASS;
	if (count == 0)
		return;

	initStringInfo(&detail);
	for (int i = 0; i < Min(count, MAX_EXAMPLES); i++)
		format_append(&detail, "; ", "%s", ((Opening *) list_nth(openings, i))->description);
	finding->detail = psprintf("%s%s", detail.data, count > MAX_EXAMPLES ? "; ..." : "");
	finding->remedy = remedy(openings, of_kinds ? kinds : NULL);
}

/*
 * The worst come first.  What default privileges would open are tables to come, each
 * of which fails the check of uncovered tables as soon as it is there.
 */
static List *
find_openings(bool of_kinds, const char *kinds)
{
	int			scope = guc_scope_begin_pg_catalog();
	List	   *openings;

	guc_scope_set("jit", "off");
	openings = query_list(psprintf("SELECT kind, object, pg_catalog.string_agg(role_name, ', ' ORDER BY role_name),"
								   " pg_catalog.array_to_string(reads, ', '), why, accepted,"
								   " kind <> 'default privilege' AND accepted IS NULL AS is_open, definition IS NOT NULL"
								   " FROM %smenuca_access_opening WHERE kind %s ('{%s}')"
								   " GROUP BY kind, object, reads, why, accepted, definition"
								   " ORDER BY is_open DESC, kind, object",
								   migrate_schema(), of_kinds ? "= ANY" : "<> ALL", kinds),
						  NULL, make_opening);
	guc_scope_end(scope);
	return openings;
}

/* "view menuca_v3.v_users of menuca_v3.users, for anon: it reads with the rights of its owner" */
static void *
make_opening(TupleTableSlot *slot)
{
	Opening    *opening = palloc0(sizeof(Opening));
	const char *roles = slot_text_or_null(slot, 2);
	const char *reads = slot_text_or_null(slot, 3);
	const char *accepted = slot_text_or_null(slot, 5);

	opening->description = psprintf("%s %s%s%s%s%s: %s%s%s", slot_text(slot, 0), slot_text(slot, 1),
									reads && *reads ? " of " : "", reads ? reads : "",
									roles ? ", for " : "", roles ? roles : "", slot_text(slot, 4),
									accepted ? "; accepted: " : "", accepted ? accepted : "");
	opening->status = slot_bool(slot, 6) ? CHECK_FAIL : CHECK_WARN;
	opening->can_be_accepted = slot_bool(slot, 7);
	return opening;
}

/* kinds: elements of an array; NULL for all. */
static char *
remedy(const List *openings, const char *kinds)
{
	const Opening *worst = linitial(openings);
	char	   *call = kinds ? migrate_call("menuca_access_openings('{%s}')", kinds) : migrate_call("menuca_access_openings()");
	char	   *close = psprintf("Read each next_step, then execute it: %s",
								 migrate_call("SELECT * FROM %s;", call));

	if (worst->status != CHECK_FAIL || !worst->can_be_accepted)
		return close;
	return psprintf("%s What has to stay open is accepted with a reason: %s", close,
					migrate_call("INSERT INTO menuca_accepted_opening (kind, object, role_name, definition, reason)"
								 " SELECT kind, object, role_name, definition, '...' FROM %s WHERE object = '...';", call));
}
