/*-------------------------------------------------------------------------
 *
 * figures_functions.c
 *	  The monitor's figures as rows, for reports.
 *
 * menuca_seating_figures_by_day(days, restaurant), menuca_seating_figures_by_restaurant(days),
 * menuca_seating_figures_combinations(days, restaurant)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "base/results.h"
#include "watch/watch_figures.h"

PG_FUNCTION_INFO_V1(menuca_seating_figures_by_day);
PG_FUNCTION_INFO_V1(menuca_seating_figures_by_restaurant);
PG_FUNCTION_INFO_V1(menuca_seating_figures_combinations);

/* Columns of a tally, behind the day or the restaurant. */
#define TALLY_COLUMNS 10

static const WatchFigures *figures_argument(FunctionCallInfo fcinfo, bool has_restaurant);
static void tally_values(const WatchTally *tally, Datum *values, bool *nulls);


/* menuca_seating_figures_by_day(days, restaurant): a row for each service day with bookings. */
Datum
menuca_seating_figures_by_day(PG_FUNCTION_ARGS)
{
	const WatchFigures *figures = figures_argument(fcinfo, true);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	foreach(lc, figures->by_day)
	{
		const WatchDay *day = lfirst(lc);
		Datum		values[1 + TALLY_COLUMNS];
		bool		nulls[1 + TALLY_COLUMNS] = {0};

		values[0] = DateADTGetDatum(day->day);
		tally_values(&day->tally, values + 1, nulls + 1);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* menuca_seating_figures_by_restaurant(days): those with most bookings. */
Datum
menuca_seating_figures_by_restaurant(PG_FUNCTION_ARGS)
{
	const WatchFigures *figures = figures_argument(fcinfo, false);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	foreach(lc, figures->by_restaurant)
	{
		const WatchRestaurantTally *row = lfirst(lc);
		Datum		values[2 + TALLY_COLUMNS];
		bool		nulls[2 + TALLY_COLUMNS] = {0};

		values[0] = UUIDPGetDatum(&row->id);
		values[1] = result_text(row->name, &nulls[1]);
		tally_values(&row->tally, values + 2, nulls + 2);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* menuca_seating_figures_combinations(days, restaurant): the commonest ones. */
Datum
menuca_seating_figures_combinations(PG_FUNCTION_ARGS)
{
	const WatchFigures *figures = figures_argument(fcinfo, true);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	foreach(lc, figures->combinations)
	{
		const WatchNamedCombination *row = lfirst(lc);
		Datum		values[6];
		bool		nulls[6] = {0};

		values[0] = UUIDPGetDatum(&row->restaurant);
		nulls[0] = !row->has_restaurant;
		values[1] = result_text(row->name, &nulls[1]);
		values[2] = result_text_array(row->numbers);
		values[3] = Int32GetDatum(list_length(row->numbers));
		values[4] = Int64GetDatum(row->bookings);
		values[5] = result_percent(row->bookings, figures->all.combinations, &nulls[5]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* days is the first argument, and the restaurant, NULL for all, the second. */
static const WatchFigures *
figures_argument(FunctionCallInfo fcinfo, bool has_restaurant)
{
	int			days = watch_figures_days(fcinfo, 0);
	const WatchFigures *figures = watch_figures_get(days, !has_restaurant || PG_ARGISNULL(1) ? NULL : PG_GETARG_UUID_P(1));

	InitMaterializedSRF(fcinfo, 0);
	return figures;
}

static void
tally_values(const WatchTally *tally, Datum *values, bool *nulls)
{
	values[0] = Int64GetDatum(tally->bookings);
	values[1] = Int64GetDatum(tally->cancelled);
	values[2] = Int64GetDatum(tally->seated);
	values[3] = Int64GetDatum(tally->combinations);
	values[4] = result_percent(tally->combinations, tally->seated, &nulls[4]);
	values[5] = Int64GetDatum(tally->no_single);
	values[6] = Int64GetDatum(tally->attempts);
	values[7] = Int64GetDatum(tally->attempted);
	values[8] = Int64GetDatum(tally->succeeded);
	values[9] = result_percent(tally->succeeded, tally->attempted, &nulls[9]);
}
