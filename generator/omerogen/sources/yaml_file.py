"""A ``.yaml`` file: one mapping of property to value, as in an Ansible inventory."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from omerogen.model import Location, Problem, SourceError
from omerogen.sources.assignments import (
    Assignment,
    Report,
    Unknown,
    Unsafe,
    decoded,
    is_template,
    legal,
    reporting,
)
from omerogen.sources.keys import AS_IT_IS, PROPERTIES, VARIABLES, Keys, Variable
from omerogen.values.base import Invalid
from omerogen.values.patterns import Pattern

_NOT_A_NAME = ("property names must be strings", "write it in quotes")
#: More nodes than any site has; aliases can expand a small file to billions.
_MOST_NODES = 200_000
#: Quoted parts of PyYAML's messages that are safe: its punctuation, or a token's name such as <scalar>.
_SIGN = Pattern(r"[^\w\s]|\\t|<[a-z ]+>")
#: As many nodes as PyYAML reads in a second.
_MOST_WRITTEN = 20_000
#: Errors of PyYAML where a text does not match its tag, such as ``!!bool x``.
_STUMBLES = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
_NAME_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")


def read(path: str, data: bytes, profile: str | None, report: Report) -> list[Assignment]:  # noqa: ARG001
    """One assignment a member; a text stays as it is, anything else becomes JSON."""
    with _refusing(path):
        whole = yaml.compose(decoded(path, data), _Loader)
        if isinstance(whole, yaml.SequenceNode) and (named := _variables(whole, VARIABLES)):
            roles = dict.fromkeys("_".join(name.split("_")[:2]) for name in named)
            advice = " ".join(f"--key {role}" for role in roles)
            raise SourceError.at(Location.file(path), "is a playbook", f"add {advice} for its variables")
        root = _mapping(path, whole)
        return _read_members(path, root, report) if root else []


def read_below(path: str, data: bytes, keys: Keys, report: Report) -> list[Assignment]:
    """The same of the members ``keys`` of the outer mapping; all other members may be anything."""
    assignments: list[Assignment] = []
    with _refusing(path):
        root = yaml.compose(decoded(path, data), _Loader)
        nodes = _variables(root, keys.names)
        for name, variable in keys.read(path, {*_members(root, keys.sought), *nodes}, report):
            key, node = nodes[name][0]
            if len(nodes[name]) > 1:
                lines = ", ".join(str(one.start_mark.line + 1) for one, _ in nodes[name])
                message = f"{legal(name)} is defined more than once, in lines {lines}"
                report(Problem(_location(path, key), message, "put the one that is meant into a file"))
            elif not variable.is_mapping or (isinstance(node, yaml.ScalarNode) and is_template(node.value)):
                _expanded_size(node, {})
                assignments += _read_member(_Loader(""), _location(path, key), name, node, report, variable)
            elif members := _mapping(path, node, f"{legal(name)} "):
                assignments += _read_members(path, members, report, variable)
    return assignments


def _variables(
    root: yaml.Node | None, names: Collection[str]
) -> dict[str, list[tuple[yaml.Node, yaml.Node]]]:
    """The members of these names: of the outer mapping, else wherever they are, as in a playbook."""
    found = _members(root, names)
    if found or root is None:
        return found
    _expanded_size(root, {})
    level = [root]
    while level:
        for node in level:
            for name, pairs in _members(node, names).items():
                found.setdefault(name, []).extend(pairs)
        level = [
            child
            for node in level
            for part in (node.value if not isinstance(node, yaml.ScalarNode) else ())
            for child in (part[1:] if isinstance(part, tuple) else (part,))
        ]
    return found


def _members(node: yaml.Node | None, names: Collection[str]) -> dict[str, list[tuple[yaml.Node, yaml.Node]]]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    found: dict[str, list[tuple[yaml.Node, yaml.Node]]] = {}
    for key, value in pairs:
        if _is_name(key) and key.value in names:
            found.setdefault(key.value, []).append((key, value))
    return found


def _mapping(path: str, node: yaml.Node | None, whose: str = "") -> yaml.MappingNode | None:
    """A mapping of properties; None for nothing. ``whose`` is the name of the member, if it is one."""
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return None
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line
        place = Location.file(path, line + 1 if line or whose else None)
        raise SourceError.at(place, f"{whose}is not a mapping", "write NAME: VALUE lines")
    _expanded_size(node, {})
    _check_names(path, node)
    return node


@contextmanager
def _refusing(path: str) -> Iterator[None]:
    """Turn PyYAML's errors into `SourceError`."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        location = Location.file(path, mark.line + 1 if mark else None)
        raise SourceError.at(
            location, f"is not YAML: {_safe_message(error.problem)}", "correct this line or one above"
        ) from None
    except yaml.YAMLError as error:
        reason = str(error).partition("\n")[0]
        raise SourceError.at(Location.file(path), f"is not YAML: {reason}", "save it as plain text") from None
    except _TooLarge:
        problem = Problem(Location.file(path), "is too large when its aliases are written out", "write less")
        raise SourceError(problem) from None
    except (RecursionError, ValueError):
        raise SourceError.at(
            Location.file(path), "is nested too deeply or in a circle", "write it flat"
        ) from None


class _TooLarge(Exception):
    """A few aliases that expand to more than any site has."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a date is the text it is: JSON has no dates. It reads so much and no more."""

    nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.nodes += 1
        if self.nodes > _MOST_WRITTEN:
            raise _TooLarge
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _unknown(_: _Loader, node: yaml.Node) -> Unknown:
    """The value of a tag of another program, such as Ansible's ``!vault``.

    Others are not shown: a secret that begins with ! is one too, where its quotes were forgotten.
    """
    if node.tag == "!vault":
        return Unknown(
            "!vault …", Invalid("has the YAML tag !vault, which is not resolved", "give its value")
        )
    problem = Invalid("has a YAML tag, which is not resolved", "put a text that begins with ! in quotes")
    return Unknown("!…", problem)


_Loader.add_constructor(None, _unknown)
# Ansible's mark of a text that is not a template.
_Loader.add_constructor("!unsafe", lambda _, node: Unsafe(node.value))


def _is_name(key: yaml.Node) -> bool:
    """Whether a key is a text, or the mark of a merge; a tag alone makes no text of a list."""
    return isinstance(key, yaml.ScalarNode) and key.tag in _NAME_TAGS


def _check_names(path: str, root: yaml.MappingNode) -> None:
    """Each name is a string and unique; ``<<`` merges another mapping below these."""
    lines: dict[str, int] = {}
    problems = []
    for key, _ in root.value:
        place = _location(path, key)
        if not _is_name(key):
            problems.append(Problem(place, *_NOT_A_NAME))
        elif key.value in lines:
            first = f"the first is in line {lines[key.value]}"
            problems.append(Problem(place, f"{legal(key.value)} is defined twice", f"keep one; {first}"))
        else:
            lines[key.value] = key.start_mark.line + 1
    if problems:
        raise SourceError(problems)


def _check_merged(path: str, root: yaml.MappingNode) -> None:
    """Merged mappings have strings as names too; here one can be in several places."""
    wrong = [key for key, _ in root.value if not _is_name(key)]
    if wrong:
        raise SourceError(Problem(_location(path, key), *_NOT_A_NAME) for key in wrong)


def _location(path: str, node: yaml.Node) -> Location:
    return Location.file(path, node.start_mark.line + 1)


def _read_members(
    path: str, root: yaml.MappingNode, report: Report, variable: Variable = PROPERTIES
) -> list[Assignment]:
    loader = _Loader("")
    loader.flatten_mapping(root)
    _check_merged(path, root)
    assignments: list[Assignment] = []
    keys = {id(key) for key, _ in root.value}
    for key, node in root.value:
        # A mapping that was merged into the outer one: its members are properties already.
        merged = isinstance(node, yaml.MappingNode) and all(id(inner) in keys for inner, _ in node.value)
        how = AS_IT_IS if merged else variable
        assignments += _read_member(loader, _location(path, key), key.value, node, report, how)
    return assignments


def _read_member(
    loader: _Loader, location: Location, name: str, node: yaml.Node, report: Report, variable: Variable
) -> list[Assignment]:
    """The assignments of a member; an error in it does not keep the others from being read."""
    try:
        value = loader.construct_object(node, deep=True)
        with reporting(report):
            return variable.assignments(name, value, location)
    except _STUMBLES:
        message = f"{legal(name)} does not match its tag, or is too long a number"
        report(Problem(location, message, "write it in quotes"))
    return []


def _safe_message(problem: str | None) -> str:
    """PyYAML's message without what it quotes of the file, which may be part of a secret."""
    message = problem or "it cannot be read"
    for quoted in re.finditer(r"'(.*?)'(?=\W|\Z)", message, re.DOTALL):
        if not _SIGN.fullmatch(quoted[1]):
            return message[: quoted.start()].rstrip() + " …"
    return message


def _expanded_size(node: yaml.Node, known: dict[int, int]) -> int:
    """The number of nodes in ``node`` with its aliases expanded; too many, or a circle, is refused."""
    if id(node) in known:
        if known[id(node)] == 0:
            raise ValueError("a circle")
        return known[id(node)]
    known[id(node)] = 0
    size = 1
    if not isinstance(node, yaml.ScalarNode):
        parts: list[Any] = node.value
        for part in parts:
            for child in part if isinstance(part, tuple) else (part,):
                size += _expanded_size(child, known)
    if size > _MOST_NODES:
        raise _TooLarge
    known[id(node)] = size
    return size
