"""The check of lesson 04, exercise 4.6: a channel goes from its producer, the depthwise layer and the consumer."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception

Kernels = tuple[np.ndarray, np.ndarray, np.ndarray]


def _removed(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    return (
        np.delete(producer, channel, axis=1),
        np.delete(depthwise, channel, axis=2),
        np.delete(consumer, channel, axis=0),
    )


def _consumer_forgotten(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    return np.delete(producer, channel, axis=1), np.delete(depthwise, channel, axis=2), consumer


def _depthwise_forgotten(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    return np.delete(producer, channel, axis=1), depthwise, np.delete(consumer, channel, axis=0)


def _producer_only(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    return np.delete(producer, channel, axis=1), depthwise, consumer


def _outputs_of_consumer(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    return (
        np.delete(producer, channel, axis=1),
        np.delete(depthwise, channel, axis=2),
        np.delete(consumer, channel, axis=1),
    )


def _inputs_of_producer(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    return (
        np.delete(producer, channel, axis=0),
        np.delete(depthwise, channel, axis=2),
        np.delete(consumer, channel, axis=0),
    )


def _zeroed(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    producer, depthwise, consumer = producer.copy(), depthwise.copy(), consumer.copy()
    producer[:, channel] = depthwise[:, :, channel] = consumer[channel] = 0
    return producer, depthwise, consumer


def _another(producer: np.ndarray, depthwise: np.ndarray, consumer: np.ndarray, channel: int) -> Kernels:
    shifted = (channel + 1) % consumer.shape[0]
    return (
        np.delete(producer, channel, axis=1),
        np.delete(depthwise, channel, axis=2),
        np.delete(consumer, shifted, axis=0),
    )


def _block(seed: int, inputs: int, channels: int, outputs: int, channel: int) -> tuple[np.ndarray | int, ...]:
    random = np.random.default_rng(seed)
    shapes = ((inputs, channels), (3, 3, channels, 1), (channels, outputs))
    return (*(random.normal(size=shape).round(3) for shape in shapes), channel)


remove_channel = Check(
    name="remove_channel",
    exercise="4.6",
    reference=_removed,
    cases=(_block(0, 4, 5, 6, 2), _block(1, 6, 6, 6, 0), _block(2, 5, 8, 5, 4)),
    misconceptions=(
        Misconception(
            "consumer not rewired",
            "The layer that reads the channel still has a row for it, and would multiply its neighbour's values by it. "
            "Take row `channel` out of the consumer.",
            _consumer_forgotten,
        ),
        Misconception(
            "depthwise layer forgotten",
            "A depthwise layer has one filter for each channel. The channel's filter, [:, :, channel], goes too.",
            _depthwise_forgotten,
        ),
        Misconception(
            "producer only",
            "Only the producer is smaller. Follow the channel through the network: who reads it, and who reads that?",
            _producer_only,
        ),
        Misconception(
            "an output of the consumer removed",
            "You took away what the consumer makes, not what it reads. Its inputs are axis 0.",
            _outputs_of_consumer,
        ),
        Misconception(
            "an input of the producer removed",
            "You took away what the producer reads, not what it makes. Its outputs are axis 1.",
            _inputs_of_producer,
        ),
        Misconception(
            "zeroed instead of removed",
            "The channel is silent but still there: same shapes, same bytes, same cycles. Use np.delete.",
            _zeroed,
        ),
        Misconception(
            "another channel of the consumer",
            "The shapes fit, and nothing would complain. But the consumer lost the weights of another channel: each "
            "value now meets its neighbour's weight.",
            _another,
        ),
    ),
    meaning="The block is smaller in all three layers, and what is left computes as before.",
)
