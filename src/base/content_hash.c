/*-------------------------------------------------------------------------
 *
 * content_hash.c
 *	  Hashes of rows by their content: see content_hash.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/transam.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/content_hash.h"
#include "base/relation.h"

/* What is needed to hash one column's values. */
typedef struct ColumnHasher
{
	int			place;			/* in the slot */
	uint64		seed;
	int16		typlen;
	bool		typbyval;
	Oid			output;			/* the type's output function, or InvalidOid */
} ColumnHasher;

struct ContentHasher
{
	int			ncolumns;		/* of the relation, without dropped ones */
	ColumnHasher columns[FLEXIBLE_ARRAY_MEMBER];
};

static ContentHasher *make_hasher(Oid relid, bool as_stored, int leading_columns,
								  const char *const *names, int nnames);
static bool is_wanted(const char *name, const char *const *names, int nnames);
static Oid	output_function(Oid type);
static uint64 hash_value(const ColumnHasher *column, Datum value);
static int64 by_value_bits(Datum value, int16 typlen);


ContentHasher *
content_hasher(Oid relid, int leading_columns)
{
	return make_hasher(relid, false, leading_columns, NULL, 0);
}

ContentHasher *
content_hasher_of_columns(Oid relid, int leading_columns, const char *const *names, int nnames)
{
	ContentHasher *hasher = make_hasher(relid, false, leading_columns, names, nnames);

	return hasher->ncolumns > 0 ? hasher : NULL;
}

ContentHasher *
content_hasher_of_stored(Oid relid)
{
	return make_hasher(relid, true, 0, NULL, 0);
}

/*
 * The columns are read from the catalog, because their description in an
 * executor's slot depends on the query plan.
 */
static ContentHasher *
make_hasher(Oid relid, bool as_stored, int leading_columns, const char *const *names, int nnames)
{
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	ContentHasher *hasher = palloc(offsetof(ContentHasher, columns) +
								   sizeof(ColumnHasher) * desc->natts);
	int			place = leading_columns;

	hasher->ncolumns = 0;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		ColumnHasher *column = &hasher->columns[hasher->ncolumns];
		const char *name = NameStr(att->attname);

		if (att->attisdropped)
			continue;
		column->place = as_stored ? i : place++;
		if (names && !is_wanted(name, names, nnames))
			continue;
		column->seed = hash_bytes_extended((const unsigned char *) name,
										   strlen(name), 0);
		column->typlen = att->attlen;
		column->typbyval = att->attbyval;
		column->output = output_function(getBaseType(att->atttypid));
		hasher->ncolumns++;
	}
	relation_close(rel, NoLock);

	return hasher;
}

static bool
is_wanted(const char *name, const char *const *names, int nnames)
{
	for (int i = 0; i < nnames; i++)
	{
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/*
 * The columns' hashes are added up, and nulls add nothing, so that a row
 * keeps its hash when columns change places or an empty one is added.
 */
uint64
content_hash(const ContentHasher *hasher, TupleTableSlot *slot)
{
	uint64		hash = 0;

	for (int i = 0; i < hasher->ncolumns; i++)
	{
		int			place = hasher->columns[i].place;

		Assert(place < slot->tts_nvalid);
		if (!slot->tts_isnull[place])
			hash += hash_value(&hasher->columns[i], slot->tts_values[place]);
	}
	return mix64(hash);
}

/*
 * The stored bytes of a user-defined type, such as an enum, may contain OIDs,
 * which a dump and restore changes, so values of such a type are hashed by
 * their text.
 */
static Oid
output_function(Oid type)
{
	Oid			output = InvalidOid;
	bool		is_varlena;

	if (type >= FirstNormalObjectId)
		getTypeOutputInfo(type, &output, &is_varlena);
	return output;
}

static uint64
hash_value(const ColumnHasher *column, Datum value)
{
	const unsigned char *bytes;
	struct varlena *packed;
	uint64		hash;

	if (OidIsValid(column->output))
	{
		char	   *string = OidOutputFunctionCall(column->output, value);

		hash = hash_bytes_extended((const unsigned char *) string, strlen(string),
								   column->seed);
		pfree(string);
		return hash;
	}

	if (column->typbyval)
		return mix64(mix64((uint64) by_value_bits(value, column->typlen)) ^ column->seed);

	if (column->typlen != -1)
	{
		bytes = (const unsigned char *) DatumGetPointer(value);
		return hash_bytes_extended(bytes,
								   column->typlen > 0 ? column->typlen : (int) strlen((const char *) bytes),
								   column->seed);
	}

	packed = PG_DETOAST_DATUM_PACKED(value);
	hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(packed),
							   VARSIZE_ANY_EXHDR(packed), column->seed);
	if ((Pointer) packed != DatumGetPointer(value))
		pfree(packed);
	return hash;
}

/*
 * A value as it would be read from a tuple: the unused upper bits of an oid,
 * for example, may differ when it comes from an expression.
 */
static int64
by_value_bits(Datum value, int16 typlen)
{
	switch (typlen)
	{
		case 1:
			return (int8) value;
		case 2:
			return (int16) value;
		case 4:
			return (int32) value;
		default:
			return (int64) value;
	}
}
