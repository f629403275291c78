"""Rules about the files of certificates: the router's, and nginx's.

They are silent where the folder of a file is not on this machine: the site then runs on another one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from omerogen.catalog.glacier2 import ICESSL_PREFIX
from omerogen.catalog.web_server import WEB_NGINX_SERVER_EXTRA_CONFIG
from omerogen.model import Location
from omerogen.rules.registry import ERROR, NOTE, WARNING, Breach, View, rule
from omerogen.rules.router import has_certificate
from omerogen.verify.certificates import Certificate, Unreadable, read
from omerogen.verify.process import NotRun

_FILE, _PASSWORD = f"{ICESSL_PREFIX}CertFile", f"{ICESSL_PREFIX}Password"
_KEPT = (f"{ICESSL_PREFIX}DefaultDir", _PASSWORD)
_DIRECTIVES = ("ssl_certificate", "ssl_certificate_key")
#: So many days before the end it is time for another: ACME clients renew 30 days before.
_SOON = 21
_SSL = "https://omero.readthedocs.io/en/stable/sysadmins/client-server-ssl.html"


class _Named(NamedTuple):
    """A file that the site names by a property or an option, of the router or of nginx."""

    path: str
    name: str
    is_key: bool = False
    password: str = ""

    @property
    def is_of_router(self) -> bool:
        return self.name == _FILE

    def breach(self, what: str, of_router: str, of_nginx: str) -> Breach:
        """With the fix for each of the two."""
        if self.name.startswith("--"):
            return Breach(f"{self.path} {what}", of_nginx, location=Location.flag(self.name))
        fix = of_router if self.is_of_router else of_nginx
        return Breach(f"{self.name}: {self.path} {what}", fix, (self.name,))


def _named(site: View) -> Iterator[_Named]:
    settings = site.settings
    if has_certificate(site):
        folder, password = (settings.text(name) if settings.is_set(name) else "" for name in _KEPT)
        for part in settings.text(_FILE).split(os.pathsep):
            yield _Named(os.path.join(folder, part), _FILE, password=password)
    for own in site.artifact("nginx").own_directives:  # type: ignore[attr-defined]
        if own.name in _DIRECTIVES and len(own.words) > 1:
            yield _Named(own.words[1], WEB_NGINX_SERVER_EXTRA_CONFIG.name, own.name == _DIRECTIVES[1])
    if site.option("tls", "nginx") == "nginx":
        for option in ("certificate", "certificate_key"):
            if path := site.option(option, "nginx"):
                yield _Named(str(path), f"--{option.replace('_', '-')}", option.endswith("_key"))


def _here(site: View) -> Iterator[_Named]:
    """Those whose folder is on this machine."""
    for named in _named(site):
        if os.path.isabs(named.path) and os.path.isdir(os.path.dirname(named.path)):
            yield named


def _certificates(site: View) -> Iterator[tuple[_Named, Certificate]]:
    for named in _here(site):
        try:
            if not named.is_key:
                yield named, read(named.path, named.password)
        except (OSError, Unreadable, NotRun):
            continue  # which another rule is about


def _renewed(named: _Named, what: str) -> Breach:
    again = f"remove {named.path}, and run omero certificates"
    return named.breach(what, again, "renew it, and reload nginx")


@rule(
    "certificate-missing",
    WARNING,
    "the file of a certificate or its key is not there",
    bad="omero.glacier2.IceSSL.CertFile=/etc/nonexistent.p12",
    good="omero.glacier2.IceSSL.CertFile=/nonexistent/server.p12",
    reference=_SSL,
)
def certificate_missing(site: View) -> Iterator[Breach]:
    """The router, or nginx, does not start without it.

    A file in a folder that this machine does not have is taken to be on another machine.
    """
    for named in _here(site):
        if not os.path.exists(named.path):
            missing = named.breach("is not on this machine", "omero certificates", "correct the path")
            # Folders such as /etc/ssl are on machines without the site too.
            yield missing if named.is_of_router else missing._replace(severity=NOTE)


@rule(
    "certificate-unreadable",
    WARNING,
    "a certificate cannot be read",
    bad="omero.glacier2.IceSSL.CertFile=/etc/passwd",
    good="omero.glacier2.IceSSL.CertFile=/nonexistent/server.p12",
    reference=_SSL,
)
def certificate_unreadable(site: View) -> Iterator[Breach]:
    """This user may not read it, it is another kind of file, or `omero.glacier2.IceSSL.Password` is wrong."""
    for named in _here(site):
        try:
            with open(named.path, "rb"):
                pass
            if not named.is_key:
                read(named.path, named.password)
        except FileNotFoundError:
            continue  # which another rule is about
        except OSError as error:
            advice = "run check as the user who reads it"
            yield named.breach(f"cannot be read: {error.strerror}", advice, advice)
        except Unreadable as reason:
            yield named.breach(str(reason), f"correct it, or {_PASSWORD}", "correct it")
        except NotRun:
            continue


@rule(
    "certificate-expired",
    ERROR,
    "a certificate has expired",
    bad="",
    good="omero.glacier2.IceSSL.CertFile=/nonexistent/server.p12",
    reference=_SSL,
)
def certificate_expired(site: View) -> Iterator[Breach]:
    """Browsers refuse it, and so do clients of OMERO that verify certificates."""
    for named, certificate in _certificates(site):
        if certificate.days_left < 0:
            yield _renewed(named, f"expired on {certificate.last_day}")


@rule(
    "certificate-expires-soon",
    WARNING,
    "a certificate expires soon",
    bad="",
    good="omero.glacier2.IceSSL.CertFile=/nonexistent/server.p12",
    reference=_SSL,
)
def certificate_expires_soon(site: View) -> Iterator[Breach]:
    """Within three weeks. ACME clients renew theirs 30 days before the end, so that this one was not."""
    for named, certificate in _certificates(site):
        if 0 <= certificate.days_left < _SOON:
            yield _renewed(named, f"expires on {certificate.last_day}")


@rule(
    "certificate-for-other-names",
    WARNING,
    "the certificate of nginx is not for the names of the site",
    bad="",
    good="--tls nginx --servername a.example.org --certificate /x/c --certificate-key /x/k",
)
def certificate_for_other_names(site: View) -> Iterator[Breach]:
    """Browsers warn of it. Clients of OMERO do not look at the names in the certificate of the router."""
    for named, certificate in _certificates(site):
        for host in site.option("servername", "nginx") if not named.is_of_router else ():
            if _is_plain(host) and not certificate.is_for(host):
                fix = "get one for all names, or correct --servername"
                yield named.breach(f"is not for {host}", fix, fix)


def _is_plain(host: str) -> bool:
    """A name, and not a wildcard or a regular expression of nginx."""
    return "." in host and not set(host) & set("*~$") and not host.startswith(".")
