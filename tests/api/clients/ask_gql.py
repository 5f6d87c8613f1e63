"""python ask_gql.py URL KEY: gql with the schema that the server tells, by requests (POST and GET), httpx and aiohttp."""

import asyncio
import json
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport
from gql.transport.requests import RequestsHTTPTransport

URL, KEY = sys.argv[1:]
WITH = {"url": URL, "headers": {"Authorization": f"Bearer {KEY}"}}
QUERY = """
    query Accounts($first: Int!) {
        tenant { name }
        accounts(first: $first) {
            edges { node { externalId stage nps { score { day value promoters status } } } }
        }
    }
"""


def request():
    asked = gql(QUERY)
    asked.variable_values = {"first": 4}
    return asked


def plainly(transport) -> dict:
    # The document is checked against the schema, and the answer is read by its types.
    with Client(transport=transport, fetch_schema_from_transport=True, parse_results=True) as session:
        return session.execute(request())


def by_get() -> dict:
    # gql puts the query into the body of a GET, too, where HTTP gives it no meaning: it belongs into the address.
    with Client(transport=RequestsHTTPTransport(**WITH, method="GET")) as session:
        params = {"query": QUERY, "variables": json.dumps({"first": 4})}
        return session.execute(request(), extra_args={"params": params})


async def awaited(transport) -> dict:
    async with Client(transport=transport, fetch_schema_from_transport=True, parse_results=True) as session:
        return await session.execute(request())


answers = {
    "requests": plainly(RequestsHTTPTransport(**WITH)),
    "requests by GET": by_get(),
    "httpx": plainly(HTTPXTransport(**WITH)),
    "httpx, async": asyncio.run(awaited(HTTPXAsyncTransport(**WITH))),
    "aiohttp": asyncio.run(awaited(AIOHTTPTransport(**WITH))),
}
json.dump(answers, sys.stdout)
