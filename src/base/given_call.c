/*-------------------------------------------------------------------------
 *
 * given_call.c
 *	  The call that is being executed, written as a statement: see
 *	  given_call.h.
 *
 * Names, types and defaults of the arguments are those of pg_proc, so that a
 * new argument of a function is part of its calls without more.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/format.h"
#include "base/given_call.h"

static char *call_text(FunctionCallInfo fcinfo, bool for_real, bool force);
static bool is_overloaded(Form_pg_proc proc);
static bool has_default(FunctionCallInfo fcinfo, int place, Oid type, const List *defaults);
static char *argument_literal(FunctionCallInfo fcinfo, int place, Oid type);
static char *value_text(Datum value, Oid type);


char *
given_call_for_real(FunctionCallInfo fcinfo)
{
	return psprintf("%s %s;", get_func_prokind(fcinfo->flinfo->fn_oid) == PROKIND_PROCEDURE ? "CALL" : "SELECT * FROM",
					call_text(fcinfo, true, false));
}

char *
given_call_forced(FunctionCallInfo fcinfo)
{
	return psprintf("SELECT * FROM %s;", call_text(fcinfo, false, true));
}

char *
given_call_dry(FunctionCallInfo fcinfo)
{
	return call_text(fcinfo, false, false);
}

/*
 * Arguments without a default come first, as they do in a call by hand; by name
 * where the types of literals do not say which of several functions is meant.
 * The INOUT arguments of procedures hold nothing but NULL.
 */
static char *
call_text(FunctionCallInfo fcinfo, bool for_real, bool force)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	Form_pg_proc proc;
	List	   *defaults;
	Oid		   *types;
	char	  **names;
	char	   *modes;
	StringInfoData arguments;
	char	   *call;
	bool		overloaded;
	bool		named = false;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	defaults = given_call_defaults(tuple);
	(void) get_func_arg_info(tuple, &types, &names, &modes);

	initStringInfo(&arguments);
	overloaded = is_overloaded(proc);
	for (int i = 0; i < PG_NARGS() - list_length(defaults); i++)
	{
		char	   *literal = argument_literal(fcinfo, i, types[i]);

		/* A literal in quotes has no type, so that its name must choose. */
		named |= overloaded && *literal == '\'';
		if (named)
			format_append(&arguments, ", ", "%s => %s", quote_identifier(names[i]), literal);
		else
			format_append(&arguments, ", ", "%s", literal);
	}
	if (for_real)
		format_append(&arguments, ", ", "dry_run => false");
	for (int i = PG_NARGS() - list_length(defaults); i < PG_NARGS(); i++)
	{
		if (strcmp(names[i], "dry_run") == 0 || (force && strcmp(names[i], "force") == 0) ||
			has_default(fcinfo, i, types[i], defaults))
			continue;
		format_append(&arguments, ", ", "%s => %s", quote_identifier(names[i]),
					  argument_literal(fcinfo, i, types[i]));
	}
	if (force)
		format_append(&arguments, ", ", "force => true");

	call = psprintf("%s(%s)",
					quote_qualified_identifier(get_namespace_name(proc->pronamespace), NameStr(proc->proname)),
					arguments.data);
	ReleaseSysCache(tuple);
	return call;
}

/* True when its schema has another function of the name. */
static bool
is_overloaded(Form_pg_proc proc)
{
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP, NameGetDatum(&proc->proname));
	int			n = 0;

	for (int i = 0; i < list->n_members; i++)
		n += ((Form_pg_proc) GETSTRUCT(&list->members[i]->tuple))->pronamespace == proc->pronamespace;
	ReleaseSysCacheList(list);
	return n > 1;
}

List *
given_call_defaults(HeapTuple tuple)
{
	bool		isnull;
	Datum		defaults = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proargdefaults, &isnull);

	return isnull ? NIL : castNode(List, stringToNode(TextDatumGetCString(defaults)));
}

static bool
has_default(FunctionCallInfo fcinfo, int place, Oid type, const List *defaults)
{
	Node	   *expression = list_nth(defaults, place - (PG_NARGS() - list_length(defaults)));
	Const	   *value = (Const *) eval_const_expressions(NULL, expression);

	if (!IsA(value, Const))
		return false;
	if (value->constisnull || PG_ARGISNULL(place))
		return value->constisnull && PG_ARGISNULL(place);
	return strcmp(value_text(value->constvalue, type), value_text(PG_GETARG_DATUM(place), type)) == 0;
}

/* The value as it is written in a call, where the argument gives it its type. */
static char *
argument_literal(FunctionCallInfo fcinfo, int place, Oid type)
{
	char	   *text;

	if (PG_ARGISNULL(place))
		return "NULL";
	text = value_text(PG_GETARG_DATUM(place), type);
	switch (type)
	{
		case BOOLOID:
			return PG_GETARG_BOOL(place) ? "true" : "false";
		case INT4OID:
		case INT8OID:
			return text;
		case NUMERICOID:
			/* NaN and Infinity are refused, but quoted they would be read. */
			return strspn(text, "0123456789.-") == strlen(text) ? text : quote_literal_cstr(text);
		default:
			return quote_literal_cstr(text);
	}
}

/* A table's name has its schema, which regclassout() omits by search_path. */
static char *
value_text(Datum value, Oid type)
{
	Oid			output;
	bool		is_varlena;

	if (type == REGCLASSOID)
	{
		Oid			relid = DatumGetObjectId(value);
		char	   *name = get_rel_name(relid);
		char	   *schema = name ? get_namespace_name(get_rel_namespace(relid)) : NULL;

		if (schema)
			return quote_qualified_identifier(schema, name);
	}
	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}
