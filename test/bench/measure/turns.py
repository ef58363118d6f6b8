"""A program that is measured, as in turns.h."""

import sys
import time


def in_turns(turn):
    """Calls `turn` with a number of rounds for each line of the input."""
    for line in sys.stdin:
        rounds = int(line)
        passed, work = time.monotonic(), time.process_time()
        turn(rounds)
        work, passed = time.process_time() - work, time.monotonic() - passed
        print(work * 1e6 / rounds, passed * 1e6 / rounds, flush=True)
