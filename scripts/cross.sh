#!/bin/sh
# Builds and vets the module for the systems that CI does not run on. Vet also
# type-checks the tests there.
set -eu
cd "$(dirname "$0")/.."
for target in windows/amd64 darwin/arm64; do
  GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0
  export GOOS GOARCH CGO_ENABLED
  echo "building and vetting for $target"
  go build ./...
  go vet ./...
done
