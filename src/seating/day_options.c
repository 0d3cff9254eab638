/*-------------------------------------------------------------------------
 *
 * day_options.c
 *	  The options of bookings: see day_options.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "seating/day_options.h"
#include "seating/plan_group.h"

/* Plans of a party that are not grouped: more make no difference to an evening. */
#define MAX_SINGLE_PLANS 20000

/* Bookings with equal questions have the same options. */
typedef struct KnownList
{
	uint64		key[2];			/* hash of the question; must be the first */
	int			list;
} KnownList;

/* Parties for whom nothing but their number counts. */
typedef struct PlainList
{
	int			party;			/* must be the first */
	int			list;
} PlainList;

static void question_key(const FloorReader *reader, const PlanQuestion *question, uint64 *key);
static int	make_list(DayOptions *options, const PlanQuestion *question);
static int	compare_option_costs(const void *a, const void *b, void *options);
static void add_wish(DayOptions *options, const DayBooking *booking, const PlanQuestion *question);
static void add_option(DayOptions *options, const PlanGroup *group);
static EveningUse *add_use(DayOptions *options);


DayOptions *
day_options_begin(const FloorReader *reader, const int *label, int nlists)
{
	HASHCTL		control = {.keysize = 2 * sizeof(uint64),.entrysize = sizeof(KnownList),.hcxt = CurrentMemoryContext};
	DayOptions *options = palloc0(sizeof(DayOptions));

	options->reader = reader;
	options->label = label;
	options->lists = palloc((nlists + 1) * sizeof(EveningList));
	options->known = hash_create("menuca questions of an evening", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	control.keysize = sizeof(int);
	control.entrysize = sizeof(PlainList);
	options->plain = hash_create("menuca parties of an evening", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	options->complete = true;
	return options;
}

int
day_options_list(DayOptions *options, const DayBooking *booking, const PlanQuestion *question)
{
	uint64		key[2];
	KnownList  *known;
	bool		found;

	if (booking->lock && booking->lock->nwanted > 0)
	{
		int			list = make_list(options, question);

		add_wish(options, booking, question);
		return list;
	}
	question_key(options->reader, question, key);
	known = hash_search(options->known, key, HASH_ENTER, &found);
	if (!found)
		known->list = make_list(options, question);
	return known->list;
}

int *
day_options_plain(DayOptions *options, int party)
{
	bool		found;
	PlainList  *plain = hash_search(options->plain, &party, HASH_ENTER, &found);

	if (!found)
		plain->list = -1;
	return &plain->list;
}

/* All that a question's answer depends on. */
static void
question_key(const FloorReader *reader, const PlanQuestion *question, uint64 *key)
{
	const Floor *floor = &reader->floor;
	StringInfoData bytes;

	initStringInfo(&bytes);
	appendBinaryStringInfo(&bytes, (const char *) &question->query.party, sizeof(int));
	appendBinaryStringInfo(&bytes, (const char *) question->applies, floor->ncombinations);
	appendBinaryStringInfo(&bytes, (const char *) question->free, floor->ntables);
	appendBinaryStringInfo(&bytes, (const char *) question->priority, floor->ntables * sizeof(int));
	appendBinaryStringInfo(&bytes, (const char *) question->min_party, floor->ntables * sizeof(int));
	key[0] = hash_bytes_extended((const unsigned char *) bytes.data, bytes.len, 1);
	key[1] = hash_bytes_extended((const unsigned char *) bytes.data, bytes.len, 2);
	pfree(bytes.data);
}

static int
make_list(DayOptions *options, const PlanQuestion *question)
{
	PlanQuery	query = question->query;
	PlanGroups *groups;
	EveningList *list = &options->lists[options->nlists];

	query.max_plans = MAX_SINGLE_PLANS;
	groups = plan_group_search(&options->reader->floor, &query, options->label);
	options->complete &= groups->complete && groups->ngroups < MAX_SINGLE_PLANS;
	list->first_option = options->noptions;
	list->noptions = groups->ngroups;
	for (int i = 0; i < groups->ngroups; i++)
		add_option(options, &groups->groups[i]);
	if (list->noptions > 1)
		qsort_arg(options->options + list->first_option, list->noptions, sizeof(EveningOption), compare_option_costs, options);
	return options->nlists++;
}

/* By cost, and then by what they take. */
static int
compare_option_costs(const void *a, const void *b, void *options)
{
	const EveningOption *first = a;
	const EveningOption *second = b;
	const EveningUse *uses = ((const DayOptions *) options)->uses;

	if (first->cost != second->cost)
		return first->cost < second->cost ? -1 : 1;
	if (first->nuses != second->nuses)
		return first->nuses - second->nuses;
	for (int i = 0; i < first->nuses; i++)
	{
		const EveningUse *use = &uses[first->first_use + i];
		const EveningUse *other = &uses[second->first_use + i];

		if (use->resource != other->resource)
			return use->resource - other->resource;
		if (use->amount != other->amount)
			return use->amount - other->amount;
	}
	return 0;
}

/* To the last list; a dominated plan, too, since it is wished for. */
static void
add_wish(DayOptions *options, const DayBooking *booking, const PlanQuestion *question)
{
	const BookingLock *lock = booking->lock;
	SeatingPlan *plan;
	PlanGroup	wish = {0};

	for (int i = 0; i < lock->nwanted; i++)
	{
		if (!question->free[lock->wanted[i]])
			return;
	}
	plan = day_options_plan(options->reader, booking->booking, lock->wanted, lock->nwanted, 0);
	if (plan == NULL)
		return;
	wish.ntables = plan->ntables;
	wish.members = plan->tables;
	wish.score = plan->score - DAY_WISH_WORTH;
	options->wishes = bms_add_member(options->wishes, options->noptions);
	add_option(options, &wish);
	options->lists[options->nlists - 1].noptions++;
}

SeatingPlan *
day_options_plan(const FloorReader *reader, const Booking *booking, const int *tables, int n, int waived)
{
	bool	   *only = palloc0(reader->floor.ntables + 1);
	PlanQuestion question;

	for (int i = 0; i < n; i++)
		only[tables[i]] = true;
	question = plan_question_of(reader, booking->party_size, booking->start, booking->window, only);
	question.query.include_dominated = true;
	question.query.waived = waived;
	return plan_search_set(&reader->floor, &question.query, tables, n);
}

static void
add_option(DayOptions *options, const PlanGroup *group)
{
	EveningOption *option;

	if (options->noptions == options->options_allocated)
	{
		options->options_allocated = Max(options->options_allocated * 2, 256);
		options->options = options->options == NULL ?
			palloc_extended(options->options_allocated * sizeof(EveningOption), MCXT_ALLOC_HUGE) :
			repalloc_huge(options->options, options->options_allocated * sizeof(EveningOption));
	}
	option = &options->options[options->noptions++];
	option->cost = group->score;
	option->first_use = options->nuses;
	option->nuses = 0;
	for (int i = 0; i < group->ntables; i++)
	{
		int			resource = group->by_class ? group->members[i] : options->label[group->members[i]];
		EveningUse *use = NULL;

		for (int u = 0; u < option->nuses; u++)
		{
			if (options->uses[option->first_use + u].resource == resource)
				use = &options->uses[option->first_use + u];
		}
		if (use == NULL)
		{
			use = add_use(options);
			use->resource = resource;
			use->amount = 0;
			option->nuses++;
		}
		use->amount++;
	}
}

static EveningUse *
add_use(DayOptions *options)
{
	if (options->nuses == options->uses_allocated)
	{
		options->uses_allocated = Max(options->uses_allocated * 2, 256);
		options->uses = options->uses == NULL ?
			palloc_extended(options->uses_allocated * sizeof(EveningUse), MCXT_ALLOC_HUGE) :
			repalloc_huge(options->uses, options->uses_allocated * sizeof(EveningUse));
	}
	return &options->uses[options->nuses++];
}
