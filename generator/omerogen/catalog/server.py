"""The server's grid: nodes, ports, read-only mode, metrics and the URLs it reports to."""

from functools import partial

from omerogen.model.property import Property
from omerogen.values.base import STRING, Choice, Nullable, unset_if_none
from omerogen.values.lists import NODE_DESCRIPTORS
from omerogen.values.network import HOST, URL
from omerogen.values.numbers import BOOL, INT, PORT, PREFIX

_ice = partial(Property, "Ice")
_name = partial(Property, "Name")
_server = partial(Property, "Server")
_grid = partial(Property, "Grid")
_ports = partial(Property, "Ports")
_tables = partial(Property, "Tables")
_metrics = partial(Property, "Metrics")
_misc = partial(Property, "Misc")
_qa = partial(Property, "Qa")


PROPERTIES = (
    _ice(
        "Ice.Default.Host",
        unset_if_none(HOST),
        None,
        "Host that Ice endpoints use when they name none of their own; unset leaves it to Ice.",
        status="extra",
    ),
    _ice(
        "Ice.IPv6",
        Choice("0", "1"),
        "1",
        "Whether Ice uses IPv6: 1 for yes, 0 for no. Few installations need to change it.",
    ),
    _name("omero.name", STRING, "Server", "Name of the OMERO component that this process runs."),
    _server(
        "omero.server.nodedescriptors",
        Nullable(NODE_DESCRIPTORS),
        "",
        "Nodes and the services each runs, such as master:Blitz-0,Tables-0; empty means the default set.",
    ),
    _grid(
        "omero.cluster.read_only",
        BOOL,
        "false",
        (
            "Deprecated: true makes both database and repository read-only; set "
            "omero.cluster.read_only.db and omero.cluster.read_only.repo instead."
        ),
    ),
    _grid("omero.cluster.read_only.db", BOOL, "false", "Whether the server must not write to the database."),
    _grid(
        "omero.cluster.read_only.repo",
        BOOL,
        "false",
        "Whether the server must not write to the binary repository.",
    ),
    _grid(
        "omero.cluster.redirector",
        STRING,
        "nullRedirector",
        "Bean that may send new sessions to another server of the cluster; nullRedirector sends none.",
    ),
    _grid(
        "omero.grid.registry_timeout",
        INT,
        "5000",
        "How long the registry and other services wait for a remote service, in milliseconds.",
    ),
    _grid(
        "omero.master.host",
        unset_if_none(HOST),
        None,
        "Host of the grid's master node, for servers spread over several nodes.",
        status="extra",
    ),
    _ports(
        "omero.ports.prefix",
        PREFIX,
        "",
        "Digits put in front of the server's port numbers, for several servers on one host; may be empty.",
    ),
    _ports("omero.ports.registry", PORT, "4061", "Port of the IceGrid registry."),
    _ports("omero.ports.ssl", PORT, "4064", "Port of the Glacier2 router for SSL connections."),
    _ports("omero.ports.tcp", PORT, "4063", "Port of the Glacier2 router for unencrypted TCP connections."),
    _ports(
        "omero.ports.ws",
        PORT,
        "4065",
        "Port of the Glacier2 router for unencrypted WebSocket connections.",
    ),
    _ports(
        "omero.ports.wss",
        PORT,
        "4066",
        "Port of the Glacier2 router for encrypted WebSocket connections.",
    ),
    _tables(
        "omero.tables.module",
        STRING,
        "runTables",
        "Python module that is run as the OMERO.tables service.",
        status="extra",
    ),
    _metrics(
        "omero.metrics.bean",
        STRING,
        "defaultMetrics",
        "Bean that handles metrics: defaultMetrics collects them, nullMetrics does not.",
    ),
    _metrics(
        "omero.metrics.graphite",
        STRING,
        "",
        "Address of the Graphite server that metrics are sent to; empty sends none.",
    ),
    _metrics(
        "omero.metrics.slf4j_minutes",
        INT,
        "60",
        "Interval in minutes between metrics in the log; 0 or less logs none.",
    ),
    _misc(
        "omero.upgrades.url",
        URL,
        "http://upgrade.openmicroscopy.org.uk",
        "URL that the server asks whether a newer version is out.",
        status="extra",
    ),
    _qa(
        "omero.qa.feedback",
        URL,
        "http://qa.openmicroscopy.org.uk",
        "Base URL that users' comments and error reports are sent to.",
        django="FEEDBACK_URL",
    ),
)
