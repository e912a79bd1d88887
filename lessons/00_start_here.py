# %% [markdown]
# # 00 · Start here: your first model on a microcontroller
#
# **The problem.** A patch on somebody's chest listens to the heart, day and night. Most beats are normal. A few are
# not, and those few are why the patch is there. It cannot send everything to a phone: a radio that never sleeps would
# empty the battery within days, and a heartbeat is private. So the patch must decide by itself, beat by beat, with
# a chip that costs a few euros and lives on a coin cell.
#
# In the next twenty minutes you take a small neural network from training to such a chip. You do not need the
# chip: this notebook simulates it, instruction by instruction, running the very file that you would flash.
#
# | you will | minutes |
# |---|---|
# | meet the chip and the heartbeats | 5 |
# | guess what the network costs, then train it and put it on the chip | 8 |
# | find out whether chip and laptop give the same answer | 4 |
# | see how the lessons and their exercises work | 3 |
#
# Run each cell with **Shift + Enter**. Nothing here can break.

# %%
import numpy as np

import tdl_course as tdl

# %% [markdown]
# ## The chip
#
# A **microcontroller** is a whole computer on one chip: a processor, some **flash** (memory that survives without
# power; the program and the network's weights live there) and some **RAM** (everything that changes while the program
# runs). Ours has an Arm **Cortex-M4** processor. There is no operating system, no GPU and no disk.
#
# Before you run the cell: how many times more RAM does a laptop with 16 GB have? Guess a power of ten.

# %%
board = tdl.boards.board("stm32f405")
laptop = {"RAM": 16 * 2**30, "storage": 512 * 10**9, "clock": 3e9}
chip = {"RAM": board.ram_bytes, "storage": board.flash_bytes, "clock": board.clock_hz}
ratio = {what: f"{laptop[what] / chip[what]:,.0f} times" for what in chip}
rows = tuple((what, f"{chip[what]:,}", f"{laptop[what]:,.0f}", ratio[what]) for what in chip)
note = "RAM and storage in bytes, clock in Hz. The laptop: 16 GB RAM, 512 GB disk, 3 GHz."
columns = ("what", "chip", "laptop", "the laptop has")
tdl.report.Table(f"{board.name} and a laptop", columns, rows, note)  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# The clock is not the problem. Memory is what a microcontroller lacks: five orders of magnitude of it. That is why
# this field exists, and why most of this course is about bytes.

# %% [markdown]
# ## The heartbeats
#
# One **sample** is one heartbeat: a short stretch of ECG around it, and how long the heart waited before and after.
# Each belongs to one of three classes. *N* is a normal beat. *S* is a beat that was started too early by the upper
# part of the heart (supraventricular). *V* was started by the lower part (ventricular).

# %%
beats = tdl.datasets.load("ecg")
beats

# %% [markdown]
# Look at two rows of this table. Training and test come from **different people**: a patch meets a heart that it has
# never seen, so we test it that way. And *source* says where the beats come from. If an orange box above says
# SYNTHETIC, they are made up: everything below works, but its accuracy says nothing about real hearts.
#
# Always look at data before you train on it. Here are thirty beats of each class.

# %%
lead_mv = 2 * beats.x_train[:, :, 0, 0]  # the network's unit is 2 mV
some = {}
for k, label in enumerate(beats.labels):
    some[f"{label}: {beats.card.label_text[k]}"] = lead_mv[beats.y_train == k][::15][:30]
tdl.report.examples(some, beats.sampling_hz, "ECG (mV)")

# %% [markdown]
# *V* beats have a shape of their own. But could you tell *S* from *N* by shape? Few people can. What gives *S* away
# is **when** it comes. So the network also gets the waiting time before the beat, compared with the average wait.

# %%
wait = 100 * beats.x_train[:, 0, 0, 1] / 2  # 0: as long as the average; -30: 30 % shorter
median = {}
for k, label in enumerate(beats.labels):
    median[label] = round(float(np.median(wait[beats.y_train == k])), 1)
tdl.report.bars(median, "median wait (% off average)", "The wait before the beat")

# %% [markdown]
# A bar below zero is a beat that comes early.
#
# ## Predict
#
# The network that we are about to train is a small **convolutional network** with ten layers. Some filters slide
# along the beat and look for shapes. What will it need on the chip?
#
# **Write your guesses into the cell.** Really do it: you will remember the answer because you were wrong. The numbers
# that stand there now are just placeholders.

# %%
guess = {
    "flash (KB)": 100.0,
    "RAM (KB)": 50.0,
    "time for one beat (ms)": 100.0,
}

# %% [markdown]
# ## Train
#
# Training happens on your laptop, in Keras, with 32-bit floating-point numbers (**float32**). It takes less than a
# minute the first time; after that, the finished model is loaded from a cache.

# %%
model = tdl.models.load("ecg_cnn", beats)
on_laptop = tdl.metrics.score(beats.y_test, tdl.models.predict(model, beats.x_test), beats.labels)
on_laptop

# %% [markdown]
# **Recall** is the share of a class that the network finds. **F1** is the harmonic mean of recall and *precision*,
# the share of right calls among all calls of the class, so false alarms lower it too; **macro-F1** is the mean of the
# classes' F1. **Accuracy** is the share of all beats that it calls right. The **95 % interval** says how far luck can
# carry such a number, given how many beats were tested. When we compare two accuracies in this course, we compare
# intervals. (It counts every beat as a new draw. Beats of one person resemble each other, so for a new person the
# doubt is larger than the interval says.)
#
# ## Deploy
#
# Now put it on the chip. One call does all of this:
#
# 1. **quantize** it: store each weight and each intermediate value in 8 bits instead of 32 (lesson 02),
# 2. translate the network to **C**: constant arrays and a list of function calls (lesson 08),
# 3. **compile** and link the C for the Cortex-M4: the result is a firmware file,
# 4. start that firmware on the **simulated chip** and run one beat through it.
#
# Step 1 needs a few hundred typical beats, to learn how large the values get. We hand it every 15th training beat.

# %%
device = tdl.deploy(model, beats.x_train[::15], board="stm32f405")
device

# %% [markdown]
# Read the last column first. In this course every number says what it is:
#
# | label | what it means | how far to trust it |
# |---|---|---|
# | *measured* | counted or computed on real outputs: bytes of the firmware, beats that were right | fully |
# | *simulated* | exact, from the simulator: instructions that ran, how deep the stack went | fully |
# | *modelled* | exact counts put through a published table: cycles, and from them time and energy | within 10 to 30 % |
# | *datasheet* | copied from the manufacturer's document: a typical chip at 25 °C | as a start |
#
# A **cycle** is one tick of the clock. A **stack** is the RAM that functions borrow while they run.
#
# ## How good were your guesses?

# %%
cycles = device.result.cycles
truth = {
    "flash (KB)": device.elf.flash_bytes / 1024,
    "RAM (KB)": device.ram_bytes / 1024,
    "time for one beat (ms)": 1000 * tdl.energy.energy(cycles, board).seconds,
}
rows = []
for what, value in guess.items():
    rows.append((what, f"{value:g}", f"{truth[what]:.1f}", f"{value / truth[what]:.1f}"))
tdl.report.Table("You and the chip", ("what", "guessed", "found", "guessed / found"), tuple(rows))

# %% [markdown]
# Did you guess far more RAM? Many do, because on a laptop nobody counts. But the network computes one layer after
# the other, and at any moment only the values between two layers have to exist. Lesson 01 takes this table apart,
# byte by byte.
#
# ## Ask the chip
#
# Take the first ventricular beat of the test part. The chip has never seen this beat, nor this person.

# %%
index = int(np.argmax(beats.y_test == beats.labels.index("V")))
beat = beats.x_test[index : index + 1]
tdl.report.examples({"What the chip is asked": 2 * beat[:, :, 0, 0]}, beats.sampling_hz, "ECG (mV)")

# %% [markdown]
# `device.predict` writes the beat into the chip's RAM, calls the network, and reads the answer back.

# %%
answer = device.predict(beat)[0]
rows = []
for label, text, share in zip(beats.labels, beats.card.label_text, answer, strict=True):
    rows.append((label, text, f"{share:.3f}"))
note = f"The chip says {beats.labels[answer.argmax()]}; the dataset says V."
tdl.report.Table("The chip's answer", ("class", "meaning", "confidence"), tuple(rows), note)

# %% [markdown]
# Now you against the chip, with beats of all three classes in a mixed order. Move the slider, say *N*, *S* or *V*
# yourself, and only then press the button. Which class do you get wrong? Which one does the chip?

# %%
asked = np.concatenate([np.flatnonzero(beats.y_test == label)[::40][:8] for label in range(len(beats.labels))])
tdl.widgets.BeatOnChip(device, beats, np.random.default_rng(0).permutation(asked))

# %% [markdown]
# ## Is it the same answer?
#
# Somewhere between Keras and the chip a bug could hide, and a wrong answer looks just like a right one. So we
# compute the same 200 beats in three places, with the same 8-bit numbers:
#
# - on the simulated chip,
# - on your laptop, with the same C code compiled for it,
# - on your laptop, in NumPy, with the definition of each layer written down as slowly and clearly as possible.
#
# **Predict:** for how many of the 200 beats will all the output bytes be equal?

# %%
sample = beats.x_test[np.linspace(0, len(beats.x_test) - 1, 200).astype(int)]
eight_bit = device.quantize(sample)
chip_says = tdl.sim.run(device.elf, eight_bit).outputs
laptop_c = tdl.sim.run(device.sources, eight_bit, sim="host").outputs
definition = np.array([tdl.compiler.interpret(device.graph, x[None])[0].ravel() for x in eight_bit])
equal = (chip_says == laptop_c).all(axis=1) & (chip_says == definition).all(axis=1)
f"{equal.sum()} of {len(equal)} beats: all output bytes equal in all three places"  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# Not *close*: the same, bit for bit. Integer arithmetic has exact answers, so there is nothing to be tolerant about.
# From now on, what we find on the laptop holds for the chip.
#
# Against float32 it is another story. There, rounding to 8 bits changes the answers a little. How often does it change
# the *decision*?

# %%
in_float = tdl.models.predict(model, sample)
in_int8 = device.predict(sample)
changed = int((in_float.argmax(axis=1) != in_int8.argmax(axis=1)).sum())
largest = float(np.abs(in_float - in_int8).max())
f"{changed} of {len(sample)} decisions changed; the largest change of a confidence is {largest:.3f}"

# %% [markdown]
# Confidences move, and now and then a beat that was on the fence falls to the other side. Whether that hurts, only the
# accuracy can say. Here it is for the chip, over a few hundred test beats, to compare with the laptop's above.

# %%
every = slice(None, None, 5)
outputs = device.run(beats.x_test[every]).outputs
on_chip = tdl.metrics.score(beats.y_test[every], outputs, beats.labels)
for where, score in {"laptop, float32": on_laptop, "chip, int8": on_chip}.items():
    low, high = score.accuracy_interval
    print(f"{where:16} {score.accuracy:.3f} ({low:.3f} to {high:.3f}), {score.samples:,} beats")
tdl.report.confusion(on_chip.confusion, beats.labels, "Heartbeats on the chip")

# %% [markdown]
# If the two intervals overlap widely, you have no evidence that 8 bits cost anything. Rows of the picture are true
# classes: a perfect network has numbers on the diagonal only. Look at the row with the largest *share* off it. Is it the
# class that you could not tell by eye either?

# %% [markdown]
# ## How the lessons work
#
# Every lesson has the shape that you just saw: a problem with a budget, a prediction, a number, an explanation, and a
# run on the chip. What is new from lesson 01 on: **you write parts of it yourself**. An exercise is a function with a
# hole in it, and a **check** below it. Try one.

# %% [markdown]
# ## Exercise 0.1 · From cycles to milliseconds
#
# The chip's clock ticks `clock_hz` times a second. A run took `cycles` ticks. How many **milliseconds** is that?
#
# 1. Run the cell as it is. The check says *not written yet*.
# 2. Replace the `raise` line with `return cycles / clock_hz`. Run again. That is wrong on purpose: read the hint.
# 3. Repair it.


# %%
def milliseconds(cycles: int, clock_hz: float) -> float:
    """How long `cycles` ticks of a clock of `clock_hz` take, in milliseconds."""
    ### BEGIN SOLUTION
    return 1000 * cycles / clock_hz
    ### END SOLUTION


tdl.checks.milliseconds(milliseconds)

# %% [markdown]
# A check compares your function with the right one on several inputs. It also knows the mistakes that many people
# make, and recognises them by what they return. This is what the second step shows:

# %%
tdl.checks.framework.judge(tdl.checks.milliseconds, lambda cycles, clock_hz: cycles / clock_hz)

# %% [markdown]
# Three things that are good to know:
#
# - **You are never stuck.** Later cells use the course's own version of what you were asked to write, so the notebook
#   runs to its end whether or not you solved everything. The `solutions/` folder has every answer, with outputs.
# - **A check never stops the notebook.** Instructors who want it to can set the environment variable `TDL_STRICT=1`;
#   then a failed check raises an error.
# - **If something does not work** on your computer, type `tdl doctor` in a terminal. It tests Python, TensorFlow,
#   compiler, simulator, data and disk, and prints for each failure the cause and the command to type next.
#
# ## What we left out
#
# - **Silicon.** The instruction counts are exact; the cycles are a model of a chip whose flash never makes it
#   wait. Real boards are slower by something between a tenth and a third. David et al. describe what a runtime on
#   real chips has to deal with; MLPerf Tiny is how the industry measures them.
# - **The front end.** Somebody must amplify the ECG, filter it, and find the beats before a network can look at them.
#   We start with beats that were already found.
# - **Medicine.** This is a data set for teaching. A device that diagnoses people needs clinical trials and a regulator.
#
# **Read more**
#
# - G. B. Moody, R. G. Mark: *The impact of the MIT-BIH Arrhythmia Database.* IEEE Engineering in Medicine and Biology
#   Magazine 20(3), 2001. Where the heartbeats come from.
# - P. de Chazal, M. O'Dwyer, R. B. Reilly: *Automatic classification of heartbeats using ECG morphology and heartbeat
#   interval features.* IEEE Transactions on Biomedical Engineering 51(7), 2004. Why to split by person,
#   and which records.
# - R. David et al.: *TensorFlow Lite Micro: Embedded Machine Learning for TinyML Systems.* MLSys 2021. A runtime
#   for microcontrollers; we compare ours with it.
# - C. Banbury et al.: *MLPerf Tiny Benchmark.* NeurIPS Datasets and Benchmarks, 2021. How such systems are measured.
#
# ## Where next
#
# Lesson **01, The tiny budget**, takes the cost table apart: what fills the flash, what fills the RAM, where the time
# goes, and how many weeks a coin cell lasts. You will predict all of it from the shapes alone, before the chip runs.
