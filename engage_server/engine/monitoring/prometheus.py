"""``/metrics`` for Prometheus: the processes' counters, and how the engine stands by the database."""

from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engage_server.engine import breaker, clock_checks
from engage_server.engine.connections import RESERVE, read_room
from engage_server.engine.disk import read_disk
from engage_server.engine.monitoring import queries
from engage_server.engine.monitoring.access import may_watch
from engage_server.plugin_host.registry import registry as plugins
from engage_server.telemetry import counters
from engage_server.tenancy import citus


class EngineCollector(Collector):
    """Gauges read from the shared tables at each scrape; ``engage_database_up`` alone where they do not answer."""

    def collect(self) -> Iterator[Metric]:
        """Ask the database; nothing is yielded before everything was answered."""
        try:
            gauges = [*self._from_database()]
        except queries.UNAVAILABLE:
            gauges = []
        yield GaugeMetricFamily("engage_database_up", "1 where the database answers.", value=bool(gauges))
        yield GaugeMetricFamily(
            "engage_broken_plugins", "Installed plugins that cannot be used.", value=len(plugins().broken)
        )
        disk = read_disk()
        yield GaugeMetricFamily(
            "engage_disk_free_bytes", "Free on the disk of the data directory.", value=disk.free
        )
        yield GaugeMetricFamily(
            "engage_disk_nearly_full", "1 where less is free than should be.", value=disk.is_nearly_full
        )
        yield from gauges

    def _from_database(self) -> Iterator[Metric]:
        yield _by_label("engage_tenants", "Tenants.", "status", queries.tenants_by_status())
        yield _by_label("engage_queue_jobs", "Jobs in the queue.", "status", queries.queue_depth())
        runs = GaugeMetricFamily(
            "engage_runs",
            "Runs in the ledger: open now, or ended within the last hour.",
            labels=["plugin", "state", "tenant"],
        )
        for count in queries.run_counts(hours=1, by_tenant=settings.ENGAGE_METRICS_BY_TENANT):
            runs.add_metric([count.plugin, count.state, count.tenant], count.runs)
        yield runs
        yield _breakers()
        backlog = queries.backlog()
        yield GaugeMetricFamily("engage_due_runs", "Due and not yet started.", value=backlog.due)
        yield GaugeMetricFamily(
            "engage_oldest_due_run_seconds", "Since the oldest of them was due.", value=backlog.oldest_s
        )
        yield GaugeMetricFamily(
            "engage_workers",
            f"Workers that reported within {queries.ALIVE_S} s.",
            value=queries.workers().alive,
        )
        work = queries.work()
        yield GaugeMetricFamily("engage_scheduled", "1 where any plugin is scheduled.", value=work.scheduled)
        yield GaugeMetricFamily("engage_backfill_runs", "Runs of backfills that wait.", value=work.backfills)
        yield from _processes()
        if nodes := citus.nodes():
            up = {node.name: int(node.is_up) for node in nodes}
            yield _by_label("engage_database_node_up", "1 where the node of the cluster answers.", "node", up)


def _processes() -> Iterator[Metric]:
    """What the processes report of themselves, and whether the database takes them all."""
    processes, room = queries.processes(), read_room()
    values = (
        ("servers", "Servers that reported recently.", processes.servers),
        ("compactors", "Workers that reported recently and whose compactor gets on.", processes.compactors),
        ("rollup_lag_seconds", "For how long roll-ups have been behind.", processes.rollup_lag_s),
        ("worker_restarts", "Restarts of a worker within ten minutes, the most of any.", processes.restarts),
        (
            "clock_offset_seconds",
            "How far a process's clock is from the database's, the farthest of all.",
            max(abs(processes.worst_clock_s), abs(clock_checks.comparison.offset() or 0)),
        ),
        ("connections_limit", "Connections that the database leaves to this installation.", room.ours),
        (
            "connections_needed",
            "Connections that its processes may hold, reserve included.",
            processes.connections + RESERVE,
        ),
        ("connections_used", "Connections that all clients of the database server hold.", room.used),
    )
    for name, text, value in values:
        yield GaugeMetricFamily(f"engage_{name}", text, value=value)


def _breakers() -> Metric:
    """Those that are closed stand for plugins that failed recently all the same; the others have no breaker."""
    gauge = GaugeMetricFamily(
        "engage_breakers",
        "Circuit breakers of plugins that failed recently.",
        labels=["plugin", "state", "tenant"],
    )
    numbers = Counter(
        (standing.plugin, standing.state.value, standing.tenant if settings.ENGAGE_METRICS_BY_TENANT else "")
        for standing in breaker.standings()
    )
    for labels, number in sorted(numbers.items()):
        gauge.add_metric(labels, number)
    return gauge


def _by_label(name: str, text: str, label: str, numbers: dict[str, int]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=[label])
    for value, number in numbers.items():
        gauge.add_metric([value], number)
    return gauge


def metrics(request: HttpRequest) -> HttpResponse:
    """The text format, for this machine or the bearer of ENGAGE_METRICS_TOKEN; else 403."""
    if not may_watch(request):
        text = (
            "Remedy: set ENGAGE_METRICS_TOKEN and send it as Bearer token, or ask from this machine itself.\n"
        )
        return HttpResponse(text, status=403, content_type="text/plain")
    engine = CollectorRegistry()
    engine.register(EngineCollector())
    body = generate_latest(counters.registry()) + generate_latest(engine)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


urlpatterns: list[URLPattern] = [path("metrics", metrics)]
