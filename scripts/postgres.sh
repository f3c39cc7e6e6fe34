#!/bin/bash
# Runs the command given with a PostgreSQL of its own, whose URL tests take as
# ADIT_TEST_POSTGRES. The server lives in a temporary folder, listens on a free
# loopback port, forgets to flush to disk, and is stopped and removed with the
# command's end. PostgreSQL refuses to run as root: there it is the user postgres,
# or nobody.
#
# Without PostgreSQL (Debian's package postgresql) the command runs without the
# variable, after a word about what is skipped; under CI=true it fails.
set -eu

[ "$#" -gt 0 ] || {
  echo "usage: scripts/postgres.sh COMMAND [ARGUMENT...]" >&2
  exit 2
}

bin=""
for dir in /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || true)"; do
  [ ! -x "$dir/initdb" ] || bin=$dir # the newest version comes last
done
if [ -z "$bin" ]; then
  echo "postgres: no PostgreSQL; the tests of its half of the store are skipped (install postgresql)" >&2
  [ "${CI:-}" != true ] || exit 1
  exec "$@"
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/adit-postgres-XXXXXX")
as=()
if [ "$(id -u)" -eq 0 ]; then
  user=nobody
  ! id postgres >/dev/null 2>&1 || user=postgres
  as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
  chown "$user" "$dir"
fi
cd "$dir" # a folder that the server's user may enter

stop() {
  "${as[@]}" "$bin/pg_ctl" stop -D "$dir/data" -m immediate -w >/dev/null 2>&1 || true
  cd /
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
  echo "postgres: $1" >&2
  cat "$dir/log" >&2 2>/dev/null || true
  exit 1
}

# The password is asked for, so that a test can see it kept to itself.
password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
"${as[@]}" tee "$dir/password" >/dev/null <<<"$password"
"${as[@]}" "$bin/initdb" -D "$dir/data" -U adit --pwfile="$dir/password" -A scram-sha-256 \
  -E UTF8 --no-locale --no-sync >"$dir/initdb.log" 2>&1 || fail "initdb failed: $(cat "$dir/initdb.log")"

# A port may be taken between choosing and using it: then another is tried.
for try in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 12000))
  options="-p $port -c listen_addresses=127.0.0.1 -k $dir -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
  if "${as[@]}" "$bin/pg_ctl" start -D "$dir/data" -l "$dir/log" -w -t 60 -o "$options" >/dev/null 2>&1; then
    break
  fi
  [ "$try" -lt 5 ] || fail "the server does not start"
done

cd "$OLDPWD"
export ADIT_TEST_POSTGRES="postgres://adit:$password@127.0.0.1:$port/postgres?sslmode=disable"
"$@" # not exec: the trap must run
