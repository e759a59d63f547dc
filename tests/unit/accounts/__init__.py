"""Tests of users, devices, login and access."""
