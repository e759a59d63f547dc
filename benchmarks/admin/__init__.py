"""How long every page of the admin takes in a large database: `python -m benchmarks.admin`."""
