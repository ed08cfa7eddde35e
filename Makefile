# The steps, by name. What a step does is in .ci/, so that people and CI do the same.
.DEFAULT_GOAL := help
.PHONY: help dev test check bench generate

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## Run hub, aggregator and a space over this repository's documentation (ARGS="--data DIR" for yours)
	cargo run --package syfthub-cli -- dev $(ARGS)

test: ## Run every test, PostgreSQL and third-party clients included; installs what is missing
	.ci/test

check: ## Check format, lints, documentation, dependencies and generated files
	.ci/check

bench: ## Measure a release build against its references; refreshes README.md and target/bench/report.json
	.ci/bench

generate: ## Write the generated files anew (OpenAPI document)
	.ci/generate
