"""Senders are as many as they should be, and sit on every node."""

from collections import Counter

import pytest

from benchmarks.workloads import WORKLOADS, Workload

NODES = 3


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each.name)
def test_senders_are_spread_evenly_over_the_nodes(workload):
    senders = [device for device in range(workload.devices) if workload.is_sender(device)]
    nodes = Counter(device % NODES for device in senders)

    assert len(senders) == workload.senders
    assert nodes == dict.fromkeys(range(NODES), workload.senders // NODES)
    assert all(workload.node_of(sender) == sender % NODES for sender in senders)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each.name)
def test_every_room_has_its_size(workload):
    rooms = Counter(map(workload.room_of, range(workload.devices)))

    assert tuple(rooms.values()) == workload.sizes
    assert [len(room) for room in workload.rooms] == list(workload.sizes)


def test_those_who_lose_their_node_sit_on_it_and_only_listen():
    workload = Workload("recovery", (210,), 10, rate=20.0, on_first=200)
    senders = [device for device in range(210) if workload.is_sender(device)]

    assert [workload.node_of(device) for device in range(200)] == [0] * 200
    assert senders == list(range(200, 210))
    assert Counter(map(workload.node_of, senders)) == {1: 5, 2: 5}
