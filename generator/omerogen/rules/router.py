"""Rules about the Glacier2 router, OMERO's front door for clients."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from omerogen.catalog.client import CLIENT_ICETRANSPORTS
from omerogen.catalog.glacier2 import (
    GLACIER2_ICESSL_CIPHERS,
    GLACIER2_ICESSL_PROTOCOLS,
    GLACIER2_ICESSL_VERIFYPEER,
    ICESSL_PREFIX,
)
from omerogen.rules.registry import ERROR, NOTE, WARNING, Breach, View, rule
from omerogen.values.icessl import has_anonymous, has_level_0

_SSL = "https://omero.readthedocs.io/en/stable/sysadmins/client-server-ssl.html"
_GOOD = "omero.glacier2.IceSSL.Ciphers=HIGH\nomero.glacier2.IceSSL.Protocols=TLS1_2,TLS1_3"
_ENCRYPTED = ("ssl", "wss")
_CERT_FILE = f"{ICESSL_PREFIX}CertFile"
#: What gives the router authorities, in Ice 3.6 and 3.7.
_AUTHORITIES = ("CAs", "CertAuthFile", "CertAuthDir", "UsePlatformCAs")
#: Names below ``IceSSL.`` that Ice reads; a number or a name follows those that end in a dot.
_KNOWN = (
    "Alias CAs CertAuthDir CertAuthFile CertFile CertStore CertStoreLocation CertVerifier"
    " CertificateRevocationListFiles CheckCRL CheckCertName Ciphers DH. DHParams DefaultDir EntropyDaemon"
    " FindCert FindCert. InitOpenSSL ImportCert. KeyFile KeySet Keychain KeychainPassword Keystore"
    " KeystorePassword KeystoreType Password PasswordCallback PasswordRetryMax ProtocolVersionMax"
    " ProtocolVersionMin Protocols Random RevocationCheck RevocationCheckCacheOnly SchannelStrongCrypto"
    " Trace.Security TrustOnly TrustOnly.Client TrustOnly.Server TrustOnly.Server. Truststore"
    " TruststorePassword TruststoreType UsePlatformCAs VerifyDepthMax VerifyPeer"
).split()


@rule(
    "router-without-certificate",
    ERROR,
    "no client can reach the router by TLS",
    bad="omero.glacier2.IceSSL.Ciphers=HIGH",
    good="omero.glacier2.IceSSL.Ciphers=HIGH\nomero.glacier2.IceSSL.CertFile=server.p12",
    reference=_SSL,
)
def router_without_certificate(site: View) -> Iterator[Breach]:
    """Without a certificate the router can only serve anonymous ciphers (ADH, AECDH).

    With other ciphers every handshake of the transports ssl and wss fails. omero-certificates makes
    a certificate and sets the properties for it.
    """
    ciphers = site.settings.text(GLACIER2_ICESSL_CIPHERS)
    if _serves_tls(site) and not has_certificate(site) and not has_anonymous(ciphers):
        message = (
            f"the router has no certificate, and {GLACIER2_ICESSL_CIPHERS.name} has no anonymous ciphers"
        )
        names = (GLACIER2_ICESSL_CIPHERS.name, _CERT_FILE)
        yield Breach(f"{message}: no client can connect by TLS", "omero certificates", names)


def has_certificate(site: View) -> bool:
    """Whether `IceSSL.CertFile` names one; an empty name does not count."""
    return _is_given(site, _CERT_FILE)


def _is_given(site: View, name: str) -> bool:
    return site.settings.is_set(name) and bool(site.settings.text(name).strip())


def _serves_tls(site: View) -> bool:
    return any(transport in _ENCRYPTED for transport in site.settings[CLIENT_ICETRANSPORTS])


@rule(
    "ciphers-for-no-protocol",
    ERROR,
    "the ciphers cannot serve the protocols",
    bad="omero.glacier2.IceSSL.CertFile=server.p12\nomero.glacier2.IceSSL.Protocols=tls1_2",
    good=f"omero.glacier2.IceSSL.CertFile=server.p12\n{_GOOD}",
    reference=_SSL,
)
def ciphers_for_no_protocol(site: View) -> Iterator[Breach]:
    """Anonymous ciphers have no use for a certificate, and OpenSSL serves them only with `@SECLEVEL=0`.

    The default of `omero.glacier2.IceSSL.Ciphers` has anonymous ones alone; TLS 1.3 has separate ciphers.
    So a router with a certificate answers by no protocol below TLS 1.3 until other ciphers are set.
    """
    ciphers, protocols = site.settings.text(GLACIER2_ICESSL_CIPHERS), site.settings[GLACIER2_ICESSL_PROTOCOLS]
    is_served = has_level_0(ciphers) or not is_anonymous_alone(ciphers)
    if is_served or not has_certificate(site) or not _serves_tls(site):
        return
    older = [protocol for protocol in protocols if not protocol.lower().endswith("1_3")]
    if older:
        only = len(older) < len(protocols)
        reach = "but by TLS 1.3" if only else "at all"
        message = f"{GLACIER2_ICESSL_CIPHERS.name} has anonymous ciphers alone: no client can connect {reach}"
        names = (GLACIER2_ICESSL_CIPHERS.name, GLACIER2_ICESSL_PROTOCOLS.name)
        fix = f"omero config set {names[0]} HIGH"
        yield Breach(message, fix, names, WARNING if only else ERROR)


def is_anonymous_alone(ciphers: str) -> bool:
    """Whether a list names ciphers without a certificate and no others."""
    words = [word for word in ciphers.replace(",", ":").replace(" ", ":").split(":") if word]
    positive = [word for word in words if word[0] not in "!-@+"]
    return bool(positive) and all("ADH" in word or "AECDH" in word or "aNULL" in word for word in positive)


@rule(
    "deprecated-tls",
    WARNING,
    "the router speaks versions of TLS that are deprecated",
    bad="omero.glacier2.IceSSL.Protocols=tls1_0,tls1_2",
    good=_GOOD,
    reference="https://www.rfc-editor.org/rfc/rfc8996",
)
def deprecated_tls(site: View) -> Iterator[Breach]:
    """TLS 1.0 and 1.1 are deprecated since 2021: their hashes can be forged."""
    row = GLACIER2_ICESSL_PROTOCOLS
    old = [one for one in site.settings[row] if not one.lower().endswith(("1_2", "1_3"))]
    if old and _serves_tls(site) and not site.is_web_alone:
        message = f"{row.name} has {', '.join(old)}"
        yield Breach(message, f"omero config set {row.name} TLS1_2,TLS1_3", (row.name,))


@rule(
    "anonymous-ciphers",
    WARNING,
    "the router relies on anonymous ciphers",
    bad="omero.glacier2.IceSSL.Ciphers=ADH",
    good="omero.glacier2.IceSSL.Ciphers=HIGH:ADH:@SECLEVEL=0",
    reference=_SSL,
)
def anonymous_ciphers(site: View) -> Iterator[Breach]:
    """OpenSSL serves ciphers without a certificate only with `@SECLEVEL=0`, since version 1.1.

    They keep others from reading along, but not from taking the server's place: better give it a certificate.
    """
    row = GLACIER2_ICESSL_CIPHERS
    ciphers = site.settings.text(row)
    needs = not site.is_web_alone and _serves_tls(site) and not has_certificate(site)
    if needs and has_anonymous(ciphers) and not has_level_0(ciphers):
        message = f"{row.name} has anonymous ciphers without @SECLEVEL=0, which OpenSSL 3 refuses"
        yield Breach(message, "omero certificates", (row.name, _CERT_FILE))


@rule(
    "protocol-bounds-without-effect",
    NOTE,
    "a bound of the protocols has no effect",
    bad="omero.glacier2.IceSSL.ProtocolVersionMin=tls1_2",
    good=_GOOD,
    reference=_SSL,
)
def protocol_bounds_without_effect(site: View) -> Iterator[Breach]:
    """On Linux Ice 3.6 and 3.7 take only `IceSSL.Protocols` into account."""
    for name in ("ProtocolVersionMin", "ProtocolVersionMax"):
        if site.settings.is_set(f"{ICESSL_PREFIX}{name}"):
            # omero-certificates sets it too, beside the protocols: which is not a mistake.
            if site.settings.is_set(GLACIER2_ICESSL_PROTOCOLS):
                continue
            message = f"{ICESSL_PREFIX}{name} has no effect on Linux"
            fix = f"omero config set {GLACIER2_ICESSL_PROTOCOLS.name} TLS1_2,TLS1_3"
            yield Breach(message, fix, (f"{ICESSL_PREFIX}{name}",))


@rule(
    "websockets-without-certificate",
    ERROR,
    "browsers cannot connect to the router by wss",
    bad="omero.client.icetransports=ssl,wss",
    good="omero.client.icetransports=ssl,ws",
    reference=_SSL,
)
def websockets_without_certificate(site: View) -> Iterator[Breach]:
    """Browsers, and nginx in front, do not support anonymous ciphers: `wss` needs a certificate."""
    if "wss" in site.settings[CLIENT_ICETRANSPORTS] and not has_certificate(site):
        names = (CLIENT_ICETRANSPORTS.name, _CERT_FILE)
        yield Breach(f"{names[0]} has wss, and the router has no certificate", "omero certificates", names)


@rule(
    "peer-without-authority",
    WARNING,
    "the router cannot verify certificates of clients",
    bad="omero.glacier2.IceSSL.VerifyPeer=2",
    good="omero.glacier2.IceSSL.VerifyPeer=2\nomero.glacier2.IceSSL.CAs=ca.pem",
    reference=_SSL,
)
def peer_without_authority(site: View) -> Iterator[Breach]:
    """`VerifyPeer` 1 or 2 asks clients for a certificate, which has to be signed by one of `IceSSL.CAs`."""
    authorities = f"{ICESSL_PREFIX}CAs"
    known = any(_is_given(site, f"{ICESSL_PREFIX}{name}") for name in _AUTHORITIES)
    if site.settings[GLACIER2_ICESSL_VERIFYPEER] != "0" and not known:
        names = (GLACIER2_ICESSL_VERIFYPEER.name, authorities)
        message = f"{names[0]} asks for certificates, and {authorities} is not set"
        yield Breach(message, f"omero config set {authorities} server.pem", names)


@rule(
    "icessl-near-miss",
    WARNING,
    "a property of IceSSL is not one that Ice reads",
    bad="omero.glacier2.IceSSL.Protcols=TLS1_2",
    good="omero.glacier2.IceSSL.Protocols=TLS1_2",
    reference="https://doc.zeroc.com/ice/3.6/property-reference/icessl",
)
def icessl_near_miss(site: View) -> Iterator[Breach]:
    """`omero.glacier2.IceSSL.X` sets `IceSSL.X` for any X, but Ice ignores a name that it does not read.

    It starts with the default in place of what was meant, and only its log has a warning.
    """
    by_folded = {known.casefold(): known for known in _KNOWN}
    for name in site.settings.names_set(ICESSL_PREFIX):
        own = name.removeprefix(ICESSL_PREFIX)
        if own in _KNOWN or any(known[-1] == "." and own.startswith(known) for known in _KNOWN):
            continue
        near = get_close_matches(own.casefold(), by_folded, 1, 0.7)
        meant = f"{ICESSL_PREFIX}{by_folded[near[0]]}" if near else ""
        fix = f"did you mean {meant}?" if meant else "correct the name, or remove it"
        message = f"{name}: Ice does not read IceSSL.{own}, and ignores it"
        yield Breach(message, fix, (name,), meant=meant)
