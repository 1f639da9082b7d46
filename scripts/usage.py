"""What every script in Python does with --help and with wrong arguments; those of the shell have usage.sh.

The arguments are read first of all, so that nothing is built, fetched or written before, and nothing slow imported.
tests/scripts/test_usage.sh holds each script to it.
"""
import argparse
import os
import re
import shlex
import shutil
import sys

NO_PROGRAM = "there is no program '{}' (meson setup build, and ninja -C build, make build/descent)"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Parser(argparse.ArgumentParser):
    """--help prints the text at the head of the script, and its options; what is wrong is one line."""

    def __init__(self, doc):
        super().__init__(prog=os.path.basename(sys.argv[0]), description=doc.strip(), usage=argparse.SUPPRESS, allow_abbrev=False,
                         formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message):
        print(f"{self.prog}: {' '.join(message.split())}: type '{sys.argv[0]} --help'", file=sys.stderr)
        sys.exit(2)

    def parse(self):
        """The arguments: options and words in any order. An unknown option is named before what is missing."""
        for word in sys.argv[1:]:
            option = re.match("--[a-z][a-z-]*|-[a-z]", word)
            if option and option[0] not in self._option_string_actions:
                self.error(f"unknown option '{word}'")
        return self.parse_intermixed_args()

    def descent(self):
        """The path of the program: $DESCENT, else build/descent."""
        try:
            return program(os.environ.get("DESCENT") or os.path.join(ROOT, "build", "descent"))
        except argparse.ArgumentTypeError as problem:
            return self.error(str(problem))

    def variable(self, name, default, least):
        """The whole number that a variable of the environment gives, from the least on."""
        text = os.environ.get(name) or str(default)
        if not text.isdecimal() or int(text) < least:
            self.error(f"{name} is '{text}', which is no number from {least}")
        return int(text)


def jobs(doc):
    """The words of a timed loop: about, a JOB, or jobs and a FILE."""
    p = Parser(doc)
    p.add_argument("words", nargs="+", metavar="about|JOB|jobs FILE")
    words = p.parse().words
    if len(words) != (2 if words[0] == "jobs" else 1):
        p.error("wanted are about, a JOB, or jobs and a FILE")
    return words


def counted(n, what):
    """"1 run", "2 runs"."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def count(text):
    """A whole number from 1, as a type of an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1")
    return int(text)


def file(text):
    """A file that is there, as a type of an argument."""
    if not os.path.isfile(text):
        raise argparse.ArgumentTypeError(f"there is no file '{text}'")
    return text


def folder(text):
    """A folder that is there, as a type of an argument."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"there is no folder '{text}'")
    return text


def program(text):
    """The absolute path of a program that is there, as a type of an argument."""
    if not os.path.isfile(text) or not os.access(text, os.X_OK):
        raise argparse.ArgumentTypeError(NO_PROGRAM.format(text))
    return os.path.abspath(text)


def command(text):
    """The words of a command, such as an emulator and the program it runs: the first and the last one are there."""
    words = [os.path.abspath(word) if os.path.exists(word) else word for word in shlex.split(text)] or [""]
    for word in (words[0], words[-1]):
        if not shutil.which(word):
            raise argparse.ArgumentTypeError(NO_PROGRAM.format(word))
    return words
