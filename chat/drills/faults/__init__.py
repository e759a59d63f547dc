"""One module for each drill: what is broken, and what has to hold all the same."""
