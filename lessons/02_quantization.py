# %% [markdown]
# # 02 · Quantization: from float32 to int8
#
# **The problem.** The patch on a patient's chest must tell a normal heartbeat from two kinds of ectopic beat, for two
# weeks, on a coin cell. Your network does it in float32: four bytes for each weight, four for each value that flows
# between the layers, and three clock cycles for one multiply-add on a Cortex-M4. The same processor can do **two**
# multiply-adds of small integers in **one** cycle. So we want integers. The question is what that costs in hearts.
#
# | what | budget | why |
# |---|---|---|
# | accuracy | at most 1 percentage point below float32 | the trial was planned with float32 |
# | RAM, all in | 32 KB | the part has no more |
# | battery | 14 days | one CR2032 coin cell, 75 beats a minute |
# | energy per beat | 150 µJ | about a fifth of what the chip draws asleep between two beats |
#
# **You will** write a quantizer, find good ranges from data, compute a layer with integers only, and then check your
# arithmetic, bit for bit, against the chip.
#
# | part | minutes |
# |---|---|
# | 1. how few values are enough? | 10 |
# | 2. the affine map (exercises 2.1 to 2.3) | 20 |
# | 3. error, bits and ranges (exercises 2.4 and 2.5) | 20 |
# | 4. integers only (exercises 2.6 and 2.7) | 20 |
# | 5. on the Cortex-M4 (exercise 2.8) | 15 |

# %%
import numpy as np

import tdl_course as tdl

beats = tdl.datasets.load("ecg")
beats

# %% [markdown]
# ## People whom the network has never met
#
# You are about to choose: how many bits, which ranges. Whoever chooses by the test beats has used them up, because
# they then no longer say how the patch does on a new heart. So we hold some people of the *training* part back, for
# **validation**. The network learns from the others; we choose on the held-back people; the test part sleeps until
# the end.
#
# The split is by record, not by beat. Beats of one heart look alike, and a network that knows a heart is no judge of
# how it will do on another.

# %%
learn, held_back = tdl.datasets.validation_split(beats, fraction=0.25, seed=0)
x_val, y_val = beats.x_train[held_back], beats.y_train[held_back]
record_val = beats.group_train[held_back]
counts = [
    (
        part,
        f"{len(np.unique(beats.group_train[mask]))}",
        *(f"{n:,}" for n in np.bincount(beats.y_train[mask], minlength=len(beats.labels))),
    )
    for part, mask in (("learn", learn), ("validate", held_back))
]
columns = ("part", "records", *beats.labels)
tdl.report.Table("The training part, split by record", columns, tuple(counts))

# %% [markdown]
# Train on the first row (a minute at most, and only the first time: the finished model is kept), score on the second.

# %%
model = tdl.models.load("ecg_cnn", tdl.datasets.subset(beats, learn))
tdl.metrics.score(y_val, tdl.models.predict(model, x_val), beats.labels)

# %% [markdown]
# That is the float32 network on hearts that are new to it. It is our zero line: from here on we ask what quantization
# *changes*.
#
# ## First, fold
#
# Behind each convolution stands a **batch normalization**, which multiplies each channel by a gain and adds an
# offset. The chip never sees it. A gain can be multiplied into the kernel in front of it once and for all, and
# converters do so before they quantize. We do it too, so that we study the weights that the chip will get.


# %%
def fold(model) -> None:
    """Multiply the gain of each batch normalization into the kernel in front of it, in place."""
    weighted = [layer for layer in model.layers if layer.weights]
    for layer, norm in zip(weighted[:-1:2], weighted[1::2]):  # convolution, normalization, convolution, ...
        gamma, beta, mean, variance = norm.get_weights()
        gain = gamma / np.sqrt(variance + norm.epsilon)
        kernel = layer.get_weights()[0]  # [height, width, in, out]; depthwise: [height, width, channel, 1]
        layer.set_weights([kernel * (gain[:, None] if "depthwise" in layer.name else gain)])
        norm.set_weights([np.sqrt(variance + norm.epsilon), beta - mean * gain, 0 * mean, variance])


before = tdl.models.predict(model, x_val)
fold(model)
f"largest change of a confidence: {np.abs(tdl.models.predict(model, x_val) - before).max():.1e}"

# %% [markdown]
# Nothing changed but the rounding of float32 itself. Now lay every kernel out as a matrix with **one column for each
# output channel**. This form will serve us all lesson.

# %%
layers = [layer for layer in model.layers if hasattr(layer, "kernel")]
kernels = {layer.name: layer.get_weights()[0].reshape(-1, layer.output.shape[-1]) for layer in layers}
rows = [
    (name, f"{k.shape[0]}", f"{k.shape[1]}", f"{k.size:,}", f"{np.abs(k).max():.2f}") for name, k in kernels.items()
]
columns = ("layer", "weights per channel", "channels", "weights", "largest |w|")
tdl.report.Table("Kernels", columns, tuple(rows))

# %% [markdown]
# ## 1 · How few values are enough?
#
# Here are the weights of the first layer.

# %%
first = kernels["conv2d"]
tdl.report.histogram(first, bins=60, xlabel="weight", title="Weights of the first layer")

# %% [markdown]
# Look at the ends of the range, and at how few weights live there. Remember them: they will decide how coarse the
# steps are for everybody else.
#
# In float32 each of these weights can take about four billion values. **Predict:** you keep at most **16 different
# values** in each layer, evenly spaced. How many percentage points of accuracy do you lose, on people whom the
# network has never met? Write your guess into the cell.

# %%
guess_points = 20.0

# %% [markdown]
# To find out, round every kernel to 4 bits (you will write this rounding yourself in a minute), put the rounded
# weights into the network, and ask it about every validation beat.


# %%
def decisions(weights: dict[str, np.ndarray]) -> np.ndarray:
    """The class called for each validation beat with these kernels; then the old ones are back."""
    for layer in layers:
        layer.kernel.assign(weights[layer.name].reshape(layer.kernel.shape))
    called = tdl.models.predict(model, x_val).argmax(axis=1)
    for layer in layers:
        layer.kernel.assign(kernels[layer.name].reshape(layer.kernel.shape))
    return called


def rounded(weights: np.ndarray, bits: int, axis: int | None = None) -> np.ndarray:
    """Weights after a trip to integers of a few bits and back."""
    q, quantization = tdl.compress.quantize_weights(weights, bits, axis)
    return tdl.compress.dequantize(q, np.array(quantization.scale), 0)


# %% [markdown]
# Two numbers are worth looking at. **Accuracy** needs labels. **Agreement** does not: it is the share of beats on
# which the rounded network decides as the float one did. This makes one row of a table out of them, with the recall
# of each class between them.


# %%
def row(name: str, called: np.ndarray, float_called: np.ndarray, truth: np.ndarray) -> tuple[str, ...]:
    """Name, accuracy, its 95 % interval, recall of each class, agreement with float32: as text."""
    score = tdl.metrics.score(truth, called, beats.labels)
    shares = [score.accuracy, *score.recall, (called == float_called).mean()]
    accuracy, *others = (f"{share:.1%}" for share in shares)
    return (name, accuracy, "{:.1%} to {:.1%}".format(*score.accuracy_interval), *others)


recalls = tuple(f"recall {label}" for label in beats.labels)
score_columns = ("network", "accuracy", "95 % interval", *recalls, "as float32")

# %% [markdown]
# So, how many points?

# %%
in_float = decisions(kernels)
at_4_bits = decisions({name: rounded(kernel, bits=4) for name, kernel in kernels.items()})
rows = [
    row("float32", in_float, in_float, y_val),
    row("16 values a layer", at_4_bits, in_float, y_val),
]
lost = 100 * ((in_float == y_val).mean() - (at_4_bits == y_val).mean())
title = f"You guessed {guess_points:g} points lost; found: {lost:.1f} ({len(y_val):,} validation beats)"
tdl.report.Table(title, score_columns, tuple(rows))

# %% [markdown]
# Were you close? We threw away 28 of 32 bits, and that is all that happened to the accuracy. (If the number found is
# negative, you even won some.) A network adds up many weights, and errors that point in random directions mostly cancel.
#
# But now compare with the last column. More decisions changed than accuracy admits: some beats that were right became
# wrong, others that were wrong became right, and accuracy shows only the difference. The recall columns say whether
# all classes shared the loss. When somebody tells you "quantization costs us nothing", **ask which decisions changed.**

# %% [markdown]
# ## 2 · The affine map
#
# An **int8** is an integer from −128 to 127. We let an int8 number `q` stand for the real number
#
#     r = s × (q − z)
#
# The **scale** `s` is the distance between two neighbours, a positive real number. The **zero point** `z` is the
# integer that stands for the real number 0. One pair of them serves a whole array of numbers, so each number shrinks
# from four bytes to one.
#
# With fewer bits you can see the steps. Here are 3 bits, 8 values, for the range −1 to 2.5:

# %%
real = np.linspace(-1.6, 3.2, 400)
scale, zero_point = tdl.compress.affine_params(-1.0, 2.5, bits=3)
stairs = tdl.compress.fake_quantize(real, scale, zero_point, bits=3)
curves = {"float32": real, "3 bits": stairs}
title = "Rounding inside, saturation outside"
tdl.report.lines(real, curves, "real number", "after the round trip", title)

# %% [markdown]
# Two kinds of error, and you will meet both all day. Inside the range a number moves to the nearest step, by at most
# half a step: that is **rounding**. Outside, everything becomes the last step, however far away it was: that is
# **saturation** (or clipping). A wider range saturates less and rounds more coarsely. Finding ranges is making this
# trade.
#
# ## Exercise 2.1 · Scale and zero point
#
# Given a range from `r_min` to `r_max` to cover, find `s` and `z` for int8. Three things must hold:
#
# - **zero is exact.** Padding is zero, ReLU makes zeros, and an error there would be added up thousands of times. So
#   if the range does not hold 0, widen it until it does;
# - `r_min` lands on −128 and `r_max` on 127, up to the rounding of `z`;
# - `z` is an integer from −128 to 127.


# %%
def affine_params(r_min: float, r_max: float) -> tuple[float, int]:
    """Scale and zero point that map [r_min, r_max], widened to hold zero, onto int8."""
    ### BEGIN SOLUTION
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 255
    return scale, int(np.clip(round(-128 - r_min / scale), -128, 127))
    ### END SOLUTION


tdl.checks.affine_params(affine_params)

# %% [markdown]
# From here on the lesson uses the course's own version, `tdl.compress.affine_params`, so you can go on either way.
# This is the range −1 to 1.55. Does the zero point make sense to you? Count: how many steps of 0.01 lie below zero?

# %%
scale, zero_point = tdl.compress.affine_params(-1.0, 1.55)
round(scale, 6), zero_point  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# ## Exercise 2.2 · Quantize
#
# Turn the map round: `q = round(r / s) + z`, then force `q` into −128 … 127, then make it an int8.
#
# The order matters, and two classic bugs live here. A conversion to int8 *cuts off* what is behind the point. And in
# most languages a number that does not fit does not stop at 127: it **wraps round**, and a very large positive weight
# becomes a very large negative one.


# %%
def quantize(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    """The nearest int8 numbers, saturated; same shape as `real`."""
    ### BEGIN SOLUTION
    q = np.rint(real / scale) + zero_point
    return np.clip(q, -128, 127).astype(np.int8)
    ### END SOLUTION


tdl.checks.quantize(quantize)

# %% [markdown]
# This is what the second bug looks like. The sum 100 + 100 does not fit into int8. No error, no warning.

# %%
np.array([100], np.int8) + np.array([100], np.int8)  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# ## Exercise 2.3 · Dequantize
#
# And back: `r = s × (q − z)`. It looks too short to go wrong. But `q` arrives as an int8 array, and you have just
# seen what int8 arithmetic does.


# %%
def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    """The real numbers that the int8 numbers stand for."""
    ### BEGIN SOLUTION
    return scale * (q.astype(np.int32) - zero_point)
    ### END SOLUTION


tdl.checks.dequantize(dequantize)

# %% [markdown]
# ## 3 · Error, bits and ranges
#
# How large is the error? Rounding to steps of size `s` moves each value by something between `−s/2` and `s/2`, all
# about equally likely. The mean square of such a number is `s²/12` (integrate `e²/s` over that interval). One bit
# more halves `s`, so it divides the error's power by four.
#
# Engineers give the ratio of signal power to error power in decibels, ten times its decimal logarithm, and call it
# the **signal-to-noise ratio** (SNR). A factor of 4 is `10 × log10(4)` = 6.02 dB.
#
# **Predict:** the first layer's weights at 8 bits and at 4 bits: how many dB lie between?

# %%
bits = list(range(2, 9))
snr = [tdl.compress.signal_to_noise_db(first, rounded(first, b)) for b in bits]
theory = [snr[-1] - 20 * np.log10(2) * (8 - b) for b in bits]
print(f"8 bits {snr[-1]:.1f} dB, 4 bits {snr[2]:.1f} dB: {(snr[-1] - snr[2]) / 4:.2f} dB a bit")
curves = {"measured": snr, "6.02 dB a bit": theory}
tdl.report.lines(bits, curves, "bits per weight", "signal to noise (dB)", "Weights of the first layer")

# %% [markdown]
# The rule of six decibels a bit holds well while steps are small. At 2 and 3 bits it bends, because the error is then
# no longer spread evenly: most weights fall to zero, and their error is the weight itself.
#
# SNR is a good ruler for engineers, since it needs no labels. But it is not the goal. The goal is beats called right.
#
# ## Ranges of activations
#
# Weights lie still: you can look at all of them and take the largest. **Activations**, the values between layers,
# depend on the heart that is being listened to. So you must guess their range from examples. This is **calibration**:
# run a few hundred typical inputs through the float network and watch.
#
# Which beats may you take? Typical ones from the part you learn from. Not the test part: then its beats would have
# helped to choose the network that they are to judge.

# %%
calibration = beats.x_train[learn][::10]
watch = tdl.models.keras.Model(model.input, [layer.output for layer in model.layers])
activations = {layer.name: np.asarray(a) for layer, a in zip(model.layers, watch(calibration))}
second = activations["re_lu_1"]
methods = ("minmax", "percentile", "mse")
marks = {method: tdl.compress.calibrate(second, method, bits=4)[1] for method in methods}
title = "After the second ReLU, zeros left out"
tdl.report.histogram(second[second > 0], 80, "activation", title, marks, log=True)

# %% [markdown]
# Mind the vertical axis: it is logarithmic, each line is ten times the one below. So this is a long, thin tail. The
# largest value in hundreds of beats sits far out, and almost everything else is small. The dashed lines are three
# answers to "where should the range end?", here for 4 bits:
#
# - **min/max**: at the extremes. Nothing saturates. One strange beat decides for everybody.
# - **percentile**: leave out a fixed share of the values at the ends.
# - **MSE**: try many ranges, take the one whose mean squared error is least: rounding inside plus saturation outside.
#
# ## Exercise 2.4 · The percentile range
#
# Return the range that holds the **central** `percentile` % of the values. For 99 that is from the 0.5th percentile
# to the 99.5th: the share that you leave out is split evenly between the two ends. `np.percentile` does the sorting.


# %%
def percentile_range(values: np.ndarray, percentile: float) -> tuple[float, float]:
    """Low and high end of the central `percentile` % of all values."""
    ### BEGIN SOLUTION
    tail = (100 - percentile) / 2
    return float(np.percentile(values, tail)), float(np.percentile(values, 100 - tail))
    ### END SOLUTION


tdl.checks.percentile_range(percentile_range)

# %% [markdown]
# **Predict:** which of the three is best at 8 bits? And at 4? It need not be the same one.


# %%
def snr_of(values: np.ndarray, method: str, bits: int) -> float:
    """Signal to noise (dB) of activations in a few bits, with the range that a method chooses."""
    low, high = tdl.compress.calibrate(values, method, bits, percentile=99.9)
    scale, zero_point = tdl.compress.affine_params(low, high, bits)
    approximation = tdl.compress.fake_quantize(values, scale, zero_point, bits)
    return tdl.compress.signal_to_noise_db(values, approximation)


ways = [(method, b) for b in (8, 4) for method in methods]
after_relu = {name: values for name, values in activations.items() if name.startswith("re_lu")}
rows = [(name, *(f"{snr_of(v, *way):.1f}" for way in ways)) for name, v in after_relu.items()]
columns = ("layer", *(f"{method}, {b} bits" for method, b in ways))
tdl.report.Table("Signal to noise (dB); percentile: the central 99.9 %", columns, tuple(rows))

# %% [markdown]
# Read one row. With 8 bits there are steps to spare: rounding is cheap, and what hurts is to cut off the tail,
# because the tail is where the strong signal sits. With 4 bits each step is dear, and giving up a few extreme values
# to make the steps finer pays. A method is not good or bad in itself; it is good *for a number of bits*. TensorFlow
# Lite's converter, which we will use below, calibrates int8 by min/max.

# %% [markdown]
# ## One scale is not enough
#
# Back to weights. Here is the largest weight of each channel of the second layer. One scale for all channels has to
# cover the tallest bar.

# %%
name = "depthwise_conv2d"
tallest = {str(channel): float(value) for channel, value in enumerate(np.abs(kernels[name]).max(axis=0))}
ratio = max(tallest.values()) / min(tallest.values())
print(f"tallest / shortest = {ratio:.1f}: the shortest loses {np.log2(ratio):.1f} bits")
tdl.report.bars(tallest, "largest |weight|", f"Channels of {name}")

# %% [markdown]
# A channel whose weights reach only half of the range uses only half of the values: it has lost one bit. Folding adds
# to this, since it multiplies each channel by a gain of its own.
#
# The cure costs almost nothing: give each output channel its own scale. Its weights meet in one accumulator, and that
# is multiplied by a scale anyway. TensorFlow Lite's specification does just this. For weights it also fixes `z = 0`
# and leaves −128 unused, so that the range is symmetric: `s = max|w| / 127`.
#
# ## Exercise 2.5 · One scale per channel
#
# `weights` is a matrix with a column for each output channel, like ours. Return the int8 matrix and the scales, one
# for each column.


# %%
def quantize_per_channel(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 [n, channels] and scales float [channels] of float weights [n, channels]; zero point 0."""
    ### BEGIN SOLUTION
    scales = np.abs(weights).max(axis=0) / 127
    return np.clip(np.rint(weights / scales), -127, 127).astype(np.int8), scales
    ### END SOLUTION


tdl.checks.quantize_per_channel(quantize_per_channel)

# %% [markdown]
# Now the whole picture: all layers, 2 to 8 bits, one scale for each layer or one for each channel, scored on the
# validation people. **Predict** the number of bits where you would stop.

# %%
ways = {"one scale per tensor": None, "one scale per channel": 1}
called = {
    way: [decisions({name: rounded(kernel, b, axis) for name, kernel in kernels.items()}) for b in bits]
    for way, axis in ways.items()
}
accuracy = {way: [100 * float((c == y_val).mean()) for c in runs] for way, runs in called.items()}
wilson = {
    way: 100 * np.array([tdl.metrics.wilson_interval(int((c == y_val).sum()), len(y_val)) for c in runs]).T
    for way, runs in called.items()
}
accuracy["float32"] = [100 * float((in_float == y_val).mean())] * len(bits)
title = f"{len(y_val):,} validation beats; bands: 95 % intervals"
tdl.report.lines(bits, accuracy, "bits per weight", "accuracy (%)", title, wilson)

# %% [markdown]
# From 8 bits down to about 5 the curves lie inside each other's bands. Then they fall, and the one with a scale per
# tensor usually falls first. A curve that *rises* as bits are taken away is no miracle: beats on the fence have
# tipped over, some to the right side.
#
# The bands treat beats as independent, and beats of one heart are not. Ask each **person** instead: on which share of
# their beats does the rounded network decide as the float one? Bands now reach from the worst person to the best.

# %%
people = np.unique(record_val)
agree = {
    way: np.array([[100 * (c == in_float)[record_val == p].mean() for c in runs] for p in people])
    for way, runs in called.items()
}
middle = {way: a.mean(axis=0).tolist() for way, a in agree.items()}
extremes = {way: (a.min(axis=0), a.max(axis=0)) for way, a in agree.items()}
worst, best = (extreme[bits.index(4)] for extreme in extremes["one scale per tensor"])
print(f"4 bits, one scale per tensor: {worst:.0f} % for the worst person, {best:.0f} % for the best")
ylabel, title = "decides as float32 (% of beats)", "Mean over people; bands: worst to best person"
tdl.report.lines(bits, middle, "bits per weight", ylabel, title, extremes)

# %% [markdown]
# Agreement cannot rise by luck: it falls where accuracy still wobbles. And look how wide the band gets. The same bits
# that one person hardly notices cost another far more. A medical device is judged on the lower edge.
#
# ## Turn the knobs
#
# This is the same experiment with your hands on it. Choose bits, calibration and range, and watch weights, errors and
# accuracy. Two things to try: 3 bits, first per tensor and then per channel; and 4 bits with the range multiplied by
# 0.6. (On a web page you see only a picture, in the next cell. Run the notebook to play.)


# %%
def accuracy_of(weights: dict[str, np.ndarray]) -> float:
    """Share of the validation beats that the network calls right with these kernels."""
    return float((decisions(weights) == y_val).mean())


explorer = tdl.widgets.QuantizationExplorer(kernels, accuracy_of)
explorer

# %% [markdown]
# The explorer at 4 bits, one scale for the whole layer, as a picture:

# %%
explorer.bits.value = 4
explorer.picture()

# %% [markdown]
# On the left the pile of weights has become a comb with at most 15 teeth. (With a scale per channel it has many more,
# because each channel brings its own: try it.) On the right is the error: roughly a flat box that ends at half a
# step, as the `s²/12` above assumed.

# %% [markdown]
# ## 4 · Integers only
#
# So far we computed in float with rounded weights. The chip must do better: **no float at all** between input and
# output. Write both factors of a product as affine numbers (the weight's zero point is 0) and sum up:
#
#     sum of x·w  =  sum of s_x (q − z_x) · s_w p  =  s_x s_w · sum of (q − z_x) p
#
# Here `q` are the int8 inputs and `p` the int8 weights. The scales come out in front, and what is left under the sum
# are small integers. Three things follow:
#
# 1. The sum is an integer that counts in units of `s_x s_w`. It is called the **accumulator**.
# 2. The bias `b` can join the sum if it counts in the same units: store `round(b / (s_x s_w))`.
# 3. The next layer wants int8 in *its* units, `s_y`: multiply by `M = s_x s_w / s_y`, add `z_y`, saturate.
#
# **Predict:** how many bits does the accumulator of the first layer need in the worst case, with its 21 products?

# %%
products = first.shape[0]
largest = products * 255 * 127  # |q - z| is at most 255, |p| at most 127
width = int(largest).bit_length() + 1
f"{products} products: up to {largest:,}, {width} bits with the sign"  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# So int16 is too small even for this tiny layer, and int32 has room for thousands of products. That is why everybody
# accumulates in int32.
#
# Only `M` is still a real number. But it is known when the model is compiled, so we write it as an integer and a
# shift, once, on the laptop: `M = m × 2^(k − 31)` with `m` between `2^30` and `2^31`. Those are 31 bits of `M`;
# float32 keeps only 24. Here `M` is 0.0073:

# %%
multiplier, shift = tdl.compress.quantize_multiplier(0.0073)
multiplier, shift, multiplier * 2.0 ** (shift - 31)  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# ## Exercise 2.6 · Requantize
#
# Bring accumulators to int8 with integers only. TensorFlow Lite rounds **twice**, and to agree with it bit for bit
# you must round where it rounds. With accumulator `a`, and a shift `k` that is zero or negative:
#
# 1. `h = (a × m + 2^30) / 2^31`, rounded down. The product needs 64 bits. A right shift `>>` is a division that
#    rounds down, so adding half of the divisor first makes it round to nearest.
# 2. `t = h / 2^(−k)`, rounded to nearest, halves **away from zero**: 2.5 becomes 3, and −2.5 becomes −3.
# 3. `q = t + z_y`, saturated to −128 … 127, as int8.
#
# `accumulator`, `multiplier` and `shift` may be arrays (a multiplier for each channel): stick to NumPy operations.


# %%
def requantize(accumulator, multiplier, shift, zero_point) -> np.ndarray:
    """int32 accumulators to int8: multiply, shift, add the zero point, saturate; shift is 0 or negative."""
    ### BEGIN SOLUTION
    wide = np.asarray(accumulator, np.int64)
    high = (wide * multiplier + (1 << 30)) >> 31
    right = -np.asarray(shift, np.int64)
    half = (np.int64(1) << right) >> 1
    rounded = np.sign(high) * ((np.abs(high) + half) >> right)
    return np.clip(rounded + zero_point, -128, 127).astype(np.int8)
    ### END SOLUTION


tdl.checks.requantize(requantize)

# %% [markdown]
# You may wonder whether the last bit is worth the trouble. It is. An engine that is off by one *sometimes* can never
# be told from an engine with a bug. If every byte must be equal, a test can say yes or no.
#
# ## Exercise 2.7 · A dense layer in integers
#
# Everything together: the whole layer. `x` is int8 [batch, inputs], `weights` int8 [outputs, inputs], `bias` int32
# [outputs] in units of `s_x s_w`. Use `tdl.compress.requantize(accumulator, multiplier, shift, zero_point)` for the
# last step.


# %%
def dense_int8(x, weights, bias, x_zero_point, multiplier, shift, y_zero_point) -> np.ndarray:
    """A dense layer without floating point: int8 [batch, outputs]."""
    ### BEGIN SOLUTION
    accumulator = (x.astype(np.int32) - x_zero_point) @ weights.astype(np.int32).T + bias
    return tdl.compress.requantize(accumulator, multiplier, shift, y_zero_point)
    ### END SOLUTION


tdl.checks.dense_int8(dense_int8)

# %% [markdown]
# ## 5 · On the Cortex-M4
#
# Time to leave the laptop. `tdl.deploy` calibrates and quantizes with TensorFlow's converter, translates the result
# to C, compiles and links it, and runs one beat on the simulated chip. We ask for the board `tiny32k`: our chip with
# its RAM cut down to the budget of 32 KB. If it did not fit, the next line would say so and by how much.

# %%
device = tdl.deploy(model, calibration, board="tiny32k")
device

# %% [markdown]
# ### Are those your weights?
#
# The weights now lie in the flash as bytes, made by TensorFlow's converter. You know how to make them too.
# **Predict:** which share of them is equal to what exercise 2.5 computes from the folded kernels?

# %%
with_weights = [op for op in device.graph.ops if len(op.inputs) == 3]
rows = []
for op, (name, kernel) in zip(with_weights, kernels.items()):
    stored = device.graph.tensors[op.inputs[1]]
    flash = np.moveaxis(stored.data, stored.quantization.axis, -1).reshape(kernel.shape)
    q, _ = tdl.compress.quantize_weights(kernel, bits=8, axis=1)  # or your own quantize_per_channel
    rows.append((op.kind, name, f"{kernel.size:,}", f"{(q == flash).sum():,}"))
tdl.report.Table("Bytes in the flash", ("operator", "layer", "weights", "equal to yours"), tuple(rows))

# %% [markdown]
# ### Is that your arithmetic?
#
# Now one beat, layer by layer. On the left the chip's RAM, read after each layer. On the right the same layer in
# NumPy, with the arithmetic of exercise 2.6.

# %%
beat = device.quantize(x_val[:1])
on_chip = tdl.sim.layer_outputs(device.elf, device.sources, beat)
in_numpy = tdl.compiler.interpret_all(device.graph, beat)
rows = []
for index, (op, chip) in enumerate(zip(device.graph.ops, on_chip)):
    equal = (chip == in_numpy[op.outputs[0]]).sum()
    rows.append((str(index), op.kind, str(list(chip.shape)), f"{chip.size:,}", f"{equal:,}"))
columns = ("#", "layer", "output", "values", "equal in NumPy")
tdl.report.Table("One beat", columns, tuple(rows))  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# The dense layer is the one that you wrote yourself. Feed it the bytes that the chip's dense layer read, with the
# weights and scales from the flash, and compare with the bytes that the chip wrote. (The cell uses the course's
# version: put your own `dense_int8` in its place.)

# %%
at = next(i for i, op in enumerate(device.graph.ops) if op.kind == "FULLY_CONNECTED")
x, weights, bias = device.graph.input_tensors(device.graph.ops[at])
y = device.graph.output_tensors(device.graph.ops[at])[0]
real_multipliers = x.scale * np.array(weights.quantization.scale) / y.scale
pairs = np.array([tdl.compress.quantize_multiplier(m) for m in real_multipliers])
mine = tdl.compress.dense_int8(
    on_chip[at - 1], weights.data, bias.data, x.zero_point, pairs[:, 0], pairs[:, 1], y.zero_point
)
print("M        ", real_multipliers.round(6))
print("m and k  ", *(f"{m} {k}," for m, k in pairs))
print("yours    ", mine.ravel())
print("the chip ", on_chip[at].ravel())

# %% [markdown]
# Same numbers, from three lines of NumPy and from a processor that has never heard of NumPy.
#
# One beat is one beat. So take 200 test beats, the final bytes only, and a third opinion: **TFLM**, TensorFlow Lite
# for Microcontrollers, the engine that Google ships. We call it the *oracle*: where we differ from it, we are wrong.
# (Its Python package exists for Linux on x86-64 only; elsewhere the cell says so and goes on.)

# %%
sample = device.quantize(beats.x_test[np.linspace(0, len(beats.x_test) - 1, 200).astype(int)])
chip_says = tdl.sim.run(device.elf, sample).outputs.reshape(200, -1)
numpy_says = [tdl.compiler.interpret(device.graph, x[None])[0].ravel() for x in sample]
print(f"NumPy: equal to the chip on {(numpy_says == chip_says).all(axis=1).sum()} of 200 beats")
if tdl.sim.tflm.available():
    tflm_says = tdl.sim.tflm.run_tflm(device.tflite, sample).reshape(200, -1)
    print(f"TFLM:  equal to the chip on {(tflm_says == chip_says).all(axis=1).sum()} of 200 beats")
else:
    print("TFLM: not installed here")

# %% [markdown]
# ### What did it cost in hearts?
#
# All choices are made, so now, and only now, we wake the test part: people whom neither the network nor we have met.
# **Predict** the difference in points between float32 and the chip.

# %%
float_test = tdl.models.predict(model, beats.x_test).argmax(axis=1)
chip_test = device.run(beats.x_test).outputs.argmax(axis=1)
rows = [
    row("float32, laptop", float_test, float_test, beats.y_test),
    row("int8, Cortex-M4", chip_test, float_test, beats.y_test),
]
tdl.report.Table(f"{len(beats.y_test):,} test beats, all measured", score_columns, tuple(rows))

# %% [markdown]
# Compare the *difference* of the two accuracies with the *width* of one interval. The interval comes from having only
# so many test beats, and real uncertainty about new people is larger still. Eight bits are not what limits this
# patch. More patients would help it far more than more bits.
#
# ### Where do the cycles go?

# %%
tdl.report.layer_table(device.graph, device.result)

# %% [markdown]
# The same as a picture. Which layer would you make faster first?

# %%
tdl.report.layer_plot(device.graph, device.result)

# %% [markdown]
# Look at *cycles per MAC* in the table. A **MAC** is one multiply-accumulate. How low could that number go? Arm's
# manual gives 3 cycles for one in float32, and 1 cycle for two in small integers. Here is what the arithmetic alone
# would cost, if nothing had to be loaded, stored or counted.

# %%
macs = sum(tdl.ops.operator(op.kind).macs(device.graph, op) for op in device.graph.ops)
costs = {
    "float32, arithmetic alone": 3 * macs,
    "int8, arithmetic alone": macs / 2,
    "int8, our kernels": device.result.cycles,
}
microjoules = {n: 1e6 * tdl.energy.energy(int(c), device.board).joules for n, c in costs.items()}
rows = [(name, f"{cycles:,.0f}", f"{cycles / macs:.2f}", f"{microjoules[name]:.1f}") for name, cycles in costs.items()]
columns = ("way", "cycles", "cycles per MAC", "µJ per beat")
tdl.report.Table(f"{macs:,} MACs in one beat", columns, tuple(rows), "All modelled.")

# %% [markdown]
# Integers make speed *possible*: the floor is six times lower. They do not make it happen. Between the second row and
# the third lies the kernel's own work of fetching bytes and keeping its place, and lesson 09 is about nothing else.
#
# ### Bytes, before and after
#
# What has to lie in the flash for one layer? Weights, biases, and for int8 also the multiplier `m` and the shift `k`
# of each output channel, which TensorFlow Lite's kernels take as two 32-bit integers. **Predict:** by which factor do
# these bytes shrink? Four?

# %%
weights = sum(kernel.size for kernel in kernels.values())
biases = sum(device.graph.tensors[op.inputs[2]].size for op in with_weights)
values = max(t.size for t in device.graph.tensors if not t.is_constant)
was, now = 4 * weights + 4 * biases, weights + 4 * biases + 8 * biases
print(f"float32: {weights:,} weights x 4 + {biases:,} biases x 4 = {was:,} bytes")
print(f"int8:    {weights:,} weights x 1 + {biases:,} biases x 4 + {biases:,} pairs x 8 = {now:,} bytes")
print(f"factor {was / now:.2f} for the constants, 4 for every activation")
sizes = {
    "constants\nfloat32": was,
    "constants\nint8": now,
    "largest\nactivation\nfloat32": 4 * values,
    "largest\nactivation\nint8": values,
}
tdl.report.bars(sizes, "bytes", "What quantization saves")

# %% [markdown]
# Activations shrink to exactly a quarter. The constants do not, in a network as small as this: biases stay at 32
# bits, since they join a 32-bit sum, and the scales per channel, which we called almost free, are not. In a large
# network weights outnumber channels by hundreds to one, and the factor comes close to four. Overheads like this one
# are why tiny models have rules of their own.
#
# ### The budget

# %%
cost = tdl.energy.energy(device.result.cycles, device.board)
lost = 100 * ((float_test == beats.y_test).mean() - (chip_test == beats.y_test).mean())
duty = tdl.energy.duty_cycle(device.result.cycles, period_s=0.8, board=device.board)
life = tdl.energy.battery_life(duty).days
found = [
    ("accuracy lost (points)", lost, "at most 1", lost <= 1, "measured"),
    ("RAM, all in (KB)", device.ram_bytes / 1024, "at most 32", device.ram_bytes <= 32768, "simulated"),
    ("battery (days)", life, "at least 14", life >= 14, "modelled"),
    ("energy per beat (µJ)", cost.joules * 1e6, "at most 150", cost.joules <= 150e-6, "modelled"),
]
rows = [(what, f"{value:,.2f}", limit, "yes" if met else "not yet", label) for what, value, limit, met, label in found]
tdl.report.Table("The budget", ("what", "found", "budget", "met", "label"), tuple(rows))

# %% [markdown]
# If the energy row says *not yet*, look at cycles per MAC again: the network's size is settled, so what is left are
# the kernels. The battery row is more patient, because between beats the chip sleeps, and asleep it draws the same
# current whether the network is fast or slow. Lesson 15 is about that part of the bill.

# %% [markdown]
# ## Exercise 2.8 · Five quiet beats
#
# A colleague is in a hurry and calibrates with five normal beats of one calm person. The converter does not complain.
# Everything compiles. **Predict**, before you run the cell, on the validation people:
#
# - How many points of *accuracy* are lost?
# - Which class suffers most, and why?
#
# The last column is agreement: the share of beats on which the chip decides as float32 does.
#
# (Our exporter insists on 50 beats, so the colleague hands in each one ten times. The network runs as C compiled for
# your laptop here: same bytes, less waiting.)

# %%
normal = beats.x_train[learn & (beats.y_train == beats.labels.index("N"))]
quiet = np.repeat(normal[:5], 10, axis=0)
hurried = tdl.deploy(model, quiet, board="tiny32k")
rows = []
for name, deployed in (("hundreds of beats", device), ("five normal beats", hurried)):
    says = tdl.sim.run(deployed.sources, deployed.quantize(x_val), sim="host").outputs
    top = (127 - deployed.input.zero_point) * deployed.input.scale
    rows.append((f"{top:.2f}", *row(name, says.argmax(axis=1), in_float, y_val)))
title = "The same weights, other ranges"
tdl.report.Table(title, ("input up to", "calibrated with", *score_columns[1:]), tuple(rows))

# %% [markdown]
# Read the column *input up to* first: whatever lies above is cut off. Ventricular beats are often the tall ones, and
# five normal beats have never shown one. So the beats that the patch exists for are the ones that get cut.
#
# Then compare what *accuracy* lost with what agreement and the recall of each class lost. Accuracy can hardly move,
# or even rise, while many decisions change: most beats are normal, and clipping makes everything look more normal.
# One number for a whole data set hides who pays. The float model, the weights and the code are all fine. The bug is
# in the choice of five beats.
#
# **Now you:** repair it with as few beats as you can. Change `quiet` to 50 beats of your choice (from `learn`, never
# from the test part) and come within half a point of agreement of the first row. What did your beats have to contain?

# %% [markdown]
# ## What we left out
#
# - **Training that knows it will be quantized** (quantization-aware training). At 8 bits there was little to win back
#   here. Below that it is how you get the accuracy back. Lesson 03.
# - **Fewer than 8 bits on the chip.** We *simulated* 2 to 7 bits in float. The Cortex-M4 has no 4-bit instructions:
#   such weights save flash and cost cycles to unpack.
# - **Activations below 8 bits.** Our curves round the weights only.
# - **Better calibration.** Cross-layer equalization, bias correction and learned rounding repair networks that fail
#   at int8. Ours does not need them; Nagel et al. say how they work, and how to find out which layer is to blame.
# - **Falling back to float** for the one layer that cannot stand int8. This chip's float unit allows it; many have
#   none.
# - **One network, one seed, one data set.** How much int8 costs depends on all three: on a network with larger gaps
#   between its channels, a scale per tensor can destroy everything.
#
# **Read more**
#
# - B. Jacob et al.: *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference.*
#   CVPR 2018. The affine map, the int32 accumulator, multiplier and shift: part 4 of this lesson is theirs.
# - R. Krishnamoorthi: *Quantizing deep convolutional networks for efficient inference: A whitepaper.*
#   arXiv:1806.08342, 2018. Finds that weights with a scale per channel and activations with a scale per tensor, at 8
#   bits and without retraining, stay within 2 % of float for a wide variety of networks.
# - M. Nagel et al.: *A White Paper on Neural Network Quantization.* arXiv:2106.08295, 2021. Range setting, folding,
#   and a way to debug a network that quantizes badly.
# - A. Gholami et al.: *A Survey of Quantization Methods for Efficient Neural Network Inference.* arXiv:2103.13630,
#   2021. The map of the field, below 8 bits too.
# - *TensorFlow Lite 8-bit quantization specification.* Which tensors are symmetric, which have a scale per axis,
#   operator by operator.
# - W. R. Bennett: *Spectra of Quantized Signals.* Bell System Technical Journal 27(3), 1948. When the error of
#   rounding is evenly spread, so that its power is `s²/12`.
# - Arm: *Cortex-M4 Processor Technical Reference Manual* (DDI 0439). The cycles of each instruction.
#
# ## Tell a friend
#
# A weight does not need four billion values. Take 255, spaced by a scale of its own for each channel, choose the
# range from beats that include the rare ones, and a processor without any floating point will decide as the big
# network does. Then ask not how accurate it is on average, but *whose* beats changed.
#
# ## Where next
#
# Lesson **03** goes below 8 bits: train the network with the rounding in the loop.
