"""``omerogen init``: a commented site file for this machine."""

from __future__ import annotations

import argparse
import os

from omerogen.cli.registry import Load, Outcome, json_text
from omerogen.model import Location, UsageError, WriteError
from omerogen.settings.options import FILE
from omerogen.sites import schema, survey


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """Where to look, and where to write."""
    add = parser.add_argument
    add("-o", "--output", metavar="FILE", default=FILE, help=f"the file to write ({FILE})")
    add(
        "--omerodir",
        metavar="DIR",
        help="the OMERO directory ($OMERODIR, else the usual ones)",
    )
    add("--nginx", metavar="FILE", default=survey.NGINX, help=f"the configuration of nginx ({survey.NGINX})")
    add("--schema", action="store_true", help="print the JSON Schema of site files instead")


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:  # noqa: ARG001 - there is no site yet
    """The file, which is never overwritten."""
    if parsed.schema:
        return Outcome(json_text(schema.json_schema()))
    if not parsed.output:
        raise UsageError.at(Location.flag("--output"), "is empty", "give a file")
    omerodir = parsed.omerodir or os.environ.get("OMERODIR", "")
    found = survey.survey(os.path.abspath(omerodir) if omerodir else "", parsed.nginx)
    text = survey.site_file(found)
    try:
        with open(parsed.output, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        message, advice = "exists, and is not overwritten", "remove it, or name another file: -o FILE"
        raise WriteError.at(Location.file(parsed.output), message, advice) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WriteError.at(
            Location.file(parsed.output), f"cannot be written: {reason}", "name another file: -o FILE"
        ) from None
    return Outcome(messages=(*_found(found), f"{parsed.output}: written"))


def _found(found: survey.Survey) -> tuple[str, ...]:
    """The findings, for the user."""
    config = found.config or "no config.xml found: name the sources below config"
    kind = found.tls.kind if found.tls.is_known else "not known"
    return f"properties: {config}", f"TLS: {kind} ({found.tls.reason})"
