"""What a key gave away ends with it: keys that it made, theirs, and the tokens of all of them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from engage_server.access.account_tokens import verify_token
from engage_server.access.exceptions import InvalidKeyError, UnknownKeyError
from engage_server.access.keys import list_keys, verify_key
from engage_server.access.models import ApiKey
from engage_server.audit.log import newest
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import KeyRequest, MadeKey, make_key, revoke_key, rotate_key
from engage_server.tenancy.scope import tenant_scope

QUERY, ADMIN = ApiKey.Kind.QUERY, ApiKey.Kind.ADMIN
HOUR = timedelta(hours=1)


def make(tenant, kind=ADMIN, *, maker: MadeKey | None = None, **request) -> MadeKey:
    return make_key(tenant, KeyRequest(kind, **request), maker=maker.row.public_id if maker else None)


def opens(key: MadeKey) -> bool:
    try:
        verify_key(key.text, QUERY, ADMIN)
    except InvalidKeyError:
        return False
    return True


def test_revoking_a_key_ends_all_that_came_of_it_and_nothing_else(acme, globex):
    root, other, theirs = make(acme), make(acme), make(globex)
    child = make(acme, maker=root)
    grandchild = make(acme, QUERY, maker=child)
    rotated = rotate_key(acme, grandchild.row.public_id, overlap=HOUR, maker=child.row.public_id)
    itself = rotate_key(acme, child.row.public_id, overlap=HOUR, maker=child.row.public_id)
    sibling = make(acme, QUERY, maker=other)
    line = [root, child, grandchild, rotated, itself]
    assert all(map(opens, [*line, other, sibling, theirs]))
    assert set(revoke_key(acme, root.row.public_id)) == {key.row.public_id for key in line}
    assert not any(map(opens, line))
    assert all(map(opens, [other, sibling, theirs]))
    with tenant_scope(acme):
        entries = newest(len(line), action="key.revoked")
    assert {entry.subject for entry in entries} == {f"key:{key.row.public_id}" for key in line}
    assert [entry.details.get("line") for entry in reversed(entries)] == [None] + [root.row.public_id] * 4


def test_what_an_expired_key_made_can_still_be_revoked_with_it(acme):
    root = make(acme)
    child = make(acme, QUERY, maker=root)
    rotate_key(acme, root.row.public_id, overlap=timedelta(0))
    assert (opens(root), opens(child)) == (False, True)
    assert revoke_key(acme, root.row.public_id)
    assert not opens(child)


def test_a_key_that_a_person_rotates_is_the_persons(acme):
    root = make(acme)
    child = make(acme, QUERY, maker=root)
    renewed = rotate_key(acme, child.row.public_id, overlap=HOUR)
    revoke_key(acme, root.row.public_id)
    assert (opens(child), opens(renewed)) == (False, True)


def test_a_revoked_key_makes_none_and_rotates_none(acme):
    root, other = make(acme), make(acme)
    revoke_key(acme, root.row.public_id)
    with pytest.raises(UnknownKeyError):
        make(acme, maker=root)
    with pytest.raises(UnknownKeyError):
        rotate_key(acme, other.row.public_id, overlap=HOUR, maker=root.row.public_id)


def test_another_tenants_key_makes_rotates_and_issues_nothing_here(acme, globex):
    own, theirs = make(acme, QUERY), make(globex)
    with pytest.raises(UnknownKeyError):
        make(acme, QUERY, maker=theirs)
    with pytest.raises(UnknownKeyError):
        rotate_key(acme, own.row.public_id, overlap=HOUR, maker=theirs.row.public_id)
    with pytest.raises(UnknownKeyError):
        issue_token(acme, own.row.public_id, account_id=7, lifetime=HOUR, asker=theirs.row.public_id)
    assert revoke_key(globex, own.row.public_id) == ()
    assert opens(own)
    assert len(list_keys(acme)) == len(list_keys(globex)) == 4


def test_tokens_end_with_whichever_key_of_the_line_is_revoked(acme):
    root = make(acme)
    child = make(acme, QUERY, maker=root)
    token = issue_token(acme, child.row.public_id, account_id=7, lifetime=HOUR, asker=root.row.public_id).text
    assert verify_token(token).principal.account_id == 7
    revoke_key(acme, root.row.public_id)
    with pytest.raises(InvalidKeyError):
        verify_token(token)


def test_a_key_has_tokens_issued_by_itself_or_what_it_made_alone(acme):
    brief = make(acme, expires_at=timezone.now() + timedelta(minutes=5))
    stranger = make(acme)
    child = make(acme, QUERY, maker=stranger)
    for issuer in (stranger, child):
        with pytest.raises(UnknownKeyError, match="neither the one that asks nor made by it"):
            issue_token(acme, issuer.row.public_id, account_id=7, lifetime=HOUR, asker=brief.row.public_id)
    own = issue_token(acme, brief.row.public_id, account_id=7, lifetime=HOUR, asker=brief.row.public_id)
    assert own.expires_at <= brief.row.expires_at


def test_no_key_slips_through_while_its_maker_is_revoked(committed_tenants):
    acme, _ = committed_tenants
    root = make(acme)
    start = threading.Barrier(4)

    def keep_making() -> None:
        start.wait()
        try:
            for _ in range(50):
                make(acme, QUERY, maker=root)
        except UnknownKeyError:
            return
        finally:
            connection.close()
        raise AssertionError("a revoked key went on making keys")

    def revoke() -> None:
        start.wait()
        try:
            assert revoke_key(acme, root.row.public_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(keep_making) for _ in range(3)] + [pool.submit(revoke)]
        for one in done:
            one.result()
    made = [key for key in list_keys(acme) if key.maker_id == root.row.pk]
    assert all(key.revoked_at for key in made)
