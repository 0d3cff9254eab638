/*-------------------------------------------------------------------------
 *
 * orphan_figures.c
 *	  How many combo groups have no items: see orphan_figures.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "base/json.h"
#include "plan/orphan_figures.h"

/* Upper ends of the other bands, in percent of groups (the tickets' CB-11). */
#define BAND_EXCELLENT	1.0
#define BAND_PASS		5.0


const char *
orphan_band(uint64 orphans, uint64 groups)
{
	double		pct = format_percentage(orphans, groups);

	if (groups == 0)
		return NULL;
	if (pct < BAND_EXCELLENT)
		return "EXCELLENT";
	if (pct < BAND_PASS)
		return "PASS";
	if (pct < ORPHAN_BAND_FAIL)
		return "WARNING";
	return "FAIL";
}

void
orphan_figures_count(const ParentMap *groups, uint16 item_flags, bool has_source,
					 OrphanFigures *figures)
{
	memset(figures, 0, sizeof(OrphanFigures));
	figures->has_source = has_source;
	figures->groups = groups->nrows;

	for (uint32 i = 0; i < groups->nrows; i++)
	{
		const ParentRow *row = &groups->rows[i];
		bool		orphan = (row->flags & item_flags) == 0;

		figures->orphans += orphan;
		figures->groups_by_system[row->system]++;
		figures->orphans_by_system[row->system] += orphan;
		if (row->flags & PARENT_REFERENCED)
		{
			figures->expected_groups++;
			figures->expected_orphans += orphan;
		}
	}
}

void
orphan_figures_json(const OrphanFigures *figures, StringInfo buf)
{
	json_count(buf, "groups", figures->groups);
	json_count(buf, "orphans", figures->orphans);
	json_pct(buf, "orphan_pct", figures->orphans, figures->groups);
	json_text(buf, "band", orphan_band(figures->orphans, figures->groups));
	if (figures->has_source)
	{
		json_count(buf, "expected_groups", figures->expected_groups);
		json_count(buf, "expected_orphans", figures->expected_orphans);
		json_pct(buf, "expected_orphan_pct", figures->expected_orphans,
				 figures->expected_groups);
		json_text(buf, "expected_band", orphan_band(figures->expected_orphans,
													figures->expected_groups));
	}
	json_raw(buf, "by_source_system", orphan_figures_by_system(figures));
}

char *
orphan_figures_by_system(const OrphanFigures *figures)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	for (int i = 0; i < SYSTEM_COUNT; i++)
	{
		StringInfoData member;

		if (figures->groups_by_system[i] == 0)
			continue;
		initStringInfo(&member);
		json_begin(&member);
		json_count(&member, "groups", figures->groups_by_system[i]);
		json_count(&member, "orphans", figures->orphans_by_system[i]);
		json_pct(&member, "orphan_pct", figures->orphans_by_system[i],
				 figures->groups_by_system[i]);
		json_end(&member);
		json_raw(&buf, source_system_name((SourceSystem) i), member.data);
	}
	json_end(&buf);
	return buf.data;
}

void
orphan_figures_copy_expected(ParentMap *groups, const ParentMap *planned)
{
	for (uint32 i = 0; i < planned->nrows; i++)
	{
		ParentRow  *row;

		if ((planned->rows[i].flags & PARENT_REFERENCED) == 0)
			continue;
		row = parent_map_by_id(groups, planned->rows[i].id);
		if (row)
			row->flags |= PARENT_REFERENCED;
	}
}
