"""Side-by-side measurements on a real network: ``python -m bench``. What each figure means: bench/README.md."""
