"""Rules about certificates, with files that openssl makes; and about schedules."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from omerogen.values.cron import CRON, never_fires
from support.programs import find

PASSWORD = "s3cret"  # noqa: S105 - of a certificate that is made here


@pytest.fixture
def certificate(tmp_path):
    """Makes a certificate for omero.example.org that ends in so many days, and a bundle of it."""

    def make(days: int) -> tuple[str, str, str]:
        pem, key, bundle = (str(tmp_path / name) for name in ("c.pem", "k.pem", "server.p12"))
        names = "-subj /CN=omero.example.org -addext subjectAltName=DNS:omero.example.org".split()
        first = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, *names]
        openssl(*first, "-days", str(max(days, 1)))
        if days == 0:  # it has ended when it is read; only x509 makes such a one
            openssl("x509", "-in", pem, "-signkey", key, "-days", "0", "-out", pem)
        openssl(
            "pkcs12", "-export", "-in", pem, "-inkey", key, "-passout", f"pass:{PASSWORD}", "-out", bundle
        )
        return pem, key, bundle

    return make


def openssl(*words: str) -> None:
    subprocess.run([find("openssl"), *words], check=True, capture_output=True, timeout=30)


@pytest.fixture
def found(omerogen):
    """The ids of findings about certificates."""

    def check(*arguments: str) -> dict[str, dict]:
        answer = json.loads(omerogen("check", "--format", "json", *arguments).out)["findings"]
        return {one["id"]: one for one in answer if one["id"].startswith("certificate-")}

    return check


def router(bundle: str, password: str = PASSWORD) -> list[str]:
    """Options for a router with that certificate."""
    folder, _, name = bundle.rpartition("/")
    given = {"CertFile": name, "DefaultDir": folder, "Password": password, "Ciphers": "HIGH"}
    return [
        word for key, value in given.items() for word in ("--set", f"omero.glacier2.IceSSL.{key}={value}")
    ]


def nginx(pem: str, key: str, *names: str) -> list[str]:
    """Options for nginx with that certificate."""
    return ["--tls", "nginx", "--certificate", pem, "--certificate-key", key, "--servername", *names]


def test_a_good_certificate_is_not_mentioned(certificate, found):
    pem, key, bundle = certificate(365)
    assert found(*router(bundle)) == {}
    assert found(*nginx(pem, key, "omero.example.org")) == {}


@pytest.mark.parametrize(("days", "rule"), [(5, "certificate-expires-soon"), (0, "certificate-expired")])
def test_the_end_of_a_certificate(days, rule, certificate, found):
    """The router's in its bundle, and that of nginx; with the day."""
    pem, key, bundle = certificate(days)
    for arguments in (router(bundle), nginx(pem, key, "omero.example.org")):
        [(name, finding)] = found(*arguments).items()
        assert name == rule
        assert re.search(r"on 20\d\d-\d\d-\d\d$", finding["message"])


def test_a_certificate_that_cannot_be_opened(certificate, found):
    _, _, bundle = certificate(365)
    finding = found(*router(bundle, "other"))["certificate-unreadable"]
    assert finding["properties"] == ["omero.glacier2.IceSSL.CertFile"]
    assert "other" not in finding["message"]


def test_a_certificate_that_is_not_there(found, tmp_path):
    """In a folder of this machine; another folder is on another machine."""
    assert "certificate-missing" in found(*router(f"{tmp_path}/server.p12"))
    assert found(*router("/nonexistent/server.p12")) == {}


def test_a_key_that_is_not_there(certificate, found):
    pem, key, _ = certificate(365)
    assert list(found(*nginx(pem, f"{key}2", "omero.example.org"))) == ["certificate-missing"]


def test_names_of_a_certificate(certificate, found):
    """Browsers look at them."""
    pem, key, _ = certificate(365)
    names = found(*nginx(pem, key, "omero.example.org", "images.example.org"))
    assert "is not for images.example.org" in names["certificate-for-other-names"]["message"]


@pytest.mark.parametrize(
    ("schedule", "never"),
    [
        ("0 0 0 30 2 ?", True),
        ("0 0 0 31 APR,JUN ?", True),
        ("0 0 0 31 1-2 ?", False),
        ("0 0 0 29 FEB ?", False),
        ("0 0 0 L FEB ?", False),
        ("0 0 0 30-31 */2 ?", False),
        ("0 0 0 ? * MON 2020-2024", True),
        ("0 0 0 ? * MON 2020/5", False),
        ("*/2 * * * * ?", False),
    ],
)
def test_schedules_without_a_date(schedule, never):
    """By the lengths of the months, and by years that are over."""
    assert never_fires(CRON.parse(schedule), 2026) is never


def test_certificates_of_own_lines(certificate, found):
    """Those that the site's own lines of nginx name are looked at too."""
    pem, key, _ = certificate(5)
    lines = json.dumps(["listen 443 ssl;", f"ssl_certificate {pem};", f"ssl_certificate_key {key}2;"])
    answer = found(f"--set=omero.web.nginx_server_extra_config={lines}")
    assert {name: one["severity"] for name, one in answer.items()} == {
        "certificate-expires-soon": "warning",
        "certificate-missing": "note",
    }


def test_a_renewed_certificate_is_read_again(certificate, found):
    """In the same process, as a program that uses the Python interface is."""
    _, _, bundle = certificate(5)
    assert "certificate-expires-soon" in found(*router(bundle))
    certificate(365)
    assert found(*router(bundle)) == {}
