/*-------------------------------------------------------------------------
 *
 * access_rehearsal.c
 *	  Making the changes of a plan for this session alone: see access_rehearsal.h.
 *
 * CREATE POLICY and ALTER TABLE lock a table against its readers, as long as their
 * transaction lasts.  Nobody else sees the catalog's rows of a transaction that is
 * undone, so a rehearsal writes these rows itself and needs no such lock: the matrix,
 * which takes longest, can be tried while the table is read and written.  The real
 * change is made by statements, like any other.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "access/access_action.h"
#include "access/access_ledger.h"
#include "access/access_rehearsal.h"
#include "base/guc_scope.h"
#include "base/relation.h"

static bool can_rehearse(Oid relid, Node *statement);
static bool is_table(Oid relid, const RangeVar *name);
static bool drops_policy(const DropStmt *drop, Oid relid, char **policy);
static void rehearse_statement(Relation table, Node *statement);
static void create_policy(Relation table, const CreatePolicyStmt *create);
static char command_of(const char *name);
static ArrayType *role_oids(const List *roles);
static void set_condition(Relation table, Node *condition, int column, Datum *values, bool *nulls);
static void drop_policy(Relation table, const char *name);
static void enable_row_security(Oid relid);


bool
access_rehearsal_is_possible(Oid relid, const List *actions)
{
	const ListCell *lc;

	foreach(lc, actions)
	{
		const PlannedAction *planned = lfirst(lc);
		ListCell   *statement;

		if (!access_action_is_change(planned->action))
			continue;
		foreach(statement, raw_parser(planned->statement, RAW_PARSE_DEFAULT))
		{
			if (!can_rehearse(relid, lfirst_node(RawStmt, statement)->stmt))
				return false;
		}
	}
	return true;
}

static bool
can_rehearse(Oid relid, Node *statement)
{
	char	   *policy;

	switch (nodeTag(statement))
	{
		case T_GrantStmt:
			return true;
		case T_CreatePolicyStmt:
			return is_table(relid, castNode(CreatePolicyStmt, statement)->table);
		case T_DropStmt:
			return drops_policy(castNode(DropStmt, statement), relid, &policy);
		case T_AlterTableStmt:
			{
				const AlterTableStmt *alter = castNode(AlterTableStmt, statement);

				return is_table(relid, alter->relation) && list_length(alter->cmds) == 1 &&
					linitial_node(AlterTableCmd, alter->cmds)->subtype == AT_EnableRowSecurity;
			}
		default:
			return false;
	}
}

static bool
is_table(Oid relid, const RangeVar *name)
{
	return RangeVarGetRelid(name, NoLock, true) == relid;
}

/* True for DROP POLICY of the table's; *policy is set to its name. */
static bool
drops_policy(const DropStmt *drop, Oid relid, char **policy)
{
	List	   *name;

	if (drop->removeType != OBJECT_POLICY || list_length(drop->objects) != 1)
		return false;
	name = castNode(List, linitial(drop->objects));
	*policy = strVal(llast(name));
	return is_table(relid, makeRangeVarFromNameList(list_copy_head(name, list_length(name) - 1)));
}

void
access_rehearse(Oid relid, const List *actions)
{
	int			scope = guc_scope_begin_pg_catalog();
	Relation	table = relation_open_locked(relid);
	const ListCell *lc;

	foreach(lc, actions)
	{
		const PlannedAction *planned = lfirst(lc);
		ListCell   *statement;

		if (!access_action_is_change(planned->action))
			continue;
		if (planned->action == ACTION_GRANT || planned->action == ACTION_REVOKE)
		{
			access_ledger_execute(planned->statement);
			continue;
		}
		foreach(statement, raw_parser(planned->statement, RAW_PARSE_DEFAULT))
			rehearse_statement(table, lfirst_node(RawStmt, statement)->stmt);
	}
	relation_close(table, NoLock);
	guc_scope_end(scope);
}

/* One for which can_rehearse() is true; a GRANT has no lock. */
static void
rehearse_statement(Relation table, Node *statement)
{
	char	   *policy;

	if (IsA(statement, CreatePolicyStmt))
		create_policy(table, castNode(CreatePolicyStmt, statement));
	else if (IsA(statement, DropStmt) &&
			 drops_policy(castNode(DropStmt, statement), RelationGetRelid(table), &policy))
		drop_policy(table, policy);
	else if (IsA(statement, AlterTableStmt))
		enable_row_security(RelationGetRelid(table));
	CommandCounterIncrement();
}

/* The row that CREATE POLICY would write, without what depends on it. */
static void
create_policy(Relation table, const CreatePolicyStmt *create)
{
	Relation	catalog = table_open(PolicyRelationId, RowExclusiveLock);
	Datum		values[Natts_pg_policy] = {0};
	bool		nulls[Natts_pg_policy] = {0};
	NameData	name;

	namestrcpy(&name, create->policy_name);
	values[Anum_pg_policy_oid - 1] = ObjectIdGetDatum(GetNewOidWithIndex(catalog, PolicyOidIndexId, Anum_pg_policy_oid));
	values[Anum_pg_policy_polname - 1] = NameGetDatum(&name);
	values[Anum_pg_policy_polrelid - 1] = ObjectIdGetDatum(RelationGetRelid(table));
	values[Anum_pg_policy_polcmd - 1] = CharGetDatum(command_of(create->cmd_name));
	values[Anum_pg_policy_polpermissive - 1] = BoolGetDatum(create->permissive);
	values[Anum_pg_policy_polroles - 1] = PointerGetDatum(role_oids(create->roles));
	set_condition(table, create->qual, Anum_pg_policy_polqual, values, nulls);
	set_condition(table, create->with_check, Anum_pg_policy_polwithcheck, values, nulls);

	CatalogTupleInsert(catalog, heap_form_tuple(RelationGetDescr(catalog), values, nulls));
	table_close(catalog, NoLock);
	CacheInvalidateRelcache(table);
}

/* As pg_policy has it. */
static char
command_of(const char *name)
{
	return strcmp(name, "select") == 0 ? ACL_SELECT_CHR :
		strcmp(name, "insert") == 0 ? ACL_INSERT_CHR :
		strcmp(name, "update") == 0 ? ACL_UPDATE_CHR :
		strcmp(name, "delete") == 0 ? ACL_DELETE_CHR : '*';
}

static ArrayType *
role_oids(const List *roles)
{
	Datum	   *oids = palloc(sizeof(Datum) * list_length(roles));
	const ListCell *lc;

	foreach(lc, roles)
	{
		const RoleSpec *role = lfirst(lc);

		oids[foreach_current_index(lc)] = ObjectIdGetDatum(role->roletype == ROLESPEC_PUBLIC ? ACL_ID_PUBLIC :
														   get_rolespec_oid(role, false));
	}
	return construct_array(oids, list_length(roles), OIDOID, sizeof(Oid), true, TYPALIGN_INT);
}

/* The condition is analyzed as CREATE POLICY does it; NULL when there is none. */
static void
set_condition(Relation table, Node *condition, int column, Datum *values, bool *nulls)
{
	ParseState *pstate;
	Node	   *analyzed;

	nulls[column - 1] = condition == NULL;
	if (condition == NULL)
		return;
	pstate = make_parsestate(NULL);
	addNSItemToQuery(pstate, addRangeTableEntryForRelation(pstate, table, AccessShareLock, NULL, false, false),
					 false, true, true);
	analyzed = transformWhereClause(pstate, copyObject(condition), EXPR_KIND_POLICY, "POLICY");
	assign_expr_collations(pstate, analyzed);
	values[column - 1] = CStringGetTextDatum(nodeToString(analyzed));
	free_parsestate(pstate);
}

static void
drop_policy(Relation table, const char *name)
{
	Relation	catalog = table_open(PolicyRelationId, RowExclusiveLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationGetRelid(table)));
	ScanKeyInit(&keys[1], Anum_pg_policy_polname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum(name));
	scan = systable_beginscan(catalog, PolicyPolrelidPolnameIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		CatalogTupleDelete(catalog, &tuple->t_self);
	systable_endscan(scan);
	table_close(catalog, NoLock);
	CacheInvalidateRelcache(table);
}

static void
enable_row_security(Oid relid)
{
	Relation	catalog = table_open(RelationRelationId, RowExclusiveLock);
	HeapTuple	tuple = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(relid));

	if (!HeapTupleIsValid(tuple))
		relation_raise_dropped(NULL);
	((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity = true;
	CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
	table_close(catalog, NoLock);
}
