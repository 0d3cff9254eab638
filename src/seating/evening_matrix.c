/*-------------------------------------------------------------------------
 *
 * evening_matrix.c
 *	  What variables take and cost in the relaxation: see evening_matrix.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/evening_matrix.h"

void
evening_matrix_list_variables(EveningRelax *relax)
{
	const EveningModel *model = relax->model;
	const EveningProblem *problem = model->problem;
	int32		width = model->nslots + 1;
	int32		n = 0;

	relax->cost = palloc_extended(sizeof(double) * Max(relax->nvariables, 1),
								  MCXT_ALLOC_HUGE);
	relax->first_use = palloc_extended(sizeof(int32) * (relax->nvariables + 1),
									   MCXT_ALLOC_HUGE);
	for (int64 v = 0; v < relax->nvariables; v++)
		n += problem->options[model->group_options[v]].nuses;
	relax->uses = palloc_extended(sizeof(RelaxUse) * Max(n, 1), MCXT_ALLOC_HUGE);
	n = 0;
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];

		for (int32 v = group->first_option; v < group->first_option + group->noptions; v++)
		{
			const EveningOption *option = &problem->options[model->group_options[v]];

			relax->cost[v] = relax->of_score ? option->cost * relax->cost_scale :
				-(double) model->weight[group->rank];
			relax->first_use[v] = n;
			for (int32 k = 0; k < option->nuses; k++)
			{
				const EveningUse *use = &problem->uses[option->first_use + k];
				int32		row = use->resource * model->nslots;

				relax->uses[n++] = (RelaxUse)
				{
					.sum_from = use->resource * width + group->from,
						.sum_until = use->resource * width + group->until,
						.row_from = row + group->from,
						.row_until = group->until < model->nslots ? row + group->until : -1,
						.amount = use->amount
				};
			}
		}
	}
	relax->first_use[relax->nvariables] = n;
}

void
evening_matrix_list_limits(EveningRelax *relax, int64 rows)
{
	relax->limit = palloc_extended(sizeof(double) * Max(rows, 1),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int64 i = 0; i < relax->ncells; i++)
		relax->limit[i] = relax->model->room[i];
	for (int32 rank = 0; rank < relax->model->nranks && relax->of_score; rank++)
		relax->limit[relax->ncells + rank] = relax->seated[rank];
}

void
evening_matrix_limit_cuts(EveningRelax *relax)
{
	double	   *limit = relax->limit + relax->ncells + relax->model->nranks;

	for (int32 i = 0; i < relax->ncuts; i++)
		limit[i] = relax->cuts[i].at_least ? -relax->cuts[i].amount : relax->cuts[i].amount;
}

void
evening_matrix_sum_prices(EveningRelax *relax, const double *y)
{
	const EveningModel *model = relax->model;
	int32		nslots = model->nslots;
	const double *of_rank = y + relax->ncells;
	const double *of_cut = of_rank + model->nranks;

	for (int32 r = 0; r < model->problem->nresources; r++)
	{
		double	   *sums = relax->sums + (Size) r * (nslots + 1);
		double		sum = 0;

		for (int32 slot = 0; slot < nslots; slot++)
		{
			sums[slot] = sum;
			sum += y[(Size) r * nslots + slot];
		}
		sums[nslots] = sum;
	}
	if (!relax->of_score && relax->ncuts == 0)
		return;
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		double		gain = relax->of_score ? of_rank[group->rank] : 0;

		for (int32 i = 0; i < group->noptions; i++)
			relax->gain[group->first_option + i] = gain;
	}
	for (int32 i = 0; i < relax->ncuts; i++)
	{
		const EveningCut *cut = &relax->cuts[i];
		double		price = cut->at_least ? -of_cut[i] : of_cut[i];

		for (int32 k = 0; k < cut->nvariables; k++)
			relax->gain[cut->variables[k]] += price;
	}
}

void
evening_matrix_use(const EveningRelax *relax, const double *x, double *used)
{
	const EveningModel *model = relax->model;
	const EveningProblem *problem = model->problem;
	int32		nslots = model->nslots;

	memset(used, 0, sizeof(double) * evening_matrix_rows(relax));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		double		sum = 0;

		for (int32 i = relax->first_active[g]; i < relax->first_active[g + 1]; i++)
		{
			int32		variable = relax->active[i];

			if (x[variable] == 0)
				continue;
			sum += x[variable];
			for (int32 k = relax->first_use[variable]; k < relax->first_use[variable + 1]; k++)
			{
				const RelaxUse *use = &relax->uses[k];

				used[use->row_from] += use->amount * x[variable];
				if (use->row_until >= 0)
					used[use->row_until] -= use->amount * x[variable];
			}
		}
		if (relax->of_score)
			used[relax->ncells + group->rank] += sum;
	}
	for (int32 r = 0; r < problem->nresources; r++)
	{
		double	   *cells = used + (Size) r * nslots;

		for (int32 slot = 1; slot < nslots; slot++)
			cells[slot] += cells[slot - 1];
	}
	for (int32 i = 0; i < relax->ncuts; i++)
	{
		const EveningCut *cut = &relax->cuts[i];
		double		sum = 0;

		for (int32 k = 0; k < cut->nvariables; k++)
			sum += x[cut->variables[k]];
		used[relax->ncells + model->nranks + i] = cut->at_least ? -sum : sum;
	}
}
