"""Measures distchat beside two other designs, in one run, on one machine, with one driver."""
