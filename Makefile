# SPDX-License-Identifier: Apache-2.0
# The user's words; meson and ninja do the work. Everything lands in build/.
BUILD ?= build
PREFIX ?= /usr/local
MESON_FLAGS ?=
.DEFAULT_GOAL := build
.PHONY: build demo check check-unit check-system check-fuzz check-sanitize bench install uninstall format clean packages

packages:
	@tools/install-packages build

$(BUILD)/build.ninja: | packages
	@meson setup $(BUILD) --prefix=$(PREFIX) $(if $(CI),--werror) $(MESON_FLAGS) > /dev/null

build: $(BUILD)/build.ninja ## build everything into build/
	@ninja -C $(BUILD) --quiet

demo: build ## bring up, test and take down examples/hello.yaml
	@tools/install-packages run
	@tools/demo $(BUILD)

check: ## install what tests need and run them all
	@tools/install-packages build run check
	@tools/check all

check-unit: build ## the fast tests only
	@tools/check unit

check-system check-fuzz check-sanitize:
	@tools/install-packages build run check
	@tools/check $(@:check-%=%)

bench: build ## measure, each figure beside its floor
	@tools/install-packages run check
	@tools/bench $(BUILD)

install: build
	@meson install -C $(BUILD) --no-rebuild --quiet

uninstall:
	@ninja -C $(BUILD) uninstall --quiet

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf build build-*
