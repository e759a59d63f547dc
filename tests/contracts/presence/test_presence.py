"""What presence promises on every board."""

from datetime import timedelta

from tests.contracts.presence.conftest import World

ANN, BOB, EVE = 1, 2, 3
PHONE, LAPTOP, TABLET = "phone", "laptop", "tablet"


async def test_a_user_is_online_on_every_node_while_a_device_is_on_one(world: World):
    one, two = await world.node("one"), await world.node("two")
    await one.arrive(ANN, PHONE)
    assert await two.online([ANN, BOB]) == {ANN}
    await one.depart(ANN, PHONE)
    assert await two.online([ANN, BOB]) == set()


async def test_leaving_with_one_of_three_devices_does_not_make_a_user_offline(world: World):
    one, two, three = [await world.node(name) for name in ("one", "two", "three")]
    assert [await one.arrive(ANN, PHONE), await two.arrive(ANN, LAPTOP), await three.arrive(ANN, TABLET)] == [
        True,
        False,
        False,
    ]
    assert [await one.depart(ANN, PHONE), await two.depart(ANN, LAPTOP)] == [False, False]
    assert await one.online([ANN]) == {ANN}
    assert await three.depart(ANN, TABLET) is True
    assert await one.online([ANN]) == set()


async def test_two_devices_on_one_node_leave_one_by_one(world: World):
    one, two = await world.node("one"), await world.node("two")
    assert [await one.arrive(ANN, PHONE), await one.arrive(ANN, LAPTOP)] == [True, False]
    assert await one.depart(ANN, PHONE) is False
    assert await two.devices_online(ANN) == {LAPTOP: "one"}


async def test_a_late_departure_does_not_throw_out_a_device_that_has_arrived_elsewhere(world: World):
    one, two, three = [await world.node(name) for name in ("one", "two", "three")]
    three.watch([ANN])
    await one.arrive(ANN, PHONE)
    await three.online([ANN])
    assert await two.arrive(ANN, PHONE) is False
    assert await one.depart(ANN, PHONE) is False
    three.hint(ANN)
    await three.follow_hints()
    assert world.told["three"] == []
    assert await three.devices_online(ANN) == {PHONE: "two"}


async def test_two_tabs_with_one_device_id_on_two_nodes_leave_one_by_one(world: World):
    one, two = await world.node("one"), await world.node("two")
    await one.arrive(ANN, LAPTOP)
    await two.arrive(ANN, LAPTOP)
    assert await two.depart(ANN, LAPTOP) is False
    assert await two.devices_online(ANN) == {LAPTOP: "one"}


async def test_a_device_with_two_connections_is_there_until_the_second_ends(world: World):
    one, two = await world.node("one"), await world.node("two")
    assert [await one.arrive(ANN, PHONE), await one.arrive(ANN, PHONE)] == [True, False]
    assert await one.depart(ANN, PHONE) is False
    assert await two.online([ANN]) == {ANN}
    assert await one.depart(ANN, PHONE) is True
    assert await two.online([ANN]) == set()


async def test_the_departure_of_a_device_that_never_arrived_changes_nothing(world: World):
    one = await world.node("one")
    await one.arrive(ANN, PHONE)
    assert await one.depart(ANN, LAPTOP) is False
    assert await one.depart(BOB, LAPTOP) is False
    assert await one.online([ANN, BOB]) == {ANN}


async def test_a_dead_nodes_devices_vanish_and_every_survivor_tells_its_watchers_once(world: World):
    one, two, dying = [await world.node(name) for name in ("one", "two", "dying")]
    await dying.arrive(ANN, PHONE)
    await dying.arrive(BOB, PHONE)
    await one.arrive(BOB, LAPTOP)
    for survivor in (one, two):
        survivor.watch([ANN, BOB, EVE])
        assert await survivor.online([ANN, BOB, EVE]) == {ANN, BOB}
    await world.pass_time(9, one, two)
    assert world.told == {"one": [(ANN, False)], "two": [(ANN, False)], "dying": []}
    assert await one.online([ANN, BOB]) == {BOB}
    assert await two.devices_online(BOB) == {LAPTOP: "one"}


async def test_a_node_that_misses_two_beats_is_not_dead(world: World):
    one, slow = await world.node("one"), await world.node("slow")
    await slow.arrive(ANN, PHONE)
    one.watch([ANN])
    await one.online([ANN])
    await world.pass_time(4, one)
    await world.pass_time(5, one, slow)
    assert await one.online([ANN]) == {ANN}
    assert world.told["one"] == []


async def test_a_node_that_was_frozen_brings_its_devices_back(world: World):
    one, frozen = await world.node("one"), await world.node("frozen")
    await frozen.arrive(ANN, PHONE)
    one.watch([ANN])
    await one.online([ANN])
    await world.pass_time(40, one)
    assert world.told["one"] == [(ANN, False)]
    await world.pass_time(4, frozen, one)
    assert world.told["one"] == [(ANN, False), (ANN, True)]
    assert await one.devices_online(ANN) == {PHONE: "frozen"}


async def test_a_device_that_moved_away_from_a_frozen_node_does_not_come_back_with_it(world: World):
    one, frozen = await world.node("one"), await world.node("frozen")
    await frozen.arrive(ANN, PHONE)
    await world.pass_time(10, one)
    await one.arrive(ANN, PHONE)
    await frozen.depart(ANN, PHONE)
    await frozen.beat()
    assert await one.depart(ANN, PHONE) is True
    assert await one.online([ANN]) == set()


async def test_an_arrival_on_a_node_that_does_not_know_yet_that_it_is_dead_counts_from_its_next_beat(world: World):
    one, frozen = await world.node("one"), await world.node("frozen")
    await world.pass_time(10, one)
    assert await frozen.arrive(ANN, PHONE) is True
    await frozen.beat()
    assert await one.online([ANN]) == {ANN}


async def test_nobody_flaps_when_the_board_was_away_from_everyone_for_longer_than_a_life(world: World):
    one, two = await world.node("one"), await world.node("two")
    await two.arrive(ANN, PHONE)
    one.watch([ANN])
    await one.online([ANN])
    await world.pass_time(40)
    await one.beat()
    assert await one.online([ANN]) == {ANN}
    await two.beat()
    await world.pass_time(10, one, two)
    assert await one.online([ANN]) == {ANN}
    assert world.told["one"] == []


async def test_who_does_not_come_back_with_the_board_is_offline_soon_after(world: World):
    one, two = await world.node("one"), await world.node("two")
    await two.arrive(ANN, PHONE)
    one.watch([ANN])
    await one.online([ANN])
    await world.pass_time(10)
    await world.pass_time(8, one)
    assert world.told["one"] == [(ANN, False)]


async def test_a_stopped_node_departs_with_everything_at_once(world: World):
    one, stopping = await world.node("one"), await world.node("stopping")
    await stopping.arrive(ANN, PHONE)
    await stopping.arrive(BOB, PHONE)
    one.watch([ANN, BOB])
    await one.online([ANN, BOB])
    await stopping.stop()
    assert await one.online([ANN]) == set()
    await one.beat()
    assert sorted(world.told["one"]) == [(ANN, False), (BOB, False)]
    assert [beat.name for beat in await one.nodes()] == ["one"]


async def test_a_hint_tells_the_watchers_what_really_changed_and_nothing_else(world: World):
    one, two = await world.node("one"), await world.node("two")
    await two.arrive(ANN, PHONE)
    one.watch([ANN, BOB])
    assert await one.online([ANN, BOB]) == {ANN}
    await two.depart(ANN, PHONE)
    await two.arrive(BOB, PHONE)
    await two.arrive(EVE, PHONE)
    for user_id in (ANN, BOB, EVE, ANN):
        one.hint(user_id)
    await one.follow_hints()
    assert sorted(world.told["one"]) == [(ANN, False), (BOB, True)]
    one.hint(ANN)
    await one.follow_hints()
    assert len(world.told["one"]) == 2


async def test_watchers_on_the_node_itself_are_told_without_a_hint(world: World):
    one = await world.node("one")
    one.watch([ANN])
    await one.online([ANN])
    await one.arrive(ANN, PHONE)
    await one.depart(ANN, PHONE)
    assert world.told["one"] == [(ANN, True), (ANN, False)]


async def test_a_user_is_watched_until_the_last_watcher_stops(world: World):
    one, two = await world.node("one"), await world.node("two")
    one.watch([ANN])
    one.watch([ANN])
    await one.online([ANN])
    one.unwatch([ANN])
    await two.arrive(ANN, PHONE)
    one.hint(ANN)
    await one.follow_hints()
    one.unwatch([ANN])
    await two.depart(ANN, PHONE)
    one.hint(ANN)
    await one.follow_hints()
    await one.online([ANN])
    assert world.told["one"] == [(ANN, True)]


async def test_a_change_that_nobody_hinted_at_is_found_within_thirty_seconds(world: World):
    one, two = await world.node("one"), await world.node("two")
    await world.pass_time(10, one, two)
    one.watch([ANN])
    await one.online([ANN])
    await two.arrive(ANN, PHONE)
    await world.pass_time(30, one, two)
    assert world.told["one"] == [(ANN, True)]


async def test_the_node_of_a_device_is_the_one_where_it_arrived_last(world: World):
    one, two = await world.node("one"), await world.node("two|with|bars")
    await one.arrive(ANN, PHONE)
    await two.arrive(ANN, LAPTOP)
    assert await one.devices_online(ANN) == {PHONE: "one", LAPTOP: "two|with|bars"}
    assert await one.devices_online(BOB) == {}


async def test_nodes_say_their_name_connections_beat_and_what_they_describe(world: World):
    one, two = await world.node("one", lambda: {"version": "1.0"}), await world.node("two")
    await two.arrive(ANN, PHONE)
    await two.arrive(ANN, PHONE)
    await two.beat()
    first, second = await one.nodes()
    assert (first.name, first.connections, first.info) == ("one", 0, {"version": "1.0"})
    assert (second.name, second.connections, second.info) == ("two", 2, {})
    assert first.incarnation != second.incarnation
    assert second.last_beat.utcoffset() == timedelta(0)


async def test_a_thousand_and_one_users_are_pinned_and_found(world: World):
    one, two = await world.node("one"), await world.node("two")
    everyone = set(range(1, 1002))
    for user_id in everyone:
        await one.arrive(user_id, PHONE)
    await world.pass_time(10, two)
    assert await two.online(list(everyone)) == set()
    await one.beat()
    assert await two.online([*everyone, 5000]) == everyone
