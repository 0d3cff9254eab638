/*-------------------------------------------------------------------------
 *
 * trial_member.c
 *	  Members of the staff to try policies out with: see trial_member.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access_expression.h"
#include "access/membership.h"
#include "access/trial_columns.h"
#include "access/trial_condition.h"
#include "access/trial_member.h"
#include "access/trial_query.h"
#include "base/column.h"
#include "base/jwt_claim.h"
#include "base/relation.h"
#include "base/settings.h"

/* A member: his rows, in the order of Membership.tables. */
typedef struct TrialMember
{
	char	   *claims;
	List	   *rows;			/* TrialRows; the first is his last
								 * membership, or NULL */
} TrialMember;

static TrialMember *make_member(TrialWorld *world, const Membership *membership, const List *tenants);
static char *member_value(Oid relid, AttrNumber attnum, Oid type);
static void put_in_force(const MembershipTable *table, const TrialRow *row, bool in_force);
static char *another_tenant(TrialWorld *world);


char *
trial_member_make(TrialWorld *world, const List *tenants)
{
	return make_member(world, membership_require(), tenants)->claims;
}

void
trial_member_make_all(TrialWorld *world)
{
	const Membership *membership;
	List	   *own = list_make1(world->tenant[OWN]);
	List	   *three;

	/*
	 * A trial row may be a restaurant itself, for which there are no members
	 * yet.
	 */
	if (world->members_of && strcmp(world->members_of, world->tenant[OWN]) == 0)
		return;
	membership = membership_require();
	three = list_make3(another_tenant(world), world->tenant[OWN], another_tenant(world));
	world->members_of = world->tenant[OWN];
	world->members = list_make2(trial_member_make(world, own), trial_member_make(world, three));
	world->strangers = list_make1(trial_member_make(world, NIL));
	for (int i = 0; i < list_length(membership->tables); i++)
	{
		const MembershipTable *table = list_nth(membership->tables, i);

		if (table->can_be_removed)
		{
			TrialMember *removed = make_member(world, membership, own);
			const TrialRow *row = list_nth(removed->rows, i);

			(void) trial_query_write(row->relid, psprintf("UPDATE %s SET deleted_at = pg_catalog.now() WHERE %s",
														  relation_quoted_name(row->relid), row->where));
			world->strangers = lappend(world->strangers, removed->claims);
		}
		if (table->condition)
		{
			TrialMember *suspended = make_member(world, membership, own);

			put_in_force(table, list_nth(suspended->rows, i), false);
			world->strangers = lappend(world->strangers, suspended->claims);
		}
	}
}

/* From the member himself to his memberships, each of them in force. */
static TrialMember *
make_member(TrialWorld *world, const Membership *membership, const List *tenants)
{
	TrialMember *member = palloc0(sizeof(TrialMember));
	const AccessKey *key = membership->user_key;
	const AccessHop *last = key->hops ? llast(key->hops) : NULL;
	Oid			relid = last ? last->relid : membership->relid;
	char	   *value = member_value(relid, last ? column_require(relid, last->column, InvalidOid) : key->attnum,
									 key->type);
	TrialRow   *membership_row = NULL;
	const ListCell *lc;

	member->claims = jwt_claim_object(menuca_membership_claim,
									  key->type == UUIDOID ? psprintf("\"%s\"", value) : value);
	for (int i = list_length(key->hops) - 1; i >= 0; i--)
	{
		const AccessHop *hop = list_nth(key->hops, i);
		TrialRow   *row = trial_row_make_with(world, hop->relid,
											  list_make1_int(column_require(hop->relid, hop->column, InvalidOid)),
											  list_make1(value));

		put_in_force(list_nth(membership->tables, i + 1), row, true);
		member->rows = lcons(row, member->rows);
		value = row->key;
	}
	foreach(lc, tenants)
	{
		membership_row = trial_row_make_with(world, membership->relid,
											 list_make2_int(key->attnum, membership->tenant),
											 list_make2(value, lfirst(lc)));
		put_in_force(linitial(membership->tables), membership_row, true);
	}
	member->rows = lcons(membership_row, member->rows);
	return member;
}

/*
 * Who he is: somebody new or, where the column refers to a table of all users, one
 * of them who is no member yet.
 */
static char *
member_value(Oid relid, AttrNumber attnum, Oid type)
{
	const TrialColumn *column = trial_columns_find(trial_columns_of(relid), attnum);
	char	   *found;

	if (!OidIsValid(column->parent))
		return trial_query_text(type == UUIDOID ? "SELECT pg_catalog.gen_random_uuid()::pg_catalog.text" :
								psprintf("SELECT (coalesce(pg_catalog.max(%s), 0) OPERATOR(pg_catalog.+) 1)::pg_catalog.text FROM %s",
										 column->name, relation_quoted_name(relid)));
	found = trial_query_text(psprintf("SELECT pg_catalog.format('%%s', parent.%1$s) FROM %2$s AS parent"
									  " WHERE NOT EXISTS (SELECT FROM %3$s AS taken WHERE taken.%4$s OPERATOR(pg_catalog.=) parent.%1$s) LIMIT 1",
									  column->parent_column, relation_quoted_name(column->parent),
									  relation_quoted_name(relid), column->name));
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("there is no row of %s that could be tried as a member of the staff",
						relation_display_name(column->parent)),
				 errdetail("Column %s of %s refers to it, and each of its rows is a member already.",
						   column->name, relation_display_name(relid)),
				 errhint("Add users for trials, at least eight.")));
	return found;
}

static void
put_in_force(const MembershipTable *table, const TrialRow *row, bool in_force)
{
	WantedAccess conditions = {.relid = table->relid,.public_where = table->condition};

	if (in_force && table->can_be_removed)
		(void) trial_query_write(row->relid, psprintf("UPDATE %s SET deleted_at = NULL WHERE %s",
													  relation_quoted_name(row->relid), row->where));
	if (table->condition == NULL)
		return;
	conditions.public_expr = access_expression_parse(table->relid, table->condition, "The condition of a membership");
	trial_condition_make(&conditions, row->where, in_force);
}

/* A further restaurant, or a key of one. */
static char *
another_tenant(TrialWorld *world)
{
	const ListCell *lc;

	foreach(lc, world->wanted)
	{
		const WantedAccess *wanted = lfirst(lc);

		if (!wanted->problem && wanted->owns_itself)
			return trial_row_make_with(world, wanted->relid, NIL, NIL)->key;
	}
	return trial_query_text(psprintf("SELECT %s", strchr(world->tenant[OWN], '-') ?
									 "pg_catalog.gen_random_uuid()::pg_catalog.text" :
									 "(1 OPERATOR(pg_catalog.+) (pg_catalog.random() OPERATOR(pg_catalog.*) 16000))::pg_catalog.int4::pg_catalog.text"));
}
