"""Rules about what the server does by itself: schedules, and connections to the outside."""

from __future__ import annotations

from collections.abc import Iterator

from omerogen.catalog.server import QA_FEEDBACK, UPGRADES_URL
from omerogen.catalog.web_pages import WEB_FEEDBACK_COMMENT_ENABLED, WEB_FEEDBACK_ERROR_ENABLED
from omerogen.rules.registry import NOTE, WARNING, Breach, View, rule
from omerogen.values.cron import CRON, never_fires


@rule(
    "schedule-never-fires",
    WARNING,
    "a schedule has no date",
    bad="omero.scripts.cache.cron=0 0 0 30 FEB ?",
    good="omero.scripts.cache.cron=0 0 0 29 FEB ?",
    reference="https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html",
)
def schedule_never_fires(site: View) -> Iterator[Breach]:
    """Quartz refuses a trigger that will never fire, and the server does not start its service."""
    for name in site.settings.names_set():
        entry = site.settings.resolved(name)
        kind = entry.property.kind
        if getattr(kind, "kind", kind) is CRON and entry.value and never_fires(entry.value, site.host.year):
            default = f"omero config set {name} '{site.settings.default(entry.property)}'"
            yield Breach(f"{name} is {entry.value!r}, which has no date", default, (name,))


@rule(
    "connects-to-the-outside",
    NOTE,
    "one of upgrade check and feedback is off, and the other leaves the institute",
    bad="omero.upgrades.url=",
    good="omero.upgrades.url=\nomero.web.feedback.comment.enabled=false\nomero.web.feedback.error.enabled=false",
)
def connects_to_the_outside(site: View) -> Iterator[Breach]:
    """The server looks for upgrades, and OMERO.web offers to send comments and errors to OMERO's developers.

    Who turns one off is likely to want neither.
    """
    feedback = (WEB_FEEDBACK_COMMENT_ENABLED, WEB_FEEDBACK_ERROR_ENABLED)
    sends = [row.name for row in feedback if site.settings[row] and site.settings[QA_FEEDBACK]]
    checks = bool(site.settings[UPGRADES_URL])
    if not checks and sends:
        message = f"{UPGRADES_URL.name} is empty, and OMERO.web offers to send feedback"
        yield Breach(message, f"omero config set {sends[0]} false", (UPGRADES_URL.name, *sends))
    if checks and not sends and any(map(site.settings.is_set, feedback)):
        names = (*(row.name for row in feedback), UPGRADES_URL.name)
        message = f"feedback is off, and the server looks for upgrades at {site.settings[UPGRADES_URL]}"
        yield Breach(message, f"omero config set {UPGRADES_URL.name} ''", names)
