"""Logins through LDAP: the server, the users to admit and the groups they join."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Choice, Nullable
from omerogen.values.lists import PAIRS
from omerogen.values.network import LDAP_SERVERS
from omerogen.values.numbers import BOOL, INT
from omerogen.values.text import LDAP_FILTER, LDAP_NAME

_ldap = Section("LDAP")

LDAP_BASE = _ldap("omero.ldap.base", Nullable(LDAP_NAME), "ou=example,o=com").described(
    "Base DN below which users are searched; empty admits every user of the LDAP server."
)
LDAP_CONFIG = _ldap("omero.ldap.config", BOOL, "false").described("Whether users may log in through LDAP.")
LDAP_CONNECT_TIMEOUT = _ldap("omero.ldap.connect_timeout", INT, "5000").described(
    "Limit for connecting to the LDAP server, in milliseconds. With 0 or less the wait has no "
    "limit, which can block logins."
)
LDAP_GROUP_FILTER = _ldap("omero.ldap.group_filter", LDAP_FILTER, "(objectClass=groupOfNames)").described(
    "LDAP filter that an entry must match to be taken as a group."
)
LDAP_GROUP_MAPPING = _ldap("omero.ldap.group_mapping", PAIRS, "name=cn").described(
    "LDAP attributes that the properties of an OMERO group are read from."
)
LDAP_NEW_USER_GROUP = _ldap("omero.ldap.new_user_group", STRING, "default").described(
    "Group for users who arrive through LDAP: a group's name, or a lookup such as :ou:, "
    ":attribute:memberOf or :query:(member=@{dn})."
)
LDAP_NEW_USER_GROUP_OWNER = _ldap("omero.ldap.new_user_group_owner", STRING, "").described(
    "LDAP condition, such as (owner=@{dn}), that makes a new user an owner of the group found; "
    "empty makes none."
)
LDAP_PASSWORD = _ldap("omero.ldap.password", Nullable(SECRET), "").described(
    "Password for binding to the LDAP server; may be empty."
)
LDAP_READ_TIMEOUT = _ldap("omero.ldap.read_timeout", INT, "5000").described(
    "Limit for an answer of the LDAP server, in milliseconds, SSL handshake included. With 0 or "
    "less the wait has no limit."
)
LDAP_REFERRAL = _ldap("omero.ldap.referral", Choice("ignore", "follow", "throw"), "ignore").described(
    "What to do with LDAP referrals: ignore them, follow them, or throw an error."
)
LDAP_SYNC_ON_LOGIN = _ldap("omero.ldap.sync_on_login", BOOL, "false").described(
    "Whether each login copies a user's details and group memberships from LDAP. Changes made in "
    "OMERO may then be undone."
)
LDAP_URLS = _ldap("omero.ldap.urls", LDAP_SERVERS, "ldap://localhost:389").described(
    "URL of the LDAP server, with the scheme ldap or ldaps; ldaps connects over SSL."
)
LDAP_USER_FILTER = _ldap("omero.ldap.user_filter", LDAP_FILTER, "(objectClass=person)").described(
    "LDAP filter that an entry must match to be taken as a user."
)
LDAP_USER_MAPPING = _ldap(
    "omero.ldap.user_mapping",
    PAIRS,
    "omeName=cn,firstName=givenName,lastName=sn,email=mail,institution=department,middleName=middleName",
).described("LDAP attributes that the properties of an OMERO user are read from.")
LDAP_USERNAME = _ldap("omero.ldap.username", STRING, "").described(
    "DN for binding to the LDAP server; may be empty."
)
