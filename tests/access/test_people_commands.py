"""Members and links by command, and the key that a machine without set-up signs with."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command

from engage_server.access.members import list_members
from engage_server.access.principal import Role
from engage_server.audit import log
from engage_server.audit.actor import operator
from engage_server.settings.secret_files import ensure_secret, read_secret
from engage_server.tenancy.scope import tenant_scope
from tests.access.people import PASSWORD, Browser, member

ADA = "ada@example.com"


def run(capsys, *arguments: str) -> str:
    call_command(*arguments)
    return capsys.readouterr().out


def test_a_member_is_added_listed_promoted_and_removed(acme, capsys):
    out = run(capsys, "member", "add", ADA, "--role", "analyst", "--tenant", "acme")
    assert "http://acme.localhost:8000/people/password/" in out
    assert "analyst  last signed in: never" in run(capsys, "member", "list", "--tenant", "acme")
    run(capsys, "member", "role", ADA, "owner", "--tenant", "acme")
    assert [found.role for found in list_members(acme)] == [Role.OWNER]
    with pytest.raises(CommandError, match="last owner"):
        run(capsys, "member", "remove", ADA, "--tenant", "acme")
    run(capsys, "member", "add", "bob@example.com", "--role", "owner", "--tenant", "acme")
    run(capsys, "member", "remove", ADA, "--tenant", "acme")
    assert [found.email for found in list_members(acme)] == ["bob@example.com"]
    with tenant_scope(acme):
        assert {entry.actor for entry in log.newest(9, action="member.")} == {operator()}


def test_the_link_that_is_printed_opens_the_door(acme, capsys):
    link = run(capsys, "member", "add", ADA, "--tenant", "acme", "--origin", "https://x").split("https://x")[
        1
    ]
    browser = Browser("acme.localhost")
    path = browser.get(link.strip()).headers["Location"]
    browser.submit(path, new_password1=PASSWORD, new_password2=PASSWORD)
    assert browser.sign_in(ADA).status_code == 302


def test_no_link_is_printed_for_somebody_who_has_a_password(acme, globex, capsys):
    member(acme, ADA)
    assert "http" not in run(capsys, "member", "add", ADA, "--tenant", "globex")
    assert "/people/password/" in run(capsys, "user", "password-link", ADA)


def test_a_locked_person_cannot_sign_in_until_unlocked(acme, capsys):
    member(acme, ADA)
    browser = Browser("acme.localhost")
    run(capsys, "user", "lock", ADA)
    assert browser.sign_in(ADA).status_code == 200
    run(capsys, "user", "unlock", ADA)
    assert browser.sign_in(ADA).status_code == 302
    with tenant_scope(acme):
        told = [
            (entry.actor, entry.action)
            for entry in log.newest(2, action="user.")
            if entry.actor == operator()
        ]
        assert told == [(operator(), "user.unlocked")]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("member", "add", "ada", "--tenant", "acme"), "no e-mail address"),
        (("member", "remove", ADA, "--tenant", "acme"), "No member"),
        (("member", "list", "--tenant", "nobody"), "no tenant"),
        (("user", "password-link", ADA), "Nobody signs in"),
    ],
)
def test_what_cannot_be_done_is_said(acme, arguments, reason):
    with pytest.raises(CommandError, match=reason):
        call_command(*arguments)


def test_the_kept_secret_is_one_for_all_processes_and_its_owners_alone(tmp_path):
    path = tmp_path / "data" / "secret-key"
    first = ensure_secret(path)
    assert len(first) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: ensure_secret(path), range(8))) == {first}
    assert [found.name for found in path.parent.iterdir()] == ["secret-key"]


def test_a_secret_that_cannot_be_kept_names_the_remedy(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeError, match="set ENGAGE_SECRET_KEY"):
        ensure_secret(tmp_path / "file" / "secret-key")


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGE_X", "plain")
    assert read_secret("ENGAGE_X") == "plain"
    (tmp_path / "x").write_text("from a file\n")
    monkeypatch.delenv("ENGAGE_X")
    monkeypatch.setenv("ENGAGE_X_FILE", str(tmp_path / "x"))
    assert read_secret("ENGAGE_X") == "from a file"
