# A thin front door to CMake and the scripts; `make help` lists what it opens.

BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)
SHELL  := /bin/bash

with_clang = cmake -G Ninja -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19
# clang's own symbolizer is in a large package that nothing else needs.
symbolizer = $(foreach tool,ASAN UBSAN TSAN,$(tool)_OPTIONS=external_symbolizer_path=/usr/bin/addr2line)
format_sources = git ls-files -z '*.h' '*.hpp' '*.cpp'

TOUCHED_BY ?= $(addsuffix ..,$(SINCE))

.DEFAULT_GOAL := build
.PHONY: build arm64 deps demo test test-clients unit e2e install bench package test-package asan tsan fuzz npm format format-check tidy tidy-recent clean help

build: ## Build everything (release with debug symbols); the program is build/bin/nimbus
	@scripts/install-dependencies --check
	@test -f $(BUILD)/build.ninja || cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNIMBUS_TESTS=OFF
	@ninja -C $(BUILD) -j $(JOBS)
	@test ! -f $(BUILD)/arm64/build.ninja || $(MAKE) --no-print-directory arm64

arm64: ## Build libnimbus for arm64, too, on x86-64; `make build` keeps it up to date from then on
	@BUILD=$(BUILD) JOBS=$(JOBS) scripts/build-arm64

deps: ## Install the packages that are missing (as root or through sudo)
	@scripts/install-dependencies

demo: deps build ## Deploy the SQL example to a throw-away local cloud, call it, destroy it
	@scripts/demo

test: ## Build and run all tests: unit tests, include directions, end to end
	@scripts/install-dependencies --test
	@scripts/install-test-dependencies
	@$(MAKE) --no-print-directory unit arm64
	@$(MAKE) --no-print-directory e2e

test-clients: ## Build AWS's connectors for Go, Java and Rust, and run them against a local cluster
	@scripts/install-dependencies --clients
	@scripts/install-test-dependencies
	@$(MAKE) --no-print-directory build
	@scripts/test-clients $(ARGS)

unit: ## Build and run the unit tests
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNIMBUS_TESTS=ON
	@ninja -C $(BUILD) -j $(JOBS)
	@ctest --test-dir $(BUILD) -j $(JOBS) --output-on-failure --no-tests=error

e2e: ## Run the end-to-end tests against what is built; ARGS='-k tokens' chooses some
	@scripts/test-e2e $(ARGS)

install: build ## Install program, library, headers, CMake package (PREFIX, DESTDIR, DEBUG_SYMBOLS=yes)
	@DESTDIR=$(DESTDIR) cmake --install $(BUILD) --prefix $(PREFIX) $(if $(DEBUG_SYMBOLS),,--strip)
	@test ! -f $(BUILD)/arm64/build.ninja || DESTDIR=$(DESTDIR) cmake --install $(BUILD)/arm64 --prefix $(PREFIX)

package: ## Pack Debian packages of what `make install` installs: build/deb/*.deb
	@scripts/install-dependencies --package
	@$(MAKE) --no-print-directory build
	@scripts/pack-deb

test-package: ## Install the Debian package on a bare Debian 12, deploy and build there (as root)
	@scripts/test-deb

npm: ## Pack the package for TypeScript, with the program where it is built, and PLATFORMS: build/npm/*.tgz
	@PLATFORMS="$(PLATFORMS)" scripts/pack-npm

bench: ## Measure the figures of docs/benchmarks.md
	@scripts/install-dependencies --bench
	@scripts/install-test-dependencies
	@$(MAKE) --no-print-directory build
	@$(BUILD)/test-env/python/bin/python bench/run $(ARGS)

asan: ## Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/install-dependencies --clang
	@$(with_clang) -S . -B build-asan -DCMAKE_BUILD_TYPE=Debug -DNIMBUS_SANITIZE=address,undefined
	@ninja -C build-asan -j $(JOBS)
	@$(symbolizer) ctest --test-dir build-asan -j $(JOBS) --output-on-failure --no-tests=error

tsan: ## Unit tests under ThreadSanitizer
	@scripts/install-dependencies --clang
	@$(with_clang) -S . -B build-tsan -DCMAKE_BUILD_TYPE=Debug -DNIMBUS_SANITIZE=thread
	@ninja -C build-tsan -j $(JOBS)
	@$(symbolizer) ctest --test-dir build-tsan -j $(JOBS) --output-on-failure --no-tests=error

fuzz: ## Fuzz each target under libFuzzer, ASan and UBSan for SECONDS (60) each
	@scripts/install-dependencies --clang
	@$(with_clang) -S . -B build-fuzz -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNIMBUS_FUZZ=ON \
	    -DNIMBUS_SANITIZE=address,undefined
	@scripts/fuzz build-fuzz $(SECONDS)

format: ## Format the C++ sources
	@$(format_sources) | xargs -0 clang-format-19 -i

format-check: ## Fail if a C++ source is not formatted
	@$(format_sources) | xargs -0 clang-format-19 --dry-run --Werror

tidy: ## Run clang-tidy over the sources, or with SINCE=COMMIT over those touched since then
	@scripts/install-dependencies --tidy
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNIMBUS_TESTS=ON
	@scripts/tidy $(BUILD) $(JOBS) $(TOUCHED_BY)

tidy-recent: ## Run clang-tidy over the sources that the last 30 commits touched
	@$(MAKE) --no-print-directory tidy TOUCHED_BY=-30

clean: ## Remove what was built
	@rm -rf $(BUILD) build-asan build-tsan build-fuzz

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
