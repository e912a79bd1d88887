"""The checks of lesson 04, exercises 4.3, 4.4 and 4.7: training with holes, the schedule, and the lottery ticket."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import prune

MOMENTUM = 0.9


def _step(weights: np.ndarray, mask: np.ndarray, gradient: np.ndarray, velocity: np.ndarray, rate: float) -> np.ndarray:
    return (weights - rate * (MOMENTUM * velocity + gradient)) * mask


def _mask_lost(
    weights: np.ndarray, mask: np.ndarray, gradient: np.ndarray, velocity: np.ndarray, rate: float
) -> np.ndarray:
    return weights - rate * (MOMENTUM * velocity + gradient)


def _gradient_only(
    weights: np.ndarray, mask: np.ndarray, gradient: np.ndarray, velocity: np.ndarray, rate: float
) -> np.ndarray:
    return weights - rate * (MOMENTUM * velocity + gradient * mask)


def _mask_first(
    weights: np.ndarray, mask: np.ndarray, gradient: np.ndarray, velocity: np.ndarray, rate: float
) -> np.ndarray:
    return weights * mask - rate * (MOMENTUM * velocity + gradient)


def _uphill(
    weights: np.ndarray, mask: np.ndarray, gradient: np.ndarray, velocity: np.ndarray, rate: float
) -> np.ndarray:
    return (weights + rate * (MOMENTUM * velocity + gradient)) * mask


def _no_momentum(
    weights: np.ndarray, mask: np.ndarray, gradient: np.ndarray, velocity: np.ndarray, rate: float
) -> np.ndarray:
    return (weights - rate * gradient) * mask


def _state(seed: int, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """Masked weights in the middle of training; one more weight has just been masked and is not zero yet."""
    random = np.random.default_rng(seed)
    weights, gradient, velocity = random.normal(size=(3, 4, 6))
    mask = prune.magnitude_mask(weights, 0.5)
    weights = weights * mask
    mask[np.unravel_index(np.abs(weights).argmax(), mask.shape)] = False
    return weights, mask, gradient, velocity, rate


masked_step = Check(
    name="masked_step",
    exercise="4.3",
    reference=_step,
    cases=(_state(0, 0.1), _state(1, 0.01), _state(2, 1.0)),
    misconceptions=(
        Misconception(
            "mask lost after the step",
            "Weights that were zero are not zero any more: the optimizer does not know your mask. Multiply by it after "
            "the step.",
            _mask_lost,
        ),
        Misconception(
            "only the gradient masked",
            "A masked gradient is not enough. The velocity still remembers gradients from before the mask, and goes on "
            "moving the weight. Mask what comes out of the step.",
            _gradient_only,
        ),
        Misconception(
            "masked before the step",
            "You mask, then the step fills the holes again. Step first, mask last.",
            _mask_first,
        ),
        Misconception("uphill", "The step goes against the gradient: subtract it.", _uphill),
        Misconception(
            "velocity left out",
            "The step is `rate * (0.9 * velocity + gradient)`; the velocity is missing.",
            _no_momentum,
        ),
        Misconception(
            "only the update masked",
            "You mask what is added, so a removed weight stands still: at whatever value it had. One weight here "
            "has just been masked and is not zero yet. Mask the weights that come *out* of the step.",
            lambda w, mask, gradient, velocity, rate: w - rate * (MOMENTUM * velocity + gradient) * mask,
        ),
        Misconception(
            "only the velocity masked",
            "The velocity is masked, the gradient is not, and moves the removed weights. Mask what comes out of "
            "the step.",
            lambda w, mask, gradient, velocity, rate: w - rate * (MOMENTUM * velocity * mask + gradient),
        ),
        Misconception(
            "mask upside down",
            "You keep what the mask removes. True in the mask means that the weight stays: multiply by the mask "
            "itself.",
            lambda w, mask, gradient, velocity, rate: _step(w, ~mask, gradient, velocity, rate),
        ),
        Misconception(
            "rate forgotten",
            "The weights move by `rate` times the velocity, not by all of it.",
            lambda w, mask, gradient, velocity, rate: _step(w, mask, gradient, velocity, 1.0),
        ),
        Misconception(
            "rate on the gradient only",
            "The velocity becomes `0.9 * velocity + gradient`; the weights move by `rate` times *all of that*. "
            "Mind the brackets.",
            lambda w, mask, gradient, velocity, rate: (w - MOMENTUM * velocity - rate * gradient) * mask,
        ),
        Misconception(
            "momentum of 1",
            "The old velocity fades: 0.9 of it is left in each step.",
            lambda w, mask, gradient, velocity, rate: _step(w, mask, gradient, velocity / MOMENTUM, rate),
        ),
        Misconception(
            "gradient weighted by 0.1",
            "That is a moving average. Here the velocity takes all of the gradient: `0.9 * velocity + gradient`.",
            lambda w, mask, gradient, velocity, rate: _step(w, mask, (1 - MOMENTUM) * gradient, velocity, rate),
        ),
    ),
    meaning="Whatever the optimizer remembers, a weight that has gone stays gone.",
)


def _schedule(step: int, begin: int, end: int, final: float) -> float:
    return prune.cubic_sparsity(step, begin, end, final)


def _progress(step: int, begin: int, end: int) -> float:
    return min(max((step - begin) / (end - begin), 0.0), 1.0)


def _slow_first(step: int, begin: int, end: int, final: float) -> float:
    return final * _progress(step, begin, end) ** 3


def _linear(step: int, begin: int, end: int, final: float) -> float:
    return final * _progress(step, begin, end)


def _squared(step: int, begin: int, end: int, final: float) -> float:
    return final * (1 - (1 - _progress(step, begin, end)) ** 2)


def _falling(step: int, begin: int, end: int, final: float) -> float:
    return final * (1 - _progress(step, begin, end)) ** 3


def _unlimited(step: int, begin: int, end: int, final: float) -> float:
    return final * (1 - (1 - (step - begin) / (end - begin)) ** 3)


def _from_zero(step: int, begin: int, end: int, final: float) -> float:
    return final * (1 - (1 - _progress(step, 0, end)) ** 3)


cubic_sparsity = Check(
    name="cubic_sparsity",
    exercise="4.4",
    reference=_schedule,
    cases=tuple((step, 20, 100, 0.8) for step in (0, 20, 30, 60, 85, 100, 140)) + ((50, 0, 200, 0.95),),
    misconceptions=(
        Misconception(
            "slow first",
            "The cube is on the wrong side. You prune slowly at the beginning, where it is harmless, and fast at the "
            "end, where it hurts. Cube what is left of the way: 1 - progress.",
            _slow_first,
        ),
        Misconception("straight line", "That is a straight line; the exponent 3 is missing.", _linear),
        Misconception("squared", "The exponent is 2; the schedule of Zhu and Gupta has 3.", _squared),
        Misconception(
            "falling",
            "Your sparsity falls from `final` to zero. What falls is the distance to `final`: subtract it from 1.",
            _falling,
        ),
        Misconception(
            "no limits",
            "Right between begin and end, wrong outside: a cubic goes on. Limit the progress to 0 ... 1.",
            _unlimited,
        ),
        Misconception(
            "begin ignored",
            "Before `begin` nothing is pruned, and progress counts from there: (step - begin) / (end - begin).",
            _from_zero,
        ),
    ),
    meaning="You prune fast while there is much to spare, and slowly when each weight counts.",
)


def _ticket(initial: np.ndarray, trained: np.ndarray, sparsity: float) -> np.ndarray:
    return initial * prune.magnitude_mask(trained, sparsity)


def _not_rewound(initial: np.ndarray, trained: np.ndarray, sparsity: float) -> np.ndarray:
    return trained * prune.magnitude_mask(trained, sparsity)


def _mask_of_initial(initial: np.ndarray, trained: np.ndarray, sparsity: float) -> np.ndarray:
    return initial * prune.magnitude_mask(initial, sparsity)


def _initial_mask_trained_values(initial: np.ndarray, trained: np.ndarray, sparsity: float) -> np.ndarray:
    return trained * prune.magnitude_mask(initial, sparsity)


def _by_movement(initial: np.ndarray, trained: np.ndarray, sparsity: float) -> np.ndarray:
    return initial * prune.magnitude_mask(trained - initial, sparsity)


def _kept(initial: np.ndarray, trained: np.ndarray, sparsity: float) -> np.ndarray:
    return initial * prune.magnitude_mask(trained, 1 - sparsity)


def _pair(seed: int, sparsity: float) -> tuple[np.ndarray, np.ndarray, float]:
    random = np.random.default_rng(seed)
    initial = random.normal(size=(5, 6))
    return initial, initial + random.normal(size=(5, 6)), sparsity


winning_ticket = Check(
    name="winning_ticket",
    exercise="4.7",
    reference=_ticket,
    cases=(_pair(0, 0.5), _pair(1, 0.8), _pair(2, 0.3)),
    misconceptions=(
        Misconception(
            "trained weights kept",
            "The mask is right, the values are the trained ones. Rewinding puts back what each weight was at the very "
            "beginning; else it is plain fine-tuning.",
            _not_rewound,
        ),
        Misconception(
            "mask of the initial weights",
            "You chose by the random weights, before training had said anything. The mask comes from the trained ones.",
            _mask_of_initial,
        ),
        Misconception(
            "mask and values swapped",
            "Exactly swapped: the mask comes from the trained weights, the values from the initial ones.",
            _initial_mask_trained_values,
        ),
        Misconception(
            "by how far they moved",
            "You rank by how far a weight has moved. Frankle and Carbin rank by how large it has become.",
            _by_movement,
        ),
        Misconception("sparsity of the ticket", "Sparsity is the share that goes, not the share that stays.", _kept),
    ),
    meaning="That is a lottery ticket: a sparse network with the luck of its first numbers.",
)
