"""`manage.py run_demo`: real nodes, real logins, real sockets, and a verdict that is exact."""
