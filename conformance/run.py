#!/usr/bin/env python3
"""Runs plans of the OpenID Foundation's conformance suite against Countersign, and prints what came of each.

    conformance/run.py --suite FOLDER [PLAN ...]

FOLDER holds the built suite. README.md says what else is needed. Everything runs on loopback, and what was started
is ended by its process id. Exits with 0 if every module passed, or came out as expected.json says.
"""

import argparse
import pathlib
import signal
import sys

import browser
import expectations
import report
from plans import PLANS
from processes import Processes
from provider import Provider
from suite import Suite


def main():
    options = arguments()
    if options.list:
        for plan in PLANS.values():
            print(f"{plan.name:24} {plan.suite_name} {plan.variant}")
        return 0
    unknown = [name for name in options.plans if name not in PLANS]
    if unknown:
        sys.exit(f"no such plan: {', '.join(unknown)}. --list prints them.")
    plans = [PLANS[name] for name in options.plans or PLANS]
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    # So that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Processes(work) as processes:
        provider = Provider(processes, options.binary.resolve(), work)
        suite = Suite(processes, options, work)
        suite.start()
        outcomes = [run(plan, suite, provider, options) for plan in plans]
    print(report.table(outcomes))
    surprises = [line for outcome in outcomes for line in expectations.surprises(outcome)]
    print("\n".join(surprises))
    return 1 if surprises else 0


def run(plan, suite, provider, options):
    provider.serve(plan.settings)
    configuration = browser.configuration(plan, provider)
    return suite.run(plan, configuration, provider, options.only)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plans", nargs="*", metavar="PLAN", help="which plans, by the names of --list; all of them if none is named")
    parser.add_argument("--list", action="store_true", help="list the plans")
    parser.add_argument("--suite", type=pathlib.Path, metavar="FOLDER", help="the folder of the built suite")
    parser.add_argument("--binary", type=pathlib.Path, default=pathlib.Path("target/release/countersign"), help="the program under test")
    parser.add_argument("--java", default="java", help="a Java that the suite runs on, 21 or later")
    parser.add_argument("--chromium", default="chromium", help="a Chromium, for the plan that the suite's own browser can't do")
    parser.add_argument("--mongodb", default="mongodb://127.0.0.1:27017/test_suite", metavar="URI", help="the database of the suite")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/conformance"), help="where keys, logs and results go")
    parser.add_argument("--only", metavar="MODULE", help="run only modules whose name contains this")
    options = parser.parse_args()
    if not options.list and options.suite is None:
        parser.error("--suite is needed: the folder of the built suite")
    return options


if __name__ == "__main__":
    sys.exit(main())
