"""Lesson 05's checks against answers as learners write them, not as the checks' own wrong functions do."""

import heapq
import math
from itertools import count as counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import checks
from tdl_course.compress import entropy


def packed(bits_of, table=True):
    def answer(count, k, centroid_bytes):
        return int(np.ceil(bits_of(k) * count / 8)) + (k * centroid_bytes if table else 0)

    return answer


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (packed(lambda k: math.floor(math.log2(k))), "bits rounded down"),
        (packed(lambda k: len(bin(k)) - 2), "bits of k, not of k - 1"),
        (packed(lambda k: k), "k bits for an index"),
        (packed(lambda k: math.ceil(math.log2(k)), table=False), "codebook forgotten"),
        (lambda n, k, size: math.ceil(math.log2(k)) * n + k * size, "bits for bytes"),
        (lambda n, k, size: int(math.ceil(math.log2(k)) * n / 8 + k * size), "last byte cut off"),
        (lambda n, k, size: n * 1 + size * k, "a byte for each index"),
    ],
)
def test_shared_bytes_recognises(answer, misconception):
    assert checks.shared_bytes(answer).misconception == misconception


def test_shared_bytes_accepts_logarithms():
    assert checks.shared_bytes(packed(lambda k: math.ceil(math.log2(k)))).state == "correct"


def by_sorting(weights, k):
    return np.array([np.percentile(sorted(weights), 100 * (2 * i + 1) / (2 * k)) for i in range(k)])


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda w, k: min(w) + np.arange(k) * (max(w) - min(w)) / (k - 1), "linear, not density"),
        (lambda w, k: np.percentile(w, np.linspace(0, 100, k)), "ends included"),
        (lambda w, k: [np.quantile(w, i / k) for i in range(k)], "edges instead of middles"),
        (lambda w, k: np.quantile(sorted(set(w.tolist())), (np.arange(k) + 0.5) / k), "each different value"),
        (lambda w, k: [np.percentile(w, (i + 0.5) / k) for i in range(k)], "percent and shares mixed up"),
        (lambda w, k: [np.quantile(w, (i + 1) / k) for i in range(k)], "upper edges"),
        (lambda w, k: [np.quantile(w, min(1, (i + 0.5) / k)) for i in range(1, k + 1)], "counted from 1"),
        (lambda w, k: [np.mean(part) for part in np.array_split(sorted(w), k)], "mean of each part"),
        (lambda w, k: [np.median(part) for part in np.array_split(sorted(w), k)], "median of cut parts"),
        (lambda w, k: [sorted(w)[int(len(w) * (i + 0.5) / k)] for i in range(k)], "not interpolated"),
        (lambda w, k: [np.mean(part) for part in np.array_split(w, k)], "not sorted"),
        (lambda w, k: [np.median(part) for part in np.array_split(w, k)], "not sorted, median"),
        (lambda w, k: [min(w) + (max(w) - min(w)) * (i + 0.5) / k for i in range(k)], "middles of equal widths"),
        (lambda w, k: by_sorting(abs(w), k), "signs lost"),
        (lambda w, k: [(i + 0.5) / k for i in range(k)], "shares returned"),
    ],
)
def test_density_centroids_recognises(answer, misconception):
    result = checks.density_centroids(lambda w, k: np.array(answer(w, k)))
    assert result.misconception.startswith(misconception)


def test_density_centroids_accepts_another_way():
    assert checks.density_centroids(by_sorting).state == "correct"


def turn(place, idle, pinned=True, distance=abs):
    def answer(weights, centroids):
        groups = {i: [] for i in range(len(centroids))}
        for weight in weights:
            groups[min(groups, key=lambda i: distance(weight - centroids[i]))].append(weight)
        moved = [place(group) if group else idle(centroids[i]) for i, group in groups.items()]
        return np.array([0.0 if pinned and c == 0 else m for c, m in zip(centroids, moved, strict=True)])

    return answer


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (turn(np.mean, lambda c: c, pinned=False), "zero not kept"),
        (turn(np.mean, lambda c: math.nan), "idle centroid becomes nan"),
        (turn(np.mean, lambda c: 0.0), "idle centroid falls to zero"),
        (turn(np.median, lambda c: c), "median"),
        (turn(lambda group: (max(group) + min(group)) / 2, lambda c: c), "middle of the range"),
        (turn(sum, lambda c: c), "sum, not mean"),
    ],
)
def test_kmeans_step_recognises(answer, misconception):
    assert checks.kmeans_step(answer).misconception == misconception


def belongs(weights, centroids):
    return [min(range(len(centroids)), key=lambda i: abs(weight - centroids[i])) for weight in weights]


def while_sending(weights, centroids):
    moved = centroids.copy()
    for i, centroid in enumerate(centroids):
        group = weights[np.array(belongs(weights, moved)) == i]
        moved[i] = group.mean() if len(group) and centroid else centroid
    return moved


def again_and_again(weights, centroids):
    while not np.allclose(moved := turn(np.mean, lambda c: c)(weights, centroids), centroids):
        centroids = moved
    return moved


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda w, c: (m := turn(np.mean, lambda c: math.nan)(w, c))[np.isfinite(m)], "idle centroid dropped"),
        (turn(np.mean, lambda c: c, distance=float), "signed distance"),
        (turn(np.mean, lambda c: c, distance=lambda d: -abs(d)), "farthest centroid"),
        (turn(np.mean, lambda c: c, distance=lambda d: -d if d <= 0 else 1e3 + d), "next centroid above"),
        (lambda w, c: c, "nothing moved"),
        (lambda w, c: np.array(belongs(w, c)), "indices returned"),
        (lambda w, c: turn(np.mean, lambda c: c)(w, c)[belongs(w, c)], "weights replaced"),
        (lambda w, c: 0.5 * c + 0.5 * turn(np.mean, lambda c: c)(w, c), "half way"),
        (while_sending, "moved while sending"),
        (again_and_again, "many turns"),
        (lambda w, c: turn(lambda group: sum(group) / len(w), lambda c: c)(w, c), "divided by all weights"),
    ],
)
def test_kmeans_step_recognises_wrong_neighbours_and_results(answer, misconception):
    assert checks.kmeans_step(answer).misconception == misconception


def test_kmeans_step_accepts_lists():
    assert checks.kmeans_step(turn(np.mean, lambda c: c)).state == "correct"


def fancy(gradient, indices, k):
    out = np.zeros(k)
    out[indices] += gradient
    return out


def by_mean(gradient, indices, k):
    return np.array([gradient[indices == i].mean() if (indices == i).any() else 0.0 for i in range(k)])


def test_centroid_gradient_recognises():
    assert checks.centroid_gradient(fancy).misconception == "only the last weight counts"
    assert checks.centroid_gradient(by_mean).misconception == "mean instead of sum"
    short = checks.centroid_gradient(lambda g, i, k: np.bincount(i.ravel(), g.ravel()))
    assert short.misconception == "centroids without weights left out"
    right = checks.centroid_gradient(lambda g, i, k: [float(g[i == c].sum()) for c in range(k)])
    assert right.state == "correct" or "array" in right.message


def test_centroid_gradient_accepts_add_at():
    def add_at(gradient, indices, k):
        out = np.zeros(k)
        np.add.at(out, indices, gradient)
        return out

    assert checks.centroid_gradient(add_at).state == "correct"


def summed(log, weigh=True):
    def answer(values):
        total = 0.0
        for value in set(values.tolist()):
            p = (values == value).sum() / len(values)
            total -= (p if weigh else 1) * log(p)
        return total

    return answer


def test_entropy_bits_recognises():
    assert checks.entropy_bits(summed(math.log2)).state == "correct"
    assert checks.entropy_bits(summed(math.log)).misconception == "natural logarithm"
    assert checks.entropy_bits(summed(math.log10)).misconception == "decimal logarithm"
    assert checks.entropy_bits(summed(math.log2, weigh=False)).misconception == "not weighted by the share"
    assert checks.entropy_bits(lambda v: math.log2(len(set(v.tolist())))).misconception == "all values equally frequent"


def tally(values):
    return np.array([(values == value).sum() for value in set(values.tolist())])


def bits(p):
    return float(-(p * np.log2(p)).sum())


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda v: bits(tally(v)), "counts instead of shares"),
        (lambda v: -bits(tally(v)), "counts instead of shares, sign lost"),
        (lambda v: bits(tally(v) / len(tally(v))), "shares of the different values"),
        (lambda v: sum(n / v.size * math.ceil(math.log2(v.size / n)) for n in tally(v)), "each length rounded up"),
        (lambda v: float(math.ceil(bits(tally(v) / v.size))), "rounded up"),
        (lambda v: math.log2(v.size / min(tally(v))), "the rarest value only"),
        (lambda v: math.log2(v.size), "logarithm of the number of values"),
        (
            lambda v: bits(tally(v) / v.size) / (math.log2(len(tally(v))) if len(tally(v)) > 1 else 1),
            "shares of the largest entropy",
        ),
        (lambda v: bits(tally(v) / v.size) / v.size, "divided twice"),
        (lambda v: bits(tally(v) / v.size) / len(tally(v)), "mean of the products"),
        (lambda v: math.log2(int(max(v)) - int(min(v)) + 1), "bits of the range"),
    ],
)
def test_entropy_bits_recognises_wrong_shares(answer, misconception):
    assert checks.entropy_bits(answer).misconception == misconception


def with_a_heap(counts, sign=1, deep=True):
    number = counter()
    heap = [(sign * c, next(number), (value,)) for value, c in counts.items()]
    heapq.heapify(heap)
    bits = dict.fromkeys(counts, int(len(counts) == 1))
    while len(heap) > 1:
        (a, _, left), (b, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        for group in (left, right):
            for value in group if deep or len(group) == 1 else ():
                bits[value] = bits[value] + 1
        heapq.heappush(heap, (a + b, next(number), left + right))
    return bits


def test_code_lengths_recognises():
    assert checks.code_lengths(with_a_heap).state == "correct"
    assert checks.code_lengths(lambda c: with_a_heap(c, sign=-1)).misconception == "most frequent first"
    assert checks.code_lengths(lambda c: with_a_heap(c, deep=False)).misconception == "depth ignored"
    fixed = checks.code_lengths(lambda c: {v: max(1, math.ceil(math.log2(len(c)))) for v in c})
    assert fixed.misconception == "one length for all"


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=200))
def test_the_exercise_makes_codes_as_short_as_the_library_does(values):
    array = np.array(values, np.int8)
    found, counts = np.unique(array, return_counts=True)
    lengths = checks.code_lengths.reference(dict(zip(found.tolist(), counts.tolist(), strict=True)))
    bits = sum(lengths[value] for value in values)
    assert bits == entropy.encoded_bits(array, entropy.huffman_code(array))


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=60))
def test_the_exercise_reads_what_the_library_writes(values):
    array = np.array(values, np.int8)
    code = entropy.huffman_code(array)
    table = {f"{c:0{n}b}": v for v, n, c in zip(code.symbols, code.lengths, code.codes, strict=True)}
    bits = "".join(f"{byte:08b}" for byte in entropy.encode(array, code))
    assert checks.decode_bits.reference(bits, table, len(values)) == values


def from_the_front(bits, codes, count):
    values = []
    while len(values) < count:
        code = next(c for c in codes if bits.startswith(c))
        values.append(codes[code])
        bits = bits[len(code) :]
    return values


def to_the_end(bits, codes, count):
    values, code = [], ""
    for bit in bits:
        code += bit
        if code in codes:
            values.append(codes[code])
            code = ""
    return values


def in_chunks(bits, codes, count):
    width = max(len(code) for code in codes)
    chunks = [bits[i : i + width] for i in range(0, len(bits), width)]
    found = [next((value for code, value in codes.items() if chunk.startswith(code)), None) for chunk in chunks]
    return found[:count]


def test_decode_bits_recognises():
    assert checks.decode_bits(from_the_front).state == "correct"
    assert checks.decode_bits(to_the_end).misconception == "padding decoded"
    assert checks.decode_bits(in_chunks).misconception == "always as far as the longest code"
