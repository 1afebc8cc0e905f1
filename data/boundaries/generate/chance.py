"""Random streams: one for each subject, so that one more issue moves no house."""

import numpy as np

SEED = 4


def stream(seed: int, subject: str, *keys: int) -> np.random.Generator:
    """Return the random stream of a subject, narrowed by ``keys`` (a person, a day, …)."""
    return np.random.default_rng([seed, *subject.encode(), *keys])
