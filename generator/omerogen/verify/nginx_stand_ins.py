"""Stand-ins for what only the site has, in the configuration that nginx tests.

Addresses stay distinct or equal as they are on the site, so that a clash is found; a certificate that can be
read here is used as it is. Everything that was replaced is in the remarks.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

from omerogen.derive.nginx.own_lines import Endpoint, endpoints
from omerogen.values.nginx import tokens
from omerogen.verify.sandbox import Sandbox, certificate, free_ports

#: Directives whose first argument is a file that nginx -t creates, and arguments that are not files.
_WRITES = re.compile(r"access_log|error_log|\w+_temp_path")
_NO_FILE = re.compile(r"""["']?(?:off["']?$|stderr["']?$|syslog:|memory:)""")
_CERTIFICATES = ("ssl_certificate", "ssl_certificate_key")
#: More than any site listens to.
_MOST_PORTS = 50


class StandIns:
    """The stand-ins of one trial."""

    def __init__(self, sandbox: Sandbox, site: Any) -> None:
        self._sandbox = sandbox
        self._site = site
        named = (own.words[1] for own in site.own_directives if own.name in _CERTIFICATES and own.words[1:])
        # All or none: a key has to be that of its certificate.
        # A relative one is in nginx's own folder, which is not this one.
        self._has_certificates = all(
            os.path.isabs(file) and os.access(file, os.R_OK)
            for file in (*named, *(file for _, file in site.certificates))
        )
        self._free: Iterator[int] = iter(())
        self._ports: dict[Endpoint, str] = {}
        self._files: dict[str, str] = {}
        self._logs = False
        self._missing: list[str] = []
        self._application = ""

    def in_lines(self, lines: str) -> str:
        """The site's own lines with these addresses and certificates, and logs in the scratch folder."""
        made, end = "", 0
        for directive, position, token in words(lines):
            replace = _REPLACED.get(directive) or (StandIns._log if _WRITES.fullmatch(directive) else None)
            if position == 1 and replace:
                made += f"{lines[end : token.start()]}{replace(self, directive, token.group())}"
                end = token.end()
        return made + lines[end:]

    def of_fields(self) -> dict[str, object]:
        """Values for the fields that name things of the site."""
        site = self._site
        return {
            "application": self._reachable(site.application),
            "listens": [(self._place(place), *flags) for place, *flags in site.listens],
            "redirecting_listens": [
                (self._place(place), *flags) for place, *flags in site.redirecting_listens
            ],
            "certificates": [(name, self._certificate(name, file)) for name, file in site.certificates],
            "pid_file": "nginx.pid",
            "error_log": "error.log",
            "access_log": "access.log",
        }

    def remarks(self) -> list[str]:
        """What was replaced, for the result."""
        ports = [str(place.port or place.address) for place in self._ports]
        found = (
            f"with free ports in place of {', '.join(dict.fromkeys(ports))}" if ports else "",
            f"a throw-away certificate in place of {', '.join(self._files)}" if self._files else "",
            f"loopback in place of {self._application}" if self._application else "",
            f"nothing for include {', '.join(self._missing)}" if self._missing else "",
            "logs in a scratch folder" if self._logs else "",
        )
        return [", ".join(filter(None, found))] if any(found) else []

    def _place(self, listen: str) -> str:
        place = min(endpoints(listen.strip("\"'")))
        if place not in self._ports:
            if not self._ports:
                self._free = iter(free_ports(_MOST_PORTS))
            self._ports[place] = f"127.0.0.1:{next(self._free, 0)}"
        return self._ports[place]

    def _certificate(self, directive: str, file: str) -> str:
        if self._has_certificates:
            return file
        if not self._files:
            certificate(self._sandbox)
        self._files[file] = ""
        return "certificate.pem" if directive == _CERTIFICATES[0] else "key.pem"

    def _reachable(self, application: str) -> str:
        host = application.rpartition(":")[0].strip("[]")
        try:
            ip_address(host)
        except ValueError:
            self._application = application
            return f"127.0.0.1:{application.rpartition(':')[2]}"
        return application

    def _log(self, directive: str, argument: str) -> str:
        if _NO_FILE.match(argument):
            return argument
        self._logs = True
        return directive

    def _listen(self, _: str, argument: str) -> str:
        return self._place(argument)

    def _include(self, _: str, argument: str) -> str:
        """A pattern that matches nothing here, of which nginx says nothing."""
        pattern = argument.strip("\"'")
        if any(sign in pattern for sign in "*?[") and not glob.glob(pattern):
            self._missing.append(pattern)
        return argument

    def _own_certificate(self, directive: str, argument: str) -> str:
        file = argument.strip("\"'")
        return (
            argument
            if "$" in file or file.startswith(("data:", "engine:"))
            else self._certificate(directive, file)
        )


_REPLACED: dict[str, Callable[[StandIns, str, str], str]] = {
    "listen": StandIns._listen,
    "include": StandIns._include,
    **dict.fromkeys(_CERTIFICATES, StandIns._own_certificate),
}


def words(lines: str) -> Iterator[tuple[str, int, re.Match[str]]]:
    """Each word with its directive and its position there: 0 for the directive itself."""
    seen: list[str] = []
    for token in tokens(lines):
        if token.lastgroup == "mark":
            seen.clear()
        else:
            seen.append(token.group().strip("\"'"))
            yield seen[0], len(seen) - 1, token
