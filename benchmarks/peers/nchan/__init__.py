"""Nchan on nginx, the yardstick in C: its configuration is the program."""
