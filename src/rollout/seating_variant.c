/*-------------------------------------------------------------------------
 *
 * seating_variant.c
 *	  Variants of the settings, to be compared with each other (A/B).
 *
 * menuca_seating_set_variant(name, percent, settings)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/arguments.h"
#include "base/query.h"
#include "seating/rollout_share.h"
#include "seating/seating_extension.h"
#include "seating/seating_settings.h"

PG_FUNCTION_INFO_V1(menuca_seating_set_variant);

static char *variant_name_argument(FunctionCallInfo fcinfo);
static char *variant_image(const char *name);
static void store_variant(const char *name, Datum percent, Jsonb *settings);
static void delete_variant(const char *name);
static void record_variant(const char *before, const char *after);


/*
 * menuca_seating_set_variant(name, percent, settings): begins a variant, changes it, or
 * ends it with a percent of 0.  Returns "begun", "changed", "ended" or "unchanged".
 */
Datum
menuca_seating_set_variant(PG_FUNCTION_ARGS)
{
	char	   *name = variant_name_argument(fcinfo);
	double		percent = argument_numeric(fcinfo, 1, "percent");
	char	   *before;
	char	   *after;

	argument_check_percentage("percent", percent);
	query_require_writable("menuca_seating_set_variant()");
	before = variant_image(name);
	if (percent == 0)
		delete_variant(name);
	else
	{
		argument_require(fcinfo, 2, "settings");
		store_variant(name, PG_GETARG_DATUM(1), seating_settings_normalized(PG_GETARG_JSONB_P(2)));
	}
	after = variant_image(name);
	if (before == after || (before && after && strcmp(before, after) == 0))
		PG_RETURN_TEXT_P(cstring_to_text("unchanged"));
	record_variant(before, after);
	PG_RETURN_TEXT_P(cstring_to_text(before == NULL ? "begun" : after == NULL ? "ended" : "changed"));
}

/* A name that the setting "variant" can have. */
static char *
variant_name_argument(FunctionCallInfo fcinfo)
{
	char	   *name = argument_text_not_blank(fcinfo, 0, "name");

	if (strcmp(name, NO_VARIANT) == 0 || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a variant cannot be called \"%s\"", name),
				 errdetail("Its name has at most %d bytes, and \"" NO_VARIANT "\" is to have none. Nothing was changed.", NAMEDATALEN - 1),
				 errhint("%s", seating_call("SELECT menuca_seating_set_variant('B', 50, '{\"k_max\": 4}');"))));
	return name;
}

/* The variant as JSON, for the ledger; NULL when there is none. */
static char *
variant_image(const char *name)
{
	QueryArgs	args = {0};
	char	   *image;

	seating_require_readable("menuca_seating_variant");
	query_arg_text(&args, name);
	query_begin_snapshot();
	image = query_text(psprintf("SELECT jsonb_build_object('variant', v.name, 'percent', v.percent, 'settings', v.settings)::text"
								" FROM %smenuca_seating_variant v WHERE v.name = $1", seating_extension_schema()), &args);
	query_end_snapshot();
	return image;
}

static void
store_variant(const char *name, Datum percent, Jsonb *settings)
{
	QueryArgs	args = {0};

	query_arg_text(&args, name);
	query_arg(&args, NUMERICOID, percent, false);
	query_arg(&args, JSONBOID, JsonbPGetDatum(settings), false);
	seating_write("menuca_seating_variant",
				  psprintf("INSERT INTO %smenuca_seating_variant AS v (name, percent, settings) VALUES ($1, $2, $3)"
						   " ON CONFLICT (name) DO UPDATE SET percent = EXCLUDED.percent, settings = EXCLUDED.settings,"
						   " begun_by = EXCLUDED.begun_by, begun_at = EXCLUDED.begun_at", seating_extension_schema()),
				  &args, NULL, NULL);
}

/* Restaurants whose own setting names it have none from then on. */
static void
delete_variant(const char *name)
{
	QueryArgs	args = {0};

	query_arg_text(&args, name);
	seating_write("menuca_seating_variant",
				  psprintf("DELETE FROM %smenuca_seating_variant v WHERE v.name OPERATOR(pg_catalog.=) $1", seating_extension_schema()),
				  &args, NULL, NULL);
}

static void
record_variant(const char *before, const char *after)
{
	QueryArgs	args = {0};

	query_arg_json(&args, before);
	query_arg_json(&args, after);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %smenuca_seating_change (what, before, after) VALUES ('variant', $1, $2)", seating_extension_schema()),
				  &args, NULL, NULL);
}
