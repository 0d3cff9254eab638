/*-------------------------------------------------------------------------
 *
 * access_acl.c
 *	  The order of privileges in the catalog: see access_acl.h.
 *
 * GRANT appends a role to the list of an object and REVOKE removes it, so a list
 * that has lost and regained a role has another order, in which pg_dump writes it.
 * No statement can change the order, nor make an empty list of a default one again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "access/access_acl.h"
#include "access/access_state.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"

/* An object with its privileges as they are now. */
typedef struct AclObject
{
	char	   *kind;
	char	   *object;			/* NULL: the table */
	Oid			oid;
	int			column_no;
	Oid			owner;
	Acl		   *acl;			/* NULL: the default */
} AclObject;

static void *make_object(TupleTableSlot *slot);
static List *items_of_object(const List *items, const AclObject *object);
static bool same_privileges(const List *before, const List *now);
static Acl *ordered_acl(const AclObject *object, const List *before, bool *is_default);
static bool is_holder(const AclItem *item, const AclObject *object, const AccessItem *wanted);
static bool is_role(Oid role, Oid owner, const char *name);
static bool same_acl(const Acl *a, const Acl *b);
static void store_acl(const AclObject *object, Acl *acl);
static HeapTuple find_tuple(const AclObject *object, Oid *catalog, int *column);


void
access_acl_restore_order(Oid relid, const List *before, const List *now)
{
	QueryArgs	args = {0};
	List	   *objects;
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, migrate_schema());
	query_begin_snapshot();
	objects = query_list(psprintf("SELECT kind, object, object_oid, column_no, owner_oid, acl FROM %smenuca_access_object WHERE %s",
								  migrate_schema(), OidIsValid(relid) ? "table_oid = $1" :
								  "table_oid IS NULL AND (schema_name = $2 OR quote_ident(schema_name) || '.' = $3)"),
						 &args, make_object);
	query_end_snapshot();
	foreach(lc, objects)
	{
		const AclObject *object = lfirst(lc);
		List	   *then = items_of_object(before, object);
		bool		is_default;
		Acl		   *acl;

		CHECK_FOR_INTERRUPTS();
		if (then == NIL || !same_privileges(then, items_of_object(now, object)) ||
			!has_privs_of_role(GetUserId(), object->owner))
			continue;
		acl = ordered_acl(object, then, &is_default);
		if (is_default ? object->acl != NULL : acl != NULL && !same_acl(acl, object->acl))
			store_acl(object, is_default ? NULL : acl);
	}
}

static void *
make_object(TupleTableSlot *slot)
{
	AclObject  *object = palloc0(sizeof(AclObject));

	object->kind = slot_text(slot, 0);
	object->object = slot_text_or_null(slot, 1);
	object->oid = DatumGetObjectId(slot_datum(slot, 2, OIDOID));
	object->column_no = slot_int4(slot, 3);
	object->owner = DatumGetObjectId(slot_datum(slot, 4, OIDOID));
	if (!slot->tts_isnull[5])
		object->acl = DatumGetAclPCopy(slot_datum(slot, 5, ACLITEMARRAYOID));
	return object;
}

/* The items of an object, in their order; they are sorted by object. */
static List *
items_of_object(const List *items, const AclObject *object)
{
	List	   *found = NIL;
	const ListCell *lc;

	foreach(lc, items)
	{
		AccessItem *item = lfirst(lc);

		if (strcmp(item->kind, object->kind) == 0 &&
			(item->object && object->object ? strcmp(item->object, object->object) == 0 :
			 item->object == object->object))
			found = lappend(found, item);
	}
	return found;
}

static bool
same_privileges(const List *before, const List *now)
{
	int			counts[2] = {0, 0};
	const ListCell *lc;

	foreach(lc, now)
		counts[1] += ((const AccessItem *) lfirst(lc))->privilege != NULL;
	foreach(lc, before)
	{
		const AccessItem *item = lfirst(lc);

		if (item->privilege == NULL)
			continue;
		counts[0]++;
		if (!access_item_is_in(item, now))
			return false;
	}
	return counts[0] == counts[1];
}

/* The object's privileges in the order of before; NULL when they do not fit. */
static Acl *
ordered_acl(const AclObject *object, const List *before, bool *is_default)
{
	Acl		   *acl;
	AclItem    *items;
	int			n = 0;
	const ListCell *lc;

	*is_default = false;
	foreach(lc, before)
	{
		if (((const AccessItem *) lfirst(lc))->privilege == NULL)
			*is_default = true;
	}
	if (*is_default || object->acl == NULL)
		return NULL;

	acl = DatumGetAclPCopy(PointerGetDatum(object->acl));
	items = ACL_DAT(acl);
	foreach(lc, before)
	{
		for (int i = n; i < ACL_NUM(acl); i++)
		{
			AclItem		item = items[i];

			if (!is_holder(&item, object, lfirst(lc)))
				continue;
			memmove(&items[n + 1], &items[n], sizeof(AclItem) * (i - n));
			items[n++] = item;
		}
	}
	return n == ACL_NUM(acl) ? acl : NULL;
}

static bool
is_holder(const AclItem *item, const AclObject *object, const AccessItem *wanted)
{
	return wanted->grantee && wanted->grantor &&
		is_role(item->ai_grantee, object->owner, wanted->grantee) &&
		is_role(item->ai_grantor, object->owner, wanted->grantor);
}

/* name: as in AccessItem */
static bool
is_role(Oid role, Oid owner, const char *name)
{
	if (role == owner)
		return strcmp(name, "OWNER") == 0;
	if (role == ACL_ID_PUBLIC)
		return strcmp(name, "PUBLIC") == 0;
	return strcmp(name, quote_identifier(GetUserNameFromId(role, false))) == 0;
}

static bool
same_acl(const Acl *a, const Acl *b)
{
	return ACL_NUM(a) == ACL_NUM(b) && memcmp(ACL_DAT(a), ACL_DAT(b), sizeof(AclItem) * ACL_NUM(a)) == 0;
}

/* acl: the same privileges in another order; NULL for the default. */
static void
store_acl(const AclObject *object, Acl *acl)
{
	Oid			catalog_oid;
	int			column;
	HeapTuple	tuple;
	Relation	catalog;
	HeapTuple	changed;
	Datum		value = PointerGetDatum(acl);
	bool		isnull = acl == NULL;

	/* As VACUUM, which changes rows of pg_class where they are. */
	if (strcmp(object->kind, "sequence") == 0 &&
		!ConditionalLockRelationOid(object->oid, ShareUpdateExclusiveLock))
		return;
	tuple = find_tuple(object, &catalog_oid, &column);
	if (!HeapTupleIsValid(tuple))
		return;
	catalog = table_open(catalog_oid, RowExclusiveLock);
	changed = heap_modify_tuple_by_cols(tuple, RelationGetDescr(catalog), 1, &column, &value, &isnull);
	CatalogTupleUpdate(catalog, &tuple->t_self, changed);
	table_close(catalog, NoLock);
	CommandCounterIncrement();
}

/* A copy of the object's row in its catalog, or NULL. */
static HeapTuple
find_tuple(const AclObject *object, Oid *catalog, int *column)
{
	Datum		oid = ObjectIdGetDatum(object->oid);

	if (strcmp(object->kind, "column") == 0)
	{
		*catalog = AttributeRelationId;
		*column = Anum_pg_attribute_attacl;
		return SearchSysCacheCopy2(ATTNUM, oid, Int16GetDatum(object->column_no));
	}
	if (strcmp(object->kind, "schema") == 0)
	{
		*catalog = NamespaceRelationId;
		*column = Anum_pg_namespace_nspacl;
		return SearchSysCacheCopy1(NAMESPACEOID, oid);
	}
	if (strcmp(object->kind, "function") == 0)
	{
		*catalog = ProcedureRelationId;
		*column = Anum_pg_proc_proacl;
		return SearchSysCacheCopy1(PROCOID, oid);
	}
	*catalog = RelationRelationId;
	*column = Anum_pg_class_relacl;
	return SearchSysCacheCopy1(RELOID, oid);
}
