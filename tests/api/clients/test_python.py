"""gql, sgqlc and ariadne-codegen with types of the running server's schema: `make python-clients`."""

import json
import shutil
from pathlib import Path

import pytest

from tests.api.clients.served import Served, require_installed, run, run_json, serve

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[2] / ".venv-clients"
BIN = ENVIRONMENT / "bin"
ARIADNE = """
[tool.ariadne-codegen]
remote_schema_url = "{url}"
remote_schema_headers = {{ "Authorization" = "Bearer {key}" }}
queries_path = "accounts.graphql"
target_package_name = "engage_client"

[tool.ariadne-codegen.scalars.Date]
type = "datetime.date"

[tool.ariadne-codegen.scalars.DateTime]
type = "datetime.datetime"

[tool.ariadne-codegen.scalars.Decimal]
type = "decimal.Decimal"
"""


@pytest.fixture
def both(committed_tenants, live_server) -> tuple[Served, Served]:
    require_installed(BIN / "ariadne-codegen", by="python-clients")
    acme, globex = (serve(tenant, live_server) for tenant in committed_tenants)
    return acme, globex


def told(answer: dict) -> tuple[str, list[dict]]:
    """What a client's answer says, in the words of ``Served.accounts``."""
    rows = []
    for edge in answer["accounts"]["edges"]:
        node, score = edge["node"], edge["node"]["nps"]["score"]
        rows.append(
            {
                "externalId": node["externalId"],
                "stage": node["stage"],
                "value": score and score["value"],
                "promoters": score and score["promoters"],
                "year": score and score["day"][:4],
            }
        )
    return answer["tenant"]["name"], rows


def test_gql_reads_by_each_of_its_transports_and_by_get(both):
    for served in both:
        answers = run_json(BIN / "python", HERE / "ask_gql.py", served.url, served.key, cwd=HERE)
        assert len(answers) == 5
        for transport, answer in answers.items():
            assert told(answer) == (served.tenant.slug, served.accounts), transport


def test_sgqlc_builds_queries_from_classes_that_it_made_of_the_schema(both, tmp_path):
    acme, globex = both
    introspected = run(
        BIN / "python", "-m", "sgqlc.introspection", "--exclude-deprecated", "-H", f"Authorization: Bearer {acme.key}",
        acme.url, cwd=tmp_path,
    )  # fmt: skip
    (tmp_path / "schema.json").write_text(introspected)
    run(BIN / "sgqlc-codegen", "schema", "schema.json", "engage_schema.py", cwd=tmp_path)
    shutil.copy(HERE / "ask_sgqlc.py", tmp_path)
    for served in (acme, globex):
        answers = run_json(BIN / "python", "ask_sgqlc.py", served.url, served.key, cwd=tmp_path)
        assert answers.keys() == {"HTTPEndpoint", "RequestsEndpoint"}
        for endpoint, answer in answers.items():
            assert answer.pop("years") == [2026], endpoint
            assert told(answer) == (served.tenant.slug, served.accounts), endpoint


def test_ariadne_codegen_makes_a_client_with_models(both, tmp_path):
    acme, globex = both
    (tmp_path / "pyproject.toml").write_text(ARIADNE.format(url=acme.url, key=acme.key))
    for name in ("accounts.graphql", "ask_ariadne.py"):
        shutil.copy(HERE / name, tmp_path)
    run(BIN / "ariadne-codegen", cwd=tmp_path)
    for served in (acme, globex):
        answer = run_json(BIN / "python", "ask_ariadne.py", served.url, served.key, cwd=tmp_path)
        assert told(json.loads(json.dumps(answer["answer"]))) == (served.tenant.slug, served.accounts)
        assert (answer["stages"], answer["years"]) == (["CUSTOMER"] * 4, [2026])
