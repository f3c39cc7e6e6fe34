#!/bin/sh
# Sees to what `make test` needs besides Go and make: a C compiler, for the race
# detector. Missing Debian packages are installed only as root; otherwise the one
# command to run is printed and the script fails.
#
# The judges (other people's AWS and OpenAI clients that tests drive Adit with),
# Chromium (which they drive Studio with) and PostgreSQL are wished for, not
# needed: without them their tests skip and say so. Under CI=true they are needed too, because a skipped test there is a hole.
set -eu

missing=""
want() { missing="$missing $*"; }

command -v go >/dev/null || {
  echo "Go is missing: install the version that go.mod names from https://go.dev/dl/ and put it on PATH." >&2
  exit 1
}

# A compiler without its C library is found only by compiling.
compiles() {
  printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' |
    "${CC:-$(go env CC)}" -x c -o /dev/null - 2>/dev/null
}
compiles || want gcc libc6-dev

if [ "${CI:-}" = true ]; then
  command -v node >/dev/null || want nodejs
  command -v npm >/dev/null || want npm
  command -v aws >/dev/null || want awscli
  python3 -c 'import boto3' 2>/dev/null || want python3 python3-boto3
  command -v chromium >/dev/null || want chromium
  ls /usr/lib/postgresql/*/bin/initdb "$(pg_config --bindir 2>/dev/null)/initdb" 2>/dev/null | grep -q . || want postgresql
fi

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "make test needs what Debian calls$missing. Install it and run make test again." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "make test needs packages that are not installed. Run this, then make test again:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi
echo "installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # one word a package
apt-get install -y -qq --no-install-recommends $missing >/dev/null
compiles || {
  echo "The C compiler ${CC:-$(go env CC)} cannot compile a program of one line. Set CC to one that can." >&2
  exit 1
}
