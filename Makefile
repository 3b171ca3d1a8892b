# Maru. `make help` lists what can be asked for.
#
# One non-recursive Makefile. Objects go to $(B); another build (sanitizers, coverage) is the same
# rules with another B and other flags: `make B=build-asan SAN=address,undefined`.

B       ?= build
PREFIX  ?= /usr/local
PORT    ?= 8080
CC      ?= gcc
VERSION := 0.1.0
SUB     := $(MAKE) --no-print-directory -s -j$(shell nproc)
# Warnings are errors, but not for somebody who only wants to run it with a compiler of tomorrow.
WERROR  ?= -Werror
# `make V=1` shows the whole commands.
Q        = $(if $(V),,@echo '  $@';)

PKGS_api  := jansson libmariadb libsodium libcurl libmd libutf8proc libseccomp
PKGS_push := jansson libwebsockets libsodium libcurl libmd
# Loaded when it is needed, see api/webpage.c.
PKGS_late := libxml-2.0

WARN := -Wall -Wextra -Wformat=2 -Wformat-security -Wconversion -Wsign-conversion -Wshadow -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough -Wnull-dereference \
	-Wcast-qual $(WERROR)
HARD := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-fno-delete-null-pointer-checks -fno-strict-aliasing -fPIE
# Not every compiler that we support knows these.
may = $(shell $(CC) $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))
HARD += $(call may,-ftrivial-auto-var-init=zero)
ifeq ($(SAN)$(COVER),)
HARD += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
# Where overflow is defined, UBSan has nothing to say about it.
HARD += -fno-strict-overflow
OPT  := -O2
else
OPT  := -O1 -fno-omit-frame-pointer
endif
ifneq ($(SAN),)
SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all
endif
ifneq ($(COVER),)
SANFLAGS += --coverage -fprofile-update=atomic
endif

# Places where a test can kill the programs, see shared/crash.h.
ifneq ($(CRASH),)
CPPFLAGS += -DMARU_CRASH
endif
CPPFLAGS += -D_GNU_SOURCE -DMARU_VERSION='"$(VERSION)"' -I. -Ishared -I$(B)
CFLAGS   += -std=c11 -g $(OPT) $(WARN) $(HARD) $(SANFLAGS)
LDFLAGS  += -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed $(SANFLAGS)
LIBS_api  = $(shell pkg-config --libs $(PKGS_api)) -lfcgi
LIBS_push = $(shell pkg-config --libs $(PKGS_push)) -lev -pthread
# Headers of other people are not held to our warnings.
SYSTEM_INCLUDES := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I \
	$(PKGS_api) $(PKGS_push) $(PKGS_late) 2>/dev/null))

SRC_shared := $(wildcard shared/*.c)
SRC_api    := $(wildcard api/*.c)
SRC_push   := $(wildcard push/*.c)
SQL        := $(wildcard api/*.sql)
SRC_ctl    := $(wildcard ctl/*.c)
SRC        := $(SRC_shared) $(SRC_api) $(SRC_push) $(SRC_ctl)
OBJ_shared := $(SRC_shared:%.c=$(B)/%.o)
OBJ_api    := $(SRC_api:%.c=$(B)/%.o) $(B)/sql.o
OBJ_push   := $(SRC_push:%.c=$(B)/%.o)
OBJ_ctl    := $(SRC_ctl:%.c=$(B)/%.o)
PROGRAMS   := $(B)/maru-api $(B)/maru-push $(B)/maructl

.PHONY: all web help run docs sdk test pictures unit unit-programs test-tools lint format asan cover chaos fuzz fuzz-programs \
	bench bench-core bench-push bench-history bench-fanout bench-people bench-talk bench-files bench-web bench-sdk bench-study clean install uninstall
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS) $(B)/maructl.1 $(B)/web/app.js ## builds maru-api, maru-push, maructl and the page

web: $(B)/web/app.js ## builds the page, the widget and the API's pages

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

$(B)/maru-api: $(OBJ_api) $(OBJ_shared)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_api)

# It answers itself, with the handlers of maru-api.
$(B)/maructl: $(OBJ_ctl) $(filter-out %/main.o,$(OBJ_api)) $(OBJ_shared)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_api)

$(B)/maructl.1: ctl/maructl.1.in ctl/commands.def
	@awk -F '", ' '/^COMMAND/ { sub(/.*"/, "", $$1); gsub(/"/, "", $$4); gsub(/#/, "", $$4); gsub(/"|\)$$/, "", $$5); \
		list = list ".It Cm " $$1 ($$4 == "" ? "" : " Ar " $$4) "\n" $$5 "\n" } \
		/^@commands@$$/ { printf "%s", list; next } FILENAME ~ /in$$/ { print }' ctl/commands.def ctl/maructl.1.in > $@

$(B)/maru-push: $(OBJ_push) $(OBJ_shared)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_push)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(SYSTEM_INCLUDES) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/sql.o: $(B)/sql.c
	$(Q)$(CC) $(CPPFLAGS) -Iapi $(SYSTEM_INCLUDES) $(CFLAGS) -MMD -MP -c -o $@ $<

# api/*.sql become typed functions; see api/sqlgen.awk.
$(B)/sql.h: api/sqlgen.awk $(SQL)
	@mkdir -p $(@D)
	$(Q)awk -v out=h -f api/sqlgen.awk $(SQL) > $@
$(B)/sql.c: api/sqlgen.awk $(SQL)
	@mkdir -p $(@D)
	$(Q)awk -v out=c -f api/sqlgen.awk $(SQL) > $@
$(SRC_api:%.c=$(B)/%.o) $(OBJ_ctl): | $(B)/sql.h

-include $(wildcard $(B)/*/*.d $(B)/*.d $(B)/tests/*/*.d)

# ---- running -------------------------------------------------------------------------------------

run: ## installs what is missing, builds, starts everything on http://localhost:8080 (PORT=; S3=1: files go to a Swift beside it; TURN=1: a relay for calls; SFU=1: a Janus for large ones)
	@tools/deps.sh run $(if $(S3),s3) $(if $(TURN),turn) $(if $(SFU),sfu)
	@$(SUB) WERROR= all
	@S3=$(S3) TURN=$(TURN) SFU=$(SFU) tools/run.sh $(PORT)

# ---- the page ------------------------------------------------------------------------------------

# What npm itself leaves when it is through.
NPM := node_modules/.package-lock.json
$(NPM): package-lock.json package.json sdk/js/package.json web/package.json
	$(Q)npm ci && touch $@

$(B)/web/app.js: $(NPM) $(shell find web sdk/js/src -type f)
	@node web/build.mjs $(@D)
	@echo '  $(@D)'

conf/maru.conf: $(B)/maru-api shared/conf.def
	$(B)/maru-api --sample-config > $@

docs: ## the pages at /docs, from web/docs/*.yaml and shared/err.def
	@tools/deps.sh test
	@node tools/apidoc.mjs

# ---- the client library --------------------------------------------------------------------------

SDK := sdk/js/dist/index.js
BIN := node_modules/.bin

sdk: ## the client library for browsers and Node, with its types: sdk/js/dist
	@tools/deps.sh sdk
	@$(SUB) $(SDK)

# What has a default may be left out of a request.
sdk/js/src/openapi.ts: web/docs/openapi.yaml $(NPM)
	$(Q)$(BIN)/openapi-typescript $< --default-non-nullable=false -o $@ >/dev/null

# A module that was renamed leaves nothing behind.
$(SDK): sdk/js/src/openapi.ts $(wildcard sdk/js/src/*.ts) sdk/js/tsconfig.json tsconfig.json
	@rm -rf $(@D)
	$(Q)$(BIN)/tsc -p sdk/js

# ---- tests ---------------------------------------------------------------------------------------

test: ## installs what is missing, builds, runs every test, or those named (T=tests/api/rooms.test.mjs)
	@tools/deps.sh test
	@$(SUB) all test-tools
	@MARU_BUILD=$(B) tools/test.sh $(T)

# A unit test takes from the programs what it calls and does not play itself: the linker looks for
# that in archives. Everything under AddressSanitizer and UBSan.
UNIT_SRC := $(wildcard tests/*/*_test.c)

pictures: ## takes the pictures in docs/ anew, which tests/e2e/pictures.test.mjs compares with the page
	@tools/deps.sh test
	@$(SUB) all test-tools
	@PICTURES=take MARU_BUILD=$(B) tools/test.sh tests/e2e/pictures.test.mjs

unit: ## C unit tests under AddressSanitizer and UBSan
	@tools/test.sh unit

unit-programs: $(UNIT_SRC:%.c=$(B)/%)

$(B)/api.a: $(filter-out %/main.o,$(OBJ_api))
$(B)/push.a: $(filter-out %/main.o,$(OBJ_push))
$(B)/shared.a: $(OBJ_shared)
$(B)/%.a:
	@rm -f $@
	$(Q)ar rcs $@ $^

LINK_TEST = $(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(shell pkg-config --libs jansson libsodium libmd libutf8proc)
$(B)/tests/api/%_test: $(B)/tests/api/%_test.o $(B)/api.a $(B)/shared.a
	$(LINK_TEST)
$(B)/tests/push/%_test: $(B)/tests/push/%_test.o $(B)/push.a $(B)/shared.a
	$(LINK_TEST)
$(B)/tests/shared/%_test: $(B)/tests/shared/%_test.o $(B)/shared.a
	$(LINK_TEST)

# What the tests in JavaScript need beside the two programs: either end of the bus, another time and other names.
TEST_TOOLS := $(B)/tests/api/busend $(B)/tests/push/buspeer
test-tools: $(SDK) $(TEST_TOOLS) $(B)/tests/api/looker $(B)/tests/api/elsewhere.so

$(B)/tests/api/looker: %: %.o $(B)/api.a $(B)/shared.a
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_api)

asan: ## the tests against a build with AddressSanitizer and UBSan
	@tools/deps.sh test
	@$(SUB) B=build-asan SAN=address,undefined all test-tools
	@MARU_BUILD=build-asan ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 \
		UBSAN_OPTIONS=print_stacktrace=1 tools/test.sh $(or $(T),system)

cover: ## how many lines of each file the tests reach; fails below 80 %
	@tools/deps.sh test lint
	@$(SUB) B=build-cover COVER=1 all test-tools
	@tools/cover.sh build-cover

# ---- style ---------------------------------------------------------------------------------------

lint: ## clang-format, clang-tidy, cppcheck, shellcheck, sizes, layers, and what must agree
	@tools/deps.sh lint
	@$(SUB) all sdk
	@tools/lint.sh $(B)

format: ## puts white space right
	@clang-format -i $(wildcard $(addsuffix /*.[ch],api ctl push shared bench tests/*))

# ---- faults --------------------------------------------------------------------------------------

CHAOS := build-chaos/tests/chaos/slowsync.so build-chaos/tests/chaos/busproxy

chaos: ## kills, cuts and stops everything under load (LONG=1: for hours; ONLY=kick: one of tests/chaos/)
	@tools/deps.sh test
	@$(SUB) B=build-chaos CRASH=1 all $(CHAOS)
	@LONG=$(LONG) ONLY='$(ONLY)' node tests/chaos/run.mjs

$(B)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE $(CFLAGS) -fPIC -shared -o $@ $<

$(B)/tests/chaos/busproxy $(TEST_TOOLS): %: %.o $(B)/shared/wire.o $(B)/shared/buf.o
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

# ---- fuzzing -------------------------------------------------------------------------------------

# A target tests/fuzz/X_fuzz.c names archives in its line "link: push.a shared.a": what it defines
# itself, a clock or a socket, is then not taken from there.
FUZZ_SRC := $(wildcard tests/fuzz/*_fuzz.c)
linked    = $(addprefix $(B)/,$(shell sed -n 's/.*link: *\([^*]*\).*/\1/p' tests/$(1).c))

fuzz: ## tries what nobody would write, T=10 seconds per target, or only the corpus (T=0); ONLY=wire
	@tools/deps.sh fuzz
	@$(SUB) B=build-fuzz CC=clang WERROR= SAN=address,undefined,fuzzer-no-link fuzz-programs
	@tools/fuzz.sh build-fuzz '$(or $(T),10)' '$(ONLY)'

fuzz-programs: $(FUZZ_SRC:%.c=$(B)/%)

.SECONDEXPANSION:
$(B)/tests/%_fuzz: $(B)/tests/%_fuzz.o $$(call linked,$$*_fuzz)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ -lcmocka $(shell pkg-config --libs jansson libsodium libmd libutf8proc)

# ---- benchmarks ----------------------------------------------------------------------------------

COMPARED = $(LOADS) $(PUSH_LOADS) fetch chat

bench: ## measures Maru beside Node with socket.io, and Nchan, and writes bench/results/ (QUICK=1: in 3 minutes)
	@tools/deps.sh bench
	@$(SUB) all $(COMPARED:%=$(B)/bench/%)
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/compare.mjs --loads=$(B)/bench

LOADS      := ceiling send
LOAD_PARTS := $(B)/bench/load.o $(B)/bench/hist.o

bench-core: ## measures the send path against the database alone; fails below its bars
	@tools/deps.sh bench
	@$(SUB) all $(LOADS:%=$(B)/bench/%)
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/core.mjs --loads=$(B)/bench

$(LOADS:%=$(B)/bench/%): %: %.o $(LOAD_PARTS)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs libmariadb) -pthread

PUSH_LOADS      := push reference
PUSH_LOAD_PARTS := $(LOAD_PARTS) $(B)/bench/crowd.o $(B)/bench/dialect.o $(B)/bench/frame.o $(B)/shared/wire.o $(B)/shared/buf.o

bench-push: ## measures deliveries against a bare send(), memory, slow readers; fails below its bars
	@tools/deps.sh bench
	@$(SUB) all $(PUSH_LOADS:%=$(B)/bench/%)
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/push.mjs --loads=$(B)/bench

bench-fanout: ## measures deliveries and memory against socket.io and Nchan; fails below its bars
	@tools/deps.sh bench
	@$(SUB) all $(PUSH_LOADS:%=$(B)/bench/%)
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/fanout.mjs --loads=$(B)/bench

$(PUSH_LOADS:%=$(B)/bench/%): %: %.o $(PUSH_LOAD_PARTS)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

bench-history: ## measures history, resume and catching up in rooms of up to 10^7 messages (QUICK=1: 10^6); fails above its bars
	@tools/deps.sh bench
	@$(SUB) all $(B)/bench/fetch
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/history.mjs --loads=$(B)/bench

$(B)/bench/fetch: %: %.o $(LOAD_PARTS)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -pthread

bench-people: ## measures every list among 10^5 people in 10^4 rooms, races for the last seat, and moderation live; fails beyond its bars
	@tools/deps.sh bench
	@$(SUB) all $(B)/bench/fetch
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/people.mjs --loads=$(B)/bench

bench-talk: ## measures search, read numbers, exports, webhooks and the like at full size (ONLY=search: one of bench/talk/); fails beyond its bars
	@tools/deps.sh bench
	@$(SUB) all test-tools $(B)/bench/fetch
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/talk.mjs --loads=$(B)/bench

bench-files: ## measures uploads, the bucket and the readers of files under kills and faults (ONLY=kills: one of bench/files/); fails beyond its bars
	@tools/deps.sh bench
	@$(SUB) all test-tools $(B)/bench/fetch $(B)/bench/chat
	@$(SUB) B=build-chaos CRASH=1 all $(CHAOS)
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/files.mjs --loads=$(B)/bench

bench-study: ## measures the days of study in any zone, what a killed browser loses, who hears music how far apart (ONLY=days: one of bench/study/); fails beyond its bars
	@tools/deps.sh bench
	@$(SUB) all test-tools
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/study.mjs

bench-sdk: ## clients made of the library, in a network that cuts their connections (EVENTS=100000); fails beyond its bars
	@tools/deps.sh test
	@$(SUB) all $(SDK)
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) EVENTS=$(EVENTS) node bench/sdk.mjs

$(B)/bench/chat: $(patsubst %.c,$(B)/%.o,$(wildcard bench/chat*.c)) $(LOAD_PARTS) $(B)/bench/frame.o $(B)/shared/buf.o
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -pthread

# ---- installing ----------------------------------------------------------------------------------

I     := install -D
BELOW  = $(DESTDIR)$(PREFIX)
SHARE  = $(BELOW)/share/maru
UNITS  = $(BELOW)/lib/systemd/system

install: all ## programs, web client, schema, examples, units; below PREFIX (/usr/local), in DESTDIR
	@$I -t $(BELOW)/bin $(PROGRAMS)
	@$I -m 644 -t $(BELOW)/share/man/man1 $(B)/maructl.1
	@$I -m 644 -t $(SHARE) schema.sql conf/maru.conf conf/maru-push-s3.conf conf/turnserver.conf
	@$I -m 644 -t $(SHARE)/janus conf/janus/*
	@cd $(B) && find web -type f -exec $I -m 644 '{}' '$(SHARE)/{}' ';'
	@$I -m 644 conf/sysusers.conf $(BELOW)/lib/sysusers.d/maru.conf
	@$I -m 644 conf/tmpfiles.conf $(BELOW)/lib/tmpfiles.d/maru.conf
	@$I -d $(UNITS)
	@sed '/#@ web$$/s|/usr/share|$(PREFIX)/share|' conf/nginx.conf > $(SHARE)/nginx.conf
	@for u in maru-api.service maru-push.service; do \
		sed 's|/usr/local|$(PREFIX)|' conf/$$u > $(UNITS)/$$u; done
	@echo 'Maru is in $(BELOW); README.md, "On a real host", says what is left to do.'

uninstall: ## removes what install brought; settings and data stay
	@rm -f $(addprefix $(BELOW)/,bin/maru-api bin/maru-push bin/maructl share/man/man1/maructl.1 lib/sysusers.d/maru.conf \
		lib/tmpfiles.d/maru.conf) $(addprefix $(UNITS)/,maru-api.service maru-push.service)
	@rm -rf $(SHARE)

bench-web: ## measures the page in a real browser: first load, scrolling, memory, a flood, cut connections (ONLY=load: one of bench/web/); fails beyond its bars
	@tools/deps.sh test
	@$(SUB) all test-tools
	@MARU_BUILD=$(or $(MARU_BUILD),$(B)) node bench/web.mjs

clean: ## removes everything that was built
	rm -rf build build-* sdk/js/dist
