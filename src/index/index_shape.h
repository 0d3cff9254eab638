/*-------------------------------------------------------------------------
 *
 * index_shape.h
 *	  The definition of an index, whether it exists or is only wanted.
 *
 * Definitions are compared as the server analyzed them: columns by number,
 * operator classes by family and type, expressions and predicates as trees,
 * simplified in the same way as the planner does.  Text is never compared.
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
	Oid			opclass;		/* only of a parsed description */
	Oid			opfamily;
	Oid			opcintype;
	int16		options;		/* DESC, NULLS FIRST: pg_index.indoption */
} IndexKey;

typedef struct IndexShape
{
	Oid			method;
	int			nkeys;
	IndexKey	keys[INDEX_MAX_KEYS];
	List	   *predicate;		/* conditions combined by AND; NIL: all rows */
	int			nincluded;		/* INCLUDE columns */
	bool		unique;
	bool		has_opclass_parameters;
} IndexShape;

/* An index that exists. */
typedef struct ExistingIndex
{
	Oid			oid;
	char	   *name;
	char	   *display_name;	/* with its schema, for messages */
	IndexShape	shape;
	bool		usable;			/* valid, ready and live */
	bool		partitioned;
	char	   *constraint;		/* "primary key" and the like, or NULL */
} ExistingIndex;

/* How well an existing index replaces a wanted one. */
typedef enum IndexCover
{
	COVER_NOT,
	COVER_PREFIX,				/* it begins with the wanted columns */
	COVER_WHOLE,				/* it has the same columns, of all rows */
	COVER_SAME					/* it has the same definition */
} IndexCover;

/* An index as described by a person. */
typedef struct IndexText
{
	const char *name;
	const char *method;
	List	   *columns;		/* C strings: names, or elements as in CREATE
								 * INDEX */
	const char *opclass;		/* of the columns that are names; or NULL */
	const char *predicate;		/* or NULL */
} IndexText;

/*
 * Parses a description against a table, on which the caller holds a lock, as
 * CREATE INDEX would, without creating anything.  *body is set to the part of
 * that statement from ON on, written from what the server understood, so it is
 * safe to execute whatever the description contains.  Raises the server's
 * errors, and one when the description contains more than columns and one
 * condition.
 */
extern IndexShape *index_shape_parse(Oid table, const IndexText *text,
									 char **body);

/* Reads an existing index; NULL when it has been dropped meanwhile. */
extern ExistingIndex *index_shape_read(Oid index);

/* The indexes of a table: ExistingIndexes. */
extern List *index_shapes_of(Oid table);

/* True if both are the same, apart from uniqueness and INCLUDE columns. */
extern bool index_shape_equal(const IndexShape *a, const IndexShape *b);

/* How well an index, which need not be valid, replaces a wanted one. */
extern IndexCover index_shape_cover(const IndexShape *existing, const IndexShape *wanted);

#endif							/* MENUCA_INDEX_SHAPE_H */
