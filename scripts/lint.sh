#!/bin/sh
# Runs golangci-lint with the arguments given, in the version that tools/go.mod
# pins. It is built from source once and kept in .cache: again only when the pin
# or Go itself changes, because a linter built with an older Go refuses newer code.
set -eu
cd "$(dirname "$0")/.."

key=$(cat tools/go.sum | cksum | cut -d' ' -f1)-$(go env GOVERSION)
bin=.cache/lint/golangci-lint-$key
if [ ! -x "$bin" ]; then
  echo "building golangci-lint (a few minutes, once)"
  mkdir -p .cache/lint
  go -C tools build -o "../$bin.new" github.com/golangci/golangci-lint/v2/cmd/golangci-lint
  mv "$bin.new" "$bin"
fi
exec "$bin" "$@"
