"""What the server refuses to somebody at the dashboard is said in Korean: its catalogue has each such sentence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import engage_server
from engage_server.plugin_host.exceptions import InvalidConfigurationError
from engage_server.sdk.catalogues import catalogues_beside, fitting

HANGUL: Final = re.compile("[가-힣]")
ROOT: Final = Path(engage_server.__file__).parent
LABELS: Final = catalogues_beside("engage_server.plugin_host")["ko"].labels
# What is wrong with a field stands behind its name.
FIELD: Final = "{}: "
WHOLE: Final = LABELS.keys() | {text.removeprefix(FIELD) for text in LABELS}
VARIES: Final = re.compile(r"\{\w*\}|%[rs]")
# What answers to the dashboard's forms, filters and addresses, and what any request of a page may be told.
HEARD: Final = tuple(
    f"operations/{name}"
    for name in (
        "bundle_files", "bundles", "channels", "event_dictionary", "goals", "keys", "members", "playbooks", "plugins",
        "reports", "rules", "segments", "shares", "surveys", "tasks", "writes",
    )
) + tuple(
    f"automation/{name}"
    for name in (
        "addressees", "addresses", "audience", "bearer_tokens", "mail", "mail_links", "messages", "outbox", "presets",
        "replay", "rules", "senders", "signals", "tasks", "templates",
    )
) + tuple(
    f"api/types/{name}"
    for name in (
        "account_pages", "changes", "channels", "compute_input", "goals", "keys", "pages", "playbooks", "plugin_settings",
        "reports", "rules", "segments", "shares", "signals", "subjects", "surveys", "tasks",
    )
) + (
    "access/key_rules", "access/principal", "access/rate_limiter", "api/context", "api/deadline", "api/errors",
    "activity/event_name_lint", "api/limits", "api/permissions", "definitions/store", "metrics/series",
    "plugin_host/activation", "plugin_host/registry", "plugin_host/sealing", "privacy/requests", "segments/catalogue",
    "segments/conditions", "segments/groups",
)  # fmt: skip


@pytest.mark.parametrize("module", HEARD)
def test_what_is_refused_at_the_dashboard_is_said_in_korean(module: str) -> None:
    lacking = [one for one in refusals(module) if not any(says(text, one) for text in WHOLE)]
    assert lacking == [], "Remedy: write it into engage_server/plugin_host/ko.json."


def test_no_refusal_stands_in_the_catalogue_that_nothing_says() -> None:
    said = {one for path in ROOT.rglob("*.py") for one in sentences(path)}
    kept = [text for text in LABELS if "Remedy: " in text]
    unsaid = [text for text in kept if not any(says(text, one) for one in said)]
    assert [text for text in unsaid if not any(says(text.removeprefix(FIELD), one) for one in said)] == []


def test_korean_refusals_are_korean_and_have_what_varies_in_the_same_order() -> None:
    refused = {text: korean for text, korean in LABELS.items() if "Remedy: " in text}
    assert [text for text, korean in refused.items() if not HANGUL.search(korean) or "Remedy" in korean] == []
    assert [text for text, korean in refused.items() if text.count("{}") != korean.count("{}")] == []


class Wanted(BaseModel):
    """Fields as definitions and configurations have them."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(ge=1, le=30)
    share: float = Field(gt=0, lt=1, allow_inf_nan=False)
    name: str = Field(min_length=2, max_length=3, pattern="^[a-z]+$")


@pytest.mark.parametrize(
    "given",
    [{"days": 0}, {"days": 31}, {"days": "a"}, {"days": 1, "other": 1}, {"share": 0}, {"share": 1}, {"share": "a"},
     {"share": float("inf")}, {"name": ""}, {"name": "abcd"}, {"name": "A1"}, {"name": 1}, {}],
)  # fmt: skip
def test_what_is_wrong_with_a_field_is_said_in_korean(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as raised:
        Wanted(**given)  # type: ignore[arg-type]
    problems = {f"{one['loc'][0]}: {one['msg']}" for one in raised.value.errors()}
    assert [one for one in problems if not any(says(text, one) for text in LABELS)] == []
    refused = str(InvalidConfigurationError("nps", {"days": "Field required"}))
    assert any(says(text, refused) for text in LABELS if text.startswith("The configuration of"))


def says(text: str, sentence: str) -> bool:
    """Whether the catalogue's text is about such a sentence, as the dashboard reads it."""
    return fitting(text, sentence) is not None


def refusals(module: str) -> Iterator[str]:
    """Sentences of a module that name a remedy; parts of longer ones are judged with the whole."""
    yield from (one for one in sentences(ROOT / f"{module}.py") if not one.startswith((".", " ")))


def sentences(path: Path) -> Iterator[str]:
    yield from (one for one in texts(ast.parse(path.read_text())) if "Remedy: " in one)


def texts(node: ast.AST) -> Iterator[str]:
    """All texts of the code, with {} for what is put in; those that are added up are one."""
    if (whole := joined(node)) is not None:
        yield whole
        return
    for child in ast.iter_child_nodes(node):
        yield from texts(child)


def joined(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return VARIES.sub("{}", text)
        case ast.JoinedStr():
            return "".join(joined(part) or "{}" for part in node.values)
        case ast.BinOp(op=ast.Add()):
            parts = [joined(part) for part in (node.left, node.right)]
            return "".join(part or "{}" for part in parts) if any(parts) else None
    return None
