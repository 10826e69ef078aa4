"""What is known to fall short, with its reason: expected.json. Anything else is a surprise, the better too."""

import json
import pathlib

FINE = ("PASSED", "REVIEW")


def expected(plan_name):
    every = json.loads((pathlib.Path(__file__).parent / "expected.json").read_text())
    # A dynamic variant has the same modules.
    return {**every.get(plan_name.removesuffix("-dynamic"), {}), **every.get(plan_name, {})}


def surprises(outcome):
    """One line for each module that came out otherwise than expected."""
    known = expected(outcome.plan.name)
    lines = []
    for name, module in outcome.modules:
        wanted = known.get(name, {}).get("result")
        is_as_expected = module.result == wanted if wanted else module.result in FINE
        if not is_as_expected:
            lines.append(f"unexpected: {outcome.plan.name}: {name}: {module.result}, expected {wanted or 'PASSED'}")
    return lines
