"""The examples at the end of each command's ``--help``."""

from __future__ import annotations

_EXAMPLES = {
    "build": (
        "omerogen build",
        "omerogen build -c site.yaml -o /etc/omero --check",
        'omerogen build --only nginx --reload "nginx -t && nginx -s reload"',
    ),
    "check": ("omerogen check", "omerogen check -c site.yaml --strict --with-consumers"),
    "completion": ('eval "$(omerogen completion bash)"', 'eval "$(omerogen completion zsh)"'),
    "django": ("omerogen django", "omerogen django --tls nginx --servername omero.example.org"),
    "explain": (
        "omerogen explain omero.web.prefix",
        "omerogen explain omero.db.host -c site.yaml --format json",
    ),
    "icegrid": ("omerogen icegrid", "omerogen icegrid -c site.yaml -o /etc/omero/icegrid --diff"),
    "jdbc": ("omerogen jdbc", "omerogen jdbc -c site.yaml --format properties"),
    "jvm": (
        "omerogen jvm --explain",
        "omerogen jvm --service blitz --format argfile",
        "omerogen jvm --plot heaps.svg",
    ),
    "nginx": (
        "omerogen nginx --servername omero.example.org",
        "omerogen nginx --tls nginx --certificate omero.pem --certificate-key omero.key",
        "omerogen nginx --layout location",
    ),
    "properties": ("omerogen properties --section Ports", "omerogen properties 'omero.db.*' --format json"),
    "rewrite": (
        "omerogen rewrite --templates OMERO.server/etc/templates -o OMERO.server/etc --diff",
        "omerogen rewrite --templates OMERO.server/etc/templates -o OMERO.server/etc",
    ),
}


def of_command(name: str) -> tuple[str, ...]:
    """Two or three command lines."""
    return _EXAMPLES.get(name, (f"omerogen {name}", f"omerogen {name} -c site.yaml"))


def epilog(name: str) -> str:
    """The same as the last lines of the help."""
    return "\n".join(["examples:", *(f"  {line}" for line in of_command(name))])
