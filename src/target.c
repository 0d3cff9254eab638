/*-------------------------------------------------------------------------
 *
 * target.c
 *	  Reading the live catalog: see target.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/rls.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "compat.h"
#include "query.h"
#include "settings.h"
#include "target.h"

/*
 * The first key of the advisory lock that a run holds on its target ("MCMC"
 * in ASCII); the second is the table's OID.  The view menuca_runs knows it.
 */
#define CLAIM_KEY 0x4D434D43

static const FillColumn combo_items_fill[] = {
	{"display_order", FILL_DISPLAY_ORDER},
	{"source_id", FILL_SOURCE_ID},
	{"source_system", FILL_SOURCE_SYSTEM},
	{"quantity", FILL_ONE},
	{"is_required", FILL_TRUE},
	{"created_at", FILL_NOW},
	{"uuid", FILL_UUID},
	{NULL, 0}
};

static const FillColumn dish_combo_groups_fill[] = {
	{"is_active", FILL_TRUE},
	{"created_at", FILL_NOW},
	{"uuid", FILL_UUID},
	{NULL, 0}
};

static const Junction junctions[] = {
	{"combo_items", "combo_groups", "dishes", "combo_group_id", "dish_id",
	"v1", false, combo_items_fill},
	{"dish_combo_groups", "combo_groups", "dishes", "combo_group_id", "dish_id",
	"v1", true, dish_combo_groups_fill},
};

static const Junction *find_junction(const char *name);
static Oid	find_table(const char *schema, const char *table);
static Target *describe(const Junction *junction, const char *schema,
						AclMode rights);
static void describe_parent(ParentTable *parent, const char *schema,
							const char *table);
static void describe_key(Target *target);
static void describe_fill(Target *target);
static AttrNumber require_column(Oid relid, const char *column, Oid referenced);
static char *quoted_column(Oid relid, AttrNumber attnum);
static char *optional_column(Oid relid, const char *column);
static AttrNumber optional_attnum(Oid relid, const char *column);
static AttrNumber referencing_column(Oid relid, Oid referenced);
static AttrNumber primary_key_column(Oid relid);
static char *column_names(Oid relid);
static char *column_type(Oid relid, AttrNumber attnum);
static void integer_range(Oid type, int64 *min, int64 *max);
static bool has_default(Oid relid, AttrNumber attnum);
static bool is_generated(Oid relid, AttrNumber attnum);
static LOCKTAG claim_tag(Oid relid);
static void unclaim_at_abort(XactEvent event, void *arg);

/* The table that this session has claimed beyond a transaction, if any. */
static Oid	session_claim = InvalidOid;


Target *
target_open(const char *schema, const char *junction_name, AclMode rights)
{
	const Junction *junction = find_junction(junction_name);

	return describe(junction, schema ? schema : menuca_target_schema, rights);
}

void
target_claim(const Target *target, bool for_session)
{
	LOCKTAG		tag = claim_tag(target->oid);

	if (LockAcquire(&tag, ExclusiveLock, for_session, true) == LOCKACQUIRE_NOT_AVAIL)
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("another run is at work on table %s", target->display_name),
				 errdetail("Only one run at a time may write to a target; this one has changed nothing."),
				 errhint("See SELECT * FROM menuca_runs WHERE status = 'running' and wait for it, or cancel it and call again.")));

	if (for_session)
	{
		static bool registered = false;

		session_claim = target->oid;
		if (!registered)
			RegisterXactCallback(unclaim_at_abort, NULL);
		registered = true;
	}
}

void
target_unclaim(void)
{
	LOCKTAG		tag = claim_tag(session_claim);

	(void) LockRelease(&tag, ExclusiveLock, true);
	session_claim = InvalidOid;
}

void
target_lock(const Target *target)
{
	LockRelationOid(target->oid, ShareRowExclusiveLock);
}

void
target_lock_exclusive(const Target *target)
{
	if (!menuca_owns_table(target->oid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to lock it against readers",
						target->display_name),
				 errdetail("lock => 'access_exclusive' lets the run rebuild the table's indexes, which is the owner's right. Nothing was changed."),
				 errhint("Leave the argument lock away, or call this as role %s.",
						 quote_identifier(GetUserNameFromId(relation_owner(target->oid), false)))));
	LockRelationOid(target->oid, AccessExclusiveLock);
}

bool
target_can_reindex(const Target *target)
{
	Relation	rel = table_open(target->oid, NoLock);
	bool		can = menuca_owns_table(target->oid, GetUserId());
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		/* One reference is ours; REINDEX allows no other. */
		if (!index->rd_index->indisvalid || index->rd_refcnt > 1)
			can = false;
		index_close(index, NoLock);
	}
	table_close(rel, NoLock);
	return can;
}

RangeVar *
parse_table_name(const char *what, const char *name)
{
	List	   *parts;
	List	   *strings = NIL;
	ListCell   *lc;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) ||
		parts == NIL || list_length(parts) > 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("%s is not a table's name: \"%s\"", what, name),
				 errdetail("It is a table, or a schema and a table with a dot between them. Nothing was changed."),
				 errhint("Write it as in SQL, such as staging.menuca_v1_combos; names with capital letters or spaces in double quotes.")));
	foreach(lc, parts)
		strings = lappend(strings, makeString(pstrdup(lfirst(lc))));
	return makeRangeVarFromNameList(strings);
}

bool
relation_has_column(Oid relid, const char *column)
{
	return get_attnum(relid, column) > 0;
}

void
relation_require(Oid relid, AclMode rights)
{
	static const struct
	{
		AclMode		mode;
		const char *name;
	}			names[] = {
		{ACL_SELECT, "SELECT"}, {ACL_INSERT, "INSERT"}, {ACL_UPDATE, "UPDATE"},
		{ACL_DELETE, "DELETE"}, {ACL_TRUNCATE, "TRUNCATE"}
	};
	Oid			schema = get_rel_namespace(relid);

	if (menuca_schema_aclcheck(schema, GetUserId(), ACL_USAGE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for schema %s", get_namespace_name(schema)),
				 errdetail("Role \"%s\" lacks the USAGE privilege; nothing was changed.",
						   GetUserNameFromId(GetUserId(), false)),
				 errhint("GRANT USAGE ON SCHEMA %s TO %s;",
						 quote_identifier(get_namespace_name(schema)),
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));

	for (size_t i = 0; i < lengthof(names); i++)
	{
		AclMode		mode = names[i].mode;

		if (!(rights & mode) ||
			pg_class_aclcheck(relid, GetUserId(), mode) == ACLCHECK_OK)
			continue;

		/* Rights on some columns may do; the executor will know. */
		if ((mode & (ACL_SELECT | ACL_INSERT | ACL_UPDATE)) &&
			pg_attribute_aclcheck_all(relid, GetUserId(), mode, ACLMASK_ANY) == ACLCHECK_OK)
			continue;

		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for table %s",
						relation_display_name(relid)),
				 errdetail("Role \"%s\" lacks the %s privilege; nothing was changed.",
						   GetUserNameFromId(GetUserId(), false), names[i].name),
				 errhint("GRANT %s ON %s TO %s;", names[i].name,
						 relation_quoted_name(relid),
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
	}

	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row security would hide rows of table %s from role \"%s\"",
						relation_display_name(relid),
						GetUserNameFromId(GetUserId(), false)),
				 errdetail("Counts over a part of the table would be wrong, so nothing was counted or changed."),
				 errhint("Call this as a role with BYPASSRLS, or as the table's owner unless row security is forced on owners, too.")));
}

Oid
relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

char *
relation_quoted_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

char *
relation_display_name(Oid relid)
{
	return psprintf("%s.%s", get_namespace_name(get_rel_namespace(relid)),
					get_rel_name(relid));
}

const char *
ledger_schema(void)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			schema = InvalidOid;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("menuca_migrate"));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		schema = ((Form_pg_extension) GETSTRUCT(tuple))->extnamespace;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);

	if (!OidIsValid(schema))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("extension \"menuca_migrate\" is not installed in this database"),
				 errhint("CREATE EXTENSION menuca_migrate;")));
	return psprintf("%s.", quote_identifier(get_namespace_name(schema)));
}

static const Junction *
find_junction(const char *name)
{
	StringInfoData names;

	for (size_t i = 0; i < lengthof(junctions); i++)
	{
		if (strcmp(junctions[i].name, name) == 0)
			return &junctions[i];
	}

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(junctions); i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", junctions[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown target \"%s\"", name),
			 errdetail("The targets are: %s. Nothing was changed.", names.data),
			 errhint("Leave the argument target away to repair combo_items.")));
}

/* Finds and locks a table of the target schema; a view is not one. */
static Oid
find_table(const char *schema, const char *table)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			relid;
	char		relkind;

	if (!OidIsValid(namespace))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" does not exist", schema),
				 errdetail("It should hold the tables combo_groups, dishes and %s of the migrated database.",
						   table),
				 errhint("Connect to the right database, or name the schema: SET menuca.target_schema = '...';")));

	relid = get_relname_relid(table, namespace);
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s.%s does not exist", schema, table),
				 errdetail("The schema \"%s\" is there, the table is not.", schema),
				 strcmp(table, "dish_combo_groups") == 0 ?
				 errhint("Create it: SELECT menuca_create_dish_combo_groups(execute => true);") :
				 errhint("Check the setting menuca.target_schema and whether all of the migrated schema was created.")));

	LockRelationOid(relid, AccessShareLock);
	relkind = get_rel_relkind(relid);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s.%s is not a table", schema, table),
				 errdetail_relkind_not_supported(relkind),
				 errhint("Set menuca.target_schema to the schema that holds the table itself.")));
	return relid;
}

static Target *
describe(const Junction *junction, const char *schema, AclMode rights)
{
	Target	   *target = palloc0(sizeof(Target));
	Oid			relid = find_table(schema, junction->name);

	target->junction = junction;
	target->schema = pstrdup(schema);
	target->oid = relid;
	target->name = relation_quoted_name(relid);
	target->display_name = relation_display_name(relid);
	relation_require(relid, rights);

	describe_parent(&target->groups, target->schema, junction->group_table);
	describe_parent(&target->dishes, target->schema, junction->dish_table);
	target->groups.bare_name = junction->group_table;
	target->dishes.bare_name = junction->dish_table;

	target->group_attnum = require_column(relid, junction->group_column, target->groups.oid);
	target->group = quoted_column(relid, target->group_attnum);
	target->group_type = column_type(relid, target->group_attnum);
	target->dish_attnum = require_column(relid, junction->dish_column, target->dishes.oid);
	target->dish = quoted_column(relid, target->dish_attnum);
	target->dish_type = column_type(relid, target->dish_attnum);
	target->display_order = optional_column(relid, "display_order");
	target->display_order_attnum = optional_attnum(relid, "display_order");
	target->created_at_attnum = optional_attnum(relid, "created_at");
	describe_key(target);
	describe_fill(target);

	return target;
}

static void
describe_parent(ParentTable *parent, const char *schema, const char *table)
{
	Oid			relid = find_table(schema, table);
	Oid			restaurants = get_relname_relid("restaurants",
												get_namespace_oid(schema, true));
	int64		unused;

	parent->oid = relid;
	parent->name = relation_quoted_name(relid);
	relation_require(relid, ACL_SELECT);

	parent->id_attnum = require_column(relid, "id", InvalidOid);
	parent->id = quoted_column(relid, parent->id_attnum);
	parent->restaurant_attnum = require_column(relid, "restaurant_id", restaurants);
	parent->restaurant = quoted_column(relid, parent->restaurant_attnum);
	parent->legacy_v1_attnum = require_column(relid, "legacy_v1_id", InvalidOid);
	parent->legacy_v1 = quoted_column(relid, parent->legacy_v1_attnum);
	parent->legacy_v2 = optional_column(relid, "legacy_v2_id");
	parent->source_system = optional_column(relid, "source_system");
	parent->label = optional_column(relid, "name");
	parent->is_active = optional_column(relid, "is_active");
	parent->legacy_v2_attnum = optional_attnum(relid, "legacy_v2_id");
	parent->source_system_attnum = optional_attnum(relid, "source_system");
	parent->is_active_attnum = optional_attnum(relid, "is_active");
	parent->is_combo_attnum = optional_attnum(relid, "is_combo");

	integer_range(get_atttype(relid, parent->legacy_v1_attnum), &unused, &parent->legacy_max);
}

/* The primary key identifies a run's rows in the ledger: one integer. */
static void
describe_key(Target *target)
{
	AttrNumber	key = primary_key_column(target->oid);
	int64		unused;

	if (key == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no primary key of one integer column",
						target->display_name),
				 errdetail("The ledger remembers a run's rows by that key; without it a run could not be rolled back."),
				 errhint("Give it one on its integer id, as in ALTER TABLE %s ADD PRIMARY KEY (id); a key on other columns must become UNIQUE first.",
						 target->name)));

	target->id_attnum = key;
	target->id = pstrdup(quote_identifier(get_attname(target->oid, key, false)));
	target->id_type = column_type(target->oid, key);
	target->id_has_default = has_default(target->oid, key);
	integer_range(get_atttype(target->oid, key), &unused, &target->id_max);
}

/* Which columns a new item gets values for, and what they can hold. */
static void
describe_fill(Target *target)
{
	Oid			relid = target->oid;
	const FillColumn *wanted;
	int64		unused;

	target->display_order_min = PG_INT64_MIN;
	target->display_order_max = PG_INT64_MAX;
	target->source_id_max = PG_INT64_MAX;

	for (wanted = target->junction->fill; wanted->name; wanted++)
		target->nfill++;
	target->fill = palloc0(sizeof(TargetFill) * Max(target->nfill, 1));
	target->nfill = 0;

	for (wanted = target->junction->fill; wanted->name; wanted++)
	{
		AttrNumber	attnum = get_attnum(relid, wanted->name);
		TargetFill *fill = &target->fill[target->nfill];

		if (attnum <= 0 || is_generated(relid, attnum))
			continue;
		if (wanted->value >= FILL_ONE && has_default(relid, attnum))
			continue;

		fill->value = wanted->value;
		fill->attnum = attnum;
		fill->column = pstrdup(quote_identifier(wanted->name));
		fill->type = column_type(relid, attnum);
		target->nfill++;

		if (wanted->value == FILL_DISPLAY_ORDER)
			integer_range(get_atttype(relid, attnum),
						  &target->display_order_min, &target->display_order_max);
		else if (wanted->value == FILL_SOURCE_ID)
			integer_range(get_atttype(relid, attnum), &unused, &target->source_id_max);
	}
}

/*
 * A column by name or, when it was renamed, the only one that references
 * the given table.
 */
static AttrNumber
require_column(Oid relid, const char *column, Oid referenced)
{
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum <= 0 && OidIsValid(referenced))
		attnum = referencing_column(relid, referenced);
	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s has no column \"%s\"",
						relation_display_name(relid), column),
				 errdetail("Its columns are: %s.", column_names(relid)),
				 errhint("The migration cannot be mapped without it: check that this is the migrated schema.")));
	return attnum;
}

static char *
quoted_column(Oid relid, AttrNumber attnum)
{
	return pstrdup(quote_identifier(get_attname(relid, attnum, false)));
}

static char *
optional_column(Oid relid, const char *column)
{
	return relation_has_column(relid, column) ?
		pstrdup(quote_identifier(column)) : NULL;
}

static AttrNumber
optional_attnum(Oid relid, const char *column)
{
	return Max(get_attnum(relid, column), InvalidAttrNumber);
}

/* The only column whose own foreign key references the given table. */
static AttrNumber
referencing_column(Oid relid, Oid referenced)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	AttrNumber	found = InvalidAttrNumber;
	int			matches = 0;
	ListCell   *lc;

	foreach(lc, RelationGetFKeyList(rel))
	{
		ForeignKeyCacheInfo *fk = lfirst(lc);

		if (fk->confrelid == referenced && fk->nkeys == 1)
		{
			found = fk->conkey[0];
			matches++;
		}
	}
	relation_close(rel, NoLock);

	return matches == 1 ? found : InvalidAttrNumber;
}

/* The primary key's column if it is a single integer one. */
static AttrNumber
primary_key_column(Oid relid)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	Oid			pk = menuca_primary_key_index(rel);
	AttrNumber	attnum = InvalidAttrNumber;

	if (OidIsValid(pk))
	{
		Relation	index = index_open(pk, AccessShareLock);

		if (IndexRelationGetNumberOfKeyAttributes(index) == 1)
			attnum = index->rd_index->indkey.values[0];
		index_close(index, NoLock);
	}
	relation_close(rel, NoLock);

	if (attnum > 0)
	{
		Oid			type = get_atttype(relid, attnum);

		if (type != INT2OID && type != INT4OID && type != INT8OID)
			attnum = InvalidAttrNumber;
	}
	return attnum;
}

/* A table's columns, for an error's detail. */
static char *
column_names(Oid relid)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	return query_text("SELECT string_agg(attname, ', ' ORDER BY attnum)"
					  " FROM pg_attribute"
					  " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped",
					  &args);
}

static char *
column_type(Oid relid, AttrNumber attnum)
{
	/* Without the flag for a length, character and bit would mean one. */
	return format_type_extended(get_atttype(relid, attnum), -1,
								FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

/* What a column of an integer type can hold; other types: any bigint. */
static void
integer_range(Oid type, int64 *min, int64 *max)
{
	switch (getBaseType(type))
	{
		case INT2OID:
			*min = PG_INT16_MIN;
			*max = PG_INT16_MAX;
			break;
		case INT4OID:
			*min = PG_INT32_MIN;
			*max = PG_INT32_MAX;
			break;
		default:
			*min = PG_INT64_MIN;
			*max = PG_INT64_MAX;
	}
}

/* True if an INSERT that leaves the column away gives it a value. */
static bool
has_default(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid),
										Int16GetDatum(attnum));
	Form_pg_attribute att;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u",
			 attnum, relid);
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	result = att->atthasdef || att->attidentity != '\0';
	ReleaseSysCache(tuple);

	return result;
}

static bool
is_generated(Oid relid, AttrNumber attnum)
{
	return get_attgenerated(relid, attnum) != '\0';
}

static LOCKTAG
claim_tag(Oid relid)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, CLAIM_KEY, relid, 2);
	return tag;
}

/* A claim for the session outlives commits, but not an error. */
static void
unclaim_at_abort(XactEvent event, pg_attribute_unused() void *arg)
{
	if (event == XACT_EVENT_ABORT && OidIsValid(session_claim))
		target_unclaim();
}
