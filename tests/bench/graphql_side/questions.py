"""How a server is asked, and whether what it says is right."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.bench.graphql_side.client import ask, data_of
from tests.bench.graphql_side.servers import Server

Read = Callable[[Sequence[Any]], Any]


@dataclass(slots=True)
class Question:
    """One server's way of asking.

    Args:
        documents: sent one after the other; together they are the question.
        expected: what the answers must say.
        read: brings the answers' data into the form of ``expected``.
    """

    documents: Sequence[Mapping[str, Any]]
    expected: Any
    read: Read = lambda answers: answers[0]
    answers: list[bytes] = field(default_factory=list)

    def requests(self, server: Server) -> list[bytes]:
        """What is sent."""
        return [server.post(document) for document in self.documents]

    def require_right(self, server: Server) -> str | None:
        """Keep the answers for comparison. Returns why the server cannot be asked this, if so.

        Raises:
            AssertionError: it says anything else than what was stored.
        """
        responses = [ask(server.port, request) for request in self.requests(server)]
        wrong = next((response for response in responses if response.status != 200), None)
        if wrong is not None:
            raise AssertionError(f"Status {wrong.status}: {wrong.body[:1000]!r}")
        bodies = [response.body for response in responses]
        found = [json.loads(body).get("data") for body in bodies]
        if None in found:
            raise AssertionError(f"No answer: {bodies[found.index(None)][:1000]!r}")
        if (read := self.read(found)) != self.expected:
            raise AssertionError(
                f"{json.dumps(read)[:1000]} is not the answer {json.dumps(self.expected)[:1000]}"
            )
        self.answers = [data_of(body) for body in bodies]
        return None


@dataclass(slots=True)
class Pages(Question):
    """Asks for page after page; at first also where the next one begins."""

    ending: Mapping[str, Any] = field(default_factory=dict)  # the first document, with ``pageInfo``

    def require_right(self, server: Server) -> str | None:
        """As the parent's, once the pages are known."""
        documents, after = [], None
        while True:
            variables = {**self.ending["variables"], "after": after}
            documents.append({**self.documents[0], "variables": variables})
            found = json.loads(ask(server.port, server.post({**self.ending, "variables": variables})).body)
            if "errors" in found:
                raise AssertionError(found["errors"])
            (page,) = found["data"].values()
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        self.documents = documents
        return Question.require_right(self, server)


@dataclass(slots=True)
class NotModified(Question):
    """Asks by GET for what the client has already."""

    etag: str = ""

    def requests(self, server: Server) -> list[bytes]:
        """The query in the address, and the tag of the answer that the client has."""
        target = f"/graphql?{urlencode({'query': self.documents[0]['query']})}"
        return [server.get(target, {"Accept": "application/json", "If-None-Match": self.etag or '"none"'})]

    def require_right(self, server: Server) -> str | None:
        """Learn the tag; say so where the server gives none."""
        self.etag = ask(server.port, self.requests(server)[0]).headers.get("etag", self.etag)
        if not self.etag:
            return "gives no ETag, so nothing is ever known not to be modified."
        again = ask(server.port, self.requests(server)[0])
        if again.status != 304 or again.body:
            raise AssertionError(f"Status {again.status} instead of 304 for what the client has.")
        self.answers = [b""]
        return None
