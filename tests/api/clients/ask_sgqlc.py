"""python ask_sgqlc.py URL KEY: a query built from the classes that sgqlc-codegen made, ``engage_schema`` in this folder."""

import json
import sys

from engage_schema import engage_schema as schema
from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.endpoint.requests import RequestsEndpoint
from sgqlc.operation import Operation

URL, KEY = sys.argv[1:]
HEADERS = {"Authorization": f"Bearer {KEY}"}

operation = Operation(schema.Query)
operation.tenant.name()
accounts = operation.accounts(first=4)
node = accounts.edges.node
node.external_id()
node.stage()
score = node.nps.score
score.day()
score.value()
score.promoters()
score.status()

answers = {}
for endpoint in (HTTPEndpoint(URL, HEADERS), RequestsEndpoint(URL, HEADERS)):
    raw = endpoint(operation)
    read = operation + raw
    assert [edge.node.external_id for edge in read.accounts.edges], raw
    # sgqlc reads a Date as the day that it is, so that the types of the answer are shown here, too.
    years = {edge.node.nps.score.day.year for edge in read.accounts.edges if edge.node.nps.score}
    answers[type(endpoint).__name__] = {**raw["data"], "years": sorted(years)}
json.dump(answers, sys.stdout)
