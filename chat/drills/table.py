"""All drills, in the order of the table of faults."""

from importlib import import_module

from chat.drills.drill import Drill

NAMES = (
    "nodes_killed",
    "killed_mid_commit",
    "rolling_restart",
    "redis_killed",
    "redis_frozen",
    "subscriptions_killed",
    "redis_silent",
    "publish_lost",
    "join_race",
    "node_frozen",
    "bad_network",
    "storm",
    "mute_readers",
    "flood",
    "malformed",
    "authorisation",
    "revocation",
    "checkpoints",
    "long_sessions",
    "assistant_fails",
    "model",
)


def drill_named(name: str) -> Drill:
    """Raises KeyError for a name that no drill has."""
    if name not in NAMES:
        raise KeyError(name)
    drill: Drill = import_module(f"chat.drills.faults.{name}").DRILL
    return drill
