"""The check of lesson 12, exercise 12.3: alarms that are right."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception


def _rates(confusion):
    """Share of stressed leaves that raise an alarm, and of healthy ones that do."""
    matrix = np.asarray(confusion, float)
    return matrix[1:, 1:].sum() / matrix[1:].sum(), matrix[0, 1:].sum() / matrix[0].sum()


def _alarms_right(confusion, healthy_share):
    found, false = _rates(confusion)
    true, wrong = found * (1 - healthy_share), false * healthy_share
    return float(true / (true + wrong))


def _as_in_data(confusion, healthy_share):
    matrix = np.asarray(confusion, float)
    return float(matrix[1:, 1:].sum() / matrix[:, 1:].sum())


def _found(confusion, healthy_share):
    return float(_rates(confusion)[0])


def _swapped(confusion, healthy_share):
    return _alarms_right(confusion, 1 - healthy_share)


def _all_alarms(confusion, healthy_share):
    found, false = _rates(confusion)
    return float(found * (1 - healthy_share) + false * healthy_share)


def _specificity(confusion, healthy_share):
    found, false = _rates(confusion)
    true = found * (1 - healthy_share)
    return float(true / (true + (1 - false) * healthy_share))


def _not_divided(confusion, healthy_share):
    return float(_rates(confusion)[0] * (1 - healthy_share))


def _disease_too(confusion, healthy_share):
    matrix = np.asarray(confusion, float)
    found, false = np.diag(matrix)[1:].sum() / matrix[1:].sum(), _rates(confusion)[1]
    true = found * (1 - healthy_share)
    return float(true / (true + false * healthy_share))


def _transposed(confusion, healthy_share):
    return _alarms_right(np.asarray(confusion).T, healthy_share)


def _weighed(found, false, healthy_share):
    true = found * (1 - healthy_share)
    return float(true / (true + false * healthy_share))


def _mean_over_diseases(confusion, healthy_share):
    alarms = confusion[:, 1:].sum(axis=1) / confusion.sum(axis=1)
    return _weighed(alarms[1:].mean(), alarms[0], healthy_share)


def _diseases_added(confusion, healthy_share):
    alarms = confusion[:, 1:].sum(axis=1) / confusion.sum(axis=1)
    return _weighed(alarms[1:].sum(), alarms[0], healthy_share)


def _counts_weighed(confusion, healthy_share):
    return _weighed(confusion[1:, 1:].sum(), confusion[0, 1:].sum(), healthy_share)


def _false_of_all(confusion, healthy_share):
    return _weighed(_rates(confusion)[0], confusion[0, 1:].sum() / confusion.sum(), healthy_share)


def _by_columns(confusion, healthy_share):
    shares = confusion / confusion.sum(axis=0)
    return _weighed(shares[1:, 1:].sum(), shares[0, 1:].sum(), healthy_share)


def _false_unweighed(confusion, healthy_share):
    found, false = _rates(confusion)
    true = found * (1 - healthy_share)
    return float(true / (true + false))


def _missed_as_false(confusion, healthy_share):
    found = _rates(confusion)[0]
    return _weighed(found, 1 - found, healthy_share)


def _field_accuracy(confusion, healthy_share):
    found, false = _rates(confusion)
    return float(found * (1 - healthy_share) + (1 - false) * healthy_share)


_matrix = np.array([[45, 3, 2], [2, 70, 8], [5, 4, 61]])

alarms_right = Check(
    name="alarms_right",
    exercise="12.3",
    reference=_alarms_right,
    cases=(
        (_matrix, 0.95),
        (_matrix, 0.5),
        (np.array([[88, 12], [30, 170]]), 0.9),
        (np.array([[88, 12], [30, 170]]), 0.2),
    ),
    misconceptions=(
        Misconception(
            "shares of the data",
            "That is the share in the test data, where most leaves are ill. Turn each row into a rate first, then "
            "weigh the rates with the shares in the field.",
            _as_in_data,
        ),
        Misconception(
            "share of ill leaves that are found",
            "That is how many of the ill leaves raise an alarm. The question goes the other way: how many of the "
            "alarms come from ill leaves?",
            _found,
        ),
        Misconception(
            "shares swapped",
            "`healthy_share` of the leaves are healthy: it belongs to the false alarms, the rest to the right ones.",
            _swapped,
        ),
        Misconception(
            "share of leaves with an alarm",
            "That is how many leaves raise an alarm at all. Of these, how many are right? Divide.",
            _all_alarms,
        ),
        Misconception(
            "specificity for false alarms",
            "You counted the healthy leaves that stay silent. Those that raise an alarm are the rest of the row.",
            _specificity,
        ),
        Misconception(
            "not divided by the alarms",
            "That is the share of all leaves that are ill and raise an alarm. Divide by all that raise one.",
            _not_divided,
        ),
        Misconception(
            "only the right disease counts",
            "An ill leaf that is called by another disease is still ill: the alarm is right. Take all columns but the "
            "first.",
            _disease_too,
        ),
        Misconception("rows and columns swapped", "Rows are the truth, columns what was called.", _transposed),
        Misconception(
            "mean over the diseases",
            "You take the mean of the diseases' rates, so a rare disease counts as much as a common one. Take all ill "
            "leaves together: alarms among them over their number.",
            _mean_over_diseases,
        ),
        Misconception(
            "rates of the diseases added",
            "You add the diseases' rates, which may come to more than 1. Take all ill leaves together: alarms among "
            "them over their number.",
            _diseases_added,
        ),
        Misconception(
            "counts weighed",
            "You weigh counts of leaves. This data has more ill leaves than healthy ones, and that is still in them: "
            "divide each row's alarms by its leaves first.",
            _counts_weighed,
        ),
        Misconception(
            "share of false alarms",
            "That is how many of the alarms are wrong. How many are right?",
            lambda confusion, share: 1 - _alarms_right(confusion, share),
        ),
        Misconception(
            "false alarms not a rate",
            "The false alarms are divided by all leaves. Their rate is over the **healthy** leaves: the sum of row 0.",
            _false_of_all,
        ),
        Misconception(
            "columns turned into shares",
            "You divide by the sums of columns. A rate is over the leaves of a class, which are a row.",
            _by_columns,
        ),
        Misconception(
            "false alarms not weighed",
            "Weigh the false alarms too: only `healthy_share` of the leaves can raise one.",
            _false_unweighed,
        ),
        Misconception(
            "missed leaves for false alarms",
            "You took the ill leaves that stay silent for false alarms. Those are healthy leaves that raise one: row "
            "0.",
            _missed_as_false,
        ),
        Misconception(
            "accuracy in the field",
            "That is the share of leaves that are called right, ill or not. Healthy leaves that stay silent are no "
            "alarms.",
            _field_accuracy,
        ),
        Misconception(
            "a field half ill",
            "Your result does not depend on `healthy_share`: it is right for a field that is half healthy. Weigh the "
            "two rates.",
            lambda confusion, share: _alarms_right(confusion, 0.5),
        ),
    ),
    meaning="The same network is trusted less, the healthier the field: its false alarms stay, its right ones go.",
)
