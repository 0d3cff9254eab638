#!/bin/sh
# setup.sh - installs what `make demo` and `make test` need and this machine
# lacks; the last thing it prints, alone on standard output, is the path of
# the pg_config to use.  It changes nothing where nothing is missing.  What
# only makes some test skip is installed when that is easy.
#
# usage: setup.sh [demo|demo-seating|bench|test|check]
#
# The demo and the benchmark need less than the tests.  Before anything is
# installed it says what, how much and for about how long; what apt-get prints goes
# to a file, which is shown when it fails.
#
# PG_CONFIG, when set, selects the server; otherwise the newest installed one
# that has its headers is taken.
set -eu

case ${1:-test} in
	demo|demo-seating|bench) with_tests= ;;
	*) with_tests=yes ;;
esac
given=${PG_CONFIG:-}
majors='18 17 16 15'
snippet_dir=/etc/postgresql-common/createcluster.d
snippet=$snippet_dir/menuca_migrate-setup.conf

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

major_of() { "$1" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/'; }

# A server can be used when it is there with its tools, headers and PGXS.
usable()
{
	command -v "$1" >/dev/null 2>&1 || return 1
	bin=$("$1" --bindir 2>/dev/null) || return 1
	[ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] && [ -x "$bin/psql" ] &&
		[ -x "$bin/pg_config" ] &&
		[ -f "$("$1" --includedir-server)/postgres.h" ] &&
		[ -f "$("$1" --pgxs)" ]
}

find_server()
{
	pg_config=
	if [ -n "$given" ]; then
		if usable "$given"; then pg_config=$("$given" --bindir)/pg_config; fi
		return
	fi
	for n in $majors; do
		for dir in "/usr/lib/postgresql/$n" "/usr/pgsql-$n"; do
			if usable "$dir/bin/pg_config"; then
				pg_config=$dir/bin/pg_config
				return
			fi
		done
	done
	if usable pg_config && [ "$(major_of pg_config)" -ge 15 ]; then
		pg_config=$(pg_config --bindir)/pg_config
	fi
}

# Which major version to install: that of a given pg_config, else of the
# newest server that lacks only its headers, else the distribution's own.
choose_major()
{
	if [ -n "$given" ]; then
		case $given in
			/usr/lib/postgresql/*/bin/pg_config)
				major=${given#/usr/lib/postgresql/}
				major=${major%%/*} ;;
			*)
				major=$(major_of "$given" 2>/dev/null) || major= ;;
		esac
		[ -n "$major" ] || die "PG_CONFIG=$given cannot be run; it should be the pg_config of the server to use."
		return
	fi
	for major in $majors; do
		if [ -x "/usr/lib/postgresql/$major/bin/postgres" ] &&
			[ -n "$(apt-cache madison "postgresql-server-dev-$major" 2>/dev/null)" ]; then
			return
		fi
	done
	major=$(apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	if [ -z "$major" ] && [ -r /etc/os-release ]; then
		# The package lists are not there yet.
		# shellcheck disable=SC1091
		case $(. /etc/os-release; echo "${ID:-}${VERSION_ID:-}") in
			debian12) major=15 ;;
			debian13) major=17 ;;
		esac
	fi
	[ "${major:-15}" -ge 15 ] || die "This distribution's PostgreSQL is version $major; version 15 to 18 is needed (https://www.postgresql.org/download/ has packages for it)."
}

# Adds to the lists of what is missing: a sentence, and Debian's packages.
lack()
{
	missing="$missing
  - $1"
	shift
	packages="$packages $*"
}

survey()
{
	missing=
	packages=
	find_server
	if [ -n "$pg_config" ]; then
		major=$(major_of "$pg_config")
		[ "$major" -ge 15 ] || die "$pg_config belongs to PostgreSQL $major; version 15 to 18 is needed."
		cc=$("$pg_config" --cc | sed 's/ .*//')
		[ -z "$with_tests" ] || [ -f "$("$pg_config" --sharedir)/extension/pgtap.control" ] ||
			lack "pgTAP in the extensions of PostgreSQL $major (https://pgtap.org)" "postgresql-$major-pgtap"
	else
		choose_major
		cc=gcc
		lack "PostgreSQL${major:+ $major}, with its server headers (postgres.h, pgxs.mk)" \
			"postgresql-${major:-N}" "postgresql-server-dev-${major:-N}"
		[ -z "$with_tests" ] ||
			lack "pgTAP in its extensions (https://pgtap.org)" "postgresql-${major:-N}-pgtap"
	fi
	if ! command -v "$cc" >/dev/null 2>&1; then
		lack "the C compiler $cc" gcc libc6-dev
	elif ! echo '#include <stdio.h>' | "$cc" -E - >/dev/null 2>&1; then
		lack "the C library's headers" libc6-dev
	fi
	command -v make >/dev/null 2>&1 || lack "make" make
	if [ -z "$with_tests" ]; then
		perl -MGetopt::Long -MFindBin -e1 2>/dev/null || lack "Perl" perl
		return
	fi
	if ! perl -MTest::More -MTime::HiRes -e1 2>/dev/null || ! command -v prove >/dev/null 2>&1; then
		lack "Perl with prove and Test::More" perl
	fi
	perl -MIPC::Run -e1 2>/dev/null || lack "Perl's IPC::Run" libipc-run-perl
	command -v pg_prove >/dev/null 2>&1 ||
		lack "pg_prove (Perl's TAP::Parser::SourceHandler::pgTAP)" libtap-parser-sourcehandler-pgtap-perl
}

# Installing a server on Debian creates and starts a cluster "main", which
# nobody asked for here; this setting, taken away again, prevents it.
forbid_main_cluster()
{
	made_parent=
	[ -d "${snippet_dir%/*}" ] || made_parent=yes
	made_dir=
	[ -d "$snippet_dir" ] || made_dir=yes
	trap allow_main_cluster EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	as_root mkdir -p "$snippet_dir"
	as_root sh -c "echo 'create_main_cluster = false' > $snippet"
}

allow_main_cluster()
{
	as_root rm -f "$snippet"
	[ -z "$made_dir" ] || as_root rmdir "$snippet_dir" 2>/dev/null || :
	[ -z "$made_parent" ] || as_root rmdir "${snippet_dir%/*}" 2>/dev/null || :
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# What apt-get prints goes to a file, made for the first call.
apt_log=
make_apt_log()
{
	[ -n "$apt_log" ] || apt_log=$(mktemp "${TMPDIR:-/tmp}/menuca-apt.XXXXXX")
}

apt()
{
	make_apt_log
	as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -o DPkg::Lock::Timeout=300 "$@" >>"$apt_log" 2>&1 </dev/null
}

# Says what apt-get itself foresees.  A download is taken for 5 MB/s, and unpacking
# for 10 MB/s: a guess, since nobody knows the network.
announce()
{
	foreseen=$(LC_ALL=C apt-get install --print-uris --no-install-recommends "$@" </dev/null 2>/dev/null) || foreseen=
	say "Installing with apt-get what is missing: $*"
	printf '%s\n' "$foreseen" | awk '
		function megabytes(number, unit)
		{
			gsub(",", "", number)
			return number * (unit == "GB" ? 1000 : unit == "MB" ? 1 : unit == "kB" ? 0.001 : 0.000001)
		}
		/ newly installed/ { packages = $3 }
		/^Need to get / {
			sub("^Need to get ", "")
			sub(".*/", "")
			load = megabytes($1, $2)
		}
		/^After this operation, .* will be used/ { disk = megabytes($4, $5) }
		END {
			if (packages == "")
				exit
			seconds = 10 + load / 5 + disk / 10
			printf "%d packages: %d MB to download, %d MB on disk; about %s if 5 MB arrive in a second.\n",
				packages, load + 1, disk + 1, seconds < 90 ? int(seconds / 10 + 0.5) * 10 " s" : int(seconds / 60 + 0.5) " minutes"
		}' >&2
	say "What apt-get prints is in $apt_log"
}

# $1: what could not be done
show_apt_log()
{
	say "$1 Its last lines:"
	tail -n 30 "$apt_log" | sed 's/^/  /' >&2
	say "All of it is in $apt_log"
}

survey
if [ -n "$missing" ]; then
	if ! command -v apt-get >/dev/null 2>&1; then
		die "This machine has no apt-get, so please install what is missing, then run make again:$missing"
	fi

	# Packages can help only a server that comes from packages.
	case $given in
		''|/usr/lib/postgresql/*|/usr/bin/*|pg_config) ;;
		*)	case $packages in
				*postgresql-*) die "For PG_CONFIG=$given this is missing, and must be installed by hand:$missing" ;;
			esac ;;
	esac

	if [ "$(id -u)" -ne 0 ] && ! { command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; then
		die "Missing on this machine:$missing
Neither root nor sudo is at hand. Let an administrator run this, then run make again:
  apt-get update && apt-get install --no-install-recommends$packages"
	fi

	say "Missing on this machine:$missing"
	say "Fetching the package lists (apt-get update) ..."
	apt update || show_apt_log "apt-get update failed; going on with the package lists at hand."
	survey
	[ -n "$major" ] || die "No package of PostgreSQL is known to apt. Missing:$missing"
	# shellcheck disable=SC2086 # a list of words
	announce $packages
	case " $packages " in
		*" postgresql-$major "*) forbid_main_cluster ;;
	esac
	# shellcheck disable=SC2086 # a list of words
	apt install -y --no-install-recommends $packages ||
		{ show_apt_log "apt-get could not install$packages."; exit 1; }

	survey
	[ -z "$missing" ] || die "Still missing after the installation:$missing"
	say "Installed."
elif [ -z "$with_tests" ] && [ "${1:-}" != bench ]; then
	say "Nothing is missing on this machine, so nothing is installed."
fi

# What a test is better with.  No password is asked for it, and no package list fetched.
# $1: a program, $2: its package, $3: what is not tested without it
want()
{
	if command -v "$1" >/dev/null 2>&1 || ! { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; } ||
		[ -z "$(apt-cache madison "$2" 2>/dev/null)" ]; then
		return
	fi
	say "Without $2, $3."
	make_apt_log
	announce "$2"
	apt install -y --no-install-recommends "$2" || show_apt_log "apt-get could not install $2; $3."
}

if [ -n "$with_tests" ]; then
	want php php-cli "nothing is compared with PHP"
	# It is large: make check does without it.
	[ "${1:-test}" != test ] || want chromium chromium "the report is not opened in a browser"
fi

printf '%s\n' "$pg_config"
