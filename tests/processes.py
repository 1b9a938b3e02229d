"""Processes that tests start by the dozen: each is forked from one that has imported everything already."""

import multiprocessing

START = multiprocessing.get_context("forkserver")
START.set_forkserver_preload(["tests.wiring.clock_process", "tests.races.bench"])
