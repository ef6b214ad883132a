# Two targets are enough to know: `make demo` and `make test`.
GO ?= go
LINT = $(GO) tool -modfile=tools/go.mod golangci-lint

.PHONY: help demo build test test-go test-sdk lint sdk extension golden fuzz bench bench-sdk results clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

demo: build ## start the server, a service desk and simulated colleagues, and print one address to open
	@./bin/ipse demo

build: ## build the one binary, bin/ipse
	@scripts/need-go
	@echo "building bin/ipse (two minutes the first time, seconds later)"
	@$(GO) build -trimpath -o bin/ipse ./cmd/ipse

test: lint test-sdk test-go ## everything that must pass

test-go: ## Go tests with the race detector, the browser tests among them
	@scripts/need-go
	@scripts/need gcc gcc libc6-dev
	@scripts/need chromium chromium fonts-dejavu-core
	CGO_ENABLED=1 $(GO) test -race -timeout 30m ./...

test-sdk: ## type checks and unit tests of the web SDK and the extension
	@scripts/need-go
	@scripts/need node nodejs npm
	@scripts/need npm npm
	cd sdk/web && npm ci --no-audit --no-fund --silent && npm run --silent check && npm test --silent
	cd extension && npm run --silent check && npm test --silent

lint: ## golangci-lint, built from its pinned source
	@scripts/need-go
	$(LINT) run ./...

sdk: ## build the web SDK's files from their source
	$(GO) run ./sdk/web/build

extension: ## build the browser extension for Chromium and Firefox, extension/dist
	@scripts/need-go
	$(GO) run ./extension/build

golden: ## write the golden vectors anew after a deliberate change
	$(GO) test ./internal/golden -update
	$(GO) run ./sdk/web/build

FUZZTIME ?= 30s
fuzz: ## fuzz every decoder that a stranger can reach, FUZZTIME each
	@set -e; for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p; \
		done; done

bench: ## benchmarks, in the form that benchstat reads
	$(GO) test -run '^$$' -bench . -benchmem -count 6 ./internal/...

bench-sdk: ## what the web SDK takes of a page's main thread, in Chromium
	@scripts/need chromium chromium fonts-dejavu-core
	$(GO) test ./sdk/web/browsertest -run '^$$' -bench MainThread -benchtime 1x

WEIGHTS ?= open
results: build ## measure WEIGHTS on the data sets in DATA and write docs/results.md with its plots
	@test -n "$(DATA)" || { echo "say where the data sets are: make results DATA=DIR" >&2; exit 2; }
	./bin/ipse eval all --data $(DATA) --weights $(WEIGHTS) --out docs --commit "$$(git describe --always --dirty --abbrev=12 2>/dev/null)"

clean: ## remove what was built
	rm -rf bin sdk/web/node_modules extension/dist
