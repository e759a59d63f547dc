"""Senders are as many as they should be, and sit on every node."""

from collections import Counter

import pytest

from benchmarks.workloads import WORKLOADS

NODES = 3


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each.name)
def test_senders_are_spread_evenly_over_the_nodes(workload):
    senders = [device for device in range(workload.devices) if workload.is_sender(device)]
    nodes = Counter(device % NODES for device in senders)

    assert len(senders) == workload.senders
    assert nodes == dict.fromkeys(range(NODES), workload.senders // NODES)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each.name)
def test_every_room_has_its_size(workload):
    rooms = Counter(map(workload.room_of, range(workload.devices)))

    assert rooms == dict.fromkeys(range(workload.rooms), workload.room_size)
