/*-------------------------------------------------------------------------
 *
 * json.h
 *	  JSON objects, written member by member.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_JSON_H
#define MENUCA_JSON_H

#include "lib/stringinfo.h"

/* Appends "key": value to a JSON object being written into buf. */
extern void json_begin(StringInfo buf);
extern void json_count(StringInfo buf, const char *key, uint64 value);
extern void json_pct(StringInfo buf, const char *key, uint64 part, uint64 whole);
extern void json_text(StringInfo buf, const char *key, const char *value);
extern void json_raw(StringInfo buf, const char *key, const char *json);
extern void json_end(StringInfo buf);

#endif							/* MENUCA_JSON_H */
