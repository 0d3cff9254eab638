# shellcheck shell=sh
# cluster.sh - a workshop to test and demonstrate in; to be sourced
#
# One temporary directory holds everything: a copy of this project, a private
# installation of the server that PG_CONFIG names, and a cluster that listens
# on a socket in that directory alone.  So nothing that exists on the machine
# is touched, nor need it be writable.  The directory is removed afterwards,
# unless MENUCA_KEEP is set.

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

#
# Outside: make the directory, give up root, go inside
#

# The server refuses to run as root.
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

make_work_dir()
{
	user=$(id -un)
	if [ "$user" = root ]; then
		user=nobody
		if id postgres >/dev/null 2>&1; then user=postgres; fi
	fi

	# A long TMPDIR would make the socket's path too long.
	work=
	for dir in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
		[ ${#dir} -le 60 ] || continue
		if work=$(as_unprivileged mktemp -d "$dir/menuca.XXXXXX" 2>/dev/null); then break; fi
	done
	[ -n "$work" ] || die "No temporary directory can be made in ${TMPDIR:-/tmp}, /tmp or /var/tmp."
}

# The copy can be read and written by the unprivileged user, wherever the
# original lies, and has no objects of another server's build.
copy_project()
{
	as_unprivileged mkdir "$work/project" "$work/tmp"
	tar -C "$root" --exclude=./.git --exclude=./build --exclude=./tmp_check --exclude='*.o' \
		--exclude='*.bc' --exclude='*.so' --exclude='*.dylib' -cf - . |
		as_unprivileged tar -C "$work/project" -xf -
	[ -f "$work/project/Makefile" ] || die "Copying $root to $work/project failed."
}

# Real data is used where it lies beside the project.
find_shared_data()
{
	if [ -z "${MENUCA_SHARED_DATA:-}" ] && [ -d "$root/../shared/data" ]; then
		MENUCA_SHARED_DATA=$(cd "$root/../shared/data" && pwd)
	fi
	if [ -n "${MENUCA_SHARED_DATA:-}" ]; then
		if ! as_unprivileged test -r "$MENUCA_SHARED_DATA/README.md"; then
			as_unprivileged mkdir "$work/shared"
			tar -C "$MENUCA_SHARED_DATA" -cf - . | as_unprivileged tar -C "$work/shared" -xf -
			MENUCA_SHARED_DATA=$work/shared
		fi
		export MENUCA_SHARED_DATA
	fi
}

leave()
{
	status=$?
	trap '' INT TERM HUP
	if [ -n "${child:-}" ]; then
		if [ -s "$work/pid" ]; then
			kill -TERM -- "-$(cat "$work/pid")" 2>/dev/null || kill -TERM "$(cat "$work/pid")" 2>/dev/null || :
		fi
		wait "$child" 2>/dev/null || :
	fi
	# Whatever was killed too hard to stop its servers
	find "$work" -name postmaster.pid 2>/dev/null | while read -r pidfile; do
		kill -QUIT "$(head -n 1 "$pidfile")" 2>/dev/null || :
	done
	if [ -n "${MENUCA_KEEP:-}" ]; then
		say "Kept: $work"
	else
		rm -rf "$work"
	fi
	exit "$status"
}

# Runs this script again, inside.  The new session lets an interrupt reach
# everything that was started there.
enter_workshop()
{
	[ -z "${MENUCA_WORK:-}" ] || return 0

	root=$(cd "$(dirname "$0")/.." && pwd)
	[ -n "${PG_CONFIG:-}" ] || PG_CONFIG=$(sh "$root/test/setup.sh")
	make_work_dir
	child=
	trap leave EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	copy_project
	find_shared_data

	# Settings of the caller's client or make must not reach the tests.
	for name in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p') MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL LANGUAGE; do
		unset "$name"
	done
	session=
	if command -v setsid >/dev/null 2>&1; then session='setsid -w'; fi

	cd "$work" || exit
	# shellcheck disable=SC2086 # a command and its option, or nothing
	as_unprivileged $session env MENUCA_WORK="$work" PG_CONFIG="$PG_CONFIG" HOME="$work" \
		TMPDIR="$work/tmp" LC_ALL=C sh "$work/project/test/${0##*/}" "$@" &
	child=$!
	status=0
	wait "$child" || status=$?
	child=
	exit "$status"
}

#
# Inside
#

# A server finds its files relative to its own executable, so a copy of the
# executables, with links to the rest, is an installation of its own.
make_installation()
{
	real=$PG_CONFIG
	tree=$MENUCA_WORK/install
	bin=$tree$("$real" --bindir)
	lib=$("$real" --pkglibdir)
	share=$("$real" --sharedir)
	include=$("$real" --includedir)
	include_server=$("$real" --includedir-server)

	mkdir -p "$bin" "$tree$lib" "$tree$share/extension" "$tree${include%/*}"
	cp -L "$("$real" --bindir)"/* "$bin"
	link_all "$lib" "$tree$lib"
	link_all "$share" "$tree$share"
	link_all "$share/extension" "$tree$share/extension"
	ln -s "$include" "$tree$include"
	if [ ! -d "$tree$include_server" ]; then
		mkdir -p "$tree${include_server%/*}"
		ln -s "$include_server" "$tree$include_server"
	fi

	PG_CONFIG=$bin/pg_config
	PATH=$bin:$PATH
	export PG_CONFIG PATH
	[ "$(pg_config --sharedir 2>/dev/null)" = "$tree$share" ] ||
		die "Programs cannot run from ${MENUCA_WORK%/*}; name a directory where they can with TMPDIR."
}

# An installed menuca_migrate is left out, so that only the one under test is found.
link_all()
{
	for file in "$1"/*; do
		case ${file##*/} in
			menuca_migrate*|extension) ;;
			*) ln -s "$file" "$2/" ;;
		esac
	done
}

# Builds the extension and installs it into the private installation.
build_extension()
{
	jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || jobs=1
	if ! make -s -j"$jobs" -C "$MENUCA_WORK/project" all with_llvm=no PG_CONFIG="$PG_CONFIG" ||
		! make -s -C "$MENUCA_WORK/project" install with_llvm=no PG_CONFIG="$PG_CONFIG" >/dev/null; then
		die "The extension could not be built."
	fi
}

cluster_start()
{
	PGDATA=$MENUCA_WORK/data
	PGHOST=$MENUCA_WORK
	PGPORT=5432
	PGUSER=postgres
	server_log=$MENUCA_WORK/server.log
	export PGDATA PGHOST PGPORT PGUSER
	trap cluster_stop EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP

	initdb --auth=trust --no-sync --username=postgres --locale=C --encoding=UTF8 >"$MENUCA_WORK/initdb.log" 2>&1 ||
		{ cat "$MENUCA_WORK/initdb.log" >&2; die "initdb failed."; }
	cat >>"$PGDATA/postgresql.conf" <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$MENUCA_WORK'
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		log_checkpoints = off
		max_prepared_transactions = 10
		log_line_prefix = '%m [%p] %q%a %d '
	CONF
	pg_ctl --wait --silent --log="$server_log" start >/dev/null ||
		{ tail -n 30 "$server_log" >&2; die "The throwaway cluster did not start."; }
}

cluster_stop()
{
	status=$?
	trap '' INT TERM HUP
	if [ -f "$PGDATA/postmaster.pid" ]; then
		pg_ctl --mode=immediate --silent stop >/dev/null 2>&1 || :
	fi
	exit "$status"
}

# A crash, or a resource that was not given back
server_suffered()
{
	grep -Eq 'was terminated by signal|PANIC:|TRAP:|reference leak|resource was not closed' "$server_log"
}
