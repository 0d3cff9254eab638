/*-------------------------------------------------------------------------
 *
 * function_right.c
 *	  The right to execute the functions that a statement of ours calls: see
 *	  function_right.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/extension.h"
#include "base/function_right.h"

static bool check_calls(Node *node, void *context);
static bool check_call(const List *name);
pg_noreturn static void raise_denied(Oid function);


bool
function_require_rights(const char *sql)
{
	bool		calls = false;
	ListCell   *lc;

	/* Most statements call none. */
	if (strstr(sql, "." EXTENSION_NAME_PREFIX) == NULL)
		return false;
	foreach(lc, pg_parse_query(sql))
	{
		Node	   *statement = lfirst_node(RawStmt, lc)->stmt;

		if (IsA(statement, SelectStmt) || IsA(statement, InsertStmt) ||
			IsA(statement, UpdateStmt) || IsA(statement, DeleteStmt))
			(void) check_calls(statement, &calls);
	}
	return calls;
}

static bool
check_calls(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
		*(bool *) context |= check_call(castNode(FuncCall, node)->funcname);
	return raw_expression_tree_walker(node, check_calls, context);
}

/*
 * Whether it is a function of an extension.  Of several of one name, it is enough to
 * have the right on one.
 */
static bool
check_call(const List *name)
{
	const char *function = strVal(llast(name));
	Oid			schema;
	Oid			denied = InvalidOid;
	CatCList   *list;

	if (list_length(name) != 2 || strncmp(function, EXTENSION_NAME_PREFIX, strlen(EXTENSION_NAME_PREFIX)) != 0)
		return false;
	schema = get_namespace_oid(strVal(linitial(name)), true);
	list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(function));
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_proc proc = (Form_pg_proc) GETSTRUCT(&list->members[i]->tuple);

		if (proc->pronamespace != schema)
			continue;
		denied = menuca_may_execute(proc->oid) ? InvalidOid : proc->oid;
		if (!OidIsValid(denied))
			break;
	}
	ReleaseSysCacheList(list);
	if (OidIsValid(denied))
		raise_denied(denied);
	return true;
}

static void
raise_denied(Oid function)
{
	char	   *role = GetUserNameFromId(GetUserId(), false);
	char	   *call = format_procedure_qualified(function);

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for function %s", call),
			 errdetail("Role \"%s\" lacks the EXECUTE privilege; nothing was changed.", role),
			 errhint("GRANT EXECUTE ON ROUTINE %s TO %s;", call, quote_identifier(role))));
}
