# The two commands a newcomer needs are `make run` and `make test`.

DATA_DIR   ?= ./data
LISTEN     ?= 127.0.0.1:8080
TLS_LISTEN ?= 127.0.0.1:8443
# A PostgreSQL address instead of the SQLite file in DATA_DIR; a file in the format of auth0-deploy-cli to start from.
DATABASE   ?=
SEED       ?=

.PHONY: help run test check bench docs dashboard static bom

help:
	@echo 'make run     build and start the server; DATA_DIR=$(DATA_DIR) LISTEN=$(LISTEN) TLS_LISTEN=$(TLS_LISTEN)'
	@echo '             [DATABASE=postgres://…] [SEED=tenant.yaml]'
	@echo 'make test    every suite, on both stores; names what it has to skip'
	@echo 'make dashboard  the dashboard alone, into dashboard/dist'
	@echo 'make static  one static program for any Linux of this architecture, into target/*-musl/dist, and `make bom`'
	@echo 'make bom     what the program is made of (CycloneDX) and the notices of its parts, into target/bom'
	@echo 'make check   format, clippy and house rules only'
	@echo 'make bench   tokens per second, beside what this machine could sign at most'
	@echo 'make docs    write the pages of docs/ that are made from the program'

run: dashboard
	@command -v cc >/dev/null || xtask/prepare build
	cargo build --release -p server --locked
	exec target/release/countersign serve --data-dir '$(DATA_DIR)' --listen $(LISTEN) --tls-listen $(TLS_LISTEN) \
		$(if $(DATABASE),--database '$(DATABASE)') $(if $(SEED),--seed '$(SEED)')

# The program holds the built dashboard; without Node it is built without one, and says so at its address.
SOURCES := $(shell find dashboard \( -name node_modules -o -name dist \) -prune -o -type f -print)

ifeq ($(shell command -v npm),)
dashboard:
	@echo 'npm is not installed: the program is built without its dashboard'
else
dashboard: dashboard/dist/index.html
endif

dashboard/dist/index.html: dashboard/node_modules/.package-lock.json $(SOURCES)
	cd dashboard && npm run --silent build

dashboard/node_modules/.package-lock.json: dashboard/package-lock.json
	cd dashboard && npm ci --no-audit --no-fund
	touch $@

test:
	xtask/prepare
	cargo xtask test

check:
	cargo xtask test lint

bench:
	cargo xtask bench token

STATIC := $(shell uname -m)-unknown-linux-musl

static: dashboard
	@cc -dumpmachine | grep musl >/dev/null || command -v musl-gcc >/dev/null || xtask/prepare static
	rustup target add $(STATIC)
	cargo build --profile dist --target $(STATIC) -p server --locked
	@ls -l target/$(STATIC)/dist/countersign
	cargo xtask bom $(STATIC)

bom: dashboard
	cargo xtask bom

docs:
	cargo xtask docs
