"""Logins through LDAP: the server to ask, the users to admit and the groups they join."""

from functools import partial

from omerogen.model.property import Property
from omerogen.values.base import SECRET, STRING, Choice, Nullable
from omerogen.values.lists import PAIRS
from omerogen.values.network import LDAP_URLS
from omerogen.values.numbers import BOOL, INT
from omerogen.values.text import LDAP_FILTER, LDAP_NAME

_ldap = partial(Property, "LDAP")


PROPERTIES = (
    _ldap(
        "omero.ldap.base",
        Nullable(LDAP_NAME),
        "ou=example,o=com",
        "Base DN below which users are searched; empty admits every user of the LDAP server.",
    ),
    _ldap("omero.ldap.config", BOOL, "false", "Whether users may log in through LDAP."),
    _ldap(
        "omero.ldap.connect_timeout",
        INT,
        "5000",
        (
            "Limit for connecting to the LDAP server, in milliseconds. With 0 or less the wait has no "
            "limit, which can block logins."
        ),
    ),
    _ldap(
        "omero.ldap.group_filter",
        LDAP_FILTER,
        "(objectClass=groupOfNames)",
        "LDAP filter that an entry must match to be taken as a group.",
    ),
    _ldap(
        "omero.ldap.group_mapping",
        PAIRS,
        "name=cn",
        "LDAP attributes that the properties of an OMERO group are read from.",
    ),
    _ldap(
        "omero.ldap.new_user_group",
        STRING,
        "default",
        (
            "Group for users who arrive through LDAP: a group's name, or a lookup such as :ou:, "
            ":attribute:memberOf or :query:(member=@{dn})."
        ),
    ),
    _ldap(
        "omero.ldap.new_user_group_owner",
        STRING,
        "",
        (
            "LDAP condition, such as (owner=@{dn}), that makes a new user an owner of the group found; "
            "empty makes none."
        ),
    ),
    _ldap(
        "omero.ldap.password",
        Nullable(SECRET),
        "",
        "Password for binding to the LDAP server; may be empty.",
    ),
    _ldap(
        "omero.ldap.read_timeout",
        INT,
        "5000",
        (
            "Limit for an answer of the LDAP server, in milliseconds, SSL handshake included. With 0 or "
            "less the wait has no limit."
        ),
    ),
    _ldap(
        "omero.ldap.referral",
        Choice("ignore", "follow", "throw"),
        "ignore",
        "What to do with LDAP referrals: ignore them, follow them, or throw an error.",
    ),
    _ldap(
        "omero.ldap.sync_on_login",
        BOOL,
        "false",
        (
            "Whether each login copies a user's details and group memberships from LDAP. Changes made in "
            "OMERO may then be undone."
        ),
    ),
    _ldap(
        "omero.ldap.urls",
        LDAP_URLS,
        "ldap://localhost:389",
        "URL of the LDAP server, with the scheme ldap or ldaps; ldaps connects over SSL.",
    ),
    _ldap(
        "omero.ldap.user_filter",
        LDAP_FILTER,
        "(objectClass=person)",
        "LDAP filter that an entry must match to be taken as a user.",
    ),
    _ldap(
        "omero.ldap.user_mapping",
        PAIRS,
        "omeName=cn,firstName=givenName,lastName=sn,email=mail,institution=department,middleName=middleName",
        "LDAP attributes that the properties of an OMERO user are read from.",
    ),
    _ldap("omero.ldap.username", STRING, "", "DN for binding to the LDAP server; may be empty."),
)
