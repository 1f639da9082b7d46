"""The list of studies, in the order of --list, and how one gets into it."""

STUDIES = []
PAPERS = "configs/papers/"


class Study:
    def __init__(self, run, name, title, minutes, full):
        self.run, self.name, self.title, self.minutes, self.full = run, name, title, minutes, full


def study(name, title, minutes, full=None):
    """minutes: of one core, as run; full: of one core with --full, where that is more."""

    def add(run):
        STUDIES.append(Study(run, name, title, minutes, full))
        return run

    return add
