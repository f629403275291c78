"""What properties reach: the artifacts that read them, and the lines of these artifacts' files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from omerogen.artifacts import ARTIFACTS
from omerogen.derive.host import Host
from omerogen.model import OmerogenError, Problem, properties_of
from omerogen.settings import Settings


class Reached(NamedTuple):
    """The lines of an artifact's files, by the properties that they are made of.

    - ``lines``: by path and name of the property, the numbers of the lines that it is in.
    - ``missing``: why the files cannot be made, if so.
    """

    lines: Mapping[str, Mapping[str, Sequence[int]]]
    missing: tuple[Problem, ...] = ()


class Reach:
    """What the properties of some settings reach; each artifact is made when it is first asked for.

    What is known already can be given: ``read``, the names that each artifact reads, and ``reached``.
    """

    def __init__(
        self,
        settings: Settings,
        read: Mapping[str, Iterable[str]] | None = None,
        reached: Mapping[str, Reached] | None = None,
    ) -> None:
        self._settings = settings
        self.host = Host.of(settings.site.options)
        self.read = dict(read or {})
        self.reached = dict(reached or {})
        self.has_grown = False

    def readers(self, name: str) -> tuple[str, ...]:
        """The artifacts that read a property."""
        return tuple(artifact for artifact in ARTIFACTS if name in self._names_read(artifact))

    def _names_read(self, artifact: str) -> Iterable[str]:
        if artifact not in self.read:
            from omerogen.artifacts import rendering  # late: most is known from an earlier run

            inputs = rendering.inputs_of(artifact, self._settings, self.host)
            self.read[artifact] = properties_of(inputs)
            self.has_grown = True
        return self.read[artifact]

    def of(self, artifact: str) -> Reached:
        """What reaches the files of an artifact."""
        if artifact not in self.reached:
            self.reached[artifact] = self._reached(artifact)
            self.has_grown = True
        return self.reached[artifact]

    def _reached(self, artifact: str) -> Reached:
        from omerogen.artifacts import rendering  # late too

        lines: dict[str, dict[str, list[int]]] = {}
        options = self._settings.site.options
        try:
            for file in rendering.files(artifact, self._settings, options, self.host, traced=True):
                of_file = lines.setdefault(file.path, {})
                for at, line in enumerate(file.lines, 1):
                    for name in properties_of(line.inputs):
                        of_file.setdefault(name, []).append(at)
        except OmerogenError as error:
            return Reached(lines, error.errors)
        return Reached(lines)
