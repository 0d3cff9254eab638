# menuca_migrate: `make help` lists what can be made here

EXTENSION = menuca_migrate
MODULE_big = menuca_migrate
OBJS = $(patsubst %.c,%.o,$(wildcard src/*.c))
DATA = menuca_migrate--1.0.sql
SCRIPTS = src/menuca-backup
PGFILEDESC = "menuca_migrate - repairs the combos of a MenuCA V3 migration"

REGRESS = $(patsubst test/sql/%.sql,%,$(wildcard test/sql/*.sql))
REGRESS_OPTS = --inputdir=test
ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(wildcard test/isolation/specs/*.spec))
ISOLATION_OPTS = --inputdir=test/isolation

# demo and test choose a server by themselves, unless one was named
NAMED_PG_CONFIG := $(PG_CONFIG)
PG_CONFIG ?= pg_config

WHAT_TO_DO = Install the server headers of PostgreSQL 15 to 18 (Debian: postgresql-server-dev-N), or name a server with PG_CONFIG=/path/to/pg_config, or let `make demo` install what is missing

# Without a server's headers there is no PGXS to include.  demo and test see to
# that themselves; everything else cannot do without.
ifneq (,$(filter-out demo test check check-stop bench lint help,$(or $(MAKECMDGOALS),all)))
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
SERVER_HEADERS := $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
ifeq (,$(PGXS))
$(error $(PG_CONFIG) cannot be run. $(WHAT_TO_DO))
endif
ifneq (2,$(words $(wildcard $(PGXS) $(SERVER_HEADERS)/postgres.h)))
$(error $(PG_CONFIG) is there, but the server headers in $(SERVER_HEADERS) are not. $(WHAT_TO_DO))
endif
include $(PGXS)

$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h)

# PGXS would look for it in a directory src there
uninstall: uninstall_scripts
.PHONY: uninstall_scripts
uninstall_scripts:
	rm -f $(addprefix '$(DESTDIR)$(bindir)'/, $(notdir $(SCRIPTS)))
endif

.PHONY: demo test check check-stop bench lint help

# Sets up what is missing, and chooses a server.
WITH_SERVER = PG_CONFIG=$$(PG_CONFIG='$(NAMED_PG_CONFIG)' sh test/setup.sh) && export PG_CONFIG &&

demo bench:
	@$(WITH_SERVER) exec sh test/$@.sh

test:
	@$(WITH_SERVER) exec sh test/run.sh $(SUITES)

# PGXS has a target "check", too, which says that it is not supported.
ifndef PGXS
check:
	@$(WITH_SERVER) TEST='$(TEST)' exec sh test/check.sh
endif

check-stop:
	@sh test/check.sh --stop

# The server's headers are system headers here: their warnings are not ours.
lint:
	@status=0; \
	clang=$$(command -v clang || ls /usr/bin/clang-[0-9]* 2>/dev/null | tail -n 1); \
	for cc in gcc $${clang:-clang}; do \
		command -v $$cc >/dev/null || { echo "lint: $$cc is not installed, skipped"; continue; }; \
		clean=yes; \
		for file in $(wildcard src/*.c); do \
			$$cc -O2 -fPIC -fwrapv -fno-strict-aliasing -std=gnu11 -D_GNU_SOURCE \
				-Wall -Wextra -Wmissing-prototypes -Wpointer-arith -Wvla \
				-Wdeclaration-after-statement -Werror \
				-isystem "$$($(PG_CONFIG) --includedir-server)" -c $$file -o /dev/null || clean=no; \
		done; \
		if [ $$clean = yes ]; then echo "lint: no warnings from $$cc"; else status=1; fi; \
	done; \
	exit $$status

help:
	@echo 'make demo         set up what is missing, then show the whole story on a throwaway cluster'
	@echo 'make test         set up what is missing, then run every suite on a throwaway cluster'
	@echo '                  (SUITES="regress pgtap" runs only these: lint reader fixture regress isolation pgtap tap)'
	@echo "make check TEST='sql/fix pgtap/*'"
	@echo '                  run these tests alone, in a build and a cluster that are kept; without TEST, list them all'
	@echo 'make check-stop   end and remove what make check keeps'
	@echo 'make bench        measure against good SQL, on a throwaway cluster; fails when a goal is missed'
	@echo '                  (SCALE=1|10|20|100, RUNS=5, OUT=file for the table, CASES="fix validate" runs only these:'
	@echo '                  load dry_run fix fix_exclusive batched growth rollback validate memory)'
	@echo 'make              build the extension for the server of PG_CONFIG'
	@echo 'make install      install it into that server'
	@echo 'make installcheck run pg_regress and the isolation specs against that server, running'
	@echo 'make lint         compile with gcc and clang, every warning an error'
	@echo 'make clean        remove what was built'
