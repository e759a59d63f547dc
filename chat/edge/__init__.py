"""The WebSocket door: who may come in, what they say, and how fast."""
