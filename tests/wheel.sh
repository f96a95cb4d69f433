#!/bin/sh
# Builds the wheel, installs it into a clean environment, and runs the suite against it from a folder without the source tree.
set -eu
python=$1
bin=$(cd "$2" && pwd)
top=$(cd "$(dirname "$0")/.." && pwd)
rm -rf "$top/dist" "$top/.venv-wheel"
"$bin/python" -m build --no-isolation --wheel --outdir "$top/dist" "$top" >/dev/null
"$python" -m venv "$top/.venv-wheel"
wheel_bin="$top/.venv-wheel/bin"
"$wheel_bin/pip" install --quiet --disable-pip-version-check "pip>=25.1"
"$wheel_bin/pip" install --quiet --disable-pip-version-check "$top"/dist/*.whl
cd "$top" && "$wheel_bin/pip" install --quiet --disable-pip-version-check --group test
# -I keeps the current folder out of the import path, so that only the installed package is found.
# What takes minutes and tells nothing of the package is left to the run against the source tree.
for long in conformance test_attacks.py test_durability.py test_hostile.py test_remote.py test_remote_faults.py browser; do
  set -- "$@" "--ignore=$top/tests/$long"
done
shift 2
exec "$wheel_bin/python" -I -m pytest -q "$@" "$top/tests"
