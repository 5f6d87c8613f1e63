"""Requests that hostile clients send to a GraphQL server, and what each must be answered with.

The suite sends them all; ``python -m tests.bench limits`` measures how long each takes to be refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

GRAPHQL: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Attack:
    """A request with a good key, and the status and code that refuse it. ``code`` None: answered, since it is cheap."""

    body: bytes
    status: int = 200
    code: str | None = "LIMIT_EXCEEDED"
    method: str = "POST"
    content_type: str = GRAPHQL
    path: str = "/graphql"
    headers: Mapping[str, str] = field(default_factory=dict)


def query(text: str, code: str | None = "LIMIT_EXCEEDED", **variables: Any) -> Attack:
    """A query in a well-formed request."""
    status = 413 if len(text) > 32_768 else 200
    return Attack(json.dumps({"query": text, "variables": variables}).encode(), status=status, code=code)


def doubling(levels: int, leaf: str, on: str = "Tenant", root: str = "tenant") -> str:
    """Fragments that spread the next one twice: 2**levels paths to the leaf."""
    spreads = [f"fragment F{n} on {on} {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return f"{{ {root} {{ ...F0 }} }} {' '.join(spreads)} fragment F{levels} on {on} {{ {leaf} }}"


def within(field: str, count: int) -> str:
    """The same selection many times within one object."""
    return "{ tenant { " + " ".join([field] * count) + " } }"


def aliases(count: int, *, at_root: bool = False) -> str:
    """The same field under many names."""
    if at_root:
        return "{" + " ".join(f"a{n}: tenant {{ slug }}" for n in range(count)) + "}"
    return "{ tenant { " + " ".join(f"a{n}: slug" for n in range(count)) + " } }"


def introspection(levels: int) -> str:
    """A look into the schema that goes round in circles."""
    return (
        "{ __schema { types " + "{ fields { type { ofType " * levels + "{ name }" + "} } }" * levels + " } }"
    )


ACCOUNT: Final = 'account(externalId: "x")'
INVALID: Final = "GRAPHQL_VALIDATION_FAILED"
PARSE: Final = "GRAPHQL_PARSE_FAILED"
INPUT: Final = "BAD_USER_INPUT"
GOOD: Final = json.dumps({"query": "{ tenant { slug } }"}).encode()

ATTACKS: Final[Mapping[str, Attack]] = {
    **{f"{n} aliases": query(aliases(n)) for n in (31, 100, 1_000)},
    "10,000 aliases": query(aliases(10_000)),
    "3,000 aliased root fields": query(aliases(3_000, at_root=True)),
    "300 aliases behind fragments": query(doubling(9, "x: slug")),
    **{f"{n} directives": query(within("slug" + " @nothing" * n, 1), INVALID) for n in (10, 100, 400)},
    **{
        f"{n} times the same directive": query(within("slug" + " @skip(if: false)" * n, 1), INVALID)
        for n in (10, 40, 140)
    },
    "10,000 directives": query(within("slug" + " @nothing" * 10_000, 1)),
    **{f"the same field {n} times": query(within("slug", n)) for n in (26, 101, 300, 900, 10_000)},
    "the same field in 240 fragments": query(
        within("... { slug }", 240)
    ),
    "the same object 240 times": query("{" + "tenant { slug } " * 240 + "}"),
    **{
        f"fragments doubled {n} times, behind a list": query(
            doubling(n, "children(first: 9) { edges { node { id } } }", "Account", ACCOUNT)
        )
        for n in range(10, 41, 10)
    },
    **{
        f"fragments doubled {n} times, aliased": query(doubling(n, "x: slug")) for n in range(10, 41, 10)
    },
    **{f"fragments doubled {n} times": query(doubling(n, "slug")) for n in range(10, 41, 10)},
    "500 conflicting fields": query(
        "{ tenant { " + " ".join(f"x: {name}" for name in ("slug", "name") * 250) + " } }"
    ),
    "100 conflicting arguments": query(
        "{ " + " ".join(f'account(externalId: "{n}") {{ id }}' for n in range(100)) + " }"
    ),
    "fragments that conflict with each other": query(
        "{ tenant { " + " ".join(f"...F{n}" for n in range(100)) + " } } "
        + " ".join(f"fragment F{n} on Tenant {{ {'slug' if n % 2 else 'slug: name'} }}" for n in range(100))
    ),
    "fragments in a circle": query(
        "{ tenant { ...A } } fragment A on Tenant { ...B } fragment B on Tenant { ...A }", INVALID
    ),
    "a fragment that spreads itself": query("{ tenant { ...A } } fragment A on Tenant { slug ...A }", INVALID),
    "100 fragments nobody uses": query(
        "{ tenant { slug } } " + " ".join(f"fragment F{n} on Tenant {{ slug }}" for n in range(100)), INVALID
    ),
    **{f"introspection of {n} levels": query(introspection(n)) for n in (5, 10, 40)},
    "introspection in circles": query(
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", INVALID
    ),
    "depth 1,000": query("{ " + ACCOUNT + " { parent " * 1_000 + "{ id }" + " }" * 1_000 + "}"),
    "10,000 open braces": query("{" * 10_000, PARSE),
    "lists of 2,000 levels": query('{ account(externalId: ' + "[" * 2_000 + "]" * 2_000 + ") { id } }"),
    "a page of less than nothing beside a page of pages": query(
        "{ none: " + ACCOUNT + " { children(first: -999999999) { edges { node { children(first: 100) { totalCount } } } } }"
        " accounts(first: 100) { edges { node { children(first: 100) { edges { node { id } } } } } } }"
    ),
    "a variable of less than nothing beside a page of pages": query(
        "query ($n: Int!) { none: " + ACCOUNT + " { children(first: $n) {"
        " edges { node { children(first: 100) { totalCount } } } } }"
        " accounts(first: 100) { edges { node { children(first: 100) { edges { node { id } } } } } } }", n=-999_999_999
    ),
    "a page of pages": query("{ accounts(first: 100) { edges { node { children(first: 100) { totalCount } } } } }"),
    "a page of a number with 300 digits": query("{ accounts(first: " + "9" * 300 + ") { totalCount } }"),
    "200 variables nobody uses": query(
        "query (" + " ".join(f"$v{n}: Int" for n in range(200)) + ") { tenant { slug } }", INVALID
    ),
    "5,000 variables": query(
        "query (" + " ".join(f"$v{n}: Int" for n in range(5_000)) + ") { tenant { slug } }"
    ),
    # Fewer than Python's stack may have, however deep that is already: what is said of more depends on who calls.
    "a variable with 600 levels": query(
        "query ($x: ID!) { account(externalId: $x) { id } }", INPUT, x=json.loads("[" * 600 + "]" * 600)
    ),
    "15,000 values nobody asked for": query(
        "query ($x: ID!) { account(externalId: $x) { id } }", INPUT, x=list(range(15_000))
    ),
    "a page size of 90,000 digits": Attack(
        b'{"query": "query ($n: Int!) { accounts(first: $n) { totalCount } }", "variables": {"n": '
        + b"9" * 90_000 + b"}}",
        status=400, code=INPUT,
    ),
    "deep JSON": Attack(b'{"query": "{ tenant { slug } }", "variables": ' + b"[" * 50_000, 400, INPUT),
    "a body of 5 MB": Attack(b'{"query": "' + b"x" * 5_000_000 + b'"}', 413),
    "a comment of 90 kB": query("#" + "x" * 90_000 + "\n{ tenant { slug } }"),
    "a comment of 30 kB": query("#" + "x" * 30_000 + "\n{ tenant { slug } }", None),
    "a text of 90 kB": query(f'{{ account(externalId: "{"x" * 90_000}") {{ id }} }}'),
    "a text of 30 kB": query(f'{{ account(externalId: "{"x" * 30_000}") {{ id }} }}', None),
    "20,000 quotation marks": query("{ " + '"' * 20_000 + " }", PARSE),
    "a name of NUL": query("{ tenant { sl\0ug } }", PARSE),
    "a name in other letters": query("{ tenant { ѕlug } }", PARSE),
    "half a surrogate pair": query("{ tenant { sl\ud800ug } }", PARSE),
    "text that runs from right to left": query("{ tenant { \u202eslug } }", PARSE),
    "NUL in a value": query('{ account(externalId: "a\\u0000b") { id } }', INPUT),
    "SQL in a value": query('{ account(externalId: "x\'; DROP TABLE customers_account; --") { id } }', None),
    "SQL in a search": query('{ accounts(first: 1, where: { search: "%\' OR 1=1 --" }) { totalCount } }', None),
    "a subscription": query("subscription { tenant { slug } }", INPUT),
    "a list of queries": Attack(b"[" + b",".join([GOOD] * 100) + b"]", 400, INPUT),
    "a form": Attack(b"query=%7Btenant%7Bslug%7D%7D", 415, INPUT, content_type=FORM),
    "a form with a mutation": Attack(b"query=mutation+%7Bx%7D", 415, INPUT, content_type=FORM),
    "a form of several parts": Attack(b"--b--", 415, INPUT, content_type="multipart/form-data; boundary=b"),
    "plain text": Attack(GOOD, 415, INPUT, content_type="text/plain"),
    "no query in the address": Attack(b"", 400, INPUT, "GET", path="/graphql?qwery=%7Btenant%7Bslug%7D%7D"),
    "a mutation in the address": Attack(
        b"",
        405,
        INPUT,
        "GET",
        path="/graphql?query=mutation%20%7BsuppressPerson(input%3A%7Bperson%3A%22x%22%7D)%7BdryRun%7D%7D",
    ),
    "a body that is no JSON": Attack(b"{'query': x}", 400, INPUT),
    "bytes that are no UTF-8": Attack(b'{"query": "\xff\xfe"}', 400, INPUT),
    "another host": Attack(GOOD, 403, "FORBIDDEN", headers={"host": "globex.localhost"}),
    "another host by way of a proxy's header": Attack(
        GOOD, 200, None, headers={"x-forwarded-host": "globex.localhost", "x-tenant": "globex"}
    ),
}  # fmt: skip
