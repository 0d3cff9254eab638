/*-------------------------------------------------------------------------
 *
 * index_shape.h
 *	  What an index is made of, whether it is there or only wanted.
 *
 * Two definitions are compared by what the server made of them: columns by
 * number, operator classes by family and type, expressions and predicates as
 * parsed trees, simplified the way the planner sees them.  Text is never
 * compared.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INDEX_SHAPE_H
#define MENUCA_INDEX_SHAPE_H

#include "access/attnum.h"
#include "nodes/pg_list.h"
#include "pg_config_manual.h"
#include "utils/relcache.h"

typedef struct IndexKey
{
	AttrNumber	attnum;			/* 0: an expression */
	Node	   *expression;
	Oid			collation;
	Oid			opclass;		/* only when it was parsed */
	Oid			opfamily;
	Oid			opcintype;
	int16		options;		/* DESC, NULLS FIRST: pg_index.indoption */
} IndexKey;

typedef struct IndexShape
{
	Oid			method;
	int			nkeys;
	IndexKey	keys[INDEX_MAX_KEYS];
	List	   *predicate;		/* conditions, all of which hold; NIL: all
								 * rows */
	int			nincluded;
	bool		unique;
	bool		special;		/* operator classes have parameters */
} IndexShape;

/* An index that is there. */
typedef struct ExistingIndex
{
	Oid			oid;
	char	   *name;
	char	   *display_name;
	IndexShape	shape;
	bool		usable;			/* valid, ready and live */
	bool		partitioned;
	char	   *constraint;		/* "primary key" and the like, or NULL */
} ExistingIndex;

/* What one index does for a query that wants another one. */
typedef enum IndexCover
{
	COVER_NOT,
	COVER_PREFIX,				/* it begins with the wanted columns */
	COVER_WHOLE,				/* the same columns, of all rows */
	COVER_SAME					/* the same definition */
} IndexCover;

/* An index by its description, as somebody wrote it. */
typedef struct IndexText
{
	const char *name;
	const char *method;
	List	   *columns;		/* names, or elements as in CREATE INDEX */
	const char *opclass;		/* of columns that are bare names; or NULL */
	const char *predicate;		/* or NULL */
} IndexText;

/*
 * Parses a description against a table, on which the caller holds a lock, as
 * CREATE INDEX would, without creating anything.  *body is set to the part of
 * the statement from ON on, as the server understood it: it can be executed
 * whatever the description says.  Raises the server's errors.
 */
extern IndexShape *index_shape_parse(Oid table, const IndexText *text,
									 char **body);

/* An index that is there; NULL when it was dropped meanwhile. */
extern ExistingIndex *index_shape_read(Oid index);

/* The indexes of a table: a list of ExistingIndexes. */
extern List *index_shapes_of(Oid table);

/* True if both are the same, unique or not, included columns aside. */
extern bool index_shape_equal(const IndexShape *a, const IndexShape *b);

/* What an index does for a wanted one; it may be invalid. */
extern IndexCover index_shape_cover(const IndexShape *there,
									const IndexShape *wanted);

#endif							/* MENUCA_INDEX_SHAPE_H */
