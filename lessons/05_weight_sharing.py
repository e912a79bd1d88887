# %% [markdown]
# # 05 · Weight sharing and entropy coding: Deep Compression
#
# **The problem.** A clip on a finger sees the pulse. Every four seconds your network says whether the heart beats
# less than 80 times a minute, 80 to 99 times, or more often. It is int8 already, and it works. But the chip's flash
# also holds a radio stack (the code that speaks the radio's protocol) and two copies of everything for updates, and
# your share of it has just been cut:
#
# | what | budget | why |
# |---|---|---|
# | flash, all in | 24 KB | code and constants; the rest belongs to the radio |
# | RAM, all in | 8 KB | likewise |
# | time per answer | 5 ms at 168 MHz | then the chip sleeps again |
# | accuracy | at most 2 percentage points below float32 | on people that the network never met |
#
# There is a famous recipe, **Deep Compression** (Han, Mao, Dally, 2016). It made one image network 35 times smaller
# and another 49 times, without loss of accuracy. Three stages: throw weights away, let the others share a few values,
# and write frequent values in few bits. You will build the last two by hand. Then you ask the question that a
# paper's table does not answer: **does the chip's flash get smaller, and what does the chip pay?**
#
# | part | minutes |
# |---|---|
# | 1. a few values for all weights (exercises 5.1 to 5.3) | 20 |
# | 2. train the values (exercise 5.4) | 10 |
# | 3. what int8 does to shared weights | 10 |
# | 4. zeros, entropy and Huffman (exercises 5.5 to 5.7) | 25 |
# | 5. on the Cortex-M4 | 20 |

# %%
import numpy as np

import tdl_course as tdl

pulses = tdl.datasets.load("ppg")
pulses

# %% [markdown]
# As in lesson 02, some people of the training part are held back. We choose on them, and wake the test part once, at
# the end.

# %%
learn, held_back = tdl.datasets.validation_split(pulses, fraction=0.25, seed=4)
learners = tdl.datasets.subset(pulses, learn)
x_val, y_val = pulses.x_train[held_back], pulses.y_train[held_back]
model = tdl.models.load("ppg_cnn", learners)
model = tdl.compress.fold.fold_batch_norms(model)  # the chip gets folded weights: lesson 02
kernels = tdl.compress.kernel_maps.kernels(model)
rows = [(name, str(list(k.shape)), f"{k.size:,}", f"{4 * k.size:,}") for name, k in kernels.items()]
total = sum(k.size for k in kernels.values())
rows.append(("all", "", f"{total:,}", f"{4 * total:,}"))
tdl.report.Table("Kernels", ("layer", "shape", "weights", "bytes in float32"), tuple(rows))

# %% [markdown]
# Most weights sit in three layers. Remember the small ones, though: a compressor brings a table of its own to each
# layer, and a small layer may not be worth a table.
#
# This makes one row of a table out of a network: accuracy on the validation people, with its 95 % interval.


# %%
def row(name: str, network) -> tuple[str, str, str]:
    """Name, accuracy on the validation people, its 95 % interval."""
    score = tdl.metrics.score(y_val, tdl.models.predict(network, x_val), pulses.labels)
    return name, f"{score.accuracy:.1%}", "{:.1%} to {:.1%}".format(*score.accuracy_interval)


score_columns = ("network", "accuracy", "95 % interval")
tdl.report.Table(f"{len(y_val)} windows of validation people", score_columns, (row("float32", model),))

# %% [markdown]
# ## 1 · A few values for all weights
#
# Lesson 02 rounded weights to *evenly spaced* values. Now the values may stand anywhere. Give a layer a **codebook**:
# a table of `k` numbers, its **centroids**. Each weight is stored as an **index** into the table. With 16 centroids
# an index takes 4 bits, wherever the centroids stand.
#
# ## Exercise 5.1 · Bytes of a shared layer
#
# A layer has `count` weights and a codebook of `k` centroids, `centroid_bytes` each. Indices are packed one behind
# the other, all with the same number of bits: as many as the *largest index* needs. How many bytes are that, table
# and all? Bytes are whole, so round up. (A hint for the bits: `(k - 1).bit_length()` is what Python offers.)


# %%
def shared_bytes(count: int, k: int, centroid_bytes: int) -> int:
    """Bytes of packed indices and of the codebook."""
    ### BEGIN SOLUTION
    bits = (k - 1).bit_length()
    return -(-bits * count // 8) + k * centroid_bytes
    ### END SOLUTION


tdl.checks.shared_bytes(shared_bytes)

# %% [markdown]
# **Predict:** the largest layer in float32, then with 16 shared float32 values. How many times smaller? And the
# smallest layer?

# %%
sizes = {name: k.size for name, k in kernels.items()}
for name in (max(sizes, key=sizes.get), min(sizes, key=sizes.get)):
    book = tdl.compress.cluster.kmeans(kernels[name], 16)
    before, after = kernels[name].nbytes, book.nbytes()
    print(f"{name}: {before:,} bytes become {after:,}, {before / after:.1f} times smaller")

# %% [markdown]
# Four bits instead of 32 promise a factor of 8. The table takes its part of it, and the smaller the layer, the larger
# that part. Mind also where the factor starts from: against *int8* it is 2 at most.
#
# ### Where should the centroids stand?
#
# Best where the squared error of all weights is least. **k-means** looks for such places by taking turns: every weight
# goes to its nearest centroid; every centroid goes to the mean of its weights; again. Each turn can only lower the
# error. It stops in a valley, not always in the deepest one, so it matters where it starts. The paper has three ways:
#
# - **random**: on `k` weights drawn by chance;
# - **density**: as many weights between any two neighbours;
# - **linear**: evenly from the smallest weight to the largest.
#
# ## Exercise 5.2 · Start by density
#
# Sort the weights and cut them into `k` parts of equal *number*. A centroid starts in the middle of each part: the
# `(i + ½)/k` quantile, for `i` from 0 to `k − 1`. `np.quantile(weights, shares)` gives quantiles.


# %%
def density_centroids(weights: np.ndarray, k: int) -> np.ndarray:
    """k rising centroids, the middles of k equal shares of all weights."""
    ### BEGIN SOLUTION
    return np.quantile(weights, (np.arange(k) + 0.5) / k)
    ### END SOLUTION


tdl.checks.density_centroids(density_centroids)

# %% [markdown]
# ## Exercise 5.3 · One turn of k-means
#
# `weights` and the rising `centroids` are one-dimensional. Send each weight to the nearest centroid, then return the
# centroids, each at the **mean** of its weights. Two special cases:
#
# - a centroid that has no weights stays where it is;
# - a centroid that is exactly 0 stays 0. That one is for pruned weights, and they must not come back.


# %%
def kmeans_step(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """The centroids after one turn of k-means, in the same order."""
    ### BEGIN SOLUTION
    nearest = np.abs(weights[:, None] - centroids[None, :]).argmin(axis=1)
    moved = centroids.astype(float).copy()
    for i in range(len(centroids)):
        if centroids[i] != 0 and (nearest == i).any():
            moved[i] = weights[nearest == i].mean()
    return moved
    ### END SOLUTION


tdl.checks.kmeans_step(kmeans_step)

# %% [markdown]
# Here is the whole of it on one layer, from a linear start. Two bits, so four centroids: where would you put them?

# %%
explorer = tdl.widgets.CodebookExplorer(kernels)
explorer.bits.value = 2
explorer.picture()

# %% [markdown]
# Each orange line will stand for all weights near it. On the right is what that does to the layer's bytes. Indices
# and a table are already far below int8. *Huffman* comes in part 4. It can shorten indices only where some values are
# much more frequent than others.

# %% [markdown]
# **Predict:** which start gives the least error after twenty turns of k-means, with 8 centroids? Do all three come to
# the same valley?

# %%
name = max(sizes, key=sizes.get)
weights, turns = kernels[name].ravel(), list(range(0, 21, 4))
kmeans, distortion = tdl.compress.cluster.kmeans, tdl.compress.cluster.distortion
errors = {
    init: [1e4 * distortion(weights, kmeans(weights, 8, init, turn)) for turn in turns]
    for init in tdl.compress.cluster.INITS
}
tdl.report.lines(turns, errors, "turns of k-means", "mean squared error (1e-4)", f"{name}, 8 centroids")

# %% [markdown]
# The sentence below the picture has the errors at both ends. Starts that differ much at turn 0 may end close together.
# If the last errors still differ, k-means lies in different valleys, or has not come to rest.
#
# And the error is not the goal, decisions are. So: whole network, three starts, 4 to 16 values. No training yet.
# **Predict** the accuracy with four values in each layer.

# %%
guess_accuracy = 0.90

# %% [markdown]
# Each row is one network, every layer of which shares so many values.

# %%
counts = (4, 8, 16)
share_weights = tdl.compress.share.share_weights
shared = {(init, k): share_weights(model, k, init) for init in tdl.compress.cluster.INITS for k in counts}
rows = [row(f"{k} values, {init} start", network) for (init, k), network in shared.items()]
title = f"Shared, not trained (you guessed {guess_accuracy:.0%} for 4 values)"
tdl.report.Table(title, score_columns, (row("float32", model), *rows))

# %% [markdown]
# Compare differences with the intervals before you crown a winner. The paper prefers linear: large weights are few,
# density gives them hardly any centroid, and large weights matter most. Does your table say so too? On one small
# network, only where the intervals come apart. (`share_weights` does one thing more than you did: it divides each
# channel by its largest weight first. Part 3 says why.)
#
# ### Turn the knobs
#
# The picture above comes from an explorer; here is all of it. Choose layer, bits and start, and watch centroids,
# error and bytes. Try 3 bits with linear and with density, without letting k-means move them: look at the outermost
# centroids. Then let it. (On a web page you see nothing here. Run the notebook to play.)

# %%
explorer

# %% [markdown]
# ## 2 · Train the values
#
# k-means does not know what the network is for. So let the loss move the centroids. The indices stay; the table is
# trained. If one centroid `c` serves the weights `w₁`, `w₂`, `w₃`, then moving `c` moves all three of them, and
#
#     dL/dc  =  dL/dw₁ + dL/dw₂ + dL/dw₃
#
# That is the chain rule, nothing more: `c` has three ways into the loss, and effects add up.
#
# ## Exercise 5.4 · The gradient of a centroid
#
# `gradient` holds the loss's gradient by each weight, `indices` the centroid of each weight (same shape). Return the
# gradient of each of the `k` centroids. Beware of `out[indices] += gradient`: NumPy reads `out` once, so of several
# weights with one index only the last counts. `np.add.at` and `np.bincount` do what you mean.


# %%
def centroid_gradient(gradient: np.ndarray, indices: np.ndarray, k: int) -> np.ndarray:
    """The loss's gradient by each of k centroids."""
    ### BEGIN SOLUTION
    return np.bincount(indices.ravel(), gradient.ravel(), minlength=k)
    ### END SOLUTION


tdl.checks.centroid_gradient(centroid_gradient)

# %% [markdown]
# Now at full size. In the library a layer with shared weights computes with `scale × centroids[indices]`, and Keras
# finds the gradient: the same sum as yours. Three passes over the data with a small learning rate.
#
# **Predict:** four values in each layer again. How much of the loss does training the table win back? There are four
# numbers to train in each layer, and the biases. (The dense layer keeps weights of its own: with so few weights, a
# table is not worth its bytes.)

# %%
last = list(kernels)[-1]
trained, rows = {}, [row("float32", model)]
for k in (4, 16):
    trained[k] = share_weights(model, k, skip=(last,))
    rows.append(row(f"{k} values, k-means", trained[k]))
    tdl.models.train(trained[k], learners, epochs=3, learning_rate=4e-4, keep=True)
    rows.append(row(f"{k} values, trained", trained[k]))
tdl.report.Table("Before and after training the codebooks", score_columns, tuple(rows))

# %% [markdown]
# Look at the two rows of four values, then at the two of sixteen. Training can win back what was lost. Where the
# codebook was good enough to begin with, there is next to nothing to win, and a difference smaller than the interval
# says nothing. We go on with **16 values**: the indices fit in four bits, two to a byte, which is also what our kernel
# reads.
#
# ## 3 · What int8 does to shared weights
#
# The chip computes in int8, with a scale for each output channel (lesson 02). **Predict:** you share 16 real values
# in each layer, without any further care, and give the network to the converter. How many *different int8 values*
# does each layer have then?

# %%
guess_values = 16

# %% [markdown]
# To find out, look into the file that the converter writes.


# %%
def weights_of(graph) -> list[np.ndarray]:
    """The int8 weights of each layer that has some."""
    return [graph.tensors[op.inputs[1]].data for op in graph.ops if len(op.inputs) == 3]


# %% [markdown]
# We share the folded weights as they are (`per_channel=False`), bake the shared values in like ordinary weights, and
# convert.

# %%
calibration = learners.x_train[::8]
shared_as_is = share_weights(model, 16, per_channel=False, skip=(last,))
careless = tdl.compress.kernel_maps.bake(shared_as_is)
careless_graph = tdl.compiler.read_tflite(tdl.export.to_tflite(careless, calibration))
careful_graph = tdl.compiler.read_tflite(tdl.export.to_tflite(trained[16], calibration))
both = zip(kernels, weights_of(careless_graph), weights_of(careful_graph), strict=True)
rows = [(name, f"{len(np.unique(a))}", f"{len(np.unique(b))}") for name, a, b in both]
columns = ("layer", "int8 values, shared as is", "int8 values, shared per channel")
tdl.report.Table(f"Your guess for the first column: {guess_values}", columns, tuple(rows))

# %% [markdown]
# What went wrong in the first column? Each channel is divided by its own scale. Here is the mechanism with three
# channels that share four values:

# %%
values = np.array([-0.5, 0.0, 0.2, 0.8])
scales = np.array([0.8, 0.5, 0.9]) / 127  # of three channels whose largest weights differ
integers = np.rint(values[:, None] / scales).clip(-127, 127).astype(int)
print(integers)
f"{len(values)} real values, {len(np.unique(integers))} integers"  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# One real value becomes another integer in each channel (and 0.8 is even cut off where the channel's scale is too
# small for it). A decoder on the chip reads *integers*. So the integers are what must be shared:
#
# 1. divide each channel by its largest weight, so that all channels live between −1 and 1;
# 2. find **one** codebook for all of these numbers, and train it;
# 3. write the centroids as int8: the largest one is 127. The scales per channel stay, as int8 has them anyway.
#
# That is the second column (the dense layer shares nothing, in both). A gain per channel is free on this chip, because
# the accumulator is multiplied by a scale in any case. Does dividing first also help the *error*? Signal to noise, in
# decibels, 16 values each:

# %%
as_is = tdl.compress.kernel_maps.kernels(shared_as_is)
per_channel = tdl.compress.kernel_maps.kernels(shared["linear", 16])
noise, rows = tdl.compress.signal_to_noise_db, []
for name, kernel in list(kernels.items())[:-1]:
    rows.append((name, f"{noise(kernel, as_is[name]):.1f}", f"{noise(kernel, per_channel[name]):.1f}"))
tdl.report.Table("Signal to noise of 16 values (dB)", ("layer", "as is", "per channel"), tuple(rows))

# %% [markdown]
# Where the second column is larger, the channels of that layer differ in size; where it is not, one codebook served
# them all just as well. It need not help the error much. It had to be done for the integers.
#
# ## 4 · Zeros, entropy and Huffman
#
# Deep Compression begins with pruning (lesson 04): the smallest 70 % of the weights of each convolution become zero
# and stay zero, while the others train on. We judge "smallest" after dividing each channel by its largest weight.


# %%
def mask(layer):
    """Keep the largest 30 % of a convolution's weights; leave the dense layer alone."""
    kernel = np.asarray(layer.kernel)
    if kernel.ndim == 2:
        return None
    relative = kernel / np.abs(kernel).max(axis=(0, 1, 2))
    return tdl.compress.kernel_maps.Mask(tdl.compress.prune.magnitude_mask(relative, 0.7))


pruned = tdl.compress.kernel_maps.map_kernels(model, mask)
rows = [row("float32", model), row("pruned, not trained", pruned)]
tdl.models.train(pruned, learners, epochs=5, learning_rate=1e-3, keep=True)
pruned = tdl.compress.kernel_maps.bake(pruned)
tdl.report.Table("Pruned", score_columns, (*rows, row("pruned, trained", pruned)))

# %% [markdown]
# Then sharing. One of the 16 values is now 0, and it must stay: a centroid of 0.003 would turn thousands of holes
# into weights again.

# %%
pruned_shared = share_weights(pruned, 16, skip=(last,))
rows = [row("pruned, trained", pruned), row("shared, not trained", pruned_shared)]
tdl.models.train(pruned_shared, learners, epochs=3, learning_rate=4e-4, keep=True)
zeros = {n: tdl.compress.prune.sparsity(k) for n, k in tdl.compress.kernel_maps.kernels(pruned_shared).items()}
print("zeros:", ", ".join(f"{n} {share:.0%}" for n, share in zeros.items()))
tdl.report.Table("Pruned and shared", score_columns, (*rows, row("shared, trained", pruned_shared)))

# %% [markdown]
# ### How few bits can a value take?
#
# Four bits for an index are honest when all 16 values are equally frequent. They are far from that now: most weights
# are 0. If a value has the share `p` of all weights, the best code gives it about `log2(1/p)` bits: half of the
# weights, 1 bit; one in a thousand, 10 bits. The mean of that over all weights is the **entropy**:
#
#     H  =  sum over values of  p × log2(1/p)
#
# No code that writes one value after the other can need fewer bits on average (Shannon, 1948).
#
# ## Exercise 5.5 · Entropy
#
# Count the values, make shares of the counts, and sum up. The result is in **bits** per value.


# %%
def entropy_bits(values: np.ndarray) -> float:
    """Bits per value that no code of single values can beat."""
    ### BEGIN SOLUTION
    counts = np.unique(values, return_counts=True)[1]
    p = counts / counts.sum()
    return float(np.sum(p * np.log2(1 / p)))
    ### END SOLUTION


tdl.checks.entropy_bits(entropy_bits)

# %% [markdown]
# **Predict** the entropy of the largest layer's int8 weights, in bits per weight, for four networks: plain int8; 16
# shared values; pruned; pruned and shared.

# %%
networks = {"int8": model, "shared": trained[16], "pruned": pruned, "pruned, shared": pruned_shared}
tflites = {name: tdl.export.to_tflite(network, calibration) for name, network in networks.items()}
int8 = {name: max(weights_of(tdl.compiler.read_tflite(t)), key=np.size) for name, t in tflites.items()}
bits = {name: tdl.compress.entropy.entropy_bits(w) for name, w in int8.items()}
tdl.report.bars(bits, "bits per weight", "Entropy of the largest layer")

# %% [markdown]
# Plain int8 weights use most of their 8 bits: a coder will not save much there. Sharing and pruning do not merely
# make weights *fewer* or *coarser*. They make them **predictable**, and that is what the last stage cashes in.
#
# ### Huffman's code
#
# Entropy is a promise; Huffman (1952) keeps it up to less than one bit per value. His idea: the two rarest values can
# share a long code that differs in its last bit only. So tie them together into one parcel, whose count is the sum,
# and forget that they were two. Repeat until one parcel is left. **Each time a parcel is tied into another, all values
# in it get one bit longer.**
#
#     counts    A 5, B 2, C 1, D 1
#     tie C, D  A 5, B 2, (C D) 2          C, D: 1 bit
#     tie B     A 5, (B C D) 4             B: 1 bit, C, D: 2 bits
#     tie all   (A B C D) 9                A: 1 bit, B: 2 bits, C, D: 3 bits
#
# ## Exercise 5.6 · Code lengths
#
# `counts` is a dict from value to count. Return a dict from value to the number of bits of its code. A value that is
# alone gets one bit. (The check uses counts where ties make no difference.)


# %%
def code_lengths(counts: dict) -> dict:
    """Bits of each value's Huffman code."""
    ### BEGIN SOLUTION
    if len(counts) == 1:
        return dict.fromkeys(counts, 1)
    lengths = dict.fromkeys(counts, 0)
    parcels = [(count, [value]) for value, count in counts.items()]
    while len(parcels) > 1:
        (count_a, a), (count_b, b), *parcels = sorted(parcels, key=lambda parcel: parcel[0])
        for value in a + b:
            lengths[value] += 1
        parcels.append((count_a + count_b, a + b))
    return lengths
    ### END SOLUTION


tdl.checks.code_lengths(code_lengths)

# %% [markdown]
# Lengths are all that has to be stored. Sort the values by length and count upwards in binary; append a 0 each time
# the length grows. This is the **canonical** code, and a decoder rebuilds it from the lengths alone, without a tree.
# Here it is for the largest layer, pruned and shared.

# %%
largest = int8["pruned, shared"]
code = tdl.compress.entropy.huffman_code(largest)
found = zip(code.symbols, code.lengths, code.codes, strict=True)
rows = [(str(v), f"{(largest == v).mean():.1%}", f"{bits:0{length}b}", str(length)) for v, length, bits in found]
mean_bits = tdl.compress.entropy.encoded_bits(largest, code) / largest.size
title = f"{mean_bits:.2f} bits per weight; the entropy is {bits['pruned, shared']:.2f}"
tdl.report.Table(title, ("int8 value", "share", "code", "bits"), tuple(rows))

# %% [markdown]
# No code is the beginning of another one. So the stream needs no commas, and the decoder always knows when a code is
# complete.
#
# ## Exercise 5.7 · Decode
#
# `bits` is a string of "0" and "1", `codes` a dict from code (a string, too) to value. Read `count` values, one after
# the other, and return them as a list. Behind them, zeros may fill the last byte: they are not values.


# %%
def decode_bits(bits: str, codes: dict, count: int) -> list:
    """The first `count` values of a stream."""
    ### BEGIN SOLUTION
    values, code = [], ""
    for bit in bits:
        code += bit
        if len(values) < count and code in codes:
            values.append(codes[code])
            code = ""
    return values
    ### END SOLUTION


tdl.checks.decode_bits(decode_bits)

# %% [markdown]
# Think about what your loop does for a *chip*: it looks at each bit, and how far it moves depends on what it saw. The
# instructions that work on several values at once do not help there. Keep that for part 5.
#
# ### The paper's table
#
# Now all three stages. Like the paper we count the weights that are left, the number of zeros between them, and the
# codebook. We also count the tables of both Huffman decoders. **Predict:** how many times smaller than float32?

# %%
guess_times = 35

# %% [markdown]
# Count:

# %%
stages = tdl.compress.entropy.deep_compression_size(tdl.compress.kernel_maps.kernels(pruned_shared), clusters=16)
total = stages.total
print(f"you guessed {guess_times} times smaller; found {total.float32 / total.huffman:.1f}")
stages

# %% [markdown]
# The same as bars, with plain int8 beside them.

# %%
stage_kb = {stage: size / 1024 for stage, size in zip(total._fields, total, strict=True)}
stage_kb["int8\nfor comparison"] = total.float32 / 4 / 1024
tdl.report.bars(stage_kb, "KB of all kernels", "Deep Compression, stage by stage")

# %% [markdown]
# Read the table by rows. In the small layers a stage can make things *worse*: two code tables for a hundred weights. In
# the largest layers it works. The large networks of the paper, AlexNet and VGG-16, have millions of weights in their
# largest layers, and a code table of some dozen bytes is nothing beside that. Also, the factor counts from float32.
# Nobody here ships float32: against the int8 bar it is a quarter of that.

# %% [markdown]
# ## 5 · On the Cortex-M4
#
# A file on a disk may be decoded at leisure. Our weights must be multiplied, every four seconds, by a chip that has
# room neither for them in RAM nor for much code. So for each form there is a **kernel** that decodes as it goes:
#
# - **columns**: plain int8, the fast one;
# - **codebook**: four-bit indices; decodes a few channels into scratch RAM, then computes like *columns*;
# - **sparse**: skips the zeros altogether (lesson 04);
# - **huffman**: decodes the stream bit by bit into scratch RAM, then computes like *columns*.
#
# The compiler finds out by itself whether a layer's integers fit a form. `prefer` asks for a form wherever it is
# possible. The second name in the plan is for layers that cannot have the first: *ref* are the plain loops, slow and
# small. We chose these by trying, so that each network gets the small flash that it can have for little time.
# **Predict:** which one has the smallest flash? Which one is the fastest? Which one needs the most RAM?

# %%
plan = {
    "int8": ("int8", ("columns",)),
    "shared, codebook": ("shared", ("codebook", "columns")),
    "pruned, sparse": ("pruned", ("sparse",)),
    "pruned, shared, codebook": ("pruned, shared", ("codebook", "ref")),
    "pruned, shared, huffman": ("pruned, shared", ("huffman", "ref")),
}
devices = {name: tdl.deploy(tflites[net], calibration, prefer=forms) for name, (net, forms) in plan.items()}

# %% [markdown]
# What the linker and the simulator say. *Constants* are weights, tables, biases and scales; everything else in the
# flash is code.

# %%
constants = {name: tdl.footprint.constant_bytes(d.elf) for name, d in devices.items()}
code_bytes = {name: tdl.footprint.code_bytes(d.elf) for name, d in devices.items()}
rows = [
    (n, *(f"{v:,}" for v in (d.elf.flash_bytes, constants[n], code_bytes[n], d.ram_bytes, d.result.cycles)))
    for n, d in devices.items()
]
columns = ("network, kernel", "flash", "constants", "code", "RAM all in", "cycles")
note = "Bytes. Flash is measured by the linker, RAM simulated, cycles modelled (zero flash wait states)."
tdl.report.Table("The chip's bill", columns, tuple(rows), note)

# %% [markdown]
# First the flash, as a change against plain int8: what did the constants save, and what did the new kernels cost in
# code?

# %%
rows = []
for name in list(devices)[1:]:
    saved, added = constants["int8"] - constants[name], code_bytes[name] - code_bytes["int8"]
    rows.append((name, f"{-saved:+,}", f"{added:+,}", f"{added - saved:+,}"))
columns = ("network, kernel", "constants", "code", "flash")
tdl.report.Table("Bytes of flash against plain int8", columns, tuple(rows), "measured")

# %% [markdown]
# The code column is what the paper's table does not have. A decoder is a few hundred to a few thousand bytes of
# instructions, and it competes with a network of ten thousand bytes. Where the code column is positive, that much of
# the saving never reached the flash. (It may be negative, too: a kernel that no layer uses is not linked.) Two kernels
# in one firmware are two pieces of code, and the second one may serve a single small layer. Compare the code of the two
# networks with a codebook: they differ in what we asked for as the second form.
#
# Did every layer take the form that we asked for? Here is what each became, and why:

# %%
device = devices["pruned, shared, huffman"]
for name, op in zip(kernels, [op for op in device.graph.ops if len(op.inputs) == 3], strict=True):
    module = tdl.kernels.FAST[op.kind]["huffman"]
    print(f"{name:10} {tdl.kernels.kernel_name(op):8} ({module.why_not(device.graph, op) or 'asked for'})")
plain = devices["int8"].graph
reasons = {tdl.kernels.FAST[op.kind]["huffman"].why_not(plain, op) for op in plain.ops if len(op.inputs) == 3}
print("plain int8 as huffman:", ", ".join(reason or "possible" for reason in reasons))

# %% [markdown]
# Now time and RAM.

# %%
milliseconds = {name.replace(", ", "\n"): d.result.cycles / 168e3 for name, d in devices.items()}
tdl.report.bars(milliseconds, "ms at 168 MHz (modelled)", "Time for one answer", budget=5.0)

# %% [markdown]
# RAM holds the values between the layers, in every network the same. What is above that is scratch memory: weights,
# decoded for a moment, and the piece of the input that a kernel has laid out for itself.

# %%
ram = {name.replace(", ", "\n"): d.ram_bytes for name, d in devices.items()}
tdl.report.bars(ram, "bytes of RAM, all in", "What the decoders write into", budget=8192)

# %% [markdown]
# How much does one weight cost to decode? Take the layers' cycles against those of plain int8, and divide by the
# number of weights.

# %%
base = [layer.cycles for layer in devices["int8"].result.layers]
graph = devices["int8"].graph
rows = []
for name in ("pruned, shared, codebook", "pruned, shared, huffman"):
    for index, op in enumerate(graph.ops):
        if op.kind == "CONV_2D" and tdl.kernels.kernel_name(devices[name].graph.ops[index]) in plan[name][1]:
            size = graph.tensors[op.inputs[1]].size
            extra = devices[name].result.layers[index].cycles - base[index]
            rows.append((name, f"{index}", f"{size:,}", f"{extra:+,}", f"{extra / size:+.1f}"))
columns = ("network, kernel", "layer", "weights", "cycles against int8", "per weight")
tdl.report.Table("The price of decoding", columns, tuple(rows), "modelled")

# %% [markdown]
# Look at the large layers first. An index costs a few cycles: fetch four bits, look up. A Huffman code costs many more:
# that is the loop of exercise 5.7, one length after the other, with a branch at each. (Layer 0 is so small that what a
# decoder needs to begin at all is shared by few weights.) Weights of a convolution are decoded once and used at many
# places along the pulse, which softens it; in a dense layer each weight is used once, and nothing would.
#
# ### Is it still the same network?
#
# Equal bytes, or a bug. Fifty validation windows, decoded from Huffman codes on the simulated chip, against the NumPy
# definition and against TFLM, which has never heard of our codes.

# %%
sample = device.quantize(x_val[:: len(x_val) // 50][:50])
chip = tdl.sim.run(device.elf, sample).outputs.reshape(50, -1)
in_numpy = np.array([tdl.compiler.interpret(device.graph, x[None])[0].ravel() for x in sample])
print(f"NumPy: equal to the chip on {(in_numpy == chip).all(axis=1).sum()} of 50 windows")
if tdl.sim.tflm.available():
    tflm = tdl.sim.tflm.run_tflm(device.tflite, sample).reshape(50, -1)
    print(f"TFLM:  equal to the chip on {(tflm == chip).all(axis=1).sum()} of 50 windows")
else:
    print("TFLM: not installed here")
assert (in_numpy == chip).all()

# %% [markdown]
# ### The test part, once
#
# All choices are made. **Predict:** how many points does the smallest network lose against float32? (Every
# window runs on the simulated chip.)


# %%
def variant(name: str, device) -> tdl.report.Variant:
    """What a network knows and costs."""
    score = tdl.metrics.score(pulses.y_test, device.run(pulses.x_test).outputs, pulses.labels)
    low, high = score.accuracy_interval
    costs = (device.elf.flash_bytes, device.ram_bytes, device.result.cycles)
    made_up, baseline = pulses.synthetic, name == "int8"
    return tdl.report.Variant(name, "05", "ppg", score.accuracy, low, high, *costs, made_up, baseline)


variants = [variant(name, each) for name, each in devices.items()]
in_float = tdl.metrics.score(pulses.y_test, tdl.models.predict(model, pulses.x_test), pulses.labels)
print(f"float32: {in_float.accuracy:.1%} ({in_float.accuracy_interval[0]:.1%} to {in_float.accuracy_interval[1]:.1%})")
tdl.report.pareto(variants, f"Pulses: {len(pulses.y_test)} test windows")

# %% [markdown]
# A point on the **Pareto front** is one that no other beats in both. Look at the bars before you read the heights:
# where they overlap, this test part cannot tell two networks apart. (And windows of one person are alike, so the true
# uncertainty over people is larger.)
#
# Is that what the validation people had promised? Here are both, side by side, for the float32 network and for the
# smallest one:

# %%
smallest = min(variants, key=lambda each: each.flash_bytes)
its_network = networks[plan[smallest.name][0]]
rows = (
    (*row("float32", model)[:2], f"{in_float.accuracy:.1%}"),
    (*row(smallest.name, its_network)[:2], f"{smallest.accuracy:.1%}"),
)
tdl.report.Table("Two groups of people", ("network", "validation", "test"), rows, "Validation: before int8.")

# %% [markdown]
# Is the gap between the rows wider in the second column? Mind the intervals first. If it is, then what looked free on a
# few validation people was not. We had looked at them many times. That is what a test part is for.
#
# ### The budget
#
# The accuracy column may be luck where it is close to its limit. The other three do not depend on luck.

# %%
rows = []
for each in variants:
    lost = 100 * (in_float.accuracy - each.accuracy)
    found = (each.flash_bytes / 1024, each.ram_bytes / 1024, each.cycles / 168e3, lost)
    limits = (24, 8, 5, 2)
    marks = [f"{value:.1f}{'' if value <= limit else ' ✗'}" for value, limit in zip(found, limits, strict=True)]
    rows.append((each.name, *marks, "yes" if "✗" not in "".join(marks) else "no"))
columns = ("network, kernel", "flash (24 KB)", "RAM (8 KB)", "time (5 ms)", "points lost (2)", "all met")
note = "✗: over the budget in brackets. A negative loss is a gain."
tdl.report.Table("The budget", columns, tuple(rows), note)

# %% [markdown]
# Does any row meet everything? If none does, that is a result, too: look which limit each network breaks, and by how
# much. A broken limit of accuracy may give way to longer training. A broken limit of RAM does not.
#
# So which stage paid?

# %%
by = {each.name: each for each in variants}
sparse, coded, plain = by["pruned, sparse"], by["pruned, shared, huffman"], by["int8"]
booked = by["pruned, shared, codebook"]


def against(name: str, one, other) -> None:
    flash, ram = one.flash_bytes - other.flash_bytes, one.ram_bytes - other.ram_bytes
    print(f"{name:32} flash {flash:+7,} B, RAM {ram:+6,} B, time × {one.cycles / other.cycles:.2f}")


against("pruning, by the sparse kernel:", sparse, plain)
against("sharing instead of int8:", by["shared, codebook"], plain)
against("sharing on top of pruning:", booked, sparse)
against("Huffman on top of both:", coded, booked)

# %% [markdown]
# Read each line as an offer: so many bytes of flash for so many of RAM and so much time. A zero that is *skipped*
# saves flash and time together. A zero that is *coded* in one bit saves more bytes of constants, but it has to be
# decoded into RAM, and is then multiplied like everybody else.
#
# So the three stages, which look like one sum in the paper's table, are three different bargains on this chip. And
# there is a place where the whole sum counts: **the radio**. An update is sent once, decoded once, and written to
# flash as plain int8. There the decoder's time does not matter, and every byte costs energy. Lesson 16 sends updates.
#
# ### Every variant you have made so far

# %%
tdl.report.keep_variants(variants)
tdl.report.pareto_of_lessons(tdl.report.kept_variants())

# %% [markdown]
# ## Now you
#
# Let the compiler choose: `tdl.deploy(tflites["pruned, shared"], calibration, goal="size")`. It looks for the fewest
# bytes of *constants* in each layer. Is its flash smaller than that of all our five? Look at the kernels it took, and
# say what the compiler did not count. Then prune 80 % instead of 70 %: which of the five gains most, and which
# hardly notices? And if no row met the budget: can you train one of them until it does? Choose on the validation
# people, since the test part has been used.

# %% [markdown]
# ## What we left out
#
# - **A large network.** With a million weights the code of a decoder is nothing, and the balance of part 5 tips. The
#   bytes per weight are what carries over from here; the sum does not.
# - **Training with more patience.** Pruning can go in many rounds, each with its own training (Han et al., 2015, in
#   lesson 04). We trained a few passes, one seed. Differences within the intervals are not findings.
# - **Other coders.** Arithmetic coding and asymmetric numeral systems come closer to the entropy than a whole number
#   of bits can: with 70 % zeros Huffman still pays one bit for each of them.
# - **Hardware that computes on the compressed form.** The authors of Deep Compression designed one (EIE). A Cortex-M4
#   is not such a machine: it has to decode first.
# - **Wait states.** Cycles are modelled for flash without wait states. On a chip that waits for its flash, smaller
#   constants can win some time back.
# - **Sharing and int4.** int4 weights (lesson 03) also take four bits, and need no training of a table, but their 16
#   values are evenly spaced.
#
# **Read more**
#
# - S. Han, H. Mao, W. J. Dally: *Deep Compression: Compressing Deep Neural Networks with Pruning, Trained
#   Quantization and Huffman Coding.* ICLR 2016. The three stages, the three starts of k-means, the gradient of a
#   centroid (equation 3), and the factors 35 (AlexNet) and 49 (VGG-16).
# - S. P. Lloyd: *Least squares quantization in PCM.* IEEE Transactions on Information Theory 28(2), 1982. The turns
#   of k-means, for numbers on a line.
# - C. E. Shannon: *A Mathematical Theory of Communication.* Bell System Technical Journal 27, 1948. Entropy, and why
#   no code beats it.
# - D. A. Huffman: *A Method for the Construction of Minimum-Redundancy Codes.* Proceedings of the IRE 40(9), 1952.
#   Exercise 5.6.
# - E. S. Schwartz, B. Kallick: *Generating a canonical prefix encoding.* Communications of the ACM 7(3), 1964. The
#   code that needs its lengths only.
# - S. Han et al.: *EIE: Efficient Inference Engine on Compressed Deep Neural Network.* ISCA 2016. The design of a chip
#   that computes on the compressed form.
# - M. A. F. Pimentel et al.: *Toward a Robust Estimation of Respiratory Rate from Pulse Oximeters.* IEEE Transactions
#   on Biomedical Engineering 64(8), 2017. The BIDMC data set, which our pulses come from.
#
# ## Tell a friend
#
# You can write a network's weights in a bit or two each: prune them, let the rest share sixteen values, and give the
# frequent ones short codes. On a disk or over the radio that is all there is to it. On a microcontroller somebody
# has to decode, with code that takes flash, a scratch buffer that takes RAM, and cycles for every weight. Ask for
# the linker's number, not for the table's.
#
# ## Where next
#
# Lesson **06** makes a small network learn from a large one.
