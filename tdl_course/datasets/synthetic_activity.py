"""Synthetic wrist motion: gravity, swing of the arm, and turns, per person.

In: a seed. Out: raw arrays in the course-edition format of the activity dataset. Each window is made by itself,
from the same few physical parts: gravity seen from a tilted wrist, the arm's swing in step, the trunk's turn, noise.
"""

from __future__ import annotations

import numpy as np

from tdl_course.datasets.beats import join
from tdl_course.datasets.files import Raw

TRAIN_SUBJECTS = 14
TEST_SUBJECTS = 5
WINDOWS = (10, 14, 40, 18, 14)  # per person: SEATED, STANDING_UP, WALKING, TURNING, SITTING_DOWN
LENGTH = 64
SAMPLING_HZ = 50.0


def make_activity(seed: int = 0) -> Raw:
    """Both parts of the synthetic activity dataset: subjects 1..14 for training, 15..19 for the test."""
    people = [
        _person(number, np.random.default_rng([seed, 1000 + number]))
        for number in range(1, TRAIN_SUBJECTS + TEST_SUBJECTS + 1)
    ]
    return {"train": join(people[:TRAIN_SUBJECTS]), "test": join(people[TRAIN_SUBJECTS:])}


def _person(number: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    labels = np.repeat(np.arange(len(WINDOWS)), WINDOWS)
    habit = {
        "tilt": random.normal(0, 0.25, 2),
        "step": random.uniform(1.6, 2.1),
        "swing": random.uniform(0.5, 1.6),
        "rise": random.uniform(0.9, 1.8),
        "turn": random.uniform(1.0, 2.2) * random.choice([-1, 1]),
        "noise": random.uniform(0.02, 0.06),
    }
    motion = np.stack([_window(int(label), habit, random) for label in labels])
    limits = np.iinfo(np.int16)
    counts = np.rint(motion * np.array([1000.0] * 3 + [2000.0] * 3))  # mg, 0.5 mrad/s
    return {
        "x": np.clip(counts, limits.min, limits.max).astype(np.int16),
        "y": labels.astype(np.uint8),
        "subject": np.full(len(labels), number, np.uint8),
        "execution": (1 + np.arange(len(labels)) % 10).astype(np.uint8),
    }


def _window(label: int, habit: dict, random: np.random.Generator) -> np.ndarray:
    """One window float [64, 6]: acceleration in g, rotation in rad/s."""
    t = np.arange(LENGTH) / SAMPLING_HZ
    pose = {0: 1.1, 1: 0.6, 2: 0.0, 3: 0.0, 4: 0.6}[label]  # forearm level on the lap, hanging while on the feet
    pitch = np.full(LENGTH, pose + habit["tilt"][0] + random.normal(0, 0.2))
    roll = np.full(LENGTH, habit["tilt"][1] + random.normal(0, 0.2))
    rotation = np.zeros((LENGTH, 3))
    push = np.zeros(LENGTH)
    effort = random.uniform(0.5, 1.2)
    walks = {0: 0.0, 1: random.uniform(0, 0.3), 2: effort, 3: 0.55 * effort, 4: random.uniform(0, 0.3)}[label]
    phase = 2 * np.pi * (habit["step"] * random.uniform(0.9, 1.1) * t + random.random())
    swing = habit["swing"] * walks
    pitch += 0.4 * swing * np.sin(phase / 2)
    rotation[:, 1] += 1.6 * swing * np.cos(phase / 2)
    push += 0.25 * walks * np.sin(phase)
    if label in (1, 4):
        sign = 1 if label == 4 else -1
        bump = np.exp(-0.5 * ((t - random.uniform(0.35, 0.95)) / 0.22) ** 2)
        pitch += sign * 0.5 * np.tanh((t - 0.64) / 0.3)
        rotation[:, 1] += sign * habit["rise"] * effort * bump
        push -= sign * 0.3 * effort * np.gradient(bump, t) / 4
    if label == 3 or (label in (2, 4) and random.random() < 0.15):
        bump = np.exp(-0.5 * ((t - random.uniform(0.2, 1.1)) / 0.35) ** 2)
        rotation[:, 2] += habit["turn"] * (1 if label == 3 else 0.6) * random.uniform(0.5, 1.2) * bump
    gravity = np.stack([np.cos(pitch) * np.cos(roll), np.sin(roll) * np.cos(pitch), np.sin(pitch)], axis=1)
    acceleration = gravity * (1 + push[:, None])
    noise = habit["noise"] * random.standard_normal((LENGTH, 6)) * np.array([1, 1, 1, 3, 3, 3])
    return np.concatenate([acceleration, rotation], axis=1) + noise
