"""Who you are: users, their devices and how they log in."""
