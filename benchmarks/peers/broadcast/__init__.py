"""Plain `websockets` servers that share one Redis pub/sub channel."""
