/*-------------------------------------------------------------------------
 *
 * access_grants.c
 *	  The grants that the wanted access of a table needs: see access_grants.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "access/access_action.h"
#include "access/access_grants.h"
#include "access/wanted_access.h"
#include "access/wanted_columns.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/slot.h"

static const struct
{
	AclMode		mode;
	const char *keyword;
}			table_privileges[] = {
	{ACL_SELECT, "SELECT"},
	{ACL_INSERT, "INSERT"},
	{ACL_UPDATE, "UPDATE"},
	{ACL_DELETE, "DELETE"}
};

/*
 * Whether a role ($2) has a privilege by a grant of menuca_table_grant: itself, as
 * everybody, or as a member of the grantee.  What visitors share is revoked once,
 * with the first of their roles ($3 is true for that one, which is $4).
 */
#define IS_GRANTED \
	"CASE grantee_oid WHEN 0 THEN $3 WHEN $2 THEN true" \
	" ELSE pg_has_role($2, grantee_oid, 'USAGE') AND ($3 OR NOT pg_has_role($4, grantee_oid, 'USAGE')) END"

/* Grants that are to be revoked from somebody. */
typedef struct ExcessGrant
{
	char	   *grantee;		/* quoted, or PUBLIC */
	char	   *privileges;		/* as in REVOKE, with their columns */
} ExcessGrant;

/* The right to set a sequence that somebody has. */
typedef struct SequenceGrant
{
	char	   *grantee;		/* quoted, or PUBLIC */
	char	   *sequence;		/* qualified and quoted */
} SequenceGrant;

static void plan_table_grant(List **actions, const WantedAccess *wanted, AccessRole role);
static bool has_privilege(AccessRole role, const WantedAccess *wanted, AclMode mode, const char *privilege);
static char *privilege_list(AclMode mode);
static void plan_limited(List **actions, const WantedAccess *wanted, AccessRole role);
static char *missing_columns(const WantedAccess *wanted, AccessRole role, const char *privilege,
							 List *allowed);
static void plan_sequence_grants(List **actions, const WantedAccess *wanted, AccessRole role);
static void plan_table_revokes(List **actions, const WantedAccess *wanted, AccessRole role,
							   List *privileges, bool all_others, char *reason);
static void plan_column_revokes(List **actions, const WantedAccess *wanted, AccessRole role,
								const char *privilege, List *allowed, char *reason);
static void add_grantee_args(QueryArgs *args, const WantedAccess *wanted, AccessRole role);
static void add_revokes(List **actions, const WantedAccess *wanted, const List *grants, char *reason);
static void *make_excess_grant(TupleTableSlot *slot);
static void plan_setval_revokes(List **actions, const WantedAccess *wanted, AccessRole role);
static void *make_sequence_grant(TupleTableSlot *slot);
static bool is_limited(const WantedAccess *wanted, AccessRole role, AclMode privilege);


/* A policy allows rows; the table itself must be granted, too. */
void
access_grants_plan(List **actions, const WantedAccess *wanted, AccessRole role)
{
	List	   *by_policies = NIL;

	if (role != ROLE_ADMIN && (wanted->coverage == COVER_PART || wanted->foreign))
	{
		char	   *reason = wanted->foreign ? "policies do not apply to a foreign table" :
			"the rows are reached through the table that it is a part of";

		plan_table_revokes(actions, wanted, role, NIL, true, reason);
		plan_column_revokes(actions, wanted, role, NULL, NIL, reason);
		return;
	}

	plan_table_grant(actions, wanted, role);
	plan_limited(actions, wanted, role);
	if (wanted_access_of_role(wanted, role) & ACL_INSERT)
		plan_sequence_grants(actions, wanted, role);
	if (role == ROLE_ADMIN)
		return;
	for (size_t i = 0; i < lengthof(table_privileges); i++)
		by_policies = lappend(by_policies, pstrdup(table_privileges[i].keyword));
	plan_table_revokes(actions, wanted, role, by_policies, true,
					   "policies do not apply to it");
	plan_setval_revokes(actions, wanted, role);
}

/* With UPDATE on a sequence a role may set it to any value. */
static void
plan_setval_revokes(List **actions, const WantedAccess *wanted, AccessRole role)
{
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg(&args, BOOLOID, BoolGetDatum(role == ROLE_PUBLIC), false);
	foreach(lc, query_list(psprintf("SELECT g.grantee_name, s.sequence_name FROM %smenuca_table_sequence s"
									" JOIN %smenuca_table_grant g ON g.table_oid = s.sequence_oid"
									" WHERE s.table_oid = $1 AND s.is_owned AND g.privilege = 'UPDATE'"
									" AND (g.grantee_oid = $2 OR g.grantee_oid = 0 AND $3)"
									" ORDER BY s.sequence_name, g.grantee_oid",
									migrate_schema(), migrate_schema()),
						   &args, make_sequence_grant))
	{
		const SequenceGrant *grant = lfirst(lc);

		access_action_add(actions, ACTION_REVOKE, wanted->table, grant->grantee,
						  psprintf("REVOKE UPDATE ON SEQUENCE %s FROM %s", grant->sequence, grant->grantee),
						  psprintf("GRANT UPDATE ON SEQUENCE %s TO %s", grant->sequence, grant->grantee),
						  "the next value of a key is not a visitor's to set");
	}
}

static void *
make_sequence_grant(TupleTableSlot *slot)
{
	SequenceGrant *grant = palloc0(sizeof(SequenceGrant));

	grant->grantee = slot_text(slot, 0);
	grant->sequence = slot_text(slot, 1);
	return grant;
}

/* Privileges that are not limited to some columns. */
static void
plan_table_grant(List **actions, const WantedAccess *wanted, AccessRole role)
{
	const char *name = relation_quoted_name(wanted->relid);
	const char *grantee = access_role_quoted(role);
	AclMode		may = wanted_access_of_role(wanted, role);
	AclMode		missing = 0;

	for (size_t i = 0; i < lengthof(table_privileges); i++)
	{
		AclMode		mode = table_privileges[i].mode;

		if ((may & mode) && !is_limited(wanted, role, mode) &&
			!has_privilege(role, wanted, mode, table_privileges[i].keyword))
			missing |= mode;
	}
	if (missing)
		access_action_add(actions, ACTION_GRANT, wanted->table, access_role_name(role),
						  psprintf("GRANT %s ON %s TO %s", privilege_list(missing), name, grantee),
						  psprintf("REVOKE %s ON %s FROM %s", privilege_list(missing), name, grantee),
						  NULL);
}

/*
 * Where the plan revokes the privilege from visitors and from everybody, what the
 * role has through them does not count.
 */
static bool
has_privilege(AccessRole role, const WantedAccess *wanted, AclMode mode, const char *privilege)
{
	QueryArgs	args = {0};

	query_arg_text(&args, access_role_name(role));
	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, privilege);
	query_arg(&args, BOOLOID, BoolGetDatum(wanted->coverage == COVER_PART || wanted->foreign ||
										   wanted_columns_limit(wanted, mode)), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(ROLE_PUBLIC)), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(ROLE_TENANT)), false);
	return query_bool("SELECT has_table_privilege($1::name, c.oid, $3) AND (NOT $4 OR EXISTS"
					  " (SELECT FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a"
					  " WHERE a.privilege_type = $3 AND a.grantee NOT IN (0, $5, $6)"
					  " AND pg_has_role($1::name, a.grantee, 'USAGE')))"
					  " FROM pg_class c WHERE c.oid = $2", &args);
}

/* "SELECT, UPDATE" */
static char *
privilege_list(AclMode mode)
{
	StringInfoData list;

	initStringInfo(&list);
	for (size_t i = 0; i < lengthof(table_privileges); i++)
	{
		if (mode & table_privileges[i].mode)
			format_append(&list, ", ", "%s", table_privileges[i].keyword);
	}
	return list.data;
}

/*
 * Where only some columns may be used, they are granted instead of the table, to
 * the role itself: the grants to everybody are revoked.
 */
static void
plan_limited(List **actions, const WantedAccess *wanted, AccessRole role)
{
	const char *name = relation_quoted_name(wanted->relid);
	const char *grantee = access_role_quoted(role);
	AclMode		may = wanted_access_of_role(wanted, role);
	List	   *limited = NIL;
	StringInfoData missing;

	initStringInfo(&missing);
	for (size_t i = 0; i < lengthof(table_privileges); i++)
	{
		const char *privilege = table_privileges[i].keyword;
		List	   *allowed;
		char	   *columns;

		if (!is_limited(wanted, role, table_privileges[i].mode))
			continue;
		limited = lappend(limited, pstrdup(privilege));
		allowed = may & table_privileges[i].mode ?
			wanted_columns_allowed(wanted, table_privileges[i].mode) : NIL;
		plan_column_revokes(actions, wanted, role, privilege, allowed,
							allowed ? "it would allow columns that are hidden or read-only" : "the role may not use it");
		columns = missing_columns(wanted, role, privilege, allowed);
		if (columns)
			format_append(&missing, ", ", "%s (%s)", privilege, columns);
	}
	if (limited == NIL)
		return;
	plan_table_revokes(actions, wanted, role, limited, false,
					   "it would allow columns that are hidden or read-only");
	if (missing.len > 0)
		access_action_add(actions, ACTION_GRANT, wanted->table, access_role_name(role),
						  psprintf("GRANT %s ON %s TO %s", missing.data, name, grantee),
						  psprintf("REVOKE %s ON %s FROM %s", missing.data, name, grantee),
						  "all columns but those that are hidden or read-only");
}

/*
 * The columns to be granted, quoted; NULL for none.  A REVOKE on the table revokes
 * the grants on its columns, too.
 */
static char *
missing_columns(const WantedAccess *wanted, AccessRole role, const char *privilege, List *allowed)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, TEXTARRAYOID, result_text_array(allowed), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg_text(&args, privilege);
	return query_text("SELECT string_agg(quote_ident(t.attname), ', ' ORDER BY t.attnum)"
					  " FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid"
					  " WHERE t.attrelid = $1 AND t.attnum > 0 AND NOT t.attisdropped"
					  " AND quote_ident(t.attname) = ANY ($2)"
					  " AND (EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = $3 AND a.privilege_type = $4)"
					  " OR NOT EXISTS (SELECT FROM aclexplode(t.attacl) a WHERE a.grantee = $3 AND a.privilege_type = $4))",
					  &args);
}

/* A serial column's default needs its sequence; an identity column does not. */
static void
plan_sequence_grants(List **actions, const WantedAccess *wanted, AccessRole role)
{
	const char *grantee = access_role_quoted(role);
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, access_role_name(role));
	foreach(lc, query_texts(psprintf("SELECT sequence_name FROM %smenuca_table_sequence"
									 " WHERE table_oid = $1 AND is_owned AND NOT is_identity"
									 " AND NOT has_sequence_privilege($2::name, sequence_oid, 'USAGE')"
									 " ORDER BY sequence_name", migrate_schema()), &args))
	{
		const char *sequence = lfirst(lc);

		access_action_add(actions, ACTION_GRANT, wanted->table, access_role_name(role),
						  psprintf("GRANT USAGE ON SEQUENCE %s TO %s", sequence, grantee),
						  psprintf("REVOKE USAGE ON SEQUENCE %s FROM %s", sequence, grantee),
						  "the default of a new row's key");
	}
}

/*
 * Revokes privileges on the table that the role has, from whom they were granted to:
 * these, or all_others.
 */
static void
plan_table_revokes(List **actions, const WantedAccess *wanted, AccessRole role,
				   List *privileges, bool all_others, char *reason)
{
	QueryArgs	args = {0};

	add_grantee_args(&args, wanted, role);
	query_arg(&args, TEXTARRAYOID, result_text_array(privileges), false);
	query_arg(&args, BOOLOID, BoolGetDatum(all_others), false);
	add_revokes(actions, wanted,
				query_list(psprintf("SELECT grantee_name, string_agg(privilege, ', ' ORDER BY privilege)"
									" FROM %smenuca_table_grant WHERE table_oid = $1 AND column_name IS NULL"
									" AND (privilege = ANY ($5)) <> $6 AND " IS_GRANTED
									" GROUP BY grantee_oid, grantee_name ORDER BY grantee_oid",
									migrate_schema()),
						   &args, make_excess_grant),
				reason);
}

/*
 * Revokes a privilege (NULL: all) on columns that are not among the allowed ones.
 * Not from whoever has it on the table: revoking that revokes the columns' grants
 * as well.
 */
static void
plan_column_revokes(List **actions, const WantedAccess *wanted, AccessRole role,
					const char *privilege, List *allowed, char *reason)
{
	QueryArgs	args = {0};

	add_grantee_args(&args, wanted, role);
	query_arg_text(&args, privilege);
	query_arg(&args, TEXTARRAYOID, result_text_array(allowed), false);
	add_revokes(actions, wanted,
				query_list(psprintf("SELECT grantee_name, string_agg(privilege || ' (' || columns || ')', ', ' ORDER BY privilege)"
									" FROM (SELECT grantee_oid, grantee_name, privilege,"
									" string_agg(column_name, ', ' ORDER BY column_name)"
									" FILTER (WHERE column_name <> ALL ($6)) AS columns"
									" FROM %smenuca_table_grant WHERE table_oid = $1 AND ($5 IS NULL OR privilege = $5)"
									" AND " IS_GRANTED
									" GROUP BY 1, 2, 3 HAVING bool_and(column_name IS NOT NULL)) g"
									" WHERE columns IS NOT NULL"
									" GROUP BY grantee_oid, grantee_name ORDER BY grantee_oid",
									migrate_schema()),
						   &args, make_excess_grant),
				reason);
}

/* $1 to $4: the table, and what IS_GRANTED asks about. */
static void
add_grantee_args(QueryArgs *args, const WantedAccess *wanted, AccessRole role)
{
	query_arg(args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg(args, BOOLOID, BoolGetDatum(role == ROLE_PUBLIC), false);
	query_arg(args, OIDOID, ObjectIdGetDatum(access_role_oid(ROLE_PUBLIC)), false);
}

static void
add_revokes(List **actions, const WantedAccess *wanted, const List *grants, char *reason)
{
	const char *name = relation_quoted_name(wanted->relid);
	const ListCell *lc;

	foreach(lc, grants)
	{
		const ExcessGrant *grant = lfirst(lc);

		access_action_add(actions, ACTION_REVOKE, wanted->table, grant->grantee,
						  psprintf("REVOKE %s ON %s FROM %s", grant->privileges, name, grant->grantee),
						  psprintf("GRANT %s ON %s TO %s", grant->privileges, name, grant->grantee),
						  reason);
	}
}

static void *
make_excess_grant(TupleTableSlot *slot)
{
	ExcessGrant *grant = palloc0(sizeof(ExcessGrant));

	grant->grantee = slot_text(slot, 0);
	grant->privileges = slot_text(slot, 1);
	return grant;
}

static bool
is_limited(const WantedAccess *wanted, AccessRole role, AclMode privilege)
{
	return role != ROLE_ADMIN && wanted_columns_limit(wanted, privilege);
}
