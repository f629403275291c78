"""The server's grid: nodes, ports, read-only mode, metrics and the URLs it reports to."""

from omerogen.model.property import Section
from omerogen.values.base import STRING, Choice, Nullable, unset_if_none
from omerogen.values.lists import NODE_DESCRIPTORS
from omerogen.values.network import HOST, URL_OR_EMPTY
from omerogen.values.numbers import BOOL, INT, PORT, PREFIX

_ice = Section("Ice")
_name = Section("Name")
_server = Section("Server")
_grid = Section("Grid")
_ports = Section("Ports")
_tables = Section("Tables")
_metrics = Section("Metrics")
_misc = Section("Misc")
_qa = Section("Qa")

ICE_DEFAULT_HOST = _ice("Ice.Default.Host", unset_if_none(HOST), None, status="extra").described(
    "Host that Ice endpoints use when they name none of their own; unset leaves it to Ice."
)
ICE_IPV6 = _ice("Ice.IPv6", Choice("0", "1"), "1").described(
    "Whether Ice uses IPv6: 1 for yes, 0 for no. Few installations need to change it."
)
NAME = _name("omero.name", STRING, "Server").described("Name of the OMERO component that this process runs.")
SERVER_NODEDESCRIPTORS = _server("omero.server.nodedescriptors", Nullable(NODE_DESCRIPTORS), "").described(
    "Nodes and the services each runs, such as master:Blitz-0,Tables-0; empty means the default set."
)
CLUSTER_READ_ONLY = _grid("omero.cluster.read_only", BOOL, "false").described(
    "Deprecated: true makes both database and repository read-only; set "
    "omero.cluster.read_only.db and omero.cluster.read_only.repo instead."
)
CLUSTER_READ_ONLY_DB = _grid("omero.cluster.read_only.db", BOOL, "false").described(
    "Whether the server must not write to the database."
)
CLUSTER_READ_ONLY_REPO = _grid("omero.cluster.read_only.repo", BOOL, "false").described(
    "Whether the server must not write to the binary repository."
)
CLUSTER_REDIRECTOR = _grid("omero.cluster.redirector", STRING, "nullRedirector").described(
    "Bean that may send new sessions to another server of the cluster; nullRedirector sends none."
)
GRID_REGISTRY_TIMEOUT = _grid("omero.grid.registry_timeout", INT, "5000").described(
    "How long the registry and other services wait for a remote service, in milliseconds."
)
MASTER_HOST = _grid("omero.master.host", unset_if_none(HOST), None, status="extra").described(
    "Host of the grid's master node, for servers spread over several nodes."
)
PORTS_PREFIX = _ports("omero.ports.prefix", PREFIX, "").described(
    "Digits put in front of the server's port numbers, for several servers on one host; may be empty."
)
PORTS_REGISTRY = _ports("omero.ports.registry", PORT, "4061").described("Port of the IceGrid registry.")
PORTS_SSL = _ports("omero.ports.ssl", PORT, "4064").described(
    "Port of the Glacier2 router for SSL connections."
)
PORTS_TCP = _ports("omero.ports.tcp", PORT, "4063").described(
    "Port of the Glacier2 router for unencrypted TCP connections."
)
PORTS_WS = _ports("omero.ports.ws", PORT, "4065").described(
    "Port of the Glacier2 router for unencrypted WebSocket connections."
)
PORTS_WSS = _ports("omero.ports.wss", PORT, "4066").described(
    "Port of the Glacier2 router for encrypted WebSocket connections."
)
TABLES_MODULE = _tables("omero.tables.module", STRING, "runTables", status="extra").described(
    "Python module that is run as the OMERO.tables service."
)
METRICS_BEAN = _metrics("omero.metrics.bean", STRING, "defaultMetrics").described(
    "Bean that handles metrics: defaultMetrics collects them, nullMetrics does not."
)
METRICS_GRAPHITE = _metrics("omero.metrics.graphite", STRING, "").described(
    "Address of the Graphite server that metrics are sent to; empty sends none."
)
METRICS_SLF4J_MINUTES = _metrics("omero.metrics.slf4j_minutes", INT, "60").described(
    "Interval in minutes between metrics in the log; 0 or less logs none."
)
UPGRADES_URL = _misc(
    "omero.upgrades.url", URL_OR_EMPTY, "http://upgrade.openmicroscopy.org.uk", status="extra"
).described("URL where the server looks for a newer version; empty switches that off.")
QA_FEEDBACK = _qa(
    "omero.qa.feedback", URL_OR_EMPTY, "http://qa.openmicroscopy.org.uk", django="FEEDBACK_URL"
).described("Base URL that users' comments and error reports are sent to.")
