"""How the web client feels: a long conversation scrolled and entered, and a burst of messages, in a real Chromium."""
