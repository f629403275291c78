"""The templates that an installed OMERO ships, filled in as ``omero admin rewrite`` does it.

The server may go on: files are read from ``OMERODIR/etc/templates`` and what is to be
written is given back, for all of it to be put in place at once.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from omerogen import artifacts, escape, grid, memory, redact
from omerogen.errors import ArtifactError, OmerogenError, Problem, SourceError
from omerogen.escape import Unwritable
from omerogen.fields import field
from omerogen.grid_properties import for_service, module_problems, problems_of
from omerogen.host import Host
from omerogen.installed.layout import Document, Malformed
from omerogen.installed.placeholders import (
    ICESSL,
    PLACEHOLDER,
    fill_icessl,
    fill_memory,
    fill_placeholders,
    fill_replacements,
    instance_problems,
    rewrite_nodes,
)
from omerogen.jvms import JvmFields
from omerogen.product import unwritable
from omerogen.router import RouterFields
from omerogen.settings import Settings
from omerogen.sources import file_bytes
from omerogen.values.lists import Node
from omerogen.write import Output

TEMPLATES = "grid/templates.xml"
#: The files of a folder of templates that have placeholders, by where they are.
_PATTERNS = ("grid/*default.xml", "*.cfg", "ice.config")
#: What OMERO's clients fill in when they connect, and what becomes elements and not a text.
_NO_VALUE = ("@omero.host@", "@omero.port@", ICESSL)
_ADVICE = "take the etc/templates of the release that is installed"
_PORT = re.compile(r"@omero\.ports\.(ssl|tcp|wss|ws|registry)@")


class Filled(NamedTuple):
    """The files to write below ``etc``, and what to tell the user."""

    outputs: tuple[Output, ...]
    warnings: tuple[Problem, ...]


class InstalledContext(JvmFields, RouterFields):
    """The values of the placeholders."""

    def check(self) -> None:
        """Refuse what java would not take, and properties that IceGrid would change on their way."""
        super().check()
        own = [name for names in for_service(self.settings).values() for name in names.values()]
        if problems := [*problems_of(self.settings, own), *module_problems(self.settings)]:
            raise ArtifactError(problems)

    @field
    def flags(self) -> dict[str, tuple[str, ...]]:
        """The flags of each JVM that templates.xml has an option for."""
        sized = memory.size_all(self.settings, lambda: self.host.memory)
        return {jvm.service: self.flags_of(jvm) for jvm in sized}

    @field
    def service_properties(self) -> dict[str, dict[str, str]]:
        """The properties that one service alone gets, by service and name."""
        return {
            service: {name: self.settings.text(full) for name, full in names.items()}
            for service, names in for_service(self.settings).items()
        }

    @field
    def descriptors(self) -> tuple[Node, ...] | None:
        """The nodes, if the site says what they run."""
        return grid.described(self.settings)

    @field
    def placeholders(self) -> dict[str, str]:
        """What stands for a placeholder, but the ports."""
        host = self.master_host
        local = self.settings["Ice.Default.Host"] or "127.0.0.1"
        return {
            "@omero.ports.prefix@": self.settings["omero.ports.prefix"] or "",
            "@omero.master.host@": _endpoint_host(host),
            "@Ice.Default.Host@": _endpoint_host(local),
            "@omero.client.endpoints@": self.client_endpoints,
            "@omero.tables.module@": self.settings["omero.tables.module"],
        }

    def value(self, placeholder: str) -> str | None:
        """What stands for a placeholder; None for one that OMERO's clients fill in, or that is not known."""
        if port := _PORT.fullmatch(placeholder):
            self.port(port[1])  # with the prefix before it, it must be one
            return str(self.settings[f"omero.ports.{port[1]}"])
        return self.placeholders.get(placeholder)

    def client_value(self, placeholder: str) -> str | None:
        """The same for ``ice.config``, where a host stands alone, and is this machine if none is set."""
        if placeholder != "@omero.master.host@":
            return self.value(placeholder)
        return self.settings["omero.master.host"] or self.settings["Ice.Default.Host"] or "localhost"


def _endpoint_host(host: str) -> str:
    return f'"{host}"' if ":" in host else host


def fill(templates: str, settings: Settings, options: Mapping[str, Any]) -> Filled:
    """All files of the folder ``templates``, filled in; `OmerogenError` with all that is wrong.

    ``options`` are those of the artifact icegrid; the paths of the outputs are below ``etc``, their
    modes those of the templates.
    """
    parsed = artifacts.get("icegrid").parse_options(options)
    host = Host(parsed["host_root"])  # one look at the machine for all files
    filling = _Filling(templates)
    outputs = []
    whole = InstalledContext(settings, host, parsed)
    try:
        whole.check()
    except ArtifactError as error:
        filling.problems += error.problems
    for path in _paths(templates):
        context = InstalledContext(settings, host, parsed)  # its own, to tell what this file is made of
        try:
            text = filling.text(path, context)
            private = any(redact.holds_secret(settings.entry(name)) for name in context.properties_read)
            mode = stat.S_IMODE(os.stat(os.path.join(templates, path)).st_mode)
            outputs.append(Output(path, text, private, mode))
        except OmerogenError as error:
            filling.problems += error.problems
        except Unwritable as error:
            filling.problems += unwritable("icegrid", context, settings, error)
    if filling.problems:
        raise ArtifactError(dict.fromkeys(filling.problems))
    return Filled(tuple(outputs), tuple(dict.fromkeys([*filling.warnings, *whole.warnings()])))


def _paths(templates: str) -> list[str]:
    """The files to fill in, templates.xml first: it tells what services there are."""
    if not os.path.isfile(os.path.join(templates, TEMPLATES)):
        advice = "name OMERODIR/etc/templates of an installed OMERO"
        raise SourceError(Problem(templates, f"is no folder of templates: it has no {TEMPLATES}", advice))
    found = (path for pattern in _PATTERNS for path in sorted(Path(templates).glob(pattern)))
    return [TEMPLATES, *(str(path.relative_to(templates)) for path in found)]


class _Filling:
    """The files of one folder, one after the other; ``problems`` and ``warnings`` are of all of them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._templates: Document | None = None
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def text(self, path: str, context: InstalledContext) -> str:
        """One file, filled in."""
        place = os.path.join(self._folder, path)
        data = file_bytes(place)
        if path.endswith(".xml"):
            return self._filled_document(place, data, context, is_templates=path == TEMPLATES)
        value = context.client_value if path == "ice.config" else context.value
        return self._filled_text(place, data, value)

    def _filled_document(
        self, place: str, data: bytes, context: InstalledContext, *, is_templates: bool
    ) -> str:
        try:
            document = Document(data)
            # First, so that what looks like a placeholder in a site's value stays a value.
            fill_placeholders(document, self._looked_up(place, context.value, _for_icegrid))
            fill = self._fill_templates if is_templates else self._fill_application
            self.problems += [Problem(place, found, _ADVICE) for found in fill(document, context)]
            return str(document)
        except Malformed as error:
            line = f":{error.line}" if error.line else ""
            raise SourceError(Problem(f"{place}{line}", str(error), _ADVICE)) from None

    def _fill_templates(self, document: Document, context: InstalledContext) -> Iterator[str]:
        self._templates = document
        flags = {service: tuple(map(_for_icegrid, words)) for service, words in context.flags.items()}
        yield from fill_memory(document, flags)
        own = {
            service: {name: _for_icegrid(text) for name, text in properties.items()}
            for service, properties in context.service_properties.items()
        }
        yield from fill_replacements(document, own)
        rows = [(name, _for_icegrid(text)) for name, text in context.icessl_properties]
        if not fill_icessl(document, rows):
            self._warn_of_icessl(context)

    def _warn_of_icessl(self, context: InstalledContext) -> None:
        if set_here := context.settings.names_set("omero.glacier2.IceSSL."):
            message = f"has no line {ICESSL}, as in older releases: {', '.join(set_here)} have no effect"
            advice = "set IceSSL's properties in Glacier2Template by hand"
            place = os.path.join(self._folder, TEMPLATES)
            self.warnings.append(Problem(place, message, advice, "icessl-not-in-templates", tuple(set_here)))

    def _fill_application(self, document: Document, context: InstalledContext) -> Iterator[str]:
        nodes = context.descriptors
        if nodes is None:
            return
        yield from rewrite_nodes(document, nodes)
        if self._templates is not None:
            advice = f"see {os.path.join(self._folder, TEMPLATES)}"
            self.problems += [
                grid.descriptor_problem(context.settings, found, advice)
                for found in instance_problems(self._templates, nodes)
            ]

    def _filled_text(self, place: str, data: bytes, value: Callable[[str], str | None]) -> str:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("latin-1")  # of a time before UTF-8: comments alone have such characters
        look_up = self._looked_up(place, value, escape.ice_config)
        return PLACEHOLDER.sub(lambda found: found[0] if (new := look_up(found[0])) is None else new, text)

    def _looked_up(
        self, place: str, value: Callable[[str], str | None], written: Callable[[str], str]
    ) -> Callable[[str], str | None]:
        """``value``, written for the file's language; a placeholder that is not known is told."""

        def look_up(placeholder: str) -> str | None:
            found = value(placeholder)
            if found is None and placeholder not in _NO_VALUE:
                message = f"has the placeholder {placeholder}, which omerogen does not know"
                advice = "it stays; ask for a newer omerogen"
                self.warnings.append(Problem(place, message, advice, "unknown-placeholder"))
            return None if found is None else written(found)

        return look_up


def _for_icegrid(text: str) -> str:
    """A text for lxml to write, as IceGrid reads it; raises `Unwritable` where XML has no way."""
    escape.icegrid(text)
    return escape.icegrid_text(text)
