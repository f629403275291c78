#!/usr/bin/env bash
# The fast tests with the lowest versions that pyproject.toml declares of each dependency, on the oldest Python.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-}
for candidate in python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python; do
  [ -n "$python" ] || { "$candidate" --version >/dev/null 2>&1 && python=$candidate; }
done
[ -n "$python" ] || { echo "Python 3.10, the oldest that is supported, is not installed" >&2; exit 1; }

make --no-print-directory .venv-floors/test VENV=.venv-floors PYTHON="$python"
floors=$(.venv-floors/bin/python - <<'PYTHON'
import re
import tomli

project = tomli.load(open("pyproject.toml", "rb"))["project"]
declared = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
print(*(re.sub(r"\s*;.*", "", requirement).replace(">=", "==") for requirement in declared))
PYTHON
)
# matplotlib of then works with NumPy and pyparsing of then.
.venv-floors/bin/pip install --quiet --disable-pip-version-check $floors "numpy<2" "pyparsing<3.2"
echo "== $("$python" --version) with $floors"
.venv-floors/bin/python -m pytest -m "not slow" -q -n auto "$@"
