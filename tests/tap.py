"""What the Python tests share: cases that speak TAP."""

cases = 0


def ok(good, title, why=""):
    """One case. A '#' or a backslash in a title would mean something in TAP."""
    global cases
    cases += 1
    print(f"{'ok' if good else 'not ok'} {cases} - {' '.join(title.replace('#', '').replace(chr(92), '').split())}", flush=True)
    if not good:
        print("".join(f"# {line}\n" for line in str(why).splitlines()[:60]), end="", flush=True)


def plan():
    """How many there were: the end."""
    print(f"1..{cases}")
