/*-------------------------------------------------------------------------
 *
 * fix_options.h
 *	  What a fix is asked to do.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_OPTIONS_H
#define MENUCA_FIX_OPTIONS_H

#include "fmgr.h"

#include "ledger/run_ledger.h"
#include "plan/gate.h"
#include "source/source.h"

/* What a fix is asked to do. */
typedef struct FixOptions
{
	bool		batched;
	SourceKind	kind;			/* of source */
	Oid			source_oid;
	char	   *target_schema;	/* NULL: the setting's */
	char	   *target_name;
	GateSettings gate;
	int			batch_size;
	bool		exclusive;		/* ACCESS EXCLUSIVE is allowed */
	SourceColumns columns;
} FixOptions;

/*
 * The arguments from source to strict, in the order of the SQL functions, from
 * place first (counted from 0); for lists there are two column names instead
 * of four.  Raises an error on one that makes no sense.
 */
extern FixOptions fix_options_read(FunctionCallInfo fcinfo, int first, SourceKind kind);

/*
 * True if the lock of that name, the strongest that a run may take on the
 * target, is ACCESS EXCLUSIVE.  Raises an error on an unknown name.
 */
extern bool fix_options_exclusive(const char *lock);

/* The options that an interrupted run was begun with. */
extern FixOptions fix_options_restore(const Run *run);

/* What the ledger calls such a run. */
extern const char *fix_options_run_kind(const FixOptions *options);

/* The SQL function that fixes from sources of that kind. */
extern const char *fix_options_call(SourceKind kind);

#endif							/* MENUCA_FIX_OPTIONS_H */
