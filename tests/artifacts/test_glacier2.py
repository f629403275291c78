"""Glacier2's template: IceSSL properties, endpoints, and a document that IceGrid can read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import omerogen
from omerogen.artifacts import rendering
from omerogen.model import OmerogenError

ICE_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
)


def fields(**overrides):
    """The fields of a site; underscores in a name without dots are dots."""
    return rendering.context("glacier2", omerogen.load(overrides=overrides), {})


def document(overrides) -> etree._Element:
    """The parsed document."""
    return etree.fromstring(omerogen.render("glacier2", omerogen.load(overrides=overrides)).encode())


def properties(root) -> dict[str, str]:
    """The properties of the router."""
    return {p.get("name"): p.get("value") for p in root.find(".//server/properties").iter("property")}


def test_four_icessl_properties_are_always_set():
    """OMERO's defaults, unless a user's value replaces them; all others are added."""
    assert dict(fields().icessl_properties) == {
        "IceSSL.Ciphers": "ADH:!LOW:!MD5:!EXP:!3DES:@STRENGTH",
        "IceSSL.ProtocolVersionMax": "tls1_1",
        "IceSSL.Protocols": "tls1",
        "IceSSL.VerifyPeer": "0",
    }
    own = {
        "omero.glacier2.IceSSL.Protocols": "TLS1_2,TLS1_3",
        "omero.glacier2.IceSSL.TrustOnly.Client": "CN=x",
    }
    added = dict(fields(**own).icessl_properties)
    assert (added["IceSSL.Protocols"], added["IceSSL.TrustOnly.Client"], len(added)) == (
        "TLS1_2,TLS1_3",
        "CN=x",
        5,
    )


@pytest.mark.parametrize(
    ("transports", "prefix", "endpoints"),
    [
        ("ssl,tcp", "", "ssl -p 4064:tcp -p 4063"),
        ("ssl,tcp,wss", "1", "ssl -p 14064:tcp -p 14063:wss -p 14066"),
        ("ws", "6", "ws -p 64065"),
        (" wss , ssl ", "", "wss -p 4066:ssl -p 4064"),
    ],
)
def test_clients_connect_by_the_transports_in_their_order(transports, prefix, endpoints):
    """Each with the prefix before its port."""
    overrides = {"omero.client.icetransports": transports, "omero.ports.prefix": prefix}
    assert fields(**overrides).client_endpoints == endpoints


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"omero.ports.prefix": "7"}, "omero.ports.prefix makes port 74064 of omero.ports.ssl"),
        ({"omero.ports.tcp": "4064"}, "two transports share a port: ssl 4064, tcp 4064"),
    ],
)
def test_ports_that_cannot_be_opened_are_refused(overrides, said):
    """Above 65535, or twice the same."""
    with pytest.raises(OmerogenError) as caught:
        assert fields(**overrides).client_endpoints
    assert said in str(caught.value)


def test_the_port_of_a_disabled_transport_may_clash():
    """The prefix counts for the transports in use."""
    overrides = {"omero.ports.prefix": "1", "omero.ports.wss": "44066"}
    assert fields(**overrides).client_endpoints == "ssl -p 14064:tcp -p 14063"


@pytest.mark.parametrize(
    ("overrides", "endpoints"),
    [
        ({}, "tcp -h 127.0.0.1"),
        ({"Ice.Default.Host": "10.0.0.1"}, "tcp -h 10.0.0.1"),
        ({"Ice.Default.Host": "10.0.0.1", "omero.master.host": "master"}, "tcp -h master"),
        ({"omero.master.host": "::1"}, 'tcp -h "::1"'),
    ],
)
def test_servers_connect_to_the_master(overrides, endpoints):
    """Its host, else Ice's, else this machine."""
    assert fields(**overrides).server_endpoints == endpoints


def test_the_template_is_whole():
    """Parameters with their defaults, what OMERO's router needs, and the target that traces."""
    root = document({})
    template = root.find("application/server-template[@id='Glacier2Template']")
    parameters = {p.get("name"): p.get("default") for p in template.iter("parameter")}
    assert parameters == {
        "instance-name": "${application}.Glacier2",
        "client-endpoints": "ssl -p 4064:tcp -p 4063",
        "server-endpoints": "tcp -h 127.0.0.1",
        "session-timeout": "600",
    }
    assert template.find("server").get("exe") == "glacier2router"
    assert properties(root)["Glacier2.PermissionsVerifier"] == "BlitzVerifier@BlitzAdapters"
    assert properties(root)["Glacier2.SessionManager"] == "BlitzManager@BlitzAdapters"
    assert properties(root)["Ice.Plugin.IceSSL"] == "IceSSL:createIceSSL"
    assert properties(root)["Glacier2.Filter.Category.Accept"] == "ProcessCallback ProcessorCallback"
    assert template.find(".//target[@name='trace']") is not None


def unescaped(value: str) -> str:
    """What IceGrid makes of a value without variables: half the ``$`` of a row before ``{``."""
    return re.sub(r"\$+(?=\{)", lambda dollars: dollars.group()[: len(dollars.group()) // 2], value)


@given(ICE_TEXT)
def test_any_value_means_itself_or_is_refused(text):
    """Quotes, ampersands, tags and dollars are data in XML and in IceGrid."""
    try:
        root = document({"omero.glacier2.IceSSL.Password": text})
    except OmerogenError as error:
        assert "omero.glacier2.IceSSL.Password" in str(error)
    else:
        assert unescaped(properties(root)["IceSSL.Password"]) == text


@pytest.mark.parametrize("text", ["$$${${", "$$$${x${", r"a\=b", r"a\ b", "\ta", "a\t"])
def test_what_icegrid_would_change_is_refused(text):
    """As seen in a router that a node started: it loses count of dollars, and eats some backslashes."""
    with pytest.raises(OmerogenError, match="omero.glacier2.IceSSL.Password has"):
        _ = fields(**{"omero.glacier2.IceSSL.Password": text}).icessl_properties


@pytest.mark.parametrize("text", ["${", "$${${", "$$${x${", "$$$${xx${", "$ {", "a\\", "x = y"])
def test_what_icegrid_leaves_alone_is_taken(text):
    """Dollars and backslashes of other kinds."""
    assert (
        dict(fields(**{"omero.glacier2.IceSSL.Password": text}).icessl_properties)["IceSSL.Password"] == text
    )


@pytest.mark.parametrize("text", ["a\nb", "a\x01b", "\ufffe"])
def test_what_ice_would_cut_is_refused(text):
    """A value ends at a line break in IceGrid."""
    with pytest.raises(OmerogenError, match="omero.glacier2.IceSSL.Password has a line break"):
        _ = fields(**{"omero.glacier2.IceSSL.Password": text}).icessl_properties
