"""What is wrong with a field, in the reader's language, for every kind of fault that we know."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    FiniteFloat,
    TypeAdapter,
    ValidationError,
)

from api.faults import FAULTS, sentence
from gis.messages import say
from maps.words import translator


class Colour(StrEnum):
    RED = "red"


class Thing(BaseModel):
    name: str


def refuse(_value):
    raise ValueError(say("It lies too far away."))


CASES = [
    ("missing", Thing, {}, "It is missing."),
    ("float_parsing", float, "x", "It is not a number."),
    ("float_type", float, [], "It is not a number."),
    ("finite_number", FiniteFloat, float("nan"), "It is not a number."),
    ("int_parsing", int, "x", "It is not a whole number."),
    ("int_parsing_size", int, "9" * 5000, "It is not a whole number."),
    ("int_type", int, [], "It is not a whole number."),
    ("int_from_float", int, 0.5, "It is not a whole number."),
    ("bool_parsing", bool, "x", "It is neither true nor false."),
    ("bool_type", bool, [], "It is neither true nor false."),
    ("string_type", str, 1, "It is not a text."),
    ("string_unicode", str, b"\xff", "It is not a text."),
    (
        "string_too_short",
        Annotated[str, Field(min_length=2)],
        "x",
        "It must have at least 2 characters.",
    ),
    (
        "string_too_long",
        Annotated[str, Field(max_length=2)],
        "xyz",
        "It may have at most 2 characters.",
    ),
    (
        "string_pattern_mismatch",
        Annotated[str, Field(pattern="^[0-9]{2}$")],
        "x",
        "It does not have the form ^[0-9]{2}$.",
    ),
    ("greater_than_equal", Annotated[int, Field(ge=1)], 0, "It must be 1 or more."),
    ("greater_than", Annotated[int, Field(gt=0)], 0, "It must be more than 0."),
    ("less_than_equal", Annotated[int, Field(le=9)], 10, "It must be 9 or less."),
    ("less_than", Annotated[int, Field(lt=10)], 10, "It must be less than 10."),
    ("enum", Colour, "x", "It must be one of: 'red'."),
    ("literal_error", Literal["a", "b"], "x", "It must be one of: 'a' or 'b'."),
    ("uuid_parsing", UUID, "x", "It is not a UUID."),
    ("uuid_type", UUID, 1, "It is not a UUID."),
    (
        "datetime_parsing",
        datetime,
        float("nan"),
        "It is not a time, such as 2026-05-18T14:30+08:00.",
    ),
    (
        "datetime_from_date_parsing",
        datetime,
        "2026-13-01",
        "It is not a time, such as 2026-05-18T14:30+08:00.",
    ),
    ("datetime_type", datetime, [], "It is not a time, such as 2026-05-18T14:30+08:00."),
    (
        "timezone_aware",
        AwareDatetime,
        "2026-05-18T14:30",
        "It lacks the offset from UTC, as in 2026-05-18T14:30+08:00.",
    ),
    ("list_type", list[int], 1, "It is not a list."),
    ("tuple_type", tuple[int, int], 1, "It is not a list."),
    ("too_short", Annotated[list[int], Field(min_length=1)], [], "There must be at least 1."),
    ("too_long", Annotated[list[int], Field(max_length=1)], [1, 2], "There may be at most 1."),
    ("dict_type", dict[str, int], 1, "It is not an object."),
    ("model_type", Thing, 1, "It is not an object."),
]
ELSEWHERE = {
    "json_invalid": {"error": "Expecting value"},  # the framework's own
    "datetime_object_invalid": {"error": "x"},  # of times that are objects already
    "model_attributes_type": {},  # of models that are read from attributes
}


@pytest.mark.parametrize("kind, type_, value, words", CASES, ids=[case[0] for case in CASES])
def test_a_fault_says_in_words_what_is_wrong(kind, type_, value, words):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(type_).validate_python(value)
    (fault,) = refused.value.errors()
    assert (fault["type"], str(sentence(fault))) == (kind, words)
    assert translator("zh")(sentence(fault)) != words


def test_every_kind_that_is_known_is_tried():
    assert {case[0] for case in CASES} | set(ELSEWHERE) == set(FAULTS)
    for kind, told in ELSEWHERE.items():
        assert str(sentence({"type": kind, "ctx": told, "msg": "x"})) == FAULTS[kind].template


def test_a_check_of_our_own_says_it_itself():
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Annotated[int, AfterValidator(refuse)]).validate_python(1)
    (fault,) = refused.value.errors()
    assert str(sentence(fault)) == "It lies too far away."


def test_a_kind_that_nobody_knows_keeps_its_own_words_whatever_is_in_them():
    assert str(sentence({"type": "new", "msg": "a {brace}"})) == "a {brace}"
