"""Sentences, numbers and dates in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property, lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from gis.messages import Message, say
from maps.picture import Amount, Period, Value
from maps.words import Translate, translator

LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
LANG_TAGS = {"zh": "zh-CN", "en": "en"}
_DAY = {"zh": "y/M/d", "en": "d MMM y"}
_DAY_OF_YEAR = {"zh": "M/d", "en": "d MMM"}
LIST_MARK = say(", ")
"""Between the parts of a list."""


@dataclass(frozen=True)
class Speaker:
    """Says values; dates of ``year`` without it, instants in ``zone``."""

    language: str
    zone: tzinfo = UTC
    year: int = 0

    @property
    def lang(self) -> str:
        """The language as HTML names it."""
        return LANG_TAGS[self.language]

    @cached_property
    def translate(self) -> Translate:
        """The catalogue's words."""
        return translator(self.language)

    def say(self, value: Value) -> str:  # noqa: PLR0911 — one line a kind of value
        """Return a value as people read it; None is a dash, nothing known is no zero."""
        match value:
            case None:
                return "—"
            case str():
                return value
            case Message():
                spoken = {name: self._part(part) for name, part in value.values.items()}
                return self.translate(Message(value.template, spoken))
            case Amount():
                return self._amount(value)
            case Period():
                return self.period(value)
            case datetime():
                return self.moment(value)
            case date():
                return self.day(value)
            case int():
                return written(value, language=self.language)
            case Sequence():
                mark = self.translate(LIST_MARK)
                return mark.join(self.say(part) for part in value if part is not None)

    def text(self, template: str, /, **values: Value) -> str:
        """Return a sentence of a template."""
        return self.say(Message(template, values))

    def day(self, day: date, *, full: bool = False) -> str:
        """Return a date; without its year where that is understood."""
        form = _DAY_OF_YEAR if day.year == self.year and not full else _DAY
        return str(format_date(day, form[self.language], locale=LOCALES[self.language]))

    def moment(self, instant: datetime, *, full: bool = False) -> str:
        """Return a local date and time."""
        local = instant.astimezone(self.zone)
        return f"{self.day(local.date(), full=full)} {local:%H:%M}"

    def period(self, period: Period, *, full: bool = False) -> str:
        """Return the first and last day, or the only one."""
        first, last = period.first, period.last
        end = self.day(last, full=full)
        if first == last:
            return end
        if (first.year, first.month) == (last.year, last.month) and self.language == "en":
            return f"{first.day}–\u2060{end}"  # not to be broken after the dash
        return f"{self.day(first, full=full)} – {end}"

    def _amount(self, amount: Amount) -> str:
        text = written(amount.value, amount.digits, language=self.language)
        if amount.unit in ("", "%"):
            return f"{text}{amount.unit}"
        return f"{text} {self.translate(Message(amount.unit))}"

    def _part(self, part: object) -> str:
        known = isinstance(part, Message | Amount | Period | date | int | str | tuple | list)
        return self.say(part) if known or part is None else str(part)  # type: ignore[arg-type]


@lru_cache(maxsize=10_000)
def written(value: float, digits: int = 0, *, language: str) -> str:
    """Return a number as a language writes it; a page says the same small ones again and again."""
    form = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, form, locale=LOCALES[language]))
