"""Ice reads from its configuration files what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import strategies as st

from omerogen.templating import escape
from support.grids import DEBIAN_PYTHON, need_ice_for_python
from support.programs import accepted, generated

pytestmark = pytest.mark.slow

_READ = """
import Ice, json, sys
properties = Ice.createProperties()
properties.load(sys.argv[1])
print(json.dumps(properties.getPropertiesForPrefix("Value.")))
"""


def test_any_value_means_itself_or_is_refused(tmp_path: Path) -> None:
    """Spaces at the ends, backslashes, hashes, equals signs and the rest of Unicode."""
    need_ice_for_python()
    printable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    special = st.sampled_from([" ", "\\", "#", "=", "\t", '"', "'", ":", "$", "\n", "\ufeff", "-"])
    texts = generated(st.lists(st.one_of(special, special, printable), max_size=12).map("".join), 3000)
    wanted = {}
    lines = []
    for place, text in enumerate(texts):
        try:
            lines.append(f"Value.{place}={escape.ice_config(text)}\n")
        except escape.Unwritable:
            assert set(text) & set("\0\r\n\t")
        else:
            wanted[f"Value.{place}"] = text
    assert len(wanted) > 2000
    (tmp_path / "ice.cfg").write_text("".join(lines), encoding="utf-8", newline="")
    found = json.loads(accepted([DEBIAN_PYTHON, "-c", _READ, tmp_path / "ice.cfg"]))
    # What is empty is not set, for Ice.
    assert found == {name: text for name, text in wanted.items() if text}
