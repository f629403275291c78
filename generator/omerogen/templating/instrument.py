"""Puts the calls of a `Trace` into the syntax tree of a template that keeps to the `rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from jinja2 import nodes

from omerogen.templating import tracing
from omerogen.templating.rules import PATH, CheckedCode, names_of


class TracedCode(CheckedCode):
    """Jinja2's compiler, for templates that are traced when they are rendered."""

    def _prepare(self, node: nodes.Template, name: str) -> None:
        node.body = _Instrument(name).body(node.body)
        node.set_environment(self.environment)


class _Instrument:
    """Rewrites the statements of one template."""

    def __init__(self, template: str) -> None:
        self.template = template

    def body(self, body: Iterable[Any]) -> list[Any]:
        """The statements of a block."""
        return [made for node in body for made in self._STATEMENTS[type(node)](self, node)]

    def _output(self, node: nodes.Output) -> Iterable[nodes.Node]:
        yield nodes.Output([self._part(part) for part in node.nodes], lineno=node.lineno)

    def _part(self, part: Any) -> nodes.Expr:
        if isinstance(part, nodes.TemplateData):
            return self._data(part)
        path = getattr(part, PATH)
        place = (self.template, part.lineno, path, _root(part))
        return _call("value", _call("begin"), part, *map(nodes.Const, place))

    def _data(self, data: nodes.TemplateData) -> nodes.TemplateData:
        """The text with the place of each of its lines."""
        lines = data.data.split("\n")
        marked = (tracing.at(self.template, data.lineno + at) + line for at, line in enumerate(lines))
        return nodes.TemplateData("\n".join(marked), lineno=data.lineno)

    def _if(self, node: nodes.If) -> Iterable[nodes.Node]:
        bodies = [node.body, *(elif_.body for elif_ in node.elif_), *([node.else_] if node.else_ else [])]
        yield self._begin("block", node, not all(map(_ends_line, bodies)))
        for branch in (node, *node.elif_):
            branch.test = self._condition(branch.test)
            branch.body = self.body(branch.body)
        node.else_ = self.body(node.else_)
        yield node
        yield _print("end_block", node)

    def _condition(self, node: Any) -> Any:
        if isinstance(node, (nodes.And, nodes.Or)):
            node.left, node.right = self._condition(node.left), self._condition(node.right)
            return node
        if isinstance(node, (nodes.Not, nodes.Test)):
            node.node = self._condition(node.node)
            return node
        method = "position" if _root(node) == "loop" else "condition"
        return _call(method, _call("begin"), node)

    def _for(self, node: nodes.For) -> Iterable[nodes.Node]:
        names = map(nodes.Const, names_of(node.target))
        yield self._begin("loop", node, not _ends_line(node.body), *names)
        is_whole = node.iter.find(nodes.Getitem) is None and not isinstance(node.iter, nodes.Getitem)
        node.iter = _call("members", _call("begin"), node.iter, nodes.Const(is_whole))
        node.body = [_print("member", node), *self.body(node.body), _print("end_block", node)]
        node.else_ = self.body(node.else_)
        yield node
        yield _print("end_loop", node)

    def _with(self, node: nodes.With) -> Iterable[nodes.Node]:
        yield self._begin("block", node, not _ends_line(node.body))
        node.values = [_call("condition", _call("begin"), value) for value in node.values]
        node.body = self.body(node.body)
        yield node
        yield _print("end_block", node)

    def _filter_block(self, node: nodes.FilterBlock) -> Iterable[nodes.Node]:
        node.body = self.body(node.body)
        yield node

    def _include(self, node: nodes.Include) -> Iterable[nodes.Node]:
        yield node  # the included template is traced for itself

    def _begin(self, method: str, node: nodes.Node, inline: bool, *more: nodes.Const) -> nodes.Node:
        place = (self.template, node.lineno, inline)
        return _print(method, node, *map(nodes.Const, place), *more)

    _STATEMENTS: ClassVar[dict[type[nodes.Node], Callable[[_Instrument, Any], Iterable[nodes.Node]]]] = {
        nodes.FilterBlock: _filter_block,
        nodes.For: _for,
        nodes.If: _if,
        nodes.Include: _include,
        nodes.Output: _output,
        nodes.With: _with,
    }


def _call(method: str, *arguments: Any) -> nodes.Call:
    """A call of a method of the trace."""
    trace = nodes.Getattr(nodes.Name(tracing.TRACE, "load"), method, "load")
    return nodes.Call(trace, list(arguments), [], None, None)


def _print(method: str, node: nodes.Node, *arguments: nodes.Expr) -> nodes.Output:
    """A statement that prints the mark that a method of the trace returns."""
    return nodes.Output([_call(method, *arguments)], lineno=node.lineno)


def _root(node: nodes.Node) -> str:
    """The name that the expression of a field begins with."""
    return next(
        (name.name for name in (node, *node.find_all(nodes.Name)) if isinstance(name, nodes.Name)), ""
    )


def _ends_line(body: list[Any]) -> bool:
    """Whether what a block prints last is the end of a line."""
    last = body[-1] if body else None
    if isinstance(last, nodes.Output):
        text = last.nodes[-1]
        return isinstance(text, nodes.TemplateData) and text.data.endswith("\n")
    if isinstance(last, (nodes.If, nodes.For, nodes.With, nodes.FilterBlock)):
        return _ends_line(last.body)
    return True  # an included template ends with a line
