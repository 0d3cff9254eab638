# shellcheck shell=sh
# cluster.sh - an installation and clusters in the workshop; to be sourced
#
# Inside, after enter_workshop() of workshop.sh.

# A server finds its files relative to its own executable, so a copy of the
# executables, with links to the rest, is an installation of its own.
make_installation()
{
	real=$PG_CONFIG
	tree=$MENUCA_WORK/install
	bin=$tree$("$real" --bindir)
	share=$("$real" --sharedir)
	[ -f "$tree/complete" ] || copy_installation

	PG_CONFIG=$bin/pg_config
	PATH=$bin:$PATH
	export PG_CONFIG PATH
	[ "$(pg_config --sharedir 2>/dev/null)" = "$tree$share" ] ||
		die "Programs cannot run from ${MENUCA_WORK%/*}; name a directory where they can with TMPDIR."
}

copy_installation()
{
	lib=$("$real" --pkglibdir)
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
	: >"$tree/complete"
}

# An installed menuca_migrate is omitted, so that only the one under test is found.
link_all()
{
	for file in "$1"/*; do
		case ${file##*/} in
			menuca_migrate*|extension) ;;
			*) ln -s "$file" "$2/" ;;
		esac
	done
}

processors() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1; }

# Builds the extension and installs it into the private installation.
build_extension()
{
	if ! make -s -j"$(processors)" -C "$MENUCA_WORK/project" all with_llvm=no PG_CONFIG="$PG_CONFIG" ||
		! make -s -C "$MENUCA_WORK/project" install with_llvm=no PG_CONFIG="$PG_CONFIG" >/dev/null; then
		die "The extension could not be built."
	fi
}

# Builds the module that stands for a distributed server, for tests alone.
build_test_module()
{
	make -s -C "$MENUCA_WORK/project/test/elsewhere" all install PG_CONFIG="$PG_CONFIG" >/dev/null ||
		die "The module in test/elsewhere could not be built."
}

# A data directory that clusters are copies of
make_template()
{
	template=$MENUCA_WORK/template
	[ ! -f "$template/PG_VERSION" ] || return 0
	initdb --auth=trust --no-sync --username=postgres --locale=C --encoding=UTF8 -D "$template" \
		>"$MENUCA_WORK/initdb.log" 2>&1 ||
		{ cat "$MENUCA_WORK/initdb.log" >&2; die "initdb failed."; }
}

# The programs connect to the cluster in this directory from now on.
cluster_choose()
{
	cluster=$1
	PGDATA=$cluster/data
	PGHOST=$cluster
	PGPORT=5432
	PGUSER=postgres
	server_log=$cluster/server.log
	export PGDATA PGHOST PGPORT PGUSER
}

# Makes a cluster in the chosen directory, and starts it.
# Autovacuum's ANALYZE would keep rows that a test has deleted, so that an index
# on them is built with them.
cluster_make()
{
	mkdir -p "$cluster"
	cp -R "$template" "$PGDATA"
	cat >>"$PGDATA/postgresql.conf" <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$cluster'
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		log_checkpoints = off
		max_prepared_transactions = 10
		autovacuum = off
		log_line_prefix = '%m [%p] %q%a %d '
	CONF
	cluster_start
}

cluster_start()
{
	pg_ctl --wait --silent --log="$server_log" start >/dev/null ||
		{ tail -n 30 "$server_log" >&2; die "The cluster in $cluster did not start."; }
}

# The cluster of the demo and the benchmark: it ends with the script.
start_only_cluster()
{
	make_template
	cluster_choose "$MENUCA_WORK"
	trap stop_clusters EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	cluster_make
}

# The exit status is that of the script.
stop_clusters()
{
	status=$?
	trap '' INT TERM HUP
	for pidfile in "$MENUCA_WORK"/data/postmaster.pid "$MENUCA_WORK"/cluster.*/data/postmaster.pid; do
		if [ -f "$pidfile" ]; then
			pg_ctl --mode=immediate --silent --pgdata="${pidfile%/*}" stop >/dev/null 2>&1 || :
		fi
	done
	exit "$status"
}

# A crash, or a resource that was not given back
server_suffered()
{
	grep -Eq 'was terminated by signal|PANIC:|TRAP:|reference leak|resource was not closed' "$server_log"
}
