/*-------------------------------------------------------------------------
 *
 * floor_words.c
 *	  What a picture of a floor says in words: see floor_words.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

#include "base/format.h"
#include "page/floor_words.h"
#include "seating/local_time.h"

/* Of several who have one dining table, this many are told in full. */
#define MOST_TOLD 5

static bool local_fields(const FloorState *state, TimestampTz instant, struct pg_tm *tm);
static void append_party(StringInfo words, const FloorState *state, const FloorParty *party);


static char *short_time(const FloorState *state, TimestampTz instant);

char *
floor_words_time(const FloorState *state, TimestampTz instant)
{
	struct pg_tm tm;

	if (!local_fields(state, instant, &tm))
		return pstrdup(TIMESTAMP_IS_NOBEGIN(instant) ? "ever" : "an open end");
	return psprintf("%04d-%02d-%02d %02d:%02d%s", tm.tm_year > 0 ? tm.tm_year : 1 - tm.tm_year, tm.tm_mon, tm.tm_mday,
					tm.tm_hour, tm.tm_min, tm.tm_year > 0 ? "" : " BC");
}

/* In few letters: "19:30" on that day, or the date. */
static char *
short_time(const FloorState *state, TimestampTz instant)
{
	struct pg_tm tm;

	if (!local_fields(state, instant, &tm))
		return pstrdup("open end");
	if (instant - state->at < USECS_PER_DAY)
		return psprintf("%02d:%02d", tm.tm_hour, tm.tm_min);
	if (tm.tm_year <= 9999)
		return psprintf("%04d-%02d-%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
	return psprintf("year %d", tm.tm_year);
}

/* What the restaurant's clock shows; false for an instant that no clock can show. */
static bool
local_fields(const FloorState *state, TimestampTz instant, struct pg_tm *tm)
{
	fsec_t		fsec;

	if (TIMESTAMP_NOT_FINITE(instant) || !IS_VALID_TIMESTAMP(instant - USECS_PER_DAY) || !IS_VALID_TIMESTAMP(instant + USECS_PER_DAY))
		return false;
	return timestamp2tm(local_time_of(instant, state->reader->zone), NULL, tm, &fsec, NULL, NULL) == 0;
}

char *
floor_words_party(const FloorState *state, const FloorParty *party)
{
	char	   *until = short_time(state, party->end);

	if (!party->has_party_size)
		return psprintf("%s until %s", party->is_hold ? "held" : "party", until);
	return psprintf("%sparty of %d, until %s", party->is_hold ? "held for a " : "", party->party_size, until);
}

char *
floor_words_state(const FloorState *state, int table)
{
	const List *parties = state->parties_of[table];
	const FloorParty *party = parties ? linitial(parties) : NULL;
	char	   *until = party ? short_time(state, party->end) : NULL;

	if (party == NULL)
		return pstrdup(floor_state_word(floor_state_of(state, table)));
	if (list_length(parties) > 1)
		return psprintf("%d at once", list_length(parties));
	if (party->is_hold)
		return psprintf("held to %s", until);
	return party->has_party_size ? psprintf("%d until %s", party->party_size, until) : psprintf("until %s", until);
}

char *
floor_words_short_state(const FloorState *state, int table)
{
	const List *parties = state->parties_of[table];
	const FloorParty *party = parties ? linitial(parties) : NULL;
	TableState	is = floor_state_of(state, table);

	if (list_length(parties) > 1)
		return psprintf("%d at once", list_length(parties));
	if (is == TABLE_TAKEN && party->has_party_size)
		return psprintf("%d guest%s", party->party_size, party->party_size == 1 ? "" : "s");
	return pstrdup(is == TABLE_OUT_OF_SERVICE ? "out" : floor_state_word(is));
}

char *
floor_words_table(const FloorState *state, int table)
{
	const DiningTable *dining_table = &state->reader->floor.tables[table];
	StringInfoData words;
	ListCell   *lc;

	initStringInfo(&words);
	appendStringInfo(&words, "%s, %s", floor_words_number(state, table), format_things(Max(dining_table->capacity, 0), "seat"));
	if (state->parties_of[table] == NIL)
		appendStringInfo(&words, ", %s", floor_state_word(floor_state_of(state, table)));
	if (state->parties_of[table] != NIL && dining_table->out_of_service)
		appendStringInfoString(&words, ", out of service");
	if (state->parties_of[table] != NIL && !(dining_table->active && dining_table->zone_active))
		appendStringInfoString(&words, ", inactive");
	foreach(lc, state->parties_of[table])
	{
		if (foreach_current_index(lc) == MOST_TOLD)
			break;
		append_party(&words, state, lfirst(lc));
	}
	return words.data;
}

/* Appends who has a dining table. */
static void
append_party(StringInfo words, const FloorState *state, const FloorParty *party)
{
	appendStringInfoString(words, party->is_hold ? "; held" : "; taken by a party");
	if (party->has_party_size)
		appendStringInfo(words, party->is_hold ? " for a party of %d" : " of %d", party->party_size);
	if (party->status)
		appendStringInfo(words, " (%s)", party->status);
	appendStringInfo(words, ", %s to %s", floor_words_time(state, party->start), floor_words_time(state, party->end));
}

char *
floor_words_summary(const FloorState *state)
{
	int			counts[TABLE_STATE_COUNT] = {0};
	int			joined = 0;
	StringInfoData words;
	ListCell   *lc;

	for (int i = 0; i < state->reader->floor.ntables; i++)
		counts[floor_state_of(state, i)]++;
	foreach(lc, state->parties)
	{
		if (list_length(((FloorParty *) lfirst(lc))->tables) > 1)
			joined++;
	}
	initStringInfo(&words);
	appendStringInfo(&words, "%s", format_things(state->reader->floor.ntables, "dining table"));
	for (int i = 0; i < TABLE_STATE_COUNT; i++)
		appendStringInfo(&words, "%s %s %s", i == 0 ? ":" : ",", format_count(counts[i]), floor_state_word(i));
	appendStringInfo(&words, "; of the bookings and holds, %s several dining tables.", joined == 1 ? "1 has" : psprintf("%s have", format_count(joined)));
	return words.data;
}

const char *
floor_words_number(const FloorState *state, int table)
{
	const char *number = state->reader->floor.tables[table].number;

	return number && *number ? number : "(no number)";
}

const char *
floor_words_zone(const FloorState *state, int zone)
{
	const char *name = zone >= 0 ? state->reader->zone_names[zone] : NULL;

	if (zone < 0)
		return "Without a zone";
	return name && *name ? name : "(no name)";
}
