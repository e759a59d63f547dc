"""Films the demo: `python -m tests.recording` writes the moving pictures of docs/recordings."""
