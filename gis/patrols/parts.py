"""One person's day put together from its parts, whatever came first: patrols, and files."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from gis.patrols.ground import Ints
from gis.patrols.tracks import Fixes

NEVER = np.iinfo(np.int64).max


def by_patrol(parts: Sequence[tuple[Fixes, UUID | None]]) -> Fixes:
    """Return all fixes in the order of the parts, each patrol a group of its own.

    A phone numbers its fixes anew with every patrol, so the numbers order fixes only
    within one; the patrols are in order of their first fix. Nothing depends on the
    order of the parts but that of the fixes returned.

    Parameters
    ----------
    parts
        One person's fixes of one day, and the patrol that they are of; None: a file's.
        There is at least one part.
    """
    mine: dict[UUID | None, list[Fixes]] = defaultdict(list)
    for fixes, patrol in parts:
        mine[patrol].append(fixes)
    whole = {patrol: Fixes.concatenate(found) for patrol, found in mine.items()}
    order = sorted(whole, key=lambda patrol: (whole[patrol].t.min(initial=NEVER), str(patrol)))
    numbered = {patrol: _numbers_hold(fixes) for patrol, fixes in whole.items()}
    return Fixes.concatenate(
        [
            replace(
                fixes,
                group=_all(order.index(patrol), fixes),
                seq=fixes.seq if numbered[patrol] else _all(0, fixes),
            )
            for fixes, patrol in parts
        ]
    )


def _numbers_hold(fixes: Fixes) -> bool:
    """Tell whether no number stands for two fixes.

    Where one does, the recorder began to count anew: then time is the better order.
    """
    numbers = np.unique(fixes.seq)
    if numbers.size == fixes.seq.size or not fixes.seq.any():  # the usual cases, without a sort
        return True
    once = np.unique(np.column_stack([fixes.seq, fixes.t, fixes.lon, fixes.lat]), axis=0)
    return bool(numbers.size == len(once))


def _all(number: int, fixes: Fixes) -> Ints:
    return np.full(fixes.t.size, number, np.int64)
