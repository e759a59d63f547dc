"""What may be said between a device and a node: commands in, events out, and nothing that awaits."""
