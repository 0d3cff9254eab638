/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  What differs between PostgreSQL 15, 16, 17 and 18.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COMPAT_H
#define MENUCA_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "PostgreSQL 15 or later is required"
#endif

/* Since 16 the varlena macros are no longer in postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Since 18 a module can state its name and version. */
#if PG_VERSION_NUM >= 180000
#define MENUCA_MODULE_MAGIC(library) \
	PG_MODULE_MAGIC_EXT(.name = library, .version = "1.0")
#else
#define MENUCA_MODULE_MAGIC(library) PG_MODULE_MAGIC
#endif

/* Since 18 pg_noreturn is written before a declaration, not behind it. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* The server's own macro fits only the compiler that built the server. */
#if defined(__GNUC__)
#define menuca_attribute_printf(f, a) __attribute__((format(printf, f, a)))
#else
#define menuca_attribute_printf(f, a)
#endif

/* Since 18 an index scan can be counted for EXPLAIN. */
#if PG_VERSION_NUM >= 180000
#define menuca_index_beginscan(table, index, snapshot, nkeys) \
	index_beginscan(table, index, snapshot, NULL, nkeys, 0)
#else
#define menuca_index_beginscan(table, index, snapshot, nkeys) \
	index_beginscan(table, index, snapshot, nkeys, 0)
#endif

/* Since 16 one function checks rights on all kinds of objects. */
#if PG_VERSION_NUM >= 160000
#define menuca_schema_aclcheck(oid, role, mode) \
	object_aclcheck(NamespaceRelationId, oid, role, mode)
#else
#define menuca_schema_aclcheck(oid, role, mode) \
	pg_namespace_aclcheck(oid, role, mode)
#endif

#if PG_VERSION_NUM >= 160000
#define menuca_owns_table(oid, role) \
	object_ownercheck(RelationRelationId, oid, role)
#else
#define menuca_owns_table(oid, role) pg_class_ownercheck(oid, role)
#endif

#if PG_VERSION_NUM >= 160000
#define menuca_may_execute(function) \
	(object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK)
#else
#define menuca_may_execute(function) \
	(pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK)
#endif

/* Since 18 the caller chooses whether to accept a deferrable key: we do not. */
#if PG_VERSION_NUM >= 180000
#define menuca_primary_key_index(rel) RelationGetPrimaryKeyIndex(rel, false)
#else
#define menuca_primary_key_index(rel) RelationGetPrimaryKeyIndex(rel)
#endif

/* Since 18 generated columns can be virtual: computed when read, not stored. */
#if PG_VERSION_NUM >= 180000
#define menuca_has_virtual_columns(desc) \
	((desc)->constr != NULL && (desc)->constr->has_generated_virtual)
#else
#define menuca_has_virtual_columns(desc) false
#endif

/*
 * Before 17 the last argument is the snapshot of the check for "snapshot too
 * old"; without one there is no check.  The page is returned locked for reading.
 */
#if PG_VERSION_NUM >= 170000
#define menuca_btree_last_leaf(rel) _bt_get_endpoint(rel, 0, true)
#else
#define menuca_btree_last_leaf(rel) _bt_get_endpoint(rel, 0, true, NULL)
#endif

/* Before 18 the last argument means that the executor runs only once. */
#if PG_VERSION_NUM >= 180000
#define menuca_executor_run(desc) ExecutorRun(desc, ForwardScanDirection, 0)
#else
#define menuca_executor_run(desc) ExecutorRun(desc, ForwardScanDirection, 0, true)
#endif

/* Since 17 the caller may provide the lexer's memory; since 18 the text is const. */
#if PG_VERSION_NUM >= 170000
#define menuca_json_lexer(json, len, encoding) \
	makeJsonLexContextCstringLen(NULL, unconstify(char *, json), len, encoding, false)
#else
#define menuca_json_lexer(json, len, encoding) \
	makeJsonLexContextCstringLen(unconstify(char *, json), len, encoding, false)
#endif

/* Since 16 the parameters are in a hash table, of which a sorted array is made. */
#if PG_VERSION_NUM >= 160000
#define menuca_guc_variables(n) get_guc_variables(n)
#else
#define menuca_guc_variables(n) (*(n) = GetNumConfigOptions(), get_guc_variables())
#endif

/* Since 17 a transaction's local number is part of a struct. */
#if PG_VERSION_NUM >= 170000
#define menuca_local_xid() (MyProc->vxid.lxid)
#else
#define menuca_local_xid() (MyProc->lxid)
#endif

/* Since 16 membership in a role and the right to SET ROLE to it are separate. */
#if PG_VERSION_NUM >= 160000
#define menuca_may_become(user, role) member_can_set_role(user, role)
#else
#define menuca_may_become(user, role) is_member_of_role(user, role)
#endif

/* Since 16 the rights that a query needs have a list of their own. */
#if PG_VERSION_NUM >= 160000
#define menuca_rights_of(item) ((item)->p_perminfo)
#define menuca_set_rights(query, pstate) \
	((query)->rteperminfos = (pstate)->p_rteperminfos)
#define menuca_may_execute_plan(plan) \
	ExecCheckPermissions((plan)->rtable, (plan)->permInfos, false)
#else
#define menuca_rights_of(item) ((item)->p_rte)
#define menuca_set_rights(query, pstate) ((void) 0)
#define menuca_may_execute_plan(plan) ExecCheckRTPerms((plan)->rtable, false)
#endif

/*
 * A role without any right that could do harm: since 16 there is one that only
 * keeps connections free; before, the one that may request a checkpoint.
 */
#if PG_VERSION_NUM >= 160000
#define MENUCA_NOBODY ROLE_PG_USE_RESERVED_CONNECTIONS
#else
#define MENUCA_NOBODY ROLE_PG_CHECKPOINT
#endif

/*
 * Has the executor check the rights of that user where it would check those of
 * the current user: since 16 in a list of the query, before in its range table.
 */
#if PG_VERSION_NUM >= 160000
#define menuca_check_as_user(query, user) \
	do { \
		ListCell   *lc_; \
		foreach(lc_, (query)->rteperminfos) \
			if (!OidIsValid(lfirst_node(RTEPermissionInfo, lc_)->checkAsUser)) \
				lfirst_node(RTEPermissionInfo, lc_)->checkAsUser = (user); \
	} while (0)
#else
#define menuca_check_as_user(query, user) \
	do { \
		ListCell   *lc_; \
		foreach(lc_, (query)->rtable) \
			if (!OidIsValid(lfirst_node(RangeTblEntry, lc_)->checkAsUser)) \
				lfirst_node(RangeTblEntry, lc_)->checkAsUser = (user); \
	} while (0)
#endif

#endif							/* MENUCA_COMPAT_H */
