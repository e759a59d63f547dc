"""Sites of many nodes: what one node, Redis and the database do per second, counted from the code, and a simulation."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle, islice

from benchmarks.scaling.model import Site
from benchmarks.scaling.setup import Outcome, Setup
from chat.edge.throttle import SHARE_SECONDS
from chat.fanout.sweep import SWEEP_SECONDS
from chat.fanout.timing import Timing
from chat.node import SWITCH_SECONDS
from chat.presence.board import Tempo
from chat.session.folder import SHARE, STEP_SECONDS
from chat.wire.limits import BROADCAST_MEMBERS, MEMBERS_SHOWN

WATCHED_NODES = 6
"""So many nodes are simulated; what all others ask of Redis and the database is added as work in between."""
FULL = 0.95
"""A part that is busier than this has no latency worth simulating."""
USERS_A_STEP = 500
LISTENING_BYTES = 450
"""A change of 100 characters on its way from Redis to a node: msgpack, name of the group, RESP."""


@dataclass(frozen=True, slots=True)
class Load:
    """What people do. `reading`: the share of members who have the conversation open when something comes."""

    name: str
    people_per_node: int
    devices: float
    members: int
    follows: int
    posts_per_minute: float
    reading: float


OFFICE = Load("office", 2000, 1.5, 4, 20, 1.0, 0.5)
DESK = Load("desk", 500, 1.2, 3, 10, 6.0, 0.8)
HALLS = Load("halls", 2000, 1.0, 10_000, 2, 0.01, 0.2)
LOADS = (OFFICE, DESK, HALLS)
NETWORK_SECONDS = 0.0005
FSYNC_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Bill:
    """Per second: `node` and its parts are shares of one node's loop, `redis` and `database` cores of the engine."""

    load: Load
    nodes: int
    rates: Mapping[str, float]
    node: Mapping[str, float]
    redis: Mapping[str, float]
    database: Mapping[str, float]

    @property
    def people(self) -> int:
        return self.load.people_per_node * self.nodes


def rates_of(load: Load, nodes: int) -> dict[str, float]:
    """How often each thing happens on one node in a second, everybody online."""
    people, devices = load.people_per_node, load.people_per_node * load.devices
    posts = people * load.posts_per_minute / 60
    listening = nodes * (1 - (1 - 1 / nodes) ** (load.members * load.devices))
    heard = posts * load.members * load.devices / devices  # by one device; it acknowledges at most once a second
    is_small = load.members <= BROADCAST_MEMBERS
    acks = devices * min(1.0, heard)
    reads = people * load.reading * min(1.0, heard)
    typing = 2 * posts if is_small else 0.0
    passing = (acks / load.devices + reads) if is_small else 0.0
    acting = people * min(1 / STEP_SECONDS, heard)
    contacts = min(people * load.follows * min(load.members - 1, MEMBERS_SHOWN), people * nodes)
    rooms = min(people * load.follows, people * nodes * load.follows / load.members)
    return {
        "posts": posts,
        "acks": acks,
        "reads": reads,
        "typing": typing,
        "publishes of posts": posts,
        "passing publishes": passing + typing,
        "publishes to own devices": reads,
        "listening": listening,
        "deliveries": posts * load.members * load.devices,
        "sessions to fold": acting,
        "contacts looked up": contacts / Tempo().recheck_seconds,
        "heads read": rooms / SWEEP_SECONDS,
        "rows validated": devices / 30.0,
        "beats": 1 / Tempo().beat_seconds,
        "heartbeats": 1 / Timing().beat_seconds,
        "rate commands": 2 * min(posts, people / SHARE_SECONDS),
        "small commands": 6.0,
    }


def bill_of(load: Load, nodes: int, of: Mapping[str, float]) -> Bill:
    rates = rates_of(load, nodes)
    folds = min(rates["sessions to fold"], SHARE / of["fold"])
    rates["folds"] = folds
    rates["each session folded every, s"] = load.people_per_node * min(1.0, rates["sessions to fold"]) / folds
    return Bill(load, nodes, rates, _node(load, rates, of), _redis(load, nodes, rates, of), _database(nodes, rates, of))


def _node(load: Load, rates: Mapping[str, float], of: Mapping[str, float]) -> dict[str, float]:
    commands = rates["posts"] + rates["acks"] + rates["reads"] + rates["typing"]
    published = rates["publishes of posts"] + rates["passing publishes"] + rates["publishes to own devices"]
    heard = (rates["publishes of posts"] + rates["passing publishes"]) * max(0.0, rates["listening"] - 1)
    passed_on = rates["passing publishes"] * load.members * load.devices
    frames = rates["deliveries"] + passed_on
    cold = {name: _slowness(rate, of) for name, rate in (("in", commands), ("hear", heard), ("out", heard + published))}
    transactions = min(rates["posts"], 1 / of["commit_fixed"])
    return {
        "commands": commands * (of["dispatch"] + of["words"]) * cold["in"],
        "commits": transactions * of["commit_fixed"] * _slowness(transactions, of) + rates["posts"] * of["commit_each"],
        "read marks": rates["reads"] * of["mark_each"],
        "fan-out": published * of["publish_each"] * cold["out"] + heard * of["receive_each"] * cold["hear"],
        "frames": frames * (of["write"] * cold["out"] + of["follower"]),
        "sessions": rates["folds"] * of["fold"],
        "sweep": rates["heads read"] * of["head"],
        "presence": rates["contacts looked up"] * of["home"],
    }


def _slowness(rate: float, of: Mapping[str, float]) -> float:
    idle = 1 / rate if rate else 1.0
    return 1 + (of["cold"] - 1) * idle / (idle + of["cold_after"])


def _redis(load: Load, nodes: int, rates: Mapping[str, float], of: Mapping[str, float]) -> dict[str, float]:
    others = max(0.0, rates["listening"] - 1) + 1  # the node that publishes listens, too
    own = min(nodes, load.devices)
    to_rooms = (rates["publishes of posts"] + rates["passing publishes"]) * (
        of["redis_publish"] + others * of["redis_subscriber"]
    )
    to_people = rates["publishes to own devices"] * (of["redis_publish"] + own * of["redis_subscriber"])
    board = nodes * of["redis_beat_node"]
    looks = rates["contacts looked up"] * (of["redis_home"] + board / USERS_A_STEP)
    return {
        "fan-out": nodes * (to_rooms + to_people),
        "presence": nodes * (looks + rates["beats"] * (of["redis_beat"] + board)),
        "sessions": nodes * rates["folds"] * of["redis_fold"],
        "rates and heartbeats": nodes
        * (rates["rate commands"] + rates["small commands"] + rates["heartbeats"])
        * of["redis_publish"],
    }


def _database(nodes: int, rates: Mapping[str, float], of: Mapping[str, float]) -> dict[str, float]:
    return {
        "posts": nodes * rates["posts"] * of["postgres_commit"],
        "read marks": nodes * rates["reads"] * of["postgres_mark"],
        "sweep": nodes * rates["heads read"] * of["postgres_head"],
        "access": nodes * rates["rows validated"] * of["postgres_head"],
    }


def sqlite_share(bill: Bill, of: Mapping[str, float]) -> float:
    """How much of its time the one desk of SQLite's writers is taken, were all these nodes on one machine."""
    return bill.nodes * (
        bill.rates["posts"] * (of["commit_fixed"] + of["commit_each"]) + bill.rates["reads"] * of["mark_each"]
    )


def gigabits(bill: Bill) -> float:
    """What Redis sends to nodes, in Gbit/s."""
    publishes = bill.rates["publishes of posts"] + bill.rates["passing publishes"]
    return bill.nodes * publishes * bill.rates["listening"] * LISTENING_BYTES * 8 / 1e9


def simulate(
    bill: Bill, of: Mapping[str, float], *, shards: int = 1, network_seconds: float = NETWORK_SECONDS
) -> Outcome | None:
    """p50 and p99 of a post on PostgreSQL; None where a part has more to do than it can."""
    redis = sum(bill.redis.values()) / shards
    if sum(bill.node.values()) > FULL or redis > FULL:
        return None
    load, rates = bill.load, bill.rates
    watched = min(bill.nodes, WATCHED_NODES)
    seats_each = max(1, round(load.members * load.devices / rates["listening"]))
    listening = min(watched, round(rates["listening"]))
    rooms = 40
    seats = [{(room + place) % watched: seats_each for place in range(listening)} for room in range(rooms)]
    senders = list(
        islice(((room, (room + turn) % watched) for turn, room in enumerate(cycle(range(rooms)))), 10 * watched)
    )
    own = bill.node["commits"] + rates["posts"] * (of["dispatch"] + of["words"])
    setup = Setup(
        seats,
        senders,
        watched,
        rate=rates["posts"] * watched / len(senders),
        folds_per_second=rates["folds"],
        loop_share=max(0.0, sum(bill.node.values()) - own - bill.node["sessions"]),
        redis_share=redis,
        network_seconds=network_seconds,
        fsync_seconds=FSYNC_SECONDS,
        switch_seconds=SWITCH_SECONDS,
        is_one_writer=False,
    )
    return Site(setup, of).run(max(2.0, 300 / (rates["posts"] * watched)), warm_up_seconds=0.2)
