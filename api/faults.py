"""What is wrong with a field of a request, in words: pydantic's kinds of fault, as sentences."""

from collections.abc import Mapping
from typing import Any

from gis.messages import Message, say

NO_NUMBER = say("It is not a number.")
NO_WHOLE_NUMBER = say("It is not a whole number.")
NO_TEXT = say("It is not a text.")
NO_TIME = say("It is not a time, such as 2026-05-18T14:30+08:00.")
NO_ID = say("It is not a UUID.")
NO_LIST = say("It is not a list.")
NO_OBJECT = say("It is not an object.")
NEITHER = say("It is neither true nor false.")
ONE_OF = say("It must be one of: {expected}.")

FAULTS: Mapping[str, Message] = {
    "missing": say("It is missing."),
    "json_invalid": say("It is not proper JSON."),
    "float_parsing": NO_NUMBER,
    "float_type": NO_NUMBER,
    "finite_number": NO_NUMBER,
    "int_parsing": NO_WHOLE_NUMBER,
    "int_parsing_size": NO_WHOLE_NUMBER,
    "int_type": NO_WHOLE_NUMBER,
    "int_from_float": NO_WHOLE_NUMBER,
    "bool_parsing": NEITHER,
    "bool_type": NEITHER,
    "string_type": NO_TEXT,
    "string_unicode": NO_TEXT,
    "string_too_short": say("It must have at least {min_length} characters."),
    "string_too_long": say("It may have at most {max_length} characters."),
    "string_pattern_mismatch": say("It does not have the form {pattern}."),
    "greater_than_equal": say("It must be {ge} or more."),
    "greater_than": say("It must be more than {gt}."),
    "less_than_equal": say("It must be {le} or less."),
    "less_than": say("It must be less than {lt}."),
    "enum": ONE_OF,
    "literal_error": ONE_OF,
    "uuid_parsing": NO_ID,
    "uuid_type": NO_ID,
    "datetime_parsing": NO_TIME,
    "datetime_from_date_parsing": NO_TIME,
    "datetime_object_invalid": NO_TIME,
    "datetime_type": NO_TIME,
    "timezone_aware": say("It lacks the offset from UTC, as in 2026-05-18T14:30+08:00."),
    "list_type": NO_LIST,
    "tuple_type": NO_LIST,
    "too_short": say("There must be at least {min_length}."),
    "too_long": say("There may be at most {max_length}."),
    "dict_type": NO_OBJECT,
    "model_type": NO_OBJECT,
    "model_attributes_type": NO_OBJECT,
}
"""By pydantic's name of the kind; the values that it gives go into the sentence."""


def sentence(fault: Mapping[str, Any]) -> Message:
    """Return what is wrong, for one fault as pydantic lists it.

    A check of our own says it itself: it raises ``ValueError`` with a message.
    Of a kind that is not in FAULTS, pydantic's English stands.
    """
    told = fault.get("ctx", {})
    own = next(iter(getattr(told.get("error"), "args", ())), None)
    if isinstance(own, Message):
        return own
    if known := FAULTS.get(str(fault["type"])):
        return Message(known.template, told)
    return Message("{text}", {"text": fault["msg"]})
