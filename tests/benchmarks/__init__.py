"""Benchmarks: they print figures and assert none. Run by `make bench` against the project's own database."""
