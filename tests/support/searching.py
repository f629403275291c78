"""Everything that the tool prints and writes, searched for canaries; and what may show them, and why."""

from __future__ import annotations

from pathlib import Path

from support.canaries import CANARY, site, source

#: What standard output may show, by its command and what must be among its arguments: why.
EXEMPT = {
    ("django",): "it is the settings module itself, with the secret key and the databases",
    ("jdbc", "properties"): "it is the file of connection properties itself",
    ("jdbc", "json"): "it is all that a program needs to connect",
    ("jvm",): "it is the flags themselves",
    ("icegrid",): "it is the application itself, with IceSSL.Password and the flags of the JVMs",
    ("glacier2",): "it is the server template itself, with IceSSL.Password",
    ("nginx",): "it is the configuration itself, with the site's own lines",
    ("explain", "--show-secrets"): "secrets were asked for",
}
#: What no reader of the flags reads, but a person does, is not an artifact: it is searched all the same.
_NOT_EXEMPT = ("--explain", "--plot", "-o")


def is_exempt(arguments: tuple[str, ...]) -> bool:
    """Whether standard output is the artifact itself."""
    if set(arguments) & {*_NOT_EXEMPT}:
        return False
    return any(arguments[0] == words[0] and set(words) <= set(arguments) for words in EXEMPT)


class Search:
    """Looks for canaries, and counts where it looked."""

    searched = 0

    def text(self, where: object, text: str) -> None:
        """In a text."""
        Search.searched += 1
        found = sorted(set(CANARY.findall(text)))
        assert not found, f"{where}: {found} in {text[:2000]}"
        assert "Traceback" not in text, where

    def result(self, arguments: tuple[str, ...], result) -> None:
        """In what a command said."""
        self.text((*arguments, "stderr"), result.err)
        if not is_exempt(arguments):
            self.text((*arguments, "stdout"), result.out)

    def folder(self, folder: Path) -> None:
        """In all files that others may read, and in the names of all."""
        for path in folder.rglob("*"):
            self.text("name", str(path.relative_to(folder)))
            if path.is_file() and path.stat().st_mode & 0o077:
                self.text(path, path.read_bytes().decode(errors="replace"))


def arrange(kind, tmp_path, monkeypatch, cage) -> tuple[tuple[str, ...], dict[str, str]]:
    """A site in a source of that kind: arguments that read it, and its properties."""
    kept = tmp_path / "sources"
    kept.mkdir(exist_ok=True)
    properties = site(cage, kept)
    arguments, variables = source(kind, properties, kept)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    return arguments, properties
