/*-------------------------------------------------------------------------
 *
 * restore_command.c
 *	  The command that puts a backup in the place of this database: see
 *	  restore_command.h.
 *
 * Nothing is dropped: pg_restore --clean fails wherever somebody has created something
 * since that depends on what it drops, as deploying does with btree_gist.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/database_identity.h"
#include "base/format.h"
#include "rollout/restore_command.h"

#define ASIDE "_before_restore"

static const char *maintenance_database(void);
static char *aside_name(const char *database, const char *suffix);


char *
restore_command(const char *path, const char *aside)
{
	const char *maintenance = maintenance_database();
	char	   *rename = psprintf("ALTER DATABASE %s RENAME TO %s", quote_identifier(database_identity_name()), quote_identifier(aside));

	return psprintf("psql -X -d %s -c %s && pg_restore --create --exit-on-error -d %s %s", maintenance, format_shell_word(rename),
					maintenance, format_shell_word(path));
}

/* One that initdb makes, to connect to while this one is renamed. */
static const char *
maintenance_database(void)
{
	Oid			postgres = get_database_oid("postgres", true);

	return OidIsValid(postgres) && postgres != MyDatabaseId ? "postgres" : "template1";
}

char *
restore_command_aside(void)
{
	char	   *database = database_identity_name();
	char	   *name = aside_name(database, ASIDE);

	for (int n = 2; OidIsValid(get_database_oid(name, true)); n++)
	{
		CHECK_FOR_INTERRUPTS();
		name = aside_name(database, psprintf("%s_%d", ASIDE, n));
	}
	return name;
}

/* The server would cut off the end of a name that is too long. */
static char *
aside_name(const char *database, const char *suffix)
{
	int			room = NAMEDATALEN - 1 - (int) strlen(suffix);

	return psprintf("%.*s%s", pg_mbcliplen(database, (int) strlen(database), room), database, suffix);
}
