"""What a drill acts with: a site to harm, nodes, people who talk, and a place for what it measures."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from chat.drills.criterion import Criterion
from chat.drills.crowd import Crowd, Traffic
from chat.drills.outcome import Outcome
from chat.drills.sabotage import unnoticed
from chat.drills.scale import Scale, Value
from chat.drills.timeline import timeline_of
from chat.ops.redis_server import RedisServer
from chat.proof.checker import Case
from chat.proof.cluster import APPLICATION, Cluster
from chat.proof.evidence import Member, Trigger
from chat.proof.history import History
from chat.proof.site import Site
from chat.proof.stage import Stage

WEAKENED = "chat.drills.weakened:application"
EVERY_VIOLATION = 10**9
NODES = 3
SHOWN = 5
TRACEBACK = re.compile(
    r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)$(?!\n\n(?:The above exception|During handling))",
    re.MULTILINE,
)
"""Of several that led to each other, the last."""
EXPECTED = "django.core.exceptions.PermissionDenied"
"""Django logs one for every page that is answered with 403."""


class Scene:
    """`weakening` starts nodes that lack something on purpose; "" means nodes as they are."""

    def __init__(self, site: Site, redis: RedisServer, scale: Scale, outcome: Outcome, *, weakening: str = "") -> None:
        self.site = site
        self.redis = redis
        self.scale = scale
        self.outcome = outcome
        self.weakening = weakening
        self._marks: list[tuple[float, float, str]] = []

    def pick(self, full: Value, short: Value) -> Value:
        """The one or the other, by the scale of the drill."""
        return self.scale.pick(full, short)

    def measure(self, criterion: Criterion, value: float) -> None:
        self.outcome.measure(criterion, value)

    # What there is

    @asynccontextmanager
    async def nodes(
        self,
        count: int = NODES,
        *,
        each: dict[str, dict[str, str]] | None = None,
        application: str = APPLICATION,
        **environment: str,
    ) -> AsyncIterator[Cluster]:
        """Nodes that run; at the end none of them may have logged a traceback."""
        if self.weakening:
            application, environment["DISTCHAT_WEAKENED"] = WEAKENED, self.weakening
        before = self.site.log_sizes()
        async with self.site.cluster(count, each=each, application=application, **environment) as cluster:
            yield cluster
        faults = faults_in(self.site.log_since(before))
        self.outcome.troubles += [f"a node has logged a traceback: {fault}" for fault in faults[:SHOWN]]

    @asynccontextmanager
    async def crowd(self, cluster: Cluster, **options: Any) -> AsyncIterator[Crowd]:
        """Everybody is there (`options` as of `Crowd.gather`); at the end the checker judges all that they saw."""
        crowd = await Crowd.gather(self.site, cluster, self.scale, **options)
        try:
            yield crowd
            if not await crowd.finish():
                self.outcome.troubles.append("not every device was back and level in the end")
            await self.judge(crowd, triggers=crowd.triggers)
        finally:
            await crowd.close()

    @asynccontextmanager
    async def stage(self, cluster: Cluster) -> AsyncIterator[Stage]:
        """Nobody is there yet; who comes is gone at the end. Judging is left to the drill."""
        stage = Stage(self.site, cluster)
        try:
            yield stage
        finally:
            await stage.close()

    def traffic(self, crowd: Crowd) -> Traffic:
        return Traffic(crowd, per_second=self.scale.posts_per_second)

    # What happens

    async def breathe(self, full: float, short: float) -> None:
        """Let the traffic flow for so many seconds."""
        await asyncio.sleep(self.pick(full, short))

    @asynccontextmanager
    async def fault(self, what: str, history: History) -> AsyncIterator[None]:
        """Mark what happens inside on the timeline."""
        begun = history.clock()
        try:
            yield
        finally:
            self._marks.append((begun, history.clock(), what))

    async def judge(
        self,
        stage: Stage,
        members: Mapping[int, Sequence[Member]] | None = None,
        triggers: Sequence[Trigger] = (),
    ) -> None:
        """Have the checker look at the stage, and see that it would notice breaks; every device has to be back."""
        case = await stage.case(members, triggers)
        outcome = self.outcome
        outcome.violations += await asyncio.to_thread(case.violations, per_rule=EVERY_VIOLATION)
        outcome.troubles += stage.violations[:SHOWN]
        outcome.judgements += 1
        outcome.posts += sum(line.what == "ok" for line in case.history.lines)
        outcome.deliveries += sum(line.what == "received" for line in case.history.lines)
        outcome.timelines.append(timeline_of(case.history, self._marks))
        self._marks = []
        if not outcome.violations and case.history.lines:
            outcome.blind += await asyncio.to_thread(unnoticed, _small(case))


def faults_in(log: str) -> list[str]:
    """The last line of every traceback in a log."""
    return [fault for fault in TRACEBACK.findall(log) if not fault.startswith(EXPECTED)]


def _small(case: Case) -> Case:
    """The case itself; a million lines judged seven times would take minutes, so of those the conversations are few."""
    most = 60_000
    if len(case.history.lines) <= most:
        return case
    kept = sorted(case.members, key=lambda each: len(case.members[each]))[: max(1, len(case.members) // 4)]
    lines = [line for line in case.history.lines if not line.conversation or line.conversation in kept]
    log = [message for message in case.log if message["conversation"] in kept]
    acts = {str(message.get("client_id")) for message in log}
    lines = [line for line in lines if line.what not in ("ok", "lost", "resend", "error") or line.act in acts]
    finals = {node: {key: each for key, each in found.items() if key in kept} for node, found in case.finals.items()}
    members = {key: case.members[key] for key in kept}
    return Case(History(lines), log, finals, members, [each for each in case.triggers if each.conversation in kept])
