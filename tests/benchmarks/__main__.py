"""Runs every benchmark in one go, so that ratios are of one run on one machine."""

from layers.database import engine
from tests.benchmarks import check_time, http_load

check_time.main()
engine().dispose()
http_load.main()
