/*-------------------------------------------------------------------------
 *
 * json.h
 *	  JSON objects, written member by member.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_JSON_H
#define MENUCA_JSON_H

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* Begin and end an object in buf. */
extern void json_begin(StringInfo buf);
extern void json_end(StringInfo buf);

/* Appends a member whose value is a number. */
extern void json_count(StringInfo buf, const char *key, uint64 value);

/*
 * Appends a member whose value is part of whole in percent, with two decimals;
 * null when whole is 0.
 */
extern void json_pct(StringInfo buf, const char *key, uint64 part, uint64 whole);

/* Appends a member whose value is a string, escaped here; null when it is NULL. */
extern void json_text(StringInfo buf, const char *key, const char *value);

/* Appends a member whose value is true or false. */
extern void json_bool(StringInfo buf, const char *key, bool value);

/* Appends the time since start, as a number of seconds with milliseconds. */
extern void json_seconds(StringInfo buf, const char *key, TimestampTz start);

/* Appends a list of C strings as an array of strings. */
extern void json_texts(StringInfo buf, const char *key, const List *values);

/* Appends a member whose value is JSON already. */
extern void json_raw(StringInfo buf, const char *key, const char *json);

/* A whole object of one member: {"key": count}. */
extern char *json_one_count(const char *key, uint64 count);

#endif							/* MENUCA_JSON_H */
