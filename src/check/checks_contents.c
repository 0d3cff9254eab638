/*-------------------------------------------------------------------------
 *
 * checks_contents.c
 *	  Checks of what the tables' rows say, and of what keeps wrong rows out: see
 *	  checks_contents.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_contents.h"
#include "check/reference.h"
#include "target/keyed_table.h"
#include "target/safeguards.h"

/* Rows in percent whose content may have changed; owners edit their menus. */
#define MAX_CHANGED_ROWS 10.0

/* What the rows of all tables say otherwise than then. */
typedef struct Changes
{
	int			tables;			/* compared */
	bool		failed;
	StringInfoData found;
	StringInfoData metadata;
} Changes;

/* What keeps wrong rows out no longer. */
typedef struct LostGuards
{
	int			tables;
	uint64		lost;
	StringInfoData found;
} LostGuards;

static bool is_readable(const Facts *facts, const ReferenceTable *table);
static void compare_contents(Facts *facts, const ReferenceTable *table, Changes *changes);
static void judge_changes(const ReferenceTable *table, RowAspect aspect,
						  const RowChanges *found, Changes *changes);
static bool can_be_exchanged(RowAspect aspect);
static void add_lost_guard(char *lost, void *arg);


/*
 * 33: whose a row is and where it came from never changes.  Owners change names
 * and prices, but not of all dishes in a day, and they do not exchange them.
 */
void
check_row_contents(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Reference *reference = check_require_reference(facts, "row_contents", finding);
	Changes		changes = {0};
	ListCell   *lc;

	if (reference == NULL)
		return;
	initStringInfo(&changes.found);
	initStringInfo(&changes.metadata);
	json_begin(&changes.metadata);
	foreach(lc, reference->tables)
		compare_contents(facts, lfirst(lc), &changes);
	json_end(&changes.metadata);
	if (changes.tables == 0)
	{
		finding_skip(finding, "it is not recorded what the rows said, or the caller may not read them all",
					 migrate_call("SELECT * FROM menuca_ticket(0, dry_run => false); records it from now on."));
		return;
	}

	finding->status = changes.failed ? CHECK_FAIL : changes.found.len > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = psprintf("no row has another restaurant, legacy id or origin, and at most %g %% of the rows another name, price or rule",
								 MAX_CHANGED_ROWS);
	finding->actual = changes.found.len > 0 ? psprintf("changed: %s", changes.found.data) :
		psprintf("unchanged in %s", format_things(changes.tables, "table"));
	finding->detail = psprintf("Compared with %s.%s", reference->origin,
							   changes.found.len > 0 ? " More than a few rows are counted approximately." : "");
	if (finding->status != CHECK_PASS)
		finding->remedy = "Compare these tables with the backup, and restore what nobody changed on purpose.";
	finding->metadata = changes.metadata.data;
	accepted_change_apply(facts, "row_contents", ACCEPT_FIGURES_OF_NOW, finding);
}

static bool
is_readable(const Facts *facts, const ReferenceTable *table)
{
	return table_counts_is_readable(facts->target->schema, table->name);
}

static void
compare_contents(Facts *facts, const ReferenceTable *table, Changes *changes)
{
	const RowPrints *now = is_readable(facts, table) ?
		reference_prints_now(&facts->prints, facts->target->schema, table) : NULL;

	if (now == NULL)
	{
		/* A table that was empty has no row that could have changed. */
		changes->tables += table->counts.rows == 0 && table->prints[ROW_IDENTITY] && is_readable(facts, table);
		return;
	}
	changes->tables++;
	for (int i = 0; i < ROW_ASPECTS; i++)
	{
		RowPrint	then;
		RowChanges	found;
		int			sample_bits;

		if (table->prints[i] == NULL || !row_print_parse(table->prints[i], &then, &sample_bits))
			continue;
		row_print_compare(&then, table->counts.rows, now, (RowAspect) i, &found);
		judge_changes(table, (RowAspect) i, &found, changes);
	}
}

static void
judge_changes(const ReferenceTable *table, RowAspect aspect,
			  const RowChanges *found, Changes *changes)
{
	bool		exchanged = found->exchanged && can_be_exchanged(aspect);

	if (found->rows == 0)
		return;
	changes->failed |= aspect == ROW_IDENTITY ||
		(found->rows > DAILY_CHANGES &&
		 (exchanged || format_percentage(found->rows, table->counts.rows) > MAX_CHANGED_ROWS));
	json_count(&changes->metadata, psprintf("%s_%s", table->name, row_aspect_name(aspect)), found->rows);
	format_append(&changes->found, ", ", "%s of %s of %s%s", row_aspect_name(aspect),
				  format_things(found->rows, "row"), table->name, exchanged ? " exchanged among them" : "");
}

/* Two rows that change their places, or are switched off and on, are no exchange. */
static bool
can_be_exchanged(RowAspect aspect)
{
	return aspect == ROW_NAMES || aspect == ROW_PRICES || aspect == ROW_RULES;
}

/*
 * 34: wrong rows can come in where a constraint is gone or a trigger disabled, and
 * none at all where a sequence was set back.
 */
void
check_safeguards(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Reference *reference = check_require_reference(facts, "safeguards", finding);
	LostGuards	guards = {0};
	Safeguards *then;
	ListCell   *lc;

	if (reference == NULL)
		return;
	initStringInfo(&guards.found);
	then = palloc(sizeof(Safeguards) * Max(list_length(reference->tables), 1));
	foreach(lc, reference->tables)
	{
		const ReferenceTable *table = lfirst(lc);

		if (table->guards && is_readable(facts, table))
			then[guards.tables++] = (Safeguards)
		{
			.table = table->name,
				.relid = target_table_oid(facts->target->schema, table->name),
				.guards = table->guards,
				.has_last_value = table->has_last_value,
				.last_value = table->last_value
		};
	}
	safeguards_compare(then, guards.tables, add_lost_guard, &guards);
	if (guards.tables == 0)
	{
		finding_skip(finding, "it is not recorded which constraints there were",
					 migrate_call("SELECT * FROM menuca_ticket(0, dry_run => false); records it from now on."));
		return;
	}

	finding->status = guards.lost > 0 ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "every constraint and trigger that was in force is, and no sequence was set back";
	finding->actual = guards.lost > 0 ? psprintf("not any more: %s", guards.found.data) :
		psprintf("true for %s", format_things(guards.tables, "table"));
	finding->detail = psprintf("Compared with %s.", reference->origin);
	if (guards.lost > 0)
		finding->remedy = "Add or enable them again: what they keep out may have come in meanwhile. Set a sequence to its table's greatest id.";
	finding->metadata = json_one_count("lost", guards.lost);
	accepted_change_apply(facts, "safeguards", ACCEPT_FIGURES_OF_NOW, finding);
}

static void
add_lost_guard(char *lost, void *arg)
{
	LostGuards *guards = arg;

	guards->lost++;
	format_append(&guards->found, ", ", "%s", lost);
}
