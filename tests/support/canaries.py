"""A site with a canary in every place where a secret can be, in every kind of source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from omerogen import catalog
from omerogen.templating.escape import java_properties, shell, xml

#: Letters and digits look the same in every encoding that we write: percent, JSON, XML, Python, shell.
CANARY = re.compile(r"kanari\d+", re.IGNORECASE)
SOURCES = ("config.xml", "site.omero", "site.properties", "site.yaml", "site.json", "--env", "--set")


class Cage:
    """Gives canaries out, each another."""

    def __init__(self, start: int = 0) -> None:
        self.count = start

    def plain(self) -> str:
        """One of letters and digits."""
        self.count += 1
        return f"kanari{self.count}"

    def odd(self) -> str:
        """One with characters that every language escapes, and a piece of it after each of them."""
        return "".join(f"{self.plain()}{odd}" for odd in "@'\"&<é% /\\$=") + self.plain()


def secret_names() -> list[str]:
    """Every secret of the catalog, and those that are secrets by their name."""
    listed = sorted(name for name, row in catalog.PROPERTIES.items() if row.secret)
    family = ("Password", "TruststorePassword", "KeyPassphrase")
    plugins = ("omero.web.mapr.password", "omero.web.x.api_key", "omero.plugin.token", "omero.db.passs")
    return [*listed, *(f"omero.glacier2.IceSSL.{name}" for name in family), *plugins]


def site(cage: Cage, folder: Path) -> dict[str, str]:
    """Properties of a site that loads: a canary in each secret, and wherever else one can hide."""
    secrets = {name: _secret(cage, name) for name in secret_names()}
    kept = folder / f"secret{cage.count}"
    for number, name in enumerate(("omero.security.keyStorePassword", "omero.web.public.password")):
        path = kept.with_suffix(f".{number}")
        path.write_text(f"{cage.odd()}${{{cage.plain()}}}\n", encoding="utf-8")
        path.chmod(0o600)
        secrets[name] = f"file:{path}"
    return {**secrets, **_hidden(cage)}


def _secret(cage: Cage, name: str) -> str:
    return cage.plain() + "'\"&<é% /" + cage.plain() if "IceSSL" in name else cage.odd()


def _hidden(cage: Cage) -> dict[str, str]:
    """Canaries within values that are not secrets themselves."""
    word = cage.plain
    databases = {
        "default": {"ENGINE": "django.db.backends.postgresql", "PASSWORD": cage.odd(), "USER": "u"},
        "other": {"ENGINE": "a.b", "OPTIONS": {"passphrase": [word(), {"x": word()}]}},
    }
    caches = {
        "default": {"BACKEND": "a.b", "LOCATION": f"redis://:{word()}@{word()}@h/0"},
        "two": {"BACKEND": "a.b", "LOCATION": [f"redis://u:{word()}/{word()}@h", f"unix://:{word()}@/p"]},
    }
    additional = [
        ["EMAIL_HOST_PASSWORD", cage.odd()],
        ["AWS_SECRET_ACCESS_KEY", word()],
        ["CACHES", {"x": {"LOCATION": f"REDIS://:{word()}%40@h", "OPTIONS": {"auth": word()}}}],
        ["RAVEN", json.dumps({"dsn": f"https://{word()}@h/1", "password": word()})],
    ]
    lines = [f'proxy_set_header Authorization "Basic {word()}";', f"proxy_set_header X-Api-Token {word()};"]
    return {
        "omero.web.databases": json.dumps(databases),
        "omero.web.caches": json.dumps(caches),
        "omero.web.django_additional_settings": json.dumps(additional),
        "omero.web.nginx_server_extra_config": json.dumps(lines),
        "omero.jvmcfg.append": f"-Djavax.net.ssl.keyStorePassword={word()} '-Dx.password={word()} {word()}'",
        "omero.jvmcfg.append.indexer": "-Dp=${omero.plugin.other_token}",
        "omero.jvmcfg.append.pixeldata": "-javaagent:/gone.jar=${omero.plugin.other_token}",
        "omero.plugin.other_token": word(),
        "omero.glacier2.IceSSL.CertFile": "${omero.plugin.other_token}",
        "omero.db.properties": f"ssl=true&password={word()}&sslpassword={word()}&x.secret={word()}",
        "omero.made.of": "x${omero.plugin.token}y",
        "omero.made.of.parts": "${omero.db.properties} ${omero.web.databases}",
        "omero.plugin.url": f"amqp://u:{word()}@h http://{word()}@h/ jdbc:x://h/?password={word()}",
        "omero.plugin.text": f"x {{'PASSWORD': '{word()}'}} --token {word()} Bearer {word()}",
        "omero.jvmcfg.system_memory": "64000",
    }


class Source(NamedTuple):
    """Where the site is kept: arguments that read it, and variables."""

    arguments: tuple[str, ...]
    variables: dict[str, str]


def source(kind: str, properties: dict[str, str], folder: Path) -> Source:
    """The properties in one of `SOURCES`."""
    if kind == "--set":
        return Source(tuple(f"--set={name}={text}" for name, text in properties.items()), {})
    if kind == "--env":
        names = {name: name.replace("_", "__").replace(".", "_") for name in properties}
        return Source(("--env",), {f"CONFIG_{names[name]}": text for name, text in properties.items()})
    path = folder / kind
    path.write_text("".join(_text(kind, properties)), encoding="utf-8")
    path.chmod(0o600)
    return Source(("-c", str(path)), {})


def _text(kind: str, properties: dict[str, str]) -> Iterator[str]:
    if kind == "site.json":
        yield json.dumps(properties)
    elif kind == "site.yaml":
        yield yaml.safe_dump(properties)
    elif kind == "site.properties":
        yield from (f"{name}={java_properties(text)}\n" for name, text in properties.items())
    elif kind == "site.omero":
        yield from (f"config set -- {name} {shell(text)}\n" for name, text in properties.items())
    else:
        yield '<icegrid><properties id="default">'
        yield from (f'<property name="{name}" value="{xml(text)}"/>\n' for name, text in properties.items())
        yield "</properties></icegrid>"
