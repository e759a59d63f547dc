"""One file that brings a site back: how it is made while nodes run, checked, and restored."""
