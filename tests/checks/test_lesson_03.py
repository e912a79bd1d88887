"""Lesson 03's checks against answers as learners write them, not as the checks' own wrong functions do."""

import numpy as np
import pytest

from tdl_course import checks


def hand_written(weights, step, bits, upstream, limit=None, slope=None):
    """Element by element, in plain Python; `slope` says what passes back."""
    steps = np.broadcast_to(step, weights.shape)
    top = limit or (1 << bits - 1) - 1
    rounded, gradient = np.empty(weights.shape), np.empty(weights.shape)
    for at in np.ndindex(weights.shape):
        v = weights[at] / steps[at]
        rounded[at] = steps[at] * max(-top, min(top, round(v)))
        gradient[at] = upstream[at] * (slope(v, top) if slope else float(-top <= v <= top))
    return rounded, gradient


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda w, s, b, u: hand_written(w, s, b, u, slope=lambda v, top: 0.0), "derivative of rounding"),
        (lambda w, s, b, u: hand_written(w, s, b, u, slope=lambda v, top: 1.0), "gradient outside the grid"),
        (lambda w, s, b, u: hand_written(w, s, b, np.ones_like(u)), "upstream left out"),
        (lambda w, s, b, u: (hand_written(w, s, b, u)[0] / s, hand_written(w, s, b, u)[1]), "integers returned"),
        (lambda w, s, b, u: hand_written(w, np.ravel(s).max(), b, u), "one step for all channels"),
        (lambda w, s, b, u: hand_written(w, s, b, u, slope=lambda v, top: abs(round(v)) <= top), "mask after rounding"),
    ],
)
def test_straight_through_recognises(answer, misconception):
    assert checks.straight_through(answer).misconception == misconception


def test_straight_through_accepts_loops_and_recognises_a_cast():
    assert checks.straight_through(hand_written).state == "correct"

    def cast(w, s, b, u):
        top = 2 ** (b - 1) - 1
        return s * np.clip((w / s).astype(np.int8), -top, top), u * (abs(w) <= top * np.asarray(s))

    assert checks.straight_through(cast).misconception == "cut off instead of rounded"


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda w, s, b, u: hand_written(w, s, b, u, limit=2 ** (b - 1)), "highest integer is 2^(b-1)"),
        (lambda w, s, b, u: hand_written(w, s, b, u, limit=2**b - 1), "grid without a sign bit"),
        (lambda w, s, b, u: (hand_written(w - s / 2 + 1e-9, s, b, u)[0], hand_written(w, s, b, u)[1]), "rounded down"),
        (lambda w, s, b, u: hand_written(w, s, b, u, limit=127), "grid of 8 bits"),
        (lambda w, s, b, u: (s * np.round(w / s), hand_written(w, s, b, u)[1]), "not forced into the grid"),
        (lambda w, s, b, u: hand_written(w, s, b, u, slope=lambda v, top: v <= top), "one end only"),
        (lambda w, s, b, u: hand_written(w, s, b, u, slope=lambda v, top: abs(v) > top), "mask upside down"),
        (lambda w, s, b, u: hand_written(w, s, b, u * s), "gradient times step"),
        (lambda w, s, b, u: hand_written(w, s, b, u / s), "gradient divided by step"),
    ],
)
def test_straight_through_recognises_wrong_grids_and_gradients(answer, misconception):
    assert checks.straight_through(answer).misconception == misconception


def test_straight_through_sees_swapped_values():
    assert "swapped" in checks.straight_through(lambda *a: hand_written(*a)[::-1]).message


def by_difference(weights, step, bits):
    """Outside by finite difference of the true function, inside by the formula."""
    top = 2 ** (bits - 1) - 1
    inside = abs(weights) < top * np.asarray(step)
    outside = np.clip(weights * 1e6, -top, top)
    return inside * (np.round(weights / step) - weights / step) + ~inside * outside


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (
            lambda w, s, b: np.clip(np.round(w / s), 1 - 2 ** (b - 1), 2 ** (b - 1) - 1),
            "scaled weight taken as constant",
        ),
        (lambda w, s, b: (abs(w / s) < 2 ** (b - 1) - 1) * (np.round(w / s) - w / s), "no gradient outside"),
        (lambda w, s, b: s * by_difference(w, s, b), "multiplied by the step"),
    ],
)
def test_step_gradient_recognises(answer, misconception):
    assert checks.step_gradient(answer).misconception == misconception


def test_step_gradient_accepts_another_way():
    assert checks.step_gradient(by_difference).state == "correct"


def follow(old, new, momentum):
    return old + (1 - momentum) * (new - old)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (
            lambda lo, hi, x, m, t: (follow(lo, x.min(), 1 - m), follow(hi, x.max(), 1 - m)) if t else (lo, hi),
            "momentum on the batch",
        ),
        (lambda lo, hi, x, m, t: (follow(lo, x.min(), m), follow(hi, x.max(), m)), "moved without training"),
        (lambda lo, hi, x, m, t: (min(lo, x.min()), max(hi, x.max())) if t else (lo, hi), "extremes kept for ever"),
        (
            lambda lo, hi, x, m, t: (follow(lo, x.mean(), m), follow(hi, x.mean(), m)) if t else (lo, hi),
            "mean instead of extremes",
        ),
    ],
)
def test_moving_range_recognises(answer, misconception):
    assert checks.moving_range(answer).misconception == misconception


def test_moving_range_accepts_an_if_expression():
    right = lambda lo, hi, x, m, t: [follow(lo, x.min(), m), follow(hi, x.max(), m)] if t else [lo, hi]  # noqa: E731
    assert checks.moving_range(right).state == "correct"


def folded(kernel, bias, gamma, beta, mean, variance, epsilon, power=0.5):
    deviation = (variance + epsilon) ** power
    return np.einsum("...o,o->...o", kernel, gamma / deviation), gamma * (bias - mean) / deviation + beta


def test_fold_batch_norm_recognises_and_accepts():
    def shift_only(kernel, bias, gamma, beta, mean, variance, epsilon):
        gain = gamma / np.sqrt(variance + epsilon)
        return gain * kernel, beta - mean * gain + bias

    def plain(kernel, bias, gamma, beta, mean, variance, epsilon):
        return folded(kernel, bias, gamma, beta, mean, variance, 0)

    assert checks.fold_batch_norm(folded).state == "correct"
    assert checks.fold_batch_norm(lambda *a: folded(*a, power=1)).misconception == "variance for standard deviation"
    assert checks.fold_batch_norm(shift_only).misconception == "old bias not scaled"
    assert checks.fold_batch_norm(plain).misconception == "epsilon forgotten"
    assert checks.fold_batch_norm(lambda k, b, *r: folded(k, 0, *r)).misconception == "old bias lost"


def in_parts(kernel=lambda k, g: k * g, bias=lambda b, g, beta, m: (b - m) * g + beta, gain=None):
    def answer(k, b, gamma, beta, mean, variance, epsilon):
        g = (gain or (lambda gamma, deviation: gamma / deviation))(gamma, (variance + epsilon) ** 0.5)
        return kernel(k, g), bias(b, g, beta, mean)

    return answer


@pytest.mark.parametrize(
    ("slip", "misconception"),
    [
        ({"bias": lambda b, g, beta, m: b * g - m + beta}, "mean not scaled"),
        ({"bias": lambda b, g, beta, m: (b + m) * g + beta}, "mean added"),
        ({"bias": lambda b, g, beta, m: (b - m) * g}, "beta forgotten"),
        ({"bias": lambda b, g, beta, m: (b - m + beta) * g}, "beta scaled"),
        ({"bias": lambda b, g, beta, m: b - m + beta}, "nothing in the bias scaled"),
        ({"bias": lambda b, g, beta, m: b}, "bias left as it was"),
        ({"kernel": lambda k, g: k}, "kernel left as it was"),
        ({"gain": lambda gamma, deviation: 1 / deviation}, "gamma forgotten"),
        ({"gain": lambda gamma, deviation: gamma}, "deviation forgotten"),
    ],
)
def test_fold_batch_norm_recognises_what_is_missing(slip, misconception):
    assert checks.fold_batch_norm(in_parts()).state == "correct"
    assert checks.fold_batch_norm(in_parts(**slip)).misconception == misconception


def test_fold_batch_norm_without_the_bias_is_no_crash():
    assert "one array; a tuple of 2" in checks.fold_batch_norm(lambda *a: folded(*a)[0]).message


def test_fold_batch_norm_is_what_the_library_does():
    from tdl_course.compress.fold import fold_batch_norms
    from tests.compress.networks import network

    model = network()
    norm, layer = model.layers[2], model.get_layer("first")
    parts = (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    kernel, bias = checks.fold_batch_norm.reference(
        np.asarray(layer.kernel), 0.0, *(np.asarray(part) for part in parts), norm.epsilon
    )
    found = fold_batch_norms(model).get_layer("first")
    assert np.allclose(found.kernel, kernel, atol=1e-6) and np.allclose(found.bias, bias, atol=1e-6)


def three_values(weights, threshold=None, scale=None):
    size = abs(weights)
    cut = 0.7 * np.mean(size) if threshold is None else threshold(weights)
    q = np.where(weights > cut, 1, np.where(weights < -cut, -1, 0))
    return q.astype("int8"), (scale or (lambda w, q: size[q != 0].sum() / (q != 0).sum()))(weights, q)


@pytest.mark.parametrize(
    ("options", "misconception"),
    [
        ({"threshold": lambda w: 0.7 * abs(w).max()}, "threshold of the largest"),
        ({"scale": lambda w, q: abs(w).mean()}, "scale of all weights"),
        ({"scale": lambda w, q: abs(w).max()}, "scale of the largest"),
        ({"scale": lambda w, q: w[q != 0].mean()}, "scale of signed weights"),
    ],
)
def test_ternarize_recognises(options, misconception):
    assert checks.ternarize(lambda w: three_values(w, **options)).misconception == misconception


def test_ternarize_accepts_where_and_wants_int8():
    assert checks.ternarize(three_values).state == "correct"
    assert (
        "int8 is expected" in checks.ternarize(lambda w: (three_values(w)[0].astype(int), three_values(w)[1])).message
    )


def bytes_by_hand(values, first_shift=0, keep=15):
    flat = [int(v) for v in values.ravel()] + [0]
    pairs = zip(flat[0:-1:2], flat[1::2], strict=False)
    return np.array([((a & keep) << first_shift | (b & keep) << 4 - first_shift) & 255 for a, b in pairs], np.uint8)


def test_pack_int4_accepts_python_integers_and_recognises_order_and_sign():
    assert checks.pack_int4(bytes_by_hand).state == "correct"
    assert checks.pack_int4(lambda v: bytes_by_hand(v, first_shift=4)).misconception == "high half first"
    assert checks.pack_int4(lambda v: bytes_by_hand(v, keep=255)).misconception == "sign spills over"
    even = lambda v: bytes_by_hand(v.ravel()[: v.size // 2 * 2])  # noqa: E731
    assert checks.pack_int4(even).misconception == "odd value dropped"


def spend(losses, sizes, budget, price, bits_a_byte=8, until=0):
    bits = {name: max(levels) for name, levels in losses.items()}
    while True:
        if sum(sizes[n] * bits[n] for n in bits) / bits_a_byte + until <= budget:
            return bits
        steps = []
        for n in bits:
            lower = sorted(level for level in losses[n] if level < bits[n])
            if lower:
                rise, saved = losses[n][lower[-1]] - losses[n][bits[n]], sizes[n] * (bits[n] - lower[-1]) / 8
                steps.append((price(rise, saved), n, lower[-1]))
        if not steps:
            return bits
        _, n, level = min(steps)
        bits[n] = level


@pytest.mark.parametrize(
    ("options", "misconception"),
    [
        ({"price": lambda rise, saved: rise}, "loss without bytes"),
        ({"price": lambda rise, saved: -saved}, "largest layer first"),
        ({"price": lambda rise, saved: -rise / saved}, "most harmful first"),
        ({"price": lambda rise, saved: rise / saved, "bits_a_byte": 1}, "bits for bytes"),
        ({"price": lambda rise, saved: rise / saved, "until": 0.1}, "one step too many"),
    ],
)
def test_allocate_bits_recognises(options, misconception):
    assert checks.allocate_bits(lambda *a: spend(*a, **options)).misconception == misconception


def one_by_one(losses, sizes, budget, price, down=max, rounds=99):
    bits = {name: max(levels) for name, levels in losses.items()}
    for _ in range(rounds):
        if sum(sizes[n] * bits[n] for n in bits) <= 8 * budget:
            break
        steps = {n: down([level for level in losses[n] if level < b]) for n, b in bits.items() if b > min(losses[n])}
        n = min(steps, key=lambda n: price(losses[n], sizes[n], bits[n], steps[n]))
        bits[n] = steps[n]
    return bits


def price(levels, size, now, then):
    return (levels[then] - levels[now]) / size / (now - then)


def remembering():
    known = {}
    return lambda levels, size, now, then: known.setdefault(id(levels), price(levels, size, now, then))


def same_for_all(losses, sizes, budget):
    for b in (8, 6, 4, 2):
        bits = {n: min(level for level in losses[n] if level >= b) for n in losses}
        if sum(sizes[n] * bits[n] / 8 for n in bits) <= budget:
            break
    return bits


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda *a: one_by_one(*a, price=price, down=min), "to the fewest bits at once"),
        (lambda *a: one_by_one(*a, price=remembering()), "prices not computed again"),
        (lambda *a: one_by_one(*a, price=lambda v, n, b, c: (v[c] - v[max(v)]) / n / (b - c)), "rise counted from"),
        (lambda *a: one_by_one(*a, price=lambda v, n, b, c: (v[c] - v[b]) / n / c), "bytes that are left"),
        (lambda *a: one_by_one(*a, price=lambda v, n, b, c: (v[c] - v[b]) * n * (b - c)), "loss times bytes"),
        (lambda *a: one_by_one(*a, price=price, rounds=1), "one step only"),
        (lambda *a: one_by_one(*a, price=price, rounds=0), "nothing lowered"),
        (same_for_all, "same bits for all"),
    ],
)
def test_allocate_bits_recognises_wrong_prices_and_loops(answer, misconception):
    assert checks.allocate_bits(lambda *a: one_by_one(*a, price=price)).state == "correct"
    assert checks.allocate_bits(answer).misconception.startswith(misconception)


def test_allocate_bits_accepts_another_way():
    assert checks.allocate_bits(lambda *a: spend(*a, price=lambda rise, saved: rise / saved)).state == "correct"
