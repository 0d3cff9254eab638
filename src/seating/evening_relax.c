/*-------------------------------------------------------------------------
 *
 * evening_relax.c
 *	  The linear relaxation of an evening: see evening_relax.h.
 *
 * A primal-dual hybrid gradient method (Chambolle and Pock 2011) with the
 * steps and restarts of PDLP (Applegate and others 2021).  Variables that are 0
 * and far too dear are left out between two looks.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "seating/evening_relax.h"

#define LOOK 16					/* iterations between two looks at the point */
#define NEAR 0.2				/* how much dearer than the cheapest, to the
								 * mean, a variable is still looked at */
#define FIRST_STEP 0.05
#define SUFFICIENT 0.2			/* restart when the merit fell to that */
#define NECESSARY 0.8			/* or to that and grows again */
#define LONGEST 0.36			/* or after that share of all iterations */

static void activate_all(EveningRelax *relax);
static void activate(EveningRelax *relax);
static void begin_average(EveningRelax *relax);
static void iterate(EveningRelax *relax);
static bool try_step(EveningRelax *relax, double step);
static void step_options(EveningRelax *relax, double step);
static void project(double *x, int32 n, double most);
static void swap_points(EveningRelax *relax);
static void look(EveningRelax *relax);
static double merit_of(EveningRelax *relax, const double *x, const double *y,
					   const double *used, double factor, double *bound);
static double dual_of(EveningRelax *relax, const double *y);
static void restart_if_due(EveningRelax *relax);
static void rebalance(EveningRelax *relax);

EveningRelax *
evening_relax_begin(const EveningModel *model, const int32 *seated,
					const bool *keep, int32 max_cuts)
{
	EveningRelax *relax = palloc0(sizeof(EveningRelax));
	double	  **by_variable[] = {&relax->x, &relax->next_x, &relax->sum_x,
	&relax->start_x, &relax->gain, &relax->price, &relax->moved};
	double	  **by_row[] = {&relax->y, &relax->next_y, &relax->sum_y,
	&relax->start_y, &relax->used, &relax->next_used, &relax->sum_used};
	int64		rows;

	relax->model = model;
	relax->of_score = seated != NULL;
	relax->seated = seated;
	relax->keep = keep;
	relax->cuts = palloc(sizeof(EveningCut) * Max(max_cuts, 1));
	relax->ncells = (int64) model->problem->nresources * model->nslots;
	for (int32 g = 0; g < model->ngroups; g++)
		relax->nvariables += model->groups[g].noptions;
	rows = relax->ncells + model->nranks + max_cuts;
	for (int i = 0; i < (int) lengthof(by_variable); i++)
		*by_variable[i] = palloc_extended(sizeof(double) * Max(relax->nvariables, 1),
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < (int) lengthof(by_row); i++)
		*by_row[i] = palloc_extended(sizeof(double) * Max(rows, 1),
									 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	relax->sums = palloc_extended(sizeof(double) * (relax->ncells + model->problem->nresources + 1),
								  MCXT_ALLOC_HUGE);
	relax->cost_scale = relax->of_score ? 1.0 / 10000 : 1.0;
	relax->balance = relax->of_score ? 10.0 : 1.0;
	evening_matrix_list_variables(relax);
	evening_matrix_list_limits(relax, rows);
	relax->first_active = palloc(sizeof(int32) * (model->ngroups + 1));
	relax->active = palloc_extended(sizeof(int32) * Max(relax->nvariables, 1),
									MCXT_ALLOC_HUGE);
	activate_all(relax);
	relax->step = FIRST_STEP;
	relax->merit = relax->last_merit = relax->start_merit = HUGE_VAL;
	return relax;
}

void
evening_relax_free(EveningRelax *relax)
{
	double	   *all[] = {relax->x, relax->next_x, relax->sum_x,
		relax->start_x, relax->gain, relax->price, relax->moved, relax->y, relax->next_y, relax->sum_y,
		relax->start_y, relax->used, relax->next_used, relax->sum_used,
	relax->sums, relax->cost, relax->limit};

	for (int i = 0; i < (int) lengthof(all); i++)
		pfree(all[i]);
	pfree(relax->first_active);
	pfree(relax->active);
	pfree(relax->first_use);
	pfree(relax->uses);
	pfree(relax->cuts);
	pfree(relax);
}

static void
activate_all(EveningRelax *relax)
{
	const EveningModel *model = relax->model;
	int32		n = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		relax->first_active[g] = n;
		for (int32 i = 0; i < model->groups[g].noptions; i++, n++)
			relax->active[n] = model->groups[g].first_option + i;
	}
	relax->first_active[model->ngroups] = n;
}

/*
 * Leaves out, until the next look, variables that are 0 and much dearer than
 * the cheapest one of their group.  The prices are those of the last look.
 */
static void
activate(EveningRelax *relax)
{
	const EveningModel *model = relax->model;
	int32		n = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		double		least = HUGE_VAL;
		double		sum = 0;
		double		most;

		relax->first_active[g] = n;
		for (int32 i = group->first_option; i < group->first_option + group->noptions; i++)
		{
			double		price = relax->price[i];

			sum += price;
			least = Min(least, price);
		}
		most = least + (sum / group->noptions - least) * NEAR;
		for (int32 i = group->first_option; i < group->first_option + group->noptions; i++)
		{
			if (relax->x[i] > 0 || relax->sum_x[i] > 0 || relax->price[i] <= most)
				relax->active[n++] = i;
			else
				relax->next_x[i] = 0;
		}
	}
	relax->first_active[model->ngroups] = n;
}

/* Forgets averages. */
static void
begin_average(EveningRelax *relax)
{
	evening_matrix_limit_cuts(relax);
	memset(relax->sum_x, 0, sizeof(double) * relax->nvariables);
	memset(relax->sum_y, 0, sizeof(double) * evening_matrix_rows(relax));
	memset(relax->sum_used, 0, sizeof(double) * evening_matrix_rows(relax));
	memcpy(relax->start_x, relax->x, sizeof(double) * relax->nvariables);
	memcpy(relax->start_y, relax->y, sizeof(double) * evening_matrix_rows(relax));
	evening_matrix_use(relax, relax->x, relax->used);
	relax->weight = 0;
	relax->since = 0;
	relax->iterations = 0;
	relax->start_merit = relax->last_merit = HUGE_VAL;
}

void
evening_relax_restart(EveningRelax *relax)
{
	activate_all(relax);
	begin_average(relax);
}

void
evening_relax_iterate(EveningRelax *relax, int32 iterations)
{
	for (int32 i = 0; i < iterations; i++)
	{
		CHECK_FOR_INTERRUPTS();
		iterate(relax);
		relax->steps += relax->first_active[relax->model->ngroups] + relax->ncells / 2 + 1;
		if (relax->since % LOOK == 0)
		{
			look(relax);
			relax->steps += relax->nvariables + relax->ncells / 2 + 1;
			restart_if_due(relax);
			activate(relax);
		}
	}
	look(relax);
}

void
evening_relax_get(const EveningRelax *relax, double *x, int64 scale,
				  int64 *price, int64 *cut_price)
{
	bool		average = relax->average_is_better && relax->weight > 0;
	double		factor = average ? 1 / relax->weight : 1;
	const double *from_x = average ? relax->sum_x : relax->x;
	const double *from_y = average ? relax->sum_y : relax->y;
	double		unit = scale / relax->cost_scale;
	double		high = (double) (INT64CONST(1) << 44);

	if (x)
	{
		for (int64 i = 0; i < relax->nvariables; i++)
			x[i] = from_x[i] * factor;
	}
	if (price)
	{
		for (int64 i = 0; i < relax->ncells; i++)
			price[i] = (int64) Min(from_y[i] * factor * unit, high);
	}
	if (cut_price)
	{
		const double *y = from_y + relax->ncells + relax->model->nranks;

		for (int32 i = 0; i < relax->ncuts; i++)
			cut_price[i] = (int64) Min(y[i] * factor * unit, high);
	}
}

/* One iteration; shortens the step until it is short enough. */
static void
iterate(EveningRelax *relax)
{
	const EveningModel *model = relax->model;
	double		step;

	evening_matrix_sum_prices(relax, relax->y);
	do
	{
		step = relax->step;
		step_options(relax, step / relax->balance);
		evening_matrix_use(relax, relax->next_x, relax->next_used);
		relax->steps += model->ngroups;
	} while (!try_step(relax, step));
	relax->weight += step;
	for (int32 i = 0; i < relax->first_active[model->ngroups]; i++)
		relax->sum_x[relax->active[i]] += step * relax->next_x[relax->active[i]];
	for (int64 i = 0; i < evening_matrix_rows(relax); i++)
	{
		relax->sum_y[i] += step * relax->next_y[i];
		relax->sum_used[i] += step * relax->next_used[i];
	}
	swap_points(relax);
	relax->since++;
	relax->iterations++;
}

/*
 * Moves the prices.  The step is short enough when what x and y changed
 * together is less than what they moved; the next one depends on that, too.
 */
static bool
try_step(EveningRelax *relax, double step)
{
	double		rate = step * relax->balance;
	double		together = 0;
	double		moved_x = 0;
	double		moved_y = 0;
	double		moved;
	double		longest;

	for (int64 i = 0; i < evening_matrix_rows(relax); i++)
	{
		double		change;
		double		y = relax->y[i] +
			rate * (2 * relax->next_used[i] - relax->used[i] - relax->limit[i]);

		/* Ranks are equations, whose prices may be negative. */
		if (y < 0 && (i < relax->ncells || i >= relax->ncells + relax->model->nranks))
			y = 0;
		relax->next_y[i] = y;
		change = y - relax->y[i];
		moved_y += change * change;
		together += change * (relax->next_used[i] - relax->used[i]);
	}
	for (int32 i = 0; i < relax->first_active[relax->model->ngroups]; i++)
	{
		double		change = relax->next_x[relax->active[i]] - relax->x[relax->active[i]];

		moved_x += change * change;
	}
	moved = 0.5 * relax->balance * moved_x + 0.5 * moved_y / relax->balance;
	together = fabs(together);
	longest = together > 0 ? moved / together : HUGE_VAL;
	relax->step = Min(0.8 * longest, 1.1 * step);
	if (relax->step <= 0)
		relax->step = FIRST_STEP;
	return step <= longest || moved == 0;
}

/* Moves what the options get, against their costs and prices. */
static void
step_options(EveningRelax *relax, double step)
{
	const EveningModel *model = relax->model;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const int32 *active = relax->active + relax->first_active[g];
		int32		n = relax->first_active[g + 1] - relax->first_active[g];

		for (int32 i = 0; i < n; i++)
		{
			int32		v = active[i];

			relax->moved[i] = relax->keep && !relax->keep[v] ? 0 :
				relax->x[v] - step * evening_matrix_price(relax, v);
		}
		project(relax->moved, n, model->groups[g].nbookings);
		for (int32 i = 0; i < n; i++)
			relax->next_x[active[i]] = relax->moved[i];
	}
}

/* Brings x to the nearest point that is not negative and sums up to at most. */
static void
project(double *x, int32 n, double most)
{
	double		tolerance = most * 1e-12;
	double		excess = 0;
	double		sum;

	do
	{
		int32		positive = 0;

		sum = 0;
		for (int32 i = 0; i < n; i++)
		{
			double		less = x[i] - excess;

			x[i] = less > 0 ? less : 0;
			positive += less > 0;
			sum += x[i];
		}
		excess = (sum - most) / positive;
	} while (sum > most + tolerance);
}

static void
swap_points(EveningRelax *relax)
{
	double	   *x = relax->x;
	double	   *y = relax->y;
	double	   *used = relax->used;

	relax->x = relax->next_x;
	relax->next_x = x;
	relax->y = relax->next_y;
	relax->next_y = y;
	relax->used = relax->next_used;
	relax->next_used = used;
}

/* Judges the current and the average point. */
static void
look(EveningRelax *relax)
{
	double		bound;
	double		merit = merit_of(relax, relax->x, relax->y, relax->used, 1,
								 &relax->bound);

	relax->average_is_better = false;
	if (relax->weight > 0)
	{
		double		average = merit_of(relax, relax->sum_x, relax->sum_y,
									   relax->sum_used, 1 / relax->weight, &bound);

		if (average < merit)
		{
			relax->average_is_better = true;
			merit = average;
			relax->bound = bound;
		}
	}
	relax->merit = merit;
}

/* Duality gap and excess use, as one number; the point is multiplied first. */
static double
merit_of(EveningRelax *relax, const double *x, const double *y,
		 const double *used, double factor, double *bound)
{
	const EveningModel *model = relax->model;
	double		value = 0;
	double		excess = 0;
	double		gap;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		for (int32 i = relax->first_active[g]; i < relax->first_active[g + 1]; i++)
		{
			int32		variable = relax->active[i];

			if (x[variable] == 0)
				continue;
			value += x[variable] * factor * relax->cost[variable];
		}
	}
	for (int64 i = 0; i < evening_matrix_rows(relax); i++)
	{
		double		over = used[i] * factor - relax->limit[i];
		bool		equation = relax->of_score && i >= relax->ncells &&
			i < relax->ncells + model->nranks;

		relax->next_y[i] = y[i] * factor;
		if (over > 0 || equation)
			excess += over * over;
	}
	*bound = dual_of(relax, relax->next_y);
	gap = value - *bound;
	return sqrt(gap * gap + relax->balance * relax->balance * excess);
}

/* The dual's value at these prices. */
static double
dual_of(EveningRelax *relax, const double *y)
{
	const EveningModel *model = relax->model;
	double		value = 0;

	evening_matrix_sum_prices(relax, y);
	for (int64 i = 0; i < evening_matrix_rows(relax); i++)
		value -= y[i] * relax->limit[i];
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		double		least = 0;

		for (int32 i = 0; i < group->noptions; i++)
		{
			int64		variable = group->first_option + i;

			relax->price[variable] = evening_matrix_price(relax, variable);
			if (relax->keep == NULL || relax->keep[variable])
				least = Min(least, relax->price[variable]);
		}
		value += least * group->nbookings;
	}
	return value;
}

/* Restarts at the better point, with new step sizes. */
static void
restart_if_due(EveningRelax *relax)
{
	double		merit = relax->merit;
	double		factor;
	int32		iterations;

	if (relax->start_merit == HUGE_VAL)
		relax->start_merit = merit;
	if (!(merit < SUFFICIENT * relax->start_merit ||
		  (merit < NECESSARY * relax->start_merit && merit > relax->last_merit) ||
		  relax->since > LONGEST * relax->iterations + 64))
	{
		relax->last_merit = merit;
		return;
	}
	if (relax->average_is_better)
	{
		factor = 1 / relax->weight;
		for (int64 i = 0; i < relax->nvariables; i++)
			relax->x[i] = relax->sum_x[i] * factor;
		for (int64 i = 0; i < evening_matrix_rows(relax); i++)
			relax->y[i] = relax->sum_y[i] * factor;
	}
	rebalance(relax);
	iterations = relax->iterations;
	begin_average(relax);
	relax->iterations = iterations;
	relax->start_merit = merit;
	relax->average_is_better = false;
}

static void
rebalance(EveningRelax *relax)
{
	double		moved_x = 0;
	double		moved_y = 0;

	for (int64 i = 0; i < relax->nvariables; i++)
	{
		double		change = relax->x[i] - relax->start_x[i];

		moved_x += change * change;
	}
	for (int64 i = 0; i < evening_matrix_rows(relax); i++)
	{
		double		change = relax->y[i] - relax->start_y[i];

		moved_y += change * change;
	}
	if (moved_x > 1e-12 && moved_y > 1e-12)
		relax->balance = sqrt(relax->balance * sqrt(moved_y / moved_x));
}
