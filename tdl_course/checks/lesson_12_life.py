"""The check of lesson 12, exercise 12.5: days of life with limits."""

from __future__ import annotations

from math import log, log1p

from tdl_course.checks.framework import Check, Misconception

YEAR_DAYS = 365.25


def _days(charge_mah, draw_mah, loss_per_year):
    k = loss_per_year / YEAR_DAYS
    return log1p(k * charge_mah / draw_mah) / k


def _between(charge, draw, loss):
    (q0, q1, q2), (i0, i1, i2), (k0, k1, k2) = charge, draw, loss
    return _days(q0, i2, k2), _days(q1, i1, k1), _days(q2, i0, k0)


def _least_with_least(charge, draw, loss):
    return tuple(_days(*each) for each in zip(charge, draw, loss, strict=True))


def _loss_with_charge(charge, draw, loss):
    return _between(charge, draw, tuple(reversed(loss)))


def _ideal(charge, draw, loss):
    return charge[0] / draw[2], charge[1] / draw[1], charge[2] / draw[0]


def _per_day(charge, draw, loss):
    return _between(charge, draw, tuple(each * YEAR_DAYS for each in loss))


def _typical_draw(charge, draw, loss):
    return tuple(_days(q, draw[1], k) for q, k in zip(charge, reversed(loss), strict=True))


def _at_once(charge, draw, loss):
    return tuple(q * (1 - k) / i for q, i, k in zip(charge, reversed(draw), reversed(loss), strict=True))


def _added(charge, draw, loss):
    low, typical, high = _between(charge, draw, loss)
    percent = sum((each[2] - each[0]) / 2 / each[1] for each in (charge, draw, loss))
    return typical * (1 - percent), typical, typical * (1 + percent)


def _backwards(charge, draw, loss):
    return tuple(reversed(_between(charge, draw, loss)))


def _of_rates(formula):
    """The three ends by `formula(k, charge / draw)`, paired as they should be."""

    def ends(charge, draw, loss):
        pairs = zip(charge, reversed(draw), reversed(loss), strict=True)
        return tuple(formula(k / YEAR_DAYS, q / i) for q, i, k in pairs)

    return ends


_without_one = _of_rates(lambda k, days: log(k * days) / k)
_one_twice = _of_rates(lambda k, days: log1p(1 + k * days) / k)
_not_divided = _of_rates(lambda k, days: log1p(k * days))
_without_k_inside = _of_rates(lambda k, days: log1p(days) / k)


life_between = Check(
    name="life_between",
    exercise="12.5",
    reference=_between,
    cases=(
        ((1960.0, 2520.0, 2996.0), (5.4, 6.8, 27.0), (0.02, 0.03, 0.05)),
        ((150.0, 200.0, 235.0), (0.05, 0.08, 0.30), (0.005, 0.01, 0.02)),
        ((2550.0, 2850.0, 3000.0), (0.6, 0.7, 1.2), (0.004, 0.007, 0.01)),
    ),
    misconceptions=(
        Misconception(
            "least with least",
            "You pair least with least. A full cell and a small draw make a *long* life: the shortest life has the "
            "least charge, but the *most* draw and the *most* loss.",
            _least_with_least,
        ),
        Misconception(
            "loss paired wrongly",
            "Charge and draw are paired well. The loss is not: most loss makes the shortest life.",
            _loss_with_charge,
        ),
        Misconception(
            "self-discharge ignored",
            "You divided charge by draw. The cell also loses a part of what is left, by itself: use the formula.",
            _ideal,
        ),
        Misconception(
            "loss of a year taken as of a day",
            "The loss is a fraction a *year*: k is the loss over 365.25 days.",
            _per_day,
        ),
        Misconception(
            "draw without its limits",
            "The draw has limits too, and they are the widest: the shortest life has the most draw.",
            _typical_draw,
        ),
        Misconception(
            "a year's loss at once",
            "You take one year's loss off at the begin, however long the life is. It goes on as long as the cell "
            "lives: use the formula.",
            _at_once,
        ),
        Misconception(
            "percentages added",
            "You added the percentages and laid them on both sides of the typical life. A draw four times as large "
            "makes a life a quarter as long, not minus three times: compute each end from its own values.",
            _added,
        ),
        Misconception(
            "365 days a year",
            "Nearly: your year has 365 days, the formula's has 365.25.",
            lambda charge, draw, loss: _between(charge, draw, tuple(each * YEAR_DAYS / 365 for each in loss)),
        ),
        Misconception(
            "the exact rate",
            "Your k is -ln(1 - loss_per_year) / 365.25, which is exact, and what `tdl.energy.Node` takes. The "
            "exercise's formula has loss_per_year / 365.25.",
            lambda charge, draw, loss: _between(charge, draw, tuple(-log1p(-each) for each in loss)),
        ),
        Misconception(
            "logarithm to base 10",
            "`log10` is the logarithm to base 10. ln is `math.log` or `np.log`.",
            lambda charge, draw, loss: tuple(each / log(10) for each in _between(charge, draw, loss)),
        ),
        Misconception(
            "1 + forgotten",
            "Inside the logarithm stands 1 + k × charge / draw. With `log1p` the 1 is in the function, with `log` it "
            "is not.",
            _without_one,
        ),
        Misconception(
            "1 + twice",
            "`log1p(x)` is ln(1 + x) already: you have the 1 twice.",
            _one_twice,
        ),
        Misconception(
            "not divided by k",
            "The logarithm has to be divided by k, which makes days of it.",
            _not_divided,
        ),
        Misconception(
            "not times k inside",
            "Inside the logarithm, charge / draw is multiplied by k.",
            _without_k_inside,
        ),
        Misconception(
            "divided by the loss a year",
            "You divide by the loss of a *year*, so these are years. For days, divide by k.",
            lambda charge, draw, loss: tuple(each / YEAR_DAYS for each in _between(charge, draw, loss)),
        ),
        Misconception(
            "hours",
            "That is in hours. Return days.",
            lambda charge, draw, loss: tuple(each * 24 for each in _between(charge, draw, loss)),
        ),
        Misconception(
            "charge without its limits",
            "The charge has limits too: the shortest life has the least of it.",
            lambda charge, draw, loss: _between((charge[1],) * 3, draw, loss),
        ),
        Misconception(
            "loss without its limits",
            "The loss has limits too: the shortest life has the most of it.",
            lambda charge, draw, loss: _between(charge, draw, (loss[1],) * 3),
        ),
        Misconception(
            "draw paired wrongly",
            "Charge and loss are paired well. The draw is not: the most of it makes the shortest life.",
            lambda charge, draw, loss: _between(charge, tuple(reversed(draw)), loss),
        ),
        Misconception(
            "rounded down",
            "Right, but rounded down to whole days. Return them as they are.",
            lambda charge, draw, loss: tuple(float(int(each)) for each in _between(charge, draw, loss)),
        ),
        Misconception(
            "one life only",
            "That is the typical life only. Return three: least, typical, most.",
            lambda charge, draw, loss: _between(charge, draw, loss)[1],
        ),
        Misconception("ends swapped", "The shortest life comes first.", _backwards),
    ),
    meaning="A promise to a farmer is the first of the three numbers.",
)
