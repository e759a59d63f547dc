"""The way of gathered acts through the graph."""

from typing import Any

import pytest

from chat.session.acts import Acked, Act, Connected, Left, Posted, Read
from chat.session.graph import SessionGraph, build_graph, folding_input, thread_of
from chat.session.memory_store import LatestOnlySaver
from chat.session.state import folded
from tests.unit.session.made import BEGIN, fresh_state

ACTS: list[Act] = [Connected("d", "a", BEGIN), Posted(1, 7, 1, BEGIN, "hi"), Left("d", BEGIN, "a")]


@pytest.fixture
def graph() -> SessionGraph:
    return build_graph(LatestOnlySaver())


async def steps_of(graph: SessionGraph, **given: Any) -> list[str]:
    stream = graph.astream(folding_input(**given), thread_of(3), stream_mode="updates", durability="exit")
    return [step async for update in stream for step in update]


async def test_acts_visit_only_the_nodes_that_are_for_them(graph):
    assert await steps_of(graph, acts=[], session_id="s1", seed=fresh_state()) == ["begin", "trim"]
    assert await steps_of(graph, acts=ACTS[:1], session_id="s1", seed=None) == ["connect", "trim"]
    assert await steps_of(graph, acts=ACTS[1:2], session_id="s1", seed=None) == ["fold", "trim"]
    assert await steps_of(graph, acts=ACTS, session_id="s1", seed=None) == ["connect", "fold", "leave", "trim"]


async def test_acts_of_another_session_are_folded_into_nothing(graph):
    await steps_of(graph, acts=[], session_id="s1", seed=fresh_state())
    assert await steps_of(graph, acts=ACTS, session_id="s2", seed=None) == []
    assert (await graph.aget_state(thread_of(3))).values == fresh_state()


async def test_the_checkpoint_is_the_pure_fold_and_nothing_of_the_input(graph):
    acts = [*ACTS, Acked("d", {7: ("e1", 1)}), Read(7, 1)]
    await steps_of(graph, acts=acts, session_id="s1", seed=fresh_state())
    assert (await graph.aget_state(thread_of(3))).values == folded(fresh_state(), acts)
