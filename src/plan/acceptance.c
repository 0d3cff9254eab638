/*-------------------------------------------------------------------------
 *
 * acceptance.c
 *	  Figures that a person has accepted up to a bound: see acceptance.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>


#include "base/arguments.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "plan/acceptance.h"
#include "target/junction.h"

/* How a figure is bounded. */
typedef enum Bound
{
	BOUND_AT_LEAST,
	BOUND_AT_MOST,
	BOUND_NONE
} Bound;

static const struct
{
	const char *name;
	Bound		bound;
	const char *unit;
}			accepted_figures[] = {
	[ACCEPT_DISH_COVERAGE] = {"dish_coverage", BOUND_AT_LEAST, " %"},
	[ACCEPT_GROUP_COVERAGE] = {"group_coverage", BOUND_AT_LEAST, " %"},
	[ACCEPT_RESTAURANTS] = {"restaurants", BOUND_AT_LEAST, " %"},
	[ACCEPT_ORPHAN_RATE] = {"orphan_rate", BOUND_AT_MOST, " %"},
	[ACCEPT_EXPECTED_ORPHAN_RATE] = {"expected_orphan_rate", BOUND_AT_MOST, " %"},
	[ACCEPT_EMPTY_COMBOS] = {"empty_combos", BOUND_AT_MOST, " %"},
	[ACCEPT_EQUAL_NAMES] = {"equal_names", BOUND_AT_MOST, " %"},
	[ACCEPT_DISTRIBUTION] = {"distribution", BOUND_AT_MOST, " points"},
	[ACCEPT_ITEM_COUNT] = {"item_count", BOUND_NONE, ""},
	[ACCEPT_DIRECTION] = {"direction", BOUND_NONE, ""}
};

static bool may_read_acceptances(void);
static void read_acceptances(const char *condition, QueryArgs *args, Acceptances *acceptances);
static void *make_acceptance(TupleTableSlot *slot);
static char *sentence_added(const char *text, const char *clause);


const char *
acceptance_figure_name(AcceptedFigure figure)
{
	return accepted_figures[figure].name;
}

bool
acceptances_exist(const Target *target)
{
	QueryArgs	args = {0};

	if (!may_read_acceptances())
		return false;
	query_arg_text(&args, target->schema);
	query_arg_text(&args, target->junction->name);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_acceptance_in_effect WHERE target_schema = $1 AND target = $2)",
							   migrate_schema()), &args);
}

static bool
may_read_acceptances(void)
{
	return relation_may(migrate_table("menuca_acceptance"), ACL_SELECT);
}

void
acceptances_read(const Target *target, const Source *source, const PlanFigures *figures,
				 Acceptances *acceptances)
{
	QueryArgs	args = {0};

	query_arg_text(&args, target->schema);
	query_arg_text(&args, target->junction->name);
	query_arg_text(&args, source->name);
	query_arg_int8(&args, (int64) figures->source_rows);
	query_arg_text(&args, psprintf(UINT64_FORMAT, figures->source_checksum));
	read_acceptances("target_schema = $1 AND target = $2 AND source = $3 AND source_rows = $4 AND source_checksum = $5",
					 &args, acceptances);
}

void
acceptances_read_any(const char *schema, const char *junction, Acceptances *acceptances)
{
	QueryArgs	args = {0};

	query_arg_text(&args, schema);
	query_arg_text(&args, junction);
	read_acceptances("target_schema = $1 AND target = $2", &args, acceptances);
}

/* The newest one comes last. */
static void
read_acceptances(const char *condition, QueryArgs *args, Acceptances *acceptances)
{
	ListCell   *lc;

	memset(acceptances, 0, sizeof(Acceptances));
	if (!may_read_acceptances())
		return;
	foreach(lc, query_list(psprintf("SELECT figure, bound::float8 AS bound, approver, reason FROM %smenuca_acceptance_in_effect"
									" WHERE %s ORDER BY acceptance_id", migrate_schema(), condition),
						   args, make_acceptance))
	{
		const Acceptance *acceptance = lfirst(lc);

		if (acceptance)
			acceptances->of[acceptance->figure] = acceptance;
	}
}

/* NULL for a row that somebody has made up. */
static void *
make_acceptance(TupleTableSlot *slot)
{
	Acceptance *acceptance = palloc0(sizeof(Acceptance));
	char	   *figure = slot_text_or_null_of(slot, "figure");
	char	   *approver = slot_text_or_null_of(slot, "approver");
	char	   *reason = slot_text_or_null_of(slot, "reason");
	int			bound = slot_attribute(slot, "bound");

	if (figure == NULL || !acceptance_figure_of_name(figure, &acceptance->figure))
		return NULL;
	if (accepted_figures[acceptance->figure].bound != BOUND_NONE)
	{
		if (slot->tts_isnull[bound])
			return NULL;
		acceptance->bound = DatumGetFloat8(slot->tts_values[bound]);
	}
	acceptance->approver = approver ? approver : "?";
	acceptance->reason = reason ? reason : "?";
	return acceptance;
}

bool
acceptance_figure_of_name(const char *name, AcceptedFigure *figure)
{
	for (int i = 0; i < ACCEPTED_FIGURE_COUNT; i++)
	{
		if (strcmp(accepted_figures[i].name, name) == 0)
		{
			*figure = (AcceptedFigure) i;
			return true;
		}
	}
	return false;
}

bool
acceptance_has_bound(AcceptedFigure figure)
{
	return accepted_figures[figure].bound != BOUND_NONE;
}

/*
 * People accept what they have seen, so values are compared as they are shown,
 * with two decimals.
 */
const Acceptance *
acceptance_covering(const Acceptances *acceptances, AcceptedFigure figure, double value)
{
	const Acceptance *acceptance = acceptances ? acceptances->of[figure] : NULL;
	double		shown = rint(value * 100) / 100;

	if (acceptance == NULL)
		return NULL;
	switch (accepted_figures[figure].bound)
	{
		case BOUND_AT_LEAST:
			return shown >= acceptance->bound ? acceptance : NULL;
		case BOUND_AT_MOST:
			return shown <= acceptance->bound ? acceptance : NULL;
		case BOUND_NONE:
			break;
	}
	return acceptance;
}

char *
acceptance_text(const Acceptance *acceptance)
{
	const char *reason = acceptance->reason;

	switch (accepted_figures[acceptance->figure].bound)
	{
		case BOUND_AT_LEAST:
		case BOUND_AT_MOST:
			return psprintf("accepted %s %.15g%s, by %s, because: %s",
							accepted_figures[acceptance->figure].bound == BOUND_AT_LEAST ? "down to" : "up to",
							acceptance->bound, accepted_figures[acceptance->figure].unit,
							acceptance->approver, reason);
		case BOUND_NONE:
			break;
	}
	return psprintf("accepted, by %s, because: %s", acceptance->approver, reason);
}

bool
acceptance_passes(const Acceptances *acceptances, AcceptedFigure figure, double value, bool otherwise)
{
	if (acceptances == NULL || acceptances->of[figure] == NULL)
		return otherwise;
	return acceptance_covering(acceptances, figure, value) != NULL;
}

void
acceptance_judge(const Acceptances *acceptances, AcceptedFigure figure, double value,
				 const char *arguments, Finding *finding)
{
	const Acceptance *acceptance = acceptances ? acceptances->of[figure] : NULL;
	bool		within = acceptance_covering(acceptances, figure, value) != NULL;

	if (within && finding->status != CHECK_PASS)
	{
		finding->status = CHECK_WARN;
		finding->detail = sentence_added(finding->detail, acceptance_text(acceptance));
		finding->remedy = NULL;
		finding->next_step = NULL;
	}
	else if (acceptance && !within)
	{
		finding->status = CHECK_FAIL;
		finding->detail = sentence_added(finding->detail, psprintf("beyond what was %s", acceptance_text(acceptance)));
	}
	if (finding->status == CHECK_FAIL && arguments)
		finding->remedy = psprintf("%s%sIf it cannot be repaired: %s", finding->remedy ? finding->remedy : "",
								   finding->remedy ? " " : "", acceptance_proposal(figure, value, arguments));
}

/* The text with one more sentence, made of a clause. */
static char *
sentence_added(const char *text, const char *clause)
{
	return psprintf("%s%s%c%s.", text ? text : "", text ? " " : "",
					pg_toupper((unsigned char) clause[0]), clause + 1);
}

/* A bound between 0 and 1 % would look like a share (argument_check_percentage()); points may be less. */
char *
acceptance_proposal(AcceptedFigure figure, double value, const char *arguments)
{
	if (figure != ACCEPT_DISTRIBUTION && value > 0 && value < 1)
		value = accepted_figures[figure].bound == BOUND_AT_MOST ? 1 : 0;
	return migrate_call("SELECT * FROM menuca_accept('%s', %s, '" ARGUMENT_REASON "', '" ARGUMENT_NAME "'%s%s);",
						accepted_figures[figure].name,
						accepted_figures[figure].bound == BOUND_NONE ? "NULL" : psprintf("%.2f", value),
						*arguments ? ", " : "", arguments);
}
