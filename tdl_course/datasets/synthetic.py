"""The synthetic stand-ins: made-up samples in the course-edition format, the same for the same seed.

In: a dataset's name and a seed. Out: raw arrays as `files` would read them. Good enough to learn every step on;
a score on them says nothing about patients or people.
"""

from __future__ import annotations

from tdl_course.datasets.files import Raw
from tdl_course.datasets.synthetic_activity import make_activity
from tdl_course.datasets.synthetic_digits import make_digits
from tdl_course.datasets.synthetic_ecg import make_ecg
from tdl_course.datasets.synthetic_keywords import make_keywords
from tdl_course.datasets.synthetic_keywords_ar import make_keywords_ar
from tdl_course.datasets.synthetic_leaf import make_leaf
from tdl_course.datasets.synthetic_ppg import make_ppg
from tdl_course.datasets.synthetic_soil import make_soil

GENERATORS = {
    "ecg": make_ecg,
    "activity": make_activity,
    "keywords": make_keywords,
    "ppg": make_ppg,
    "leaf": make_leaf,
    "soil": make_soil,
    "keywords_ar": make_keywords_ar,
    "digits": make_digits,
}


def make(name: str, seed: int = 0) -> Raw:
    """Raw arrays of both parts of dataset `name`; same name and seed, same arrays."""
    return GENERATORS[name](seed)
