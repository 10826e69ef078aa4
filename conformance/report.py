"""What came of a plan, for people."""

import collections
import dataclasses

RESULTS = ["PASSED", "REVIEW", "WARNING", "SKIPPED", "FAILED"]


@dataclasses.dataclass
class Module:
    result: str
    # What fell short, each in a line.
    reasons: list


class Outcome:
    """The modules of a plan: several of a name, where the plan has several response types."""

    def __init__(self, plan):
        self.plan = plan
        self.modules = []

    def add(self, name, info, log):
        finished = info.get("status") == "FINISHED"
        result = info.get("result") if finished else "FAILED"
        fell_short = [entry for entry in log if entry.get("result") in ("FAILURE", "WARNING")]
        reasons = [f"{entry['result']} {entry['src']}: {entry['msg'][:300]}" for entry in fell_short]
        if not finished:
            reasons.append(f"it ended as {info.get('status')}")
        self.modules.append((name, Module(result, reasons)))
        return result

    def counts(self):
        return collections.Counter(module.result for _, module in self.modules)


def table(outcomes):
    """One line for each plan. A review is a page that has the text that only the right page has."""
    lines = ["", "| plan | variant | passed | passed, by the page's text | warned | skipped | failed |", "|---|---|---|---|---|---|---|"]
    for outcome in outcomes:
        counts = outcome.counts()
        variant = outcome.plan.variant.get("client_registration", "").replace("_client", " clients")
        lines.append(f"| {outcome.plan.name.removesuffix('-dynamic')} | {variant} | " + " | ".join(str(counts[result]) for result in RESULTS) + " |")
    for outcome in outcomes:
        for name, module in outcome.modules:
            if module.result in ("WARNING", "SKIPPED", "FAILED"):
                lines.append(f"\n{outcome.plan.name}: {name}: {module.result}")
                lines.extend(f"    {reason}" for reason in module.reasons[:6])
    return "\n".join(lines)
