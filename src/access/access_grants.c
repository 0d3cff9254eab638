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

/* A grant that is to be revoked. */
typedef struct ExcessGrant
{
	char	   *grantee;		/* quoted, or PUBLIC */
	char	   *columns;		/* quoted, with commas; NULL: the whole table */
} ExcessGrant;

static void plan_table_grant(List **actions, const WantedAccess *wanted, AccessRole role);
static bool has_privilege(AccessRole role, const WantedAccess *wanted, const char *privilege);
static char *privilege_list(AclMode mode);
static void plan_column_grant(List **actions, const WantedAccess *wanted, AccessRole role);
static void plan_sequence_grants(List **actions, const WantedAccess *wanted, AccessRole role);
static void plan_revokes(List **actions, const WantedAccess *wanted, AccessRole role,
						 const char *privilege, char *reason);
static void add_revokes(List **actions, const WantedAccess *wanted, const List *grants,
						const char *privilege, char *reason);
static void *make_excess_grant(TupleTableSlot *slot);
static bool hides_columns(const WantedAccess *wanted, AccessRole role);


/* A policy allows rows; the table itself must be granted, too. */
void
access_grants_plan(List **actions, const WantedAccess *wanted, AccessRole role)
{
	plan_table_grant(actions, wanted, role);
	if (hides_columns(wanted, role))
		plan_column_grant(actions, wanted, role);
	if (wanted_access_of_role(wanted, role) & ACL_INSERT)
		plan_sequence_grants(actions, wanted, role);
	if (role != ROLE_ADMIN)
		plan_revokes(actions, wanted, role, "TRUNCATE",
					 "policies do not apply to TRUNCATE");
}

/* Where columns are hidden, SELECT is granted by column instead. */
static void
plan_table_grant(List **actions, const WantedAccess *wanted, AccessRole role)
{
	const char *name = relation_quoted_name(wanted->relid);
	const char *grantee = access_role_quoted(role);
	AclMode		may = wanted_access_of_role(wanted, role);
	AclMode		missing = 0;

	if (hides_columns(wanted, role))
		may &= ~ACL_SELECT;
	for (size_t i = 0; i < lengthof(table_privileges); i++)
	{
		if ((may & table_privileges[i].mode) &&
			!has_privilege(role, wanted, table_privileges[i].keyword))
			missing |= table_privileges[i].mode;
	}
	if (missing)
		access_action_add(actions, ACTION_GRANT, wanted->table, access_role_name(role),
						  psprintf("GRANT %s ON %s TO %s", privilege_list(missing), name, grantee),
						  psprintf("REVOKE %s ON %s FROM %s", privilege_list(missing), name, grantee),
						  NULL);
}

/*
 * Where columns are hidden, a grant to everybody does not count, since the
 * plan revokes it.
 */
static bool
has_privilege(AccessRole role, const WantedAccess *wanted, const char *privilege)
{
	QueryArgs	args = {0};

	query_arg_text(&args, access_role_name(role));
	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, privilege);
	query_arg(&args, BOOLOID, BoolGetDatum(wanted->hidden != NIL), false);
	return query_bool("SELECT has_table_privilege($1::name, c.oid, $3) AND (NOT $4 OR EXISTS"
					  " (SELECT FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a"
					  " WHERE a.privilege_type = $3 AND a.grantee <> 0"
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

/* SELECT on all columns but the hidden ones. */
static void
plan_column_grant(List **actions, const WantedAccess *wanted, AccessRole role)
{
	const char *name = relation_quoted_name(wanted->relid);
	const char *grantee = access_role_quoted(role);
	QueryArgs	args = {0};
	char	   *columns;
	int			before = list_length(*actions);

	plan_revokes(actions, wanted, role, "SELECT", "it would show the hidden columns");
	if (!(wanted_access_of_role(wanted, role) & ACL_SELECT))
		return;

	/*
	 * Only grants to the role itself count: those to everybody may be
	 * revoked, and a REVOKE on the table revokes grants on its columns, too.
	 */
	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, TEXTARRAYOID, result_text_array(wanted->hidden), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg(&args, BOOLOID, BoolGetDatum(list_length(*actions) > before), false);
	columns = query_text("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)"
						 " FROM pg_attribute t WHERE attrelid = $1 AND attnum > 0"
						 " AND NOT attisdropped AND quote_ident(attname) <> ALL ($2)"
						 " AND ($4 OR NOT EXISTS (SELECT FROM aclexplode(t.attacl) a"
						 " WHERE a.grantee = $3 AND a.privilege_type = 'SELECT'))",
						 &args);
	if (columns)
		access_action_add(actions, ACTION_GRANT, wanted->table, access_role_name(role),
						  psprintf("GRANT SELECT (%s) ON %s TO %s", columns, name, grantee),
						  psprintf("REVOKE SELECT (%s) ON %s FROM %s", columns, name, grantee),
						  "all columns but the hidden ones");
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
 * Revokes a privilege that was granted to the role itself or to everybody: on
 * the table, and for SELECT also on the hidden columns.
 */
static void
plan_revokes(List **actions, const WantedAccess *wanted, AccessRole role,
			 const char *privilege, char *reason)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg_text(&args, privilege);

	/* A grant to everybody is revoked once, with the first role. */
	query_arg(&args, BOOLOID, BoolGetDatum(role == ROLE_PUBLIC), false);
	add_revokes(actions, wanted,
				query_list(psprintf("SELECT grantee_name, NULL FROM %smenuca_table_grant"
									" WHERE table_oid = $1 AND column_name IS NULL AND privilege = $3"
									" AND (grantee_oid = $2 OR grantee_oid = 0 AND $4) ORDER BY grantee_oid",
									migrate_schema()),
						   &args, make_excess_grant),
				privilege, reason);
	if (strcmp(privilege, "SELECT") != 0)
		return;

	/*
	 * Not from whoever has it on the table: revoking that revokes the
	 * columns' grants as well.
	 */
	query_arg(&args, TEXTARRAYOID, result_text_array(wanted->hidden), false);
	add_revokes(actions, wanted,
				query_list(psprintf("SELECT grantee_name, string_agg(column_name, ', ' ORDER BY column_name)"
									" FROM %smenuca_table_grant WHERE table_oid = $1 AND privilege = $3"
									" AND (grantee_oid = $2 OR grantee_oid = 0 AND $4)"
									" AND (column_name IS NULL OR column_name = ANY ($5)) GROUP BY grantee_oid, grantee_name"
									" HAVING bool_and(column_name IS NOT NULL) ORDER BY grantee_oid",
									migrate_schema()),
						   &args, make_excess_grant),
				privilege, reason);
}

static void
add_revokes(List **actions, const WantedAccess *wanted, const List *grants,
			const char *privilege, char *reason)
{
	const char *name = relation_quoted_name(wanted->relid);
	const ListCell *lc;

	foreach(lc, grants)
	{
		const ExcessGrant *grant = lfirst(lc);
		char	   *privileges = grant->columns ? psprintf("%s (%s)", privilege, grant->columns) :
			pstrdup(privilege);

		access_action_add(actions, ACTION_REVOKE, wanted->table, grant->grantee,
						  psprintf("REVOKE %s ON %s FROM %s", privileges, name, grant->grantee),
						  psprintf("GRANT %s ON %s TO %s", privileges, name, grant->grantee),
						  reason);
	}
}

static void *
make_excess_grant(TupleTableSlot *slot)
{
	ExcessGrant *grant = palloc0(sizeof(ExcessGrant));

	grant->grantee = slot_text(slot, 0);
	grant->columns = slot_text_or_null(slot, 1);
	return grant;
}

static bool
hides_columns(const WantedAccess *wanted, AccessRole role)
{
	return wanted->hidden != NIL && role != ROLE_ADMIN;
}
