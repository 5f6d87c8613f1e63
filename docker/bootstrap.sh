#!/bin/sh
# Makes the virtual environment from the lock file: with uv where it is installed, else with venv and pip.
set -eu
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Engage needs Python 3.11 or newer; $PYTHON is $("$PYTHON" --version 2>&1)." >&2
    echo "Remedy: install one and name it, for example: make $* PYTHON=python3.12" >&2
    exit 1
}

packages="-e . -e graphql-compiled"
for file in plugins/*/pyproject.toml; do
    [ -f "$file" ] && packages="$packages -e $(dirname "$file")"
done

echo "Installing the locked dependencies into $VENV (about a minute the first time) …"
if command -v uv >/dev/null 2>&1; then
    [ -x "$VENV/bin/python" ] || uv venv --quiet --python "$PYTHON" "$VENV"
    uv pip install --quiet --python "$VENV/bin/python" --require-hashes -r requirements.lock
    # shellcheck disable=SC2086  # one word each, on purpose
    uv pip install --quiet --python "$VENV/bin/python" --no-deps --no-build-isolation $packages
else
    [ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV" || {
        echo "Remedy: on Debian and Ubuntu, 'apt-get install python3-venv' or install uv." >&2
        exit 1
    }
    export PIP_DISABLE_PIP_VERSION_CHECK=1
    "$VENV/bin/python" -m pip install --quiet --require-hashes -r requirements.lock
    # shellcheck disable=SC2086
    "$VENV/bin/python" -m pip install --quiet --no-deps --no-build-isolation $packages
fi
