"""A proxy in front of two cells sends each request to the one where its tenant lives."""

import base64
import http.client
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from engage_server.access import key_format
from engage_server.access.account_tokens import verify_token
from engage_server.access.exceptions import InvalidKeyError
from engage_server.access.keys import list_keys, verify_key
from engage_server.access.models import ApiKey
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import create_key, rotate_key
from engage_server.operations.moves.move import Moved
from engage_server.operations.routes import directory as asking
from engage_server.operations.routes.directory import Directory, directory
from engage_server.operations.routes.proxies import FORMATS
from engage_server.tenancy.cells import Cell
from engage_server.tenancy.exceptions import MoveError
from engage_server.tenancy.scope import shared_scope

MAIN = """daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{ }}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; include {folder}/engage.conf; }}
"""


@pytest.fixture
def cells_file(settings, tmp_path) -> Path:
    """This installation is called `one`; another is `two`."""
    path = tmp_path / "cells.toml"
    path.write_text(
        '[one]\naddress = "http://127.0.0.1:1"\ndatabase = "postgresql://nobody@127.0.0.1:9/none"\n'
        '[two]\naddress = "http://127.0.0.1:2"\ndatabase = "postgresql://nobody@127.0.0.1:9/none?connect_timeout=2"\n'
    )
    settings.ENGAGE_CELL, settings.ENGAGE_CELLS = "one", str(path)
    return path


@contextmanager
def cell(name: str) -> Iterator[Cell]:
    """Answers with its name."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(name)))
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Cell(name, f"http://127.0.0.1:{server.server_address[1]}", "")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def proxy(program: str, found: Directory, folder: Path) -> Iterator[int]:
    """The real one, by the files that are written for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, text in FORMATS[program](found, folder=str(folder), port=port).items():
        (folder / name).write_text(text)
    (folder / "main.conf").write_text(MAIN.format(folder=folder))
    arguments = {"haproxy": ["-db", "-f", f"{folder}/haproxy.cfg"], "nginx": ["-c", f"{folder}/main.conf"]}
    with (folder / "said").open("w") as said:
        process = subprocess.Popen([program, *arguments[program]], stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + 120
        while not is_open(port):
            assert process.poll() is None, (folder / "said").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def send(port: int, *, host: str = "engage.example", path: str = "/v1/batch", authorization: str = "") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Host": host, "Authorization": authorization}
    connection.request("POST", path, "{}", {name: value for name, value in headers.items() if value})
    answer = connection.getresponse()
    try:
        assert answer.status == 200
        return answer.read().decode()
    finally:
        connection.close()


def basic(key: str) -> str:
    return f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"


@pytest.mark.parametrize("program", FORMATS)
def test_a_real_proxy_leads_by_host_then_by_moved_keys_then_by_the_cell_in_the_text(program, tmp_path):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    of_two, moved, nameless = (key_format.generate("ing", cell=name) for name in ("two", "one", ""))
    at_home = key_format.generate("qry", cell="one").whole
    token = f"eng_acct_two_{of_two.public_id}_1_2_{'x' * 43}"
    token_of_moved = f"eng_acct_one_{moved.public_id}_1_2_{'x' * 43}"
    with cell("one") as one, cell("two") as two:
        found = Directory(
            {"one": one, "two": two},
            hosts={"acme.localhost": "two", "globex.localhost": "one"},
            keys={moved.public_id: "two", nameless.public_id: "two"},
        )
        with proxy(program, found, tmp_path) as port:
            for key in (of_two.whole, moved.whole, nameless.whole, token, token_of_moved):
                assert send(port, authorization=f"Bearer {key}") == "two", key
            for key in (of_two.whole, moved.whole, nameless.whole):
                assert send(port, authorization=basic(key)) == "two", key
                assert send(port, path=f"/{key}/com.snowplowanalytics.snowplow/tp2") == "two", key
            assert send(port, authorization=f"Bearer {at_home}") == "one"
            assert send(port, host="ACME.localhost:80", authorization=f"Bearer {at_home}") == "two"
            assert send(port, host="globex.localhost", authorization=f"Bearer {of_two.whole}") == "one"
            for nobody in ("", "Bearer x", "Basic ???", f"Bearer eng_live_ing_three_{'a' * 12}_{'b' * 43}_c"):
                assert send(port, authorization=nobody) == "one", nobody


def test_a_key_and_its_tokens_carry_the_cell_and_those_without_one_are_still_accepted(
    acme, cells_file, settings
):
    text = create_key(acme, ApiKey.Kind.QUERY)
    assert text.startswith("eng_live_qry_one_")
    identity = verify_key(text, ApiKey.Kind.QUERY)
    (row,) = [key for key in list_keys(acme) if key.public_id == identity.public_id]
    assert text.startswith(f"{row.beginning}_")
    settings.ENGAGE_CELL = ""
    plain = create_key(acme, ApiKey.Kind.QUERY)
    assert len(plain.split("_")) == 6
    settings.ENGAGE_CELL = "two"
    for key in (text, plain):
        known = verify_key(key, ApiKey.Kind.QUERY)
        assert known.tenant == acme
        token = issue_token(acme, known.public_id, account_id=1, lifetime=timedelta(hours=1)).text
        assert token.startswith("eng_acct_one_") is (key == text)
        assert verify_token(token).principal.tenant == acme
    rotated = rotate_key(acme, identity.public_id, overlap=timedelta(0)).text
    assert rotated.startswith("eng_live_qry_two_")


def test_a_key_has_one_text(acme, cells_file):
    given = key_format.parse(create_key(acme, ApiKey.Kind.QUERY))
    for cell_name in ("", "two"):
        other = key_format.KeyText(given.kind, given.public_id, given.secret, cell_name)
        with pytest.raises(InvalidKeyError):
            verify_key(other.whole, ApiKey.Kind.QUERY)
    for cell_name in ("Two", "2", "a" * 17, "a-b", "\ud800"):
        with pytest.raises(InvalidKeyError):
            key_format.parse(key_format.KeyText(given.kind, given.public_id, given.secret, cell_name).whole)


def test_a_cell_that_keys_cannot_carry_makes_none(acme, settings):
    settings.ENGAGE_CELL = "EU-1"
    with pytest.raises(MoveError, match="ENGAGE_CELL"):
        create_key(acme, ApiKey.Kind.QUERY)


def only_here(monkeypatch) -> None:
    monkeypatch.setattr(asking, "cells", lambda: {"one": asking.own_cell()})


def test_the_directory_names_hosts_of_all_tenants_and_the_keys_whose_text_says_another_cell(
    acme, globex, cells_file, settings, monkeypatch
):
    only_here(monkeypatch)
    here = key_format.parse(create_key(acme, ApiKey.Kind.QUERY)).public_id
    settings.ENGAGE_CELL = "two"
    came = key_format.parse(create_key(globex, ApiKey.Kind.QUERY)).public_id
    settings.ENGAGE_CELL = "one"
    found = directory()
    assert found.hosts["acme.localhost"] == found.hosts["globex.localhost"] == "one"
    assert here not in found.keys
    assert found.keys[came] == "one"
    with shared_scope():
        ApiKey.objects.filter(public_id=came).update(revoked_at="2020-01-01T00:00:00Z")
    assert came not in directory().keys


def test_routes_are_written_whole_or_not_at_all(acme, cells_file, tmp_path, monkeypatch):
    with pytest.raises(CommandError, match="'two'"):
        call_command("cells", "routes", "--format", "haproxy", "--to", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["cells.toml"]
    only_here(monkeypatch)
    call_command("cells", "routes", "--format", "haproxy", "--to", str(tmp_path))
    assert "acme.localhost one\n" in (tmp_path / "hosts.map").read_text()
    for wrong in (["--to", f"{tmp_path}/none"], ["--to", str(tmp_path), "--port", "0"]):
        with pytest.raises(CommandError, match=r"folder|port"):
            call_command("cells", "routes", "--format", "nginx", *wrong)


def test_a_move_ends_with_how_its_clients_are_led_there(db, capsys, monkeypatch):
    monkeypatch.setattr(
        "engage_server.operations.management.commands.tenant.move_tenant",
        lambda slug, to, **options: Moved(slug, to, rows=5, frozen_s=0.2),
    )
    call_command("tenant", "move", "acme", to="two")
    said = capsys.readouterr().out
    assert said.startswith("Moved acme to two: 5 rows, 0.20 s without acceptance.\n")
    assert "by DNS" in said
    assert "manage.py cells routes" in said
