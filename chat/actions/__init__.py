"""What a person or the assistant can do; the only writers."""
