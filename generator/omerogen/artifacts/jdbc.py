"""The URL by which OMERO's JDBC driver finds the database, and the properties that go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from omerogen.artifacts.base import Artifact, File, always
from omerogen.catalog.database import DB_DRIVER, DB_PASS, DB_PROPERTIES, DB_URL, DB_USER
from omerogen.derive import jdbc_url
from omerogen.derive.fields import Context, field
from omerogen.derive.options import format_option
from omerogen.model import ArtifactError, Problem, Property, warning
from omerogen.secrets.shapes import is_secret_name
from omerogen.values.base import Invalid

T = TypeVar("T")

#: Replaces a secret in a trial; never valid as a host or port.
_SECRET = "\ud800"  # noqa: S105 - an unpaired surrogate, which no source and no %XX can contain
#: These are named after a secret, and have none.
_PUBLIC = ("callback", "file", "classname")


class JdbcContext(Context):
    """Fields of the database connection."""

    @field
    def parts(self) -> jdbc_url.JdbcUrl:
        """The URL in parts, with every property's value in its place."""
        return self._parts(self.settings.text)

    def _parts(self, text: Callable[[str], str]) -> jdbc_url.JdbcUrl:
        return self._of_url(lambda url: jdbc_url.parse(url, text))

    def _of_url(self, parse: Callable[[str], T]) -> T:
        """What ``parse`` makes of the URL; `ArtifactError` if that is none."""
        try:
            return parse(self.settings.raw(DB_URL))
        except Invalid as error:
            origin, message = self.settings.origin(DB_URL), f"{DB_URL.name} {error.problem}"
            raise ArtifactError.at(origin, message, error.advice, properties=(DB_URL.name,)) from None

    def check(self) -> None:
        """Refuse a URL that a secret is put into, elsewhere than as a password: URLs are logged."""

        def text(name: str) -> str:
            is_secret = self.settings.resolved(name).is_secret
            if is_secret and name == DB_PROPERTIES.name:
                return f"x={_SECRET}"
            return _SECRET if is_secret else self.settings.text(name)

        parts = self._parts(text)
        public = [value for name, value in parts.parameters if not _is_private(name)]
        if any(_SECRET in value for value in (parts.database, *public)):
            names = tuple(row.name for row in (DB_URL, DB_PROPERTIES) if self.settings.is_set(row))
            where = self.settings.origin(names[-1] if names else DB_URL)
            message = f"{' or '.join(names)} puts a secret into the URL, which is logged"
            raise ArtifactError.at(where, message, "take it out", properties=names)

    @field
    def public_parameters(self) -> tuple[tuple[str, str], ...]:
        """The parameters in the URL."""
        return tuple(pair for pair in self.parts.parameters if not _is_private(pair[0]))

    @field
    def url(self) -> str:
        """The URL, without what belongs to the connection properties."""
        return str(self.parts._replace(parameters=self.public_parameters))

    @field
    def user(self) -> str:
        """The user of the connection properties; one in the URL wins, as in the driver."""
        return self._in_url("user", DB_USER)

    @field
    def password(self) -> str:
        """The password; one in the URL wins."""
        return self._in_url("password", DB_PASS)

    def _in_url(self, name: str, row: Property[str]) -> str:
        """A parameter of the URL, or the property where the URL does not have it."""
        found = self._of_url(lambda url: jdbc_url.parameter(url, name, self.settings.text))
        return self.settings[row] if found is None else found

    @field
    def private_parameters(self) -> dict[str, str]:
        """The further connection properties: what of the URL is not for everybody."""
        found = {name: value for name, value in self.parts.parameters if _is_private(name)}
        return {name: value for name, value in found.items() if name not in ("user", "password")}

    @property
    def connection(self) -> dict[str, str]:
        """All connection properties."""
        return {"user": self.user, "password": self.password, **self.private_parameters}

    @field
    def driver(self) -> str:
        """The class of the driver."""
        return self.settings[DB_DRIVER]

    def warnings(self) -> list[Problem]:
        """That a user or password was taken out of the URL."""
        moved = [name for name, _ in self.parts.parameters if _is_private(name)]
        if not moved:
            return []
        origin = self.settings.origin(DB_PROPERTIES if self.settings.is_set(DB_PROPERTIES) else DB_URL)
        names = (DB_URL.name, DB_PROPERTIES.name)
        message = f"{' and '.join(names)} say {', '.join(moved)}: not for a URL, which is logged"
        return [warning(origin, message, "set omero.db.user and omero.db.pass", "password-in-url", names)]


def _is_private(name: str) -> bool:
    """Whether a parameter does not belong into a URL, which is logged, but to the connection properties."""
    return name == "user" or (is_secret_name(name) and not name.lower().endswith(_PUBLIC))


ARTIFACT = Artifact(
    "jdbc",
    JdbcContext,
    lambda options: f"jdbc/connection.{options['format']}.j2",
    always(File("jdbc/url.txt"), File("jdbc/connection.properties", {"format": "properties"})),
    options=(format_option("url", "properties", "json"),),
    examples=({}, {"format": "properties"}, {"format": "json"}),
)
