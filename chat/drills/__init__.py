"""`manage.py run_drills`: what goes wrong in production is done on purpose, and a verdict says whether it mattered."""
