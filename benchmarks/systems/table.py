"""Every system that can be measured, by name, ours first."""

from benchmarks.systems.broadcast import Broadcast
from benchmarks.systems.distchat import Distchat
from benchmarks.systems.system import System
from benchmarks.systems.tutorial import Tutorial

SYSTEMS: dict[str, type[System]] = {system.name: system for system in (Distchat, Broadcast, Tutorial)}
