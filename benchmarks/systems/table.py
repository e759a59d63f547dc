"""Every system that can be measured, by name, ours first."""

from benchmarks.systems.broadcast import Broadcast
from benchmarks.systems.distchat import Distchat
from benchmarks.systems.distchat_postgres import DistchatOnPostgres
from benchmarks.systems.nchan import Nchan, NchanOnRedis
from benchmarks.systems.socketio import NodeSocketIo, PythonSocketIo, StreamsSocketIo
from benchmarks.systems.system import System
from benchmarks.systems.tutorial import Tutorial, TutorialOnLists

SYSTEMS: dict[str, type[System]] = {
    system.name: system
    for system in (
        Distchat,
        DistchatOnPostgres,
        NodeSocketIo,
        StreamsSocketIo,
        PythonSocketIo,
        Tutorial,
        TutorialOnLists,
        Broadcast,
        Nchan,
        NchanOnRedis,
    )
}
