"""Messages go to public addresses alone, and to the very address that was looked at."""

import socket

import pytest

from engage_server.automation import addresses
from engage_server.automation.addresses import resolve
from engage_server.automation.exceptions import ForbiddenAddressError

REFUSED = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
    "https://017700000001/", "https://0/", "https://0.0.0.0/", "https://localhost/", "https://10.0.0.1/",
    "https://10.255.255.255/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.0.1/",
    "https://192.168.1.254:8443/x", "https://169.254.169.254/latest/meta-data/", "https://169.254.0.1/",
    "https://100.64.0.1/", "https://192.0.0.1/", "https://192.0.2.1/", "https://198.18.0.1/",
    "https://198.51.100.7/", "https://203.0.113.9/", "https://224.0.0.1/", "https://239.255.255.255/",
    "https://240.0.0.1/", "https://255.255.255.255/", "https://[::1]/", "https://[::]/",
    "https://[fe80::1]/", "https://[fc00::1]/", "https://[fd12:3456::1]/", "https://[ff02::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:a00:1]/", "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[2002:7f00:1::]/",
    "https://192.0.0.9/", "https://192.0.0.192/", "https://168.63.129.16/", "https://[fec0::1]/", "https://[3fff::1]/",
    "https://[5f00::1]/", "https://[100:0:0:1::1]/", "https://[64:ff9b:1:a9fe:a9:fe00:808:808]/",
    "https://[64:ff9b:1::808:808]/", "https://[4000::1]/", "https://[::ffff:168.63.129.16]/",
    "https://[2002:a00:1::1]/", "https://[2001:db8::1]/", "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
]  # fmt: skip
MALFORMED = [
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https://", "https:///x",
    "https://user@example.com/", "https://user:secret@example.com/", "https://example.com:0/", "https://example.com:99999/",
    "https://exa mple.com/", "https://example.com/\r\nHost: inner", "https://example.com\\@127.0.0.1/", "https://exämple.com/",
    "javascript:alert(1)", "//example.com/", "https://[::1/", "https://example.com/" + "x" * 2_000, "",
    "https://a..b/", "https://.example.com/", "https://" + "a" * 64 + ".com/", "https://" + "a." * 130 + "com/",
]  # fmt: skip


def answers(monkeypatch, *found: str) -> list[str]:
    """Have every name resolve to these addresses; the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host, port, **options):
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in found
        ]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_the_table_has_forty_addresses():
    assert len(set(REFUSED)) >= 40


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_public_is_refused(url):
    with pytest.raises(ForbiddenAddressError, match="not public"):
        resolve(url)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_url_for_messages_is_refused_before_its_name_is_looked_up(monkeypatch, url):
    asked = answers(monkeypatch, "93.184.216.34")
    with pytest.raises(ForbiddenAddressError, match="Remedy"):
        resolve(url)
    assert asked == []


def test_a_name_that_leads_to_a_private_address_among_others_is_refused(monkeypatch):
    answers(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(ForbiddenAddressError):
        resolve("https://rebound.example/")


def test_a_public_name_is_pinned_to_what_it_resolved_to(monkeypatch):
    asked = answers(monkeypatch, "93.184.216.34")
    found = resolve("https://hooks.example:8443/in?x=1#part")
    assert (found.address, found.host, found.port, found.path, found.authority) == (
        "93.184.216.34", "hooks.example", 8443, "/in?x=1", "hooks.example:8443",
    )  # fmt: skip
    assert asked == ["hooks.example"]


def test_a_name_that_cannot_be_looked_up_is_refused(monkeypatch):
    def getaddrinfo(host, port, **options):
        raise UnicodeError("label too long")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(ForbiddenAddressError, match="looked up"):
        resolve("https://xn--.example/")


def test_a_name_may_end_in_a_dot(monkeypatch):
    answers(monkeypatch, "93.184.216.34")
    assert resolve("https://" + "a" * 63 + ".example./").address == "93.184.216.34"


def test_the_operator_may_name_networks_and_no_other_is_opened(settings):
    settings.ENGAGE_DELIVERY_NETWORKS = ["10.1.0.0/16"]
    assert resolve("https://10.1.2.3/").address == "10.1.2.3"
    assert resolve("https://[::ffff:10.1.2.3]/")
    with pytest.raises(ForbiddenAddressError):
        resolve("https://10.2.0.1/")
