"""`python -m tests.simulation`: play seeds, and replay one that failed."""

import argparse
import sys
import time
from typing import get_args

from tests.simulation.acts import ACTS, POINTS
from tests.simulation.simulation import simulate
from tests.simulation.weather import Trouble


def main() -> int:
    """Returns 0 when every promise was kept, 1 when one was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description="Plays seeds of the deterministic simulation.",
        epilog="example: python -m tests.simulation --seeds 200",
    )
    parser.add_argument("--seeds", type=int, default=50, metavar="N", help="how many (default 50)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first one (default 0)")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="only this one")
    parser.add_argument("--acts", default="", metavar="A,B", help=f"only these: {', '.join(ACTS)}")
    parser.add_argument("--trouble", default=None, choices=get_args(Trouble), help="the provider's only one")
    parser.add_argument("--aim", default=None, choices=POINTS, help="where every `kill at` is aimed")
    parser.add_argument("--trace", action="store_true", help="print all that happened")
    parser.add_argument("--digest", action="store_true", help="print each seed's digest only")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds) if options.seed is None else [options.seed]
    acts = tuple(filter(None, options.acts.split(",")))
    began, failed, kills = time.monotonic(), [], dict[str, int]()
    for seed in seeds:
        result = simulate(seed, acts=acts, trouble=options.trouble, aim=options.aim)
        for point, count in result.kills.items():
            kills[point] = kills.get(point, 0) + count
        if options.trace:
            _say("\n".join(result.trace))
        if options.digest:
            _say(f"{seed} {result.digest}")
        if result.violations or options.seed is not None:
            _say(str(result))
        if result.violations:
            failed.append(seed)
    if options.digest:
        return int(bool(failed))
    places = ", ".join(f"{point} {count}" for point, count in sorted(kills.items()))
    seconds = time.monotonic() - began
    _say(f"{len(seeds)} seeds, {len(failed)} failed {failed or ''}, {seconds:.0f} s; kills: {places}")
    return int(bool(failed))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
