"""Lesson 06's checks against answers as learners write them, not as the checks' own wrong functions do."""

import numpy as np
import pytest

from tdl_course import checks


def row_by_row(logits, temperature):
    rows = []
    for row in logits:
        weights = [np.exp((value - max(row)) / temperature) for value in row]
        rows.append([weight / sum(weights) for weight in weights])
    return np.array(rows)


def log_sum_exp(logits, temperature):
    z = logits / temperature
    return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))


@pytest.mark.parametrize("answer", [row_by_row, log_sum_exp])
def test_softmax_accepts_other_ways(answer):
    assert checks.softmax(answer).state == "correct"


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda z, t: row_by_row(z, 1 / t), "multiplied instead of divided"),
        (lambda z, t: row_by_row(z, 1) / t, "temperature after softmax"),
        (lambda z, t: np.exp(z / t) / np.exp(z / t).sum(1, keepdims=True), "overflow"),
        (lambda z, t: row_by_row(z, 1), "temperature forgotten"),
        (
            lambda z, t: np.exp(z / t - (z / t).max()) / np.exp(z / t - (z / t).max()).sum(),
            "summed over the whole batch",
        ),
    ],
)
def test_softmax_recognises(answer, misconception):
    assert checks.softmax(answer).misconception == misconception


def at(p, temperature):
    powers = np.asarray(p) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def loss(s, t, y, temperature, weight, power=2, hard_at=1.0, teacher_at=None, swap=False, entropy=True):
    hard = [-np.log(at(s, hard_at or temperature)[i, label]) for i, label in enumerate(y)]
    p, q = at(t, teacher_at or temperature), at(s, temperature)
    p, q = (q, p) if swap else (p, q)
    soft = np.sum(p * (np.log(p) * entropy - np.log(q)), axis=1)
    return float(((1 - weight) * np.array(hard) + weight * temperature**power * soft).sum() / len(y))


def test_distillation_loss_accepts_powers_instead_of_logarithms():
    assert checks.distillation_loss(loss).state == "correct"


@pytest.mark.parametrize(
    ("slip", "misconception"),
    [
        ({"power": 0}, "T² forgotten"),
        ({"power": 1}, "T instead of T²"),
        ({"swap": True}, "direction of KL swapped"),
        ({"teacher_at": 1.0}, "teacher not softened"),
        ({"hard_at": None}, "hard part softened too"),
        ({"entropy": False}, "cross entropy instead of KL"),
    ],
)
def test_distillation_loss_recognises(slip, misconception):
    assert checks.distillation_loss(lambda *arguments: loss(*arguments, **slip)).misconception == misconception


def label_part(s, y):
    return np.array([-np.log(s[i, label]) for i, label in enumerate(y)])


def teacher_part(s, t, ts=None, tt=None, pool=np.sum):
    p, q = at(t, tt), at(s, ts)
    return pool(p * np.log(p / q), axis=1)


def mixed(hard=1.0, soft=lambda T: T**2, pool=np.sum, student_at=None, teacher_at=None, shared=(1, 1), mean=np.mean):
    """Both parts with a factor each; `shared` says which of them are weighted."""

    def answer(s, t, y, T, w):
        first = (1 - w if shared[0] else 1) * (hard(T) if callable(hard) else hard) * label_part(s, y)
        second = (w if shared[1] else 1) * soft(T) * teacher_part(s, t, student_at or T, teacher_at or T, pool)
        return mean(first + second)

    return answer


@pytest.mark.parametrize(
    ("slip", "misconception"),
    [
        ({"mean": np.sum}, "sum over samples"),
        ({"pool": np.mean}, "mean over classes"),
        ({"student_at": 1, "teacher_at": 1}, "neither softened"),
        ({"student_at": 1}, "student not softened"),
        ({"hard": lambda T: T**2}, "T² on the labels too"),
        ({"hard": lambda T: T**2, "soft": lambda T: 1}, "T² on the labels only"),
        ({"soft": lambda T: 1 / T**2}, "divided by T²"),
        ({"soft": lambda T: 2 * T}, "2 T for T²"),
        ({"hard": -1}, "minus forgotten"),
        ({"soft": lambda T: -(T**2)}, "KL with a minus"),
        ({"shared": (0, 0)}, "not weighted"),
        ({"shared": (0, 1)}, "labels not weighted"),
        ({"hard": 0}, "teacher only"),
        ({"soft": lambda T: 0}, "labels only"),
        ({"mean": np.array}, "one loss for each sample"),
        ({"soft": lambda T: 0, "shared": (0, 0)}, "labels only, not weighted"),
        ({"hard": 0, "shared": (0, 0)}, "teacher only, not weighted"),
        ({"soft": lambda T: T, "student_at": 1, "teacher_at": 1}, "probabilities divided by T"),
    ],
)
def test_distillation_loss_recognises_wrong_mixtures(slip, misconception):
    assert checks.distillation_loss(mixed()).state == "correct"
    assert checks.distillation_loss(mixed(**slip)).misconception == misconception


def test_distillation_loss_recognises_swapped_weights():
    assert checks.distillation_loss(lambda s, t, y, T, w: loss(s, t, y, T, 1 - w)).misconception == "weights swapped"


def counted(probabilities, labels, pick, shares=True):
    classes = probabilities.shape[1]
    table = [[0.0] * classes for _ in range(classes)]
    for row, label in zip(probabilities, labels, strict=True):
        table[label][pick(list(row), label)] += 1
    return np.array([[n / sum(row) if shares and sum(row) else n for n in row] for row in table])


def best_other(row, label):
    return max((value, index) for index, value in enumerate(row) if index != label)[1]


@pytest.mark.parametrize(
    ("pick", "shares", "misconception"),
    [
        (best_other, True, ""),
        (best_other, False, "counts instead of shares"),
        (lambda row, label: row.index(max(row)), True, "true class not left out"),
        (lambda row, label: row.index(sorted(row)[-2]), True, "second place of the whole list"),
        (lambda row, label: row.index(min(row)), True, "the least likely class"),
    ],
)
def test_runner_up(pick, shares, misconception):
    result = checks.runner_up(lambda p, y: counted(p, y, pick, shares))
    assert (result.state == "correct") is (misconception == "") and result.misconception == misconception


def shares_of(counts, axis=1, keep=True):
    sums = counts.sum(axis=axis, keepdims=keep)
    return counts / np.where(sums == 0, 1, sums)


def averages(p, y, hide=False):
    hidden = p * (1 - np.eye(p.shape[1])[y]) if hide else p
    return np.array(
        [hidden[y == c].mean(axis=0) if (y == c).any() else np.zeros(p.shape[1]) for c in range(p.shape[1])]
    )


def tallied(p, y):
    return counted(p, y, best_other, shares=False)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda p, y: shares_of(tallied(p, y)).T, "transposed"),
        (lambda p, y: shares_of(tallied(p, y).T), "transposed before the division"),
        (lambda p, y: shares_of(tallied(p, y), axis=0), "columns add up to 1"),
        (lambda p, y: shares_of(tallied(p, y), keep=False), "divided along the wrong axis"),
        (lambda p, y: tallied(p, y) / tallied(p, y).sum(1, keepdims=True), "empty row gives nan"),
        (lambda p, y: shares_of((tallied(p, y) > 0).astype(float)), "each pair counted once"),
        (averages, "mean probabilities"),
        (lambda p, y: averages(p, y, hide=True), "mean probabilities without the true class"),
        (lambda p, y: shares_of(averages(p, y, hide=True)), "mean probabilities, made shares"),
        (
            lambda p, y: counted(p, y, lambda row, label: int(np.argmax(row[:label] + row[label + 1 :]))),
            "true class taken out of the list",
        ),
        (lambda p, y: shares_of(tallied(p, p.argmax(1))), "row of the called class"),
        (
            lambda p, y: np.array([best_other(list(r), c) for r, c in zip(p, y, strict=True)]),
            "a list of second choices",
        ),
        (lambda p, y: shares_of(tallied(p[p.argmax(1) != y], y[p.argmax(1) != y])), "mistakes only"),
    ],
)
def test_runner_up_recognises_wrong_tables(answer, misconception):
    assert checks.runner_up(lambda p, y: shares_of(tallied(p, y))).state == "correct"
    assert checks.runner_up(answer).misconception == misconception


def f1_of(truth, called, c):
    hits, samples, calls = (int(np.sum(x)) for x in ((truth == c) & (called == c), truth == c, called == c))
    return 2 * hits / (samples + calls) if samples + calls else 0.0


def precise(truth, called, classes):
    values = []
    for c in range(classes):
        hits = np.float64(((truth == c) & (called == c)).sum())
        precision, recall = hits / (called == c).sum(), hits / (truth == c).sum()
        values.append(2 * precision * recall / (precision + recall))
    return np.mean(values)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda t, c, n: sum(f1_of(t, c, k) for k in range(n)) / n, ""),
        (lambda t, c, n: (t == c).sum() / len(t), "micro instead of macro"),
        (lambda t, c, n: sum(f1_of(t, c, k) * (t == k).mean() for k in range(n)), "weighted by samples"),
        (precise, "empty class gives nan"),
        (lambda t, c, n: sum((c[t == k] == k).mean() if (t == k).any() else 0 for k in range(n)) / n, "recall only"),
    ],
)
def test_macro_f1(answer, misconception):
    result = checks.macro_f1(answer)
    assert (result.state == "correct") is (misconception == "") and result.misconception == misconception


def per_class(formula, mean=np.mean):
    def answer(truth, called, classes):
        pairs = [(truth == c, called == c) for c in range(classes)]
        hits, samples, calls = np.array([(int(sum(s & k)), int(sum(s)), int(sum(k))) for s, k in pairs]).T
        with np.errstate(all="ignore"):
            return float(mean(np.nan_to_num(formula(hits, samples, calls))))

    return answer


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (per_class(lambda h, s, c: h / (s + c)), "2 forgotten"),
        (per_class(lambda h, s, c: (h / s) * (h / c) / (h / s + h / c)), "2 forgotten"),
        (per_class(lambda h, s, c: 4 * h / (s + c)), "2 taken twice"),
        (per_class(lambda h, s, c: 200 * h / (s + c)), "percent"),
        (per_class(lambda h, s, c: h / c), "precision only"),
        (per_class(lambda h, s, c: h / (s + c - h)), "overlap"),
        (
            per_class(lambda h, s, c: (np.nan_to_num(h / s) + np.nan_to_num(h / c)) / 2),
            "arithmetic mean of precision and recall",
        ),
        (per_class(lambda h, s, c: np.where(s + c == 0, 1, 2 * h / (s + c))), "empty class counts as 1"),
        (lambda t, c, n: np.mean([f1_of(t, c, k) for k in {*t.tolist(), *c.tolist()}]), "empty class left out"),
        (lambda t, c, n: sum(f1_of(t, c, k) for k in range(n)), "sum instead of mean"),
        (lambda t, c, n: min(f1_of(t, c, k) for k in range(n)), "worst class"),
        (lambda t, c, n: np.array([f1_of(t, c, k) for k in range(n)]), "one F1 for each class"),
        (
            lambda t, c, n: 2 / sum(1 / per_class(f)(t, c, n) for f in (lambda h, s, c: h / s, lambda h, s, c: h / c)),
            "F1 of the means",
        ),
    ],
)
def test_macro_f1_recognises_other_formulas(answer, misconception):
    assert checks.macro_f1(per_class(lambda h, s, c: 2 * h / (s + c))).state == "correct"
    assert checks.macro_f1(answer).misconception == misconception


def fitting(students, ram, reserved, need=lambda s: max(map(sum, zip(s, s[1:], strict=False))), best=max):
    left = {parameters: name for name, parameters, sizes in students if need(sizes) + reserved <= ram}
    return left[best(left)] if left else None


@pytest.mark.parametrize(
    ("slip", "misconception"),
    [
        ({}, ""),
        ({"need": max}, "largest activation only"),
        ({"need": sum}, "sum of all activations"),
        ({"best": min}, "smallest instead of largest"),
    ],
)
def test_largest_student(slip, misconception):
    result = checks.largest_student(lambda *arguments: fitting(*arguments, **slip))
    assert (result.state == "correct") is (misconception == "") and result.misconception == misconception


def test_largest_student_recognises_a_forgotten_stack():
    assert checks.largest_student(lambda s, ram, reserved: fitting(s, ram, 0)).misconception == (
        "stack and runtime forgotten"
    )


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda s, t, w: (np.sum((s @ w - t) ** 2) / 2 / len(s), np.einsum("nt,st->ns", s @ w - t, w) / len(s)), ""),
        (lambda s, t, w: (0.5 * ((s - t) ** 2).sum(1).mean(), (s - t) / len(s)), "no projection"),
        (lambda s, t, w: (0.5 * ((s @ w - t) ** 2).sum(1).mean(), (t - s @ w) / len(s)), "gradient into the teacher"),
        (lambda s, t, w: (((s @ w - t) ** 2).sum(1).mean(), (s @ w - t) @ w.T / len(s)), "half forgotten"),
        (lambda s, t, w: (0.5 * ((s @ w - t) ** 2).sum(1).mean(), (t - s @ w) @ w.T / len(s)), "uphill"),
    ],
)
def test_hint_loss(answer, misconception):
    result = checks.hint_loss(answer)
    assert (result.state == "correct") is (misconception == "") and result.misconception == misconception
