# %% [markdown]
# # 03 · Below eight bits: train with the rounding in the loop
#
# **The problem.** A wristband watches an old person's day. Clinicians have a simple test of who is likely to fall, the
# *Timed Up and Go*: stand up from a chair, walk a few metres, turn, walk back, sit down. The wristband shall notice
# these five movements by itself, from an accelerometer and a gyroscope, and do the test every day.
#
# The network may be replaced over Bluetooth. For that its **constants** (weights, biases, scales) get a slot of their
# own in flash, and the slot is small. Code is not sent.
#
# | what | budget | why |
# |---|---|---|
# | constants | 8 KB | the slot for updates over the air |
# | accuracy | at most 2 percentage points below float32 | on people whom the network has not met |
# | RAM, all in | 16 KB | the radio takes the rest |
# | cycles per window | 400,000 | what the battery grants every 1.28 s |
#
# Lesson 02 rounded a network after it was trained, and stopped at 8 bits. Today you go on: 6, 4, 3, 2. And you train
# the network *while* it is being rounded.
#
# | part | minutes |
# |---|---|
# | 1. how low can you round? | 10 |
# | 2. learning through a staircase (exercises 3.1 and 3.2) | 20 |
# | 3. where to round (exercises 3.3 and 3.4) | 15 |
# | 4. before and after training; three values (exercise 3.5) | 15 |
# | 5. bits for each layer (exercises 3.6 and 3.7) | 15 |
# | 6. on the Cortex-M4 | 15 |

# %%
import numpy as np

import tdl_course as tdl

motion = tdl.datasets.load("activity")
motion

# %% [markdown]
# One sample is 1.28 seconds of motion: 64 moments, six numbers each. As in lesson 02 some *people* of the training part
# are held back. All choices are made on them; the test people sleep until the end.

# %%
learn, held_back = tdl.datasets.validation_split(motion, fraction=0.25, seed=0)
part = tdl.datasets.subset(motion, learn)
x_val, y_val = motion.x_train[held_back], motion.y_train[held_back]
calibration = part.x_train[::10]
people = len(set(motion.group_train[held_back]))
f"{len(part.y_train):,} windows to learn from, {len(y_val):,} from {people} other people"

# %% [markdown]
# The network is three plain convolutions along time, and a dense layer.


# %%
def build(widths=(16, 32, 48)):
    """An untrained network: three convolutions, each with batch normalization and ReLU, and a dense layer."""
    layers = tdl.models.layers
    x = window = tdl.models.keras.Input((64, 1, 6))
    for name, channels, length, stride in zip(("first", "second", "third"), widths, (7, 5, 5), (2, 2, 1)):
        options = {"strides": (stride, 1), "padding": "same", "use_bias": False}
        x = layers.Conv2D(channels, (length, 1), name=name, **options)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    scores = layers.Dense(len(motion.labels), activation="softmax", name="last")(x)
    return tdl.models.keras.Model(window, scores, name="motion_cnn")


# %% [markdown]
# How good it gets depends on luck, too: on the random start, and on the order of samples. So we train it **twice**,
# with two seeds, and carry both through the lesson. Two runs are few. They show whether a difference is larger than the
# luck of one draw, no more. (Training takes some seconds, the first time only: finished networks are kept.)


# %%
def validated(network) -> float:
    """Accuracy on the held-back people, in percent."""
    return 100 * float((tdl.models.predict(network, x_val).argmax(axis=1) == y_val).mean())


seeds = (0, 1)
trained = []
for seed in seeds:
    tdl.models.keras.utils.set_random_seed(seed)
    trained.append(build())
    tdl.models.train(trained[-1], part, seed=seed, epochs=20, keep=True)
in_float = np.mean([validated(network) for network in trained])
f"float32: {' and '.join(f'{validated(network):.1f} %' for network in trained)} of the validation windows"

# %% [markdown]
# Now the way that you know: int8, and onto the chip. We split the flash in two, because only one half counts for the
# slot. **Predict:** which half is larger, the constants or the code?

# %%
int8 = tdl.deploy(trained[0], calibration, name="int8")
constants, code = tdl.footprint.constant_bytes(int8.elf), tdl.footprint.code_bytes(int8.elf)
tdl.report.bars({"constants": constants, "code": code}, "flash (bytes)", "int8 on the Cortex-M4", budget=8192)

# %% [markdown]
# Compare each bar with the line, the slot of 8,192 bytes. Only the left bar has to fit under it. The right one holds
# the kernels (the functions that compute layers), the serial protocol, and what starts the chip. **Fewer bits make
# weights smaller, and all weights are in the left bar.** What fewer bits do to the right one, part 6 will show.
#
# ## 1 · How low can you round?
#
# **Predict:** you round the weights of the trained network to 3 bits, then to 2. With 2 bits a weight is −1, 0 or 1,
# times a step. What is left of the accuracy? (Always calling the most frequent class is the zero line.)

# %%
guess_3_bits, guess_2_bits = 50.0, 25.0
f"zero line: {100 * np.bincount(y_val).max() / len(y_val):.1f} %"

# %% [markdown]
# Rounding a trained network is called **post-training quantization**, PTQ for short. There is more than one way to
# choose the step of a channel. *By the largest weight*, as in lesson 02. Or by *least squares*: the step for which
# the rounded weights lie closest to the real ones, even if the largest are cut off.
#
# `tdl.compress.qat.prepare` makes a copy of a network that rounds its weights to few bits, and its activations to 8.
# It takes the largest weight, unless you say `steps="learned"`: then the steps start at those of least squares, and
# part 2 will let them learn. Nothing is trained yet.

# %%
prepare = tdl.compress.qat.prepare
bits = (8, 6, 4, 3, 2)
by_largest = np.array([[validated(prepare(network, calibration, b)) for network in trained] for b in bits])
rounding = {(b, s): prepare(trained[s], calibration, b, steps="learned") for b in bits for s in seeds}
by_squares = np.array([[validated(rounding[b, s]) for s in seeds] for b in bits])
rows = [
    (f"{b}", *(f"{a:.1f}" for a in (*by_largest[i], *by_squares[i])), f"{in_float - by_squares[i].mean():+.1f}")
    for i, b in enumerate(bits)
]
columns = ("bits", *(f"{way}, seed {s}" for way in ("largest", "squares") for s in seeds), "points lost")
print(f"You guessed {guess_3_bits:g} % at 3 bits and {guess_2_bits:g} % at 2.")
tdl.report.Table("PTQ: accuracy on validation people (%)", columns, tuple(rows), "Lost: squares, mean of both seeds.")

# %% [markdown]
# Read it from the top. Then look at the last row, and compare the two ways of choosing a step there. At 2 bits the
# step of the first way *is* the largest weight of a channel, so every weight below half of it is rounded to 0. Has
# that brought a network below the zero line?
#
# Also compare the two seeds in each row. Where they differ by more than two neighbouring rows do, be careful with
# stories about one bit more or less.
#
# ## 2 · Learning through a staircase
#
# The network was trained with fine weights, and then its weights were moved. Nobody asked whether it minds. If it could
# feel the rounding *while it learns*, it might find weights that still work after it. That is **quantization-aware
# training**, QAT. There is one obstacle, and you can see it with a single weight.
#
# The weight wants to reach the target 0.62. But what the network sees is the weight rounded to multiples of 0.25. We
# learn by gradient descent on the squared error. **Predict** what happens if you use the true derivative of rounding.


# %%
def learn_one(slope_of_rounding: float, target: float = 0.62, step: float = 0.25) -> np.ndarray:
    """The weight and what it is rounded to, after each of 60 updates: [60, 2]."""
    weight, path = -0.4, []
    for _ in range(60):
        rounded = step * np.rint(weight / step)
        path.append((weight, rounded))
        upstream = 2 * (rounded - target)  # slope of the error at the rounded weight
        weight -= 0.06 * upstream * slope_of_rounding
    return np.array(path)


stuck, moving = learn_one(0.0), learn_one(1.0)
curves = {"derivative 0": stuck[:, 0], "derivative 1": moving[:, 0], "derivative 1, rounded": moving[:, 1]}
tdl.report.lines(range(60), curves, "update", "weight", "One weight that learns through a rounding (target 0.62)")

# %% [markdown]
# A staircase is flat almost everywhere. Its derivative is **0**, the chain rule multiplies by it, and the weight never
# moves. That is the first curve.
#
# The other two use a lie: backwards, pretend that rounding does nothing, so its derivative is **1**. This is the
# **straight-through estimator**. The weight itself stays fine (we call it *latent*); what the network sees is
# its rounded shadow. Small updates add up unseen until the shadow jumps one step.
#
# And look at the end. The target lies between two steps, so the shadow jumps to and fro between them for ever. Real
# networks do that too, with many weights at once. It is one reason why the learning rate must fall to zero.

# %%
f"the last 30 updates: {sorted(set(moving[-30:, 1].tolist()))}, on average {moving[-30:, 1].mean():.2f}"

# %% [markdown]
# ## Exercise 3.1 · Straight through
#
# Do both directions for a whole kernel. Forwards: with `b` bits the integers go from `−h` to `h`, where
# `h = 2^(b−1) − 1`. Round `weights / step` to integers, force them into the grid, multiply by `step`.
#
# Backwards: `upstream` is the gradient of the loss by the *rounded* weights. Return the gradient by the *latent* ones:
# the same where the weight lies inside the grid (`|weight| ≤ h × step`), and 0 outside, where the output cannot follow.
#
# `step` is one number, or an array with one step for each column. Return a tuple: rounded weights, then the gradient.


# %%
def straight_through(weights, step, bits, upstream) -> tuple[np.ndarray, np.ndarray]:
    """Rounded weights, and the gradient of the latent weights."""
    ### BEGIN SOLUTION
    highest = 2 ** (bits - 1) - 1
    scaled = weights / step
    rounded = step * np.clip(np.rint(scaled), -highest, highest)
    return rounded, upstream * (np.abs(scaled) <= highest)
    ### END SOLUTION


tdl.checks.straight_through(straight_through)

# %% [markdown]
# ## Exercise 3.2 · The step can learn, too
#
# Least squares chose the step that is best for the *weights*. Best for the *network* may be another one. So let the
# network choose: make the step a trained number. The idea is LSQ, *learned step size quantization*. It needs the
# derivative of a rounded weight `s × round(w / s)` by `s`:
#
# - inside the grid: the product rule gives `round(w / s)` plus `s` times the derivative of the rounding. Straight
#   through, that is the derivative of `w / s` by `s`, which is `−w / s²`. Together: `round(w / s) − w / s`;
# - outside the output is `h × s` or `−h × s`, so the derivative is `h` or `−h`.
#
# Return it for each weight. (A weight exactly at the end of the grid counts as outside here, as in the paper; in 3.1
# it counted as inside.)


# %%
def step_gradient(weights, step, bits) -> np.ndarray:
    """The derivative of each rounded weight by the step."""
    ### BEGIN SOLUTION
    highest = 2 ** (bits - 1) - 1
    scaled = weights / step
    return np.where(np.abs(scaled) < highest, np.rint(scaled) - scaled, np.sign(scaled) * highest)
    ### END SOLUTION


tdl.checks.step_gradient(step_gradient)

# %% [markdown]
# Does that find a good step? Try it on the real kernel of the second layer, with 2 bits and one step for all. The loss
# is the mean squared error of the weights, so we can compare with a plain search over many steps. (From here on the
# cells use the course's own versions, so you can go on either way.)

# %%
kernel = np.asarray(tdl.compress.fold.fold_batch_norms(trained[0]).get_layer("second").kernel).ravel()
step = start = np.abs(kernel).max()
errors, two_bits = [], 2
for _ in range(80):
    rounded, _ = tdl.compress.rounding.straight_through(kernel, step, two_bits, kernel)
    errors.append(np.mean((rounded - kernel) ** 2))
    by_step = tdl.compress.rounding.step_gradient(kernel, step, two_bits)
    step -= 0.5 * np.mean(2 * (rounded - kernel) * by_step)
searched = tdl.compress.qat.first_steps(kernel[:, None], (0,), two_bits).item()
best, _ = tdl.compress.rounding.straight_through(kernel, searched, two_bits, kernel)
found = (start, errors[0]), (step, errors[-1]), (searched, np.mean((best - kernel) ** 2))
for way, (its_step, error) in zip(("largest weight", "learned", "search"), found):
    print(f"{way:15} step {its_step:.3f}, mean squared error {error:.5f}")
tdl.report.lines(range(80), {"2 bits": errors}, "update", "mean squared error", "A step that learns (second layer)")

# %% [markdown]
# Gradients alone, without any search: compare the last two errors with the first. The last two need not be equal. The
# derivative through the rounding is that useful lie again, and a difference between them is its price. In the network
# the gradient comes from the loss of the *task*, weights and steps move together, and "closest to the old weights" is
# no longer what we want.
#
# ## 3 · Where to round
#
# The chip rounds activations, too, at 8 bits. So the network in training does it where the chip does. **Predict:**
# after which layers? Here is the list of a prepared network. Names that end in `_range` are roundings.

# %%
prepared = rounding[4, 0]
[layer.name for layer in prepared.layers if "dropout" not in layer.name][1:]

# %% [markdown]
# Three things to see.
#
# - **Behind the ReLU, not in front of it.** The chip computes convolution and ReLU in one go and stores only the
#   result. A rounding between them would spend steps on negative values that no one ever stores.
# - **Not behind the pooling.** An average of numbers in a range stays in the range.
# - **Not behind the softmax.** Its outputs lie between 0 and 1 whatever you feed in; the exporter knows that range. A
#   rounding there would train the loss on clipped probabilities, and probabilities below half a step would become 0,
#   whose logarithm is minus infinity.
#
# And the batch normalizations are gone. Two exercises say how ranges and normalizations are treated.
#
# ## Exercise 3.3 · A range that follows
#
# While the network learns, its activations change, so their range must follow. But one strange batch must not decide.
# The usual answer is a **moving average** of each batch's extremes: `momentum` (say 0.95) of the old end, and
# `1 − momentum` of the new one. When the network is only used (`training` is False), the range stands still.


# %%
def moving_range(low, high, batch, momentum, training) -> tuple[float, float]:
    """The range after a batch of activations."""
    ### BEGIN SOLUTION
    if not training:
        return low, high
    new_low = momentum * low + (1 - momentum) * batch.min()
    return float(new_low), float(momentum * high + (1 - momentum) * batch.max())
    ### END SOLUTION


tdl.checks.moving_range(moving_range)

# %% [markdown]
# ## Exercise 3.4 · Fold a batch normalization
#
# The normalization behind a convolution computes `gamma × (y − mean) / √(variance + epsilon) + beta` for each output
# channel. The chip never sees it: a gain in front of a sum can be multiplied into the sum's weights. We fold *before*
# we round, since the chip gets the folded weights.
#
# Return the kernel and the bias that do both in one layer. The output channel is the **last** axis of `kernel`.


# %%
def fold_batch_norm(kernel, bias, gamma, beta, mean, variance, epsilon) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of one layer that does the work of two."""
    ### BEGIN SOLUTION
    gain = gamma / np.sqrt(variance + epsilon)
    return kernel * gain, (bias - mean) * gain + beta
    ### END SOLUTION


tdl.checks.fold_batch_norm(fold_batch_norm)

# %% [markdown]
# (In a depthwise kernel the channel is the last axis but one. This is where most home-made folding goes wrong.)
#
# ## 4 · Before and after
#
# Everything is in place: Keras layers with your two gradients, ranges that follow, normalizations folded. Each rounded
# network now learns on for four epochs, at a quarter of the learning rate. **Predict:** how many of the points lost at
# 2 bits come back? And what happens at 8?

# %%
guess_won_back = 5.0

# %% [markdown]
# Ten trainings now, five numbers of bits times two seeds. They take a while, once. (Both seeds of a number of
# bits take turns in one network, which only swaps its weights: TensorFlow then prepares the training once.)

# %%
for b in bits:
    turns, starts = rounding[b, seeds[0]], {seed: rounding[b, seed].get_weights() for seed in seeds}
    for seed in reversed(seeds):
        turns.set_weights(starts[seed])
        tdl.models.train(turns, part, seed=seed, epochs=4, learning_rate=1e-3, keep=True)
        rounding[b, seed].set_weights(turns.get_weights())

# %% [markdown]
# And the picture that we came for.

# %%
after_training = np.array([[validated(rounding[b, s]) for s in seeds] for b in bits])
won_back = (after_training - by_squares).mean(axis=1)
print(f"2 bits: you guessed {guess_won_back:g} points won back; found {won_back[-1]:+.1f}. 8 bits: {won_back[0]:+.1f}.")
runs = {"PTQ, largest weight": by_largest, "PTQ, least squares": by_squares, "QAT, learned steps": after_training}
title = f"Rounded after training, and in training (float32: {in_float:.1f} %)"
tdl.report.spread(bits, runs, "bits per weight", "accuracy, validation people (%)", title)

# %% [markdown]
# This is the picture of the lesson. On the left, at 2 bits, the curves part: see which one falls last, and how far the
# seeds of each lie apart. The line above the picture says how much of it training gave back.
#
# Be careful on the right. Rounding to 8 bits had cost next to nothing, so there is next to nothing to win back there.
# Whatever QAT gains or loses at 8 bits is what **four more epochs** do to any network. So compare the 2 bits of the QAT
# curve with its own 8 bits, not with the float network, which has learned less long. Here is that comparison.

# %%
gap = after_training[bits.index(8)] - after_training
"trained on for four epochs, points lost against 8 bits: " + ", ".join(
    f"{b} bits {lost:+.1f}" for b, lost in zip(bits[1:], gap[1:].mean(axis=1))
)

# %% [markdown]
# How far apart must two points be before you believe it? The error bars are the luck of the seed. The luck of having
# just these people comes on top. An interval that counts windows gives a part of it. (Windows of one person are alike,
# so the truth is wider still.)

# %%
hits = round(after_training[-1, 0] / 100 * len(y_val))
low, high = tdl.metrics.wilson_interval(hits, len(y_val))
f"QAT at 2 bits, seed 0: {hits / len(y_val):.1%}; 95 % interval {low:.1%} to {high:.1%} ({len(y_val)} windows)"

# %% [markdown]
# ## Exercise 3.5 · Three values by a rule
#
# With 2 bits a weight is −1, 0 or 1 times a step: a **ternary** network. Li et al. found a rule for it that needs no
# search: weights whose size `|w|` is at most **0.7 times the mean `|w|`** become 0. The others become ±1, and the scale
# is the mean `|w|` *of those*. Return the integers as int8 with the shape of `weights`, and the scale.


# %%
def ternarize(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights as -1, 0, 1 and one scale."""
    ### BEGIN SOLUTION
    sizes = np.abs(weights)
    kept = sizes > 0.7 * sizes.mean()
    return (np.sign(weights) * kept).astype(np.int8), float(sizes[kept].mean())
    ### END SOLUTION


tdl.checks.ternarize(ternarize)

# %% [markdown]
# How good is the rule, channel by channel, without any training? Put its weights into the folded network. We write one
# function that tries kernels and gives two rulers; part 5 needs it again. The first is a **divergence**: how far the
# network's probabilities `q` move away from those in float32, `p`. It is the mean of the sum of `p log(p / q)`, after
# Kullback and Leibler. It is 0 if nothing moves, never negative, needs no labels, and says something long before a
# decision tips over. The second is accuracy.

# %%
folded = tdl.compress.fold.fold_batch_norms(trained[0])
kernels = tdl.compress.kernel_maps.kernels(folded)
p = np.maximum(tdl.models.predict(folded, x_val), 1e-9)


def with_kernels(changed: dict[str, np.ndarray]) -> tuple[float, float]:
    """Divergence and accuracy on validation people with some kernels replaced; then the old ones are back."""
    for name, kernel in changed.items():
        folded.get_layer(name).kernel.assign(kernel)
    q = np.maximum(tdl.models.predict(folded, x_val), 1e-9)
    for name in changed:
        folded.get_layer(name).kernel.assign(kernels[name])
    return float((p * np.log(p / q)).sum(axis=1).mean()), float((q.argmax(axis=1) == y_val).mean())


# %% [markdown]
# So, three values by the rule against three values by least squares, and by training:

# %%
ternary = {}
for name, kernel in kernels.items():
    channels = [tdl.compress.rounding.ternarize(kernel[..., c]) for c in range(kernel.shape[-1])]
    ternary[name] = np.stack([integers * scale for integers, scale in channels], axis=-1)
zeros = np.mean(np.concatenate([kernel.ravel() for kernel in ternary.values()]) == 0)
ways = {
    "ternary by the rule": with_kernels(ternary)[1],
    "2 bits, least squares": by_squares[-1, 0] / 100,
    "2 bits, trained": after_training[-1, 0] / 100,
}
rows = tuple((name, f"{accuracy:.1%}") for name, accuracy in ways.items())
tdl.report.Table(f"Three values, seed 0 (the rule makes {zeros:.0%} of the weights zero)", ("way", "accuracy"), rows)

# %% [markdown]
# The first two are both rounding after training, one by a formula, one by a search; neither knows what the network
# needs. Whether they differ from each other, the interval above must say. The third one was trained.
#
# ## 5 · Bits for each layer
#
# Not all weights can stay at 8 bits, or the constants will not fit into the slot. So say we go down to 4. How do 4 bits
# lie in the flash? A byte is the smallest thing that a processor can address. So **two** weights share one.
#
# ## Exercise 3.6 · Two weights in a byte
#
# `values` is int8, each between −8 and 7. Return uint8 with two values in each byte: the first one in the **low** four
# bits, the second in the high ones, both in two's complement (so −1 is the bits 1111). If their number is odd, the last
# high half is 0. Take care of the sign: as an int8, −1 is 1111 1111.


# %%
def pack_int4(values: np.ndarray) -> np.ndarray:
    """uint8 with two int4 values in each byte, in C order."""
    ### BEGIN SOLUTION
    flat = np.append(values.ravel(), [0] * (values.size % 2)).astype(np.uint8)
    return ((flat[0::2] & 15) | (flat[1::2] << 4)).astype(np.uint8)
    ### END SOLUTION


tdl.checks.pack_int4(pack_int4)

# %% [markdown]
# The course's own version, on four values. Find the −1 in the first byte, and the −7 in the second.

# %%
packed = tdl.ops.int4.pack_int4
[f"{byte:08b}" for byte in packed(np.array([1, -1, 7, -7], np.int8))]  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# ### Which layer minds most?
#
# Sometimes you cannot train: the data is not yours, or the network is not. Then give bits to the layers that need them.
# Round **one layer at a time** and see how far the outputs move. This is a *sensitivity scan*. **Predict:** which of
# the four layers is the most sensitive? The first, the last, or the largest?


# %%
def rounded_to(layer_bits: dict[str, int]) -> tuple[float, float]:
    """Divergence and accuracy with some layers rounded, by least squares."""
    layers = {name: folded.get_layer(name) for name in layer_bits}
    return with_kernels({name: tdl.compress.qat.rounded_kernel(layers[name], b) for name, b in layer_bits.items()})


sizes = {name: kernel.size for name, kernel in kernels.items()}
losses = tdl.compress.mixed.sensitivity(list(sizes), (8, 4, 3, 2), lambda each: rounded_to(each)[0])
rows = [(n, f"{sizes[n]:,}", *(f"{moved:.4f}" for moved in losses[n].values())) for n in sizes]
columns = ("layer", "weights", *(f"{b} bits" for b in (8, 4, 3, 2)))
tdl.report.Table("Divergence from float32, one layer rounded", columns, tuple(rows))

# %% [markdown]
# Read down one column: which layer minds most at these bits? But that is half of the story. Rounding a large layer
# saves many bytes, a small one next to none. What counts is how much the divergence rises **for each byte saved**: the
# price of a byte.
#
# ## Exercise 3.7 · Spend the bytes well
#
# Start with every layer at its most bits. As long as the weights take more than `budget_bytes`, lower one layer to
# its next fewer bits: the one whose step has the lowest price. Return the bits of each layer.
#
# `losses[name][bits]` is what the network loses (here: its divergence) with this layer at these bits, `sizes[name]` its
# number of weights. A step from `b` to `c` bits saves `size × (b − c) / 8` bytes. Stop as soon as it fits.


# %%
def allocate_bits(losses, sizes, budget_bytes) -> dict[str, int]:
    """Bits for each layer, the cheapest bytes given up first."""
    ### BEGIN SOLUTION
    bits = {name: max(choices) for name, choices in losses.items()}
    while sum(sizes[name] * b / 8 for name, b in bits.items()) > budget_bytes:
        steps = []
        for name, b in bits.items():
            if b > min(losses[name]):
                c = max(each for each in losses[name] if each < b)
                steps.append(((losses[name][c] - losses[name][b]) / (sizes[name] * (b - c) / 8), name, c))
        _, cheapest, fewer = min(steps)
        bits[cheapest] = fewer
    return bits
    ### END SOLUTION


tdl.checks.allocate_bits(allocate_bits)

# %% [markdown]
# Our slot holds 8,192 bytes, and not all of them are for weights: biases, multipliers and tables lie there as well.
# Their bytes we know from the int8 network. The kernels for int4 bring small tables along, too: we set 200 bytes aside
# for those. On the chip a layer's weights are int8 or int4, so these are the choices.

# %%
overhead = constants - sum(sizes.values()) + 200
budget = 8192 - overhead
choices = {name: {b: by_bits[b] for b in (8, 4)} for name, by_bits in losses.items()}
mixed_bits = tdl.compress.mixed.allocate_bits(choices, sizes, budget)
used = tdl.compress.mixed.weight_bytes(sizes, mixed_bits)
print(f"slot 8,192 = {overhead:,} for the rest + {budget:,} for weights; {used:,} used")
all_4 = rounded_to(dict.fromkeys(sizes, 4))[0]
print(f"divergence {rounded_to(mixed_bits)[0]:.4f}; with all layers at 4 bits {all_4:.4f}")
mixed_bits

# %% [markdown]
# The scan took one layer at a time and the sum for the whole, so it is an estimate: errors of two layers may cancel or
# add up. Compare the two divergences above: did the mix win anything?
#
# And *greedy*, which takes the cheapest step each time and never takes one back, is not *best*. Can you beat it? Here
# are your sliders, and other bits than the chip's are allowed. Stay left of the dashed line. (On a web page you see
# only the picture in the next cell. Run the notebook to play.)

# %%
explorer = tdl.widgets.BitsExplorer(sizes, lambda each: rounded_to(each)[1], budget)
explorer

# %% [markdown]
# The greedy choice, as a picture:

# %%
for name, b in mixed_bits.items():
    explorer.sliders[name].value = b
explorer.picture()

# %% [markdown]
# ## 6 · On the Cortex-M4
#
# Four networks go to the chip next to the int8 one.
#
# - **int4, trained**: the 4-bit network of part 4. Its kernels decode the weights into RAM, then compute as the int8
#   ones.
# - **int4, plain**: the same weights, but kernels that decode each weight when they need it.
# - **mixed, not trained**: the bits from above.
# - **2 bits, trained**: our chip code has no 2-bit format. But three values that are not equally frequent can be
#   written with a variable-length code (a *Huffman* code; lesson 05 builds one). `bake` hands them over as int8 with
#   three values, and `goal="size"` lets the compiler find the code by itself.
#
# And one network of another kind: **half the channels**, at 8 bits. A layer's weights are channels in times channels
# out, so that is about a quarter of the weights. A quarter of the weights with four times the bits: in bits it is about
# as large as the wide network at 2. **Predict:** which of the six has the smallest flash *in total*, and which is the
# fastest?

# %%
guess_smallest, guess_fastest = "2 bits, trained", "int4, trained"

# %% [markdown]
# Train the slim one, and put all six on the chip.

# %%
tdl.models.keras.utils.set_random_seed(0)
slim = build(widths=(8, 16, 24))
tdl.models.train(slim, part, epochs=20, keep=True)
networks = {
    "int8": trained[0],
    "int4, trained": rounding[4, 0],
    "mixed, not trained": prepare(trained[0], calibration, mixed_bits, steps="learned"),
    "2 bits, trained": tdl.compress.kernel_maps.bake(rounding[2, 0]),
    "slim, int8": slim,
}
goals = {"2 bits, trained": "size"}
chips = {name: tdl.deploy(each, calibration, goal=goals.get(name, "speed")) for name, each in networks.items()}
chips["int4, plain"] = tdl.deploy(chips["int4, trained"].tflite, calibration, prefer=("ref",))


# %% [markdown]
# First things first: is the chip right? Fifty windows, three opinions: the C on the simulated chip, the NumPy
# definition of every operator, and TFLM, Google's engine, which reads the same file. Every byte must be equal.

# %%
windows = np.linspace(0, len(x_val) - 1, 50).astype(int)
for name, chip in chips.items():
    sample = chip.quantize(x_val[windows])
    says = tdl.sim.run(chip.elf, sample).outputs.reshape(50, -1)
    in_numpy = np.array([tdl.compiler.interpret(chip.graph, x[None])[0].ravel() for x in sample])
    others = {"NumPy": in_numpy}
    if tdl.sim.tflm.available():
        others["TFLM"] = tdl.sim.tflm.run_tflm(chip.tflite, sample).reshape(50, -1)
    equal = {who: int((says == theirs).all(axis=1).sum()) for who, theirs in others.items()}
    assert set(equal.values()) == {50}, (name, equal)
    print(f"{name:20}", *(f"equal to {who} on {count} of 50;" for who, count in equal.items()))

# %% [markdown]
# And are those your bytes? The weights of a layer as they lie in the `.tflite`, against the trained integers, packed as
# in exercise 3.6:

# %%
grid = tdl.compress.qat.weight_grids(rounding[4, 0])["second"]
mine = packed(np.moveaxis(grid.integers, -1, 0))  # TFLite puts the output channel first
found = mine.tobytes() in chips["int4, trained"].tflite
f"{len(mine):,} bytes for {grid.integers.size:,} weights; found in the file: {found}"

# %% [markdown]
# Now the costs, all of one inference, and the accuracy, still on validation people. (Every window runs on the simulated
# chip.)


# %%
def costs(chip) -> tuple[int, int, int, int]:
    """Constants, whole flash, RAM (bytes), cycles."""
    return tdl.footprint.constant_bytes(chip.elf), chip.elf.flash_bytes, chip.ram_bytes, chip.result.cycles


def called_by(chip, x: np.ndarray) -> np.ndarray:
    """The movement that the network calls for each window."""
    return chip.run(x).outputs.argmax(axis=1)


spent = {name: costs(chip) for name, chip in chips.items()}
on_val = {name: 100 * float((called_by(chip, x_val) == y_val).mean()) for name, chip in chips.items()}

# %% [markdown]
# *Code* is the flash that is not constants.

# %%
rows = []
for name, (slot, flash, ram, cycles) in spent.items():
    rows.append((name, *(f"{n:,}" for n in (slot, flash - slot, flash, ram, cycles)), f"{on_val[name]:.1f}"))
columns = ("network", "constants", "code", "flash", "RAM", "cycles", "accuracy (%)")
smallest, fastest = (min(spent, key=lambda name: spent[name][which]) for which in (1, 3))
print(f"Smallest flash: {smallest} (you: {guess_smallest}). Fastest: {fastest} (you: {guess_fastest}).")
note = "Bytes; constants, code and flash measured, RAM simulated, cycles modelled. Accuracy on validation people."
tdl.report.Table("Six networks on the Cortex-M4", columns, tuple(rows), note)

# %% [markdown]
# ### What did the bits buy?
#
# The same once more, as multiples of the int8 network. **Predict** the column *flash*: half the bits for each
# weight, so half the flash?

# %%
times = {name: np.array(each) / spent["int8"] for name, each in spent.items()}
rows = [(name, *(f"{value:.2f}" for value in each)) for name, each in times.items()]
tdl.report.Table("Relative to int8", ("network", "constants", "flash", "RAM", "cycles"), tuple(rows))

# %% [markdown]
# Go through it row by row; each row is a lesson of its own.
#
# - **int4, trained.** Half a byte for each weight, but biases, multipliers and tables stay as they are, and so does
#   most of the code around. So the slot shrinks well, and the whole flash less. And the Cortex-M4 has no instruction
#   for 4 bits. The fast way is to decode the weights into RAM first and then run the int8 loops: that is what the RAM
#   column pays, and a part of the cycles. Four bits do **not** make it faster.
# - **int4, plain.** No RAM for decoded weights and the least code. But every weight is taken out of its byte anew each
#   time it is used, and the cycles say how often that is.
# - **mixed.** Where one layer has int8 weights and another one int4, they need *different kernels*, and both lie in the
#   flash. So such a mix saves bytes in the slot and gives some of them back in code. A scan that counts only weights
#   does not see it.
# - **2 bits.** Of the wide networks this one has the smallest slot. But walking through a variable-length code takes
#   many cycles for each weight, each time. The next cell counts them.
# - **slim, int8.** It never went below 8 bits. It has fewer weights to begin with, and fewer products to compute.

# %%
for name in ("2 bits, trained", "slim, int8"):
    slot, _, _, cycles = spent[name]
    print(f"{name:16} {slot:,} bytes of constants, {cycles:,} cycles, {on_val[name]:.1f} % of the validation windows")
more = spent["2 bits, trained"][3] - spent["int8"][3]
print(f"2 bits against int8, the same layers: {more / sum(sizes.values()):+.0f} cycles for each weight")

# %% [markdown]
# So before you take bits away, ask whether a smaller network would do. A wide network at few bits and a slim one at 8
# are two ways to the same slot, and only the device tells which is cheaper. Lessons 04, 06 and 07 make networks slim.
#
# ### The budget, and one choice
#
# Four rows of budget, six networks, validation people. Points are lost against the wide network in float32 with the
# same seed, which most of the six were made of. We choose the one with the fewest cycles among those that meet
# everything. (How wide was the interval of part 4, compared with two points? So who meets the row *accuracy*, and who
# misses it, may be luck. The other three rows do not depend on luck.)

# %%
rows, fitting = [], []
for name, (slot, _, ram, cycles) in spent.items():
    lost = validated(trained[0]) - on_val[name]
    met = {"slot": slot <= 8192, "accuracy": lost <= 2, "RAM": ram <= 16384, "cycles": cycles <= 400_000}
    fitting += [name] if all(met.values()) else []
    missed = ", ".join(what for what, fits in met.items() if not fits) or "nothing"
    rows.append((name, f"{slot:,}", f"{lost:+.1f}", f"{ram:,}", f"{cycles:,}", missed))
choice = min(fitting, key=lambda name: spent[name][3], default="none of them")
print(f"Chosen on the validation people: {choice}")
columns = ("network", "constants", "points lost", "RAM", "cycles", "misses")
tdl.report.Table("The budget: 8,192 bytes, 2 points, 16,384 bytes, 400,000 cycles", columns, tuple(rows))

# %% [markdown]
# ### The test people
#
# The choice is made. Now, once, the people whom nobody has met. **Predict:** will the intervals of the six networks
# overlap?

# %%
variants = []
for name, chip in chips.items():
    score = tdl.metrics.score(motion.y_test, called_by(chip, motion.x_test), motion.labels)
    shown = (score.accuracy, *score.accuracy_interval)
    variant = (name, "03", motion.name, *shown, *spent[name][1:], motion.synthetic, name == "int8")
    variants.append(tdl.report.Variant(*variant))
tdl.report.pareto(variants, "Below eight bits, on the test people")

# %% [markdown]
# Vertical lines are 95 % intervals. Where they overlap, this test cannot rank the two networks; with so few test
# people, expect that of most pairs. The costs, across, it *can* rank: they do not depend on who wears the wristband. A
# variant is on the **Pareto front** if no other one is at least as accurate and costs no more.
#
# Which of the five movements suffer? A wristband that misses *standing up* is worth less than one that misses
# *walking*. The recall of a movement is the share of its windows that are found. Their number stands in brackets: where
# it is small, one window more or less moves the share by points.

# %%
rows = []
for name in ("int8", "int4, trained", "2 bits, trained", "slim, int8"):
    score = tdl.metrics.score(motion.y_test, called_by(chips[name], motion.x_test), motion.labels)
    rows.append((name, *(f"{share:.0%}" for share in score.recall)))
counts = np.bincount(motion.y_test, minlength=len(motion.labels))
columns = ("network", *(f"{label} ({n})" for label, n in zip(motion.labels, counts)))
tdl.report.Table("Recall of each movement, test people (windows)", columns, tuple(rows))

# %% [markdown]
# And every variant of all lessons that you have run on this computer, each against the plain int8 network of its
# lesson:

# %%
tdl.report.keep_variants(variants)
tdl.report.pareto_of_lessons(tdl.report.kept_variants())

# %% [markdown]
# **Now you:** the `mixed` network was not trained. Train it for four epochs as in part 4
# (`tdl.models.train(networks["mixed, not trained"], part, epochs=4, learning_rate=1e-3)`), deploy it, and look at
# *all* columns. Would you still mix?
#
# ## What we left out
#
# - **A 2-bit format of our own.** Four weights in a byte need no Huffman tree to walk; such kernels exist for
#   microcontrollers. TensorFlow Lite's files know int4 and int8, so we stayed with those.
# - **Activations below 8 bits.** They would save RAM. The kernels here compute with 8.
# - **Cures for the jumping to and fro** that you saw in part 2: damping it, or freezing weights that jump (Nagel et
#   al.).
# - **Better scans.** Ours rounds one layer at a time on a few hundred windows, and small differences in it are luck.
#   HAWQ takes second derivatives of the loss, and a search can have the device in the loop: lesson 17.
# - **More seeds.** Two runs show that luck exists, not how large it is.
# - **Falls.** The network names movements. Whether a slow turn predicts a fall is a question for clinicians, and for
#   many more people than these.
#
# **Read more**
#
# - Y. Bengio, N. Léonard, A. Courville: *Estimating or Propagating Gradients Through Stochastic Neurons for Conditional
#   Computation.* arXiv:1308.3432, 2013. Names and studies the straight-through estimator.
# - B. Jacob et al.: *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference.* CVPR
#   2018. Fake quantization, moving ranges, and folding before rounding: part 3.
# - S. K. Esser et al.: *Learned Step Size Quantization.* ICLR 2020. The gradient of exercise 3.2, and how to scale it.
# - F. Li et al.: *Ternary Weight Networks.* arXiv:1605.04711, 2016. The rule of exercise 3.5.
# - Z. Dong et al.: *HAWQ: Hessian AWare Quantization of Neural Networks with Mixed-Precision.* ICCV 2019. Bits for each
#   layer by how sharply the loss curves.
# - M. Nagel et al.: *Overcoming Oscillations in Quantization-Aware Training.* ICML 2022. Why weights jump to and fro, what
#   it costs, what helps.
# - D. Podsiadlo, S. Richardson: *The Timed "Up & Go": A Test of Basic Functional Mobility for Frail Elderly Persons.*
#   Journal of the American Geriatrics Society 39(2), 1991. The test that the wristband is to watch.
#
# ## Tell a friend
#
# A rounded weight cannot learn, because stairs are flat. So we lie to it: backwards we pretend there are no stairs,
# and it learns to live on few steps. That makes the weights small. Whether it makes the *device* cheaper is another
# question: ask how much of the flash is weights, who unpacks them, and where they lie meanwhile.
#
# ## Where next
#
# Lesson **04** takes weights away altogether, and asks what really gets faster.
