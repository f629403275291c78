"""What the program that tries Django's settings takes out of them, and what it leaves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from omerogen.verify import django_probe


@pytest.fixture
def module(monkeypatch, tmp_path):
    """A settings module of as little as it takes; the folder is the first argument of the program."""
    monkeypatch.setattr("sys.argv", ["django_probe.py", str(tmp_path)])
    return SimpleNamespace(
        INSTALLED_APPS=["json", "not_here.apps"],
        MIDDLEWARE=[],
        STATICFILES_FINDERS=[],
        TEMPLATES=[],
        CSRF_FAILURE_VIEW="not_here.views.failure",
    )


def test_every_template_engine_is_tried(module):
    """Each stays in its place, without what is not installed; what it does not have it does not get."""
    module.TEMPLATES = [
        {"BACKEND": "a", "OPTIONS": {"builtins": ["json.tags", "not_here.tags"], "debug": True}},
        {"BACKEND": "b", "OPTIONS": {"environment": "json.environment"}},
        {"BACKEND": "c"},
    ]
    django_probe.prepare(module, [])
    assert module.TEMPLATES == [
        {"BACKEND": "a", "OPTIONS": {"builtins": ["json.tags"], "debug": True}},
        {"BACKEND": "b", "OPTIONS": {"environment": "json.environment"}},
        {"BACKEND": "c"},
    ]


def test_missing_packages_are_left_out_and_reported(module):
    """By its dotted name."""
    remarks = []
    django_probe.prepare(module, remarks)
    assert module.INSTALLED_APPS == ["json"]
    assert remarks == ["without not_here.apps, which is not installed"]
    assert not hasattr(module, "CSRF_FAILURE_VIEW")
