"""The URL by which OMERO's JDBC driver finds the database, and the properties that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omerogen import jdbc_url
from omerogen.artifacts.base import Artifact, File
from omerogen.errors import ArtifactError, Problem
from omerogen.fields import Context, field
from omerogen.options import format_option
from omerogen.values.base import Invalid

_URL = "omero.db.url"
#: Parameters that do not belong into a URL, which is logged: they go to the connection properties.
_PRIVATE = ("user", "password", "sslpassword")


class JdbcContext(Context):
    """Fields of the database connection."""

    @field
    def parts(self) -> jdbc_url.JdbcUrl:
        """The URL in parts, with every property's value in its place."""
        try:
            return jdbc_url.parse(self.settings.entry(_URL).raw or "", self.settings.text)
        except Invalid as error:
            where = self.settings.origin(_URL).where
            raise ArtifactError(Problem(where, f"{_URL} {error.problem}", error.advice)) from None

    @field
    def url(self) -> str:
        """The URL, without what belongs to the connection properties."""
        public = tuple(pair for pair in self.parts.parameters if pair[0] not in _PRIVATE)
        return str(self.parts._replace(parameters=public))

    @field
    def connection(self) -> dict[str, str]:
        """The connection properties: who connects. What the URL said of that wins, as for the driver."""
        told = {name: value for name, value in self.parts.parameters if name in _PRIVATE}
        own = {"user": self.settings["omero.db.user"], "password": self.settings["omero.db.pass"]}
        return {**own, **told}

    @field
    def description(self) -> dict[str, str]:
        """All that a program needs to connect."""
        return {"driver": self.settings["omero.db.driver"], "url": self.url, **self.connection}

    def warnings(self) -> list[Problem]:
        """That a user or password was taken out of the URL."""
        moved = [name for name, _ in self.parts.parameters if name in _PRIVATE]
        where = self.settings.origin(_URL).where
        advice = "set omero.db.user and omero.db.pass"
        message = f"{_URL} and omero.db.properties say {', '.join(moved)}: not for a URL, which is logged"
        return (
            [Problem(where, message, advice, "password-in-url", (_URL, "omero.db.properties"))]
            if moved
            else []
        )


def _template(options: Mapping[str, Any]) -> str:
    return f"jdbc/connection.{options['format']}.j2"


ARTIFACT = Artifact(
    "jdbc",
    JdbcContext,
    _template,
    files=(File("jdbc/url.txt"), File("jdbc/connection.properties", {"format": "properties"})),
    options=(format_option("url", "properties", "json"),),
)
