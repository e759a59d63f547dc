"""Running distchat: Redis and PostgreSQL for one machine, the doctor, health and metrics."""
