"""Rules about the Glacier2 router, OMERO's front door for clients."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from omerogen.catalog.client import CLIENT_ICETRANSPORTS
from omerogen.catalog.glacier2 import GLACIER2_ICESSL_CIPHERS, ICESSL_PREFIX
from omerogen.rules.registry import ERROR, WARNING, Breach, View, rule
from omerogen.values.icessl import has_anonymous

_ENCRYPTED = ("ssl", "wss")
_CERT_FILE = f"{ICESSL_PREFIX}CertFile"
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
    reference="https://omero.readthedocs.io/en/stable/sysadmins/client-server-ssl.html",
)
def router_without_certificate(site: View) -> Iterator[Breach]:
    """Without a certificate the router can only serve anonymous ciphers (ADH, AECDH).

    With other ciphers every handshake of the transports ssl and wss fails. omero-certificates makes
    a certificate and sets the properties for it.
    """
    ciphers = site.settings.text(GLACIER2_ICESSL_CIPHERS)
    if _serves_tls(site) and not site.settings.is_set(_CERT_FILE) and not has_anonymous(ciphers):
        message = (
            f"the router has no certificate, and {GLACIER2_ICESSL_CIPHERS.name} has no anonymous ciphers"
        )
        fix = f"omero config set {_CERT_FILE} server.p12, as omero certificates does"
        yield Breach(
            f"{message}: no client can connect by TLS", fix, (GLACIER2_ICESSL_CIPHERS.name, _CERT_FILE)
        )


def _serves_tls(site: View) -> bool:
    return any(transport in _ENCRYPTED for transport in site.settings[CLIENT_ICETRANSPORTS])


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
        fix = (
            f"did you mean {ICESSL_PREFIX}{by_folded[near[0]]}?" if near else "correct the name, or remove it"
        )
        yield Breach(f"{name}: Ice does not read IceSSL.{own}, and ignores it", fix, (name,))
