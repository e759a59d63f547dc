"""The chat of the Channels tutorial, on Daphne with the pub/sub layer."""
