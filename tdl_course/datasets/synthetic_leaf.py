"""Synthetic coffee leaves: a wavy green shape on pale paper, with the marks of one stress painted on it.

In: a seed. Out: raw arrays in the course-edition format of the leaf dataset. A block is twelve leaves under one light.
The marks follow what a planter looks for: rust is many small yellow-orange spots; a miner leaves few large brown
blotches inside the leaf; phoma eats dark holes into the edge; cercospora is few round spots, dark with a pale centre
and a yellow rim.
"""

from __future__ import annotations

import numpy as np

from tdl_course.datasets.beats import join
from tdl_course.datasets.files import Raw

TRAIN_BLOCKS = 45
TEST_BLOCKS = 15
LEAVES = 12  # per block
HEIGHT, WIDTH = 64, 128
SHARES = (0.17, 0.22, 0.31, 0.20, 0.10)  # of healthy, leaf_miner, rust, phoma, cercospora
MOST_SPOTS = 24
PHOMA = 3
INNER, EDGE = (0.0, 0.75), (0.85, 1.0)  # where spots lie, from the midrib (0) to the edge (1)

# per stress: fewest and most spots, smallest and largest radius in pixels, unevenness, rim in radii, then the colours
# of spot, rim and centre
MARKS = {
    1: ((1, 4), (3.0, 8.0), 0.5, 1.15, (115, 75, 45), (150, 150, 60), (105, 65, 40)),
    2: ((5, MOST_SPOTS), (1.3, 3.5), 0.3, 1.5, (200, 150, 40), (165, 170, 50), (190, 120, 35)),
    PHOMA: ((1, 5), (3.5, 10.0), 0.6, 1.1, (60, 35, 25), (130, 130, 45), (75, 45, 35)),
    4: ((1, 6), (1.8, 4.0), 0.1, 1.6, (80, 45, 30), (180, 165, 55), (150, 125, 95)),
}


def make_leaf(seed: int = 0) -> Raw:
    """Both parts of the synthetic leaf dataset: blocks 1..45 for training, 46..60 for the test."""
    blocks = [
        _block(number, np.random.default_rng([seed, 5000 + number]))
        for number in range(1, TRAIN_BLOCKS + TEST_BLOCKS + 1)
    ]
    return {"train": join(blocks[:TRAIN_BLOCKS]), "test": join(blocks[TRAIN_BLOCKS:])}


def _block(number: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    labels = random.choice(len(SHARES), LEAVES, p=SHARES)
    light = (random.uniform(0.75, 1.12) * random.normal(1, 0.03, 3)).astype(np.float32)
    ripe = random.uniform(-1, 1) * np.array([40, 30, 15]) + random.normal(0, 8, 3)
    green = (np.array([75, 110, 35]) + ripe).astype(np.float32)
    x = np.empty((LEAVES, HEIGHT, WIDTH, 3), np.uint8)
    severity = np.zeros(LEAVES, np.uint8)
    for index, label in enumerate(labels):
        picture, sick = _leaf(int(label), green, random)
        noisy = picture * light + 5 * random.standard_normal(picture.shape, np.float32)
        x[index] = np.clip(np.rint(noisy), 0, 255)
        severity[index] = 0 if label == 0 else 1 + np.searchsorted((0.05, 0.15, 0.30), sick)
    return {
        "x": x,
        "y": labels.astype(np.uint8),
        "leaf": (1 + LEAVES * (number - 1) + np.arange(LEAVES)).astype(np.uint16),
        "block": np.full(LEAVES, number, np.uint8),
        "severity": severity,
    }


def _leaf(label: int, green: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """One picture, float [64, 128, 3] in 0..255, and the share of the leaf that the marks cover."""
    row, column = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    along = (column - WIDTH / 2) / (WIDTH / 2 * random.uniform(0.9, 0.99))  # -1 stem, 1 tip
    middle = HEIGHT / 2 + random.normal(0, 2) + random.normal(0, 5) * along**2
    half = np.clip(1 - np.abs(along) ** random.uniform(1.7, 2.4), 0, None) ** 0.8
    half *= HEIGHT / 2 * random.uniform(0.75, 0.97)
    half *= 1 + random.uniform(0, 0.07) * np.sin(column / random.uniform(2.5, 5) + 6 * random.random())
    across = row - middle
    inside = np.abs(across) < half
    tone = 1 + 0.25 * np.sin(row / 20 + 6 * random.random()) * np.sin(column / 30 + 6 * random.random())
    veins = 0.12 * np.cos((column + np.abs(across) * random.uniform(0.5, 1.0)) / random.uniform(1.6, 2.2)) ** 8
    rib = 0.5 * np.exp(-0.5 * (across / 1.0) ** 2)
    leaf = (green * random.normal(1, 0.08))[None, None] * (tone + veins + rib)[:, :, None]
    paper = np.array([215, 205, 205], np.float32) * (1 - 0.15 * random.random() * (column / WIDTH)[:, :, None])
    sick = np.zeros(inside.shape, bool)
    if label:
        leaf, sick = _mark(leaf, label, along, across, half, random)
    elif random.random() < 0.3:  # a speck of dirt on a healthy leaf
        leaf, _ = _mark(leaf, int(random.integers(1, 5)), along, across, half, random, most=1, size=0.35)
    hole = sick & (random.random() < 0.3) if label == PHOMA else np.zeros(inside.shape, bool)
    picture = np.where((inside & ~hole)[:, :, None], leaf, paper)
    return picture, float((sick & inside).sum() / inside.sum())


def _mark(
    leaf: np.ndarray,
    label: int,
    along: np.ndarray,
    across: np.ndarray,
    half: np.ndarray,
    random: np.random.Generator,
    most: int = MOST_SPOTS,
    size: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """The leaf with the spots of one stress painted on it, and where they are."""
    (fewest, usual), (smallest, largest), uneven, rim, spot_colour, rim_colour, centre_colour = MARKS[label]
    count = min(most, int(random.integers(fewest, usual + 1)))
    at = random.uniform(-0.75, 0.75, count)
    aside = random.uniform(*EDGE if label == PHOMA else INNER, count) * random.choice([-1, 1], count)
    column = WIDTH / 2 + at * WIDTH / 2
    row = aside * np.interp(at, along[0], half.max(axis=0))
    dx = np.arange(WIDTH, dtype=np.float32)[None, None, :] - column.astype(np.float32)[:, None, None]
    dy = across[None] - row.astype(np.float32)[:, None, None]
    distance = np.hypot(dx, dy) + np.float32(1e-3)
    direction = (dx + 1j * dy) / distance
    waves = np.exp(2j * np.pi * random.random((2, count, 1, 1))).astype(np.complex64)
    doubled = direction * direction
    ripple = 0.5 * (waves[0] * doubled).imag + 0.3 * (waves[1] * doubled * doubled * direction).imag
    radius = size * random.uniform(smallest, largest, count).astype(np.float32)[:, None, None]
    distance = (distance / (radius * (1 + uneven * ripple))).min(axis=0)
    strength = random.uniform(0.55, 1.0)  # an old spot is strong, a young one pale
    painted = leaf
    for within, colour in ((rim, rim_colour), (1.0, spot_colour), (0.45, centre_colour)):
        cover = strength / (1 + np.exp(np.minimum(12 * (distance - within), 50)))[:, :, None]
        painted = painted * (1 - cover) + np.array(colour, np.float32) * random.normal(1, 0.08) * cover
    return painted, distance < 1
