"""The configuration of a proxy that sends each request to the cell where its tenant lives: HAProxy's or nginx'.

Both go the same way: by the host, else by the public id of a key or account's token that lives elsewhere than its text
says, else by the cell in its text, else to the first cell of the file. The key is read from the Authorization header
(Bearer, or Basic's user name) and from the address that it may begin.
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from engage_server.operations.routes.directory import Directory

PORT: Final = 8080
HEAD: Final = "# Written by `manage.py cells routes`: changes are lost with the next one.\n"

HAPROXY: Final = (
    HEAD
    + """\
global
    maxconn 8192
defaults
    mode http
    option forwardfor
    option http-keep-alive
    timeout connect 5s
    timeout client 75s
    timeout server 120s
    timeout http-request 30s
    timeout tunnel 1h
frontend engage
    bind :{port}
    http-request set-var(txn.cell) req.hdr(host),field(1,:),lower,map_str({folder}/hosts.map)
    http-request set-var(txn.key) path,field(2,/) if {{ path_beg /eng_live_ }}
    acl is_bearer req.hdr(authorization) -m beg -i bearer
    acl is_basic req.hdr(authorization) -m beg -i basic
    http-request set-var(txn.key) req.hdr(authorization),word(2,' ') if is_bearer
    http-request set-var(txn.key) req.hdr(authorization),word(2,' '),b64dec,field(1,:) if is_basic
    acl is_known var(txn.cell) -m found
    acl is_token var(txn.key) -m beg eng_acct_
    http-request set-var(txn.cell) var(txn.key),field(-3,_),map_str({folder}/keys.map) if !is_known !is_token
    http-request set-var(txn.cell) var(txn.key),field(-4,_),map_str({folder}/keys.map) if !is_known is_token
    http-request set-var(txn.cell) var(txn.key),field(4,_),map_str({folder}/cells.map) if !is_known !is_token
    http-request set-var(txn.cell) var(txn.key),field(3,_),map_str({folder}/cells.map) if !is_known is_token
    use_backend engage_%[var(txn.cell)] if is_known
    default_backend engage_{default}
"""
)
NGINX: Final = (
    HEAD
    + """\
map_hash_bucket_size 512;
map_hash_max_size 65536;
map $http_authorization $engage_sent {{
    "~*^Bearer +(?<engage_bearer>[0-9A-Za-z_]+)" $engage_bearer;
    default $remote_user;
}}
map $uri $engage_key {{
    "~^/(?<engage_first>eng_live_[0-9A-Za-z_]+)/" $engage_first;
    default $engage_sent;
}}
map $engage_key $engage_id {{
    "~^eng_live_[a-z]+_([a-z][a-z0-9]*_)?(?<engage_of_key>[0-9A-Za-z]{{12}})_[0-9A-Za-z]{{43}}_" $engage_of_key;
    "~^eng_acct_([a-z][a-z0-9]*_)?(?<engage_of_token>[0-9A-Za-z]{{12}})(_[0-9A-Za-z]+){{3}}$" $engage_of_token;
    default "";
}}
map $engage_key $engage_named {{
{named}
    default "";
}}
map $host $engage_by_host {{
    default "";
    include {folder}/engage-hosts.map;
}}
map $engage_id $engage_by_id {{
    default "";
    include {folder}/engage-keys.map;
}}
map "$engage_by_host:$engage_by_id:$engage_named" $engage_cell {{
    "~^(?<engage_first_known>[a-z0-9]+):" $engage_first_known;
    "~^:(?<engage_second_known>[a-z0-9]+):" $engage_second_known;
    "~^::(?<engage_third_known>[a-z0-9]+)$" $engage_third_known;
    default {default};
}}
map $engage_cell $engage_scheme {{
{schemes}
}}
map $http_upgrade $engage_connection {{
    default upgrade;
    "" "";
}}
{upstreams}
server {{
    listen {port};
    client_max_body_size 0;
    location / {{
        proxy_pass $engage_scheme://engage_$engage_cell;
        proxy_http_version 1.1;
        proxy_request_buffering off;
        proxy_read_timeout 120s;
        proxy_ssl_server_name on;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $engage_connection;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
}}
"""
)


def haproxy(found: Directory, *, folder: str, port: int = PORT) -> dict[str, str]:
    """HAProxy's files by name; it reads them in ``folder``."""
    text = HAPROXY.format(folder=folder, port=port, default=next(iter(found.cells)))
    for name, cell in found.cells.items():
        address = urlsplit(cell.address)
        tls = f" ssl verify required ca-file @system-ca sni str({address.hostname})"
        text += f"backend engage_{name}\n    server {name} {_socket(cell.address)}"
        text += f"{tls if address.scheme == 'https' else ''}\n"
    return {
        "haproxy.cfg": text,
        "hosts.map": _lines(found.hosts, "{} {}\n"),
        "keys.map": _lines(found.keys, "{} {}\n"),
        "cells.map": _lines({name: name for name in found.cells}, "{} {}\n"),
    }


def nginx(found: Directory, *, folder: str, port: int = PORT) -> dict[str, str]:
    """Nginx' files by name, the first for its `http` block; it reads the others in ``folder``."""
    names = [*found.cells]
    named = [f'    "~^eng_(live_[a-z]+|acct)_{name}_" {name};' for name in names]
    schemes = [f'    "~^{name}$" {urlsplit(cell.address).scheme};' for name, cell in found.cells.items()]
    upstreams = [
        f"upstream engage_{name} {{ server {_socket(cell.address)}; keepalive 16; }}"
        for name, cell in found.cells.items()
    ]
    text = NGINX.format(
        folder=folder, port=port, default=names[0], named="\n".join(named), schemes="\n".join(schemes),
        upstreams="\n".join(upstreams),
    )  # fmt: skip
    return {
        "engage.conf": text,
        "engage-hosts.map": _lines(found.hosts, "\\{} {};\n"),
        "engage-keys.map": _lines(found.keys, "{} {};\n"),
    }


FORMATS: Final[Mapping[str, Callable[..., dict[str, str]]]] = {"haproxy": haproxy, "nginx": nginx}


def _lines(entries: Mapping[str, str], form: str) -> str:
    return "".join(form.format(name, entries[name]) for name in sorted(entries))


def _socket(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.netloc}" if parts.port else f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"
