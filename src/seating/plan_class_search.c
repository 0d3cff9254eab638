/*-------------------------------------------------------------------------
 *
 * plan_class_search.c
 *	  Free sets by classes; see plan_class_search.h.
 *
 * The tables of a class have the same capacity, the same own part of a score, and
 * either all or none is a plan by itself.  So all sets of one kind have the same
 * score and, unless a listed set is in them, are dominated or not together.
 *
 * Kinds are made with the classes in order, the largest capacity first.  A
 * beginning is given up when
 *	- the sum cannot come into range: the further tables have at most the capacity
 *	  of the last one, and at least the unit's smallest;
 *	- only undominated sets are wanted, and the beginning seats the party (of 3
 *	  tables or more, the last and smallest one would be too many), or one of its
 *	  tables does so alone;
 *	- its least possible score is beyond the worst plan of a full list.  Let x be
 *	  the seats too many: sum = party + x, so the score is
 *	  (w_overage + w_spread) * x + w_spread * (party - largest), the constant part
 *	  of n tables, and the tables' own parts.  The largest table is known, x is in
 *	  an interval, on which a linear function is least at an end, and each further
 *	  table's own part is at least the unit's least.  This holds for weights of
 *	  any sign, and for a complete kind it is the score itself.
 *
 * The sets of a kind are made in order of their places, until one is not wanted:
 * then no later one is.  (Within a zone the order of places is that of numbers:
 * floor.c makes it so.)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_class_search.h"

/* A visit of kinds. */
typedef struct Choice
{
	PlanScan   *scan;
	const PlanUnit *unit;
	PlanKindVisit visit;
	void	   *arg;
	int64		constant;		/* the part of the score that all sets of n
								 * tables have */
	PlanKind	kind;			/* the beginning, then the kind */
} Choice;

/* The sets of one kind. */
typedef struct Expansion
{
	PlanScan   *scan;
	bool		skip_connected;
	int			nclasses;		/* different classes */
	const PlanClass *classes[FLOOR_MAX_K];
	int			quota[FLOOR_MAX_K]; /* tables still to be taken */
	PlanSet		set;
} Expansion;

static void choose(Choice *choice, int depth, int from, int64 sum, int64 own);
static int	used_of(const PlanKind *kind, int depth, int class);
static int64 least_score(const Choice *choice, int64 sum, int capacity, int rest, int64 own);
static void expand_kind(PlanScan *scan, const PlanKind *kind, void *arg);
static bool expand(Expansion *expansion, int depth, const int *after);

void
plan_class_search(PlanScan *scan, const PlanUnit *unit, int n)
{
	Expansion	expansion = {.scan = scan,.skip_connected = unit->kind == PLAN_UNIT_GRAPH};

	plan_class_visit(scan, unit, n, expand_kind, &expansion);
}

void
plan_class_visit(PlanScan *scan, const PlanUnit *unit, int n, PlanKindVisit visit, void *arg)
{
	Choice		choice = {.scan = scan,.unit = unit,.visit = visit,.arg = arg};

	choice.kind.unit = unit;
	choice.kind.n = n;
	choice.kind.adjacency = unit->kind == PLAN_UNIT_COMPLETE ? 1 : n;
	choice.constant = scan->rules->settings.w_tables * (n - 1) +
		scan->rules->settings.w_adjacency * choice.kind.adjacency;
	choose(&choice, 0, 0, 0, 0);
}

/* Chooses the class of the table at that depth, from that class on. */
static void
choose(Choice *choice, int depth, int from, int64 sum, int64 own)
{
	const PlanScan *scan = choice->scan;
	const PlanRules *rules = scan->rules;
	const PlanUnit *unit = choice->unit;
	int			rest = choice->kind.n - depth - 1;

	for (int c = from; c < unit->nclasses; c++)
	{
		const PlanClass *class = &unit->classes[c];
		int64		total = sum + class->capacity;
		int64		score;

		if (!plan_rules_step(&choice->scan->budget))
			return;
		if (total + (int64) rest * class->capacity < rules->least)
			return;
		if (total + (int64) rest * unit->min_capacity > rules->most)
			continue;
		if (scan->undominated &&
			(class->alone || (choice->kind.n > 2 && rest > 0 && total >= rules->least)))
			continue;
		if (used_of(&choice->kind, depth, c) == class->nmembers)
			continue;
		choice->kind.classes[depth] = c;
		score = least_score(choice, total, class->capacity, rest, own + class->own);
		if (plan_best_beyond(scan->best, score))
			continue;
		if (rest > 0)
		{
			choose(choice, depth + 1, c, total, own + class->own);
			continue;
		}
		choice->kind.capacity = total;
		choice->kind.score = score;
		choice->visit(choice->scan, &choice->kind, choice->arg);
	}
}

/* How many tables of a class are among the first ones: equal classes are side by side. */
static int
used_of(const PlanKind *kind, int depth, int class)
{
	int			used = 0;

	while (used < depth && kind->classes[depth - 1 - used] == class)
		used++;
	return used;
}

/* See above.  The last class has been chosen, with that capacity; rest tables are still to come. */
static int64
least_score(const Choice *choice, int64 sum, int capacity, int rest, int64 own)
{
	const PlanRules *rules = choice->scan->rules;
	const PlanUnit *unit = choice->unit;
	int64		spread = rules->settings.w_spread;
	int64		slope = rules->settings.w_overage + spread;
	int64		low = Max(rules->least, sum + (int64) rest * unit->min_capacity);
	int64		high = Min(rules->most, sum + (int64) rest * capacity);

	return choice->constant + slope * ((slope >= 0 ? low : high) - rules->party) +
		spread * (rules->party - unit->classes[choice->kind.classes[0]].capacity) +
		own + rest * unit->min_own;
}

/* Offers the sets of a kind. */
static void
expand_kind(PlanScan *scan, const PlanKind *kind, void *arg)
{
	Expansion  *expansion = arg;
	int			after[FLOOR_MAX_K] = {0};

	expansion->nclasses = 0;
	for (int i = 0; i < kind->n; i++)
	{
		if (i == 0 || kind->classes[i] != kind->classes[i - 1])
		{
			expansion->quota[expansion->nclasses] = 0;
			expansion->classes[expansion->nclasses++] = &kind->unit->classes[kind->classes[i]];
		}
		expansion->quota[expansion->nclasses - 1]++;
	}
	expansion->set.n = kind->n;
	expansion->set.capacity = kind->capacity;
	expansion->set.overage = kind->capacity - scan->rules->party;
	expansion->set.score = kind->score;
	expand(expansion, 0, after);
}

/*
 * Takes the next table of the set, the smallest places first.  after: by class,
 * the first member that lies behind the tables that have been taken.  Returns
 * false when no further set is wanted.
 */
static bool
expand(Expansion *expansion, int depth, const int *after)
{
	int			next[FLOOR_MAX_K];

	if (depth == expansion->set.n)
	{
		if (expansion->skip_connected &&
			plan_rules_adjacency(expansion->scan->rules->floor, expansion->set.places, depth).connected)
			return true;
		return plan_scan_offer(expansion->scan, &expansion->set);
	}
	memcpy(next, after, sizeof(next));
	for (;;)
	{
		int			least = -1;
		bool		wanted;

		if (!plan_rules_step(&expansion->scan->budget))
			return false;
		for (int c = 0; c < expansion->nclasses; c++)
		{
			if (expansion->quota[c] == 0)
				continue;
			if (expansion->classes[c]->nmembers - next[c] < expansion->quota[c])
				return true;
			if (least < 0 || expansion->classes[c]->members[next[c]] <
				expansion->classes[least]->members[next[least]])
				least = c;
		}
		expansion->set.places[depth] = expansion->classes[least]->members[next[least]++];
		expansion->quota[least]--;
		wanted = expand(expansion, depth + 1, next);
		expansion->quota[least]++;
		if (!wanted)
			return false;
	}
}
