"""YAML read as descent reads it: plain scalars by the core schema of YAML 1.2, quoted ones as text."""

import re

import yaml

_INT = re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$")
_REAL = re.compile(r"^(?:[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")


class Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}


for tag, pattern, first in (("null", re.compile(r"^(?:~|null|Null|NULL|)$"), "~nN\0"),
                            ("bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
                            ("int", _INT, "-+0123456789"), ("float", _REAL, "-+.0123456789")):
    for letter in first:
        Loader.yaml_implicit_resolvers.setdefault(letter.strip("\0"), []).append(("tag:yaml.org,2002:" + tag, pattern))


def _int(loader, node):
    text = node.value
    return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))


def _float(loader, node):
    return float(node.value.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".n", "n")
                 .replace(".N", "n"))


Loader.add_constructor("tag:yaml.org,2002:int", _int)
Loader.add_constructor("tag:yaml.org,2002:float", _float)


def load(text):
    """The tree, or {} of an empty document, which is an empty mapping to descent."""
    tree = yaml.load(text, Loader)
    return {} if tree is None and not re.search(r"(?m)^(?!#|---|\s*$)", text) else tree
