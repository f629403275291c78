"""Rules for templates, checked when they are loaded: a template prints fields, and nothing else.

An expression is a field, or a part of one: names, attributes, constant indexes. So there
is nothing in a template that could make a text of several, or take its escaping away.
The one filter on a value is `AS_IT_IS`, at the places of `RAW_PLACES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError

from omerogen.templating.environment import language

#: The filter that prints checked text as it is.
AS_IT_IS = "as_it_is"
#: The one block filter: it indents the block.
INDENT = "indent"
#: Where a template prints lines of its language as they are: the template, and the field with the lines.
RAW_PLACES = frozenset({("nginx/servers.conf.j2", "nginx.extra_lines")})
#: Languages whose words never hold a line break, so that indenting changes no value.
_ONE_LINE_WORDS = frozenset({".cfg", ".conf", ".xml"})

#: What a template may ask of a loop, in Python: the number of the loop is put in.
OF_LOOPS = {"first": "(at_{0} == 0)", "last": "(at_{0} == len(members_{0}) - 1)"}

#: The attribute of a printed expression that has the path of its field, such as ``nginx.server_names``.
PATH = "omerogen_field"

#: Names that a template binds itself, with the fields that they are bound to.
Bound = Mapping[str, str]


class NotAllowed(TemplateSyntaxError):
    """A template that does more than to print fields: it does not load."""


def check(template: nodes.Template, name: str) -> None:
    """Raise `NotAllowed` for what is not allowed; note on each expression the field that it prints."""
    _Check(name).body(template.body, {})


class _Check:
    """Walks the syntax tree of one template; the first thing that is not allowed is raised."""

    def __init__(self, template: str) -> None:
        self.template = template

    def body(self, body: list[Any], bound: Bound) -> None:
        """All statements of a block."""
        for node in body:
            check = self._STATEMENTS.get(type(node))
            if check is None:
                self._refuse(node, f"{type(node).__name__}: only for, if, with, include and filter indent")
            check(self, node, bound)

    def _refuse(self, node: nodes.Node, message: str) -> NoReturn:
        raise NotAllowed(f"a template only prints fields ({message})", node.lineno or 1, self.template)

    def _output(self, node: nodes.Output, bound: Bound) -> None:
        for part in node.nodes:
            if not isinstance(part, nodes.TemplateData):
                path = self._raw(part, bound) if isinstance(part, nodes.Filter) else self._field(part, bound)
                setattr(part, PATH, path)

    def _raw(self, node: nodes.Filter, bound: Bound) -> str:
        has_arguments = node.args or node.kwargs or node.dyn_args or node.dyn_kwargs
        if node.name != AS_IT_IS or node.node is None or has_arguments:
            self._refuse(node, f"the filter {node.name}")
        field = self._field(node.node, bound)
        if (self.template, field) not in RAW_PLACES:
            self._refuse(node, f"{field} as it is, which RAW_PLACES does not name")
        return field

    def _field(self, node: nodes.Node, bound: Bound) -> str:
        """The path of a field; the name of its members has the same path."""
        if isinstance(node, nodes.Name) and not node.name.startswith("_"):
            return bound.get(node.name, node.name)
        if isinstance(node, nodes.Getattr) and not node.attr.startswith("_"):
            if isinstance(node.node, nodes.Name) and node.node.name == "loop" and node.attr not in OF_LOOPS:
                self._refuse(node, f"loop.{node.attr}: only {', '.join(OF_LOOPS)}")
            return f"{self._field(node.node, bound)}.{node.attr}"
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            return f"{self._field(node.node, bound)}[{node.arg.value!r}]"
        return self._refuse(node, f"{type(node).__name__} in an expression")

    def _for(self, node: nodes.For, bound: Bound) -> None:
        if node.recursive or node.test is not None or node.else_:
            self._refuse(node, "a loop with a condition, with an else, or in itself")
        items = items_of(node.iter)
        path = f"{self._field(items, bound)}.items" if items else self._field(node.iter, bound)
        self.body(node.body, {**bound, **dict.fromkeys(names_of(node.target), path)})

    def _if(self, node: nodes.If, bound: Bound) -> None:
        self._condition(node.test, bound)
        for block in (node.body, node.elif_, node.else_):
            self.body(block, bound)

    def _condition(self, node: nodes.Node, bound: Bound) -> None:
        """Whether a field says yes: not, and, or, is none."""
        if isinstance(node, (nodes.And, nodes.Or)):
            self._condition(node.left, bound)
            self._condition(node.right, bound)
        elif isinstance(node, nodes.Not) or (isinstance(node, nodes.Test) and node.name == "none"):
            self._condition(node.node, bound)
        else:
            self._field(node, bound)

    def _with(self, node: nodes.With, bound: Bound) -> None:
        fields = [self._field(value, bound) for value in node.values]
        names = [name for target in node.targets for name in names_of(target)]
        self.body(node.body, {**bound, **dict(zip(names, fields, strict=True))})

    def _include(self, node: nodes.Include, bound: Bound) -> None:  # noqa: ARG002 - as all of them
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if not isinstance(name, str) or language(name) != language(self.template):
            self._refuse(node, "include of something other than a template of the same language")

    def _filter_block(self, node: nodes.FilterBlock, bound: Bound) -> None:
        if node.filter.name != INDENT or node.filter.node is not None:
            self._refuse(node, f"the filter {node.filter.name}")
        if language(self.template) not in _ONE_LINE_WORDS:
            self._refuse(node, f"{INDENT}, where a word may have several lines")
        self.body(node.body, bound)

    _STATEMENTS: ClassVar[dict[type[nodes.Node], Callable[[_Check, Any, Bound], None]]] = {
        nodes.FilterBlock: _filter_block,
        nodes.For: _for,
        nodes.If: _if,
        nodes.Include: _include,
        nodes.Output: _output,
        nodes.With: _with,
    }


def names_of(target: nodes.Node) -> list[str]:
    """The names that a loop or a ``with`` binds."""
    return [name.name for name in (target, *target.find_all(nodes.Name)) if isinstance(name, nodes.Name)]


def items_of(node: nodes.Node) -> nodes.Node | None:
    """The node that ``.items()`` is called on; None for anything else."""
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Getattr):
        return None
    plain = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    return node.node.node if plain and node.node.attr == "items" else None
