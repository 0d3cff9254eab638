# shellcheck shell=sh
# story.sh - what the demos have in common; to be sourced
#
# Inside, after enter_workshop() of workshop.sh.

# shellcheck source=test/cluster.sh
. "$(dirname "$0")/cluster.sh"

# Builds the extensions and starts a cluster; $1: the seconds that it takes from here on.
begin_story()
{
	began=$(date +%s)
	make_installation
	say "$(postgres --version), in a throwaway cluster under $MENUCA_WORK (user $(id -un))"
	say "From here it takes less than $1 s, where nothing else is running."
	say "Building the extension ..."
	build_extension
	say "Starting the cluster ..."
	start_only_cluster
	cd "$MENUCA_WORK/project"
}

# $1: database, $2: script, the rest: psql's options.  Fails when the script does.
# From standard input, so that messages come without a file name in front
tell_story()
{
	database=$1
	script=$2
	shift 2
	told=$MENUCA_WORK/story.told
	{
		PGCLIENTENCODING=UTF8 psql -Xqd "$database" -v ON_ERROR_STOP=1 "$@" <"$script" 2>&1 && echo told >"$told"
	} | perl test/wrap.pl
	[ -f "$told" ] || die "The demo failed."
}

end_story()
{
	say ""
	say "The demo took $(($(date +%s) - began)) s. The cluster is removed now."
}
