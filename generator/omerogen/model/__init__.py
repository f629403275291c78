"""The shared types: locations, problems, properties, inputs and rendered files."""

from omerogen.model.errors import (
    ArtifactError,
    NotApplicable,
    OmerogenError,
    SettingsError,
    SourceError,
    UsageError,
    WriteError,
    collect,
)
from omerogen.model.inputs import OMERODIR, Input, InputKind, Note, properties_of, unobserved
from omerogen.model.location import DEFAULT, SET_FLAG, SUGGESTION, Location, Place
from omerogen.model.problem import Problem, Severity, as_error, note, unique, warning
from omerogen.model.property import Property
from omerogen.model.rendered import RenderedFile, RenderedText

__all__ = [
    "DEFAULT",
    "OMERODIR",
    "SET_FLAG",
    "SUGGESTION",
    "ArtifactError",
    "Input",
    "InputKind",
    "Location",
    "NotApplicable",
    "Note",
    "OmerogenError",
    "Place",
    "Problem",
    "Property",
    "RenderedFile",
    "RenderedText",
    "SettingsError",
    "Severity",
    "SourceError",
    "UsageError",
    "WriteError",
    "as_error",
    "collect",
    "note",
    "properties_of",
    "unique",
    "unobserved",
    "warning",
]
