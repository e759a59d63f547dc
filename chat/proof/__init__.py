"""The proof kit: devices on real sockets, nodes, a bad network, and the checker that judges what was seen."""
