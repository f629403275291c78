"""Sites that come close to a rule: those that work are not mentioned, those that do not are."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

_ICE = "omero.glacier2.IceSSL"
_LDAP = {"omero.ldap.config": "true", "omero.ldap.base": "dc=x"}

#: A rule, and properties that work.
WORKING = [
    ("unknown-sslmode", {"omero.db.properties": "sslmode=VERIFY-FULL"}),
    ("unknown-sslmode", {"omero.db.properties": "sslmode=bogus&sslmode=require"}),
    ("unknown-sslmode", {"omero.db.properties": "sslmode=bogus", "omero.db.url": "jdbc:postgresql://h/o"}),
    (
        "ciphers-for-no-protocol",
        {f"{_ICE}.CertFile": "s.p12", f"{_ICE}.Protocols": "TLS1_2", f"{_ICE}.Ciphers": "ADH:@SECLEVEL=0"},
    ),
    ("router-without-certificate", {f"{_ICE}.Ciphers": "AES:@SECLEVEL=0"}),
    ("router-without-certificate", {f"{_ICE}.Ciphers": "ALL@SECLEVEL=0"}),
    ("peer-without-authority", {f"{_ICE}.VerifyPeer": "2", f"{_ICE}.CertAuthFile": "ca.pem"}),
    ("no-workers", {"omero.web.wsgi_workers": "0", "omero.web.wsgi_args": "--workers 4"}),
    ("no-workers", {"omero.web.wsgi_workers": "0", "omero.web.wsgi_args": "-w4"}),
    ("no-workers", {"omero.web.wsgi_workers": "0", "omero.web.wsgi_args": "-w 0 --workers=4 --timeout 9"}),
    ("no-jdbc", {"omero.db.url": "jdbc:postgresql://$${omero.db.host}/o"}),
    ("origin-never-matches", {"omero.web.csrf_trusted_origins": '["https://*.Example.org/"]'}),
    ("default-db-password", {"omero.web.prefix": "/omero", "omero.mail.host": "m", "omero.master.host": "s"}),
    ("port-of-application", {"omero.web.application_server.port": "4064", "omero.web.prefix": "/x"}),
    ("port-of-application", {"omero.ports.ssl": "4080", "omero.web.wsgi_args": "--bind unix:/run/omero"}),
    ("pool-smaller-than-threads", {"omero.threads.max_threads": "50"}),
    (
        "heap-without-compressed-pointers",
        {
            "omero.jvmcfg.system_memory": "200000",
            "omero.jvmcfg.heap_size": "33g",
            "omero.jvmcfg.append": "-XX:+UseZGC",
        },
    ),
    ("public-user-everywhere", {"omero.web.public.enabled": "true"}),
    (
        "sessions-in-no-cache",
        {
            "omero.web.session_engine": "django.contrib.sessions.backends.cache",
            "omero.web.django_additional_settings": '[["SESSION_CACHE_ALIAS", "redis"]]',
        },
    ),
]
#: A rule, and properties that do not.
BROKEN = [
    ("router-without-certificate", {f"{_ICE}.Ciphers": "HIGH!aNULL"}),
    ("router-without-certificate", {f"{_ICE}.Ciphers": "HIGH", f"{_ICE}.CertFile": ""}),
    ("no-workers", {"omero.web.wsgi_args": "-w0"}),
    ("no-workers", {"omero.web.wsgi_args": "--worker-class sync --workers 4 -w 0"}),
    ("debug-on", {"omero.web.django_additional_settings": '[["DEBUG", true]]'}),
    ("origin-never-matches", {"omero.web.csrf_trusted_origins": '["https://.example.org"]'}),
    ("origin-without-scheme", {"omero.web.csrf_trusted_origins": '["//a.org"]'}),
    ("invalid-value", {"omero.web.csrf_trusted_origins": '["https://[::1"]'}),
    ("app-twice", {"omero.web.apps": '["omeroweb.webclient"]'}),
    ("ldap-without-user-name", {**_LDAP, "omero.ldap.user_mapping": "omeName = uid"}),
    ("ldap-example-base", {"omero.ldap.config": "true", "omero.ldap.base": "OU=example, O=com"}),
    (
        "ldap-password-in-clear",
        {**_LDAP, "omero.ldap.urls": "ldap://localhost.a.org", "omero.ldap.password": "x"},
    ),
    ("variable-of-icegrid", {"omero.data.dir": "${nowhere}"}),
]


@pytest.fixture
def found(omerogen, tmp_path):
    """The ids of findings on properties, in the config.xml of a server."""

    def check(properties: dict[str, str]) -> set[str]:
        folder = tmp_path / "etc/grid"
        folder.mkdir(parents=True)
        (folder / "templates.xml").write_text("<icegrid/>")
        escaped = {
            name: value.replace("&", "&amp;").replace('"', "&quot;") for name, value in properties.items()
        }
        lines = "".join(f'<property name="{name}" value="{value}"/>' for name, value in escaped.items())
        (folder / "config.xml").write_text(
            f'<icegrid><properties id="default">{lines}</properties></icegrid>'
        )
        result = omerogen("check", "-c", folder / "config.xml", "--format", "json")
        return {one["id"] for one in json.loads(result.out)["findings"]}

    return check


@pytest.mark.parametrize(("rule", "properties"), WORKING)
def test_what_works_is_not_mentioned(rule, properties, found):
    assert rule not in found(properties)


@pytest.mark.parametrize(("rule", "properties"), BROKEN)
def test_what_does_not_work_is(rule, properties, found):
    assert rule in found(properties)


def test_every_finding_has_a_rule(omerogen):
    """One that keeps a program from being run too; and there is one for a cause."""
    url = "omero.db.url=jdbc:postgresql://u:x@h/o"
    result = omerogen("check", "--set", url, "--format", "json", "--with-consumers", "jdbc")
    ids = [one["id"] for one in json.loads(result.out)["findings"] if "jdbc" in one["id"] or not one["id"]]
    assert ids == ["no-jdbc"]


def test_a_misspelt_password_is_a_secret(omerogen, tmp_path):
    """As the one that was meant would be; and so is one in an origin."""
    site = tmp_path / "a.properties"
    origins = '["https://u:hunter2@a.org/"]'
    site.write_text(f"{_ICE}.Pasword=hunter2\nomero.web.csrf_trusted_origins={origins}\n")
    for form in ("text", "json", "sarif", "github"):
        result = omerogen("check", "-c", site, "--format", form)
        assert "icessl-near-miss" in result.out
        assert "hunter2" not in result.out + result.err


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_folder_may_keep_others_out(mode, omerogen):
    """A file that everybody may read is safe in a folder that nobody may enter."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are private
        Path(folder).chmod(mode)
        site = Path(folder, "a b.properties")
        site.write_text("omero.db.pass=x\n")
        found = omerogen("check", "-c", site).out
    assert (f"(chmod o-r '{site}')" in found) is (mode == 0o755)


@pytest.mark.parametrize(("first", "fires"), [("1024", True), ("0", False)])
def test_ports_for_root(first, fires, omerogen, tmp_path):
    """The system says which they are; in a container often none."""
    file = tmp_path / "proc/sys/net/ipv4/ip_unprivileged_port_start"
    file.parent.mkdir(parents=True)
    file.write_text(f"{first}\n")
    found = omerogen("check", "--set", "omero.ports.ssl=443", "--host-root", tmp_path).out
    assert ("privileged-port" in found) is fires
