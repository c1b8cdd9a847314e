# Hiến Kế. `make help` lists what can be done; `make run` and `make test` are all
# that most people need. Go and Node are the only things that must be there.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

GO     ?= go
NPM    ?= npm
LISTEN ?= :8080
DATA   ?= var/demo

# Everything that ships is free of C; only the race detector needs a C compiler.
export CGO_ENABLED ?= 0

# ── Running and building ─────────────────────────────────────────────────────

.PHONY: run
run: build ## Build what has changed and start the service with demo data on :8080
	@mkdir -p $(DATA)
	bin/hienke serve --demo --data $(DATA) --listen $(LISTEN)

.PHONY: build
build: frontend/dist/manifest.json ## Build pages and binary (bin/hienke)
	@# Go knows better than file times what is up to date, and then links nothing.
	$(GO) build -o bin/hienke ./cmd/hienke

# npm writes this file at the end of a successful install, so its time is the
# install's. Folders count among the sources: a deleted file changes its folder.
NODE_MODULES := frontend/node_modules/.package-lock.json
PAGE_SOURCES := $(shell find frontend/styles frontend/scripts frontend/images 2>/dev/null) \
	$(wildcard frontend/*.mjs frontend/*.json)

$(NODE_MODULES): frontend/package.json frontend/package-lock.json
	cd frontend && $(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

frontend/dist/manifest.json: $(NODE_MODULES) $(PAGE_SOURCES)
	cd frontend && $(NPM) run build
	@touch $@

.PHONY: clean
clean: ## Remove what was built; data in var/ stays
	rm -rf bin frontend/node_modules frontend/e2e/node_modules frontend/e2e/out
	find frontend/dist -mindepth 1 -not -name .gitkeep -delete

# ── Checking ─────────────────────────────────────────────────────────────────

.PHONY: test
test: ## Everything: check, unit, conformance, HTTP and browser tests, on real services
	@.ci/services.sh $(MAKE) --no-print-directory test-with-services

# The order puts what fails quickly first.
.PHONY: test-with-services
test-with-services:
	@.ci/phase 'pages and binary' $(MAKE) --no-print-directory build
	@.ci/phase 'linter' $(MAKE) --no-print-directory $(GOLANGCI_LINT)
	@.ci/phase 'check' $(MAKE) --no-print-directory check
	@.ci/phase 'go test' $(MAKE) --no-print-directory test-go
	@.ci/phase 'browser tests' $(MAKE) --no-print-directory test-browser

# gcc, clang or what CC names; without one the race detector cannot be built in.
C_COMPILER := $(shell command -v $${CC:-gcc} || command -v clang)

# One test binary may take this long on two busy cores.
TEST_TIMEOUT := 15m

# The race detector runs where goroutines meet: in the packages that start or guard
# some, and in the journeys through the whole program. Everywhere else it would
# find nothing and take three times as long. SQLite is C turned into Go: watching
# each of its memory accesses could only find races of SQLite itself.
RACE          := -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false
RACE_PACKAGES := $(filter-out hienke/internal/app hienke/internal/web,$(addprefix hienke/,$(sort $(patsubst %/,%,$(dir $(shell \
	grep -rlE --include='*.go' --exclude='*_test.go' 'go func|errgroup\.|sync\.(Mutex|RWMutex|WaitGroup)|atomic\.' cmd internal))))))

# Each test runs once, with the detector or without; check-vet has looked at all.
GO_TEST := $(GO) test -vet=off -shuffle=on -count=1 -timeout $(TEST_TIMEOUT)

.PHONY: test-go
test-go: frontend/dist/manifest.json
ifeq ($(C_COMPILER),)
	$(GO_TEST) ./...
	@printf '%s\n' '****************************************************************' \
		'** NOT RUN: the race detector. There is no C compiler (gcc).' \
		'****************************************************************'
else
	$(GO_TEST) -skip '^TestJourney' $$($(GO) list ./... | grep -vxF "$$(printf '%s\n' $(RACE_PACKAGES))")
	CGO_ENABLED=1 $(GO_TEST) $(RACE) $(RACE_PACKAGES)
	CGO_ENABLED=1 $(GO_TEST) $(RACE) -run '^TestJourney' ./internal/app
endif

# The browser tests have an install of their own: a build needs none of it.
E2E_MODULES := frontend/e2e/node_modules/.package-lock.json

$(E2E_MODULES): frontend/e2e/package.json frontend/e2e/package-lock.json
	cd frontend/e2e && $(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Alone: .ci/services.sh make test-browser. What a failure leaves to look at lies
# in E2E_OUT (frontend/e2e/out); E2E_PICTURES=DIR takes a picture of every page.
.PHONY: test-browser
test-browser: build $(E2E_MODULES)
	cd frontend/e2e && $(NPM) test --silent

.PHONY: check
check: check-format check-vet check-lint check-generated check-pages ## Format, vet, lint, generated files, types of the scripts

.PHONY: check-format
check-format:
	@bad=$$(gofmt -l cmd configs frontend/*.go internal migrations); \
	if [ -n "$$bad" ]; then printf 'gofmt -w is needed:\n%s\n' "$$bad"; exit 1; fi

.PHONY: check-vet
check-vet: frontend/dist/manifest.json
	$(GO) vet ./...

# The linter is built from source once and kept outside the project, under its
# version: some two minutes then, nothing after.
GOLANGCI_VERSION := v2.15.0
GOLANGCI_LINT    := $(shell $(GO) env GOPATH)/bin/golangci-lint-$(GOLANGCI_VERSION)

$(GOLANGCI_LINT):
	@printf 'Building golangci-lint %s into %s: about two minutes, once.\n' $(GOLANGCI_VERSION) $(dir $@)
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && mkdir -p $(dir $@) && \
	GOBIN="$$dir" GOFLAGS= $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION) && \
	mv "$$dir/golangci-lint" $@

.PHONY: check-lint
check-lint: $(GOLANGCI_LINT) frontend/dist/manifest.json
	$(GOLANGCI_LINT) run ./...

# Generated files are committed, so that a build needs no generator; this keeps
# them from falling behind. Compared with what is there, committed or not.
.PHONY: check-generated
check-generated: frontend/dist/manifest.json
	@sums() { find cmd configs internal migrations -name '*_gen.go' -exec sha256sum {} + | sort; }; \
	before=$$(sums); $(GO) generate ./...; after=$$(sums); \
	if ! diff <(printf '%s\n' "$$before") <(printf '%s\n' "$$after"); then \
		printf 'These generated files were out of date; commit what go generate made of them.\n'; exit 1; fi

.PHONY: check-pages
check-pages: $(NODE_MODULES)
	cd frontend && $(NPM) run check

# ── Measuring ────────────────────────────────────────────────────────────────

.PHONY: bench
bench: ## Benchmarks, on real services
	@HIENKE_TEST_FSYNC=on .ci/services.sh $(MAKE) --no-print-directory bench-with-services

# Only packages that have benchmarks, one at a time: two beside each other would
# measure each other. A benchmark of the whole service, over HTTP, is one more
# package here: it starts bin/hienke and finds its services in HIENKE_TEST_*.
# BenchmarkMatching and BenchmarkSimilar measure among HIENKE_BENCH_ROWS letters,
# 10,000 unless set. A million take 10 GB of TMPDIR, 4 GB of memory and half an
# hour, so run them alone:
#
#   HIENKE_BENCH_ROWS=1000000 HIENKE_TEST_FSYNC=on .ci/services.sh go test ./internal/store/sqlstore -run '^$' -bench BenchmarkMatching
.PHONY: bench-with-services
bench-with-services: build
	$(GO) test -run '^$$' -bench . -benchmem -p 1 -timeout 60m \
		$$(grep -rl --include='*_test.go' '^func Benchmark' cmd internal | xargs -n1 dirname | sort -u | sed 's|^|./|')

# ── Help ─────────────────────────────────────────────────────────────────────

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
