#!/usr/bin/env bash
# Runs a command with the services that the tests need, then stops them:
#
#   .ci/services.sh COMMAND [ARGUMENT...]
#
# Every server is its own: on a free port of the loopback interface, in a
# temporary folder, with a random password. The command finds them in
#
#   HIENKE_TEST_POSTGRES             URL of a maintenance database, may create databases
#   HIENKE_TEST_REDIS                URL, for what is no Go test; Go tests start their own
#   HIENKE_TEST_REDIS_SERVER         path of redis-server
#   HIENKE_TEST_MEILI, …_MEILI_KEY   URL and master key; empty where there is none
#   HIENKE_TEST_CHROMIUM             path
#   HIENKE_TEST_REQUIRE=1            a missing service fails the test
#
# A HIENKE_TEST_MEILI that is set already is used as it is. HIENKE_TEST_FSYNC=on
# gives PostgreSQL the durability that it has in service.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

dir=          # temporary folder of this run
postgres_up=  # set while PostgreSQL runs
redis_pid=
meili_pid=
pg_user=()    # what makes a command run as the owner of the cluster

main() {
  [ $# -gt 0 ] || { printf 'usage: .ci/services.sh COMMAND [ARGUMENT...]\n' >&2; exit 2; }
  trap stop_all EXIT
  # Not ignored but turned into an ordinary exit, so that the servers stop.
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  ensure_packages
  dir=$(mktemp -d "${TMPDIR:-/tmp}/hienke-test.XXXXXX")
  chmod 0711 "$dir" # the owner of the cluster passes through
  export HIENKE_TEST_PHASES="$dir/phases"
  : >"$HIENKE_TEST_PHASES"
  read -r pg_port redis_port meili_port < <(free_ports)
  start_postgres
  start_redis
  start_meilisearch
  export HIENKE_TEST_CHROMIUM="$CHROMIUM" HIENKE_TEST_REDIS_SERVER="$REDIS_SERVER" HIENKE_TEST_REQUIRE=1
  local code=0
  "$@" || code=$?
  report
  exit "$code"
}

# free_ports prints three free ports. Node is there, since the pages need it,
# and can ask the system; a shell cannot.
free_ports() {
  node -e '
    const servers = [1, 2, 3].map(() => require("net").createServer());
    Promise.all(servers.map((s) => new Promise((up) => s.listen(0, "127.0.0.1", up)))).then(() => {
      console.log(servers.map((s) => s.address().port).join(" "));
      servers.forEach((s) => s.close());
    });'
}

# secret prints 32 random hexadecimal digits.
secret() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# until_true tries a command every 100 ms, for 30 s at most.
until_true() {
  local tries=300
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

# start_postgres makes a cluster. Its commits do not wait for the disk: the tests
# kill processes, which loses nothing that the kernel holds, and none of them cuts
# the power. Every test drops a database, which waits for the whole cluster to be
# written: 2.4 s on a busy machine, 0.2 s so. Benchmarks set HIENKE_TEST_FSYNC=on,
# since a commit that waits is what they measure.
start_postgres() {
  local home=$dir/postgres password
  password=$(secret)
  mkdir "$home"
  printf '%s\n' "$password" >"$home/password"
  if [ "$(id -u)" -eq 0 ]; then
    # PostgreSQL refuses to run as root.
    local owner=nobody
    if id postgres >/dev/null 2>&1; then owner=postgres; fi
    pg_user=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups --)
    chown -R "$owner" "$home"
  fi
  chmod 0700 "$home"
  as_pg "$PG_BIN/initdb" --pgdata="$home/data" --username=hienke --pwfile="$home/password" \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C >"$dir/initdb.log" 2>&1 ||
    give_up 'initdb' "$dir/initdb.log"
  cat >>"$home/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $pg_port
unix_socket_directories = '$home'
max_connections = 300       # several test binaries at once, a pool for each test
fsync = ${HIENKE_TEST_FSYNC:-off}
full_page_writes = ${HIENKE_TEST_FSYNC:-off}
CONF
  as_pg "$PG_BIN/pg_ctl" start --wait --timeout=60 --pgdata="$home/data" --log="$home/log" >/dev/null 2>&1 ||
    give_up 'PostgreSQL' "$home/log"
  postgres_up=1
  export HIENKE_TEST_POSTGRES="postgres://hienke:$password@127.0.0.1:$pg_port/postgres?sslmode=disable"
  printf 'PostgreSQL   %s\n' "$("$PG_BIN/postgres" --version)"
}

# as_pg runs a command as the owner of the cluster, where that owner can go.
as_pg() { (cd / && "${pg_user[@]}" "$@"); }

# start_redis starts a server that keeps nothing.
start_redis() {
  local password
  password=$(secret)
  mkdir "$dir/redis"
  # Through standard input, since arguments are there for everybody to read.
  printf '%s\n' 'bind 127.0.0.1' "port $redis_port" "requirepass $password" 'save ""' 'appendonly no' \
    "dir $dir/redis" | detached "$REDIS_SERVER" - >"$dir/redis/log" 2>&1 &
  redis_pid=$!
  until_true grep -q 'Ready to accept connections' "$dir/redis/log" || give_up 'Redis' "$dir/redis/log"
  export HIENKE_TEST_REDIS="redis://default:$password@127.0.0.1:$redis_port/0"
  printf 'Redis        %s\n' "$("$REDIS_SERVER" --version | cut -d' ' -f1-3)"
}

# start_meilisearch starts one where the program is there.
start_meilisearch() {
  if [ -n "${HIENKE_TEST_MEILI:-}" ]; then
    export HIENKE_TEST_MEILI_KEY="${HIENKE_TEST_MEILI_KEY:-}"
    printf 'Meilisearch  at HIENKE_TEST_MEILI, as given\n'
    return
  fi
  if [ -z "$MEILISEARCH" ]; then
    export HIENKE_TEST_MEILI='' HIENKE_TEST_MEILI_KEY=''
    say_no_meilisearch
    return
  fi
  HIENKE_TEST_MEILI_KEY=$(secret)
  HIENKE_TEST_MEILI="http://127.0.0.1:$meili_port"
  export HIENKE_TEST_MEILI HIENKE_TEST_MEILI_KEY
  mkdir "$dir/meili"
  MEILI_MASTER_KEY=$HIENKE_TEST_MEILI_KEY detached "$MEILISEARCH" --no-analytics --max-indexing-memory 256MiB \
    --http-addr "127.0.0.1:$meili_port" --db-path "$dir/meili/data" \
    --dump-dir "$dir/meili/dumps" --snapshot-dir "$dir/meili/snapshots" >"$dir/meili/log" 2>&1 </dev/null &
  meili_pid=$!
  until_true answers "$HIENKE_TEST_MEILI/health" || give_up 'Meilisearch' "$dir/meili/log"
  printf 'Meilisearch  %s\n' "$("$MEILISEARCH" --version)"
}

# answers tells whether an address answers with success. Node again: curl is not
# everywhere.
answers() { node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$1"; }

# detached replaces this process by a command that Ctrl-C in the terminal does
# not reach: the servers must outlive the tests that are stopping.
detached() {
  if command -v setsid >/dev/null; then exec setsid "$@"; else exec "$@"; fi
}

# give_up says which server did not start and why.
give_up() {
  printf '%s did not start:\n' "$1" >&2
  tail -n 30 "$2" >&2
  exit 1
}

# say_no_meilisearch cannot be overlooked.
say_no_meilisearch() {
  cat <<'TEXT'
******************************************************************************
** NOT RUN: Meilisearch. Neither HIENKE_TEST_MEILI nor a meilisearch on PATH.
** Its adapter and the scaled-out search journey are untested in this run.
******************************************************************************
TEXT
}

# report ends the output with what took how long and what was left out.
report() {
  if [ -s "$HIENKE_TEST_PHASES" ]; then
    printf '\nPhases:\n'
    sed 's/^/  /' "$HIENKE_TEST_PHASES"
    printf '  %-28s %-6s %4d s\n' 'all, with services' '' "$SECONDS"
  fi
  if [ -z "$HIENKE_TEST_MEILI" ]; then say_no_meilisearch; fi
}

# stop_all stops what was started, by process id, and removes the folder.
stop_all() {
  local pid
  trap '' INT TERM HUP # a second Ctrl-C must not leave half of it running
  for pid in $redis_pid $meili_pid; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  if [ -n "$postgres_up" ]; then
    # Fast: it ends open sessions, such as those of a test that was killed.
    as_pg "$PG_BIN/pg_ctl" stop --mode=fast --wait --timeout=60 --pgdata="$dir/postgres/data" >/dev/null 2>&1 ||
      printf 'PostgreSQL in %s did not stop\n' "$dir" >&2
  fi
  if [ -n "$dir" ]; then rm -rf "$dir"; fi
}

main "$@"
