# %% [markdown]
# # 04 · Pruning: what really gets smaller and faster
#
# **The problem.** A light switch listens for *yes*, *no*, *stop* and *go*. It works. Now it has to run on a chip that
# does three other things, and your manager has seen a slide: *"90 % of the weights of a neural network can be removed.
# Ten times smaller, ten times faster, same accuracy."* Each of the four claims can be tested. This lesson tests them
# on your network and on the chip.
#
# | what | budget | why |
# |---|---|---|
# | accuracy | at most 3 points below the int8 network | people notice when a switch stops listening |
# | constants in flash | half of what they are now | the other three jobs want the room |
# | cycles | half of what they are now | the other three jobs want the time |
# | RAM, all in | 32 KB | the part has no more |
#
# **You will** choose weights to remove, train a network with holes in it, store the holes, and then take whole
# channels out and rewire what is left.
#
# | part | minutes |
# |---|---|
# | 1. which weights? (exercises 4.1 and 4.2) | 20 |
# | 2. training with holes (exercises 4.3 and 4.4) | 20 |
# | 3. storing holes (exercise 4.5) | 10 |
# | 4. holes on the Cortex-M4 | 10 |
# | 5. whole channels (exercise 4.6) | 15 |
# | 6. the verdict, and a lottery (exercise 4.7) | 10 |

# %%
import numpy as np

import tdl_course as tdl

words = tdl.datasets.load("keywords")
words

# %% [markdown]
# As in lesson 02, some speakers of the training part are held back. We choose on them, and wake the test part once, at
# the end.

# %%
learn, held_back = tdl.datasets.validation_split(words, fraction=0.25, seed=0)
own = tdl.datasets.subset(words, learn)
x_val, y_val = words.x_train[held_back], words.y_train[held_back]
model = tdl.models.load("keywords_cnn", own)
tdl.metrics.score(y_val, tdl.models.predict(model, x_val), words.labels)

# %% [markdown]
# That is the float network on speakers that it has never heard. Now what it costs on the chip, as int8 and with
# nothing removed. This is the network that all others have to beat. (`tiny32k` is a board with 32 KB of RAM.)

# %%
calibration = own.x_train[::5]
dense = tdl.deploy(model, calibration, board="tiny32k")
tdl.report.layer_table(dense.graph, dense.result)

# %% [markdown]
# Before anything else, look at the flash. It is not all weights.


# %%
def flash_row(name: str, elf) -> tuple[str, ...]:
    """Name, constants, code and all of the flash, in bytes, as text."""
    constants, code = tdl.footprint.constant_bytes(elf), tdl.footprint.code_bytes(elf)
    return (name, f"{constants:,}", f"{code:,}", f"{elf.flash_bytes:,}")


flash_columns = ("network", "constants (B)", "code (B)", "flash (B)")
code_share = tdl.footprint.code_bytes(dense.elf) / dense.elf.flash_bytes
title = f"{code_share:.0%} of the flash is code, which no pruning removes"
tdl.report.Table(title, flash_columns, (flash_row("int8, dense", dense.elf),))

# %% [markdown]
# If *every* constant vanished, the flash would shrink to the code: that is the limit. So "ten times smaller" can only
# ever be said of the constants. From here on we count them apart.
#
# **Predict:** you remove 90 % of the weights of every layer except the depthwise ones. By which factor do the cycles of
# the whole network go down? And by which factor the constants?

# %%
guess_faster = 10.0
guess_smaller = 10.0

# %% [markdown]
# ## 1 · Which weights?
#
# A weight of zero multiplies its input by zero: it could as well not be there. A very small weight is *almost* not
# there. So the simplest rule is: remove the weights of smallest **magnitude**, `|w|`. It sounds too simple, and it is
# hard to beat.
#
# A **mask** says which ones: an array of the weights' shape, True where a weight stays. **Sparsity** is the share that
# is gone, **density** the share that is left. Here is a matrix of six weights, by hand:

# %%
small = np.array([[0.9, -0.1, 0.3], [-0.7, 0.2, -0.4]])
mask = np.abs(small) > 0.3
print(mask)
print("what stays:\n", np.where(mask, small, 0))
print(f"sparsity {1 - mask.mean():.0%}, density {mask.mean():.0%}")

# %% [markdown]
# The −0.7 stays: it is small as a *number*, but large as a *weight*.
#
# ## Exercise 4.1 · The mask of one layer
#
# There we guessed a threshold, 0.3. You will be given a sparsity instead. Return the mask that removes
# `round(sparsity * weights.size)` weights, those of smallest magnitude. (`np.argsort` or `np.sort` with `axis=None`
# are good tools.)


# %%
def magnitude_mask(weights: np.ndarray, sparsity: float) -> np.ndarray:
    """True where a weight stays, bool, of the shape of `weights`."""
    ### BEGIN SOLUTION
    order = np.argsort(np.abs(weights), axis=None)
    mask = np.ones(weights.size, bool)
    mask[order[: round(sparsity * weights.size)]] = False
    return mask.reshape(weights.shape)
    ### END SOLUTION


tdl.checks.magnitude_mask(magnitude_mask)

# %% [markdown]
# Where are the weights of our network? (Mind a word that has two meanings. Keras calls a layer's array of weights its
# *kernel*: that is the one here. From part 4 on a kernel is also a piece of code that computes a layer.)

# %%
prune = tdl.compress.prune
kernels = tdl.compress.kernel_maps.kernels(model)
total = sum(kernel.size for kernel in kernels.values())
rows = [
    (name, str(list(k.shape)), f"{k.size:,}", f"{k.size / total:.0%}", f"{np.abs(k).mean():.3f}")
    for name, k in kernels.items()
]
columns = ("layer", "kernel", "weights", "share", "mean |w|")
tdl.report.Table("Kernels", columns, tuple(rows))

# %% [markdown]
# Two things to see. The **pointwise** convolutions, those whose window is 1 × 1, hold most of the weights. And the mean
# magnitude differs from layer to layer. So it matters whether you rank the weights within each layer or in all layers
# together:
#
# - **per layer**: each layer loses the same share;
# - **global**: one threshold for all, so that layers of small weights lose more.
#
# ## Exercise 4.2 · One threshold for the network
#
# `weights` is a dictionary of arrays by name, as a network has them: kernels, but also biases and the vectors of batch
# normalization. Return a dictionary of masks, with the same names. The kernels (arrays of two or more dimensions) share
# **one** threshold, and `sparsity` is the share of *all their weights together*. Vectors stay whole, so their masks are
# True everywhere: there are few of them, and each one moves a whole channel.


# %%
def model_masks(weights: dict[str, np.ndarray], sparsity: float) -> dict[str, np.ndarray]:
    """Masks by name: kernels by one threshold, vectors all True."""
    ### BEGIN SOLUTION
    matrices = [w for w in weights.values() if w.ndim > 1]
    magnitudes = np.sort(np.concatenate([np.abs(w).ravel() for w in matrices]))
    threshold = magnitudes[round(sparsity * len(magnitudes))]
    return {name: np.abs(w) >= threshold if w.ndim > 1 else np.ones(w.shape, bool) for name, w in weights.items()}
    ### END SOLUTION


tdl.checks.model_masks(model_masks)

# %% [markdown]
# The lesson goes on with the course's own versions, `prune.magnitude_mask` and `prune.global_masks`. To try masks we
# need one function: put kernels into the network, score it on the validation speakers, put the old ones back.


# %%
def accuracy_with(weights: dict[str, np.ndarray]) -> float:
    """Share of the validation words that are called right with these kernels in place of the network's own."""
    for name, kernel in weights.items():
        model.get_layer(name).kernel.assign(kernel)
    called = tdl.models.predict(model, x_val).argmax(axis=1)
    for name in weights:
        model.get_layer(name).kernel.assign(kernels[name])
    return float((called == y_val).mean())


def cut(sparsity: float, names=tuple(kernels)) -> dict[str, np.ndarray]:
    """The named kernels, each without the share of its smallest weights."""
    return {name: kernels[name] * prune.magnitude_mask(kernels[name], sparsity) for name in names}


# %% [markdown]
# ### Who can spare weights?
#
# A **sensitivity scan** prunes one layer at a time and leaves all others whole. Nothing is trained. **Predict:** which
# layer breaks the network first?

# %%
shares = (0.3, 0.5, 0.7, 0.9)
whole = accuracy_with({})
scan = {name: [100 * (accuracy_with(cut(share, [name])) - whole) for share in shares] for name in kernels}
rows = [
    (name, f"{kernels[name].size:,}", *(f"{change:+.1f}" for change in scan[name]))
    for name in sorted(kernels, key=lambda name: scan[name][2])
]
columns = ("layer", "weights", *(f"{share:.0%} removed" for share in shares))
title = f"Change of accuracy in points (whole: {whole:.1%}); most sensitive at 70 % first"
tdl.report.Table(title, columns, tuple(rows))

# %% [markdown]
# Compare pain, on the right, with gain, the column *weights*. (A change of a few points is within chance: think of the
# interval in the first table.) A depthwise layer holds few weights, nine for each channel, so there is little to win
# and each one counts. (Our engine has no sparse kernel for them either: nine weights are not worth a list.) The first
# and the last layer hold few, too. A pointwise layer may hurt as well, but that is where the weights are. **So we prune
# those, and leave the rest alone.**

# %%
pointwise = [name for name, kernel in kernels.items() if kernel.shape[:2] == (1, 1)]
held = sum(kernels[name].size for name in pointwise)
last = pointwise[-1]
f"{', '.join(pointwise)}: {held:,} of {total:,} weights, {held / total:.0%}"

# %% [markdown]
# ### Global or per layer?
#
# All pointwise layers together now, by both rules, and still nothing is trained. **Predict:** which rule keeps more
# accuracy at 60 %?

# %%
steps = [0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9]
some = {name: kernels[name] for name in pointwise}
one_shot = {"per layer": [], "one threshold": []}
for share in steps:
    masks = prune.global_masks(some, share)
    one_shot["per layer"].append(100 * accuracy_with(cut(share, pointwise)))
    one_shot["one threshold"].append(100 * accuracy_with({name: some[name] * masks[name] for name in some}))
title = "Pointwise layers pruned, nothing trained"
tdl.report.lines([100 * s for s in steps], one_shot, "sparsity of the pointwise layers (%)", "accuracy (%)", title)

# %% [markdown]
# Compare the gaps between the curves with the interval in the first table before you prefer one rule. Which one falls
# first depends on the network, so you measure. We stay with *per layer*: no layer can then be emptied altogether.
#
# Six classes guess right about one time in six. Look where the curves have come to at the right end. So much for "same
# accuracy", *so far*. Nobody has asked the other weights to help yet.

# %% [markdown]
# ## Turn the knobs
#
# Choose a sparsity and a rule, and watch which weights and layers pay, how many bytes are left, and what the
# validation speakers say. (On a web page you see only the picture below. Run the notebook to play.)

# %%
explorer = tdl.widgets.PruningExplorer(some, accuracy_with)
explorer

# %% [markdown]
# The explorer at 70 %, as a picture. The middle of the histogram has been sawn out: what is left lies on both sides of
# a gap. (The sentence below it counts bytes in three forms. Part 3 explains them.)

# %%
explorer.sparsity.value = 0.7
explorer.picture()

# %% [markdown]
# ## 2 · Training with holes
#
# The weights that are left were trained to work *with* those that are gone. Train a few epochs more, with the holes in
# place, and they find a new balance. This is **fine-tuning**. Without it a pruned network loses much of its accuracy
# (Han et al., 2015).
#
# There is one trap. An optimizer does not know your mask. It adds something to *every* weight.
#
# ## Exercise 4.3 · A step that keeps the holes
#
# One step of gradient descent with momentum: the velocity becomes `0.9 * velocity + gradient`, and the weights move by
# `-rate` times it. Write it so that what the mask removes is zero afterwards. The velocity remembers gradients from
# before the mask was there, and `weights` may still have a value where the mask has just become False.


# %%
def masked_step(weights, mask, gradient, velocity, rate) -> np.ndarray:
    """The weights after one step of momentum, zero where `mask` is False."""
    ### BEGIN SOLUTION
    velocity = 0.9 * velocity + gradient
    return (weights - rate * velocity) * mask
    ### END SOLUTION


tdl.checks.masked_step(masked_step)

# %% [markdown]
# In Keras we do it more simply: the layer computes with `kernel * mask`. Then no optimizer can lose the mask, since it
# lies *behind* the variable that is trained, and the gradient of a masked weight is zero. `map_kernels` makes a copy
# of the model whose pointwise kernels pass through such masks, all of them open.

# %%
Mask, map_kernels = tdl.compress.kernel_maps.Mask, tdl.compress.kernel_maps.map_kernels
masked = map_kernels(model, lambda layer: Mask(np.ones(layer.kernel.shape)) if layer.name in pointwise else None)
maps = tdl.compress.kernel_maps.kernel_maps(masked)
start = masked.get_weights()
RATE, EPOCHS = 4e-3, 4


def tuned(sparsity: float, callbacks=()) -> list[np.ndarray]:
    """The weights of `masked` after fine-tuning, from the trained network, with these masks closed first."""
    masked.set_weights(start)
    for name, mask in maps.items():
        mask.mask.assign(prune.magnitude_mask(kernels[name], sparsity))
    tdl.models.train(masked, own, epochs=EPOCHS, learning_rate=RATE, callbacks=callbacks, progress=False, keep=True)
    return masked.get_weights()


# %% [markdown]
# **Predict:** at 90 % sparsity, how much of the lost accuracy do four epochs bring back? All, half, a quarter?

# %%
levels = [0.7, 0.9]
one_shot_tuned = {level: tuned(level) for level in levels}


def accuracy_of(weights: list[np.ndarray]) -> float:
    """Share of the validation words called right by `masked` with these weights and masks."""
    masked.set_weights(weights)
    return float((tdl.models.predict(masked, x_val).argmax(axis=1) == y_val).mean())


before, after = one_shot["per layer"][steps.index(0.9)] / 100, accuracy_of(one_shot_tuned[0.9])
back = (after - before) / (whole - before) if whole > before else 1.0
f"whole {whole:.1%}; 90 % pruned {before:.1%}; fine-tuned {after:.1%}: {back:.0%} of the loss came back"

# %% [markdown]
# ### Little by little
#
# To saw off 90 % at once is brutal. A gentler way prunes a little, trains, prunes a little more. How fast? Zhu and
# Gupta (2017) use a cubic. With `p` the progress from 0 at step `begin` to 1 at step `end`:
#
#     sparsity = final × (1 − (1 − p)³)
#
# ## Exercise 4.4 · The schedule
#
# Before `begin` nothing is pruned. From `end` on the sparsity stays at `final`.


# %%
def cubic_sparsity(step: int, begin: int, end: int, final: float) -> float:
    """The sparsity to have at a training step."""
    ### BEGIN SOLUTION
    progress = min(max((step - begin) / (end - begin), 0), 1)
    return final * (1 - (1 - progress) ** 3)
    ### END SOLUTION


tdl.checks.cubic_sparsity(cubic_sparsity)

# %% [markdown]
# Half way from `begin` to `end` the sparsity is 1 − (1/2)³ = 7/8 of the final one. So the schedule is steep at first,
# while there are many weights that nobody misses, and flat at the end, when each one hurts and the others need time to
# take over. `GradualPruning` is a Keras callback that closes the masks by this schedule while the network trains: here
# over the first 60 % of the steps, so that the rest is left for recovery. It gets the same four epochs as the brutal
# way.

# %%
Gradual = tdl.compress.gradual.GradualPruning
gradual = {level: tuned(0.0, [Gradual(level)]) for level in levels}
Gradual(0.9)

# %% [markdown]
# Now the picture that the slide should have shown. *One shot* is pruned at once, and not trained.

# %%
at = [0.0, *levels]
curves = {
    "one shot": [one_shot["per layer"][steps.index(level)] / 100 for level in at],
    "one shot, then tuned": [whole, *(accuracy_of(one_shot_tuned[level]) for level in levels)],
    "gradual": [whole, *(accuracy_of(gradual[level]) for level in levels)],
}
hits = {name: [round(a * len(y_val)) for a in values] for name, values in curves.items()}
bands = {n: 100 * np.array([tdl.metrics.wilson_interval(h, len(y_val)) for h in hs]).T for n, hs in hits.items()}
title = f"{len(y_val)} validation words; bands: 95 % intervals"
in_percent = {name: [100 * a for a in values] for name, values in curves.items()}
tdl.report.lines(
    [100 * a for a in at], in_percent, "sparsity of the pointwise layers (%)", "accuracy (%)", title, bands
)

# %% [markdown]
# The lowest curve is what you get for removing. The other two are what you get for removing *and training*. Mind the
# bands before you crown a winner between those: a gap that is narrower than a band is no gap. Zhu and Gupta prune over
# tens of thousands of steps. We gave it four epochs.
#
# Two networks go to the chip: the mildest and the sparsest, each made in the way that was better on the validation
# speakers.

# %%
ways = {"one shot, then tuned": one_shot_tuned, "gradual": gradual}
sparse_models = {}
for level in levels:
    way = max(ways, key=lambda way: curves[way][at.index(level)])
    masked.set_weights(ways[way][level])
    sparse_models[level] = tdl.compress.kernel_maps.bake(masked)
    print(f"{level:.0%}: {way}, {curves[way][at.index(level)]:.1%} against {whole:.1%}")

# %% [markdown]
# `bake` writes the zeros into plain kernels: an ordinary Keras model again, with holes.
#
# ## 3 · Storing holes
#
# A zero still takes a byte if you store it. So store only the others, and where they were. Three forms:
#
# - **dense**: every weight a byte;
# - **bitmap**: one bit for each weight, and a byte for each that is not zero;
# - **relative index**: for each weight that is not zero a byte that says how many zeros come before it, and a byte for
#   the weight (Han et al., 2016). Where more zeros follow than the gap can say, a zero is stored as a stepping stone.
#
# By hand, with gaps of two bits, which can say 0 to 3:

# %%
row = np.array([0, 7, 0, 0, 0, 0, 0, 5], np.int8)
stored = prune.relative_index(row, index_bits=2)
print("gaps  ", stored.gaps)
print("values", stored.values)  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# The five zeros before the 5 are too many for two bits: three, then a stored zero, then one more.
#
# **Predict:** with `d` the density, a bitmap takes `1/8 + d` bytes for each weight and a relative index `2 d`. Below
# which density does the bitmap win over dense? And the relative index over both?

# %%
quantized = {name: tdl.compress.quantize_weights(kernels[name], 8, axis=-1)[0] for name in pointwise}
densities = [1.0, 0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05]


def bytes_at(density: float, form: str) -> int:
    """Bytes of the pointwise layers in a form, at a density."""
    thinned = [q * prune.magnitude_mask(q.astype(int), 1 - density) for q in quantized.values()]
    return sum(prune.storage_bytes(q, form) for q in thinned)


sizes = {form: [bytes_at(d, form) for d in densities] for form in prune.FORMS}
tdl.report.lines([100 * d for d in densities], sizes, "density (%)", "bytes", "The pointwise layers in three forms")

# %% [markdown]
# The lines cross at `d = 7/8` (bitmap under dense), `1/2` (relative index under dense) and `1/8` (relative index under
# bitmap). So at 90 % sparsity, where only a tenth of the weights is left, the index costs as much as what it points
# at: "ten times smaller" is about five. **Holes are not free: somebody has to write down where they are.**
#
# ### Holes in a pattern
#
# What if the places were easier to name? In **N:M sparsity**, of every M weights in a row exactly N stay. For 2 of 4,
# two bits say each place, and each output has the same amount of work. Some GPUs have instructions for exactly this
# (Mishra et al., 2021). The Cortex-M4 has none.
#
# ## Exercise 4.5 · N of M
#
# `weights` is a matrix [inputs, outputs]. Of every `m` consecutive **inputs** of each output keep the `n` of greatest
# magnitude. Mind the axis: an output is a sum over its inputs, and those lie in a column.


# %%
def n_of_m_mask(weights: np.ndarray, n: int, m: int) -> np.ndarray:
    """True where a weight stays: n of every m consecutive weights along axis 0."""
    ### BEGIN SOLUTION
    inputs, outputs = weights.shape
    groups = np.abs(weights).reshape(inputs // m, m, outputs)
    rank = groups.argsort(axis=1).argsort(axis=1)
    return (rank >= m - n).reshape(weights.shape)
    ### END SOLUTION


tdl.checks.n_of_m_mask(n_of_m_mask)

# %% [markdown]
# A pattern forbids some choices: two large neighbours may have to share one place. **Predict:** what does that cost,
# at the same sparsity, without training?

# %%
rows = []
for n in (3, 2, 1):
    pattern = {name: kernels[name] * prune.n_of_m_mask(kernels[name], n, 4) for name in pointwise}
    free = accuracy_with(cut(1 - n / 4, pointwise))
    rows.append((f"{n} of 4", f"{1 - n / 4:.0%}", f"{accuracy_with(pattern):.1%}", f"{free:.1%}"))
columns = ("pattern", "sparsity", "accuracy", "without a pattern")
tdl.report.Table("One shot, nothing trained", columns, tuple(rows))

# %% [markdown]
# ## 4 · Holes on the Cortex-M4
#
# Now the claim that sells slides: *faster*. A dense kernel does not look at weights. It multiplies by zero as slowly as
# by anything else. To gain, a kernel must skip, and to skip, it must walk along a list: fetch a step, move on, fetch a
# weight, multiply. The dense kernel multiplies **two** pairs in one cycle (lesson 02). The sparse one cannot: its
# weights' inputs do not lie side by side.
#
# So there is a **break-even density**: above it, skipping costs more than it saves. **Predict** it for the last
# pointwise layer. Half?

# %%
guess_density = 0.5

# %% [markdown]
# To find out we need no training: cycles depend on *how many* weights are left, hardly on which. So take the converted
# network, set its smallest integers to zero, and compile it twice, with the sparse kernel asked for wherever it can be
# had, and with the dense ones. The compiler makes C of it; the simulated chip counts.


# %%
def compiled(graph, prefer=()):
    """A converted network as firmware for the chip, and the counted run of one word."""
    optimized = tdl.compiler.optimize(graph, prefer=prefer)
    elf = tdl.toolchain.build(tdl.compiler.emit_c(optimized, tdl.compiler.plan_memory(optimized)), dense.board)
    return elf, tdl.sim.run(elf, dense.quantize(calibration[:1]))


plain = tdl.compiler.read_tflite(dense.tflite)
sweep = [1.0, 0.7, 0.5, 0.3, 0.2, 0.1]
runs = {d: compiled(tdl.compress.thin.thin(plain, 1 - d), prefer=("sparse",)) for d in sweep}
_, dense_run = compiled(tdl.compress.thin.thin(plain, 0.5), prefer=("columns", "rows"))
f"half of the weights zero, dense kernels: {dense_run.cycles:,} cycles; none zero: {dense.result.cycles:,}"

# %% [markdown]
# Compare the two numbers. There is the first answer: **zeros by themselves save nothing.** A dense kernel multiplies
# them all. Now the kernel that skips, in the last pointwise layer:

# %%
where = [i for i, op in enumerate(dense.graph.ops) if op.kind == "CONV_2D"][-1]
flat = [dense.result.layers[where].cycles] * len(sweep)
skipping = [runs[d][1].layers[where].cycles for d in sweep]
even = float(np.interp(flat[0], skipping[::-1], sweep[::-1]))
print(f"You guessed a break-even density of {guess_density:.0%}; found: {even:.0%}")
curves_of_layer = {"sparse kernel": skipping, "dense kernel": flat}
tdl.report.lines([100 * d for d in sweep], curves_of_layer, "density (%)", "cycles (modelled)", f"{last} on the chip")

# %% [markdown]
# Above the crossing the list costs more than it saves. Below it you gain, in proportion to what is missing.
#
# And the whole network, thinned in every convolution and the dense layer? Here are cycles and constants together,
# against sparsity: the other half of the picture from part 2.

# %%
title = "The whole network with the sparse kernel, over the dense network"
ratios = {
    "cycles": [runs[d][1].cycles / dense.result.cycles for d in sweep],
    "constants in flash": [
        tdl.footprint.constant_bytes(runs[d][0]) / tdl.footprint.constant_bytes(dense.elf) for d in sweep
    ],
    "what the slide says": sweep,
}
tdl.report.lines([100 * (1 - d) for d in sweep], ratios, "sparsity (%)", "share of the dense network", title)

# %% [markdown]
# What of your two guesses?

# %%
elf, run = runs[0.1]
faster = dense.result.cycles / run.cycles
smaller = tdl.footprint.constant_bytes(dense.elf) / tdl.footprint.constant_bytes(elf)
print(f"90 % removed: you guessed {guess_faster:g} times faster; found: {faster:.1f} times")
print(f"90 % removed: constants, you guessed {guess_smaller:g} times smaller; found: {smaller:.1f} times")
print(f"90 % removed: the whole flash {dense.elf.flash_bytes / elf.flash_bytes:.1f} times smaller")

# %% [markdown]
# So where does the factor of ten go? Into the depthwise layers, which are not pruned; into copying windows and
# finishing outputs, which every output needs however few weights it has; into the list; and, for the flash, into the
# code and into the biases and scales of each channel. This is Amdahl's law (1967): what you do not speed up stays.
#
# (At the sparse end a channel may have lost *all* its weights. The compiler notices, and removes it: depthwise layers
# then get cheaper, too. Remember that for part 5.)
#
# ### Your pruned networks
#
# The trained ones now, with their own masks. We ask for nothing: for each layer the compiler takes whichever kernel it
# expects to be faster. Here is the sparser of the two. (*columns*, *rows* and *planes* are fast dense kernels, *ref*
# are plain loops.)

# %%
mild, sparse = (tdl.deploy(pruned, calibration, board="tiny32k") for pruned in sparse_models.values())
per_layer = [op.options.get("kernel", "ref") for op in sparse.graph.ops]
rows = [
    (op.kind, per_layer[i], f"{dense.result.layers[i].cycles:,}", f"{sparse.result.layers[i].cycles:,}")
    for i, op in enumerate(sparse.graph.ops)
]
columns = ("layer", "kernel chosen", "cycles dense", "cycles pruned")
tdl.report.Table(f"{levels[-1]:.0%} of the pointwise weights removed", columns, tuple(rows), "Cycles: modelled.")

# %% [markdown]
# (Has a convolution become *slower* though nothing was pruned in it? Then pruning has left one of its channels without
# a reader, the compiler has removed it, and a kernel that takes four channels at a time now has odd ones at the end.
# The softmax has branches that depend on its input, so it may take a little more or less.)
#
# A sparse kernel is a new chance for bugs, so check it: on validation words the chip, the definition in NumPy, and TFLM
# must agree in every byte. (TFLM has no sparse kernel at all: it multiplies all the zeros. The answer must be the
# same.)

# %%
sample = sparse.quantize(x_val[:60])
on_chip = tdl.sim.run(sparse.elf, sample).outputs.reshape(60, -1)
in_numpy = np.array([tdl.compiler.interpret(sparse.graph, x[None])[0].ravel() for x in sample])
assert (in_numpy == on_chip).all()
print("NumPy and the chip: equal on 60 of 60 words")
if tdl.sim.tflm.available():
    assert (tdl.sim.tflm.run_tflm(sparse.tflite, sample).reshape(60, -1) == on_chip).all()
    print("TFLM and the chip:  equal on 60 of 60 words")
else:
    print("TFLM: not installed here")

# %% [markdown]
# ## 5 · Whole channels
#
# Unstructured holes need a list. What if you removed weights such that what is left is dense again, only *smaller*?
# Take out a whole **channel**: its filter in the layer that makes it, and every weight that reads it. Then each kernel
# is a smaller matrix, every kernel on every chip is faster, and nobody needs a list. This is **structured pruning**
# (Li et al., 2017).
#
# The work is the rewiring. In our network a channel lives in three layers: a pointwise convolution makes it, a
# depthwise one filters it, and the next pointwise one reads it (batch normalization has four numbers for it, too).
#
# ## Exercise 4.6 · Remove a channel
#
# `producer` is a matrix [inputs, channels], `depthwise` a kernel [3, 3, channels, 1], `consumer` a matrix [channels,
# outputs]. Return all three, in this order, without the channel. `np.delete(array, index, axis)` does the cutting.


# %%
def remove_channel(producer, depthwise, consumer, channel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three kernels without channel number `channel` between producer and consumer."""
    ### BEGIN SOLUTION
    return (
        np.delete(producer, channel, axis=1),
        np.delete(depthwise, channel, axis=2),
        np.delete(consumer, channel, axis=0),
    )
    ### END SOLUTION


tdl.checks.remove_channel(remove_channel)

# %% [markdown]
# Three layers are easy. With **residual** connections, which add a layer's input to its output, and with
# concatenations a channel lives in many, and one forgotten place means that every later value meets its neighbour's
# weight. The shapes may still fit! So the course's own `remove_channels` follows each channel through the graph: what
# a residual sum couples, goes together. It tests every result, too. On random inputs each layer of the smaller
# network must give what the large one gives with these channels silenced. What cannot be done, such as removing a
# class, is refused.
#
# Now our network. Rank the channels by the sum of magnitudes of their filters, and take out the weaker half of every
# layer. A pointwise layer between two halved ones keeps half of its inputs *and* half of its outputs. **Predict:**
# which share of its weights is left? And which share of the network's cycles?

# %%
guess_cycles_left = 0.5
channels = tdl.compress.channels
gone = channels.least_important_channels(model, fraction=0.5)
narrow = channels.remove_channels(model, gone)
rows = [
    (name, str(list(kernel.shape)), str(list(narrow.get_layer(name).kernel.shape))) for name, kernel in kernels.items()
]
title = f"{model.count_params():,} parameters before, {narrow.count_params():,} after"
tdl.report.Table(title, ("layer", "kernel before", "kernel after"), tuple(rows))

# %% [markdown]
# Half of the inputs times half of the outputs: between two halved layers a quarter of the pointwise weights is left. We
# could not choose them weight by weight, so expect the accuracy to be worse than with 75 % of holes. It needs longer
# training than the holes did, at the rate of a fresh network.

# %%
raw = float((tdl.models.predict(narrow, x_val).argmax(axis=1) == y_val).mean())
tdl.models.train(narrow, own, epochs=3 * EPOCHS, progress=False, keep=True)
trained_again = float((tdl.models.predict(narrow, x_val).argmax(axis=1) == y_val).mean())
halved = tdl.deploy(narrow, calibration, board="tiny32k")
ratio = halved.result.cycles / dense.result.cycles
print(f"halved, nothing trained: {raw:.1%}; 75 % of holes, nothing trained: {accuracy_with(cut(0.75, pointwise)):.1%}")
print(f"halved, {3 * EPOCHS} epochs: {trained_again:.1%}; the whole network: {whole:.1%}")
print(f"cycles left: you guessed {guess_cycles_left:.0%}, found {ratio:.0%}")

# %% [markdown]
# Must you rewire at all? Our compiler sees when nobody reads a channel, and takes it out of everything that only served
# it (the pass `fold_dead_channels`). So a training that drives whole channels to zero is enough. Not every engine does
# this. TFLM executes what the file says.
#
# **Now you:** `channels.silence_channels(model, gone)` is the whole network with those channels silenced, but not
# removed. Deploy it. Predict its cycles first, then compare them with `halved.result.cycles`.

# %% [markdown]
# ## 6 · The verdict
#
# All choices are made. Now the test speakers, once, on the simulated chip.

# %%
deployments = (dense, mild, sparse, halved)
names = ("int8, dense", *(f"sparse, {level:.0%}" for level in sparse_models), "half the channels")
variants = []
for name, deployed in zip(names, deployments):
    says = deployed.run(words.x_test).outputs
    score = tdl.metrics.score(words.y_test, says, words.labels)
    low, high = score.accuracy_interval
    cost = (deployed.elf.flash_bytes, deployed.ram_bytes, deployed.result.cycles)
    kind = {"synthetic": words.synthetic, "baseline": deployed is dense}
    variants.append(tdl.report.Variant(name, "04", "keywords", score.accuracy, low, high, *cost, **kind))
tdl.report.pareto(variants)

# %% [markdown]
# Flash, split into what shrank and what did not:

# %%
rows = [flash_row(v.name, d.elf) for v, d in zip(variants, deployments)]
tdl.report.Table("Flash (measured)", flash_columns, tuple(rows))

# %% [markdown]
# The sparse networks even need *more code*: their kernel comes on top of the dense one, which the first layer still
# uses. And compare the constants of the mild one with the dense ones: the list takes back most of what the holes save.
# Now the budget:


# %%
def judged(variant, deployed) -> tuple[str, ...]:
    """The four budget figures of a network, each with yes or no, as text."""
    lost = 100 * (variants[0].accuracy - variant.accuracy)
    constants = tdl.footprint.constant_bytes(deployed.elf) / tdl.footprint.constant_bytes(dense.elf)
    cycles = variant.cycles / variants[0].cycles
    figures = ((lost, 3, "{:.1f} points"), (constants, 0.5, "{:.2f} times"), (cycles, 0.5, "{:.2f} times"))
    texts = [f"{form.format(value)}: {'yes' if value <= limit else 'no'}" for value, limit, form in figures]
    return (variant.name, *texts, f"{variant.ram_bytes / 1024:.1f} KB: {'yes' if variant.ram_bytes <= 32768 else 'no'}")


columns = ("network", "accuracy lost (at most 3)", "constants (at most 0.5)", "cycles (at most 0.5)", "RAM (32 KB)")
tdl.report.Table("The budget", columns, tuple(judged(v, d) for v, d in zip(variants[1:], deployments[1:])))

# %% [markdown]
# Read the rows against each other, and against the intervals in the picture: with so few test words a point or two is
# within chance. So a *yes* or a *no* that is close to the limit may be luck in the column *accuracy*. Bytes and cycles
# do not depend on luck.
#
# So, the slide. *90 % of the weights can be removed*: of the layers that hold most of them, if you train again, and at
# the price in your table. *Ten times smaller*: no, because somebody writes down the places, and code and scales stay.
# *Ten times faster*: no, not on this processor. *Same accuracy*: look at your table. Whoever wants speed and bytes on a
# microcontroller removes **channels**, and then trains as long as it takes.
#
# A fair word on this comparison: the halved network had more epochs than those with holes. Give those as many, and
# their accuracy may rise, too. Their cycles do not fall.
#
# **Now you:** if no row says *yes* four times, find a network that does. You have two knobs: `fraction`, and the number
# of epochs. Choose on the validation speakers; the test part has been used.
#
# Last, every variant that you have made so far, in all lessons that you have run on this computer:

# %%
tdl.report.keep_variants(variants)
tdl.report.pareto_of_lessons(tdl.report.kept_variants())

# %% [markdown]
# ## Exercise 4.7 · A lottery ticket
#
# One last idea, the strangest. Frankle and Carbin (2019) prune a trained network, then throw the trained *values* away:
# each weight that is left goes back to the random number that it had **before** training. Trained again from there,
# such a sparse network can come out as accurate as the whole one, while the same holes with *new* random numbers do
# worse. They call it a winning ticket: the first numbers were lucky.
#
# Make a ticket: the mask comes from the `trained` weights, the values from the `initial` ones.


# %%
def winning_ticket(initial: np.ndarray, trained: np.ndarray, sparsity: float) -> np.ndarray:
    """The initial weights where the trained ones are large, zero elsewhere."""
    ### BEGIN SOLUTION
    return np.where(prune.magnitude_mask(trained, sparsity), initial, 0.0)
    ### END SOLUTION


tdl.checks.winning_ticket(winning_ticket)

# %% [markdown]
# **Now you:** does our network hold winning tickets? `tdl.models.keras.utils.set_random_seed(0)` and then
# `tdl.models.build("keywords_cnn")` give you its first numbers again. Put them into `masked` together with the masks of
# 90 %, train for all epochs (leave `epochs` and `learning_rate` out), and do the same with seed 1's numbers and *the
# same masks*. Is the first one better by more than one interval? Before you believe it, run three seeds of each. It is
# a few minutes of training. (Batch normalization and the other layers start from their first numbers, too.)

# %% [markdown]
# ## What we left out
#
# - **More than one seed, and longer training.** Four epochs are few; both ways of part 2 should gain from more. We ran
#   one seed: another one may move every accuracy here by some points.
# - **Training the small network from nothing.** Liu et al. (2019) found that, after structured pruning, a network of
#   the small shape trained from fresh random weights often does as well. Then pruning was a *search for a shape*. Try
#   it with `narrow` and new weights.
# - **Better scores than magnitude.** How much the loss would change if a weight went, from gradients or curvature
#   (LeCun et al., 1990), is the older idea.
# - **Different sparsity for each layer**, chosen from the sensitivity scan. We gave all pointwise layers the same.
# - **Pruning and coding.** After pruning come shared values and Huffman codes: lesson 05.
#
# **Read more**
#
# - Y. LeCun, J. Denker, S. Solla: *Optimal Brain Damage.* NIPS 2, 1990. Removes weights by their effect on the loss,
#   from second derivatives.
# - S. Han, J. Pool, J. Tran, W. J. Dally: *Learning both Weights and Connections for Efficient Neural Networks.* NIPS
#   2015. Magnitude, fine-tuning, and the sensitivity of each layer.
# - S. Han, H. Mao, W. J. Dally: *Deep Compression.* ICLR 2016. The relative index, and what comes after pruning.
# - M. Zhu, S. Gupta: *To prune, or not to prune: exploring the efficacy of pruning for model compression.*
#   arXiv:1710.01878, 2017. The cubic schedule; finds large sparse networks better than small dense ones that take the
#   same memory. They look at size, not at cycles: compare with part 4.
# - H. Li, A. Kadav, I. Durdanovic, H. Samet, H. P. Graf: *Pruning Filters for Efficient ConvNets.* ICLR 2017. Channels
#   by the sum of their magnitudes.
# - J. Frankle, M. Carbin: *The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks.* ICLR 2019.
# - Z. Liu, M. Sun, T. Zhou, G. Huang, T. Darrell: *Rethinking the Value of Network Pruning.* ICLR 2019.
# - A. Mishra et al.: *Accelerating Sparse Deep Neural Networks.* arXiv:2104.08378, 2021. 2 of 4 on GPUs.
# - G. M. Amdahl: *Validity of the single processor approach to achieving large scale computing capabilities.* AFIPS
#   1967. What you do not speed up stays.
#
# ## Tell a friend
#
# A network can lose most of its weights, if you let the rest train again. But a zero in the middle of a matrix saves
# nothing by itself: somebody must skip it, and skipping costs. Take out whole channels instead, and the network is
# simply a smaller network, on every chip.
#
# ## Where next
#
# Lesson **05** goes on with the weights that are left: share their values, then code them.
