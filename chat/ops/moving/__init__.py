"""People and conversations as lines of JSON: how they leave one site and arrive at another."""
