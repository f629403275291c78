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
    refuse_warnings,
    where_raised,
)
from omerogen.model.inputs import (
    OMERODIR,
    Input,
    InputKind,
    Items,
    Note,
    inputs_within,
    properties_of,
    unobserved,
)
from omerogen.model.location import DEFAULT, SET_FLAG, SUGGESTION, Location, Place
from omerogen.model.problem import Problem, Severity, as_error, note, unique, warning
from omerogen.model.property import Property
from omerogen.model.rendered import RenderedFile, RenderedText
from omerogen.model.source_map import Condition, Line, Span, ranges, ranges_text

__all__ = [
    "DEFAULT",
    "OMERODIR",
    "SET_FLAG",
    "SUGGESTION",
    "ArtifactError",
    "Condition",
    "Input",
    "InputKind",
    "Items",
    "Line",
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
    "Span",
    "UsageError",
    "WriteError",
    "as_error",
    "collect",
    "inputs_within",
    "note",
    "properties_of",
    "ranges",
    "ranges_text",
    "refuse_warnings",
    "unique",
    "unobserved",
    "warning",
    "where_raised",
]
