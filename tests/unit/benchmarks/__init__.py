"""The arithmetic of the benchmark."""
