/*-------------------------------------------------------------------------
 *
 * export_settings.c
 *	  The settings with which an export's values are written and read: see
 *	  export_settings.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/guc_scope.h"
#include "base/json.h"
#include "hosted/export_settings.h"

/* A setting and its value. */
typedef struct ExportSetting
{
	const char *name;
	const char *value;
} ExportSetting;

static const ExportSetting value_settings[] = {
	{"DateStyle", "ISO, YMD"},
	{"IntervalStyle", "iso_8601"},
	{"TimeZone", "UTC"},
	{"extra_float_digits", "1"},
	{"bytea_output", "hex"},
	{"lc_monetary", "C"},
	{"xmloption", "content"},
	{"array_nulls", "on"},
	{"standard_conforming_strings", "on"},
	{"quote_all_identifiers", "off"},
};

static const ExportSetting path_setting = {"search_path", "pg_catalog, pg_temp"};

static const ExportSetting writer_settings[] = {
	{"lock_timeout", "5s"},
	{"jit", "off"},
};

static void begin_settings_json(StringInfo json);


void
export_settings_set(void)
{
	for (size_t i = 0; i < lengthof(value_settings); i++)
		guc_scope_set(value_settings[i].name, value_settings[i].value);
}

char *
export_settings_json(void)
{
	StringInfoData json;

	begin_settings_json(&json);
	json_end(&json);
	return json.data;
}

char *
export_settings_json_of_writer(void)
{
	StringInfoData json;

	begin_settings_json(&json);
	for (size_t i = 0; i < lengthof(writer_settings); i++)
		json_text(&json, writer_settings[i].name, writer_settings[i].value);
	json_end(&json);
	return json.data;
}

static void
begin_settings_json(StringInfo json)
{
	initStringInfo(json);
	json_begin(json);
	json_text(json, path_setting.name, path_setting.value);
	for (size_t i = 0; i < lengthof(value_settings); i++)
		json_text(json, value_settings[i].name, value_settings[i].value);
}
