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
#define WHOLE 0.02				/* a fraction that counts as none */

/* A decision on the way to the current node. */
typedef struct Decision
{
	bool		second;			/* its other case is done */
} Decision;

/* What a question is about, the most basic first. */
typedef enum Ask
{
	ASK_ALL,					/* how many of a group's bookings are seated */
	ASK_ZONE,					/* in that zone */
	ASK_RESOURCE,				/* at that resource */
	ASK_OPTION					/* with that option */
} Ask;

typedef struct Question
{
	double		score;			/* how good it is to ask it; 0: not at all */
	int32		group;
	Ask			ask;
	int32		key;			/* zone, resource or variable */
	double		taken;			/* the relaxation's answer, not a whole number */
} Question;

struct TreeState
{
	const EveningModel *model;
	int32	   *seated;
	EveningTree *tree;
	int64		wanted;
	int64		max_steps;
	EveningRelax *relax;
	EveningBound *root;
	bool	   *keep;
	double	   *x;
	double	   *sums;			/* of each resource, then of each zone */
	int32	   *zone_of;		/* of each resource: the first one that is
								 * ever used together with it */
	Decision	decisions[MAX_DEPTH];
	int32		depth;
	int64		other_steps;
};

static void find_zones(TreeState *state);
static int32 zone_root(int32 *zone_of, int32 r);
static void filter(TreeState *state);
static void drop_decision(TreeState *state);
static bool bound_node(TreeState *state, EveningBound *root, int chunks);
static bool pick_question(TreeState *state, Question *question);
static void pick_among(TreeState *state, int32 g, Question *question);
static void consider(Question *best, int32 group, Ask ask, int32 key,
					 double taken);
static bool concerns(const TreeState *state, const Question *question,
					 int32 variable);
static void decide(TreeState *state, const Question *question);
static bool backtrack(TreeState *state);
static bool take_whole(TreeState *state);
static bool out_of_steps(const TreeState *state);

EveningTree *
evening_tree_begin(const EveningModel *model, const int32 *seated,
				   int64 wanted, int64 max_steps)
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
	state->max_steps = max_steps;
	state->keep = palloc_extended(Max(variables, 1), MCXT_ALLOC_HUGE);
	memset(state->keep, true, variables);
	state->x = palloc_extended(sizeof(double) * Max(variables, 1),
							   MCXT_ALLOC_HUGE);
	state->relax = evening_relax_begin(model, state->seated, state->keep, MAX_DEPTH);
	state->root = evening_bound_create(model, state->seated, NULL);
	find_zones(state);
	bound_node(state, state->root, ROOT_CHUNKS);
	evening_bound_try(state->root, NULL);
	tree->bound = evening_bound_get(state->root);
	evening_bound_excess(state->root, tree->excess);
	tree->excess_scale = state->root->scale;
	tree->steps = state->relax->steps + state->other_steps;
	return tree;
}

void
evening_tree_free(EveningTree *tree)
{
	TreeState  *state = tree->state;

	evening_relax_free(state->relax);
	evening_bound_free(state->root);
	pfree(state->seated);
	pfree(state->keep);
	pfree(state->x);
	pfree(state->sums);
	pfree(state->zone_of);
	pfree(state);
	pfree(tree->chosen);
	pfree(tree->excess);
	pfree(tree);
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

	state->wanted = wanted;
	state->max_steps = tree->steps + max_steps;
	tree->exhausted = false;
	filter(state);
	evening_relax_restart(state->relax);
	open = bound_node(state, NULL, NODE_CHUNKS);
	while (!out_of_steps(state))
	{
		Question	question = {0};

		CHECK_FOR_INTERRUPTS();
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
	if (tree->exhausted)
		tree->bound = Max(tree->bound, tree->found ? tree->score :
						  wanted + state->model->unit);
	tree->steps = state->relax->steps + state->other_steps;
}

/* Whether the current node may have a seating of the wanted score. */
static bool
bound_node(TreeState *state, EveningBound *root, int chunks)
{
	const EveningModel *model = state->model;
	EveningRelax *relax = state->relax;
	EveningBound *bound = root ? root :
		evening_bound_create(model, state->seated, state->keep);
	double		enough = Max(model->unit * relax->cost_scale * 0.2, 0.001);
	bool		open = true;

	for (int i = 0; i < chunks && open; i++)
	{
		evening_relax_iterate(relax, CHUNK);
		evening_bound_try(bound, relax);
		state->other_steps += relax->nvariables + relax->ncells / 2;
		open = evening_bound_get(bound) <= state->wanted;
		if (relax->merit < enough || out_of_steps(state))
			break;
	}
	if (!root)
		evening_bound_free(bound);
	return open;
}

/* The most undecided question; false: there is none. */
static bool
pick_question(TreeState *state, Question *question)
{
	const EveningModel *model = state->model;

	evening_relax_get(state->relax, state->x, 1, NULL, NULL);
	question->score = 0;
	for (int32 g = 0; g < model->ngroups; g++)
		pick_among(state, g, question);
	return question->score > WHOLE;
}

/* Looks for a better question about the bookings of a group. */
static void
pick_among(TreeState *state, int32 g, Question *question)
{
	const EveningModel *model = state->model;
	const EveningGroup *group = &model->groups[g];
	int32		end = group->first_option + group->noptions;
	double	   *of_resource = state->sums;
	double	   *of_zone = state->sums + model->problem->nresources;
	double		all = 0;

	for (int32 v = group->first_option; v < end; v++)
	{
		const EveningOption *option = &model->problem->options[model->group_options[v]];
		const EveningUse *use = model->problem->uses + option->first_use;

		if (state->x[v] == 0)
			continue;
		all += state->x[v];
		for (int32 k = 0; k < option->nuses; k++)
			of_resource[use[k].resource] += state->x[v];
		if (option->nuses > 0)
			of_zone[state->zone_of[use[0].resource]] += state->x[v];
	}
	consider(question, g, ASK_ALL, 0, all);
	for (int32 v = group->first_option; v < end; v++)
	{
		const EveningOption *option = &model->problem->options[model->group_options[v]];
		const EveningUse *use = model->problem->uses + option->first_use;

		if (state->x[v] == 0)
			continue;
		consider(question, g, ASK_OPTION, v, state->x[v]);
		for (int32 k = 0; k < option->nuses; k++)
		{
			int32		resource = use[k].resource;
			int32		zone = state->zone_of[resource];

			consider(question, g, ASK_RESOURCE, resource, of_resource[resource]);
			consider(question, g, ASK_ZONE, zone, of_zone[zone]);
			of_resource[resource] = 0;
			of_zone[zone] = 0;
		}
	}
}

/* Takes that question instead if it is better: more open, or more basic. */
static void
consider(Question *best, int32 group, Ask ask, int32 key, double taken)
{
	static const double basic[] = {2.0, 1.5, 1.2, 1.0};
	double		fraction = taken - floor(taken);
	double		open = Min(fraction, 1 - fraction);

	if (open > WHOLE && open * basic[ask] > best->score)
		*best = (Question)
	{
		.score = open * basic[ask],.group = group,.ask = ask,.key = key,
			.taken = taken
	};
}

/* Whether the question is about that variable of its group. */
static bool
concerns(const TreeState *state, const Question *question, int32 variable)
{
	const EveningProblem *problem = state->model->problem;
	const EveningOption *option =
		&problem->options[state->model->group_options[variable]];
	const EveningUse *use = problem->uses + option->first_use;

	switch (question->ask)
	{
		case ASK_ALL:
			return true;
		case ASK_ZONE:
			return option->nuses > 0 &&
				state->zone_of[use[0].resource] == question->key;
		case ASK_RESOURCE:
			for (int32 k = 0; k < option->nuses; k++)
			{
				if (use[k].resource == question->key)
					return true;
			}
			return false;
		default:
			return variable == question->key;
	}
}

/* Goes into the case that is nearer to the fractions. */
static void
decide(TreeState *state, const Question *question)
{
	EveningRelax *relax = state->relax;
	const EveningGroup *group = &state->model->groups[question->group];
	int32		end = group->first_option + group->noptions;
	EveningCut *cut = &relax->cuts[relax->ncuts];
	double		whole = floor(question->taken);

	cut->variables = palloc(sizeof(int32) * group->noptions);
	cut->nvariables = 0;
	for (int32 v = group->first_option; v < end; v++)
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
