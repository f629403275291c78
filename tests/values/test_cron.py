"""Quartz schedules. That Quartz 2.3.2 judges all of these texts alike was seen by running it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen.values.base import Invalid
from omerogen.values.cron import CRON


@pytest.mark.parametrize(
    "text",
    [
        "*/4 * * * * ?",  # the default of omero.pixeldata.cron
        "*/2 * * * * ?",  # of omero.search.cron
        "0 0 0 * * ?",  # of omero.scripts.cache.cron
        "0,30 * * * * ?",  # the example of the glossary
        "0 0 3 * * ?",
        "0 0 12 ? * MON-FRI",
        "0 0 12 ? * mon,wed,fri",
        "0 0 12 ? * FRI-MON",
        "0 0 12 ? * 1-5,7",
        "0 0 12 ? * MON-FRI/2",
        "0 0 0 ? JAN,FEB *",
        "0 0 0 ? NOV-FEB *",
        "0 0 0 ? JAN/2 *",
        "0 0 0 * jan ?",
        "0 15 10 L * ?",
        "0 15 10 l * ?",
        "0 15 10 L-2 * ?",
        "0 15 10 L-30 * ?",
        "0 15 10 L-2W * ?",
        "0 15 10 LW * ?",
        "0 15 10 15W * ?",
        "0 15 10 ? * L",
        "0 15 10 ? * 6L",
        "0 15 10 ? * FRIL",
        "0 15 10 ? * 6#3",
        "0 15 10 ? * FRI#3",
        "/5 * * * * ?",
        "5/10 * * * * ?",
        "5-10/2 * * * * ?",
        "*,5 * * * * ?",
        "*/59 */59 */23 */31 */12 ?",
        "0 0 22-2 * * ?",
        "007 * * * * ?",
        "0 0 0 1 1 ? *",
        "0 0 0 1 1 ? 2099",
        "0 0 0 1 1 ? 2024-2030",
        "0 0 0 1 1 ? 2020/2",
    ],
)
def test_schedules_that_quartz_reads(text):
    """A schedule has seconds first and a year last or none; the text stays as it is."""
    assert CRON.parse(text) == text
    assert CRON.parse(formatted(CRON, text)) == text


@pytest.mark.parametrize("text", ["0  0 0 * * ?", " 0 0 0 * * ? ", "0\t0 0 * *\n?"])
def test_white_space_becomes_one_space(text):
    """However the fields were divided, one space divides them now."""
    assert CRON.parse(text) == "0 0 0 * * ?"


@pytest.mark.parametrize(
    "text", ["", "0", "@daily", "0 0 * * *", "* * * * *", "0 0 0 * * ? 2020 2021", "0 0 0"]
)
def test_a_schedule_has_six_fields_or_seven(text):
    """The five fields of a crontab are not enough."""
    with pytest.raises(Invalid, match="fields"):
        CRON.parse(text)


@pytest.mark.parametrize(
    "text", ["0 0 0 * * *", "0 0 0 1 * 1", "0 0 0 1 1 MON", "0 0 0 ? * ?", "0 0 0 ? * ? 2020"]
)
def test_exactly_one_of_the_two_days_is_a_question_mark(text):
    """Quartz cannot have both a day of the month and a day of the week, nor neither."""
    with pytest.raises(Invalid, match=r"has no \? or two"):
        CRON.parse(text)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("60 * * * * ?", "seconds"),
        ("* 60 * * * ?", "minutes"),
        ("* * 24 * * ?", "hours"),
        ("* * * 0 * ?", "day of month"),
        ("* * * 32 * ?", "day of month"),
        ("* * * * 0 ?", "month"),
        ("* * * * 13 ?", "month"),
        ("* * * ? * 0", "day of week"),
        ("* * * ? * 8", "day of week"),
        ("* * * ? * FOO", "day of week"),
        ("* * * * FOO ?", "month"),
        ("* * * * MON ?", "month"),
        ("0 0 0 1 1 ? ?", "year"),
        ("0 0 0 1 1 ? 20", "year"),
        ("? * * * * ?", "seconds"),
        ("* * ? * * ?", "hours"),
        ("*/60 * * * * ?", "seconds"),
        ("* */60 * * * ?", "minutes"),
        ("* * */24 * * ?", "hours"),
        ("* * * */32 * ?", "day of month"),
        ("* * * ? */13 *", "month"),
        ("* * * ? * */8", "day of week"),
        ("/60 * * * * ?", "seconds"),
        ("5-70 * * * * ?", "seconds"),
        ("5- * * * * ?", "seconds"),
        ("-5 * * * * ?", "seconds"),
        ("5/ * * * * ?", "seconds"),
        ("*/ * * * * ?", "seconds"),
        ("/ * * * * ?", "seconds"),
        ("5/a * * * * ?", "seconds"),
        ("*/1/2 * * * * ?", "seconds"),
        ("a * * * * ?", "seconds"),
        ("L * * * * ?", "seconds"),
        ("0 0 0 32W * ?", "day of month"),
        ("0 0 0 L-31 * ?", "day of month"),
        ("0 0 0 W * ?", "day of month"),
        ("0 0 0 1L * ?", "day of month"),
        ("0 0 0 1#2 * ?", "day of month"),
        ("0 0 0 ? * MON#6", "day of week"),
        ("0 0 0 ? * MON#0", "day of week"),
        ("0 0 0 ? * FOO#1", "day of week"),
        ("0 0 0 ? * 2W", "day of week"),
        ("0 0 0 ? * */MON", "day of week"),
    ],
)
def test_what_quartz_does_not_read(text, field):
    """The complaint names the field; the server would find it in the middle of its start."""
    with pytest.raises(Invalid, match=f"for {field}$"):
        CRON.parse(text)


numbers = [st.integers(0, 59), st.integers(0, 59), st.integers(0, 23), st.integers(1, 31), st.integers(1, 12)]


@given(st.tuples(*numbers), st.none() | st.integers(1970, 2099))
def test_each_time_is_a_schedule(fields, year):
    """Every date and time within the bounds can be asked for."""
    text = " ".join(map(str, fields)) + " ?" + ("" if year is None else f" {year}")
    assert CRON.parse(text) == text


@given(st.text())
def test_no_text_breaks_the_parser(text):
    """Any text is a schedule, which then is read back, or is refused."""
    try:
        schedule = CRON.parse(text)
    except Invalid:
        return
    assert CRON.parse(formatted(CRON, schedule)) == schedule


@pytest.mark.parametrize(
    "fields", ["L,15 * ?", "15,LW * ?", "? * MON#2,FRI#1", "? * MON,6L", "? 1-FEB MON", "? * MON-5"]
)
def test_quartz_takes_special_days_alone(fields):
    """L, W and # stand alone in their field, and no range goes from a name to a number."""
    with pytest.raises(Invalid):
        CRON.parse(f"0 15 10 {fields}")


def test_a_long_row_of_digits_is_not_a_number():
    """Python refuses to read 5000 digits; so do we, in our own words."""
    with pytest.raises(Invalid):
        CRON.parse(f"*/{'9' * 5000} * * * * ?")
