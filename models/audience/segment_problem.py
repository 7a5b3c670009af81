class SegmentProblem(ValueError):
    """A segment cannot be asked; says why, in a sentence for its reader."""
