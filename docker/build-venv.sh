#!/bin/sh
# Makes the image's virtual environment: the locked dependencies of a server, checked by their hashes, and the
# packages of this tree in place. Usage, from the root of the tree: sh docker/build-venv.sh DIRECTORY
set -eu
venv=$1
python3 -m venv "$venv"
# flit_core is what the packages of the tree are installed with.
python3 docker/runtime_lock.py requirements.lock flit-core > "$venv/requirements.lock"
"$venv/bin/python" -m pip install --no-cache-dir --quiet --require-hashes -r "$venv/requirements.lock"
packages="-e . -e graphql-compiled"
for file in plugins/*/pyproject.toml; do
    packages="$packages -e $(dirname "$file")"
done
# shellcheck disable=SC2086  # one word each, on purpose
"$venv/bin/python" -m pip install --no-cache-dir --quiet --no-deps --no-build-isolation $packages
"$venv/bin/python" -m pip check
