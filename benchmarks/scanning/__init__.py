"""What `bench_scan.py` measures: one module a measurement, beside archives to measure with and the peer."""
