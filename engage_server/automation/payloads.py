"""What a webhook gets of a message: our own form, or one in which a tool of sales or marketing takes its customers.

A message's body is made of what the outbox keeps and of nothing else: the same bytes in every attempt. A channel's shape
therefore never changes.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from engage_server.automation.exceptions import FailedAttemptError, RefusedForeverError
from engage_server.automation.messages import Message
from engage_server.automation.outgoing_http import Answer

LONGEST_FIELD: Final = 500
PARTLY: Final = 207
UNAUTHORISED: Final = 401
# The whole request, or the one record of it, was not taken.
NOT_TAKEN: Final = re.compile(r'"success"\s*:\s*false|"status"\s*:\s*"skipped"')
TOKEN_OVER: Final = re.compile(r'"code"\s*:\s*"60[12]"')


class PayloadShape(StrEnum):
    """STANDARD is our own; FLAT one object of plain fields; the others are of the tools whose names they bear."""

    STANDARD = "STANDARD"
    FLAT = "FLAT"
    HUBSPOT = "HUBSPOT"
    MARKETO = "MARKETO"
    AUTOPILOT = "AUTOPILOT"


def body_of(shape: PayloadShape, message: Message, *, key: UUID, written_at: datetime) -> bytes:
    """The body of a message in a shape.

    Raises:
        RefusedForeverError: the tool takes contacts and companies alone, and the message is about neither.
    """
    whole = SHAPES[shape](message, key, written_at)
    return json.dumps(whole, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode()


def credential_header(shape: PayloadShape, credential: str) -> dict[str, str]:
    """The header by which a receiver knows whom it may let in; none where the channel has no credential."""
    if not credential:
        return {}
    if shape is PayloadShape.AUTOPILOT:
        return {"autopilotapikey": credential}
    return {"authorization": f"Bearer {credential}"}


def require_taken(shape: PayloadShape, answer: Answer) -> None:
    """Go on where the tool took what it was sent; some answer 200 to what they did not.

    Raises:
        FailedAttemptError: it did not.
    """
    if shape is PayloadShape.HUBSPOT and answer.status == PARTLY:
        raise FailedAttemptError(f"{answer.status} {answer.text}")
    # Of an answer that is cut, or none of JSON, nothing of this kind is known.
    if shape is PayloadShape.MARKETO and NOT_TAKEN.search(answer.text):
        raise FailedAttemptError(f"{answer.status} {answer.text}")


def is_token_over(answer: Answer) -> bool:
    """Whether the receiver says that the bearer token has ended, or is none: by its status, or by Marketo's codes."""
    return answer.status == UNAUTHORISED or TOKEN_OVER.search(answer.text) is not None


def _standard(message: Message, key: UUID, written_at: datetime) -> Mapping[str, Any]:
    return {"type": message.type, "timestamp": written_at.isoformat(), "data": message.data}


def _flat(message: Message, key: UUID, written_at: datetime) -> Mapping[str, Any]:
    evidence = {f"evidence_{name}": value for name, value in message.data.get("evidence", {}).items()}
    subject = message.data.get("subject", {})
    told = {
        f"subject_{name}": subject.get(name) for name in ("kind", "externalId", "name") if name in subject
    }
    return {
        "id": str(key), "type": message.type, "timestamp": written_at.isoformat(), "title": message.subject,
        **_facts(message), **told, **evidence,
    }  # fmt: skip


def _hubspot(message: Message, key: UUID, written_at: datetime) -> Mapping[str, Any]:
    """A batch upsert of the CRM API (v3), of contacts or companies by the property ``engage_id``."""
    subject = _subject_of(message, PayloadShape.HUBSPOT)
    properties = {f"engage_{name}": value for name, value in _facts(message).items()}
    properties["engage_told_at"] = written_at.isoformat()
    return {
        "inputs": [{"idProperty": "engage_id", "id": subject["externalId"], "properties": properties}],
    }


def _marketo(message: Message, key: UUID, written_at: datetime) -> Mapping[str, Any]:
    """Sync Companies, or Sync Leads by the field ``engageId``."""
    subject = _subject_of(message, PayloadShape.MARKETO)
    facts = {f"engage{name.title().replace('_', '')}": value for name, value in _facts(message).items()}
    if subject["kind"] == "account":
        company = {"externalCompanyId": subject["externalId"], **facts}
        if subject.get("name"):
            company["company"] = subject["name"]
        return {"action": "createOrUpdate", "dedupeBy": "dedupeFields", "input": [company]}
    lead = {"engageId": subject["externalId"], **facts}
    return {"action": "createOrUpdate", "lookupField": "engageId", "input": [lead]}


def _autopilot(message: Message, key: UUID, written_at: datetime) -> Mapping[str, Any]:
    """A contact with fields of its own, by its address where the user id is one."""
    subject = _subject_of(message, PayloadShape.AUTOPILOT)
    custom = {
        f"string--Engage--{name.title().replace('_', '--')}": value for name, value in _facts(message).items()
    }
    contact: dict[str, Any] = {"custom": {"string--Engage--Id": subject["externalId"], **custom}}
    if "@" in subject["externalId"]:
        contact["Email"] = subject["externalId"]
    return {"contact": contact}


def _facts(message: Message) -> dict[str, str]:
    """What tools of this kind keep of a message: short texts, by names of ours."""
    data = message.data
    told = {
        "kind": data.get("kind", ""),
        "rule": data.get("rule", {}).get("name", "") if isinstance(data.get("rule"), Mapping) else "",
        "playbook": data.get("playbook", {}).get("name", ""),
        "raised_on": data.get("raisedOn", ""),
        "text": message.text,
    }
    return {name: str(value)[:LONGEST_FIELD] for name, value in told.items() if value}


def _subject_of(message: Message, shape: PayloadShape) -> Mapping[str, Any]:
    subject: Mapping[str, Any] = message.data.get("subject", {})
    if subject.get("kind") not in {"account", "person"} or not subject.get("externalId"):
        raise RefusedForeverError(
            f"not sent: a channel of the shape {shape.value} takes messages about an account or a person that your "
            "systems name, and this one is about neither"
        )
    return subject


SHAPES: Final[Mapping[PayloadShape, Callable[[Message, UUID, datetime], Mapping[str, Any]]]] = {
    PayloadShape.STANDARD: _standard,
    PayloadShape.FLAT: _flat,
    PayloadShape.HUBSPOT: _hubspot,
    PayloadShape.MARKETO: _marketo,
    PayloadShape.AUTOPILOT: _autopilot,
}
