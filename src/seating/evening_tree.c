/*-------------------------------------------------------------------------
 *
 * evening_tree.c
 *	  Branch and bound over an evening's relaxation: see evening_tree.h.
 *
 * Where the relaxation seats a fraction of bookings at some options, there are
 * two cases: of these bookings at least, or at most, a whole number sits
 * there.  The relaxation with that restriction bounds each case.  Decided
 * are first the questions that concern most: is a booking seated at all, in
 * which zone, at which class of dining tables, at which option.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "seating/evening_bound.h"
#include "seating/evening_relax.h"
#include "seating/evening_tree.h"

#define MAX_DEPTH 256
#define CHUNK 32				/* iterations between two bounds */
#define ROOT_CHUNKS 60
#define NODE_CHUNKS 16
#define DIVE_CHUNKS 4
#define MAX_FAILED 12
#define WHOLE 0.02				/* a fraction that counts as none */

/* A decision on the way to the current node. */
typedef struct Decision
{
	bool		second;			/* its other case is done */
} Decision;

/* A set of a group's options to decide about. */
typedef struct Question
{
	double		score;
	int32		begin;			/* groups */
	int32		end;
	int			kind;			/* 0: all, 1: a zone, 2: a resource, 3: one */
	int32		key;
	double		taken;
} Question;

/* A variable that is not whole. */
typedef struct Fraction
{
	double		fraction;
	int32		variable;
} Fraction;

struct TreeState
{
	const EveningModel *model;
	int32	   *seated;
	EveningTree *tree;
	int64		wanted;
	int64		max_steps;
	int32		max_cuts;
	EveningRelax *relax;
	EveningBound *root;
	bool	   *keep;
	double	   *x;
	double	   *option_sums;
	double	   *sums;			/* of each resource, then of each zone */
	int32	   *zone_of;		/* of each resource: the first one that is ever
								 * used together with it */
	Decision	decisions[MAX_DEPTH];
	int32		depth;
	int64		other_steps;
};

static void find_zones(TreeState *state);
static int32 zone_root(int32 *zone_of, int32 r);
static int32 find_fractions(TreeState *state, Fraction *fractions);
static int	compare_fractions(const void *a, const void *b);
static void round_up(TreeState *state, int32 variable);
static void filter(TreeState *state);
static void drop_decision(TreeState *state);
static bool bound_node(TreeState *state, EveningBound *root, int chunks);
static bool pick_question(TreeState *state, Question *question);
static void pick_among(TreeState *state, int32 begin, int32 end, Question *question);
static void consider(Question *best, const Question *question);
static bool concerns(const TreeState *state, const Question *question,
					 int32 variable);
static void decide(TreeState *state, const Question *question);
static bool backtrack(TreeState *state);
static bool take_whole(TreeState *state);
static bool out_of_steps(const TreeState *state);

EveningTree *
evening_tree_begin(const EveningModel *model, const int32 *seated,
				   int64 wanted)
{
	EveningTree *tree = palloc0(sizeof(EveningTree));
	TreeState  *state = palloc0(sizeof(TreeState));
	int64		variables = 0;

	for (int32 g = 0; g < model->ngroups; g++)
		variables += model->groups[g].noptions;
	tree->state = state;
	tree->chosen = palloc(sizeof(int32) * Max(model->problem->nbookings, 1));
	tree->excess = palloc_extended(sizeof(int64) * Max(variables, 1), MCXT_ALLOC_HUGE);
	state->model = model;
	state->seated = palloc(sizeof(int32) * Max(model->nranks, 1));
	memcpy(state->seated, seated, sizeof(int32) * model->nranks);
	state->tree = tree;
	state->wanted = wanted;
	state->keep = palloc_extended(Max(variables, 1), MCXT_ALLOC_HUGE);
	memset(state->keep, true, variables);
	state->x = palloc_extended(sizeof(double) * Max(variables, 1),
							   MCXT_ALLOC_HUGE);
	state->max_cuts = model->nseatable + MAX_DEPTH;
	state->relax = evening_relax_begin(model, state->seated, state->keep, state->max_cuts);
	state->root = evening_bound_create(model, state->seated, NULL);
	find_zones(state);
	evening_bound_try(state->root, NULL);
	bound_node(state, state->root, ROOT_CHUNKS);
	tree->bound = evening_bound_get(state->root);
	evening_bound_excess(state->root, tree->excess);
	tree->steps = state->relax->steps + state->other_steps;
	if (getenv("V")) fprintf(stderr, "  root %f its %d merit %f\n", tree->bound / 1e4, state->relax->iterations, state->relax->merit);
	return tree;
}

int64
evening_tree_slack(const EveningTree *tree, int64 wanted)
{
	return evening_bound_slack(tree->state->root, wanted);
}

/* Leaves out what the root's prices rule out for the wanted score. */
static void
filter(TreeState *state)
{
	int64		slack = evening_bound_slack(state->root, state->wanted);

	for (int64 v = 0; v < state->relax->nvariables; v++)
		state->keep[v] = state->tree->excess[v] <= slack;
}

/* Resources that one option uses are in one zone. */
static void
find_zones(TreeState *state)
{
	const EveningProblem *problem = state->model->problem;
	int32		n = problem->nresources;

	state->zone_of = palloc(sizeof(int32) * Max(n, 1));
	state->option_sums = palloc0(sizeof(double) * Max(problem->noptions, 1));
	state->sums = palloc0(sizeof(double) * Max(n, 1) * 2);
	for (int32 r = 0; r < n; r++)
		state->zone_of[r] = r;
	for (int32 i = 0; i < problem->noptions; i++)
	{
		const EveningOption *option = &problem->options[i];
		const EveningUse *use = problem->uses + option->first_use;

		for (int32 k = 1; k < option->nuses; k++)
		{
			int32		a = zone_root(state->zone_of, use[0].resource);
			int32		b = zone_root(state->zone_of, use[k].resource);

			state->zone_of[Max(a, b)] = Min(a, b);
		}
	}
	for (int32 r = 0; r < n; r++)
		state->zone_of[r] = zone_root(state->zone_of, r);
}

static int32
zone_root(int32 *zone_of, int32 r)
{
	while (zone_of[r] != r)
	{
		zone_of[r] = zone_of[zone_of[r]];
		r = zone_of[r];
	}
	return r;
}

void
evening_tree_search(EveningTree *tree, int64 wanted, int64 max_steps)
{
	TreeState  *state = tree->state;
	bool		open = true;
	int nodes = 0;

	state->wanted = wanted;
	state->max_steps = tree->steps + max_steps;
	tree->exhausted = false;
	filter(state);
	evening_relax_restart(state->relax);
	open = bound_node(state, NULL, NODE_CHUNKS);
	while (!out_of_steps(state))
	{
		Question	question;

		CHECK_FOR_INTERRUPTS();
		nodes++;
		if (open)
		{
			if (state->depth < MAX_DEPTH && pick_question(state, &question))
			{
				decide(state, &question);
				open = bound_node(state, NULL, NODE_CHUNKS);
				continue;
			}
			if (state->depth >= MAX_DEPTH || !take_whole(state))
				break;
		}
		if (!backtrack(state))
		{
			tree->exhausted = true;
			break;
		}
		open = bound_node(state, NULL, NODE_CHUNKS);
	}
	while (state->depth > 0)
		drop_decision(state);
	if (getenv("V")) fprintf(stderr, "  nodes %d found %d score %f exhausted %d steps %ld wanted %f\n", nodes, tree->found, tree->score / 1e4, tree->exhausted, state->relax->steps + state->other_steps, wanted/1e4);
	if (tree->exhausted)
		tree->bound = Max(tree->bound, tree->found ? tree->score :
						  wanted + state->model->unit);
	tree->steps = state->relax->steps + state->other_steps;
}

/*
 * Rounds a part of the fractions up, the largest first, solves again, and so
 * on until all are whole.  What cannot be is taken back, and done in smaller
 * parts.
 */
void
evening_tree_dive(EveningTree *tree, int64 wanted, int64 max_steps)
{
	TreeState  *state = tree->state;
	EveningRelax *relax = state->relax;
	Fraction   *fractions = palloc(sizeof(Fraction) * Max(state->model->ngroups, 1));
	int32		share = 4;
	int32		failed = 0;

	state->wanted = wanted;
	state->max_steps = tree->steps + max_steps;
	filter(state);
	evening_relax_restart(relax);
	bound_node(state, NULL, DIVE_CHUNKS);
	while (!out_of_steps(state) && failed < MAX_FAILED)
	{
		int32		ncuts = relax->ncuts;
		int32		n;

		CHECK_FOR_INTERRUPTS();
		evening_relax_get(relax, state->x, 1, NULL, NULL);
		n = find_fractions(state, fractions);
		if (n == 0)
		{
			take_whole(state);
			break;
		}
		n = Max(n / share, 1);
		for (int32 i = 0; i < n && relax->ncuts < state->max_cuts; i++)
			round_up(state, fractions[i].variable);
		evening_relax_restart(relax);
		if (bound_node(state, NULL, DIVE_CHUNKS))
			continue;
		failed++;
		while (relax->ncuts > ncuts)
			pfree(relax->cuts[--relax->ncuts].variables);
		if (n == 1)
		{
			round_up(state, fractions[0].variable);
			relax->cuts[ncuts].at_least = false;
			relax->cuts[ncuts].amount--;
		}
		share *= 2;
		evening_relax_restart(relax);
		if (!bound_node(state, NULL, DIVE_CHUNKS))
			break;
	}
	while (relax->ncuts > 0)
		pfree(relax->cuts[--relax->ncuts].variables);
	if (getenv("V")) fprintf(stderr, "  dive found %d score %f failed %d steps %ld wanted %f\n", tree->found, tree->score / 1e4, failed, relax->steps + state->other_steps - tree->steps, wanted/1e4);
	tree->steps = relax->steps + state->other_steps;
	pfree(fractions);
}

/* The largest fraction of each group that has one, sorted; how many. */
static int32
find_fractions(TreeState *state, Fraction *fractions)
{
	const EveningModel *model = state->model;
	int32		n = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		Fraction	best = {.fraction = WHOLE};

		for (int32 v = group->first_option; v < group->first_option + group->noptions; v++)
		{
			double		fraction = state->x[v] - floor(state->x[v]);

			if (fraction > best.fraction && fraction < 1 - WHOLE)
			{
				best.fraction = fraction;
				best.variable = v;
			}
		}
		if (best.fraction > WHOLE)
			fractions[n++] = best;
	}
	qsort(fractions, n, sizeof(Fraction), compare_fractions);
	return n;
}

static int
compare_fractions(const void *a, const void *b)
{
	const Fraction *x = a;
	const Fraction *y = b;

	if (x->fraction != y->fraction)
		return x->fraction > y->fraction ? -1 : 1;
	return x->variable < y->variable ? -1 : x->variable > y->variable;
}

/* From now on at least the next whole number takes that option. */
static void
round_up(TreeState *state, int32 variable)
{
	EveningRelax *relax = state->relax;
	EveningCut *cut = &relax->cuts[relax->ncuts];

	cut->variables = palloc(sizeof(int32));
	cut->variables[0] = variable;
	cut->nvariables = 1;
	cut->at_least = true;
	cut->amount = (int32) floor(state->x[variable]) + 1;
	relax->y[relax->ncells + state->model->nranks + relax->ncuts] = 0;
	relax->ncuts++;
}

/* Whether the current node may have a seating of the wanted score. */
static bool
bound_node(TreeState *state, EveningBound *root, int chunks)
{
	const EveningModel *model = state->model;
	EveningRelax *relax = state->relax;
	EveningBound *bound = root ? root :
		evening_bound_create(model, state->seated, state->keep);
	double		enough = Max(model->unit * relax->cost_scale * 0.1, 0.001);
	bool		open = true;
	int			its = relax->iterations;

	for (int i = 0; i < chunks && open; i++)
	{
		evening_relax_iterate(relax, CHUNK);
		evening_bound_try(bound, relax);
		state->other_steps += relax->nvariables + relax->ncells / 2;
		open = evening_bound_get(bound) <= state->wanted;
		if (relax->merit < enough)
			break;
	}
	if (getenv("VV")) fprintf(stderr, "    depth %d its %d bound %f merit %f lp %f open %d\n", state->depth, relax->iterations-its, evening_bound_get(bound)/1e4, relax->merit, relax->bound, open);
	if (!root)
		evening_bound_free(bound);
	return open;
}

/* The most undecided question; false: there is none. */
static bool
pick_question(TreeState *state, Question *question)
{
	const EveningModel *model = state->model;
	int32		end;

	evening_relax_get(state->relax, state->x, 1, NULL, NULL);
	question->score = 0;
	for (int32 g = 0; g < model->ngroups; g = end)
	{
		/* Groups are sorted by their lists. */
		for (end = g + 1; end < model->ngroups && model->groups[end].list == model->groups[g].list; end++)
			;
		if (getenv("W"))
			pick_among(state, g, end, question);
	}
	if (question->score <= WHOLE)
	{
		for (int32 g = 0; g < model->ngroups; g++)
			pick_among(state, g, g + 1, question);
	}
	return question->score > WHOLE;
}

static void
pick_among(TreeState *state, int32 begin, int32 end, Question *question)
{
	const EveningModel *model = state->model;
	const EveningProblem *problem = model->problem;
	int32		n = problem->nresources;
	Question	q = {.begin = begin,.end = end};
	double		all = 0;

	for (int32 g = begin; g < end; g++)
	{
		const EveningGroup *group = &model->groups[g];

		for (int32 i = 0; i < group->noptions; i++)
		{
			int32		v = group->first_option + i;
			const EveningOption *option;

			if (state->x[v] == 0)
				continue;
			option = &problem->options[model->group_options[v]];
			all += state->x[v];
			state->option_sums[model->group_options[v]] += state->x[v];
			for (int32 k = 0; k < option->nuses; k++)
				state->sums[problem->uses[option->first_use + k].resource] += state->x[v];
			if (option->nuses > 0)
				state->sums[n + state->zone_of[problem->uses[option->first_use].resource]] += state->x[v];
		}
	}
	q.kind = 0;
	q.taken = all;
	consider(question, &q);
	for (int32 g = begin; g < end; g++)
	{
		const EveningGroup *group = &model->groups[g];

		for (int32 i = 0; i < group->noptions; i++)
		{
			int32		v = group->first_option + i;
			const EveningOption *option;

			if (state->x[v] == 0)
				continue;
			option = &problem->options[model->group_options[v]];
			q.kind = 3;
			q.key = model->group_options[v];
			q.taken = state->option_sums[q.key];
			state->option_sums[q.key] = 0;
			consider(question, &q);
			for (int32 k = 0; k < option->nuses; k++)
			{
				int32		r = problem->uses[option->first_use + k].resource;

				q.kind = 2;
				q.key = r;
				q.taken = state->sums[r];
				state->sums[r] = 0;
				consider(question, &q);
				q.kind = 1;
				q.key = state->zone_of[r];
				q.taken = state->sums[n + q.key];
				state->sums[n + q.key] = 0;
				consider(question, &q);
			}
		}
	}
}

static void
consider(Question *best, const Question *question)
{
	static const double weight[] = {2.0, 1.5, 1.2, 1.0};
	double		fraction = question->taken - floor(question->taken);
	double		score = Min(fraction, 1 - fraction);

	if (score > WHOLE && score * weight[question->kind] > best->score)
	{
		*best = *question;
		best->score = score * weight[question->kind];
	}
}

/* Whether the question is about that variable of its group. */
static bool
concerns(const TreeState *state, const Question *question, int32 variable)
{
	const EveningProblem *problem = state->model->problem;
	const EveningOption *option =
		&problem->options[state->model->group_options[variable]];
	const EveningUse *use = problem->uses + option->first_use;

	switch (question->kind)
	{
		case 0:
			return true;
		case 1:
			return option->nuses > 0 &&
				state->zone_of[use[0].resource] == question->key;
		case 2:
			for (int32 k = 0; k < option->nuses; k++)
			{
				if (use[k].resource == question->key)
					return true;
			}
			return false;
		default:
			return state->model->group_options[variable] == question->key;
	}
}

/* Goes into the case that is nearer to the fractions. */
static void
decide(TreeState *state, const Question *question)
{
	EveningRelax *relax = state->relax;
	const EveningGroup *groups = state->model->groups;
	int32		first = groups[question->begin].first_option;
	int32		end = groups[question->end - 1].first_option +
		groups[question->end - 1].noptions;
	EveningCut *cut = &relax->cuts[relax->ncuts];
	double		whole = floor(question->taken);

	cut->variables = palloc(sizeof(int32) * (end - first));
	cut->nvariables = 0;
	for (int32 v = first; v < end; v++)
	{
		if (state->keep[v] && concerns(state, question, v))
			cut->variables[cut->nvariables++] = v;
	}
	cut->at_least = question->taken - whole >= 0.5;
	cut->amount = (int32) whole + cut->at_least;
	relax->y[relax->ncells + state->model->nranks + relax->ncuts] = 0;
	relax->ncuts++;
	state->decisions[state->depth++].second = false;
	evening_relax_restart(relax);
}

/* Goes to the next case that is not done; false: all are. */
static bool
backtrack(TreeState *state)
{
	EveningRelax *relax = state->relax;

	while (state->depth > 0)
	{
		Decision   *decision = &state->decisions[state->depth - 1];
		EveningCut *cut = &relax->cuts[state->depth - 1];

		if (!decision->second)
		{
			decision->second = true;
			cut->amount += cut->at_least ? -1 : 1;
			cut->at_least = !cut->at_least;
			relax->y[relax->ncells + state->model->nranks + relax->ncuts - 1] = 0;
			evening_relax_restart(relax);
			return true;
		}
		drop_decision(state);
	}
	return false;
}

static void
drop_decision(TreeState *state)
{
	state->depth--;
	state->relax->ncuts--;
	pfree(state->relax->cuts[state->depth].variables);
}

/* Takes the seating, if the whole numbers are one; false: they are not. */
static bool
take_whole(TreeState *state)
{
	const EveningModel *model = state->model;
	const EveningProblem *problem = model->problem;
	Size		cells = (Size) problem->nresources * model->nslots;
	int32	   *room = palloc(sizeof(int32) * Max(cells, 1));
	int32	   *left = palloc(sizeof(int32) * Max(model->ngroups, 1));
	int32	   *option_of = palloc(sizeof(int32) * Max(problem->nbookings, 1));
	int32	   *seated = palloc0(sizeof(int32) * Max(model->nranks, 1));
	int32	   *rest = palloc0(sizeof(int32) * Max(state->relax->nvariables, 1));
	bool		fits = true;
	int64		score = 0;

	memcpy(room, model->room, sizeof(int32) * cells);
	for (int64 v = 0; v < state->relax->nvariables; v++)
		rest[v] = (int32) floor(state->x[v] + 0.5);
	for (int32 g = 0; g < model->ngroups; g++)
		left[g] = 0;
	for (int32 b = 0; b < problem->nbookings && fits; b++)
	{
		int32		g = model->group_of[b];
		const EveningGroup *group;
		const EveningOption *option;

		option_of[b] = -1;
		if (g < 0)
			continue;
		group = &model->groups[g];
		while (left[g] < group->noptions && rest[group->first_option + left[g]] == 0)
			left[g]++;
		if (left[g] == group->noptions)
			continue;
		rest[group->first_option + left[g]]--;
		option_of[b] = model->group_options[group->first_option + left[g]];
		option = &problem->options[option_of[b]];
		fits = evening_model_fits(problem, room, model->nslots, option,
								  group->from, group->until);
		for (int32 k = 0; k < option->nuses; k++)
		{
			const EveningUse *use = &problem->uses[option->first_use + k];

			for (int32 slot = group->from; slot < group->until; slot++)
				room[(Size) use->resource * model->nslots + slot] -= use->amount;
		}
		seated[group->rank]++;
		score += option->cost;
	}
	for (int32 rank = 0; rank < model->nranks; rank++)
		fits &= seated[rank] == state->seated[rank];
	if (fits && score <= state->wanted)
	{
		EveningTree *tree = state->tree;

		tree->found = true;
		tree->score = score;
		memcpy(tree->chosen, option_of, sizeof(int32) * problem->nbookings);
		state->wanted = score - model->unit;
		filter(state);
	}
	pfree(room);
	pfree(left);
	pfree(option_of);
	pfree(seated);
	pfree(rest);
	return fits;
}

static bool
out_of_steps(const TreeState *state)
{
	return state->relax->steps + state->other_steps > state->max_steps;
}
