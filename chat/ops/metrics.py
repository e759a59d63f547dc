"""What Prometheus may know of a node: its own counters, read when somebody asks (docs/metrics.md).

Nothing here names a user, a conversation or what was said; labels take their values from fixed lists.
"""

import time
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from chat.edge.counts import Limit
from chat.edge.handlers import HANDLERS
from chat.histogram import Histogram
from chat.log.changes import Change
from chat.node import Node, node_if_running
from chat.version import VERSION
from chat.wire.errors import ErrorCode
from chat.wire.limits import CLOSE_TOO_SLOW, CloseCode

PREFIX = "distchat"
CLIENT_CLOSES = (1000, 1001, 1005, 1006)
"""How clients say goodbye, or do not (RFC 6455, 7.4.1); what else they may say is one value of the label."""

Values = Iterable[tuple[str, float]]


class NodeMetrics(Collector):
    """Reads the node of this process, on its event loop; empty while there is none."""

    def __init__(self, find_node: Callable[[], Node | None] = node_if_running) -> None:
        self._find_node = find_node

    def collect(self) -> Iterator[Metric]:
        node = self._find_node()
        if node is not None:
            for room in (_of_node, _of_door, _of_log, _of_fanout, _of_session, _of_assistant):
                yield from room(node)


def page(collector: Collector | None = None) -> bytes:
    """The text that Prometheus reads (its format 0.0.4); to be called on the node's event loop."""
    registry = CollectorRegistry()
    registry.register(collector or NodeMetrics())
    ProcessCollector(namespace=PREFIX, registry=registry)
    return generate_latest(registry)


def _of_node(node: Node) -> Iterator[Metric]:
    about = {"name": node.name, "version": VERSION}
    yield InfoMetricFamily(f"{PREFIX}_node", "This node and its version", value=about)
    yield _gauge("uptime_seconds", "Since the node began", time.monotonic() - node.began)
    if node.was_ready is not None:
        yield _gauge("ready", "What /readyz said last; not there before it was asked", node.was_ready)
    yield _gauge("draining", "1 while the node sends its devices away", node.door.is_draining)
    yield _gauge("loop_lag_seconds", "The worst lateness of the event loop of late", node.loop_lag.seconds)
    yield _gauge("database_waiting", "Calls to the database that are not done", node.database.waiting)
    yield _gauge("presence_degraded", "1 while only this node's devices are known", node.presence.is_degraded)
    yield _gauge("user_limits_degraded", "1 while users are limited per node", node.user_limits.is_degraded)


def _of_door(node: Node) -> Iterator[Metric]:
    door, counts = node.door, node.door.counts
    ready = sum(each.is_ready for each in door.connections)
    open_and_ready = [("open", len(door.let_in)), ("ready", ready)]
    yield _gauges(
        "connections", "WebSockets that are logged in, and those of them that are level", "state", open_and_ready
    )
    commands = [(command.__name__.lower(), counts.commands[command]) for command in HANDLERS]
    yield _counters("commands", "Commands that were begun", "command", commands)
    errors = [(code.value, counts.errors[code]) for code in ErrorCode]
    yield _counters("errors", "Errors that were answered", "code", errors)
    yield _counters("limited", "Commands beyond a limit", "limit", [(each, counts.limited[each]) for each in Limit])
    known = (*CLIENT_CLOSES, *map(int, CloseCode))
    other = counts.closes.total() - sum(counts.closes[code] for code in known)
    closes = [*((str(code), counts.closes[code]) for code in known), ("other", other)]
    yield _counters("closes", "WebSockets that were closed, by either side", "code", closes)
    yield _counter("slow_closes", "WebSockets closed for reading too slowly", counts.closes[CLOSE_TOO_SLOW])
    resumes = [(outcome, counts.resumes[outcome]) for outcome in ("replay", "snapshot")]
    yield _counters("resumes", "Conversations that a device took up again or anew", "outcome", resumes)
    yield _histogram("post_seconds", "From the frame with a post to its ok, committed", counts.post_seconds)


def _of_log(node: Node) -> Iterator[Metric]:
    log = node.log
    kinds = sorted(_kinds_of(Change), key=lambda kind: kind.__name__)
    changes = [(kind.__name__.lower(), log.changes[kind]) for kind in kinds]
    yield _counters("changes", "Changes that this node committed", "kind", changes)
    yield _gauge("changes_waiting", "Changes that wait for their transaction", log.waiting)
    yield _histogram(
        "commit_seconds", "One transaction of the log, waiting for the writer included", log.commit_seconds
    )


def _of_fanout(node: Node) -> Iterator[Metric]:
    publisher, hub, layer = node.publisher, node.hub, node.layer
    yield _gauge("users", "Users with a connection here", sum(map(bool, hub.users.values())))
    yield _gauge("conversations", "Conversations that are followed here", len(hub.conversations))
    yield _counter("deliveries", "Changes handed to connections", hub.deliveries)
    yield _counter("published", "Messages that the channel layer took", publisher.published)
    yield _counter("publish_failures", "Messages that it did not take; the sweep delivers them", publisher.failed)
    yield _counter("publish_dropped", "Messages dropped because too many waited", publisher.dropped)
    yield _gauge("publish_waiting_bytes", "Messages that wait for the channel layer, in bytes", publisher.pending_bytes)
    yield _gauge("layer_healthy", "1 while Redis carries messages between nodes", layer.healthy)
    counted = layer.counters
    yield _counter("layer_received", "Messages from the channel layer", counted.get("received", 0))
    yield _counter(
        "layer_overflowed", "Messages dropped because the node read too slowly", counted.get("overflowed", 0)
    )
    yield _counter("layer_undecodable", "Messages that were none of ours", counted.get("undecodable", 0))
    yield _counter("layer_reconnects", "Links to Redis that were replaced", counted.get("reconnects", 0))
    yield _gauge("layer_subscriptions", "Names that Redis delivers to this node", counted.get("subscribed", 0))
    yield _counter("gap_reads", "Times the log was read for what fan-out lost", node.sweep.gap_reads)
    yield _counter("sweep_finds", "Conversations in which the sweep found something lost", node.sweep.finds)


def _of_session(node: Node) -> Iterator[Metric]:
    sessions, counted = node.sessions, node.sessions.statistics()
    has_store = sessions.health()["checkpointer"] != "none"
    yield _gauge("session_store", "1 while checkpoints can be kept", has_store)
    restores = [(source, sessions.restores[source]) for source in ("checkpoint", "log", "new")]
    yield _counters("session_restores", "Sessions brought back, by where they came from", "source", restores)
    yield _counter("session_folds", "Checkpoints that were written", counted["folds"])
    yield _counter("session_failures", "Checkpoints that could not be written, by a bug", counted["failures"])
    yield _gauge("session_users_waiting", "Users with acts that are in no checkpoint", counted["users_waiting"])
    yield _gauge("session_lag_seconds", "Age of the oldest act that is in no checkpoint", sessions.oldest_seconds)


def _of_assistant(node: Node) -> Iterator[Metric]:
    counts = node.assistant.counts
    yield _gauge("turns_running", "Turns of the assistant in work here", node.assistant.running)
    ended = CounterMetricFamily(f"{PREFIX}_turns", "Turns that ended here", labels=["state", "reason"])
    for labels in sorted({("done", ""), ("failed", "attempts"), *counts.ended}):
        ended.add_metric(labels, counts.ended[labels])
    yield ended
    yield _counter("turn_retries", "Attempts that were begun again here", counts.retries)
    yield _counter(
        "turn_tokens", "Tokens of answers, as the model counts them, or a quarter of the characters", counts.tokens
    )
    calls = sorted(counts.tool_calls.items())
    yield _counters("turn_tool_calls", "Tools that were used", "tool", calls)
    yield _histogram("turn_first_word_seconds", "From taking a turn to its first word", counts.first_word_seconds)
    yield _histogram("turn_seconds", "From taking a turn to its end", counts.turn_seconds)


def _kinds_of(kind: type[Change]) -> Iterator[type[Change]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds_of(each)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", meaning, value=value)


def _gauges(name: str, meaning: str, label: str, values: Values) -> Metric:
    return _labelled(GaugeMetricFamily(f"{PREFIX}_{name}", meaning, labels=[label]), values)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"{PREFIX}_{name}", meaning, value=value)


def _counters(name: str, meaning: str, label: str, values: Values) -> Metric:
    return _labelled(CounterMetricFamily(f"{PREFIX}_{name}", meaning, labels=[label]), values)


def _labelled(family: GaugeMetricFamily | CounterMetricFamily, values: Values) -> Metric:
    for value_of_label, value in values:
        family.add_metric([value_of_label], value)
    return family


def _histogram(name: str, meaning: str, histogram: Histogram) -> Metric:
    buckets = [(_as_label(bound), float(count)) for bound, count in histogram.up_to()]
    return HistogramMetricFamily(f"{PREFIX}_{name}", meaning, buckets=buckets, sum_value=histogram.sum_seconds)


def _as_label(bound: float) -> str:
    return str(floatToGoString(bound))  # type: ignore[no-untyped-call]  # prometheus_client
