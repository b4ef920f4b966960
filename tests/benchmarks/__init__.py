"""Benchmarks: they print figures and assert none. Run by `make bench` in this checkout's own cluster."""
