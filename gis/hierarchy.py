"""The tree of grid cells: codes, levels, parents, lowest common ancestor."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from gis.errors import InvalidTree
from gis.messages import say

Code = str
"""A cell's official code; unique within a deployment, never reused."""


class Level(IntEnum):
    """Grid level. Lower numbers are further up: 1 is the whole township."""

    CITY = -1  # for roll-up only
    DISTRICT = 0  # for roll-up only
    TOWNSHIP = 1  # 一级网格, 总网格长
    AREA = 2  # 二级网格, 片区网格长
    VILLAGE = 3  # 三级网格, 村级网格长 (two people jointly)
    UNIT = 4  # 四级网格, 单元网格员

    @property
    def word(self) -> str:
        """The name used on the command line and in JSON: ``township``, ``unit``, …."""
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> "Level":
        """Return the level of a :attr:`word`; KeyError for any other word."""
        return cls[word.upper()]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in the hierarchy; its shape is kept elsewhere.

    The parent is stored, never cut out of the code: areas have no official
    code, and villages change area without changing their own.
    """

    code: Code
    level: Level
    parent: Code | None


@dataclass(frozen=True)
class Tree:
    """All cells in force at one time. Build it with :meth:`of`."""

    cells: Mapping[Code, Cell]

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> "Tree":
        """Return the tree of ``cells``, in any order; it may be empty.

        Raises
        ------
        InvalidTree
            If a code occurs twice, or a parent is missing or not exactly one
            level up. So there can be no cycle. Several roots are allowed: a
            deployment may begin with townships whose district comes later.
        """
        found: dict[Code, Cell] = {}
        for cell in cells:
            if cell.code in found:
                raise InvalidTree(say("Two cells have the code {code}.", code=cell.code))
            found[cell.code] = cell
        for cell in found.values():
            above = found.get(cell.parent) if cell.parent is not None else None
            if cell.parent is not None and (above is None or above.level != cell.level - 1):
                raise InvalidTree(
                    say(
                        "{parent} is not a cell one level above {code}.",
                        parent=cell.parent,
                        code=cell.code,
                    )
                )
        return cls(found)

    def __getitem__(self, code: Code) -> Cell:
        """Return the cell; KeyError if there is none."""
        return self.cells[code]

    def __contains__(self, code: object) -> bool:
        """Whether there is a cell of this code."""
        return code in self.cells

    @property
    def roots(self) -> tuple[Code, ...]:
        """The cells that nothing is above, by code."""
        return tuple(sorted(c.code for c in self.cells.values() if c.parent is None))

    def path(self, code: Code) -> Iterator[Code]:
        """Yield ``code``, then its parent, and so on up to the root."""
        step: Code | None = code
        while step is not None:
            yield step
            step = self.cells[step].parent

    def children(self, code: Code) -> tuple[Code, ...]:
        """Return the cells one level below ``code``, by code."""
        return self._children.get(code, ())

    def within(self, code: Code) -> Iterator[Code]:
        """Yield ``code`` and everything below it, parents first."""
        yield code
        for child in self.children(code):
            yield from self.within(child)

    def at_level(self, level: Level) -> tuple[Code, ...]:
        """Return the cells of one level, by code."""
        return tuple(sorted(c.code for c in self.cells.values() if c.level == level))

    def leaves(self) -> tuple[Code, ...]:
        """Return the cells that nothing is below, by code."""
        return tuple(sorted(c for c in self.cells if c not in self._children))

    def ancestor(self, code: Code, level: Level) -> Code | None:
        """Return the cell of ``level`` on the way up from ``code``, itself included."""
        return next((c for c in self.path(code) if self.cells[c].level == level), None)

    def lift(self, code: Code, level: Level) -> Code:
        """Return the nearest cell on the way up that is of ``level`` or higher."""
        *_, top = path = list(self.path(code))
        return next((c for c in path if self.cells[c].level <= level), top)

    def lowest_common_ancestor(self, codes: Iterable[Code]) -> Code | None:
        """Return the lowest cell that contains all ``codes``; a cell contains itself.

        None when they have nothing in common (two townships without a district)
        or there are no codes.
        """
        paths = [tuple(self.path(code)) for code in codes]
        if not paths:
            return None
        others = [frozenset(path) for path in paths[1:]]
        return next((c for c in paths[0] if all(c in o for o in others)), None)

    @cached_property
    def _children(self) -> Mapping[Code, tuple[Code, ...]]:
        below: dict[Code, list[Code]] = defaultdict(list)
        for cell in self.cells.values():
            if cell.parent is not None:
                below[cell.parent].append(cell.code)
        return {code: tuple(sorted(children)) for code, children in below.items()}
