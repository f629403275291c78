"""Compiles a template into a module of Python that needs no Jinja2 when it is run.

Jinja2 parses; the `rules` allow few kinds of statements and expressions, and each of these is one method
here. A compiled template has two functions: ``render``, and ``trace``, which also calls a `tracing.Trace`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import jinja2
from jinja2 import nodes

from omerogen.templating import tracing
from omerogen.templating.environment import checksum
from omerogen.templating.rules import OF_LOOPS, PATH, check, items_of, names_of

_ENVIRONMENT = jinja2.Environment(
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - only its parser is used: compiled templates escape by their language
)
_MODULE = '''"""Compiled from {name} by Jinja2 {jinja}."""

CHECKSUM = {checksum}


def render(out, names, value, raw, indented, include):
{render}


def trace(out, names, trace, indented, include):
{trace}
'''


def compiled(name: str, source: str) -> str:
    """The text of the module; raises `rules.NotAllowed` for a template that does more than print fields."""
    template = parsed(name, source)
    check(template, name)
    functions = {kind.FUNCTION: kind(name).function(template) for kind in (_Plain, _Traced)}
    return _MODULE.format(name=name, jinja=jinja2.__version__, checksum=checksum(source), **functions)


def parsed(name: str, source: str) -> nodes.Template:
    """The syntax tree of a template."""
    return _ENVIRONMENT.parse(source, name)


#: Names of the template, with the variable of Python that each is in.
Scope = dict[str, str]


class _Plain:
    """Writes the function that renders a template."""

    FUNCTION = "render"

    def __init__(self, template: str) -> None:
        self.template = template
        self._lines: list[str] = []
        self._depth = 1
        self._count = 0
        self._loops: list[int] = []

    def function(self, template: nodes.Template) -> str:
        """The lines of the function."""
        self._body(template.body, {})
        return "\n".join(self._lines or ["    pass"])

    def _write(self, line: str) -> None:
        self._lines.append("    " * self._depth + line)

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _body(self, body: Iterable[Any], scope: Scope) -> None:
        for node in body:
            self._STATEMENTS[type(node)](self, node, scope)

    def _block(self, body: list[Any], scope: Scope) -> None:
        """The statements of an indented block."""
        self._depth += 1
        self._body(body, scope)
        if not body:
            self._write("pass")
        self._depth -= 1

    # Expressions

    def _expression(self, node: Any, scope: Scope) -> str:
        """A field, or a part of one."""
        if isinstance(node, nodes.Name):
            return scope.get(node.name) or f"names[{node.name!r}]"
        if isinstance(node, nodes.Getattr):
            if isinstance(node.node, nodes.Name) and node.node.name == "loop":
                return OF_LOOPS[node.attr].format(self._loops[-1])
            return f"{self._expression(node.node, scope)}.{node.attr}"
        return f"{self._expression(node.node, scope)}[{node.arg.value!r}]"

    def _condition(self, node: Any, scope: Scope) -> str:
        if isinstance(node, (nodes.And, nodes.Or)):
            word = "and" if isinstance(node, nodes.And) else "or"
            return f"({self._condition(node.left, scope)} {word} {self._condition(node.right, scope)})"
        if isinstance(node, nodes.Not):
            return f"(not {self._condition(node.node, scope)})"
        if isinstance(node, nodes.Test):
            return f"({self._condition(node.node, scope)} is None)"
        return self._decides(node, self._expression(node, scope))

    def _iterable(self, node: Any, scope: Scope) -> str:
        items = items_of(node)
        return f"{self._expression(items, scope)}.items()" if items else self._expression(node, scope)

    # Statements

    def _output(self, node: nodes.Output, scope: Scope) -> None:
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData):
                self._write(f"out({self._text(part)!r})")
            elif isinstance(part, nodes.Filter):  # the rules allow only the one for raw text
                self._write(self._value("raw", part, self._expression(part.node, scope)))
            else:
                self._write(self._value("value", part, self._expression(part, scope)))

    def _if(self, node: nodes.If, scope: Scope) -> None:
        bodies = [node.body, *(one.body for one in node.elif_), *filter(None, [node.else_])]
        self._begin("block", node, bodies)
        word = "if"
        for branch in (node, *node.elif_):
            self._write(f"{word} {self._condition(branch.test, scope)}:")
            self._block(branch.body, scope)
            word = "elif"
        if node.else_:
            self._write("else:")
            self._block(node.else_, scope)
        self._end("end_block")

    def _for(self, node: nodes.For, scope: Scope) -> None:
        names = names_of(node.target)
        self._begin("loop", node, [node.body], *names)
        number = self._number()
        variables = {name: f"v_{name}_{number}" for name in names}
        targets = ", ".join(variables.values())
        target = targets if isinstance(node.target, nodes.Name) else f"({targets})"
        self._write(f"members_{number} = {self._members(node, self._iterable(node.iter, scope))}")
        self._write(f"for at_{number}, {target} in enumerate(members_{number}):")
        self._loops.append(number)
        self._depth += 1
        self._round()
        self._depth -= 1
        self._block(node.body, {**scope, **variables})
        self._depth += 1
        self._end("end_block")
        self._depth -= 1
        self._loops.pop()
        self._end("end_loop")

    def _with(self, node: nodes.With, scope: Scope) -> None:
        self._begin("block", node, [node.body])
        number = self._number()
        bound = {}
        for target, value in zip(node.targets, node.values, strict=True):
            (name,) = names_of(target)
            bound[name] = f"v_{name}_{number}"
            self._write(f"{bound[name]} = {self._decides(value, self._expression(value, scope))}")
        self._body(node.body, {**scope, **bound})
        self._end("end_block")

    def _include(self, node: Any, scope: Scope) -> None:
        bound = "".join(f", {name!r}: {variable}" for name, variable in scope.items())
        names = f"{{**names{bound}}}" if bound else "names"
        self._write(f"include({node.template.value!r}, out, {names})")

    def _filter_block(self, node: nodes.FilterBlock, scope: Scope) -> None:
        number = self._number()
        (width,) = node.filter.args
        self._write(f"outer_{number}, inner_{number} = out, []")
        self._write(f"out = inner_{number}.append")
        self._body(node.body, scope)
        self._write(f"out = outer_{number}")
        self._write(f"out(indented(''.join(inner_{number}), {width.value}))")  # type: ignore[attr-defined]

    _STATEMENTS: ClassVar[dict[type[nodes.Node], Callable[[_Plain, Any, Scope], None]]] = {
        nodes.FilterBlock: _filter_block,
        nodes.For: _for,
        nodes.If: _if,
        nodes.Include: _include,
        nodes.Output: _output,
        nodes.With: _with,
    }

    # What a trace adds

    def _text(self, data: nodes.TemplateData) -> str:
        return data.data

    def _value(self, function: str, node: Any, expression: str) -> str:  # noqa: ARG002 - for the trace
        return f"out({function}({expression}))"

    def _decides(self, node: Any, expression: str) -> str:  # noqa: ARG002
        return expression

    def _members(self, node: nodes.For, expression: str) -> str:  # noqa: ARG002
        return expression

    def _begin(self, method: str, node: nodes.Node, bodies: list[list[Any]], *names: str) -> None:
        """Before a block."""

    def _round(self) -> None:
        """At the beginning of each round of a loop."""

    def _end(self, method: str) -> None:
        """After a block."""


class _Traced(_Plain):
    """Writes the function that renders a template and traces it."""

    FUNCTION = "trace"

    def _text(self, data: nodes.TemplateData) -> str:
        """The text with the place of each of its lines."""
        lines = data.data.split("\n")
        return "\n".join(tracing.at(self.template, data.lineno + at) + line for at, line in enumerate(lines))

    def _value(self, function: str, node: Any, expression: str) -> str:
        place = f"{self.template!r}, {node.lineno}, {getattr(node, PATH)!r}, {_root(node)!r}"
        return f"out(trace.{function}(trace.begin(), {expression}, {place}))"

    def _decides(self, node: Any, expression: str) -> str:
        method = "position" if _root(node) == "loop" else "condition"
        return f"trace.{method}(trace.begin(), {expression})"

    def _members(self, node: nodes.For, expression: str) -> str:
        is_whole = node.iter.find(nodes.Getitem) is None and not isinstance(node.iter, nodes.Getitem)
        return f"trace.members(trace.begin(), {expression}, {is_whole})"

    def _begin(self, method: str, node: nodes.Node, bodies: list[list[Any]], *names: str) -> None:
        inline = not all(map(_ends_line, bodies))
        arguments = (self.template, node.lineno, inline, *names)
        self._write(f"out(trace.{method}({', '.join(map(repr, arguments))}))")

    def _round(self) -> None:
        self._write("out(trace.member())")

    def _end(self, method: str) -> None:
        self._write(f"out(trace.{method}())")


def _root(node: nodes.Node) -> str:
    """The name that the expression of a field begins with."""
    return next(iter(names_of(node)), "")


def _ends_line(body: list[Any]) -> bool:
    """Whether what a block prints last is the end of a line."""
    last = body[-1] if body else None
    if isinstance(last, nodes.Output):
        text = last.nodes[-1]
        return isinstance(text, nodes.TemplateData) and text.data.endswith("\n")
    if isinstance(last, (nodes.If, nodes.For, nodes.With, nodes.FilterBlock)):
        return _ends_line(last.body)
    return True  # an included template ends with a line
