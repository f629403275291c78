"""What holds for every row of the catalog, and for its two families."""

from __future__ import annotations

import json
import keyword
import re

import pytest
from jsonschema import Draft202012Validator

from fuzz.formats import formatted
from omerogen import catalog
from omerogen.model.property import rows_of
from omerogen.values.base import Invalid
from omerogen.values.json import JsonType
from support.files import facts

ROWS = list(catalog.PROPERTIES.values())
MEMBERS = [
    *(near for family in catalog.FAMILIES for near in family.near),
    "omero.threads.max_threads.blitz",
    "omero.glacier2.IceSSL.CertFile",
    "omero.glacier2.IceSSL.Password",
    "omero.glacier2.IceSSL.TrustOnly.Client",
]
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
each_default = pytest.mark.parametrize(
    "row", [row for row in ROWS if row.default is not None], ids=lambda row: row.name
)


def test_the_catalog_has_all_rows():
    """Every property that there are facts of, each once, and under its own name."""
    listed = [row.name for module in catalog.MODULES for row in rows_of(vars(module))]
    known = [fact["name"] for fact in facts()]
    assert not set(listed) - set(known), "add these properties to tests/data/properties.tsv"
    assert not set(known) - set(listed), "add rows for these properties to generator/omerogen/catalog/"
    assert sorted(listed) == sorted(known), "remove the rows that are defined twice"
    assert all(name == row.name for name, row in catalog.PROPERTIES.items())


def test_each_row_is_a_constant_that_is_named_after_it():
    """``omero.db.host`` is ``DB_HOST``, so that a name that does not exist cannot be written."""
    for module in catalog.MODULES:
        for constant, value in vars(module).items():
            for row in rows_of({constant: value}):
                assert constant == re.sub(r"\W", "_", row.name.removeprefix("omero.")).upper()


def test_each_module_is_sorted_within_a_section():
    """Properties are in alphabetical order, ignoring case."""
    for module in catalog.MODULES:
        for section in {row.section for row in rows_of(vars(module))}:
            names = [row.name.lower() for row in rows_of(vars(module)) if row.section == section]
            assert names == sorted(names), (module.__name__, section)


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: fact["name"])
def test_rows_are_what_the_facts_say(fact):
    """Section, kind, default, setting of OMERO.web, status and successor are OMERO's, not ours."""
    row = catalog.PROPERTIES[fact["name"]]
    default = {"value": fact["default"], "empty": "", "none": None}[fact["default_state"]]
    assert row.section == fact["section"]
    assert row.kind.name == fact["kind"]
    assert row.default == default
    assert row.django == fact["django_setting"]
    assert row.status == fact["status"].replace(",", " ").split()[0]
    assert row.replaced_by == fact["replaced_by"]


@each_default
def test_defaults_survive_the_round_trip(row):
    """A default is legal, and what is written of it is read as the same value."""
    if "${" in row.default and row.name != "omero.db.url":
        row.kind.parse(
            row.default.replace("${omero.mail.port}", "25").replace("${omero.query.timeout}", "1000")
        )
        return
    value = row.kind.parse(row.default)
    text = formatted(row.kind, value)
    assert isinstance(text, str)
    assert row.kind.parse(text) == value


@each_default
def test_schemas_take_the_defaults(row):
    """JSON Schema of each kind is valid itself, and takes the default as a text and as JSON."""
    schema = row.kind.schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    if "${" not in row.default:
        assert validator.is_valid(row.default)
    if isinstance(row.kind, JsonType):
        assert validator.is_valid(json.loads(row.default))


@each_row
def test_schemas_are_valid_and_refuse_null(row):
    """No kind takes null: a property that has no value is left out of the file."""
    schema = row.kind.schema()
    Draft202012Validator.check_schema(schema)
    assert not Draft202012Validator(schema).is_valid(None)


@each_row
def test_rows_explain_themselves(row):
    """A sentence or two for each property, its kind with a name and a text, and no line too long."""
    assert row.doc.endswith(".")
    assert len(row.doc) <= 200
    assert row.doc == " ".join(row.doc.split())
    assert row.doc[0] == row.doc[0].upper()
    assert row.kind.name
    assert row.kind.doc


@each_row
def test_settings_of_omero_web_are_names_of_python(row):
    """A setting is written into a module, in capitals as Django wants it."""
    if row.django:
        assert row.django.isidentifier()
        assert row.django.isupper()
        assert not keyword.iskeyword(row.django)
        assert row.name.startswith(("omero.web.", "omero.mail.", "omero.qa."))
    else:
        assert not row.name.startswith("omero.web.") or row.name == "omero.web.webgateway_cache"


def test_a_successor_is_a_row_that_is_not_deprecated():
    """Only what is deprecated has a successor, which is there to be used."""
    with_successor = [row for row in ROWS if row.replaced_by]
    assert len(with_successor) == 10
    for row in with_successor:
        assert row.status == "deprecated"
        assert catalog.PROPERTIES[row.replaced_by].status != "deprecated"


def test_two_rows_share_a_setting_only_if_one_is_the_successor():
    """Otherwise two properties would fight over one setting of OMERO.web."""
    owners: dict[str, list[str]] = {}
    for row in catalog.django_settings():
        if row.status != "deprecated":
            owners.setdefault(row.django, []).append(row.name)
    assert [names for names in owners.values() if len(names) > 1] == []


def test_the_settings_of_omero_web_come_by_name():
    """The order of the settings does not depend on that of the modules."""
    names = [row.name for row in catalog.django_settings()]
    assert names == sorted(names)
    assert len(names) == sum(1 for fact in facts() if fact["django_setting"])


def test_secret_rows():
    """Exactly the passwords and Django's key are never shown, and they say so in their kind."""
    assert {row.name for row in ROWS if row.secret} == {
        "omero.db.pass",
        "omero.ldap.password",
        "omero.mail.password",
        "omero.security.keyStorePassword",
        "omero.security.trustStorePassword",
        "omero.web.email_host_password",
        "omero.web.public.password",
        "omero.web.secret_key",
    }
    assert all(row.secret == row.kind.name.startswith("secret") for row in ROWS)


def test_paths_below_the_omero_directory():
    """Two defaults move with the OMERO directory; the glossary shows where they are in one."""
    below = {row.name: (row.default, row.below_omerodir) for row in ROWS if row.below_omerodir}
    assert below == {
        "omero.web.logdir": ("/home/omero/OMERO.server/var/log", "var/log"),
        "omero.web.static_root": ("/home/omero/OMERO.server/var/static", "var/static"),
    }


@pytest.mark.parametrize(
    "name", ["omero.db.host", "omero.jvmcfg.percent", "omero.glacier2.IceSSL.Ciphers", "Ice.IPv6"]
)
def test_find_listed_properties(name):
    """A listed property is found as it is listed, also if it looks like a member of a family."""
    assert catalog.find(name) is catalog.PROPERTIES[name]


@pytest.mark.parametrize("name", MEMBERS)
def test_find_members_of_families(name):
    """A member has its own name, no default, and a text that ends as all do."""
    member = catalog.find(name)
    assert member is not None
    assert member.name == name
    assert member.default is None
    assert member.doc.endswith(".")
    Draft202012Validator.check_schema(member.kind.schema())


def test_jvm_settings_of_one_service():
    """Each setting can be made for each of the four services, and is of the same kind."""
    blitz = catalog.find("omero.jvmcfg.percent.blitz")
    assert blitz is not None
    assert blitz.kind is catalog.PROPERTIES["omero.jvmcfg.percent"].kind
    assert blitz.doc.startswith("For blitz alone: ")
    with pytest.raises(Invalid):
        blitz.kind.parse("101")
    jvm = [name for name in catalog.PROPERTIES if name.startswith("omero.jvmcfg.")]
    services = ["blitz", "indexer", "pixeldata", "repository"]
    assert all(catalog.find(f"{name}.{service}") for name in jvm for service in services)


@pytest.mark.parametrize("name", ["omero.db.pass", "omero.web.email_host"])
def test_any_property_of_one_service_is_of_its_kind(name):
    """As secret as the whole one; no setting of OMERO.web, nor deprecated."""
    member, whole = catalog.find(f"{name}.blitz"), catalog.PROPERTIES[name]
    assert member is not None
    assert (member.kind, member.secret, member.section) == (whole.kind, whole.secret, whole.section)
    assert (member.django, member.replaced_by, member.status) == ("", "", "extra")


def test_a_name_of_both_families_is_one_of_icessl():
    """Glacier2 is not a JVM, and gets all that is after the prefix."""
    member = catalog.find("omero.glacier2.IceSSL.Ciphers.blitz")
    assert member is not None
    assert member.doc.startswith("Sets IceSSL.Ciphers.blitz ")


@pytest.mark.parametrize(
    ("name", "secret"), [("Password", True), ("TrustOnly.Client", False), ("CertFile", False)]
)
def test_icessl_properties_of_any_name(name, secret):
    """Whatever comes after the prefix sets that property of IceSSL; a password is secret."""
    member = catalog.find(f"omero.glacier2.IceSSL.{name}")
    assert member is not None
    assert member.secret is secret
    assert f"IceSSL.{name}" in member.doc


@pytest.mark.parametrize(
    "name",
    [
        "",
        "omero",
        "omero.db.prot",
        "omero.db",
        "omero.glacier2.IceSSL.",
        "omero.glacier2.icessl.Ciphers",
        "omero.jvmcfg.percent.blitz.blitz",
        "omero.jvmcfg.percent.web",
        "omero.jvmcfg.nothing.blitz",
        "omero.jvmcfg.percent.",
        "OMERO.DB.HOST",
        "omero.web.mapr.config",
    ],
)
def test_other_names_are_not_found(name):
    """A name that OMERO does not have is carried as a plain text that nothing is known of."""
    assert catalog.find(name) is None
    described = catalog.describe(name)
    assert (described.name, described.status, described.default) == (name, "unknown", None)
    assert described.kind.parse(" any text ") == " any text "


def test_describe_is_find_for_what_there_is():
    """What is known is described by its own row."""
    assert catalog.describe("omero.db.host") is catalog.PROPERTIES["omero.db.host"]
    assert catalog.describe("omero.jvmcfg.percent.blitz").section == "JVM"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("omero.db.prot", "omero.db.port"),
        ("omero.data.dri", "omero.data.dir"),
        ("omero.web.server_lists", "omero.web.server_list"),
        ("omero.web.login.redirect", "omero.web.login_redirect"),
        ("omero.jvmcfg.heap_size.blits", "omero.jvmcfg.heap_size.blitz"),
        ("OMERO.db.host", "omero.db.host"),
        ("omero.DB.port", "omero.db.port"),
        ("OMERO.DB.PROT", "omero.db.port"),
        ("OMERO.db.x", "omero.db.x"),
        ("OMERO.web.iviewer.x", "omero.web.iviewer.x"),
        ("omero.jvmcfg.Percent.Blitz", "omero.jvmcfg.percent.blitz"),
        ("omero.glacier2.icessl.protocols", "omero.glacier2.IceSSL.Protocols"),
        ("omero.glacier2.icessl.CertFile", "omero.glacier2.IceSSL.CertFile"),
        ("glacier2.IceSSL.CertFile", "omero.glacier2.IceSSL.CertFile"),
        ("ice.default.host", "Ice.Default.Host"),
        ("db.host", "omero.db.host"),
        ("DB.prot", "omero.db.port"),
    ],
)
def test_misspelt_names_are_noticed(name, meant):
    """Letters out of place or in the wrong case, or no omero. before it: what was meant is suggested."""
    assert catalog.near_miss(name) == meant


@pytest.mark.parametrize(
    "name",
    [
        "omero.web.iviewer.roi_page_size",
        "omero.web.iviewer.max_projection_bytes",
        "omero.web.mapr.config",
        "omero.web.api.max_limit",
        "omero.web.api.absolute_url",
        "omero.web.figure.logo_url",
        "omero.web.gallery.category_queries",
        "my.own.property",
        "Ice.Default.Locator",
        "",
        # right as they are
        "omero.db.host",
        "omero.glacier2.IceSSL.CertFile",
        "omero.glacier2.IceSSL.certfile",
    ],
)
def test_names_of_plugins_are_not_taken_for_misspelt(name):
    """Plugins have properties of their own, which are meant as they are."""
    assert catalog.near_miss(name) is None
