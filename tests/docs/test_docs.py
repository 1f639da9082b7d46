#!/usr/bin/env python3
"""What the documentation tells people to type, typed; what it shows, compared; speaks TAP.

    test_docs.py DESCENT SOURCE-FOLDER [FILE.md ...]     default: README.md, docs/*.md, the manual page
    test_docs.py --links DESCENT FOLDER                the links of a folder with README.md and docs alone
    test_docs.py --record DESCENT SOURCE-FOLDER FILE.md  writes the outputs that are shown again

In a document, with marks as comments on the lines before a fenced block:

    ```console      a session: `$ command` lines are run, in one scratch folder per document with configs/ in it, and what
                    stands below each must be what it prints; a line `...` stands for any lines
    ```sh           with `<!-- typed -->` before it: each line is typed, in that folder, and must end well; so when all is typed a second time
    ```yaml         with `<!-- file: NAME -->` before it: is written to that file of the scratch folder and must be valid
    <!-- differs: REGEX -->   places of the next session that may differ: times, say

All else that training leaves is the same on every machine, to the last digit.

`<!-- picture: FILE -->` before a picture: it shows what FILE shows once all is typed; that is, it carries the same specs and
the same points.

and between `<!-- prints: COMMAND -->` and `<!-- end -->`, outside of blocks, stands what COMMAND prints (a table, say).

All else, `sh` and indented blocks and `code` in the text, is not run (it may take long, or want data): its commands must
exist, with their options; specs that come with the program must be valid with the KEY=VALUE words given; `descent list ...`
is run; scripts and paths must be there, and what a link points to, with its heading."""

import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ok, plan  # noqa: E402

record, only_links = sys.argv[1] == "--record", sys.argv[1] == "--links"
arguments = sys.argv[2:] if record or only_links else sys.argv[1:]
descent, source = pathlib.Path(arguments[0]).resolve(), pathlib.Path(arguments[1]).resolve()
documents = [pathlib.Path(p).resolve() for p in arguments[2:]] or [source / "README.md", *sorted((source / "docs").glob("*.md"))]
ALONE = ("reference.md", "lecture.md")  # generated, and held elsewhere; a test of its own


def run(words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=300, **more)


# ---- documents ----


class Block:
    def __init__(self, kind, start):
        self.kind, self.start, self.lines = kind, start, []
        self.file, self.differs, self.typed = None, [], False


def blocks_of(text):
    """Fenced and indented blocks, and the text between them, with the marks before them."""
    found, block, marks = [], None, []
    for number, line in enumerate(text.split("\n")):
        fence = re.match(r"```(\w*)$", line)
        if block and block.kind not in ("text", "indented"):
            if fence:
                block = None
            else:
                block.lines.append(line)
            continue
        if fence:
            block = Block(fence[1] or "plain", number)
            for name, value in marks:
                if name == "file":
                    block.file = value
                elif name == "differs":
                    block.differs.append(value)
                else:
                    block.typed = True
            marks = []
            found.append(block)
            continue
        mark = re.match(r"<!-- (file|differs|typed)(?:: (.*))? -->$", line)
        if mark:
            marks.append((mark[1], mark[2]))
            continue
        kind = "indented" if line.startswith("    ") and (not block or block.kind == "indented" or not block.lines[-1]) else "text"
        if not block or block.kind != kind:
            block = Block(kind, number)
            found.append(block)
        block.lines.append(line)
    return found


def session_of(block):
    """[command, its lines of output] of a console block."""
    steps = []
    for line in block.lines:
        if line.startswith("$ "):
            steps.append([line[2:], []])
        elif steps and not steps[-1][1] and steps[-1][0].endswith("\\"):
            steps[-1][0] = steps[-1][0] + "\n" + line
        elif steps:
            steps[-1][1].append(line)
    return steps


# ---- sessions, run ----

def words_of(lines, block):
    """What must be the same of lines."""
    for pattern in block.differs:
        lines = [re.sub(pattern, "*", line) for line in lines]
    return [line.rstrip() for line in lines]


def same_text(shown, got, block):
    """What differs, '' where nothing does; `...` stands for any lines."""
    if "..." not in shown:
        shown, is_ = words_of(shown, block), words_of(got, block)
        return "" if shown == is_ else "".join(difflib.unified_diff([f"{s}\n" for s in shown], [f"{s}\n" for s in is_], "shown", "is"))
    at = shown.index("...")
    if words_of(shown[:at], block) != words_of(got[:at], block):
        return "it begins:\n" + "\n".join(got[:at])
    rest = shown[at + 1:]
    if any(same_text(rest, got[i:], block) == "" for i in range(at, len(got) + 1)):
        return ""
    return "after ... it has nothing like what is shown:\n" + "\n".join(got)


def environment(folder):
    bin_folder = folder / ".bin"
    bin_folder.mkdir(exist_ok=True)
    if not (bin_folder / "descent").exists():
        (bin_folder / "descent").symlink_to(descent)
    return dict(os.environ, PATH=f"{bin_folder}:{os.environ['PATH']}", LC_ALL="C.UTF-8")


def type_in(command, folder):
    done = run(["sh", "-c", f"exec 2>&1; {command}"], cwd=folder, env=environment(folder))
    return done.stdout.split("\n")[:-1], done.returncode


def play(block, folder, name):
    for command, shown in session_of(block):
        got, _ = type_in(command, folder)
        wrong = same_text(shown, got, block)
        ok(not wrong, f"{name}: $ {command}", wrong)


def type_all(block, folder, name):
    for command in re.sub(r"\\\n\s*", " ", "\n".join(block.lines)).split("\n"):
        got, code = type_in(command, folder)
        ok(code == 0, f"{name}: {command}", "\n".join(got))


PICTURE = re.compile(r"(?m)^<!-- picture: (.*) -->\n!\[[^]]*\]\((.*)\)$")


def carried_by(figure, folder):
    """The specs and points that a figure carries, {name: bytes}."""
    with tempfile.TemporaryDirectory(dir=folder) as to:
        done = run([str(descent), "extract", str(figure), "-o", to], cwd=folder)
        return {p.name: p.read_bytes() for p in pathlib.Path(to).iterdir()} if done.returncode == 0 else done.stderr


def compare_pictures(path, text, folder):
    for file, picture in PICTURE.findall(text):
        drawn, shown = folder / file, path.parent / picture
        if record and drawn.is_file():
            shown.parent.mkdir(exist_ok=True)
            shown.write_bytes(drawn.read_bytes())
            continue
        if not drawn.is_file():
            ok(False, f"{path.name}: {file} is drawn", f"no {file}")
            continue
        is_, was = carried_by(drawn, folder), carried_by(shown, folder)
        wrong = is_ if isinstance(is_, str) else was if isinstance(was, str) else [n for n in is_ | was if is_.get(n) != was.get(n)]
        ok(not wrong, f"{path.name}: {picture} shows what {file} shows", wrong)


# ---- links ----


def headings_of(page):
    """As a page's headings are linked to: "A spec: how?" is #a-spec-how."""
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", title).lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.*)$", text)}


def check_links(path, text):
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"(?ms)^```.*?^```$", "", text)):
        if re.match(r"\w+:", link):
            continue
        file, _, heading = link.partition("#")
        target = path.parent / file if file else path
        ok(target.exists() and (not heading or heading in headings_of(target)), f"{path.name}: {link} leads somewhere")


# ---- commands, looked at ----


def help_of(command):
    if command not in help_of.known:
        text = run([str(descent), command, "--help"]).stdout
        help_of.known[command] = {option: bool(argument) for letter, long, argument in
                                  re.findall(r"(?m)^  (-\w)?[ ,]*(--[\w-]+)( \S+)?", text) for option in (letter, long) if option}
    return help_of.known[command]


help_of.known = {}
COMMANDS = re.findall(r"(?m)^  ([a-z][a-z-]*)", run([str(descent), "--help"]).stdout)
TAKES_SPEC = ("run", "sweep", "schedule", "check", "trace", "lr-range", "bench")


def look_at_descent(words, text):
    """What is wrong with a call, or ''."""
    if len(words) == 1 or words[1] in ("--help", "--version", "help"):
        return ""
    command = words[1]
    if "COMMAND" in command or not re.match(r"[a-z][a-z-]*$", command):
        return ""
    if command not in COMMANDS:
        return f"no command '{command}'"
    options, plain, rest = help_of(command), [], iter(words[2:])
    for word in rest:
        name = word.partition("=")[0]
        if not word.startswith("-") or word in ("-", "--"):
            plain.append(word)
        elif name not in options:
            return f"no option '{name}' of {command}; there are {', '.join(options)}"
        elif options[name] and "=" not in word:
            next(rest, None)
    if command == "list" and not any(re.search(r"[A-Z.]", word) for word in plain):
        done = run([str(descent), *words[1:]])
        return "" if done.returncode == 0 else done.stderr
    spec = plain[0] if plain else ""
    if command in TAKES_SPEC and spec.endswith(".yaml") and not re.search(r"[$*]", spec):
        if (source / spec).is_file():
            with tempfile.TemporaryDirectory() as folder:
                done = run([str(descent), "check", str(source / spec), *(w for w in plain[1:] if "=" in w and "VALUE" not in w)], cwd=folder)
            return "" if done.returncode == 0 else done.stderr
        if not spec.isupper() and f"> {spec}" not in text and f"file: {spec}" not in text and spec != "base.yaml":
            return f"there is no {spec}"
    return ""


def commands_in(line):
    """Calls of descent and of scripts in a line of shell."""
    line = re.sub(r"(^|\s)#.*", "", line.replace("$ ", "", 1) if line.startswith("$ ") else line)
    for piece in re.split(r"[;|&]+(?=\s|$)|\bdo\b|\bdone\b", line):
        try:
            words = shlex.split(piece)
        except ValueError:
            words = piece.split()
        while words and re.match(r"\w+=", words[0]):
            words.pop(0)
        if words and (words[0] in ("descent", "build/descent") or re.match(r"scripts/(?:packaging/)?[\w-]+$", words[0])):
            yield words


def look_at(words, text):
    if words[0].startswith("scripts/"):
        script = source / words[0]
        if not script.is_file() or not os.access(script, os.X_OK):
            return f"there is no script {words[0]}"
        missing = [w for w in words[1:] if w.startswith("--") and w.partition("=")[0] not in script.read_text(encoding="utf-8")]
        return f"{words[0]} has no {missing[0]}" if missing else ""
    return look_at_descent(words, text)


PATH = re.compile(r"(?:configs|scripts|docs|tests|src|results/reference)/[\w./-]*[\w-]$")


def look_at_text(block, text, name):
    """`code` and links between the blocks; a span may go over the end of a line."""
    prose = "\n".join(block.lines)
    for span in re.findall(r"`([^`]+)`", prose):
        span = " ".join(span.split())
        for words in commands_in(span):
            wrong = look_at(words, text)
            ok(not wrong, f"{name}: `{span}`", wrong)
        if PATH.match(span):
            ok((source / span).exists(), f"{name}: {span} is there")


PRINTS = re.compile(r"(?ms)^<!-- prints: descent (.*?) -->\n(.*?)^<!-- end -->$")


def check(path):
    text, name = path.read_text(encoding="utf-8"), path.name
    for words, shown in PRINTS.findall(text):
        got = run([str(descent), *shlex.split(words)]).stdout
        wrong = "".join(difflib.unified_diff(shown.splitlines(True), got.splitlines(True), "shown", "is"))
        ok(not wrong, f"{name}: is what descent {words} prints", wrong)
    check_links(path, text)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "configs").symlink_to(source / "configs")
        for block in blocks_of(text):
            if block.file:
                (folder / block.file).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
                if block.file.endswith(".yaml"):
                    done = run([str(descent), "check", block.file], cwd=folder)
                    ok(done.returncode == 0, f"{name}: {block.file} is valid", done.stderr)
            elif block.kind == "console":
                play(block, folder, name)
            elif block.typed:
                type_all(block, folder, name)
            elif block.kind in ("sh", "plain", "indented"):
                for line in re.sub(r"\\\n\s*", " ", "\n".join(block.lines)).split("\n"):
                    for words in commands_in(line.strip()):
                        wrong = look_at(words, text)
                        ok(not wrong, f"{name}: {' '.join(words)}", wrong)
            elif block.kind == "text":
                look_at_text(block, text, name)
        compare_pictures(path, text, folder)
        for block in blocks_of(text):
            if block.typed:
                type_all(block, folder, f"{name}, on another day")


# ---- the walk through the sources ----


def check_walk(path):
    """Files and folders below src are there, and a function named behind its file is in it."""
    text = path.read_text(encoding="utf-8")
    rooms = {p.name for p in (source / "src").iterdir() if p.is_dir()}
    files = {p.name for p in (source / "src").rglob("*.[ch]")}
    spans, n = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)], 0
    for span in spans:
        if "/" in span and span.split("/")[0] in rooms:
            n += 1
            ok((source / "src" / span).exists(), f"{path.name}: src/{span} is there")
        elif re.fullmatch(r"\w+\.[ch]", span):
            ok(span in files, f"{path.name}: there is a file {span}")
    for file, function in re.findall(r"`(\w+/\w+\.c)`, `(\w+)`", text):
        n += 1
        ok(re.search(rf"(?m)^\w.*\b{function}[(,]", (source / "src" / file).read_text(encoding="utf-8")),
           f"{path.name}: {function} is in src/{file}")
    ok(n >= 50, f"{path.name}: leads through the sources, in {n} places")


def check_manual_page():
    """Its examples: the first is a file, the others are commands."""
    examples = re.findall(r"(?s)\.EX\n(.*?)\.EE", run([str(descent), "man"]).stdout)
    examples = [re.sub(r"\\(.)", lambda m: "\\" if m[1] == "e" else "" if m[1] == "&" else m[1], e) for e in examples]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "s.yaml").write_text(examples[0], encoding="utf-8")
        for command in examples[1].splitlines():
            got, code = type_in(command, folder)
            ok(code == 0, f"descent(1): {command}", "\n".join(got))


def write_anew(path):
    text = PRINTS.sub(lambda m: f"<!-- prints: descent {m[1]} -->\n{run([str(descent), *shlex.split(m[1])]).stdout}<!-- end -->",
                      path.read_text(encoding="utf-8"))
    lines = text.split("\n")
    with tempfile.TemporaryDirectory() as scratch:
        folder, offset = pathlib.Path(scratch), 0
        (folder / "configs").symlink_to(source / "configs")
        for block in blocks_of("\n".join(lines)):
            if block.file:
                (folder / block.file).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
            if block.typed:
                type_all(block, folder, path.name)
            if block.kind != "console":
                continue
            new = []
            for command, shown in session_of(block):
                got, _ = type_in(command, folder)
                new += [f"$ {command}", *(shown if same_text(shown, got, block) == "" and shown else (line.rstrip() for line in got))]
            at = block.start + 1 + offset
            lines[at:at + len(block.lines)] = new
            offset += len(new) - len(block.lines)
        compare_pictures(path, text, folder)
    path.write_text("\n".join(lines), encoding="utf-8")


if record:
    for document in documents:
        write_anew(document)
    sys.exit(0)
if only_links:
    for document in documents:
        check_links(document, document.read_text(encoding="utf-8"))
    plan()
    sys.exit(0)
for document in documents:
    if document.name not in ALONE or len(arguments) > 2:
        check(document)
    if document.name == "architecture.md":
        check_walk(document)
if len(arguments) == 2:
    check_manual_page()
    ok(len((source / "README.md").read_text(encoding="utf-8").splitlines()) <= 160, "README.md: at most 160 lines")
plan()
