"""The admin, page by page; what it does on running nodes is in tests/integration/test_admin.py."""
