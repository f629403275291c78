"""The options of every command that reads properties: where they come from."""

from __future__ import annotations

from omerogen.catalog import history
from omerogen.model.option import Option
from omerogen.values.base import STRING
from omerogen.values.numbers import BOOL
from omerogen.values.text import PATH

#: The name of a site file; the one of the working folder is used if none is named.
FILE = "omerogen.toml"

CONFIG = Option(
    "config",
    PATH,
    None,
    "a config.xml, .omero, .properties, .json or .yaml file, a folder of .omero files,"
    " or FORMAT:FILE; again for more ($OMERODIR/etc/grid/config.xml, else the defaults alone)",
    "FILE",
    many=True,
    again=True,
    is_path=True,
    short="-c",
)
KEY = Option(
    "key",
    STRING,
    None,
    "the member of YAML and JSON files with the properties, such as omero_server_config_set; again for more",
    "NAME",
    many=True,
    again=True,
)
ENV = Option("env", BOOL, "false", "CONFIG_… variables of the environment")
PROFILE = Option(
    "profile", STRING, None, "the profile of config.xml ($OMERO_CONFIG, else the active one)", "NAME"
)
OMERODIR = Option(
    "omerodir",
    PATH,
    None,
    "the OMERO directory ($OMERODIR, else /opt/omero/web/OMERO.web)",
    "DIR",
    is_path=True,
)
RELEASE = Option(
    "release",
    history.Release(history.SERVER),
    None,
    "the release of OMERO.server, such as 5.6.3: defaults and findings are those of it (the newest)",
    "RELEASE",
)
WEB_RELEASE = Option(
    "web_release",
    history.Release(history.WEB),
    None,
    "the release of OMERO.web, such as 5.22.1 (that of --release, else the newest)",
    "RELEASE",
    other_key="web_release",
)
STRICT = Option("strict", BOOL, "false", "treat warnings as errors")

SOURCES = (CONFIG, KEY, ENV, PROFILE, OMERODIR, RELEASE, WEB_RELEASE, STRICT)
