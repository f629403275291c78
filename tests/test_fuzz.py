"""The corpus of each fuzz target goes through it again: what was once found stays found."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from fuzz.run import is_text
from fuzz.targets import RENDERINGS, TARGETS
from omerogen import artifacts
from omerogen.sources import READERS
from omerogen.templating.folder import templates_folder

CORPUS = Path(__file__).parent.parent / "fuzz/corpus"
#: Seconds of processor time for one input, as for the fuzzer.
SOON = 2.0


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_corpus_ends_in_properties_or_in_our_errors(name):
    """Every input, within the time that the fuzzer gives it."""
    inputs = sorted((CORPUS / name).iterdir())
    assert inputs
    for path in inputs:
        started = time.process_time()
        TARGETS[name](path.read_bytes())
        assert time.process_time() - started < SOON, path


@pytest.mark.parametrize("name", sorted(TARGETS))
@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"=", b"\f", b"\xed\xa0\x80=\xed\xa0\x80"]
)
def test_bytes_that_are_not_text_do_so_too(name, data):
    """The corpus is text; these are not, or hardly."""
    TARGETS[name](data)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_corpus_is_small_and_text(name):
    """It is to be read in a difference, and replayed in a second."""
    contents = [path.read_bytes() for path in (CORPUS / name).iterdir()]
    assert len(contents) < 200
    assert sum(map(len, contents)) < 200_000
    assert all(map(is_text, contents))


def test_every_reader_and_every_template_is_fuzzed():
    """A new one is fuzzed from the start: ``examples`` of an artifact choose each of its templates."""
    assert set(READERS.values()) | {"environment"} <= set(TARGETS)
    chosen = [(artifacts.get(name), options) for name, options in RENDERINGS]
    rendered = {artifact.template(artifact.parse_options(options)) for artifact, options in chosen}
    folder = Path(templates_folder())
    sources = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.j2")}
    included = set(re.findall(r'include "(.*?)"', "".join(sources.values())))
    # The page of a report goes through hostile sites in a browser.
    assert rendered == sources.keys() - included - {"report/page.html.j2"}
