"""Reads a node's own counters into a report: some sums, whoever looks or does not."""

import time

from chat.log.changes import Answer, Post
from chat.node import Node
from chat.ops.cluster.report import NAME_CHARS, Counters, Gauges, Report, State, memory_bytes
from chat.ops.health import degraded_parts
from chat.version import VERSION
from chat.wire.errors import ErrorCode
from chat.wire.limits import CLOSE_TOO_SLOW


def report_of(node: Node, *, redis_seconds: float | None) -> Report:
    """To be called on the node's loop, by one asker: it takes the worst publish lag since the last time."""
    return Report(
        name=node.name[:NAME_CHARS],
        life=node.incarnation,
        version=VERSION,
        at=time.monotonic() - node.began,
        state=state_of(node),
        degraded=tuple(degraded_parts(node)),
        gauges=_gauges(node, redis_seconds),
        counters=_counters(node),
    )


def state_of(node: Node) -> State:
    if node.is_leaving:
        return "leaving"
    return "drained" if node.door.is_draining else "open"


def _gauges(node: Node, redis_seconds: float | None) -> Gauges:
    return Gauges(
        connections=len(node.door.let_in),
        ready=sum(each.is_ready for each in node.door.connections),
        users=sum(map(bool, node.hub.users.values())),
        conversations=len(node.hub.conversations),
        changes_waiting=node.log.waiting,
        database_waiting=node.database.waiting,
        publish_waiting_bytes=node.publisher.pending_bytes,
        publish_lag_seconds=node.publisher.take_lag_seconds(),
        loop_lag_seconds=max(0.0, node.loop_lag.seconds),
        session_lag_seconds=max(0.0, node.sessions.oldest_seconds),
        turns_running=node.assistant.running,
        memory_bytes=memory_bytes(),
        redis_seconds=redis_seconds,
    )


def _counters(node: Node) -> Counters:
    log, counts, publisher = node.log, node.door.counts, node.publisher
    return Counters(
        messages=log.changes[Post] + log.changes[Answer],
        changes=log.changes.total(),
        deliveries=node.hub.deliveries,
        published=publisher.published,
        received=node.layer.counters.get("received", 0),
        publish_failures=publisher.failed,
        publish_dropped=publisher.dropped,
        gap_reads=node.sweep.gap_reads,
        sweep_finds=node.sweep.finds,
        slow_closes=counts.closes[CLOSE_TOO_SLOW],
        limited=counts.limited.total(),
        internal_errors=counts.errors[ErrorCode.INTERNAL],
        commits=log.commit_seconds.count,
        commit_seconds=log.commit_seconds.sum_seconds,
        posts=counts.post_seconds.count,
        post_seconds=counts.post_seconds.sum_seconds,
        cpu_seconds=time.process_time(),
    )
