"""Measures distchat beside its peers, in one run, on one machine, with one driver."""
