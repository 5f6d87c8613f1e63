"""python ask_ariadne.py URL KEY: the client ``engage_client`` in this folder, which ariadne-codegen made."""

import asyncio
import json
import sys

from engage_client import Client

URL, KEY = sys.argv[1:]


async def read() -> dict:
    async with Client(url=URL, headers={"Authorization": f"Bearer {KEY}"}) as client:
        answer = await client.accounts(first=4)
    # Each field is a typed attribute: the day is a date, the stage a member of an enumeration.
    return {
        "tenant": {"name": answer.tenant.name},
        "stages": [edge.node.stage.name for edge in answer.accounts.edges],
        "years": sorted(
            {edge.node.nps.score.day.year for edge in answer.accounts.edges if edge.node.nps.score}
        ),
        "answer": answer.model_dump(mode="json", by_alias=True),
    }


json.dump(asyncio.run(read()), sys.stdout)
