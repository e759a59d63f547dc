"""The other designs, each as a small program of its own."""
