/*-------------------------------------------------------------------------
 *
 * set_setting.c
 *	  Changing a setting as people do: see set_setting.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/json.h"
#include "base/query.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/set_setting.h"

static char *settings_object(const char *key, const char *value);


void
set_setting_execute(const pg_uuid_t *restaurant, const char *key, const char *value)
{
	QueryArgs	args = {0};

	query_arg_uuid(&args, restaurant);
	query_arg_json(&args, settings_object(key, value));
	query_write(psprintf("SELECT s.key FROM %smenuca_seating_set($1, $2) s", seating_extension_schema()), &args, NULL, NULL);
}

char *
set_setting_statement(const pg_uuid_t *restaurant, const char *key, const char *value)
{
	return seating_call("SELECT * FROM menuca_seating_set(%s, %s);",
						restaurant ? psprintf("'%s'", refusal_id(restaurant)) : "NULL",
						quote_literal_cstr(settings_object(key, value)));
}

static char *
settings_object(const char *key, const char *value)
{
	StringInfoData settings;

	initStringInfo(&settings);
	json_begin(&settings);
	json_raw(&settings, key, value ? value : "null");
	json_end(&settings);
	return settings.data;
}
