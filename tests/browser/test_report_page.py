"""The report as a reader uses it: pointing, keys, axe, print; hostile values stay texts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from omerogen.reporting.highlight import visible
from omerogen.templating import escape
from support.browsers import Visit
from support.hostile import ACCEPTED, REFUSED
from support.programs import accepted
from support.texts import texts, written

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PREFIX = "omero.web.prefix"
#: The elements that the templates print; a value that became markup would add others.
TAGS = set(
    "a b body button code dd defs desc details div dl dt em footer form h1 h2 h3 h4 head header html i input"
    " kbd label li line main meta nav ol option p pattern rect script section select span style summary svg"
    " table tbody td text th thead title tr ul".split()
)


def row(page: Any, name: str) -> Any:
    """The row of a property."""
    return page.locator(".rows > li", has=page.locator(f".name:text-is('{name}')"))


def shown(page: Any) -> int:
    """How many properties the filters let through."""
    return page.locator(".rows > li:visible").count()


def lit(page: Any, what: str) -> list[str]:
    """The texts of the rows or lines that are lit."""
    selector = {"rows": ".rows > li.lit .name", "lines": ".code > li.lit .s"}[what]
    return page.locator(selector).all_text_contents()


def line(page: Any, text: str) -> Any:
    """The first line with a text."""
    return page.locator(".code > li", has_text=text).first


def test_the_search_finds_names_values_and_words(visit):
    """Each word has to be in the row; the number is announced."""
    page = visit()
    every = shown(page)
    page.fill("#search", "PREFIX /omero")
    assert page.locator(".rows > li:visible .name").all_text_contents() == [PREFIX]
    assert page.text_content("#found") == f"1 of {every} properties"
    page.fill("#search", "no such thing")
    assert shown(page) == 0
    page.press("#search", "Escape")
    assert (page.input_value("#search"), shown(page)) == ("", every)


def test_filters_work_together(visit):
    """By what is set, by who reads it, by the source."""
    page = visit()
    page.select_option("#show", "set")
    number = shown(page)
    assert number == 22
    page.select_option("#reader", "gunicorn")
    assert 0 < shown(page) < number
    page.select_option("#show", "found")
    page.select_option("#reader", "")
    assert "omero.db.pass" in page.locator(".rows > li:visible .name").all_text_contents()
    page.select_option("#show", "")
    page.select_option("#source", index=2)
    assert shown(page) == number


def test_pointing_at_a_line_lights_its_properties(visit):
    """And shows what it depends on; not any more when the pointer is elsewhere."""
    page = visit()
    one = line(page, "fail_timeout")
    one.hover()
    expected = ["omero.web.application_server.host", "omero.web.application_server.port"]
    assert lit(page, "rows") == expected
    facts = page.inner_text("#facts")
    assert "nginx.application = 127.0.0.1:4080" in facts
    assert "nginx/servers.conf.j2:5" in facts
    assert "--upstream: not set (default)" in facts
    page.hover("h2#files-title")
    assert lit(page, "rows") == []
    one.focus()
    assert lit(page, "rows") == expected


def test_choosing_a_property_lights_its_lines(visit):
    """In all files, with their number beside each file; choosing it once more takes it back."""
    page = visit()
    name = row(page, PREFIX).locator(".name")
    name.click()
    assert name.get_attribute("aria-expanded") == "true"
    numbers = page.locator("section:has(> h4:has-text('nginx/omero.conf')) li.lit .n").all_text_contents()
    links = row(page, PREFIX).locator(".reached li", has_text="nginx/omero.conf").locator("a")
    assert links.all_text_contents() == numbers
    assert (
        page.locator(".names li", has_text="nginx/omero.conf").inner_text().endswith(f"{len(numbers)} lines")
    )
    assert f"{PREFIX} reaches" in page.text_content("#status")
    assert page.locator(".code b.lit", has_text="omeroweb_omero").count()
    assert row(page, PREFIX).locator(".doc").is_visible()
    name.click()
    assert lit(page, "lines") == []
    assert not row(page, PREFIX).locator(".doc").is_visible()


def test_links_lead_from_findings_to_properties_and_on_to_lines(visit):
    """Also to a property that a filter hides."""
    page = visit()
    page.fill("#search", "ldap")
    page.click(".findings a:text-is('omero.db.user')")
    assert page.evaluate("document.activeElement.textContent") == "omero.db.user"
    assert page.input_value("#search") == ""
    assert row(page, "omero.db.user").locator(".finding").is_visible()
    row(page, "omero.db.user").locator(".reached a").first.click()
    assert "omero.db.user" in lit(page, "rows")
    assert page.locator(".code > li.here").count() == 1


def test_all_of_it_works_with_keys_alone(context, reports):
    """From the beginning of the page to a property, its lines, their details, and back."""
    visited = Visit(context, reports["site"])
    page, press, focused = visited.ready(), visited.page.keyboard.press, visited.focused
    press("Tab")
    assert focused() == "Skip to the findings"
    press("/")
    assert focused() == "search"
    page.keyboard.type("web.prefix")
    for _ in range(4):  # past three filters
        press("Tab")
    assert focused() == PREFIX
    press("Enter")
    assert lit(page, "lines")
    press("n")
    assert "upstream" in focused()
    press("n")
    assert "location" in focused()
    press("p")
    assert "upstream" in focused()
    press("ArrowDown")
    assert "fail_timeout" in focused()
    press("j")
    press("k")
    assert "fail_timeout" in focused()
    press("Enter")
    assert focused() == "omero.web.application_server.host"
    press("Escape")
    assert "fail_timeout" in focused()
    press("End")
    assert page.locator(".code > li.here + li").count() == 0
    press("Home")
    press("Enter")  # a line without properties has no details to go to
    press("Escape")
    assert (lit(page, "rows"), lit(page, "lines"), page.locator(".here").count()) == ([], [], 0)
    press("?")
    assert page.is_visible("#keys")
    page.uncheck("#keys-on")
    page.focus("#theme-button")
    press("/")
    assert focused().startswith("theme-button")
    page.close()
    assert visited.complaints == []


def test_tab_passes_each_list_in_one_step(visit):
    """Nobody has to press it a thousand times to get to the end of the page."""
    page = visit()
    stops = page.locator(".rows .name[tabindex='0'], .code > li[tabindex='0']")
    assert stops.count() == 1 + page.locator(".code").count()


@pytest.mark.parametrize(("name", "scheme"), [("site", "light"), ("refused", "dark")])
def test_axe_has_no_findings(name, scheme, visit):
    """With a property chosen, a line selected and the keys open; contrast in both themes."""
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name)
    page.emulate_media(color_scheme=scheme)
    page.click("#keys-button")
    page.select_option("#show", "set")
    page.locator(".rows .name:visible").last.click()
    # It looks at each element for a long time: of long files there are a few lines of each kind.
    page.evaluate("document.querySelectorAll('.code > li:nth-child(60) ~ li').forEach(e => e.hidden = true)")
    page.locator(".code > li.lit, .code > li").first.focus()
    violations = Axe().run(page).response["violations"]
    found = [
        (one["id"], one["impact"], [node["html"][:120] for node in one["nodes"][:3]]) for one in violations
    ]
    page.emulate_media(color_scheme="light")
    assert found == []


def test_the_theme_can_be_chosen(visit):
    """In place of that of the system, and is kept."""
    page = visit()
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.click("#theme-button")
    assert page.text_content("#theme-button") == "Theme: dark"
    assert page.evaluate(colour) != light
    page.wait_for_timeout(500)  # another process may load the page, and browsers tell it a little later
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.text_content("#theme-button") == "Theme: dark"
    page.click("#theme-button")
    page.click("#theme-button")
    assert (page.text_content("#theme-button"), page.evaluate(colour)) == ("Theme: auto", light)


@pytest.mark.parametrize(("name", "properties"), [("hostile", ACCEPTED), ("wrong", REFUSED)])
def test_hostile_values_are_texts(name, properties, visit):
    """In the rows, in the lines, in the details of lines: no element more, and nothing runs."""
    page = visit(name)
    values = page.evaluate(
        """() => Object.fromEntries(Array.from(document.querySelectorAll(".rows > li"), (row) =>
        [row.querySelector(".name").textContent, row.querySelector(".value").textContent]))"""
    )
    assert {one: values[one] for one in properties if values[one] != "********"} == {
        one: visible(text) for one, text in properties.items() if values[one] != "********"
    }
    page.evaluate(
        """() => { for (const line of document.querySelectorAll(".code > li")) line.focus();
        for (const name of document.querySelectorAll(".rows .name")) name.click(); }"""
    )
    tags = page.evaluate("Array.from(new Set(Array.from(document.querySelectorAll('*'), e => e.localName)))")
    assert set(tags) <= TAGS
    handlers = page.evaluate(
        "Array.from(document.querySelectorAll('*')).flatMap(e => e.getAttributeNames())"
        ".filter(name => name.startsWith('on') || name === 'style' || name === 'src')"
    )
    assert set(handlers) <= {"style"}  # that of the root is set by the script


def test_a_value_that_became_a_script_would_not_run(context, reports, tmp_path):
    """The policy of the page allows its own script and style alone, and no request."""
    text = reports["site"].read_text(encoding="utf-8")
    injected = "<script>document.title = 'run'</script><img src='http://192.0.2.1/x'><main>"
    path = tmp_path / "injected.html"
    path.write_text(text.replace("<main>", injected), encoding="utf-8")
    visited = Visit(context, path)
    page = visited.ready()
    assert page.title() != "run"
    assert len(visited.complaints) == 2
    assert all("Content Security Policy" in complaint for complaint in visited.complaints)
    page.close()


def test_a_missing_artifact_says_why(visit):
    """One that is refused, one that does not apply; the others are there."""
    page = visit("refused")
    listed = " ".join(page.inner_text(".names").split())
    assert "jdbc cannot be made" in listed
    assert "nginx does not apply" in listed
    assert "django/omeroweb_settings.py" in listed
    assert "'<b>x' is not a whole number" in page.locator(".artifact .finding.error").first.inner_text()
    assert "wsgi-tcp" in page.locator(".artifact .finding.note").first.inner_text()


def test_print_has_all_details_and_no_controls(visit):
    """Of the properties that the filters show."""
    page = visit()
    page.fill("#search", "prefix")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.is_visible("#search")
    assert not page.is_visible("#panel")
    assert row(page, PREFIX).locator(".doc").is_visible()
    assert not row(page, "omero.db.host").is_visible()
    assert line(page, "fail_timeout").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="light")


def test_the_page_is_as_wide_as_the_window(context, reports):
    """Down to 320 pixels, or 400 percent: nothing has to be scrolled sideways."""
    for name in ("site", "wrong"):
        visited = Visit(context, reports[name])
        page = visited.ready()
        for width in (320, 1000):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        page.close()


def test_it_is_a_document_without_scripts(browser, reports):
    """Everything can be read, and links lead to the lines."""
    context = browser.new_context(java_script_enabled=False)
    visited = Visit(context, reports["site"])
    page = visited.page
    assert row(page, PREFIX).locator(".doc").is_visible()
    assert not page.is_visible("#search")
    assert line(page, "fail_timeout").is_visible()
    row(page, PREFIX).locator(".reached a").first.click()
    assert page.url.rpartition("#")[2].startswith("f")
    context.close()
    assert visited.complaints == []


def test_a_browser_reads_texts_as_they_were(context, tmp_path):
    """HTML: thousands of hostile texts, each in an attribute and in an element."""
    found = written("HTML, chromium", escape.html, texts())
    path = tmp_path / "texts.html"
    items = "".join(f'<a b="{text}">{text}</a>' for text in found.values())
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><main>{items}</main>', encoding="utf-8", newline=""
    )
    visited = Visit(context, path)
    pairs = "Array.from(document.querySelectorAll('main *'), e => [e.getAttribute('b'), e.textContent])"
    assert json.loads(visited.page.evaluate(f"JSON.stringify({pairs})")) == [[text, text] for text in found]
    visited.page.close()


def test_the_picture_of_the_readme_can_be_taken(program, tmp_path):  # noqa: ARG001 - which has to be there
    """By the command that ``make picture`` runs; what it shows is looked at by eye."""
    path = tmp_path / "report.png"
    accepted([sys.executable, ROOT / "tools/picture.py", path])
    assert path.read_bytes().startswith(b"\x89PNG")
    assert (ROOT / "docs/report.png").stat().st_size < 150_000
