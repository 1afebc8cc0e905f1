"""Benchmarks of ``./wangge bench``: every figure stands against a bound or a peer of the same run.

Each module has ``measure(conn)``, which gives its lines and leaves the database as it found it.
"""
