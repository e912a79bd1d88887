"""The checks of lesson 03, exercises 3.5 to 3.7: ternary weights, two weights in a byte, and bits for each layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import mixed, rounding
from tdl_course.ops import int4

Ternary = tuple[np.ndarray, float]


def _with_threshold(weights: np.ndarray, threshold: float) -> Ternary:
    kept = np.abs(weights) > threshold
    scale = float(np.abs(weights[kept]).mean()) if kept.any() else 0.0
    return (np.sign(weights) * kept).astype(np.int8), scale


def _threshold_of_largest(weights: np.ndarray) -> Ternary:
    return _with_threshold(weights, 0.7 * float(np.abs(weights).max()))


def _threshold_signed(weights: np.ndarray) -> Ternary:
    return _with_threshold(weights, 0.7 * float(weights.mean()))


def _scale_of_all(weights: np.ndarray) -> Ternary:
    return rounding.ternarize(weights)[0], float(np.abs(weights).mean())


def _scale_is_largest(weights: np.ndarray) -> Ternary:
    return rounding.ternarize(weights)[0], float(np.abs(weights).max())


def _sign_lost(weights: np.ndarray) -> Ternary:
    integers, scale = rounding.ternarize(weights)
    return np.abs(integers), scale


def _scale_signed(weights: np.ndarray) -> Ternary:
    integers, _ = rounding.ternarize(weights)
    return integers, float(weights[integers != 0].mean())


_random = np.random.default_rng(3)

ternarize = Check(
    name="ternarize",
    exercise="3.5",
    reference=rounding.ternarize,
    cases=(
        (np.array([0.9, -0.1, 0.05, -0.8, 0.3, -0.35]),),
        (_random.normal(0.1, 0.5, (7, 1, 3, 4)),),
        (_random.normal(-0.2, 0.3, (12, 5)),),
    ),
    misconceptions=(
        Misconception(
            "threshold of the largest",
            "0.7 times the largest weight leaves next to nothing. Take 0.7 times the mean of |w|.",
            _threshold_of_largest,
        ),
        Misconception(
            "mean of signed weights",
            "Positive and negative weights cancel in their mean, so your threshold is close to 0. Take |w| first.",
            _threshold_signed,
        ),
        Misconception(
            "scale of all weights",
            "The scale stands for the weights that are kept; small ones that became 0 would only drag it down. Take "
            "the mean of |w| over the kept ones.",
            _scale_of_all,
        ),
        Misconception(
            "scale of the largest",
            "With the largest weight as the scale every kept weight becomes as large. Take the mean of the kept |w|.",
            _scale_is_largest,
        ),
        Misconception(
            "sign lost",
            "Three values are needed: -1, 0 and 1. Multiply the mask of kept weights by np.sign(weights).",
            _sign_lost,
        ),
        Misconception(
            "scale of signed weights",
            "The kept weights have both signs, and cancel. The scale is the mean of their absolute values.",
            _scale_signed,
        ),
    ),
    meaning="A layer in three values: its multiplications have become additions, subtractions, and nothing at all.",
)


def _high_first(values: np.ndarray) -> np.ndarray:
    packed = int4.pack_int4(values)
    return ((packed << 4) | (packed >> 4)).astype(np.uint8)


def _sign_spills(values: np.ndarray) -> np.ndarray:
    low, high = np.pad(values.reshape(-1), (0, values.size % 2)).reshape(-1, 2).T
    return (low | (high << 4)).astype(np.int8).view(np.uint8)


def _shifted_up(values: np.ndarray) -> np.ndarray:
    return int4.pack_int4((values.astype(int) + 8) & 15)


def _odd_dropped(values: np.ndarray) -> np.ndarray:
    flat = values.reshape(-1)
    return int4.pack_int4(flat[: flat.size - flat.size % 2])


def _halves(values: np.ndarray) -> np.ndarray:
    flat = np.pad(values.reshape(-1), (0, values.size % 2))
    return int4.pack_int4(np.stack([flat[: flat.size // 2], flat[flat.size // 2 :]], axis=1))


pack_int4 = Check(
    name="pack_int4",
    exercise="3.6",
    reference=int4.pack_int4,
    cases=(
        (np.array([1, -1, 7, -7, 0, 3], np.int8),),
        (np.array([-3, 5, -7, 2, 6], np.int8),),
        (np.array([[2, -6, 4], [-1, -2, 7]], np.int8),),
    ),
    misconceptions=(
        Misconception(
            "high half first",
            "The first value goes into the low half of the byte, as TensorFlow Lite has it. Swap the two.",
            _high_first,
        ),
        Misconception(
            "sign spills over",
            "A negative low value is 1111.... in its upper half, too, and wipes out its neighbour. Keep four bits: "
            "low & 15.",
            _sign_spills,
        ),
        Misconception(
            "shifted to 0 ... 15",
            "Adding 8 makes unsigned numbers. Keep two's complement: -1 is the bits 1111, as & 15 gives.",
            _shifted_up,
        ),
        Misconception(
            "odd value dropped",
            "With an odd number of values the last one has no partner, but must not be lost: pad with a zero.",
            _odd_dropped,
        ),
        Misconception(
            "halves of the array paired",
            "Neighbours share a byte: values 0 and 1, then 2 and 3. Take flat[0::2] and flat[1::2].",
            _halves,
        ),
    ),
    meaning="That is how the weights lie in the flash: half a byte each.",
)

Losses = Mapping[str, Mapping[int, float]]
Sizes = Mapping[str, int]
Key = Callable[[float, float, float], float]  # loss now, loss at fewer bits, bytes saved


def _greedy(losses: Losses, sizes: Sizes, budget: float, key: Key, exact: bool = True) -> dict[str, int]:
    bits = {name: max(choices) for name, choices in losses.items()}

    def order(name: str) -> float:
        lower = max(each for each in losses[name] if each < bits[name])
        return key(losses[name][bits[name]], losses[name][lower], sizes[name] * (bits[name] - lower) / 8)

    def fits() -> bool:
        total = sum(sizes[name] * each / 8 for name, each in bits.items())
        return total <= budget if exact else total < budget

    while not fits() and (left := [name for name in bits if bits[name] > min(losses[name])]):
        name = min(left, key=order)
        bits[name] = max(each for each in losses[name] if each < bits[name])
    return bits


def _by_loss(losses: Losses, sizes: Sizes, budget_bytes: int) -> dict[str, int]:
    return _greedy(losses, sizes, budget_bytes, lambda now, then, saved: then - now)


def _by_size(losses: Losses, sizes: Sizes, budget_bytes: int) -> dict[str, int]:
    return _greedy(losses, sizes, budget_bytes, lambda now, then, saved: -saved)


def _by_level(losses: Losses, sizes: Sizes, budget_bytes: int) -> dict[str, int]:
    return _greedy(losses, sizes, budget_bytes, lambda now, then, saved: then / saved)


def _worst_first(losses: Losses, sizes: Sizes, budget_bytes: int) -> dict[str, int]:
    return _greedy(losses, sizes, budget_bytes, lambda now, then, saved: -(then - now) / saved)


def _one_too_many(losses: Losses, sizes: Sizes, budget_bytes: int) -> dict[str, int]:
    return _greedy(losses, sizes, budget_bytes, lambda now, then, saved: (then - now) / saved, exact=False)


def _bits_for_bytes(losses: Losses, sizes: Sizes, budget_bytes: int) -> dict[str, int]:
    return _greedy(losses, sizes, budget_bytes / 8, lambda now, then, saved: (then - now) / saved)


_LOSSES = {
    "first": {8: 0.50, 4: 0.56, 2: 0.90},
    "second": {8: 0.50, 4: 0.58, 2: 1.60},
    "third": {8: 0.52, 4: 0.59, 2: 0.85},
    "last": {8: 0.50, 4: 0.501, 2: 0.52},
}
_SIZES = {"first": 400, "second": 1600, "third": 3200, "last": 80}


def _in_steps(
    losses: Losses,
    sizes: Sizes,
    budget: float,
    lowest: bool = False,
    once: bool = False,
    rise_from_most: bool = False,
    by_left: bool = False,
    most_steps: int = 99,
) -> dict[str, int]:
    """Step by step, with one of several slips: see the misconceptions below."""
    bits = {name: max(choices) for name, choices in losses.items()}
    remembered: dict[str, float] = {}

    def lower(name: str) -> int:
        return (min if lowest else max)(each for each in losses[name] if each < bits[name])

    def price(name: str) -> float:
        now = max(losses[name]) if rise_from_most else bits[name]
        counted = lower(name) if by_left else bits[name] - lower(name)
        found = (losses[name][lower(name)] - losses[name][now]) / (sizes[name] * counted / 8)
        return remembered.setdefault(name, found) if once else found

    for _ in range(most_steps):
        left = [name for name in bits if bits[name] > min(losses[name])]
        if not left or sum(sizes[name] * each / 8 for name, each in bits.items()) <= budget:
            break
        cheapest = min(left, key=price)
        bits[cheapest] = lower(cheapest)
    return bits


def _uniform(losses: Losses, sizes: Sizes, budget: float) -> dict[str, int]:
    for bits in sorted({each for choices in losses.values() for each in choices}, reverse=True):
        found = {name: min(each for each in choices if each >= bits) for name, choices in losses.items()}
        if sum(sizes[name] * each / 8 for name, each in found.items()) <= budget:
            break
    return found


allocate_bits = Check(
    name="allocate_bits",
    exercise="3.7",
    reference=mixed.allocate_bits,
    cases=(
        (_LOSSES, _SIZES, 4000),
        (_LOSSES, _SIZES, 3640),
        (_LOSSES, _SIZES, 2300),
        (_LOSSES, _SIZES, 6000),
        ({"a": {8: 0.9, 6: 0.95, 4: 1.02}, "b": {8: 0.1, 4: 0.28}}, {"a": 100, "b": 100}, 150),
        ({"a": {8: 1.0, 4: 1.4}, "b": {8: 1.0, 4: 1.1}}, {"a": 1000, "b": 100}, 1060),
        ({"a": {8: 1.0, 4: 1.1}, "b": {8: 0.2, 6: 0.26}}, {"a": 100, "b": 100}, 150),
    ),
    misconceptions=(
        Misconception(
            "loss without bytes",
            "You lower whichever layer loses least, however few bytes that brings. Divide by the bytes that are saved: "
            "what counts is the price of a byte.",
            _by_loss,
        ),
        Misconception(
            "largest layer first",
            "You lower whichever layer saves most bytes, whatever it loses. Divide its loss by these bytes.",
            _by_size,
        ),
        Misconception(
            "loss instead of its rise",
            "A step costs the *rise* of the loss: loss at fewer bits less loss at the bits that the layer has now.",
            _by_level,
        ),
        Misconception(
            "most harmful first",
            "You take the step that costs most. Sort the other way: the cheapest byte first.",
            _worst_first,
        ),
        Misconception(
            "one step too many",
            "A network that fills the budget exactly fits: stop as soon as the bytes are at most the budget.",
            _one_too_many,
        ),
        Misconception(
            "bits for bytes",
            "Every layer went down to its fewest bits, so for you it never fits. The budget is in bytes; a weight of "
            "4 bits takes half of one. Divide by 8.",
            _bits_for_bytes,
        ),
        Misconception(
            "to the fewest bits at once",
            "You take a layer down to its fewest bits in one go. Lower it by one step only, then compare all "
            "prices again.",
            lambda losses, sizes, budget: _in_steps(losses, sizes, budget, lowest=True),
        ),
        Misconception(
            "prices not computed again",
            "A layer that you have lowered has a new price: its next step costs and saves something else. Compute "
            "the prices inside the loop.",
            lambda losses, sizes, budget: _in_steps(losses, sizes, budget, once=True),
        ),
        Misconception(
            "rise counted from the most bits",
            "What an earlier step has cost is paid already. The rise counts from the bits that the layer has *now*.",
            lambda losses, sizes, budget: _in_steps(losses, sizes, budget, rise_from_most=True),
        ),
        Misconception(
            "bytes that are left, not saved",
            "You divide by the bytes that the layer takes after the step. Divide by what the step saves: size x "
            "(b - c) / 8.",
            lambda losses, sizes, budget: _in_steps(losses, sizes, budget, by_left=True),
        ),
        Misconception(
            "loss times bytes",
            "A price is loss *per* byte: divide by the bytes that are saved, so that a step which saves many is cheap.",
            lambda losses, sizes, budget: _greedy(losses, sizes, budget, lambda now, then, saved: (then - now) * saved),
        ),
        Misconception(
            "same bits for all",
            "You give every layer the same bits. Then a small sensitive layer suffers for nothing: lower one "
            "layer at a time.",
            _uniform,
        ),
        Misconception(
            "one step only",
            "One step may not be enough: repeat *while* the weights take more than the budget.",
            lambda losses, sizes, budget: _in_steps(losses, sizes, budget, most_steps=1),
        ),
        Misconception(
            "nothing lowered",
            "These are all layers at their most bits. As long as they take more than the budget, lower one.",
            lambda losses, sizes, budget: _in_steps(losses, sizes, budget, most_steps=0),
        ),
    ),
    meaning="Bits now go where the network misses them most, for each byte that they cost.",
)
