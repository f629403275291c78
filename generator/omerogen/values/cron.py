"""Quartz schedules: six or seven fields, as Quartz's CronExpression reads them."""

from __future__ import annotations

import re
from typing import NamedTuple

from omerogen.values.base import Invalid, ValueType
from omerogen.values.patterns import Pattern


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    words: str = ""
    special: str = ""


_FIELDS = (
    _Field("seconds", 0, 59),
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of month", 1, 31, special=r"L(?:-[0-9]{1,2})?W?|LW|[0-9]{1,2}W"),
    _Field("month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
    _Field("day of week", 1, 7, "SUN MON TUE WED THU FRI SAT", r"L|(?:[1-7]|[A-Z]{3})(?:L|#[1-5])"),
    _Field("year", 1970, 2099),
)
_DAY_OF_MONTH, _MONTH, _DAY_OF_WEEK, _YEAR = 3, 4, 5, 6
#: The days of the months, in a leap year.
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ITEM = Pattern(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/([0-9]{1,4}))?")


class Cron(ValueType[str]):
    """``seconds minutes hours day-of-month month day-of-week [year]``.

    Exactly one of the two day fields is ``?``: Quartz refuses both other cases.
    """

    name = "Quartz cron"
    doc = "a Quartz schedule such as 0 0 3 * * ? (seconds minutes hours day month weekday [year])"

    def parse(self, text: str) -> str:
        fields = text.upper().split()
        if len(fields) not in (6, 7):
            raise Invalid(f"has {len(fields)} fields", f"give {self.doc}")
        if (fields[_DAY_OF_MONTH] == "?") == (fields[_DAY_OF_WEEK] == "?"):
            raise Invalid("has no ? or two", "one of day of month and day of week, and only one, is ?")
        for spec, field in zip(_FIELDS, fields, strict=False):
            if field == "?" and spec.name.startswith("day"):
                continue
            items = field.split(",")
            for item in items:
                if not self._legal(spec, item) or (len(items) > 1 and _is_special(spec, item)):
                    raise Invalid(
                        f"has {item!r} for {spec.name}", f"give {self.doc}", f"is wrong in its {spec.name}"
                    )
        return " ".join(text.split())

    def _legal(self, spec: _Field, item: str) -> bool:
        if _is_special(spec, item):
            return self._special_in_range(spec, item)
        match = _ITEM.fullmatch(item)
        if not match:
            # Quartz also reads "/5", as "*/5".
            return bool(re.fullmatch("/[0-9]{1,4}", item)) and self._step(spec, item[1:])
        _, first, last, step = match.groups()
        if first and last and first.isdecimal() != last.isdecimal():
            return False  # Quartz has no range from a name to a number
        named = [self._number(spec, word) for word in (first, last) if word is not None]
        return None not in named and (step is None or self._step(spec, step))

    def _special_in_range(self, spec: _Field, item: str) -> bool:
        numbers = [int(digits) for digits in re.findall(r"[0-9]+", item.partition("#")[0])]
        words = re.findall(r"[A-Z]{3}", item)
        in_range = all(spec.low <= number <= (30 if "-" in item else spec.high) for number in numbers)
        return in_range and all(word in spec.words.split() for word in words)

    @staticmethod
    def _step(spec: _Field, digits: str) -> bool:
        return int(digits) <= spec.high

    @staticmethod
    def _number(spec: _Field, word: str) -> int | None:
        if word in spec.words.split():
            return spec.words.split().index(word) + 1
        if not re.fullmatch("[0-9]{1,4}", word):
            return None
        return int(word) if spec.low <= int(word) <= spec.high else None


def never_fires(schedule: str, year: int) -> bool:
    """Whether a legal schedule has no date from ``year`` on: its years are over, or its months too short."""
    fields = schedule.upper().split()
    if len(fields) == 7 and (years := _numbers(_FIELDS[_YEAR], fields[_YEAR])) and max(years) < year:
        return True
    days, months = (_numbers(_FIELDS[at], fields[at]) for at in (_DAY_OF_MONTH, _MONTH))
    return bool(days and months) and min(days) > max(_LONGEST[month - 1] for month in months)


def _numbers(spec: _Field, field: str) -> set[int]:
    """All numbers of a field; none where it has letters that are not names, as ``L`` or ``?``."""
    numbers: set[int] = set()
    for item in field.split(","):
        match = _ITEM.fullmatch(item)
        if not match or _is_special(spec, item):
            return set()
        every, first, last, step = match.groups()
        low = spec.low if every else CRON._number(spec, first)
        high = spec.high if every or (step and not last) else CRON._number(spec, last or first)
        if low is None or high is None or low > high:  # a range that begins again, as NOV-FEB
            return set()
        numbers.update(range(low, high + 1, int(step or 1) or 1))
    return numbers


def _is_special(spec: _Field, item: str) -> bool:
    """Whether the item contains L, W or #, which must be alone in their field."""
    return bool(spec.special and re.fullmatch(spec.special, item))


CRON = Cron()
