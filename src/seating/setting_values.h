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

/* How the dining tables of a set must be next to each other. */
typedef enum SeatingAdjacency
{
	ADJACENCY_OFF,				/* in any way */
	ADJACENCY_CONNECTED,		/* each can be reached from each other one */
	ADJACENCY_PAIRWISE,			/* each is next to each other one */
	ADJACENCY_NEIGHBORS			/* one is next to all others */
} SeatingAdjacency;

/* Which sets of several dining tables are planned. */
typedef enum SeatingCombinations
{
	COMBINATIONS_FREE,			/* those that the rules allow */
	COMBINATIONS_LISTED,		/* those that the restaurant has listed */
	COMBINATIONS_BOTH
} SeatingCombinations;

/* A turn time: parties of up to so many guests stay that long. */
typedef struct TurnTime
{
	int			party;
	int			minutes;
} TurnTime;

#define MAX_TURN_TIMES 100

/* The settings in effect for a restaurant; weights are in ten-thousandths. */
typedef struct SeatingSettings
{
	bool		planner;		/* false: only single dining tables, as if
								 * merges were off */
	bool		merges;			/* several dining tables may be joined */
	int			k_max;			/* most dining tables of a set */
	int64		max_evaluations;	/* sets that the planner looks at, at most */
	SeatingAdjacency adjacency;
	int			adjacency_min_party;	/* smaller parties are exempt from it */
	int			max_overage;	/* seats more than guests, at most */
	int			buffer_before;	/* minutes that a booking's window begins
								 * before it */
	int			buffer_after;	/* and ends after it */
	SeatingCombinations combinations;
	int			n_turn_times;	/* sorted by party */
	TurnTime	turn_times[MAX_TURN_TIMES];
	int64		w_overage;
	int64		w_tables;
	int64		w_adjacency;
	int64		w_spread;
	int64		w_priority;
	int64		w_scarcity;
	bool		lookahead;		/* plans that take other bookings' last plan
								 * cost more */
} SeatingSettings;

/* What values a setting has. */
typedef enum SettingKind
{
	SETTING_BOOLEAN,
	SETTING_INTEGER,
	SETTING_WEIGHT,				/* a number with up to four decimals */
	SETTING_CHOICE,				/* one of some words */
	SETTING_TURN_TIMES			/* {"2": 60, ...}: minutes by party size */
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

/* "planner, merges, ...", for messages. */
extern char *setting_values_names(void);

/* The value that a setting has unless it was set. */
extern Jsonb *setting_values_built_in(const SettingKey *key);

/* Raises an error unless the setting can have that value. */
extern void setting_values_require(const SettingKey *key, Jsonb *value);

/* Stores such a value. */
extern void setting_values_store(const SettingKey *key, Jsonb *value, SeatingSettings *settings);

#endif							/* MENUCA_SETTING_VALUES_H */
