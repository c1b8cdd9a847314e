# Finds the programs that the tests need and installs what is missing. Sourced
# by services.sh; sets PG_BIN, REDIS_SERVER, CHROMIUM and MEILISEARCH (empty where
# there is none).
#
# Only Debian and its kin, as root or with a sudo that asks for no password, get
# anything installed, and are told so. Everybody else gets the command to run.

readonly POSTGRES_MINIMUM=15

# find_postgres prints the bin folder of the newest server that is new enough.
# Debian keeps the servers apart from PATH, one folder per version.
find_postgres() {
  local bin version
  for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin | sort -rV) \
    "$(dirname "$(command -v postgres || echo /none/postgres)")"; do
    [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] || continue
    version=$("$bin/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
    if [ "$version" -ge "$POSTGRES_MINIMUM" ]; then
      printf '%s\n' "$bin"
      return
    fi
  done
}

# find_chromium prints the path of a browser.
find_chromium() {
  printf '%s\n' "${HIENKE_TEST_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"
}

# has_fonts tells whether Noto Sans is there: without it Vietnamese wraps
# differently from phones, and pictures from two machines differ.
has_fonts() {
  [ -e /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf ] || fc-list 2>/dev/null | grep -q 'NotoSans-Regular'
}

# find_all looks for everything and lists the Debian packages of what is missing.
find_all() {
  PG_BIN=$(find_postgres)
  REDIS_SERVER=$(command -v redis-server || true)
  CHROMIUM=$(find_chromium)
  MEILISEARCH=$(command -v meilisearch || true)
  MISSING=()
  [ -n "$PG_BIN" ] || MISSING+=(postgresql)
  [ -n "$REDIS_SERVER" ] || MISSING+=(redis-server)
  [ -n "$CHROMIUM" ] || MISSING+=(chromium)
  has_fonts || MISSING+=(fonts-noto-core)
}

# install_missing installs MISSING or explains how to.
install_missing() {
  local as_root=()
  local command="apt-get update && apt-get install -y --no-install-recommends ${MISSING[*]}"
  if ! command -v apt-get >/dev/null; then
    printf 'Missing for the tests: %s.\nThis is no Debian; install them by your own means. On Debian it would be:\n  %s\n' "${MISSING[*]}" "$command" >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      printf 'Missing for the tests: %s.\nRun as root:\n  %s\n' "${MISSING[*]}" "$command" >&2
      return 1
    fi
    as_root=(sudo -n)
  fi
  printf 'INSTALLING for the tests, with apt-get: %s (Debian may start their services too; the tests do not use those)\n' "${MISSING[*]}"
  # Another apt-get may be at work on a fresh machine: wait for it, 5 minutes at most.
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" "${apt[@]}" update && "${as_root[@]}" "${apt[@]}" install -y --no-install-recommends "${MISSING[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    printf 'apt-get could not install them.\n' >&2
    return 1
  fi
  rm -f "$log"
}

# ensure_packages leaves with everything found, or fails.
ensure_packages() {
  find_all
  if [ "${#MISSING[@]}" -gt 0 ]; then
    install_missing || return 1
    find_all
  fi
  if [ "${#MISSING[@]}" -gt 0 ]; then
    printf 'Still missing after the installation: %s (PostgreSQL must be %d or newer)\n' "${MISSING[*]}" "$POSTGRES_MINIMUM" >&2
    return 1
  fi
}
