#!/usr/bin/env bash
# The fast tests on each Python from 3.10 to 3.13 that is installed, or on those that are named, with the newest
# dependencies, each in its own environment.
set -euo pipefail
cd "$(dirname "$0")/.."

# The interpreter of a version: on the PATH, or where pyenv keeps it.
interpreter() {
  local candidate
  for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
    if "$candidate" -c "import sys; assert sys.version_info[:2] == tuple(map(int, '$1'.split('.')))" 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

found=0
[ $# -gt 0 ] || set -- 3.10 3.11 3.12 3.13
for version in "$@"; do
  python=$(interpreter "$version")
  if [ -z "$python" ]; then
    echo "== Python $version is not installed"
    continue
  fi
  found=1
  echo "== $("$python" --version)"
  make --no-print-directory test-fast PYTHON="$python" VENV=".venv-$version"
done
[ "$found" = 1 ] || { echo "no Python from 3.10 to 3.13 is installed" >&2; exit 1; }
