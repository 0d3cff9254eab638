/*-------------------------------------------------------------------------
 *
 * preview.c
 *	  The dry run of a function, as a function of its own: see preview.h.
 *
 * The function gets its own entry of pg_proc, so that the calls which it proposes
 * have its name.  The right to execute it is not asked for: the caller has that
 * on the preview.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "funcapi.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/given_call.h"
#include "base/preview.h"
#include "base/results.h"

/* The arguments that a function takes. */
typedef struct Inputs
{
	int			count;
	Oid		   *types;
	char	  **names;
	List	   *defaults;		/* of the last ones */
} Inputs;

static HeapTuple find_function(FunctionCallInfo fcinfo, const char *function);
static bool is_of_this_library(HeapTuple tuple, Oid schema, const char *function);
static Inputs inputs_of(HeapTuple tuple);
static void set_argument(FunctionCallInfo call, const Inputs *inputs, int place,
						 FunctionCallInfo given, const Inputs *preview);
static void set_default(FunctionCallInfo call, const Inputs *inputs, int place, FunctionCallInfo given);
static int	input_named(const Inputs *inputs, const char *name);


Datum
preview_call(FunctionCallInfo fcinfo, const char *function)
{
	LOCAL_FCINFO(call, FUNC_MAX_ARGS);
	FmgrInfo	flinfo;
	HeapTuple	mine = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	HeapTuple	tuple = find_function(fcinfo, function);
	Inputs		preview;
	Inputs		inputs;
	Datum		result;

	if (!HeapTupleIsValid(mine))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	preview = inputs_of(mine);
	inputs = inputs_of(tuple);
	fmgr_info(((Form_pg_proc) GETSTRUCT(tuple))->oid, &flinfo);
	ReleaseSysCache(mine);
	heap_freetuple(tuple);

	InitFunctionCallInfoData(*call, &flinfo, inputs.count, fcinfo->fncollation,
							 fcinfo->context, fcinfo->resultinfo);
	for (int i = 0; i < inputs.count; i++)
		set_argument(call, &inputs, i, fcinfo, &preview);
	result = FunctionCallInvoke(call);
	fcinfo->isnull = call->isnull;
	return result;
}

/* A copy of the function's tuple. */
static HeapTuple
find_function(FunctionCallInfo fcinfo, const char *function)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(function));
	HeapTuple	found = NULL;

	for (int i = 0; i < list->n_members && !found; i++)
	{
		if (is_of_this_library(&list->members[i]->tuple, schema, function))
			found = heap_copytuple(&list->members[i]->tuple);
	}
	ReleaseSysCacheList(list);
	if (!found)
		result_raise_other_version(fcinfo, psprintf("The library has no function %s.",
													quote_qualified_identifier(get_namespace_name(schema), function)));
	return found;
}

/* Others may have created functions of its name, but none in C. */
static bool
is_of_this_library(HeapTuple tuple, Oid schema, const char *function)
{
	Form_pg_proc proc = (Form_pg_proc) GETSTRUCT(tuple);
	Datum		source;
	bool		isnull;

	if (proc->pronamespace != schema || proc->prolang != ClanguageId)
		return false;
	source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &isnull);
	return !isnull && strcmp(TextDatumGetCString(source), function) == 0;
}

static Inputs
inputs_of(HeapTuple tuple)
{
	Form_pg_proc proc = (Form_pg_proc) GETSTRUCT(tuple);
	Inputs		inputs = {.count = proc->pronargs,.defaults = given_call_defaults(tuple)};
	Oid		   *types;
	char	   *modes;
	char	  **names;
	int			n = get_func_arg_info(tuple, &types, &names, &modes);
	int			input = 0;

	inputs.types = palloc0(sizeof(Oid) * FUNC_MAX_ARGS);
	inputs.names = palloc0(sizeof(char *) * FUNC_MAX_ARGS);
	for (int i = 0; i < n && input < inputs.count; i++)
	{
		if (modes && modes[i] != PROARGMODE_IN && modes[i] != PROARGMODE_INOUT)
			continue;
		inputs.types[input] = types[i];
		inputs.names[input++] = names ? names[i] : "";
	}
	return inputs;
}

static void
set_argument(FunctionCallInfo call, const Inputs *inputs, int place,
			 FunctionCallInfo given, const Inputs *preview)
{
	int			same = input_named(preview, inputs->names[place]);

	if (strcmp(inputs->names[place], "dry_run") == 0)
	{
		call->args[place].value = BoolGetDatum(true);
		call->args[place].isnull = false;
	}
	else if (same < 0)
		set_default(call, inputs, place, given);
	else if (preview->types[same] != inputs->types[place])
		result_raise_other_version(given, psprintf("Argument \"%s\" of the preview has another type.", inputs->names[place]));
	else
		call->args[place] = given->args[same];
}

static void
set_default(FunctionCallInfo call, const Inputs *inputs, int place, FunctionCallInfo given)
{
	int			first = inputs->count - list_length(inputs->defaults);
	Const	   *value = place < first ? NULL :
		(Const *) eval_const_expressions(NULL, list_nth(inputs->defaults, place - first));

	if (value == NULL || !IsA(value, Const))
		result_raise_other_version(given, psprintf("The preview has no argument \"%s\".", inputs->names[place]));
	call->args[place].value = value->constvalue;
	call->args[place].isnull = value->constisnull;
}

/* The place of an argument, or -1. */
static int
input_named(const Inputs *inputs, const char *name)
{
	for (int i = 0; i < inputs->count; i++)
	{
		if (strcmp(inputs->names[i], name) == 0)
			return i;
	}
	return -1;
}
