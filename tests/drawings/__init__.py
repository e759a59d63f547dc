"""The drawings of docs/drawings, in both languages: `python -m tests.drawings` writes them anew."""
