# Every task of this repository. `make` alone lists them.

.DEFAULT_GOAL := help
.NOTPARALLEL: # the steps of `make test` share two cores and one build cache

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 6s
BENCH ?= .

# SQLite is C turned into Go. Watching over each of its accesses makes the tests of
# whatever keeps something two and a half times as slow, and tells of no race of
# ours: its driver, and all that calls it, are watched.
UNWATCHED = $(foreach p,modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory,'-gcflags=$(p)=-race=false -d=checkptr=0')

# Go reads the commit from git on its own and fails where git does not trust the
# folder; the version comes from VERSION instead.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

.PHONY: help
help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build ./adit without cgo, with its version from git
	CGO_ENABLED=0 go build -trimpath -ldflags '-X main.version=$(VERSION)' -o adit ./cmd/adit

.PHONY: test
test: need check-format vet lint cross fuzz race ## Everything that CI runs; installs missing Debian packages only as root

.PHONY: unit
unit: ## Run the tests once, without the race detector: fast
	go test ./...

.PHONY: race
race: need ## Run the tests under the race detector, with the judges (scripts/judges.sh) and a PostgreSQL (scripts/postgres.sh)
	judges="$$(scripts/judges.sh)" && ADIT_JUDGES="$$judges" CGO_ENABLED=1 scripts/postgres.sh go test -race $(UNWATCHED) -timeout 30m ./...

.PHONY: lint
lint: ## Run golangci-lint, built from tools/go.mod
	scripts/lint.sh run ./...

.PHONY: vet
vet: ## Run go vet
	go vet ./...

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (6s) each
	FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

.PHONY: screenshots
screenshots: ## Take the manual's pictures of Studio anew, with Chromium
	judges="$$(scripts/judges.sh)" && dir="$$(mktemp -d)" && \
	ADIT_JUDGES="$$judges" ADIT_SCREENSHOTS="$$dir" go test -count=1 -run 'EveryPage|ALink$$' ./internal/studio/chromium && \
	mkdir -p docs/studio && for name in home environment usage budgets; do cp "$$dir/$$name-1440-light.png" docs/studio/$$name.png; done && \
	cp "$$dir/setup-waiting.png" docs/studio/new-environment.png && cp "$$dir/playground.png" docs/studio/playground.png && \
	cp "$$dir/home-360-dark.png" docs/studio/home-phone-dark.png

.PHONY: bench
bench: ## Run the benchmarks; BENCH=regexp chooses
	packages="$$(grep -rl '^func Benchmark' --include='*_test.go' cmd internal emulator docs 2>/dev/null | xargs -r -n1 dirname | sort -u | sed 's|^|./|')"; \
	[ -z "$$packages" ] || go test -run='^$$' -bench='$(BENCH)' -benchmem $$packages

.PHONY: cross
cross: ## Build and vet for Windows and macOS
	scripts/cross.sh

.PHONY: fmt
fmt: ## Format the code and its imports
	scripts/lint.sh fmt

.PHONY: check-format
check-format: ## Fail when gofmt would change a file
	@unformatted="$$(find . -name '*.go' -not -path './.*/*' -exec gofmt -l {} +)"; \
	[ -z "$$unformatted" ] || { echo "not formatted (run make fmt):"; echo "$$unformatted"; exit 1; }

.PHONY: tidy-check
tidy-check: ## Fail when go mod tidy would change go.mod or go.sum
	go mod tidy -diff
	go -C tools mod tidy -diff

.PHONY: need
need: ## Check for what make test needs: a C compiler, and in CI the judges and PostgreSQL
	@scripts/need.sh

.PHONY: clean
clean: ## Remove what was built, the linter and the judges among it
	rm -rf adit adit.exe dist .cache
