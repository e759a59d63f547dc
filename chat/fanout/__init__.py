"""How a committed change reaches the devices on every node."""
