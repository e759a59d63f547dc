"""The durable ordered log: where a message gets its place."""
