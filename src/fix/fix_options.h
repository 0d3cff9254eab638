/*-------------------------------------------------------------------------
 *
 * fix_options.h
 *	  The options of a fix.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_OPTIONS_H
#define MENUCA_FIX_OPTIONS_H

#include "fmgr.h"

#include "ledger/run_ledger.h"
#include "plan/gate.h"
#include "source/source_row.h"

typedef struct FixOptions
{
	bool		batched;
	SourceKind	kind;			/* of the source */
	Oid			source_oid;		/* InvalidOid: the table that the setting
								 * names */
	char	   *target_schema;	/* NULL: the schema that the setting names */
	char	   *target_name;
	GateSettings gate;
	int			batch_size;
	bool		exclusive;		/* an ACCESS EXCLUSIVE lock is allowed */
	SourceColumns columns;
} FixOptions;

/*
 * Reads the arguments from source to strict, in the order of the SQL
 * functions; first is the position of source, counted from 0.  For lists there
 * are two column names instead of four.  Raises an error on an invalid value.
 */
extern FixOptions fix_options_read(FunctionCallInfo fcinfo, int first, SourceKind kind);

/*
 * True if the lock of that name, the strongest that a run may take on the
 * target, is ACCESS EXCLUSIVE.  Raises an error on an unknown name.
 */
extern bool fix_options_exclusive(const char *lock);

/* The options that an interrupted run began with, from the ledger. */
extern FixOptions fix_options_restore(const Run *run);

/* The kind of run in the ledger, "fix_combos". */
extern const char *fix_options_run_kind(const FixOptions *options);

/* The name of the SQL function that fixes from sources of that kind. */
extern const char *fix_options_call(SourceKind kind);

#endif							/* MENUCA_FIX_OPTIONS_H */
