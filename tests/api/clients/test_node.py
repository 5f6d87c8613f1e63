"""Apollo, urql, graphql-request and Relay with generated types against a live server: `make node-clients`."""

import shutil
from pathlib import Path

import pytest

from tests.api.clients.served import Served, require_installed, run, run_json, serve

FOLDER = Path(__file__).parent.parent / "node"
BIN = FOLDER / "node_modules" / ".bin"
NODE = shutil.which("node") or "node"
CLIENTS = (
    "urql",
    "apollo",
    "apollo with persisted queries",
    "apollo with persisted queries by GET",
    "graphql-request",
)


@pytest.fixture
def both(committed_tenants, live_server) -> tuple[Served, Served]:
    require_installed(BIN / "relay-compiler", by="node-clients")
    acme, globex = (serve(tenant, live_server) for tenant in committed_tenants)
    run(NODE, "generate.mjs", acme.url, acme.key, cwd=FOLDER)
    return acme, globex


def test_clients_with_types_of_graphql_codegen_read_pages_of_their_own_tenant(both):
    run(NODE, BIN / "tsc", "--project", "typed", cwd=FOLDER)
    for client in CLIENTS:
        for served in both:
            told = run_json(NODE, "generated/js/typed/read.js", client, served.url, served.key, cwd=FOLDER)
            assert told["tenant"] == served.tenant.slug, client
            assert told["accounts"] == served.accounts, client
            assert (told["hasMore"], told["cached"]) == (True, True), client


def test_relay_compiles_pages_refetches_and_keeps_every_record_apart(both):
    run(NODE, BIN / "relay-compiler", "relay.config.json", cwd=FOLDER / "relay")
    for served in both:
        told = run_json(NODE, "relay/read.mjs", served.url, served.key, cwd=FOLDER)
        slug = served.tenant.slug
        names = [f"{slug} {n}".title() for n in range(5)]
        values = [None, 10, 20, 30, 40]
        assert told["pages"] == [2, 4, 5]
        assert [(one["name"], one["value"]) for one in told["accounts"]] == [*zip(names, values, strict=True)]
        assert (told["account"], told["goal"]) == (names[0], f"Goal of {slug}")
        assert told["plugins"] >= 5
        assert len(set(told["bundles"])) == len(told["bundles"]) >= 2
        assert told["warnings"] == []
