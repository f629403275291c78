"""The templates that an installed OMERO ships, filled in as ``omero admin rewrite`` does it.

The server may go on: files are read from ``OMERODIR/etc/templates`` and what is to be
written is given back, for all of it to be put in place at once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatch
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.catalog.glacier2 import ICESSL_PREFIX
from omerogen.catalog.jvm import SERVICES
from omerogen.catalog.server import SERVER_NODEDESCRIPTORS
from omerogen.derive import grid
from omerogen.derive.host import Host
from omerogen.model import (
    ArtifactError,
    Line,
    Location,
    OmerogenError,
    Problem,
    RenderedFile,
    SourceError,
    inputs_within,
    warning,
)
from omerogen.rewriting import folder as folders
from omerogen.rewriting import placeholders, written
from omerogen.rewriting.context import InstalledContext
from omerogen.rewriting.layout import Document
from omerogen.rewriting.origins import UNMARKED, Marks
from omerogen.settings import Settings
from omerogen.sources.elements import Malformed
from omerogen.templating import escape
from omerogen.templating.escape import Unwritable

TEMPLATES = "grid/templates.xml"
#: The files of a folder of templates that have placeholders, by the folder they are in.
_PATTERNS = {"grid": ("templates.xml", "*default.xml"), "": ("*.cfg", "ice.config")}
#: Filled in by OMERO's clients when they connect, or replaced by elements instead of a text.
_NO_VALUE = ("@omero.host@", "@omero.port@", placeholders.ICESSL)
_ADVICE = "take the etc/templates of the release that is installed"


class Rewritten(NamedTuple):
    """The files to write below ``etc``, and messages for the user."""

    files: tuple[RenderedFile, ...]
    warnings: tuple[Problem, ...]


def fill(
    templates: str, settings: Settings, options: Mapping[str, Any], *, traced: bool = False
) -> Rewritten:
    """All files of the folder ``templates``, filled in; `OmerogenError` with all that is wrong.

    ``options`` are those of the artifact icegrid; the paths of the files are below ``etc``, their
    modes those of the templates. With ``traced`` the files have ``lines``, which know where they came from.
    """
    parsed = artifacts.get("icegrid").parse_options(options)
    host = Host(parsed["host_root"])  # one look at the machine for all files
    filling = _Filling(templates)

    def context() -> InstalledContext:
        made = InstalledContext(settings, host, parsed)
        made.services = filling.services
        return made

    whole = context()
    files = []
    with filling.collecting(whole):
        whole.check()
        filling.judge(whole)
    for path in filling.paths:
        own = context()  # to observe the inputs of this file
        with filling.collecting(own):
            text = filling.text(path, own)
            mode = filling.modes[path]
            # As private as its template.
            private = rendering.holds_secret(settings, own.printed) or not mode & stat.S_IROTH
            file = RenderedFile(path, text, private, mode, "icegrid", parsed, own.printed)
            files.append(file._replace(lines=filling.lines(file, own)) if traced else file)
    if filling.problems:
        raise ArtifactError(dict.fromkeys(filling.problems))
    warnings = [*filling.warnings, *whole.warnings(), *rendering.refused_elsewhere(settings, whole.inputs)]
    return Rewritten(tuple(files), tuple(dict.fromkeys(settings.site.unwaived(warnings))))


def _paths(templates: str) -> list[str]:
    """The files to fill in; `SourceError` if this is not a folder of templates."""
    names = {below: _names(os.path.join(templates, below)) for below in _PATTERNS}
    if os.path.basename(TEMPLATES) not in names["grid"]:
        advice = "name OMERODIR/etc/templates of an installed OMERO"
        raise SourceError.at(
            Location.file(templates), f"is not a folder of templates: it has no {TEMPLATES}", advice
        )
    return [
        os.path.join(below, name)
        for below, patterns in _PATTERNS.items()
        for pattern in patterns
        for name in names[below]
        if fnmatch(name, pattern)
    ]


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        problem = Problem(
            Location.file(folder), f"cannot be read: {error.strerror}", "name a folder you may read"
        )
        raise SourceError(problem) from None


class _Filling:
    """The files of one folder; ``problems`` and ``warnings`` are of all of them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._data: dict[str, bytes] = {}
        self.modes: dict[str, int] = {}
        for path in _paths(folder):
            self._read(path)
        self.paths = tuple(self._data)
        self._documents = dict(self._parsed())
        #: OMERO's JVMs, and the services that there are placeholders of properties for.
        self.services = {*SERVICES}.union(*map(placeholders.replacement_services, self._documents.values()))

    @contextmanager
    def collecting(self, context: InstalledContext) -> Iterator[None]:
        """Collect the problems of the block, so that all of them are reported."""
        try:
            yield
        except OmerogenError as error:
            self.problems += error.problems
        except Unwritable as error:
            self.problems += rendering.unwritable(context, artifacts.get("icegrid"), error)

    def _read(self, path: str) -> None:
        try:
            data, status = folders.read(self._folder, path, _ADVICE)
        except SourceError as error:
            self.problems += error.problems
        else:
            # Drop world-write and setuid bits.
            self._data[path], self.modes[path] = data, stat.S_IMODE(status.st_mode) & 0o775

    def _parsed(self) -> Iterator[tuple[str, Document]]:
        """The XML files that can be parsed."""
        for path, data in self._data.items():
            try:
                if path.endswith(".xml"):
                    yield path, Document(data)
            except Malformed as error:
                location = self._location(path, error.line)
                self.problems.append(Problem(location, str(error), _ADVICE))

    def judge(self, context: InstalledContext) -> None:
        """Problems of all files together: missing places for values."""
        documents = self._documents.values()
        if TEMPLATES in self._documents:
            self._add(TEMPLATES, placeholders.missing_memory(documents, SERVICES))
            self._add(TEMPLATES, placeholders.lost_properties(documents, context.service_properties))
        if context.descriptors is not None:
            if not any(map(placeholders.has_nodes, documents)):
                message = f"has no application with a node: {SERVER_NODEDESCRIPTORS.name} has no effect"
                rule = "nodes-not-in-templates"
                self._warn("grid", message, _ADVICE, rule, [SERVER_NODEDESCRIPTORS.name])
            advice = f"see {os.path.join(self._folder, TEMPLATES)}"
            self.problems += [
                grid.descriptor_problem(context.settings, found, advice)
                for found in placeholders.instance_problems(documents, context.descriptors)
            ]
        icessl = context.settings.names_set(ICESSL_PREFIX)
        if icessl and not any(map(placeholders.has_icessl, documents)):
            message = (
                f"has no line {placeholders.ICESSL}, as in older releases: {', '.join(icessl)} have no effect"
            )
            advice = "set IceSSL's properties in Glacier2Template by hand"
            self._warn(TEMPLATES, message, advice, "icessl-not-in-templates", icessl)

    def text(self, path: str, context: InstalledContext) -> str:
        """One file, filled in; empty where that failed and was reported."""
        if not path.endswith(".xml"):
            return self._filled_text(path, context, UNMARKED)
        document = self._documents.get(path)
        return "" if document is None else self._filled_document(path, context, document)

    def lines(self, file: RenderedFile, context: InstalledContext) -> tuple[Line, ...]:
        """The lines of a file with their origins: it is filled in once more, with marks."""
        path = file.path
        if self.problems:
            return ()
        marks = Marks(file.text + self._data[path].decode(errors="ignore"))
        if path.endswith(".xml"):
            marked = self._filled_document(path, context, Document(self._data[path], marks))
        else:
            marked = self._filled_text(path, context, marks)
        return marks.lines(marked, os.path.join(self._folder, path))

    def _filled_document(self, path: str, context: InstalledContext, document: Document) -> str:
        # First, so that what looks like a placeholder in a site's value stays a value.
        look_up = self._looked_up(path, context, written.for_icegrid, document.marks)
        placeholders.fill_placeholders(document, look_up)
        self._add(path, _fill(document, context))
        return str(document)

    def _filled_text(self, path: str, context: InstalledContext, marks: Marks) -> str:
        data = self._data[path]
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("latin-1")  # of a time before UTF-8: comments alone have such characters
        if "\0" in text:
            self._add(path, ["is not a text that Ice can read"])
        return placeholders.filled(text, self._looked_up(path, context, escape.ice_config, marks))

    def _looked_up(
        self, path: str, context: InstalledContext, language: Callable[[str], str], marks: Marks
    ) -> Callable[[str], str | None]:
        """The values of placeholders, written for the file's language; an unknown one is reported."""
        value = context.client_value if path == "ice.config" else context.value

        def look_up(placeholder: str) -> str | None:
            found = value(placeholder)
            if found is None and placeholder not in _NO_VALUE:
                message = f"has the placeholder {placeholder}, which omerogen does not know"
                self._warn(path, message, "it is kept; a newer omerogen may know it", "unknown-placeholder")
            if found is None:
                return None
            reads = context.reads[placeholder]
            return marks.value(written.written(found, reads, language), placeholder, reads)

        return look_up

    def _add(self, path: str, problems: Iterable[str]) -> None:
        self.problems += [Problem(self._location(path), problem, _ADVICE) for problem in problems]

    def _warn(self, path: str, message: str, advice: str, rule: str, names: Iterable[str] = ()) -> None:
        self.warnings.append(warning(self._location(path), message, advice, rule, tuple(names)))

    def _location(self, path: str, line: int = 0) -> Location:
        return Location.file(os.path.join(self._folder, path), line or None)


def _fill(document: Document, context: InstalledContext) -> Iterator[str]:
    """Fill in everything of a document that becomes elements; yield its problems.

    A field is read only where the document has a place for it, since reading it notes its inputs.
    """
    if placeholders.has_icessl(document):
        placeholders.fill_icessl(document, written.rows(context.icessl_properties))
    if placeholders.memory_services(document):
        flags = {service: written.flags(parts) for service, parts in context.flags.items()}
        yield from placeholders.fill_memory(document, flags)
    if placeholders.replacement_services(document):
        own = {service: written.rows(rows) for service, rows in context.service_properties.items()}
        names = frozenset(context.reads["service_properties"] - inputs_within(own))
        placeholders.fill_replacements(document, own, names)
    if placeholders.has_nodes(document):
        nodes, inputs = context.descriptors, frozenset(context.reads["descriptors"])
        if nodes is None:
            placeholders.keep_nodes(document, inputs)
        else:
            yield from placeholders.rewrite_nodes(document, nodes, inputs)
