"""Runs every benchmark in one go, so that ratios are of one run on one machine."""

from tests.benchmarks import check_time

check_time.main()
