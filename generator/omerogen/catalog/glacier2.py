"""SSL in the Glacier2 router, which clients connect through."""

from omerogen.model.property import Property, PropertyFamily, Section
from omerogen.secrets.shapes import is_secret_name
from omerogen.values.base import FAMILY_PREFIX, Choice
from omerogen.values.icessl import CIPHERS, PROTOCOLS, IceText

PROTOCOL_MAX = Choice(
    "ssl3",
    "tls1",
    "tls1_0",
    "tls1_1",
    "tls1_2",
    "tls1_3",
    name="enum ssl3|tls1_0|tls1_1|tls1_2|tls1_3 (any case; IceSSL also takes tls1)",
    any_case=True,
)

_glacier2 = Section("Glacier2")

GLACIER2_ICESSL = _glacier2("omero.glacier2.IceSSL", FAMILY_PREFIX, "").described(
    "Stands for the omero.glacier2.IceSSL.X properties, each of which sets IceSSL.X in the Glacier2 router."
)
GLACIER2_ICESSL_CIPHERS = _glacier2(
    "omero.glacier2.IceSSL.Ciphers", CIPHERS, "ADH:!LOW:!MD5:!EXP:!3DES:@STRENGTH"
).described("Cipher suites that the Glacier2 router accepts for SSL connections.")
GLACIER2_ICESSL_PROTOCOLS = _glacier2("omero.glacier2.IceSSL.Protocols", PROTOCOLS, "tls1").described(
    "SSL/TLS protocols that the Glacier2 router accepts."
)
GLACIER2_ICESSL_PROTOCOLVERSIONMAX = _glacier2(
    "omero.glacier2.IceSSL.ProtocolVersionMax", PROTOCOL_MAX, "tls1_1"
).described("Newest SSL/TLS protocol version that the Glacier2 router negotiates.")
GLACIER2_ICESSL_VERIFYPEER = _glacier2(
    "omero.glacier2.IceSSL.VerifyPeer", Choice("0", "1", "2"), "0"
).described(
    "Check of client certificates: 0 requests none, 1 verifies one if the client sends it, 2 requires one."
)

#: Their names have the word, their values do not.
_NO_SECRETS = ("IceSSL.PasswordCallback", "IceSSL.PasswordRetryMax")
_SECRETS = ("password", "keystorepassword", "truststorepassword", "keychainpassword", "keypassphrase")
ICESSL_PREFIX = "omero.glacier2.IceSSL."


def _is_secret(ice_name: str) -> bool:
    """Whether the name is that of a secret, or close to one: a misspelt password is one too."""
    from difflib import get_close_matches

    own = ice_name.rpartition(".")[2].casefold()
    return is_secret_name(ice_name) or bool(get_close_matches(own, _SECRETS, 1, 0.75))


def _member(name: str) -> Property[str] | None:
    """``omero.glacier2.IceSSL.X``, for any X."""
    if not name.startswith(ICESSL_PREFIX) or name == ICESSL_PREFIX:
        return None
    ice_name = name.removeprefix("omero.glacier2.")
    kind = IceText(secret=ice_name not in _NO_SECRETS and _is_secret(ice_name))
    return _glacier2(name, kind, None, doc=f"Sets {ice_name} in the Glacier2 router.")


ICESSL_FAMILY = PropertyFamily(
    "omero.glacier2.IceSSL.X",
    r"^omero\.glacier2\.IceSSL\..+$",
    "Sets IceSSL.X in the Glacier2 router, for any X.",
    _member,
    prefix=ICESSL_PREFIX,
)
