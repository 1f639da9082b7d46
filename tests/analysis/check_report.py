"""Is a report's page well-formed, complete in itself and accessible? Python's own parser, no other.

    check_report.py PAGE.html [TEXT ...]      TEXT: must be read on the page, as text
    check_report.py --commands PAGE.html      prints the command lines of the page
"""
import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input", "source"}
# What no <p> and no heading may hold.
BLOCK = {"p", "div", "table", "pre", "section", "ul", "dl", "figure", "details", "h1", "h2", "h3", "header"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.errors, self.ids, self.headings = [], [], set(), []
        self.text, self.commands, self.counts = [], [], {}
        self.references, self.css, self.title = [], "", ""
        self.scripts = []  # kind, text

    def wrong(self, text):
        self.errors.append("line %d: %s" % (self.getpos()[0], text))

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        a = dict(attributes)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if len(names) != len(a):
            self.wrong("an attribute of <%s> comes twice" % tag)
        if tag in ("iframe", "object", "embed", "base", "form"):
            self.wrong("<%s>" % tag)
        if tag == "script":
            self.script = a.get("type", "")
            self.scripts.append([self.script, ""])
            if a.get("class", "") != ("plot" if self.script == "application/json" else "") or set(a) - {"type", "class"}:
                self.wrong("<script> of an unknown kind")
        for name, value in attributes:
            self.attribute(tag, name, value or "")
        if tag in BLOCK and self.open and self.open[-1] in ("p", "h1", "h2", "h3", "code", "span"):
            self.wrong("<%s> within <%s>" % (tag, self.open[-1]))
        if tag == "th" and a.get("scope") not in ("row", "col"):
            self.wrong("<th> without scope")
        if tag == "html" and a.get("lang") != "en":
            self.wrong("<html> without lang")
        if tag == "svg" and not {"light", "dark"} & set(self.figure_classes()):
            self.wrong("<svg> outside of its theme")
        if tag == "div" and a.get("role") == "img" and len(a.get("aria-label", "")) < 20:
            self.wrong("a figure without a text for those who do not see it")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)
            self.classes.append(a.get("class", ""))

    classes = []

    def figure_classes(self):
        return [word for c in self.classes for word in c.split()]

    def attribute(self, tag, name, value):
        if name.startswith("on"):
            self.wrong("%s of <%s>" % (name, tag))
        if name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            self.references.append(value)
        if name == "style" and "url(" in value:
            self.references += re.findall(r"url\(([^)]*)\)", value)
        if name == "id":
            if value in self.ids:
                self.wrong("the id %s comes twice" % value)
            self.ids.add(value)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.wrong("</%s> closes <%s>" % (tag, self.open[-1] if self.open else "nothing"))
            return
        self.open.pop()
        self.classes.pop()

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        if where == "style":
            self.css += data
        elif where == "title":
            self.title += data
        elif where == "script":
            self.scripts[-1][1] += data
        else:
            self.text.append(data)
        if self.open[-2:] == ["pre", "code"] and self.classes[-2] == "command":
            self.commands.append(data)

    def handle_comment(self, data):
        self.wrong("a comment")

    def unknown_decl(self, data):
        self.wrong("<![%s" % data)


def check_scripts(page, source, wrong):
    """One script of the page's own, by its digest the only one that its policy lets run; its data are
    JSON."""
    own = [text for kind, text in page.scripts if not kind]
    data = [text for kind, text in page.scripts if kind]
    if len(own) != (1 if data else 0):
        wrong.append("%d scripts for %d figures" % (len(own), len(data)))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', source)
    allowed = re.findall(r"script-src ([^;]*)", policy.group(1)) if policy else []
    for text in own:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        if allowed != ["'sha256-%s'" % digest]:
            wrong.append("the policy does not name the script alone: %s" % allowed)
        if re.search(r"import\b|fetch\(|XMLHttp|WebSocket|eval\(|innerHTML|\.src\b", text):
            wrong.append("the script loads something, or makes markup of text")
    for text in data:
        for panel in json.loads(text):
            for curve in panel["curves"]:
                if len(curve["x"]) != len(curve["y"]):
                    wrong.append("a curve with another number of x than of y")


def check(source, wanted):
    page = Page()
    page.classes = []
    page.feed(source)
    page.close()
    wrong = page.errors
    if not source.startswith("<!DOCTYPE html>\n"):
        wrong.append("no doctype")
    if page.open:
        wrong.append("left open: %s" % page.open)
    for tag in ("html", "head", "title", "body", "main", "h1"):
        if page.counts.get(tag) != 1:
            wrong.append("%s <%s>" % (page.counts.get(tag, 0), tag))
    if not page.title.strip():
        wrong.append("an empty title")
    for before, after in zip(page.headings, page.headings[1:]):
        if after > before + 1:
            wrong.append("a heading of level %d after one of level %d" % (after, before))
    for reference in page.references:
        if not re.match(r"data:|#", reference):
            wrong.append("a reference to %s" % reference)
        elif reference.startswith("#") and reference[1:] not in page.ids:
            wrong.append("a reference to %s, which is not there" % reference)
    if re.search(r"@import|url\(|expression", page.css):
        wrong.append("the style sheet loads something")
    for word in ("prefers-color-scheme:dark", "@media print"):
        if word not in page.css:
            wrong.append("no %s" % word)
    check_scripts(page, source, wrong)
    bad = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", source)
    if bad:
        wrong.append("a control character, U+%04X" % ord(bad.group()))
    text = "".join(page.text)
    for want in wanted:
        if want not in text:
            wrong.append("it does not say %r" % want)
    return page, wrong


def main(arguments):
    commands = arguments[0] == "--commands"
    path, *wanted = arguments[1:] if commands else arguments
    with open(path, encoding="utf-8", newline="") as file:
        page, wrong = check(file.read(), wanted)
    if commands:
        print("".join(c + "\n" for c in page.commands), end="")
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
