"""A participant that is a program: its turns, its graph, its model and what it says while it is at it."""
