"""The devices of the benchmark: cheap enough never to be what limits the servers."""
