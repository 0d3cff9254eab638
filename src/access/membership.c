/*-------------------------------------------------------------------------
 *
 * membership.c
 *	  Who works for which restaurant, as rows of a table say: see membership.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "access/access_expression.h"
#include "access/claim_source.h"
#include "access/membership.h"
#include "access/owner_view.h"
#include "access/user_metadata.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/settings.h"

/* What a query over the tables of the path is made of. */
typedef struct MembershipJoin
{
	char	   *tenant;			/* column of membership */
	char	   *member;			/* qualified column */
	char	   *from;
	char	   *where;			/* empty, or ends with AND */
} MembershipJoin;

static Oid	membership_table(void);
static void add_path_table(Membership *membership, Oid relid, const char *condition);
static char *standard_condition(Oid relid);
static MembershipJoin join_tables(const Membership *membership);
static char *select_in_force(const MembershipTable *table, const char *first, const char *second);


bool
membership_is_used(void)
{
	return menuca_tenant_by == MENUCA_TENANT_BY_MEMBERSHIP;
}

Membership *
membership_require(void)
{
	Membership *membership = palloc0(sizeof(Membership));
	char	   *condition = NULL;
	ListCell   *lc;

	membership->relid = membership_table();
	relation_lock(membership->relid, AccessShareLock);
	membership->user_key = access_key_parse(membership->relid, menuca_membership_user_column);
	membership->tenant = column_require(membership->relid, menuca_membership_tenant_column, InvalidOid);
	membership->tenant_type = column_base_type(membership->relid, membership->tenant, NULL);
	if (membership->tenant_type != INT2OID && membership->tenant_type != INT4OID &&
		membership->tenant_type != INT8OID && membership->tenant_type != UUIDOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column %s of table %s is of type %s, neither an integer nor a uuid",
						menuca_membership_tenant_column, relation_display_name(membership->relid),
						format_type_be(column_type(membership->relid, membership->tenant))),
				 errhint("SET menuca.membership_tenant_column = '...';")));

	if (menuca_membership_condition[strspn(menuca_membership_condition, " \t\r\n")] != '\0')
	{
		Node	   *parsed = access_expression_parse(membership->relid, menuca_membership_condition,
													 "menuca.membership_condition");

		user_metadata_refuse_in(membership->relid, parsed, "setting menuca.membership_condition");
		owner_view_require_trusted(membership->relid, parsed, "menuca.membership_condition");
		condition = access_expression_text(membership->relid, parsed);
	}
	add_path_table(membership, membership->relid, condition);
	foreach(lc, membership->user_key->hops)
		add_path_table(membership, ((AccessHop *) lfirst(lc))->relid, condition ? "true" : NULL);
	return membership;
}

void
membership_require_type(Oid type)
{
	const Membership *membership = membership_require();

	if ((membership->tenant_type == UUIDOID) != (type == UUIDOID))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the key is of type %s, but column %s of table %s is of type %s",
						format_type_be(type), menuca_membership_tenant_column,
						relation_display_name(membership->relid), format_type_be(membership->tenant_type)),
				 errdetail("That column says which restaurants a member works for."),
				 errhint("%s", migrate_call("Choose another key in menuca_wanted_access, or SET menuca.membership_tenant_column = '...';"))));
}

static Oid
membership_table(void)
{
	RangeVar   *name = relation_parse_name("menuca.membership_table", menuca_membership_table);
	const char *schema_name = name->schemaname ? name->schemaname : menuca_target_schema;
	Oid			schema = get_namespace_oid(schema_name, true);
	Oid			relid = OidIsValid(schema) ? get_relname_relid(name->relname, schema) : InvalidOid;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s.%s of menuca.membership_table does not exist", schema_name, name->relname),
				 errdetail("menuca.tenant_by is membership, so that table says who works for which restaurant."),
				 errhint("SET menuca.membership_table = '...'; or SET menuca.tenant_by = 'claim';")));
	if (get_rel_relkind(relid) != RELKIND_RELATION && get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s of menuca.membership_table is not a table", relation_display_name(relid)),
				 errhint("SET menuca.membership_table = '...';")));
	return relid;
}

/*
 * condition: instead of the standard one; NULL for that.  A membership that was
 * removed is none, whatever else is asked for.
 */
static void
add_path_table(Membership *membership, Oid relid, const char *condition)
{
	MembershipTable *table = palloc0(sizeof(MembershipTable));

	if (condition == NULL)
		condition = standard_condition(relid);
	table->relid = relid;
	table->condition = condition && strcmp(condition, "true") != 0 ? pstrdup(condition) : NULL;
	table->can_be_removed = relation_has_column(relid, "deleted_at");
	membership->tables = lappend(membership->tables, table);
}

/* What says in this schema that a row is in force; NULL when nothing does. */
static char *
standard_condition(Oid relid)
{
	StringInfoData condition;
	AttrNumber	status = column_find(relid, "status");
	AttrNumber	active = column_find(relid, "is_active");

	initStringInfo(&condition);
	if (status != InvalidAttrNumber)
	{
		Oid			type = column_base_type(relid, status, NULL);

		if (get_typtype(type) != TYPTYPE_ENUM && TypeCategory(type) != TYPCATEGORY_STRING)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column status of table %s is of type %s, so it is not known which members are active",
							relation_display_name(relid), format_type_be(type)),
					 errhint("SET menuca.membership_condition = '...'; to a condition on the rows of menuca.membership_table.")));
		appendStringInfoString(&condition, "status = 'active'");
	}
	if (active != InvalidAttrNumber && column_base_type(relid, active, NULL) == BOOLOID)
		format_append(&condition, " AND ", "is_active");
	return condition.len > 0 ? access_expression_normalize(relid, condition.data) : NULL;
}

char *
membership_query(const Membership *membership)
{
	MembershipJoin join = join_tables(membership);

	return psprintf("SELECT membership.%s::%s AS tenant FROM %s WHERE %s%s OPERATOR(pg_catalog.=) %s",
					join.tenant, membership->tenant_type == UUIDOID ? "pg_catalog.uuid" : "pg_catalog.int8",
					join.from, join.where, join.member,
					claim_source_setting_expression(menuca_membership_claim, membership->user_key->type));
}

char *
membership_members_query(const Membership *membership)
{
	MembershipJoin join = join_tables(membership);

	return psprintf("SELECT membership.%s::pg_catalog.text AS tenant, %s::pg_catalog.text AS member FROM %s WHERE %s%s IS NOT NULL",
					join.tenant, join.member, join.from, join.where, join.member);
}

/*
 * Each table in a subquery of its own, since the names in its condition are not
 * qualified, and with the columns that are needed, so that others can be dropped.
 */
static MembershipJoin
join_tables(const Membership *membership)
{
	const AccessKey *key = membership->user_key;
	char	   *tenant = column_quoted(membership->relid, membership->tenant);
	char	   *column = column_quoted(membership->relid, key->attnum);
	MembershipJoin join = {.tenant = tenant};
	StringInfoData from;
	StringInfoData where;
	int			depth = 0;
	ListCell   *lc;

	initStringInfo(&from);
	initStringInfo(&where);
	appendStringInfo(&from, "(%s) AS membership",
					 select_in_force(linitial(membership->tables), column, tenant));
	column = psprintf("membership.%s", column);
	foreach(lc, key->hops)
	{
		const AccessHop *hop = lfirst(lc);
		char	   *parent_key = column_quoted(hop->relid, hop->key);

		depth++;
		appendStringInfo(&from, ", (%s) AS parent_%d",
						 select_in_force(list_nth(membership->tables, depth), parent_key,
										 quote_identifier(hop->column)), depth);
		appendStringInfo(&where, "parent_%d.%s OPERATOR(pg_catalog.=) %s AND ", depth, parent_key, column);
		column = psprintf("parent_%d.%s", depth, quote_identifier(hop->column));
	}
	join.from = from.data;
	join.where = where.data;
	join.member = column;
	return join;
}

/* The two columns may be the same. */
static char *
select_in_force(const MembershipTable *table, const char *first, const char *second)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s", first);
	if (strcmp(first, second) != 0)
		appendStringInfo(&sql, ", %s", second);
	appendStringInfo(&sql, " FROM %s", relation_quoted_name(table->relid));
	if (table->condition)
		appendStringInfo(&sql, " WHERE (%s)", table->condition);
	if (table->can_be_removed)
		appendStringInfo(&sql, " %s deleted_at IS NULL", table->condition ? "AND" : "WHERE");
	return sql.data;
}
