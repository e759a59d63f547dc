"""How distchat behaves with more nodes than one machine holds: measured constants, a simulation, and what follows."""
