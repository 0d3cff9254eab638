/*-------------------------------------------------------------------------
 *
 * access_key.c
 *	  How a row's owner is found: see access_key.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "access/access_key.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/renamed_column.h"

static AccessHop *parse_hop(Oid schema, char *word, const char *path);
static void find_hop_key(AccessHop *hop, const char *path);
static void find_pairs(Oid child, AttrNumber attnum, AccessHop *hop);
static AttrNumber resolve_column(Oid relid, char **column, Oid referenced, Oid first, const char *path);
static char *next_word(char **rest);


AccessKey *
access_key_parse(Oid relid, const char *path)
{
	AccessKey  *key = palloc0(sizeof(AccessKey));
	char	   *rest = pstrdup(path);
	Oid			schema = get_rel_namespace(relid);
	Oid			last = relid;
	char	  **column = &key->column;
	AttrNumber	attnum;
	char	   *word;

	key->relid = relid;
	key->written = key->column = next_word(&rest);
	while ((word = next_word(&rest)) != NULL)
	{
		AccessHop  *hop = parse_hop(schema, word, path);

		attnum = resolve_column(last, column, hop->relid, relid, path);
		if (!hop->unique)
			find_pairs(last, attnum, hop);
		if (key->hops == NIL)
			key->attnum = attnum;
		last = hop->relid;
		column = &hop->column;
		key->hops = lappend(key->hops, hop);
	}
	attnum = resolve_column(last, column, InvalidOid, relid, path);
	if (key->hops == NIL)
		key->attnum = attnum;

	key->type = column_base_type(last, attnum, NULL);
	if (key->type != INT2OID && key->type != INT4OID && key->type != INT8OID &&
		key->type != UUIDOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("key %s is of type %s, neither an integer nor a uuid", path,
						format_type_be(column_type(last, attnum))),
				 errhint("%s", migrate_call("Choose another key in menuca_wanted_access."))));
	return key;
}

/* table.column; the parent is found by its primary key. */
static AccessHop *
parse_hop(Oid schema, char *word, const char *path)
{
	AccessHop  *hop = palloc0(sizeof(AccessHop));
	char	   *dot = strchr(word, '.');

	if (dot == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" does not lead to an owner", path),
				 errhint("Write a column, or a column and parents with arrows, such as combo_group_id -> combo_groups.restaurant_id.")));
	*dot = '\0';
	hop->table = word;
	hop->column = dot + 1;
	hop->relid = get_relname_relid(word, schema);
	if (!OidIsValid(hop->relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s.%s does not exist", get_namespace_name(schema), word),
				 errdetail("The key %s leads through it.", path)));
	find_hop_key(hop, path);
	return hop;
}

/*
 * The primary key or, in a partitioned table, whose key contains the column it is
 * partitioned by, its column "id".
 */
static void
find_hop_key(AccessHop *hop, const char *path)
{
	hop->key = relation_key_column(hop->relid);
	hop->unique = hop->key != InvalidAttrNumber;
	if (!hop->unique && get_rel_relkind(hop->relid) == RELKIND_PARTITIONED_TABLE)
		hop->key = column_find(hop->relid, "id");
	if (hop->key == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no primary key of one integer column",
						relation_display_name(hop->relid)),
				 errdetail("The key %s leads through it.", path),
				 errhint("ALTER TABLE %s ADD PRIMARY KEY (id);", relation_quoted_name(hop->relid))));
}

/*
 * A foreign key on the parent's whole key, such as (order_id, created_at), leaves one
 * parent only.
 */
static void
find_pairs(Oid child, AttrNumber attnum, AccessHop *hop)
{
	Relation	rel = relation_lock_and_open(child, AccessShareLock);
	ListCell   *lc;

	foreach(lc, RelationGetFKeyList(rel))
	{
		const ForeignKeyCacheInfo *fk = lfirst(lc);
		List	   *pairs = NIL;

		if (fk->confrelid != hop->relid)
			continue;
		for (int i = 0; i < fk->nkeys; i++)
		{
			AccessPair *pair = palloc(sizeof(AccessPair));

			pair->child = fk->conkey[i];
			pair->parent = fk->confkey[i];
			if (pair->child == attnum && pair->parent == hop->key)
				hop->unique = true;
			else
				pairs = lappend(pairs, pair);
		}
		if (hop->unique)
		{
			hop->pairs = pairs;
			break;
		}
	}
	relation_close(rel, NoLock);
}

/*
 * A column of the path, as it was written; *column is set to its name now.
 * referenced: the table that it leads to, InvalidOid for the owner itself; first:
 * where the path begins.
 */
static AttrNumber
resolve_column(Oid relid, char **column, Oid referenced, Oid first, const char *path)
{
	AttrNumber	attnum = column_find(relid, *column);
	char	   *name;

	if (attnum == InvalidAttrNumber)
		attnum = OidIsValid(referenced) ? column_find_referencing(relid, referenced) :
			renamed_column_find(relid, *column);
	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s has no column \"%s\", and no foreign key shows which column it is now",
						relation_display_name(relid), *column),
				 errdetail("The key %s leads through it. The columns are: %s.", path, column_names(relid)),
				 errhint("%s", migrate_call("Write the column's name now in place of ...: UPDATE menuca_wanted_access SET tenant_key = replace(tenant_key, %1$s, '...'), user_key = replace(user_key, %1$s, '...') WHERE table_name = %2$s;",
											quote_literal_cstr(*column), quote_literal_cstr(get_rel_name(first))))));
	name = get_attname(relid, attnum, true);
	if (name == NULL)
		column_raise_dropped(relid);
	*column = pstrdup(name);
	return attnum;
}

/* The text before the next arrow, without spaces; NULL at the end. */
static char *
next_word(char **rest)
{
	char	   *word = *rest;
	char	   *arrow;

	if (word == NULL)
		return NULL;
	arrow = strstr(word, "->");
	*rest = arrow ? arrow + 2 : NULL;
	if (arrow)
		*arrow = '\0';
	while (*word == ' ')
		word++;
	for (char *end = word + strlen(word); end > word && end[-1] == ' ';)
		*--end = '\0';
	return word;
}

bool
access_key_is_primary(const AccessKey *key, Oid relid)
{
	QueryArgs	args = {0};

	if (key == NULL || key->hops != NIL)
		return false;
	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg(&args, INT2OID, Int16GetDatum(key->attnum), false);
	return query_bool("SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = $1 AND indisprimary"
					  " AND indnkeyatts = 1 AND indkey[0] = $2)", &args);
}

/*
 * A comparison, or an EXISTS over the parents, each found by its primary key:
 * where many rows are read, the planner may then collect all of the owner's
 * parents once.
 */
char *
access_key_condition(const AccessKey *key, const char *table, const char *value)
{
	char	   *column = psprintf("%s.%s", quote_identifier(table), quote_identifier(key->column));
	char	   *child = pstrdup(quote_identifier(table));
	Oid			child_relid = key->relid;
	StringInfoData parents;
	StringInfoData joins;
	int			depth = 0;
	ListCell   *lc;
	ListCell   *lc2;

	if (key->hops == NIL)
		return psprintf("%s = %s", column, value);

	initStringInfo(&parents);
	initStringInfo(&joins);
	foreach(lc, key->hops)
	{
		const AccessHop *hop = lfirst(lc);

		depth++;
		format_append(&parents, ", ", "%s AS parent_%d", relation_quoted_name(hop->relid), depth);
		appendStringInfo(&joins, "parent_%d.%s = %s AND ", depth,
						 column_quoted(hop->relid, hop->key), column);
		foreach(lc2, hop->pairs)
		{
			const AccessPair *pair = lfirst(lc2);

			appendStringInfo(&joins, "parent_%d.%s = %s.%s AND ", depth,
							 column_quoted(hop->relid, pair->parent), child,
							 column_quoted(child_relid, pair->child));
		}
		child = psprintf("parent_%d", depth);
		child_relid = hop->relid;
		column = psprintf("%s.%s", child, quote_identifier(hop->column));
	}
	return psprintf("EXISTS (SELECT FROM %s WHERE %s%s = %s)", parents.data, joins.data,
					column, value);
}
