"""The page's own JSON API under `/local`, which is also the hands and eyes of tests. `routes.py` documents it."""
