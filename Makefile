# SPDX-License-Identifier: Apache-2.0
# The user's words; meson and ninja do the work. Everything lands in build/.
BUILD ?= build
PREFIX ?= /usr/local
MESON_FLAGS ?=
.DEFAULT_GOAL := build
parts = style scripts docs headers sanitize threads conformance fuzz system
.PHONY: build demo check check-unit $(parts:%=check-%) bench install uninstall format clean packages help

packages:
	@tools/install-packages build

$(BUILD)/build.ninja: | packages
	@meson setup $(BUILD) --prefix=$(PREFIX) $(if $(CI),--werror) $(MESON_FLAGS) > /dev/null

build: $(BUILD)/build.ninja ## build everything into build/
	@$(if $(filter file,$(origin PREFIX)),,meson configure $(BUILD) --prefix=$(PREFIX) > /dev/null)
	@ninja -C $(BUILD) --quiet

demo: build ## bring up, test and take down examples/hello.yaml and examples/two-tier.yaml
	@tools/install-packages run
	@tools/demo $(BUILD)

check: ## install what tests need and run them all
	@tools/install-packages build run check
	@tools/check all

check-unit: build ## the fast tests only
	@tools/check unit

$(parts:%=check-%): # one part of the tests; tools/check tells what each is
	@tools/install-packages build run check
	@tools/check $(@:check-%=%)

bench: build ## measure, each figure beside its floor
	@tools/install-packages run check
	@tools/bench $(BUILD)

install: build ## install below PREFIX
	@meson install -C $(BUILD) --no-rebuild --quiet

uninstall:
	@ninja -C $(BUILD) uninstall --quiet

format: ## clang-format all sources
	@tools/install-packages check
	@find include lib supervisor switch guest fetch cli tests examples -name '*.[ch]' -exec clang-format -i {} +

clean: ## remove what was built
	@rm -rf build build-*

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 14
