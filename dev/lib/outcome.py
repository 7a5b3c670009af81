"""The outcome of a stage, and the sum of several."""

from dataclasses import dataclass, field

from . import console


@dataclass
class Outcome:
    """Counts, and what a person has to read."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)  # one text for each failed test
    remarks: list = field(default_factory=list)  # worth saying, not a failure
    seconds: float = 0

    def fail(self, text):
        """Count a failure."""
        self.failed += 1
        self.failures.append(text)

    def skip(self, text, count=1):
        """Count skipped tests, and say why."""
        self.skipped += count
        self.remarks.append(text)

    def sums(self):
        """``N passed, N failed, N skipped``."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def show(self):
        """Print the stage's result with everything that has to be read."""
        console.note(f"== {self.name}: {self.sums()} ({console.elapsed(self.seconds)})")
        for remark in self.remarks:
            console.note(f"   note: {remark}")
        for failure in self.failures:
            console.note("   FAILED: " + failure.replace("\n", "\n      "))


def total(outcomes):
    """Add up; the closing line of a run."""
    sums = Outcome("total")
    for outcome in outcomes:
        sums.passed += outcome.passed
        sums.failed += outcome.failed
        sums.skipped += outcome.skipped
    return sums
