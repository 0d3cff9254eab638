/*-------------------------------------------------------------------------
 *
 * setting_values.h
 *	  The names and values that the planner's settings can have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SETTING_VALUES_H
#define MENUCA_SETTING_VALUES_H

#include "utils/jsonb.h"

#include "seating/floor.h"

/* A turn time: how long parties of at most that many guests stay. */
typedef struct TurnTime
{
	int			party;
	int			minutes;
} TurnTime;

#define MAX_TURN_TIMES 100

/* The settings in effect for a restaurant. */
typedef struct SeatingSettings
{
	bool		planner;		/* false: only single dining tables, as if
								 * merges were off */
	bool		merges;			/* several dining tables may be joined */
	bool		lookahead;		/* plans that take other bookings' last plan
								 * cost more */
	FloorSettings floor;		/* the planner's; k_max is 1 where sets are
								 * off */
	int			buffer_before;	/* minutes that a booking's window begins
								 * before it */
	int			buffer_after;	/* and ends after it */
	const char *variant;		/* of the settings, or NO_VARIANT */
	int			n_turn_times;	/* sorted by party */
	TurnTime	turn_times[MAX_TURN_TIMES];
} SeatingSettings;

/* What values a setting has. */
typedef enum SettingKind
{
	SETTING_BOOLEAN,
	SETTING_INTEGER,
	SETTING_WEIGHT,				/* a number with up to four decimals */
	SETTING_CHOICE,				/* one of some words */
	SETTING_TURN_TIMES,			/* {"2": 60, ...}: minutes by party size */
	SETTING_NAME				/* a text of 1 to 63 bytes */
} SettingKind;

/* A setting; its value is stored at an offset of SeatingSettings. */
typedef struct SettingKey
{
	const char *name;
	SettingKind kind;
	const char *built_in;		/* its value as JSON unless it was set */
	size_t		offset;
	int64		least;			/* of an integer or a weight */
	int64		greatest;
	const char *const *words;	/* of a choice, in the order of its enum, NULL
								 * at the end */
} SettingKey;

/* The setting of that number, counted from 0; NULL when there are fewer. */
extern const SettingKey *setting_values_key(int number);

/* The setting of that name; raises an error when there is none. */
extern const SettingKey *setting_values_require_key(const char *name);

/*
 * The setting that a feature flag of the original is now, and *value what the flag's is;
 * NULL when there is no such flag.  Values may be texts, as in an environment file.
 */
extern const SettingKey *setting_values_of_flag(const char *flag, JsonbValue *value);

/* The flag that a setting was; NULL when it was none. */
extern const char *setting_values_flag(const SettingKey *key);

/* "planner, merges, ...", for messages. */
extern char *setting_values_names(void);

/* The value that a setting has unless it was set. */
extern Jsonb *setting_values_built_in(const SettingKey *key);

/* Raises an error unless the setting can have that value. */
extern void setting_values_require(const SettingKey *key, Jsonb *value);

/* Stores such a value. */
extern void setting_values_store(const SettingKey *key, Jsonb *value, SeatingSettings *settings);

#endif							/* MENUCA_SETTING_VALUES_H */
