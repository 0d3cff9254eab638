# menuca_migrate: `make help` lists what can be made here

# Two extensions, one library
EXTENSION = menuca_migrate menuca_seating
EXTVERSION = 1.0
MODULE_big = menuca_migrate
DATA = $(EXTENSION:=--$(EXTVERSION).sql)
SCRIPTS = src/base/menuca-common src/backup/menuca-backup src/backup/menuca-backup-children src/backup/menuca-backup-drill src/hosted/menuca-copy src/hosted/menuca-export src/customer/menuca-load
PGFILEDESC = "menuca_migrate - repairs the combos of a MenuCA V3 migration, and gives bookings their dining tables"

# Where this file is: a build elsewhere says VPATH, or make -f ../menuca_migrate/Makefile
TOP := $(patsubst %/,%,$(or $(VPATH),$(dir $(firstword $(MAKEFILE_LIST)))))
SOURCES := $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/src/*/*.c))
OBJS = $(SOURCES:.c=.o)
PG_CPPFLAGS = -I$(TOP)/src
PG_CFLAGS = -MMD -MP
SHLIB_EXPORTS = src/exports.txt
EXTRA_CLEAN = $(OBJS:.o=.d) src/exports.list compile_commands.json $(MODULE_big)-$(EXTVERSION).zip

DOCS = $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/doc/*.md $(TOP)/doc/reference/*.md))

REGRESS = $(patsubst $(TOP)/test/sql/%.sql,%,$(wildcard $(TOP)/test/sql/*.sql))
REGRESS_OPTS = --inputdir=$(TOP)/test
ISOLATION = $(patsubst $(TOP)/test/isolation/specs/%.spec,%,$(wildcard $(TOP)/test/isolation/specs/*.spec))
ISOLATION_OPTS = --inputdir=$(TOP)/test/isolation

# demo and test choose a server by themselves, unless one was named
NAMED_PG_CONFIG := $(PG_CONFIG)
PG_CONFIG ?= pg_config

WHAT_TO_DO = Install the server headers of PostgreSQL 15 to 18 (Debian: postgresql-server-dev-N), or name a server with PG_CONFIG=/path/to/pg_config, or let `make demo` install what is missing

# Without a server's headers there is no PGXS to include.  demo and test see to
# that themselves; the goals of this list need none.
WITHOUT_SERVER = demo demo-seating test check check-stop bench sql exports indent indent-check typedefs.list dist help
ifneq (,$(filter-out $(WITHOUT_SERVER),$(or $(MAKECMDGOALS),all)))
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
SERVER_HEADERS := $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
ifeq (,$(PGXS))
$(error $(PG_CONFIG) cannot be run. $(WHAT_TO_DO))
endif
ifneq (2,$(words $(wildcard $(PGXS) $(SERVER_HEADERS)/postgres.h)))
$(error $(PG_CONFIG) is there, but the server headers in $(SERVER_HEADERS) are not. $(WHAT_TO_DO))
endif
ifeq (,$(SOURCES))
$(error There are no sources in $(TOP)/src: VPATH is the directory of this Makefile)
endif

# make would take these objects for its own, and build nothing here.
ifneq (.,$(TOP))
ifneq (,$(wildcard $(TOP)/src/*/*.o))
$(error There are objects in $(TOP)/src, which a build elsewhere would use: make -C $(TOP) clean)
endif
endif

# Bitcode doubles a build, and only an installed one uses it.
ifeq (,$(filter install uninstall,$(MAKECMDGOALS)))
override with_llvm = no
endif
include $(PGXS)

# The compiler notes which headers each object needs.
-include $(OBJS:.o=.d)
$(OBJS:.o=.bc): %.bc: %.o

# A build elsewhere needs the rooms' directories there; a rule for them would
# be content with those that VPATH finds.
ifneq (.,$(TOP))
$(shell mkdir -p $(sort $(dir $(OBJS))))
endif

# All pages go into one folder, of the extension's own: their names are common
docmoduledir = extension/$(MODULE_big)

# PGXS would look for them in directories src and doc there
uninstall: uninstall_scripts uninstall_pages
.PHONY: uninstall_scripts uninstall_pages
uninstall_scripts:
	rm -f $(addprefix '$(DESTDIR)$(bindir)'/, $(notdir $(SCRIPTS)))
uninstall_pages:
	rm -f $(addprefix '$(DESTDIR)$(docdir)/$(docmoduledir)'/, $(notdir $(DOCS)))
	rmdir '$(DESTDIR)$(docdir)/$(docmoduledir)' 2>/dev/null || :
endif

# Sets up what is missing, and chooses a server.
WITH_SERVER = PG_CONFIG=$$(PG_CONFIG='$(NAMED_PG_CONFIG)' sh test/setup.sh $@) && export PG_CONFIG &&

.PHONY: demo demo-seating test check check-stop bench
demo demo-seating bench:
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

# Each rule says what it found; all of them are checked before the first fails.
.PHONY: lint lint-compile lint-rooms lint-calls lint-sql lint-exports lint-planted indent-check
lint:
	@$(MAKE) --silent --no-print-directory --keep-going --output-sync -j$$(nproc 2>/dev/null || echo 2) \
		lint-compile lint-rooms lint-calls lint-sql lint-exports lint-planted indent-check

lint-rooms:
	@perl test/lint/rooms.pl src && echo 'lint: the rooms include, declare and name what they may'

lint-calls:
	@perl test/lint/calls.pl src && echo "lint: proposed calls have the extension's schema"

lint-sql:
	@for extension in $(EXTENSION); do \
		sh src/assemble-sql.sh $$extension | diff -u $$extension--$(EXTVERSION).sql - || \
		{ echo "lint: $$extension--$(EXTVERSION).sql differs from its parts in src/<room>/<room>.sql; run: make sql" >&2; exit 1; }; \
		echo "lint: $$extension--$(EXTVERSION).sql is the same as its parts"; done

lint-exports: $(shlib)
	@perl test/lint/exports.pl src/exports.txt '$(DATA)' src $(shlib) && echo 'lint: the library exports what the server calls'

# Each rule finds a fault that is planted for it.
lint-planted:
	@sh test/lint/planted.sh

lint-compile:
	@sh test/lint/compile.sh "$(SERVER_HEADERS)" $(SOURCES) test/elsewhere/menuca_elsewhere.c

# pgindent comes with PostgreSQL's server headers from 17 on; typedefs.list has
# the types that it must know.
.PHONY: indent
indent indent-check:
	@sh test/lint/indent.sh $@ src test/fuzz test/elsewhere

typedefs.list: $(wildcard src/*/*.[ch] test/fuzz/*.[ch] test/elsewhere/*.c)
	@sh test/lint/typedefs.sh $^ >$@.tmp && mv $@.tmp $@ || { rm -f $@.tmp; false; }

# Assembled and derived files that are committed
.PHONY: sql exports
sql:
	@for extension in $(EXTENSION); do script=$$extension--$(EXTVERSION).sql; \
		sh src/assemble-sql.sh $$extension >$$script.tmp && mv $$script.tmp $$script || exit 1; done

exports:
	@perl test/lint/exports.pl --write src/exports.txt '$(DATA)' src

# For editors and clang's tools
compile_commands.json: $(addprefix $(TOP)/,$(SOURCES))
	@sh test/lint/compile_commands.sh "$(CURDIR)" "$(CC) $(CFLAGS) $(CPPFLAGS)" $(SOURCES) >$@

# The archive that PGXN distributes
.PHONY: dist
dist:
	git archive --format=zip --prefix=$(MODULE_big)-$(EXTVERSION)/ -o $(MODULE_big)-$(EXTVERSION).zip HEAD

.PHONY: help
help:
	@echo 'make demo         set up what is missing, then tell the real case on a throwaway cluster'
	@echo 'make demo-seating likewise an evening: 76 bookings get their dining tables, proven to be the most'
	@echo 'make test         set up what is missing, then run every suite on a throwaway cluster'
	@echo '                  (SUITES="regress pgtap" runs only these: lint reader fixture regress isolation pgtap tap)'
	@echo "make check TEST='sql/fix pgtap/*'"
	@echo '                  run these tests alone, in a build and a cluster that are kept; without TEST, list them all'
	@echo 'make check-stop   end and remove what make check keeps'
	@echo 'make bench        measure against good SQL, on a throwaway cluster; fails when a goal is missed'
	@echo '                  (SCALE=1|10|20|100, RUNS=5, OUT=file for the table, CASES="fix validate" runs only these:'
	@echo '                  load dry_run fix fix_exclusive batched growth rollback validate memory;'
	@echo '                  seating_plan seating_assign seating_day seating_growth seating_watch, or seating for these five)'
	@echo 'make              build the extension for the server of PG_CONFIG'
	@echo 'make install      install it into that server'
	@echo 'make installcheck run pg_regress and the isolation specs against that server, running'
	@echo 'make lint         every warning of gcc and clang is an error; who may include whom, circles, exports, stale parts'
	@echo 'make sql          assemble the extensions'"'"' scripts from src/<room>/<room>.sql'
	@echo 'make exports      write the list of what the library exports'
	@echo 'make indent       format the C code with pgindent; make typedefs.list collects its types'
	@echo 'make compile_commands.json  for editors and clang'"'"'s tools'
	@echo 'make dist         the archive that PGXN distributes'
	@echo 'make clean        remove what was built'
