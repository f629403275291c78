"""Browsers reach OMERO.web through nginx and gunicorn, all of them on generated settings."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

import omerogen
from support.programs import Browser, accepted
from support.sites import Site, django_environment, site

pytestmark = pytest.mark.slow

#: A folder whose name would go wrong in several languages.
STATIC = "st a;{}#'\"\\tic ü"
EXTRA = ['add_header X-Site "a;b }" always;', "location = /extra { return 418; }"]
SECRET = "not for everybody"  # noqa: S105
Djangos = dict[str, Path]


@pytest.fixture(scope="module")
def plain(folder: Path, djangos: Djangos) -> Iterator[Site]:
    """A site at the top, without TLS, on the newer Django."""
    static = folder / "plain" / STATIC
    overrides = {
        "omero.web.static_root": str(static),
        "omero.web.nginx_server_extra_config": json.dumps(EXTRA),
    }
    with site(folder / "plain", djangos["5.2"], overrides, max_body_size="3m") as up:
        collect = [djangos["5.2"] / "python", "-m", "django", "collectstatic", "--noinput"]
        accepted(collect, env=django_environment(up.folder), cwd=up.folder)
        for sibling in (f"{STATIC}-old", "secret"):
            (up.folder / sibling).mkdir()
            (up.folder / sibling / "page.css").write_text(SECRET)
        (up.folder / "page.css").write_text(SECRET)
        yield up


@pytest.fixture(scope="module")
def prefixed(folder: Path, djangos: Djangos) -> Iterator[Site]:
    """A site below a prefix, run as nginx alone by an ordinary user, on the older Django."""
    overrides = {"omero.web.prefix": "/om-e_ro", "omero.web.static_url": "/om-e_ro/static"}
    with site(folder / "prefixed", djangos["4.2"], overrides, layout="standalone") as up:
        (up.omerodir / "var/static").mkdir()
        (up.omerodir / "var/static/page.css").write_text("body {}")
        yield up


@pytest.fixture(scope="module")
def secure(folder: Path, djangos: Djangos, certificate: tuple[Path, Path]) -> Iterator[Site]:
    """A site whose nginx terminates TLS."""
    tls = {"tls": "nginx", "servername": ["localhost"]}
    files = {"certificate": str(certificate[0]), "certificate_key": str(certificate[1])}
    readable = {name: str(copy_for_everybody(folder, Path(path))) for name, path in files.items()}
    trusting = {"omero.web.use_x_forwarded_host": "true"}
    with site(folder / "secure", djangos["5.2"], trusting, tls=tls, **readable) as up:
        yield up


def copy_for_everybody(folder: Path, path: Path) -> Path:
    """A file in a folder that an ordinary user may read."""
    copied = folder / path.name
    copied.write_bytes(path.read_bytes())
    return copied


@pytest.fixture(scope="module")
def behind_proxy(folder: Path, djangos: Djangos) -> Iterator[Site]:
    """A site as a location in a server block with a proxy in front that terminates TLS."""
    tls = {"tls": "proxy", "servername": ["omero.example.org"]}
    with site(folder / "proxied", djangos["4.2"], {}, layout="location", tls=tls) as up:
        yield up


def test_static_files_are_nginx_own(plain: Site) -> None:
    """A file that collectstatic put there comes from nginx, with its type."""
    answer = plain.browser().get("/static/webclient/page.css")
    assert (answer.status, answer.body) == (200, "body { color: black }\n")


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/static-old/page.css",
            "/static../page.css",
            "/static../secret/page.css",
            "/static%2e%2e/page.css",
        ),
        *(
            "/static/../page.css",
            "/static/..%2fpage.css",
            "/static/%2e%2e/secret/page.css",
            "/static//../page.css",
        ),
        *("/static/../secret/page.css", "/static..%2fsecret/page.css", "/static-old/../secret/page.css"),
    ],
)
def test_siblings_of_the_static_folder_are_not_served(plain: Site, path: str) -> None:
    """Nothing beside the folder of static files can be had."""
    assert SECRET not in plain.browser().get(path).body


def test_application_sees_the_browser(plain: Site) -> None:
    """Host with its port, scheme and the chain of addresses reach the application."""
    answer = plain.browser().get(
        "/some/page?x=1", {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    )
    page = json.loads(answer.body)
    assert page["host"] == f"localhost:{plain.http}"
    assert page["url"] == f"http://localhost:{plain.http}/weblogin/"
    assert page["headers"]["X-Forwarded-For"] == "192.0.2.1, 127.0.0.1"
    assert page["headers"]["X-Forwarded-Proto"] == "http"
    assert page["path"] == "/some/page"
    assert not page["secure"]


def test_extra_lines_arrive(plain: Site) -> None:
    """A site's own header and location are there."""
    browser = plain.browser()
    assert browser.get("/").headers["X-Site"] == "a;b }"
    assert browser.get("/extra").status == 418


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize(("size", "status"), [(2_500_000, 200), (4_000_000, 413)])
def test_uploads_have_the_size_that_was_given(plain: Site, size: int, status: int, in_chunks: bool) -> None:
    """Larger than nginx' own limit is taken, larger than ours is not, however it is sent."""
    browser = plain.browser()
    assert browser.log_in("/weblogin/").status == 302
    token = {"X-CSRFToken": browser.cookies["csrftoken"], "Content-Type": "application/octet-stream"}
    body = iter([b"x" * (size // 5)] * 5) if in_chunks else "x" * size
    assert browser.post("/upload", body, token).status == status


def assert_logs_in(up: Site, scheme: str, prefix: str = "") -> dict[str, object]:
    """Log in with a form and its token; what the next page tells."""
    browser = up.browser(scheme)
    answer = browser.log_in(f"{prefix}/weblogin/")
    assert (answer.status, answer.headers["Location"]) == (302, f"{prefix}/"), answer.body
    page = json.loads(browser.get(f"{prefix}/").body)
    assert page["user"] == "ada"
    return dict(page)


def test_form_logs_in_without_tls(plain: Site) -> None:
    """A POST with a CSRF token and the browser's origin, port included, is taken."""
    assert not assert_logs_in(plain, "http")["secure"]


@pytest.mark.parametrize(
    "origin", ["http://localhost", "http://localhost:8080", "http://omero.example.org:1234"]
)
def test_form_logs_in_through_whatever_port_the_browser_sees(plain: Site, origin: str) -> None:
    """The usual port, which no browser names, or one that a container maps to ours."""
    assert Browser(origin, plain.http).log_in("/weblogin/").status == 302


def test_form_logs_in_through_the_usual_port_of_tls(secure: Site) -> None:
    """443, which no browser names."""
    assert Browser("https://localhost", secure.https).log_in("/weblogin/").status == 302


def test_form_of_another_origin_is_refused(plain: Site) -> None:
    """A POST that another site sends is not taken, and the page for that is shown."""
    browser = plain.browser()
    browser.get("/weblogin/")
    browser.origin = "http://evil.example"
    answer = browser.log_in("/weblogin/")
    assert (answer.status, answer.body.partition(":")[0]) == (403, "refused /weblogin/")


def test_form_logs_in_below_a_prefix(prefixed: Site) -> None:
    """Login, redirect and cookies work below a prefix, in a standalone nginx."""
    page = assert_logs_in(prefixed, "http", "/om-e_ro")
    assert page["url"] == f"http://localhost:{prefixed.http}/om-e_ro/weblogin/"
    assert prefixed.browser().get("/om-e_ro/static/page.css").headers["Content-Type"] == "text/css"
    assert prefixed.browser().get("/elsewhere").status == 404


def test_form_logs_in_through_tls(secure: Site) -> None:
    """Login works through TLS, with secure cookies."""
    page = assert_logs_in(secure, "https")
    assert page["secure"]
    assert page["url"] == f"https://localhost:{secure.https}/weblogin/"
    cookies = secure.browser("https").get("/weblogin/").headers.get_all("Set-Cookie")
    assert cookies
    assert all("Secure" in cookie for cookie in cookies)


def test_header_of_the_browser_does_not_fake_tls(plain: Site) -> None:
    """Only nginx says whether there was TLS, when it terminates it or nobody does."""
    page = json.loads(plain.browser().get("/", {"X-Forwarded-Proto": "https"}).body)
    assert not page["secure"]


def test_http_leads_to_https(secure: Site) -> None:
    """The plain port sends browsers to the same page with TLS, and pages tell them to stay there."""
    answer = secure.browser("http").get("/some/page?x=1&y=%20")
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://localhost:{secure.https}/some/page?x=1&y=%20"
    assert "max-age" in secure.browser("https").get("/").headers["Strict-Transport-Security"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_of_tls_are_spoken(secure: Site, version: ssl.TLSVersion) -> None:
    """A client that knows but one of the current versions gets through."""
    context = ssl._create_unverified_context()  # noqa: S323 - a throw-away certificate
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", secure.https)) as raw, context.wrap_socket(raw) as client:
        assert client.version() in ("TLSv1.2", "TLSv1.3")


def test_a_proxy_in_front_passes_the_scheme(behind_proxy: Site) -> None:
    """Behind a proxy that terminates TLS, the form logs in and pages know that they are secure."""
    browser = behind_proxy.browser()
    browser.origin, browser.host = "https://omero.example.org", "omero.example.org"
    told = {"X-Forwarded-Proto": "https"}
    page = browser.get("/weblogin/", told)
    token = page.body.partition('value="')[2].partition('"')[0]
    answer = browser.post("/weblogin/", f"csrfmiddlewaretoken={token}&user=ada", told)
    assert answer.status == 302, answer.body
    echo = json.loads(browser.get("/", told).body)
    assert (echo["user"], echo["secure"]) == ("ada", True)
    assert echo["url"] == "https://omero.example.org/weblogin/"


@pytest.mark.parametrize(
    ("tls", "wrong"),
    [
        ("none", {"omero.web.csrf_cookie_secure": "true"}),
        ("nginx", {"omero.web.secure_proxy_ssl_header": '["HTTP_X_SCHEME", "on"]'}),
    ],
)
def test_a_property_that_is_warned_of_does_keep_users_out(
    tls: str, wrong: dict[str, str], folder: Path, djangos: Djangos, certificate: tuple[Path, Path]
) -> None:
    """The login fails that works without it: for lack of a cookie, or as Django takes HTTPS for HTTP."""
    options = {"tls": tls}
    warned = omerogen.render("django", omerogen.load(overrides=wrong), **options).warnings
    assert [problem.properties[0] for problem in warned] == [*wrong]
    files = {}
    if tls == "nginx":
        names = ("certificate", "certificate_key")
        files = {
            name: str(copy_for_everybody(folder, path)) for name, path in zip(names, certificate, strict=True)
        }
    with site(folder / f"wrong-{tls}", djangos["5.2"], wrong, tls=options, **files) as up:
        browser = up.browser("https" if tls == "nginx" else "http")
        token = browser.get("/weblogin/").body.partition('value="')[2].partition('"')[0]
        if tls == "none":
            browser.cookies.pop("csrftoken")  # as browsers do with a secure cookie from plain HTTP
        answer = browser.post("/weblogin/", f"csrfmiddlewaretoken={token}&user=ada")
    assert answer.status == 403


def test_browsers_cannot_choose_the_host(secure: Site) -> None:
    """A site that trusts X-Forwarded-Host gets it from nginx."""
    told = {"X-Forwarded-Host": "evil.example"}
    page = json.loads(secure.browser("https").get("/some/page", told).body)
    assert page["host"] == f"localhost:{secure.https}"
    assert "evil.example" not in page["url"]


@pytest.mark.parametrize("layout", ["server", "standalone", "location"])
@pytest.mark.parametrize("own_page", [False, True])
def test_maintenance_page_is_shown(folder: Path, layout: str, own_page: bool) -> None:
    """While the application is down, visitors see the site's page, or ours; static files are still there."""
    place = folder / f"down-{layout}-{own_page}"
    with site(place, None, {}, layout=layout) as up:
        (up.omerodir / "var/static").mkdir()
        (up.omerodir / "var/static/x.txt").write_text("static")
        page = up.omerodir / "etc/templates/error/maintainance.html"
        if own_page:
            page.parent.mkdir(parents=True)
            page.write_text("<p>Back at noon</p>")
        for path in ("/", "/webclient/?x=1", "/maintainance.html"):
            answer = up.browser().get(path)
            assert answer.status == 502
            assert ("Back at noon" if own_page else "down for maintenance") in answer.body
            assert answer.headers["Content-Type"].startswith("text/html")
        posted = up.browser().post("/weblogin/", "x=1")
        assert (posted.status, "down for maintenance" in posted.body) == (502, True)
        assert up.browser().get("/static/x.txt").body == "static"
