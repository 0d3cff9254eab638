# shellcheck shell=sh
# workshop.sh - a directory to test and demonstrate in; to be sourced
#
# One directory holds everything: a copy of this project, a private installation
# of the server that PG_CONFIG names, and clusters that listen on sockets in that
# directory alone.  So nothing that exists on the machine is changed, or need
# be writable.  PostgreSQL refuses to run as root, so an unprivileged user owns it.
#
# The directory is removed afterwards, unless MENUCA_KEEP is set; its part "log",
# if there is one, stays when the script fails.

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

as_unprivileged()
{
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	elif command -v setpriv >/dev/null 2>&1; then
		setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@"
	else
		# shellcheck disable=SC2016 # the inner shell expands them
		su -s /bin/sh -c 'exec "$0" "$@"' "$user" "$@"
	fi
}

choose_user()
{
	user=$(id -un)
	if [ "$user" = root ]; then
		user=nobody
		if id postgres >/dev/null 2>&1; then user=postgres; fi
	fi
}

# A long TMPDIR would make a socket's path too long.
temporary_places()
{
	for place in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
		if [ ${#place} -le 60 ]; then printf '%s\n' "$place"; fi
	done
}

make_work_dir()
{
	for place in $(temporary_places); do
		if work=$(as_unprivileged mktemp -d "$place/menuca.XXXXXX" 2>/dev/null); then return; fi
	done
	die "No temporary directory can be made in ${TMPDIR:-/tmp}, /tmp or /var/tmp."
}

# A checkout has one directory that is kept, by its path and user.
find_kept_dir()
{
	id=$(printf '%s' "$root" | cksum | sed 's/ .*//')
	for place in $(temporary_places); do
		kept=$place/menuca-check.$id
		as_unprivileged mkdir -m 700 "$kept" 2>/dev/null || :
		# Not a link, and not one that another user put there
		if [ -n "$(find "$kept" -prune -type d -user "$user" 2>/dev/null)" ]; then return; fi
	done
	die "No directory can be made in ${TMPDIR:-/tmp}, /tmp or /var/tmp."
}

# The copy can be read and written by the unprivileged user, wherever the
# original lies, and has no objects of another server's build.  Times of change
# are copied too, so that make compiles what is newer than its object in a kept
# directory, from which files that are gone are removed.
copy_project()
{
	as_unprivileged mkdir -p "$work/project" "$work/tmp"
	(cd "$root" && find . -path ./.git -prune -o -type f -print) | LC_ALL=C sort |
		as_unprivileged tee "$work/files.new" >/dev/null
	if [ -f "$work/files" ]; then
		LC_ALL=C comm -23 "$work/files" "$work/files.new" | while read -r file; do
			as_unprivileged rm -f "$work/project/$file" "$work/project/${file%.c}.o"
		done
	fi
	tar -C "$root" --exclude=./.git --exclude=./build --exclude=./tmp_check --exclude='*.o' --exclude='*.d' \
		--exclude='*.bc' --exclude='*.so' --exclude='*.dylib' -cf - . |
		as_unprivileged tar -C "$work/project" -xf -
	[ -f "$work/project/Makefile" ] || die "Copying $root to $work/project failed."
	as_unprivileged mv "$work/files.new" "$work/files"
}

# Real data is used where it lies beside the project.
find_shared_data()
{
	if [ -z "${MENUCA_SHARED_DATA:-}" ] && [ -d "$root/../shared/data" ]; then
		MENUCA_SHARED_DATA=$(cd "$root/../shared/data" && pwd)
	fi
	if [ -n "${MENUCA_SHARED_DATA:-}" ]; then
		if ! as_unprivileged test -r "$MENUCA_SHARED_DATA/README.md"; then
			as_unprivileged mkdir -p "$work/shared"
			tar -C "$MENUCA_SHARED_DATA" -cf - . | as_unprivileged tar -C "$work/shared" -xf -
			MENUCA_SHARED_DATA=$work/shared
		fi
		export MENUCA_SHARED_DATA
	fi
}

# Ends what the run left behind: itself when interrupted, and servers that were
# killed too hard, or too late, to stop by themselves.
end_processes()
{
	if [ -n "${child:-}" ]; then
		if [ -s "$work/pid" ]; then
			kill -TERM -- "-$(cat "$work/pid")" 2>/dev/null || kill -TERM "$(cat "$work/pid")" 2>/dev/null || :
		fi
		wait "$child" 2>/dev/null || :
	fi
	for _ in 1 2 3; do
		left=$(find "$work" -name postmaster.pid 2>/dev/null)
		[ -n "$left" ] || break
		echo "$left" | while read -r pidfile; do
			kill -QUIT "$(head -n 1 "$pidfile")" 2>/dev/null || :
		done
		sleep 0.5
	done
}

leave()
{
	status=$?
	trap '' INT TERM HUP
	end_processes
	if [ -n "${MENUCA_KEEP:-}" ]; then
		say "Kept: $work"
	elif [ "$status" -ne 0 ] && [ "$status" -lt 128 ] && [ -d "$work/log" ]; then
		find "$work" -mindepth 1 -maxdepth 1 ! -name log -exec rm -rf {} +
	else
		rm -rf "$work"
	fi
	exit "$status"
}

# Runs this script again, inside.  The new session lets an interrupt reach
# everything that was started there.
run_inside()
{
	# Settings of the caller's client or make must not reach the tests.
	for name in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p') MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL LANGUAGE; do
		unset "$name"
	done
	session=
	if command -v setsid >/dev/null 2>&1; then session='setsid -w'; fi

	cd "$work" || exit
	# shellcheck disable=SC2086 # a command and its option, or nothing
	as_unprivileged $session env MENUCA_WORK="$work" MENUCA_KEPT="$kept" PG_CONFIG="$PG_CONFIG" HOME="$work" \
		TMPDIR="$work/tmp" LC_ALL=C sh "$work/project/test/${0##*/}" "$@" &
	child=$!
	status=0
	wait "$child" || status=$?
	child=
	exit "$status"
}

# Returns only inside.  With "remembers", MENUCA_KEPT is the kept directory.
enter_workshop()
{
	if [ -n "${MENUCA_WORK:-}" ]; then
		echo $$ >"$MENUCA_WORK/pid"
		return 0
	fi

	root=$(cd "$(dirname "$0")/.." && pwd)
	[ -n "${PG_CONFIG:-}" ] || PG_CONFIG=$(sh "$root/test/setup.sh" "$(basename "$0" .sh)")
	choose_user
	kept=
	[ -z "${remembers:-}" ] || find_kept_dir
	make_work_dir
	child=
	trap leave EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	copy_project
	find_shared_data
	run_inside "$@"
}
