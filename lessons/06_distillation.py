# %% [markdown]
# # 06 · Knowledge distillation: a small network learns from a large one's doubts
#
# **The problem.** A coffee cooperative wants a clip with a camera: hold it to a leaf, and a lamp says what ails it. The
# clip has a Cortex-M4 with 32 KB of RAM, and half of that belongs to the camera's frame. On your laptop a network
# already does the job quite well. It is too large for the clip. A network that fits is not as good. Can the large one
# **teach** the small one?
#
# | what | budget | why |
# |---|---|---|
# | RAM, all in | 16 KB | the camera's frame fills the other half |
# | flash | 32 KB | the radio stack, the code that speaks the radio's protocol, has the rest |
# | energy per leaf | 1 mJ | a capacitor, charged by pressing the clip's handle |
# | macro-F1 | as near to the large network's as we get | the rarest disease must not be given up |
#
# **You will** pick a student that fits, look at what a teacher knows beyond the labels, write the loss of distillation,
# train students with and without a teacher, with error bars, and find out when a teacher is worth having.
#
# | part | minutes |
# |---|---|
# | 1. a teacher that is too large (exercises 6.1 and 6.2) | 20 |
# | 2. what the teacher knows (exercises 6.3 and 6.4) | 15 |
# | 3. the loss (exercise 6.5) | 15 |
# | 4. does it help? | 15 |
# | 5. hints (exercise 6.6) | 10 |
# | 6. on the Cortex-M4 | 15 |

# %%
import dataclasses

import numpy as np

import tdl_course as tdl

data = tdl.datasets.load("leaf")
data

# %% [markdown]
# ## 1 · A teacher that is too large
#
# The leaves were photographed in blocks of twelve, one after the other: same branch, same light. So we hold whole
# **blocks** back for validation, as we held people back in lesson 02. We choose on them; the test part sleeps until
# part 6.

# %%
learn, held_back = tdl.datasets.validation_split(data, fraction=0.25, seed=0)
leaves = tdl.datasets.subset(data, learn)
x_val, y_val = data.x_train[held_back], data.y_train[held_back]
rows = []
for part, y in (("learn", leaves.y_train), ("validate", y_val)):
    rows.append((part, *(f"{n:,}" for n in np.bincount(y, minlength=len(data.labels))), f"{len(y):,}"))
rarest = int(np.bincount(leaves.y_train).argmin())
print(f"the rarest class: {data.labels[rarest]}")
tdl.report.Table("Leaves", ("part", *data.labels, "all"), tuple(rows))

# %% [markdown]
# One leaf of each class, as the network sees it: 32 × 64 pixels.

# %%
shown = {label: (x_val[y_val == index][0] + 1) / 2 for index, label in enumerate(data.labels)}
tdl.report.gallery(shown, "One validation leaf of each class")

# %% [markdown]
# ## Exercise 6.1 · A score that does not forget the rare
#
# With classes this uneven, a network can give up on the rarest and hardly lose accuracy. **Macro-F1** does not let it.
# For each class, F1 is
#
#     F1 = 2 × hits / (samples of the class + calls of the class)
#
# Missed samples make it smaller, and so do false alarms. *Macro* means: the plain mean over classes. A class that is
# never hit counts as 0, also where it is neither there nor called.


# %%
def macro_f1(truth: np.ndarray, called: np.ndarray, classes: int) -> float:
    """Mean over all classes of F1; `truth` and `called` are class numbers [n]."""
    ### BEGIN SOLUTION
    f1 = []
    for c in range(classes):
        hits = ((truth == c) & (called == c)).sum()
        either = (truth == c).sum() + (called == c).sum()
        f1.append(2 * hits / max(either, 1))
    return float(np.mean(f1))
    ### END SOLUTION


tdl.checks.macro_f1(macro_f1)

# %% [markdown]
# The course's version is `tdl.metrics.score(...).macro_f1`, so you can go on either way.
#
# Now the teacher: five plain convolutions. It went over these leaves so often that you would wait for minutes, so its
# weights come with the course, and beside them what they were trained on. (Change the split above, and they no longer
# fit: then it is trained before your eyes.)

# %%
teacher = tdl.models.load("leaf_teacher", leaves)
taught_by = tdl.models.predict(teacher, x_val)
print(f"{tdl.models.recipe_of(teacher, leaves).epochs} times over {len(leaves.x_train)} leaves")
tdl.metrics.score(y_val, taught_by, data.labels)

# %% [markdown]
# Mind the intervals. There are few validation leaves, and very few of the rarest class, so the last digit of any of
# these numbers means nothing.
#
# **Predict:** how many KB of flash does the teacher need on the clip, code and all?

# %%
guess_kb = 60.0

# %% [markdown]
# We put it on the full chip, which has more of everything, to see what it would need.

# %%
calibration = leaves.x_train[::4]
large = tdl.deploy(teacher, calibration)


def budget(device) -> tuple[str, ...]:
    """What a network needs of each budget, as text, with a mark where it is too much."""
    energy = 1e3 * tdl.energy.energy(device.result.cycles, device.board).joules
    needs = ((device.ram_bytes / 1024, 16), (device.elf.flash_bytes / 1024, 32), (energy, 1))
    return tuple(f"{need:.2f}" + (" (too much)" if need > limit else "") for need, limit in needs)


budget_columns = ("network", "RAM (KB, simulated)", "flash (KB, measured)", "energy (mJ, modelled)")
title = f"You guessed {guess_kb:g} KB of flash; found: {large.elf.flash_bytes / 1024:.1f}. Budget: 16 KB, 32 KB, 1 mJ"
tdl.report.Table(title, budget_columns, (("teacher", *budget(large)),))

# %% [markdown]
# RAM is not what is short: each layer halves the picture, and the compiler reuses its memory. But the weights want more
# flash than the radio stack leaves, and the capacitor is empty before the answer.
#
# ## Exercise 6.2 · The largest student that fits
#
# Find a student **before** you train anything. You know from lesson 01 what fills the RAM: while a layer works, its
# input *and* its output are there. Weights lie in flash. And the network does not have the RAM to itself: stack and
# runtime are reserved.
#
# `students` is a list of `(name, parameters, sizes)`; `sizes` are the bytes of the network's input and of each layer's
# output, in order. Return the name of the one with the most parameters that fits, or None.


# %%
def largest_student(students: list, ram_bytes: int, reserved_bytes: int) -> str | None:
    """Name of the student with the most parameters whose activations fit beside what is reserved."""
    ### BEGIN SOLUTION
    best, most = None, -1
    for name, parameters, sizes in students:
        peak = max(a + b for a, b in zip(sizes, sizes[1:]))
        if peak + reserved_bytes <= ram_bytes and parameters > most:
            best, most = name, parameters
    return best
    ### END SOLUTION


tdl.checks.largest_student(largest_student)

# %% [markdown]
# These are the two networks by that rule. (Our compiler gets by with somewhat less: it lays the output of some layers
# over their input. Lesson 10.) `leaf_student` first averages 2 × 2 pixels, and has three narrow convolutions. It is
# smaller than RAM would allow. What limits it is energy and flash, and you have no minutes to wait: it goes over the
# leaves a few times only.

# %%
student_shape = tdl.models.build("leaf_student")
rows = []
for name, network in (("teacher", teacher), ("student", student_shape)):
    shapes = [network.input_shape[1:], *(layer.output.shape[1:] for layer in network.layers[1:])]
    rows.append((name, f"{network.count_params():,}", f"{tdl.count.peak_bytes(shapes):,}"))
tdl.report.Table("Sizes", ("network", "parameters", "input and output of one layer (bytes)"), tuple(rows))

# %% [markdown]
# ## 2 · What the teacher knows
#
# A label says "rust", and nothing else. The teacher says more: "rust, but I would not be surprised by cercospora". Which
# wrong answers are *nearly right* is knowledge, and no label has it. Hinton called it **dark knowledge**. It hides in the
# small probabilities, and a loss hardly sees small probabilities. So we turn up the light.
#
# A network's last layer computes one number for each class, the **logit** `z`; softmax makes probabilities of them.
# Divide the logits by a **temperature** `T` first:
#
#     p = exp(z / T) / sum of all exp(z / T)
#
# `T = 1` is plain softmax. A higher temperature makes the answers more equal, but keeps their order. What comes out are
# the **soft targets**.
#
# ## Exercise 6.3 · Softmax at a temperature
#
# `logits` is [n, classes], each row a sample. It must also survive logits of 1,000.


# %%
def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities [n, classes]; each row adds up to 1."""
    ### BEGIN SOLUTION
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    return np.exp(scaled) / np.exp(scaled).sum(axis=-1, keepdims=True)
    ### END SOLUTION


tdl.checks.softmax(softmax)

# %% [markdown]
# Our networks end in softmax, so where are the logits? `log p` is the logits but for a constant, and softmax ignores
# constants. `tdl.compress.distill.soften(p, T)` takes that way.
#
# Sort the validation leaves by how sure the teacher is, and take the one in the middle. **Predict** which class comes
# second.

# %%
at = int(taught_by.max(axis=1).argsort()[len(taught_by) // 2])
warm = [1, 2, 4, 8, 16]
soft = np.array([tdl.compress.distill.soften(taught_by[at : at + 1], t)[0] for t in warm])
curves = {label: soft[:, index] for index, label in enumerate(data.labels)}
title = f"A leaf of {data.labels[y_val[at]]}"
tdl.report.lines(warm, curves, "temperature", "probability", title)

# %% [markdown]
# On the left one class towers over the others. To the right they rise, each at its own speed, and you can read their
# order. Too far to the right all are equal, and the teacher says nothing again. Somewhere
# between lies a temperature that is good to learn from.
#
# ## Exercise 6.4 · The second choice
#
# One leaf is an anecdote. Ask all of them: leaving the true class out, **which class does the teacher rank first?**
# Return a table of shares: row is the true class, column the second choice, each row that has samples adds up to 1.


# %%
def runner_up(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Shares [classes, classes] of the likeliest wrong class, row by true class."""
    ### BEGIN SOLUTION
    others = probabilities.copy()
    others[np.arange(len(labels)), labels] = -1
    second = others.argmax(axis=1)
    classes = range(probabilities.shape[1])
    counts = np.array([[((labels == row) & (second == column)).sum() for column in classes] for row in classes])
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ### END SOLUTION


tdl.checks.runner_up(runner_up)

# %% [markdown]
# **Predict** for each disease: which other one does it resemble, in the teacher's eyes? Then look.

# %%
seconds = tdl.compress.soft_targets.runner_up(taught_by, y_val)
rows = [(label, *(f"{share:.0%}" for share in row)) for label, row in zip(data.labels, seconds)]
tdl.report.Table("The teacher's second choice", ("true class", *data.labels), tuple(rows))

# %% [markdown]
# A teacher who knew nothing beyond the labels would have even rows, or the same favourite in all of them, the most
# common class. Where your table differs from that, the classes have a geography, and the student can learn it.
#
# ## 3 · The loss
#
# The student gets two lessons at once. From the label: the usual cross entropy. From the teacher: be near its soft
# targets. How near is measured by the **Kullback-Leibler divergence** of the teacher's probabilities `t` and the
# student's `s`, both at temperature `T`:
#
#     KL(t, s) = sum over classes of t × log(t / s)
#
# It is 0 where both agree, else positive. (Hinton uses the cross entropy, which differs by the teacher's own entropy;
# the student cannot change that, so the gradient is the same.)
#
# The gradient of KL by the student's logits is short: `(s - t) / T`. **Predict:** by which factor does it shrink when
# you go from `T = 4` to `T = 8`? Two, because of the `/ T`?

# %%
z_teacher = np.log(np.maximum(taught_by[at], 1e-7))
z_student = np.roll(z_teacher, 1)  # a student with everything in the wrong place


def kl(z: np.ndarray, temperature: float) -> float:
    """The divergence of the teacher's soft targets from those of the logits z."""
    t, s = (tdl.compress.soft_targets.softmax(logits, temperature) for logits in (z_teacher, z))
    return float((t * np.log(t / s)).sum())


step = 1e-4 * np.eye(len(z_student))
warm = [1, 2, 4, 8, 16, 32]
slopes = [[(kl(z_student + e, t) - kl(z_student - e, t)) / 2e-4 for e in step] for t in warm]

# %% [markdown]
# This is the gradient by brute force: move each logit a little up and a little down, and see what the divergence does.

# %%
size = np.linalg.norm(slopes, axis=1)
rows = [(str(t), f"{g:.4f}", f"{g * t:.3f}", f"{g * t * t:.3f}") for t, g in zip(warm, size)]
print(
    f"from T = 4 to T = 8 it shrinks by a factor of {size[2] / size[3]:.1f}, from 16 to 32 by {size[4] / size[5]:.1f}"
)
tdl.report.Table("Length of the gradient of KL", ("T", "gradient", "× T", "× T²"), tuple(rows))

# %% [markdown]
# At high temperature doubling `T` divides the gradient by **four**: once by the `/ T`, and once more because the soft
# targets themselves come closer to each other. So the soft part of the loss is multiplied by `T²`, and the last column
# settles down. Without it the teacher falls silent as you turn the temperature up, and you would blame the
# temperature.
#
# ## Exercise 6.5 · The loss of distillation
#
# Mean over samples of
#
#     (1 - weight) × (-log student[label])  +  weight × T² × KL(teacher at T, student at T)
#
# `student` and `teacher` are plain softmax outputs [n, classes]. Use `tdl.compress.distill.soften`. The label's part
# stays at temperature 1, since that is how the student will be used.


# %%
def distillation_loss(student, teacher, labels, temperature: float, weight: float) -> float:
    """One number; `weight` 0 listens to the labels only, 1 to the teacher only."""
    ### BEGIN SOLUTION
    hard = -np.log(student[np.arange(len(labels)), labels])
    s = tdl.compress.distill.soften(student, temperature)
    t = tdl.compress.distill.soften(teacher, temperature)
    soft = (t * np.log(t / s)).sum(axis=1)
    return float(np.mean((1 - weight) * hard + weight * temperature**2 * soft))
    ### END SOLUTION


tdl.checks.distillation_loss(distillation_loss)

# %% [markdown]
# ## 4 · Does it help?
#
# Now full size. `Distiller` is a student whose loss is the one you wrote; it trains like any model. The teacher sees
# the same picture as the student, mirrored and shifted in the same way, and gives its opinion on *that*.
#
# With `weight=0` we train the student as usual, without any teacher.


# %%
def shape_of(weight: float):
    """A student and what trains it: the student itself, or a Distiller where the teacher has some weight."""
    student = tdl.models.build("leaf_student")
    return student, tdl.compress.distill.Distiller(student, teacher, 4.0, weight) if weight else student


shapes = {weight: shape_of(weight) for weight in (0.0, 0.5, 1.0)}

# %% [markdown]
# This trains one of them from a start of its own. (All seeds take turns in the same student, which only swaps its
# weights: TensorFlow then prepares the training once.)


# %%
def pupil(seed: int, weight: float, lessons=leaves, mask=None, epochs=None):
    """A trained student; `weight` is the teacher's. Kept, so that it is trained only once."""
    tdl.models.keras.utils.set_random_seed(seed)
    own, (student, taught) = tdl.models.build("leaf_student"), shapes[weight]
    student.set_weights(own.get_weights())
    tdl.models.train(taught, lessons, seed, epochs, mask, keep=True, progress=False)
    own.set_weights(student.get_weights())
    return own


# %% [markdown]
# One run is no result. Start weights, order, and mirrored leaves are drawn by chance, and another seed gives another
# student. So: three seeds each way, and we look at how far they scatter before we believe a difference.
#
# **Predict:** how many points of macro-F1 does the teacher's advice win, on average?

# %%
guess_points = 3.0

# %% [markdown]
# The first row is the student alone. The second listens to labels and teacher, half and half.
#
# The third is odd on purpose: it listens to the teacher **only**. To be sure that no label slips in through a back door
# (rare classes get a larger weight, and that would need labels), we hand it a data set in which each label is what the
# teacher calls.

# %%
called = tdl.models.predict(teacher, leaves.x_train).argmax(axis=1)
unlabelled = dataclasses.replace(leaves, y_train=called)
seeds = (0, 1, 2)
students = {"labels": [pupil(seed, 0.0) for seed in seeds]}

# %% [markdown]
# Half and half:

# %%
students["labels + teacher"] = [pupil(seed, 0.5) for seed in seeds]

# %% [markdown]
# And the teacher only:

# %%
students["teacher only"] = [pupil(seed, 1.0, unlabelled) for seed in seeds]

# %% [markdown]
# And a poor student: only every eighth block of leaves has labels, nobody has money for more, and there is no teacher.
# To be fair, it goes over them more often, so that it makes about as many steps as the others.

# %%
few = np.isin(leaves.group_train, np.unique(leaves.group_train)[::8])
recipe = tdl.models.recipe_of(student_shape, leaves)
steps = -(-len(few) // recipe.batch_size) * recipe.epochs
epochs = steps // -(-few.sum() // recipe.batch_size)
students["few labels"] = [pupil(seed, 0.0, mask=few, epochs=epochs) for seed in seeds]
f"{few.sum():,} of {len(few):,} leaves have a label"

# %% [markdown]
# Score all of them on the validation blocks. Each number is a mean over seeds, with the standard deviation behind it.


# %%
def score(model):
    """The score of a model on the validation leaves."""
    return tdl.metrics.score(y_val, tdl.models.predict(model, x_val), data.labels)


scores = {way: [score(model) for model in models] for way, models in students.items()}
scores["teacher"] = [score(teacher)]
rows = []
for way, found in scores.items():
    shares = np.array([(s.macro_f1, s.accuracy, s.recall[rarest]) for s in found])
    deviation = [f" ± {value:.3f}" for value in shares.std(axis=0, ddof=1)] if len(found) > 1 else [""] * 3
    rows.append((way, *(f"{mean:.3f}{more}" for mean, more in zip(shares.mean(axis=0), deviation))))
columns = ("learned from", "macro-F1", "accuracy", f"recall {data.labels[rarest]}")
tdl.report.Table(f"{len(y_val):,} validation leaves, {len(seeds)} seeds", columns, tuple(rows))

# %% [markdown]
# The same as a picture; the bars are one standard deviation over seeds either way.

# %%
f1 = {way: np.array([s.macro_f1 for s in found]) for way, found in scores.items()}
names = {way: way.replace(" ", "\n", 1) for way in f1}
means = {names[way]: float(values.mean()) for way, values in f1.items()}
spans = {way: float(values.std(ddof=1)) if len(values) > 1 else 0.0 for way, values in f1.items()}
errors = {names[way]: (f1[way].mean() - spans[way], f1[way].mean() + spans[way]) for way in f1}
tdl.report.bars(means, "macro-F1 on validation leaves", "Who learned from whom", errors=errors)

# %% [markdown]
# Now the honest question: is a difference of two means larger than chance? Each seed gives one difference between two
# ways (both started from the same weights). Of three differences we take the mean, and a 95 % interval by Student's `t`:
# the standard deviation, over √3, times 4.30. That factor is large because three is few. We use both rulers, macro-F1
# and accuracy, for all pairs, and do not pick the nicer one afterwards.


# %%
def gain(way: str, other: str, ruler: str) -> str:
    """What `way` has over `other` in points, with an interval, and whether that is more than chance."""
    points = 100 * np.array([getattr(a, ruler) - getattr(b, ruler) for a, b in zip(scores[way], scores[other])])
    mean, reach = points.mean(), 4.30 * points.std(ddof=1) / np.sqrt(len(points))
    verdict = "more than chance" if abs(mean) > reach else "may be chance"
    return f"{mean:+.1f}, {mean - reach:+.1f} to {mean + reach:+.1f}: {verdict}"


pairs = (("labels + teacher", "labels"), ("teacher only", "labels"), ("teacher only", "few labels"))
rows = [(f"{way}, less {other}", gain(way, other, "macro_f1"), gain(way, other, "accuracy")) for way, other in pairs]
title = f"You guessed {guess_points:+g} points; found {100 * (f1['labels + teacher'] - f1['labels']).mean():+.1f}"
tdl.report.Table(title, ("pair", "macro-F1 (points), 95 % interval", "accuracy (points), 95 % interval"), tuple(rows))

# %% [markdown]
# Read the first row. Where it says *may be chance*, it is so, and no story about dark knowledge changes it: with three
# seeds and this few leaves we **cannot show** that advice on top of all labels helps *this* student. One more number
# says why that need not surprise you: on which share of the leaves that it *learned from* is the student right?

# %%
own = [tdl.models.predict(m, leaves.x_train).argmax(axis=1) == leaves.y_train for m in students["labels"]]
f"student, all labels: right on {np.mean(own):.1%} of its own lessons; teacher: {np.mean(called == leaves.y_train):.1%}"

# %% [markdown]
# A student that cannot get its own lessons right is short of **capacity**, or of time (ours learn for a few passes only),
# not of advice. Cho and Hariharan describe such students, too small to follow their teacher.
#
# Now the other two rows, and another question: **what if you have no labels?** Photographs cost nothing, an agronomist's
# afternoon does. A teacher labels every photograph for free, and says how sure it is. The second row compares that with
# all labels, the third with a few. If the second may be chance and the third is more, then distillation here does not
# *add* to labels, it **replaces** them. (The teacher had them all. Somebody paid once.)
#
# Do both rulers agree on the third row? If not, look at the recall of the rarest class above. A student with few labels
# has seen a handful of such leaves, each with a large weight, and may see that disease everywhere. That is a fine
# recall, and many false alarms.
#
# ## Look inside
#
# Turn the knobs. Find a leaf on which teacher and student disagree. At which temperature does the teacher's part of the
# loss outgrow the label's? What happens to the entropy when `T` falls below 1?

# %%
some = slice(0, 60)
best = {way: models[int(f1[way].argmax())] for way, models in students.items()}
learned = tdl.models.predict(best["labels + teacher"], x_val[some])
tdl.widgets.DistillationExplorer(taught_by[some], learned, y_val[some], data.labels, (x_val[some] + 1) / 2)

# %% [markdown]
# ## 5 · Hints
#
# So far the teacher spoke only at the end. Romero and colleagues let it speak half way too: the student shall imitate
# the teacher's **features**, the values that a hidden layer computes. They call this a **hint**.
#
# There is a catch: our teacher's last feature vector has 64 numbers, the student's 24. Nothing to subtract. So a small
# matrix, the **projection**, goes between (in a picture it is a 1 × 1 convolution). It is trained along, and thrown away
# afterwards. The loss is half the squared distance, a mean over samples:
#
#     error = student @ projection - teacher
#     loss  = mean over samples of ½ × sum of error²
#
# ## Exercise 6.6 · The loss of a hint
#
# Return the loss and its gradient by the **student's** features. The teacher stands still.


# %%
def hint_loss(student: np.ndarray, teacher: np.ndarray, projection: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and gradient [n, s] for features [n, s] and [n, t] and a projection [s, t]."""
    ### BEGIN SOLUTION
    error = student @ projection - teacher
    return 0.5 * (error**2).sum(axis=1).mean(), error @ projection.T / len(student)
    ### END SOLUTION


tdl.checks.hint_loss(hint_loss)

# %% [markdown]
# Would a hint find an ear? Ask first how much of the teacher's features a projection can read out of the student's
# already. We fit the best projection on the leaves to learn from (least squares finds it at once) and measure on
# validation leaves which share of the teacher's variance it explains.


# %%
def features(model, x: np.ndarray) -> np.ndarray:
    """What the model's last hidden vector is, less the mean and with a 1 for the offset: [n, width + 1]."""
    hidden = tdl.models.keras.Model(model.input, model.layers[-3].output)
    return np.c_[tdl.models.predict(hidden, x), np.ones(len(x))]


goal, goal_val = features(teacher, leaves.x_train), features(teacher, x_val)
rows = []
for way, models in students.items():
    projection = np.linalg.lstsq(features(models[0], leaves.x_train), goal, rcond=None)[0]
    left, _ = tdl.compress.soft_targets.hint_loss(features(models[0], x_val), goal_val, projection)
    spread = 0.5 * ((goal_val - goal.mean(axis=0)) ** 2).sum(axis=1).mean()
    rows.append((way, f"{left:.2f}", f"{1 - left / spread:.1%}"))
tdl.report.Table("Reading the teacher's mind", ("learned from", "hint loss", "variance explained"), tuple(rows))

# %% [markdown]
# What no projection can read, the student does not compute. Compare the rows: if the students with a teacher are not
# ahead, they learned its *answers* and not its *ways*. A hint would pull them there; whether they have the room for it
# is another question.
#
# ## 6 · On the Cortex-M4
#
# All choices are made. Of the seeds of each way we take the one with the best macro-F1 on validation leaves, quantize
# it, and put it on the clip: `tiny32k`, the chip with 32 KB. Students differ in their weights only. **Predict:** does
# what a student learned from change its flash, its RAM, its cycles?

# %%
devices = {way: tdl.deploy(best[way], calibration, board="tiny32k") for way in ("labels", "labels + teacher")}
devices["teacher only"] = tdl.deploy(best["teacher only"], calibration, board="tiny32k")
rows = [("teacher", *budget(large)), *((f"student, {way}", *budget(device)) for way, device in devices.items())]
tdl.report.Table("Budget: 16 KB, 32 KB, 1 mJ", budget_columns, tuple(rows))

# %% [markdown]
# A lesson learned weighs nothing. Distillation does not shrink a network; you choose the size, and then try to fill it
# better. Where did the flash go?

# %%
rows = []
for name, device in (("teacher", large), ("student", devices["labels"])):
    split = (tdl.footprint.constant_bytes(device.elf), tdl.footprint.code_bytes(device.elf))
    rows.append((name, *(f"{size:,}" for size in split), f"{device.result.cycles:,}"))
columns = ("network", "constants (bytes)", "code (bytes)", "cycles (modelled)")
tdl.report.Table("Flash, split", columns, tuple(rows))

# %% [markdown]
# The constants shrank by far more than the flash: code is there whatever the network. To make this student smaller
# still would save next to nothing.
#
# ### Is it the same network?
#
# The student who learned from the teacher only, on the chip, in NumPy, and in TFLM, on 40 test leaves.

# %%
device = devices["teacher only"]
sample = device.quantize(data.x_test[np.linspace(0, len(data.x_test) - 1, 40).astype(int)])
chip_says = tdl.sim.run(device.elf, sample).outputs.reshape(40, -1)
numpy_says = np.array([tdl.compiler.interpret(device.graph, x[None])[0].ravel() for x in sample])
assert (numpy_says == chip_says).all()
print("NumPy: equal to the chip on 40 of 40 leaves")
if tdl.sim.tflm.available():
    assert (tdl.sim.tflm.run_tflm(device.tflite, sample).reshape(40, -1) == chip_says).all()
    print("TFLM:  equal to the chip on 40 of 40 leaves")

# %% [markdown]
# ### The test leaves
#
# Now, and only now, leaves that neither the networks nor we have met. All networks run on the simulated
# chip, the teacher on one with a larger budget. **Predict:** how much does int8 cost?

# %%
networks = {"teacher": (teacher, large), **{f"student, {way}": (best[way], d) for way, d in devices.items()}}
tested, rows = {}, []
for name, (model, device) in networks.items():
    in_float = tdl.metrics.score(data.y_test, tdl.models.predict(model, data.x_test), data.labels)
    outputs = device.run(data.x_test).outputs
    tested[name] = tdl.metrics.score(data.y_test, outputs, data.labels)
    s = tested[name]
    shares = (in_float.macro_f1, s.macro_f1, s.accuracy)
    intervals = (
        "{:.3f} to {:.3f}".format(*s.accuracy_interval),
        "{:.2f} to {:.2f}".format(*s.recall_intervals[rarest]),
    )
    rows.append((name, *(f"{share:.3f}" for share in shares), *intervals))
columns = ("network", "macro-F1 float32", "macro-F1 int8", "accuracy int8", "95 % interval", data.labels[rarest])
tdl.report.Table(f"{len(data.y_test):,} test leaves; last column: recall, 95 % interval", columns, tuple(rows))

# %% [markdown]
# Look at the last column before you sell the clip: with this few test leaves of the rarest disease its recall could be
# almost anything. And the seed that was best on validation leaves is a lucky one; expect it to do a little worse here.
#
# Who is confused with whom? Compare with the teacher's second choices in part 2.

# %%
tdl.report.confusion(tested["student, teacher only"].confusion, data.labels, "int8 student, taught by the teacher only")

# %% [markdown]
# ### What you have made
#
# Accuracy against flash and against cycles. The baseline is the plain int8 student, which learned from labels.


# %%
def variant(name: str, device) -> tdl.report.Variant:
    """The network as it was measured on the test leaves."""
    s, plain = tested[name], name == "student, labels"
    cost = (device.elf.flash_bytes, device.ram_bytes, device.result.cycles)
    return tdl.report.Variant(
        name, "06", "leaf", s.accuracy, *s.accuracy_interval, *cost, synthetic=data.synthetic, baseline=plain
    )


variants = [variant(name, device) for name, (_, device) in networks.items()]
tdl.report.pareto(variants)

# %% [markdown]
# The students stand above each other: same cost, other accuracy. How much of that distance is within the intervals?
#
# And every variant you have made so far, in all lessons:

# %%
tdl.report.keep_variants(variants)
tdl.report.pareto_of_lessons(tdl.report.kept_variants())

# %% [markdown]
# **Now you:** give `pupil` another temperature. Try 1 and 16, with three seeds each, and decide *before* you look how
# large a difference would have to be. Then try a student of twice the width: does advice help one that has more room?
#
# ## What we left out
#
# - **Pictures that the teacher never saw.** Our student learned from the teacher's opinion on the very pictures that
#   the teacher was trained with. On new ones the teacher errs more often, and the student would learn that too.
# - **Long lessons.** Ours are short, so that you need not wait. Beyer and colleagues find that distillation pays off
#   with very many epochs, where teacher and student see the same crop of each picture (ours do).
# - **A teacher's assistant.** Where the gap is large, a network of middle size can stand between.
# - **Ensembles.** Hinton and colleagues also took several networks together as teacher. Their mean can know more.
# - **Distilling while quantizing.** A float teacher can teach an int8 student: combine this lesson with lesson 03.
# - **Three seeds, one split, one data set.** Another split would move all numbers by more than most differences here.
# - **A field.** These leaves lie on white paper. In a field accuracy will be lower, as the data card says.
#
# **Read more**
#
# - G. Hinton, O. Vinyals, J. Dean: *Distilling the Knowledge in a Neural Network.* arXiv:1503.02531, 2015.
#   Temperature, soft targets, the factor `T²`.
# - C. Buciluǎ, R. Caruana, A. Niculescu-Mizil: *Model Compression.* KDD 2006. A small network learns from data that a
#   large ensemble has labelled: our third way, nine years earlier.
# - A. Romero et al.: *FitNets: Hints for Thin Deep Nets.* ICLR 2015, arXiv:1412.6550. Hints and the regressor.
# - J. H. Cho, B. Hariharan: *On the Efficacy of Knowledge Distillation.* ICCV 2019, arXiv:1910.01348. A better teacher
#   does not always make a better student: with a large gap the student cannot follow.
# - S. I. Mirzadeh et al.: *Improved Knowledge Distillation via Teacher Assistant.* AAAI 2020, arXiv:1902.03393.
# - L. Beyer et al.: *Knowledge Distillation: A Good Teacher is Patient and Consistent.* CVPR 2022, arXiv:2106.05237.
# - J. G. M. Esgario, R. A. Krohling, J. A. Ventura: *Deep learning for classification and severity estimation of coffee
#   leaf biotic stress.* Computers and Electronics in Agriculture 169, 2020. The leaves.
#
# ## Tell a friend
#
# A large network's doubts are knowledge: they say which wrong answers are nearly right. Divide logits by a temperature
# and you can read them. But count seeds before you claim a gain: a small student with all the labels may have no use for
# advice. Where labels are dear, a teacher is worth an agronomist.
#
# ## Where next
#
# Lesson **07** looks for a better student: networks whose *shape* does more with few weights.
