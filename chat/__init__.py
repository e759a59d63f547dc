"""The conversation system: edge, actions, log, fan-out and session."""
