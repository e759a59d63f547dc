"""Tests of one part at a time, mirrored to the tree."""
