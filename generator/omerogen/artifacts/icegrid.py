"""The IceGrid application of a whole OMERO server, and the configuration of its nodes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from omerogen.artifacts.base import Artifact, File
from omerogen.catalog.jvm import JVMCFG_HEAP_SIZE
from omerogen.catalog.repository import MANAGED_DIR
from omerogen.catalog.server import MASTER_HOST, SERVER_NODEDESCRIPTORS, TABLES_MODULE
from omerogen.derive import grid
from omerogen.derive.fields import field
from omerogen.derive.grid.properties import for_service, module_problems, problems_of, shared
from omerogen.derive.grid.router import RouterFields
from omerogen.derive.jvm import memory
from omerogen.derive.jvm.fields import JvmFields
from omerogen.derive.options import HOST_ROOT
from omerogen.model import (
    ArtifactError,
    Items,
    Location,
    NotApplicable,
    Place,
    Problem,
    Severity,
    UsageError,
    collect,
    warning,
)
from omerogen.model.option import Option
from omerogen.settings import Settings
from omerogen.values.base import STRING, Choice
from omerogen.values.lists import Node, Server

_APPLICATION = "application.xml"
_CLIENT = "internal.cfg"
_NODES = "nodes/"


class JavaKind(NamedTuple):
    """The differences between OMERO's JVMs.

    - ``argument``: makes the JVM this service; ``logback`` is its configuration of logs.
    - ``threads``: the set of properties for its pools.
    - ``replicated``: whether the router may use any of several.
    """

    argument: str = ""
    logback: str = "logback-indexing.xml"
    threads: str = "SingleThreaded"
    replicated: bool = False


class JavaServer(NamedTuple):
    """A Java service: its kind, the flags of its JVM, and the properties that it alone gets.

    ``remarks`` say what its heap was computed from, if other nodes run it.
    """

    name: str
    kind: JavaKind
    flags: Sequence[str]
    properties: Sequence[tuple[str, str]]
    remarks: Sequence[str]


class PythonServer(NamedTuple):
    """A Python service: its module, the object by which others find it, and its own properties.

    ``module`` is empty for Tables, whose module is a property.
    """

    name: str
    module: str
    adapter: str
    type: str
    properties: tuple[tuple[str, str], ...] = ()
    activation: str = "always"

    @property
    def numbered(self) -> bool:
        """Whether there may be several of it."""
        return grid.SERVICES[self.name].numbered

    @property
    def watches(self) -> bool:
        """Whether it watches folders."""
        return self.module == _DROP_BOX


_JAVA = {
    "Blitz": JavaKind(logback="logback.xml", threads="MultiThreaded", replicated=True),
    "Indexer": JavaKind("ome.fulltext"),
    "PixelData": JavaKind("ome.pixeldata"),
}
_DROP_BOX = "fsDropBox"


def _drop_box(name: str, activation: str, *more: tuple[str, str]) -> PythonServer:
    """A service that watches for files to import, by way of the monitor."""
    adapter = f"omerofs.{name}"
    own = (
        ("omero.fs.serverIdString", "MonitorServer"),
        ("omero.fs.clientIdString", name),
        ("omero.fs.clientAdapterName", adapter),
    )
    return PythonServer(name, _DROP_BOX, adapter, "", (*own, *more), activation)


def _file_service(name: str, module: str, role: str) -> PythonServer:
    """A service that others find by the object of its name."""
    adapter = f"omerofs.{name}"
    own = ((f"omero.fs.{role}IdString", name), (f"omero.fs.{role}AdapterName", adapter))
    return PythonServer(name, module, adapter, f"::monitors::{name}", own)


class IceGridContext(JvmFields, RouterFields):
    """Fields of the application and of the nodes' configurations."""

    property_sets = ("Basics", "Profile")

    def check(self) -> None:
        """Refuse invalid java flags, descriptors of unknown services and values that IceGrid changes.

        These may be right for other artifacts and for an OMERO with custom templates.
        """
        node = self.options["node"]
        refused = collect(
            lambda: node is None or grid.node(self.settings, node),
            lambda: self._own_node is None or grid.node(self.settings, self._own_node),
            super().check,
            self.check_registry_port,
            lambda: self.ports,
        )
        if refused:
            raise ArtifactError([*refused, *self.unfit])
        if self.unfit:
            raise NotApplicable(problem._replace(severity=Severity.WARNING) for problem in self.unfit)

    @field
    def unfit(self) -> list[Problem]:
        """Descriptors and values that IceGrid or the services would not take."""
        settings = self.settings
        own = [name for names in for_service(settings).values() for name in names.values()]
        values = problems_of(settings, [*shared(settings), *own])
        problems = [*grid.problems_of(settings), *values, *module_problems(settings)]
        return [problem._replace(rule="not-for-icegrid") for problem in problems]

    def warnings(self) -> list[Problem]:
        """Warnings about the JVMs' memory, and about a master that other machines cannot reach."""
        return [*super().warnings(), *self._unreachable()]

    def _unreachable(self) -> Iterable[Problem]:
        others = [node.name for node in grid.nodes(self.settings)[1:]]
        if others and self.master_host in ("127.0.0.1", "::1", "localhost"):
            message = (
                f"{', '.join(others)} cannot reach the master at {self.master_host} from another machine"
            )
            origin, name = self.settings.origin(SERVER_NODEDESCRIPTORS), MASTER_HOST.name
            yield warning(origin, message, f"set {name}", "master-on-loopback", (name,))

    @field
    def profile(self) -> Items[tuple[str, str]]:
        """The properties that every service gets: those that the site sets, but OMERO.web's."""
        return self.texts({name: name for name in shared(self.settings)})

    @field
    def java_servers(self) -> Items[JavaServer]:
        """OMERO's JVMs."""
        return self.each(_JAVA, self._java_server)

    def _java_server(self, name: str) -> JavaServer:
        service = name.lower()
        own = self.texts(for_service(self.settings).get(service, {}))
        remarks = self.some([service], self._memory_of_other_nodes)
        return JavaServer(name, _JAVA[name], self.flags_of(service), own, remarks)

    def _memory_of_other_nodes(self, service: str) -> str | None:
        if memory.percent_of(self.settings, service) is None:
            return None
        if not any(service in grid.jvms(node) for node in grid.nodes(self.settings)[1:]):
            return None
        total = memory.total_memory(self.settings, lambda: self.host.memory, service)
        is_set = total.source.kind is Place.PROPERTY
        source = total.source.name if is_set else "the memory of the machine that this was written on"
        name = JVMCFG_HEAP_SIZE.for_service(service).name
        return f"The heap is a part of {total.total_mb} MB, {source}, on every node; {name} sets it."

    #: The services that run scripts, keep tables and watch folders.
    python_servers = (
        PythonServer("Processor", "runProcessor", "ProcessorAdapter", "::omero::grid::Processor"),
        PythonServer("Tables", "", "TablesAdapter", "::omero::grid::Tables"),
        _file_service("MonitorServer", "fsServerMS", "monitorServer"),
        _file_service("FileServer", "fsServerFS", "fileServer"),
        _drop_box("DropBox", "always"),
        _drop_box("TestDropBox", "manual", ("omero.fstest.config", "etc/testdropbox.config")),
    )

    @field
    def tables_module(self) -> str:
        """The module that keeps tables."""
        return self.settings[TABLES_MODULE]

    @field
    def managed_repository(self) -> str:
        """The folder of the managed repository, where JVMs also log."""
        return posixpath.normpath(self.settings[MANAGED_DIR])

    @field
    def insecure_port(self) -> int:
        """The router's port without encryption, for what need not be secret."""
        return self.port("tcp")

    @field
    def secure_port(self) -> int:
        """The router's port with encryption."""
        return self.port("ssl")

    @field
    def ice_library(self) -> str:
        """The number in the names of Ice's libraries: 36 for 3.6."""
        return str(self.options["ice"]).replace(".", "")

    @field
    def registry_endpoints(self) -> str:
        """Endpoints of the registry for nodes and clients."""
        return f"{self.server_endpoints} -p {self.port('registry')}"

    @field
    def locator(self) -> str:
        """The registry, as Ice names it."""
        return f"IceGrid/Locator:{self.registry_endpoints}"

    @field
    def node_endpoints(self) -> str:
        """Where the node itself listens: with its registry on master, on all interfaces elsewhere."""
        return self.server_endpoints if self.is_master else "tcp"

    @field
    def master_servers(self) -> tuple[Server, ...]:
        """The services of the node master, without the router."""
        return grid.nodes(self.settings)[0].servers

    @field
    def other_nodes(self) -> tuple[Node, ...]:
        """All nodes except master."""
        return grid.nodes(self.settings)[1:]

    @property
    def _own_node(self) -> str | None:
        """The node that a configuration is for; None for the other files."""
        file = str(self.options["file"])
        return file.removeprefix(_NODES).removesuffix(".cfg") if file.startswith(_NODES) else None

    @field
    def node_name(self) -> str:
        """The node that a configuration is for."""
        return self._own_node or grid.MASTER

    @field
    def is_master(self) -> bool:
        """Whether the registry runs in this node's process."""
        return self.node_name == grid.MASTER


def _template(options: Mapping[str, Any]) -> str:
    file = str(options["file"])
    if file.startswith(_NODES) and file.endswith(".cfg"):
        return "icegrid/node.cfg.j2"
    if file not in (_APPLICATION, _CLIENT):
        advice = f"there are: {_APPLICATION}, {_CLIENT}, {_NODES}NAME.cfg"
        raise UsageError.at(Location.flag("--file"), f"there is no {file!r}", advice)
    return f"icegrid/{file}.j2"


def _files(settings: Settings, options: Mapping[str, Any]) -> tuple[File, ...]:
    """The application, and the configuration of each node or of the one that is named."""
    wanted = options.get("node")
    nodes = grid.nodes(settings) if wanted is None else [grid.node(settings, wanted)]
    files = [_APPLICATION, _CLIENT, *(f"{_NODES}{node.name}.cfg" for node in nodes)]
    return tuple(File(f"icegrid/{file}", {"file": file}) for file in files)


ARTIFACT = Artifact(
    "icegrid",
    IceGridContext,
    _template,
    _files,
    options=(
        Option(
            "file",
            STRING,
            _APPLICATION,
            f"which file: {_CLIENT}, nodes/NAME.cfg ({_APPLICATION})",
            "FILE",
            of_file=True,
        ),
        Option("ice", Choice("3.6", "3.7"), "3.6", "the release of Ice that the server runs with (3.6)"),
        grid.NODE,
        HOST_ROOT,
    ),
    examples=({}, {"file": _CLIENT}, {"file": f"{_NODES}{grid.MASTER}.cfg"}),
)
