"""A worker whose queue failed begins again, and does not wait for ever for a job that cannot end."""

import asyncio

import pytest

from engage_server.engine import worker


class ProcessEndedError(Exception):
    """Instead of the end of the process."""


def end(monkeypatch: pytest.MonkeyPatch, *, after_s: float) -> None:
    """Work that takes so long to end once it is told to, of a queue that failed."""

    def leave(code: int) -> None:
        raise ProcessEndedError(code)

    async def job() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(after_s)

    async def session() -> None:
        work = asyncio.create_task(job())
        await asyncio.sleep(0)
        work.cancel()
        await worker._end(work, within_s=0.2)

    monkeypatch.setattr(worker.os, "_exit", leave)
    asyncio.run(session())


def test_a_job_that_does_not_end_after_its_queue_failed_takes_the_process_along(monkeypatch, caplog):
    with pytest.raises(ProcessEndedError, match="1"):
        end(monkeypatch, after_s=1.0)
    assert "did not end within 0.2 s" in caplog.text


def test_one_that_ends_is_waited_for(monkeypatch):
    end(monkeypatch, after_s=0.01)
