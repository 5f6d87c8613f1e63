"""A key that is revoked stops opening in every process, and one that is rotated costs no request."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal

from django.db import connections
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import create_key, revoke_key, rotate_key
from engage_server.tenancy.scope import tenant_scope
from tests.end_to_end.processes import ROOT, environment

FELT_WITHIN_S = 5.0
HOUR = timedelta(hours=1)


def watching(secret: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.end_to_end.key_watcher"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(secret + "\n")
    process.stdin.flush()
    return process


def test_two_other_processes_refuse_a_revoked_key_and_its_token_within_five_seconds(committed_tenants):
    tenant = committed_tenants[0]
    key = create_key(tenant, ApiKey.Kind.ADMIN)
    public_id = key.split("_")[3]
    token = issue_token(tenant, public_id, account_id=1, lifetime=HOUR).text
    processes = [watching(key), watching(token)]
    assert [process.stdout.readline() for process in processes] == ["open\n"] * 2
    revoked_at = time.time()
    assert revoke_key(tenant, public_id)
    refused_at = [float(process.communicate(timeout=60)[0]) for process in processes]
    assert max(refused_at) - revoked_at < FELT_WITHIN_S


def test_keys_rotated_under_load_cost_no_request(committed_tenants):
    tenant = committed_tenants[0]
    in_use = [create_key(tenant, ApiKey.Kind.INGEST)]
    stop = Signal()

    def send(worker: int) -> list[int]:
        statuses = []
        try:
            while not stop.is_set():
                call = {
                    "type": "track",
                    "event": "E",
                    "userId": "u",
                    "messageId": f"{worker}-{len(statuses)}",
                }
                headers = {"Authorization": f"Bearer {in_use[-1]}"}
                body = json.dumps({"batch": [call]})
                sent = Client().post("/v1/batch", body, content_type="application/json", headers=headers)
                statuses.append(sent.status_code)
        finally:
            connections.close_all()
        return statuses

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(send, worker) for worker in range(4)]
        for _ in range(6):
            time.sleep(0.3)
            in_use.append(rotate_key(tenant, in_use[-1].split("_")[3], overlap=HOUR).text)
        time.sleep(0.3)
        stop.set()
        statuses = [status for worker in workers for status in worker.result()]
    assert len(statuses) > 20
    assert set(statuses) == {200}
    with tenant_scope(tenant):
        assert Event.objects.count() == len(statuses)
