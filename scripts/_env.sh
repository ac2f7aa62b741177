# shellcheck shell=bash
# Shared by scripts/demo and scripts/test: a Python, the checkout's own .venv,
# and an install that is skipped when nothing has changed. To be sourced.
# Kept to what bash 3.2 knows, for macOS.

set -euo pipefail
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_REQUIRE_VIRTUALENV PIP_USER
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

root=$(CDPATH='' cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"
log="$venv/install.log"

# One line per argument.
step() { printf '%s\n' "$@" >&2; }
die() {
  step "$@"
  exit 1
}

# Whether the command is a Python that cityplan runs on.
is_recent() {
  "$@" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Print a Python >= 3.11 that can make environments, or say what to install.
find_python() {
  local candidate path incomplete=''
  for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
    path=$(command -v "$candidate") || continue
    is_recent "$path" || continue
    if "$path" -c 'import venv, ensurepip' >/dev/null 2>&1; then
      printf '%s\n' "$path"
      return
    fi
    incomplete=${incomplete:-$path}
  done
  if [ -n "$incomplete" ]; then
    candidate=$("$incomplete" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    die "$incomplete cannot make virtual environments (venv or ensurepip is missing)." \
      "On Debian and Ubuntu: apt-get install $candidate-venv"
  fi
  die "cityplan needs Python 3.11 or newer, and none was found." \
    "On Debian 12 and Ubuntu 24.04 or newer: apt-get install python3 python3-venv;" \
    "on macOS: brew install python"
}

# Make .venv, unless there is one that works and was made for this folder.
ensure_venv() {
  local python home="$venv/made-for"
  if is_recent "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1 &&
    [ "$(cat "$home" 2>/dev/null || printf '%s' "$root")" = "$root" ]; then
    return
  fi
  python=$(find_python)
  step "Making an environment in $venv with $("$python" --version) ..."
  "$python" -m venv --clear "$venv" || die "$python could not make $venv (see above)."
  printf '%s\n' "$root" >"$home"
}

# install NAME ARGUMENT...: pip install with the pinned versions, skipped when
# it was done before under the same NAME with the same pins.
install() {
  local name=$1 stamp="$venv/installed-$1" now
  shift
  now=$(cat "$root/pyproject.toml" "$root/scripts/constraints.txt" | cksum)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then
    return
  fi
  step "Installing $name (minutes the first time; log: $log) ..."
  rm -f "$stamp"
  if ! (cd "$root" && "$venv/bin/python" -m pip install --constraint scripts/constraints.txt "$@") \
    >"$log" 2>&1 </dev/null; then
    tail -n 25 "$log" >&2
    die "" "Installing $name failed: see above, and $log."
  fi
  printf '%s\n' "$now" >"$stamp"
}
