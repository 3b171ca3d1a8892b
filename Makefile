# Maru. `make help` lists what can be asked for.
#
# One non-recursive Makefile. Objects go to $(B); another build (sanitizers, coverage) is the same
# rules with another B and other flags: `make B=build-asan SAN=address,undefined`.

B       ?= build
PREFIX  ?= /usr/local
PORT    ?= 8080
CC      ?= gcc
VERSION := 0.1.0
# `make V=1` shows the whole commands.
Q       := $(if $(V),,@echo '  $(notdir $@)';)

PKGS_api  := jansson libmariadb libsodium
PKGS_push := jansson libwebsockets libsodium

WARN := -Wall -Wextra -Wformat=2 -Wformat-security -Wconversion -Wsign-conversion -Wshadow -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough -Wnull-dereference \
	-Wcast-qual -Werror
HARD := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-fno-delete-null-pointer-checks -fno-strict-overflow \
	-fno-strict-aliasing -fPIE
# Not every compiler that we support knows these.
may = $(shell $(CC) $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))
HARD += $(call may,-ftrivial-auto-var-init=zero)
ifeq ($(SAN)$(COVER),)
HARD += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
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

CPPFLAGS += -D_GNU_SOURCE -DMARU_VERSION='"$(VERSION)"' -I. -Ishared -I$(B)
CFLAGS   += -std=c11 -g $(OPT) $(WARN) $(HARD) $(SANFLAGS)
LDFLAGS  += -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed $(SANFLAGS)
LIBS_api  = $(shell pkg-config --libs $(PKGS_api)) -lfcgi
LIBS_push = $(shell pkg-config --libs $(PKGS_push)) -lev
# Headers of other people are not held to our warnings.
SYSTEM_INCLUDES := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I \
	$(PKGS_api) $(PKGS_push) 2>/dev/null))

SRC_shared := $(wildcard shared/*.c)
SRC_api    := $(wildcard api/*.c)
SRC_push   := $(wildcard push/*.c)
SQL        := $(wildcard api/*.sql)
SRC        := $(SRC_shared) $(SRC_api) $(SRC_push)
OBJ_shared := $(SRC_shared:%.c=$(B)/%.o)
OBJ_api    := $(SRC_api:%.c=$(B)/%.o) $(B)/sql.o
OBJ_push   := $(SRC_push:%.c=$(B)/%.o)
PROGRAMS   := $(B)/maru-api $(B)/maru-push

.PHONY: all help run test unit unit-programs lint format asan cover bench-core clean install uninstall fuzz
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS) ## builds maru-api and maru-push

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | column -t -s '|'

$(B)/maru-api: $(OBJ_api) $(OBJ_shared)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_api)

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
$(SRC_api:%.c=$(B)/%.o): | $(B)/sql.h

-include $(wildcard $(B)/*/*.d $(B)/*.d $(B)/tests/*/*.d)

# ---- running -------------------------------------------------------------------------------------

run: ## installs what is missing, builds, starts everything on http://localhost:8080 (PORT=)
	@tools/deps.sh run
	@$(MAKE) --no-print-directory -s all
	@tools/run.sh $(PORT)

conf/maru.conf: $(B)/maru-api shared/conf.def
	$(B)/maru-api --sample-config > $@

# ---- tests ---------------------------------------------------------------------------------------

test: ## installs what is missing, builds, runs every test beside whatever is running
	@tools/deps.sh test
	@$(MAKE) --no-print-directory -s all
	@tools/test.sh

# A unit test tests/X/Y_test.c links shared/ and the objects that it names in a comment line
# "link: push/hub.o push/conn.o"; everything under AddressSanitizer and UBSan.
UNIT_SRC := $(wildcard tests/*/*_test.c)
linked    = $(addprefix $(B)/,$(shell sed -n 's/.*link: *\([^*]*\).*/\1/p' tests/$(1)_test.c))
comma    := ,

unit: ## C unit tests under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory -s B=$(B)/unit SAN=address$(comma)undefined unit-programs
	@for t in $(UNIT_SRC:%.c=%); do $(B)/unit/$$t || exit 1; done

unit-programs: $(UNIT_SRC:%.c=$(B)/%)

.SECONDEXPANSION:
$(B)/tests/%_test: $(B)/tests/%_test.o $(OBJ_shared) $$(call linked,$$*)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(shell pkg-config --libs jansson libsodium)

clean: ## removes everything that was built
	rm -rf build build-*
