#!/bin/sh
# What a container does: web, worker, migrate, or any other command of manage.py with its arguments.
set -eu
cd "$(dirname "$0")/.."
if [ -z "${DATABASE_URL:-}" ]; then
    echo "DATABASE_URL is not set. Remedy: postgresql://user:password@host/database; the image brings no database." >&2
    exit 1
fi
command=${1:-web}
[ $# -eq 0 ] || shift
case $command in
    # Without a worker beside it: containers are scaled and restarted by kind.
    web) set -- serve --host 0.0.0.0 --port "${PORT:-8000}" --workers "${ENGAGE_WEB_PROCESSES:-2}" --no-worker "$@" ;;
    *) set -- "$command" "$@" ;;
esac
exec python manage.py "$@"
