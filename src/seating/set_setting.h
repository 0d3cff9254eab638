/*-------------------------------------------------------------------------
 *
 * set_setting.h
 *	  Changing a setting as people do, by menuca_seating_set().
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SET_SETTING_H
#define MENUCA_SET_SETTING_H

#include "utils/uuid.h"

/*
 * Sets it as the caller, checked and entered in the ledger; restaurant is NULL for all,
 * value is JSON, NULL to go back to the default.
 */
extern void set_setting_execute(const pg_uuid_t *restaurant, const char *key, const char *value);

/* The statement that does the same, to be pasted. */
extern char *set_setting_statement(const pg_uuid_t *restaurant, const char *key, const char *value);

#endif							/* MENUCA_SET_SETTING_H */
