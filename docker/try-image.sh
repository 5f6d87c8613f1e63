#!/bin/sh
# Tries the image where no container engine runs: the RUN steps of the Dockerfile in a clean Debian made by
# debootstrap, then the entrypoint as the image's user against a PostgreSQL on loopback.
#
#   sudo sh docker/try-image.sh            # five to twenty minutes and 1.5 GB below TMPDIR; removes what it made
#   sudo sh docker/try-image.sh --keep     # keeps the root file system and says where it lies
#
# Debian's mirror is the one of this machine's apt; pip's settings of this machine (environment, /etc/pip.conf) are
# used in the root file system, since a package index may be reachable only through them.
set -eu
[ "$(id -u)" = 0 ] || { echo "chroot needs root. Remedy: sudo sh docker/try-image.sh" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "Remedy: apt-get install debootstrap" >&2; exit 1; }
tree=$(cd "$(dirname "$0")/.." && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/engage-image.XXXXXX")
chmod 755 "$root"
suite=bookworm
home=/srv/engage

clean_up() {
    [ ! -f "$root/tmp/web.pid" ] || kill "$(cat "$root/tmp/web.pid")" || true
    [ ! -f "$root/tmp/cluster/postmaster.pid" ] || kill "$(head -1 "$root/tmp/cluster/postmaster.pid")" || true
    wait
    for mounted in dev/shm dev/null dev/urandom proc; do
        ! mountpoint -q "$root/$mounted" || umount -l "$root/$mounted"
    done
    if [ "${keep:-}" = 1 ]; then echo "Kept: $root"; else rm -rf --one-file-system "$root"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM
[ "${1:-}" != --keep ] || keep=1

step() { echo "== $*"; }
inside() { chroot "$root" /usr/bin/env -C "$home" "$@"; }
as_user() { user=$1; shift; chroot --userspec="$user" "$root" /usr/bin/env -C "$home" "$@"; }

step "A clean Debian $suite"
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | awk -v suite="$suite" '$2 == suite {print $1; exit}')
[ -n "$mirror" ] || { echo "apt knows no mirror of $suite. Remedy: run it on Debian $suite." >&2; exit 1; }
timeout 1800 debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$suite" "$root" "$mirror" \
    > "$root.log" 2>&1 || { tail -20 "$root.log" >&2; exit 1; }
rm -f "$root.log"
mkdir -p "$root/proc" "$root/dev/shm"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev/shm"
for device in null urandom; do
    [ -e "$root/dev/$device" ] || : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
cp /etc/resolv.conf "$root/etc/resolv.conf"
[ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/pip.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"

step "The tree, without what Dockerfile.dockerignore leaves out"
mkdir -p "$root$home"
tar -C "$tree" -X "$tree/docker/Dockerfile.dockerignore" --exclude='*.log' -cf - . | tar -C "$root$home" --no-same-owner -xf -

sed -n 's/^RUN //p' "$tree/docker/Dockerfile" > "$root/tmp/steps"
while read -r line; do
    step "RUN $line"
    timeout 900 chroot "$root" /usr/bin/env -C "$home" sh -ec "$line" < /dev/null
done < "$root/tmp/steps"

step "A PostgreSQL on loopback, for the trial only"
inside useradd --system --no-create-home postgres
binaries=$(dirname "$(cd "$root" && find ".$home/.venv" -path '*/bin/initdb' | sort | tail -1)")
binaries=${binaries#.}
free_port() { inside python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
database_port=$(free_port)
as_user postgres "$binaries/initdb" --auth=trust --username=engage --encoding=UTF8 /tmp/cluster > "$root/tmp/initdb.log"
as_user postgres "$binaries/pg_ctl" start --wait --silent --log=/tmp/cluster/log --pgdata=/tmp/cluster \
    --options="-c listen_addresses=127.0.0.1 -c port=$database_port -c unix_socket_directories=/tmp -c max_locks_per_transaction=1024"

step "entrypoint.sh migrate, then web, as the user engage"
port=$(free_port)
as_image() {
    as_user engage "PATH=$home/.venv/bin:/usr/bin:/bin" HOME=/nonexistent PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
        ENGAGE_ENV=production ENGAGE_DATA_DIR=/var/lib/engage ENGAGE_LOG_FORMAT=json "PORT=$port" \
        "ENGAGE_SECRET_KEY=$(od -An -N48 -tx1 /dev/urandom | tr -d ' \n')" \
        "DATABASE_URL=${url-postgresql://engage@127.0.0.1:$database_port/postgres}" "$@"
}
if url='' as_image sh docker/entrypoint.sh migrate 2> "$root/tmp/refusal"; then
    echo "It started without DATABASE_URL." >&2; exit 1
fi
echo "refused without DATABASE_URL: $(cat "$root/tmp/refusal")"
as_image timeout 120 sh docker/entrypoint.sh migrate --verbosity 0
# The number of the server itself: that of this shell's child is the one of root's chroot.
as_image sh -c 'echo $$ > /tmp/web.pid; exec sh docker/entrypoint.sh web' > "$root/tmp/web.log" 2>&1 &
tries=0
until as_image python docker/healthcheck.py; do
    tries=$((tries + 1))
    web=$(cat "$root/tmp/web.pid")
    if [ "$tries" -gt 90 ] || ! kill -0 "$web"; then cat "$root/tmp/web.log" >&2; exit 1; fi
    sleep 1
done
web=$(cat "$root/tmp/web.pid")

step "What it says"
ask='import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1])); c.request("GET", sys.argv[2]); r = c.getresponse()
print(sys.argv[2], r.status, [line for line in r.read().decode().splitlines() if line[0] != "#"][0][:100])'
for path in /healthz /readyz /metrics; do inside python3 -c "$ask" "$port" "$path"; done
uid=$(ps -o uid= -p "$web" | tr -d ' ')
echo "web runs as uid $uid"
[ "$uid" != 0 ] || { echo "The server runs as root." >&2; exit 1; }
if as_image sh -c ": > $home/written" 2>/dev/null; then echo "The user can write the tree." >&2; exit 1; fi
echo "installed packages: $(inside .venv/bin/python -m pip list 2>/dev/null | tail -n +3 | wc -l); pytest among them: $(
    [ -e "$root$home/.venv/bin/pytest" ] && echo yes || echo no)"
echo "size of $home: $(du -sh "$root$home" | cut -f1)"
kill -TERM "$web"
tries=0
while kill -0 "$web" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -le 30 ] || { echo "It does not end on SIGTERM." >&2; kill -KILL "$web"; exit 1; }
    sleep 1
done
rm "$root/tmp/web.pid"
echo "web ended on SIGTERM"
step "The image's steps work."
