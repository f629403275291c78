"""Sites of different releases in one run: none gets the defaults of another."""

from __future__ import annotations

from support.fleets import files, write_source


def test_sites_have_the_defaults_of_their_own_releases(build, institute):
    """In whichever order the same process builds them."""
    for name in "abc":
        write_source(institute, name)
    (institute / "omerogen.toml").write_text(
        '[sites.new]\nconfig = ["sites/a.properties"]\n'
        '[sites.old]\nconfig = ["sites/a.properties"]\nrelease = "5.4.0"\nweb_release = "5.6.0"\n'
        '[sites.again]\nconfig = ["sites/a.properties"]\n'
    )
    assert build("--jobs", "1", sites=None).status == 0
    assert files(institute / "out/new") == files(institute / "out/again")
    assert files(institute / "out/new") != files(institute / "out/old")
    alone = build("--site", "omerogen.toml:old", "-o", "alone", sites=None)
    assert alone.status == 0, alone.err
    assert files(institute / "out/old") == files(institute / "alone")
