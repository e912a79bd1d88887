"""Mixed precision: give each layer its own number of bits, more where rounding hurts more.

In: how large each layer is, and what the network loses with each layer at each number of bits. Out: bits for each layer
that fit into a budget of bytes. This module knows no network: whoever calls `sensitivity` scores one.

The losses are those of one layer rounded at a time, and their sum stands for what all of them lose together. Z. Dong et
al., "HAWQ" (ICCV 2019), measure each layer, too, but by the second derivatives of the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Bits = Mapping[str, int]


def weight_bytes(sizes: Mapping[str, int], bits: Bits) -> int:
    """Bytes of the weights of all layers; a layer of `sizes[name]` weights is rounded up to whole bytes.

    >>> weight_bytes({"first": 5, "last": 10}, {"first": 4, "last": 8})
    13
    """
    return sum(-(-size * bits[name] // 8) for name, size in sizes.items())


def sensitivity(
    names: Sequence[str], bits: Sequence[int], loss: Callable[[Bits], float]
) -> dict[str, dict[int, float]]:
    """What the network loses with one layer at a time at each number of bits: `loss({name: bits})`."""
    return {name: {each: loss({name: each}) for each in bits} for name in names}


def allocate_bits(
    losses: Mapping[str, Mapping[int, float]], sizes: Mapping[str, int], budget_bytes: int
) -> dict[str, int]:
    """Bits for each layer: from the most bits down, always the step that loses least for each byte it saves.

    Greedy: each step is the best one, all of them together need not be.

    Parameters
    ----------
    losses : mapping of layer name to a mapping of bits to loss
        What `sensitivity` gives. The bits of a layer are its choices; a step goes to the next lower one.
    sizes : mapping of layer name to number of weights
    budget_bytes : int
        For the weights of all layers.

    Returns
    -------
    dict of layer name to bits
        Takes at most `budget_bytes`; stops as soon as it does.

    Raises
    ------
    ValueError
        The layers of both mappings differ, or the fewest bits of all layers are too many.
    """
    if set(losses) != set(sizes) or not sizes:
        raise ValueError(f"losses of {', '.join(losses) or 'none'}; sizes of {', '.join(sizes) or 'none'}: give both")
    least = weight_bytes(sizes, {name: min(choices) for name, choices in losses.items()})
    if least > budget_bytes:
        raise ValueError(f"the fewest bits take {least:,} bytes; the budget is {budget_bytes:,}: offer fewer bits")
    bits = {name: max(choices) for name, choices in losses.items()}
    while weight_bytes(sizes, bits) > budget_bytes:
        name = min(
            (name for name in bits if bits[name] > min(losses[name])), key=lambda n: _price(losses, sizes, bits, n)
        )
        bits[name] = _next_lower(losses[name], bits[name])
    return bits


def _next_lower(choices: Mapping[int, float], bits: int) -> int:
    return max(each for each in choices if each < bits)


def _price(losses: Mapping[str, Mapping[int, float]], sizes: Mapping[str, int], bits: Bits, name: str) -> float:
    """Loss for each byte that is saved when layer `name` takes its next lower number of bits."""
    lower = _next_lower(losses[name], bits[name])
    return (losses[name][lower] - losses[name][bits[name]]) / (sizes[name] * (bits[name] - lower) / 8)
