"""python-socketio on uvicorn with its Redis manager."""
