# %% [markdown]
# # 01 · The tiny budget: flash, RAM, MACs, cycles, joules
#
# **The problem.** The heartbeat patch of lesson 00 works on your desk. Now somebody has to build it, and hands you
# this:
#
# | budget | allowed | why |
# |---|---|---|
# | flash | 64 KB | a cheap part has 128 KB, and half of it stays free to receive an update (lesson 16) |
# | RAM, all in | 32 KB | the part has no more |
# | deadline | 300 ms | at 200 beats a minute the next beat is there by then |
# | battery | 14 days | one CR2032 coin cell, 75 beats a minute |
#
# A network that breaks one line cannot be sold, however accurate it is. And finding that out *after* a week of training
# is expensive.
#
# **You will** write a counter that reads all four costs off the shapes of a network, before it is trained. Then you
# compare your numbers with the chip, find out where the counter is wrong and why, and use it to turn away networks
# that cannot work. Six short exercises; an hour, or two evenings.

# %%
import numpy as np

import tdl_course as tdl

FLASH, RAM, DEADLINE_MS, DAYS = 64 * 1024, 32 * 1024, 300, 14
PERIOD_S = 60 / 75

# %% [markdown]
# ## Four currencies
#
# A network on a microcontroller pays in four currencies.
#
# - **Flash** holds what never changes: the program and the **parameters**, which are the weights and biases that
#   training has found.
# - **RAM** holds what changes: the **activations**, which are the values that flow from layer to layer, and the stack.
# - **Time** is spent on **MACs**, multiply-accumulates: one weight times one activation, added to a sum. And on
#   everything around them.
# - **Energy** is drawn while the chip runs, and a little while it sleeps.
#
# **Predict.** For the heartbeat network, which of the four comes closest to its limit? And how much of that limit is
# used? Change the cell.

# %%
my_guess = ("flash", 50)  # "flash", "RAM", "deadline" or "battery", and percent used

# %% [markdown]
# Here is the network, trained and compiled as in lesson 00. This time for `tiny32k`, a chip with the budget's 32 KB.
# Do not look at its costs yet; look at its shapes. `int8[1,64,1,8]` is one beat, 64 positions in time, a width of 1 (an ECG
# is no image), 8 **channels**, one byte each.

# %%
beats = tdl.datasets.load("ecg")
model = tdl.models.load("ecg_cnn", beats)
calibration = beats.x_train[::15]
device = tdl.deploy(model, calibration, board="tiny32k")
device.graph

# %% [markdown]
# ## Flash and MACs of a convolution
#
# A convolution has one **filter** for each output channel. A filter is `kernel` positions long and as deep as the input
# has channels. It stops at one position after the other, multiplies all of its weights with what lies under them,
# adds it all up, adds its bias, and that is one output value. With **stride** 2 it stops at every second position. The input
# is padded with zeros (*same* padding), so that stride 1 gives as many outputs as there are inputs.
#
# **Predict** for the first layer: 128 positions with 3 channels go in, 8 filters of length 7, stride 2. More parameters
# or more MACs, and by what factor?
#
# ## Exercise 1.1 · Count a convolution
#
# Return two integers: the number of parameters, biases included, and the number of MACs. Count the products with
# padding zeros like all others: plain code computes them too.


# %%
def conv_cost(length, in_channels, out_channels, kernel, stride=1):
    """(parameters, MACs) of a convolution over time with `same` padding and biases."""
    ### BEGIN SOLUTION
    positions = -(-length // stride)  # divided and rounded up
    weights = kernel * in_channels * out_channels
    return weights + out_channels, positions * weights
    ### END SOLUTION


tdl.checks.conv_cost(conv_cost)

# %% [markdown]
# From here on we use the course's version, `tdl.count.conv_cost`, so you can go on either way. The first layer:

# %%
parameters, macs = tdl.count.conv_cost(128, 3, 8, kernel=7, stride=2)
f"{parameters} parameters, {macs:,} MACs: {macs / parameters:.0f} times as many"  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# That is the first thing to know about convolutions: **few parameters, much work**. A parameter is used at every
# position. In a dense layer every parameter is used once. So the two kinds of layer fill different budgets.
#
# ## Exercise 1.2 · Count a depthwise-separable block
#
# The layers that follow are split in two. The **depthwise** half filters over time, each channel by itself, with one
# filter of length `kernel` a channel. The **pointwise** half is a convolution with kernel 1 that mixes the channels.
# The depthwise half has the stride. Both halves have biases.
#
# **Predict:** 8 channels in, 16 out, kernel 5. How many times fewer MACs than an ordinary convolution?


# %%
def separable_cost(length, in_channels, out_channels, kernel, stride=1):
    """(parameters, MACs) of a depthwise and a pointwise convolution, one after the other."""
    ### BEGIN SOLUTION
    positions = -(-length // stride)
    depthwise = kernel * in_channels
    pointwise = in_channels * out_channels
    parameters = depthwise + in_channels + pointwise + out_channels
    return parameters, positions * (depthwise + pointwise)
    ### END SOLUTION


tdl.checks.separable_cost(separable_cost)

# %% [markdown]
# Now the three blocks of our network, once as they are and once as the ordinary convolutions that they replace.

# %%
blocks = {"block 1": (64, 8, 16, 5, 2), "block 2": (32, 16, 24, 5, 1), "block 3": (32, 24, 32, 5, 2)}
rows = []
for name, shape in blocks.items():
    (_, plain), (_, split) = tdl.count.conv_cost(*shape), tdl.count.separable_cost(*shape)
    rows.append((name, f"{plain:,}", f"{split:,}", f"{plain / split:.1f}"))
columns = ("block", "MACs, ordinary", "MACs, separable", "times fewer")
tdl.report.Table("What splitting saves", columns, tuple(rows))  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# Divide one formula by the other and everything but two terms cancels: what is left of the work is
# `1 / out_channels + 1 / kernel`. With 2-D filters it is `1 / kernel²`, so images save more; that is the trick of
# MobileNet (Howard et al. 2017). Keep the table in mind. It counts MACs, and the chip has not been asked yet.
#
# Put the two counters together and you can count any chain of layers. `tdl.count.count_graph` does it for the graph that
# was compiled. Keras will tell you another number of parameters:

# %%
count = tdl.count.count_graph(device.graph)
print(f"on the chip: {count.parameters:,} parameters, {count.macs:,} MACs")  # NBVAL_CHECK_OUTPUT
print(f"in Keras:    {model.count_params():,} parameters")

# %% [markdown]
# The difference is **batch normalization**: four numbers a channel while training, two of them trained. Once
# training is over, its scale and shift are constants, and the converter folds them into the weights and bias of
# the convolution before it. Count what ships, not what trains.
#
# ## Where the flash goes
#
# **Predict:** the parameters take about one byte each. How large is the firmware, in KB?

# %%
parts = {"constants": 0, "network code": 0, "runtime": 0}
for symbol in device.elf.symbols.values():
    if symbol.section in (".text", ".rodata"):
        data, ours = symbol.name.startswith("layer_"), symbol.name.startswith("tdl_")
        part = "constants" if data else "network code" if ours else "runtime"
        parts[part] += symbol.size
parts["other"] = device.elf.flash_bytes - sum(parts.values())
kilobytes = {part: round(size / 1024, 2) for part, size in parts.items()}
tdl.report.bars(kilobytes, "flash (KB)", f"Where {device.elf.flash_bytes / 1024:.1f} KB of flash go")

# %% [markdown]
# Two things may surprise you. First, a tiny network is smaller than the program around it: start-up code, the serial
# protocol, the functions that compute each kind of layer. You pay for them once. (*Runtime* is that program, *other* is
# strings and padding.) Second, the first bar is larger than the parameters:

# %%
rows = (
    ("weights, one byte each, and biases, four", f"{count.weight_bytes:,}"),
    ("all constants of the layers", f"{parts['constants']:,}"),
)
tdl.report.Table("Bytes of the first bar", ("what", "bytes"), rows)

# %% [markdown]
# The rest are tables: for each output channel a multiplier and a shift that bring its sum back to 8 bits (lesson 02),
# and for each layer a record of its shapes. In a large network they vanish beside the weights. In a tiny one they do not.
#
# ## RAM
#
# A layer reads one array and writes another. The array before that is not needed any more, and its bytes can be
# used again. So how much RAM do the activations of a chain of layers need?
#
# ## Exercise 1.3 · The peak
#
# `shapes` lists the values along the chain: the network's input first, then what each layer writes. All are int8. For
# the heartbeat network it begins with `[(128, 3), (64, 8)]`, which the graph above prints as `[1,128,1,3]` and
# `[1,64,1,8]`. Return the largest number of bytes that must exist **at the same time**.
#
# **Predict** first, for the heartbeat network, from the shapes at the top of this lesson.


# %%
def peak_bytes(shapes):
    """Bytes of activations that a chain of int8 layers needs at its worst moment."""
    ### BEGIN SOLUTION
    sizes = [int(np.prod(shape)) for shape in shapes]
    return max(before + after for before, after in zip(sizes, sizes[1:], strict=False))
    ### END SOLUTION


tdl.checks.peak_bytes(peak_bytes)

# %% [markdown]
# Here is the whole count of our network, one row a layer. The last column is input plus output. Which layer needs most?

# %%
count  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# The compiler must do more than count. It has to give every value an address in one array, the **arena**, so that no
# byte is written while a value in it is still needed. This is its plan.

# %%
device.plan.plot()

# %% [markdown]
# Time goes to the right: one step is one operator. Each box is a value. It begins at the operator that writes it and ends
# at the last one that reads it; its height is its size. No two boxes overlap. Look at one operator: the box that ends
# there is its input, the box that begins there its output. Do they share addresses? Now compare with the counter:

# %%
shapes = [(128, 3), *(layer.shape for layer in count.layers)]
runtime = device.elf.static_ram_bytes - device.plan.arena_bytes
rows = (
    ("your count: the peak of the chain", f"{tdl.count.peak_bytes(shapes):,}"),
    ("the planner's arena, input and output in it", f"{device.plan.arena_bytes:,}"),
    ("the runtime's own variables", f"{runtime:,}"),
    ("stack at its deepest", f"{device.stack_bytes:,}"),
    ("RAM all in", f"{device.ram_bytes:,}"),
)
tdl.report.Table("RAM, in bytes", ("what", "bytes"), rows)

# %% [markdown]
# Why does a planner not simply hit your number?
#
# - It can do **better**. Your rule says that a layer needs input *and* output. But a layer that walks along the signal
#   has no more use for the samples behind it: its output may grow over them. That is where two boxes share addresses.
#   How far they may overlap follows from the window and the stride. Lesson 10 works it out.
# - It can do **worse**. An input that survives can be run again; the planner keeps it where that is cheap. Addresses are
#   multiples of four. Some layers need a place to work in, which is free again when they are done (hatched in the
#   picture). And finding the best layout is a hard puzzle: to place the largest value first is a good start
#   (Pisarchyk and Lee 2020), but not always best.
# - Your rule is for **chains**. In a network with branches a value may have to wait for its second reader, and
#   the counter does not see it waiting.
#
# In networks for images this peak, and not the number of parameters, often decides what fits a microcontroller (Lin et
# al. 2020). It tends to sit in the first few layers, where the activations are still large (Lin et al. 2021). Look where
# *yours* is.

# %% [markdown]
# ## Time
#
# Now ask the chip. **Predict** from the counts above:
#
# 1. Which layer takes the most cycles?
# 2. Which layer takes the most cycles **per MAC**?
# 3. By which factor do the best and the worst layer differ per MAC?

# %%
tdl.report.layer_table(device.graph, device.result)

# %% [markdown]
# The first answer is in the picture, the other two in the column *cycles per MAC*.

# %%
tdl.report.layer_plot(device.graph, device.result)

# %% [markdown]
# If all MACs cost the same, that column would be constant. It is not, by far. **MACs are not time.** Why?
#
# Think of what happens for *one output value*. The code sets up its addresses, loads the bias, runs the
# inner loop, brings the sum back to 8 bits, clamps it and stores it. Only the inner loop has to do with MACs. The
# rest costs the same whether the sum has 5 products or 50. So plot cycles per MAC over the number of MACs that one
# output gets:

# %%
used = [k for k, layer in enumerate(count.layers) if layer.macs]
macs = np.array([count.layers[k].macs for k in used])
outputs = np.array([count.layers[k].outputs for k in used])
cycles = np.array([device.result.layers[k].cycles for k in used])
a, b = tdl.count.cycles_per_unit(macs, outputs, cycles)
points = {}
for k, x, y in zip(used, macs / outputs, cycles / macs, strict=True):
    points[f"layer {k}"] = (x, y)
sums = np.linspace(4, 33, 60)
curve = (sums, a + b / sums)
tdl.report.scatter(points, "MACs per output", "cycles per MAC", "Short sums are expensive", curve)

# %% [markdown]
# The line is the simplest model that has both costs: `cycles = a · MACs + b · outputs`. Divided by the MACs it is
# `a + b / (MACs per output)`: a hyperbola. The library found `a` and `b` from the points.

# %%
print(f"{a:.1f} cycles for each MAC, and {b:.0f} cycles for each output, whatever its sum")
estimate = a * macs + b * outputs
wrong = np.abs(estimate / cycles - 1)
print(f"off by {wrong.mean():.0%} for a layer on average, by {wrong.max():.0%} for the worst")
plain = macs * cycles.sum() / macs.sum()
wrong_plain = np.abs(plain / cycles - 1)
print(f"counting MACs only: {wrong_plain.mean():.0%} on average, {wrong_plain.max():.0%} for the worst")

# %% [markdown]
# Two numbers do better than one, and not well. Look at *where* the points leave the line. Depthwise layers sit at the
# left end: each of their sums has only `kernel` products. That is the fine print of the table *What splitting saves*.
# Splitting a convolution saves MACs by the factor that you computed, and time, as a rule, by less.
#
# And each kind of layer has code of its own, a **kernel**. The kernel of the convolutions computes three positions by
# two channels at once, so that every value it loads is used several times (CMSIS-NN does it two by two: Lai et al.
# 2018). A depthwise kernel cannot: each weight meets one channel only. So the kinds have different costs for a MAC and
# for an output, and no single line goes through both. (The point far to the right is the last layer. It has three
# outputs in all, and to set up its sums takes longer than to compute them.) All of this belongs to *these kernels*, not
# to the chip; lesson 09 climbs the ladder on which they stand. Within one family of networks, though, even plain
# operation counts predict latency well (Banbury et al. 2021).

# %% [markdown]
# ## Energy
#
# The datasheet gives the current that the chip draws while it runs. With the supply voltage that is power, and
# power times time is energy. Four units meet here, each with a prefix, and it is easy to be wrong by a thousand.
#
# ## Exercise 1.4 · From cycles to microjoules
#
# **Predict** for one heartbeat: microjoules, millijoules or joules?


# %%
def energy_uj(cycles, clock_mhz, run_ma, supply_v):
    """Energy in microjoules of `cycles` at `clock_mhz` MHz, drawing `run_ma` mA at `supply_v` V."""
    ### BEGIN SOLUTION
    seconds = cycles / (clock_mhz * 1e6)
    watts = run_ma * 1e-3 * supply_v
    return watts * seconds * 1e6
    ### END SOLUTION


tdl.checks.energy_uj(energy_uj)

# %% [markdown]
# The library's version brings the datasheet's name and table for every number. *Modelled* means: as right as the cycle
# model and a typical chip at 25 °C.

# %%
one_beat = tdl.energy.energy(device.result.cycles, "tiny32k")
one_beat

# %% [markdown]
# ## Exercise 1.5 · How long does the coin cell last?
#
# The chip wakes up for each beat, runs for `active_ms`, and sleeps for the rest of the period. While asleep it draws
# `sleep_ua`. A battery's capacity is given in mAh: 235 mAh are 235 mA for one hour.
#
# **Predict:** our chip runs for less than one hundredth of the time. What share of the battery goes into *sleeping*?


# %%
def battery_days(active_ms, period_s, run_ma, sleep_ua, capacity_mah):
    """Days that a battery lasts if the chip runs for `active_ms` in every `period_s`."""
    ### BEGIN SOLUTION
    share = active_ms / 1000 / period_s
    average_ma = share * run_ma + (1 - share) * sleep_ua / 1000
    return capacity_mah / average_ma / 24
    ### END SOLUTION


tdl.checks.battery_days(battery_days)

# %% [markdown]
# And for our network, with the library's version:

# %%
duty = tdl.energy.duty_cycle(device.result.cycles, PERIOD_S, "tiny32k")
life = tdl.energy.battery_life(duty)
asleep = (1 - duty.active_fraction) * duty.sleep_current_a / duty.average_current_a
print(f"awake {duty.active_fraction:.2%} of the time; sleeping takes {asleep:.0%} of the charge")
life

# %% [markdown]
# If there is a row about *bursts*, take it seriously. A coin cell has a high inner resistance and cannot give
# the chip's running current. A capacitor has to collect the charge while the chip sleeps. Without
# it the voltage breaks down with the first inference, and the chip resets.
#
# **Predict:** you make the network ten times faster. How many times longer does the battery last?

# %%
milliseconds = np.array([0.1, 1, 2, 4, 6, 8, 12, 16])
duties = [tdl.energy.duty_cycle(int(t * 168_000), PERIOD_S, "tiny32k") for t in milliseconds]
only_sleep = tdl.energy.battery_life(tdl.energy.duty_cycle(0, PERIOD_S, "tiny32k")).days
curves = {
    "runs and sleeps": [tdl.energy.battery_life(each).days for each in duties],
    "only sleeps": [only_sleep] * len(milliseconds),
}
tdl.report.lines(milliseconds, curves, "time per beat (ms)", "battery (days)", "Life of the coin cell")

# %% [markdown]
# Going left, the network gets faster, and the curve comes up to the life of a chip that does nothing at all. Close to
# that line, speed buys nothing any more. What would buy something is a deeper sleep. So far we slept in the mode that
# the datasheet calls *stop*: the RAM keeps its contents. In *standby* the RAM is lost and the chip starts
# from reset at every beat:

# %%
for sleep in ("stop", "standby"):
    each = tdl.energy.duty_cycle(device.result.cycles, PERIOD_S, "tiny32k", sleep)
    days = tdl.energy.battery_life(each).days
    print(f"{sleep:8} {each.sleep_current_a * 1e6:6.1f} µA asleep: {days:.0f} days")

# %% [markdown]
# A few lines of start-up code against weeks of training. (The model leaves out the time to start up; lesson 15 does
# not.) We stay with *stop* here.
#
# ## The verdict
#
# All four, as a share of what is allowed. For the battery, it is the budget's days divided by the days that the cell
# lasts. What did you guess?

# %%
used_up = {
    "flash": device.elf.flash_bytes / FLASH,
    "RAM": device.ram_bytes / RAM,
    "deadline": 1000 * one_beat.seconds / DEADLINE_MS,
    "battery": DAYS / life.days,
}
percent = {name: round(100 * share, 1) for name, share in used_up.items()}
print(f"guessed: {my_guess[0]}, {my_guess[1]} %. Found: {max(percent, key=percent.get)}")
tdl.report.bars(percent, "% of the budget", "What the heartbeat network uses", budget=100)

# %% [markdown]
# The bar that is closest to the line is where work pays. Work on another one buys this product nothing, however
# impressive the percentage that it saves. Always draw this picture before you optimize.
#
# ## When it does not fit
#
# A colleague wants a wider network, at full time resolution: 300 channels in the first layer, and no stride.
# Describe it in rows of `(kind, output channels, kernel, stride)`, and let the counter look at it **before** you build
# it.

# %%
wide = [("conv", 300, 7, 1), ("separable", 64, 5, 1)]
need = tdl.count.count_chain("wide", 128, 3, wide, classes=3)
print(f"peak {need.peak_bytes:,} bytes, and there are {RAM:,}")
need  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# The parameters are harmless; the peak is not. To see what happens to people who do not count, build it anyway. This
# turns our rows into a Keras model (not trained: costs depend on shapes, not on what the weights are).


# %%
def keras_net(name, rows):
    """A Keras model of the same chain that `count_chain` counts."""
    layers = tdl.models.layers
    x = beat = tdl.models.keras.Input((128, 1, 3))
    for kind, channels, kernel, stride in rows:
        if kind == "separable":
            half = layers.DepthwiseConv2D((kernel, 1), stride, "same", activation="relu")
            x, kernel, stride = half(x), 1, 1
        full = layers.Conv2D(channels, (kernel, 1), (stride, 1), "same", activation="relu")
        x = full(x)
    x = layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    return tdl.models.keras.Model(beat, x, name=name)


# %% [markdown]
# Nothing goes wrong in Keras: your laptop has memory enough. It goes wrong when the linker has to find a place for
# everything in 32 KB.

# %%
try:
    tdl.deploy(keras_net("wide", wide), calibration, board="tiny32k")
except tdl.toolchain.DoesNotFit as error:
    print(error)

# %% [markdown]
# Read the message like a bill: how many bytes are too many, what is largest, what to change. On many systems you would
# learn this from a crash, or not at all: the stack would quietly grow into the arena.
#
# **Repair it.** Which is the smallest stride of the first layer that makes it fit? Ask the counter, then the linker.

# %%
for stride in (1, 2, 3, 4):
    rows = [("conv", 300, 7, stride), *wide[1:]]
    peak = tdl.count.count_chain("wide", 128, 3, rows, classes=3).peak_bytes
    print(f"stride {stride}: peak {peak:,} of {RAM:,} bytes")  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# Would you believe the counter? Try one stride less than it asks for. If that is too small, the message comes again.

# %%
stride = 2
try:
    rows = [("conv", 300, 7, stride), *wide[1:]]
    repaired = tdl.deploy(keras_net("repaired", rows), calibration, board="tiny32k")
    print(f"it fits: RAM all in {repaired.ram_bytes:,} of {RAM:,} bytes")
except tdl.toolchain.DoesNotFit as error:
    print(error)

# %% [markdown]
# It fits, though the counter says no. The counter puts the input and the output of the depthwise layer side by side; the
# planner lets the one grow over the other. So read the count as a **safe bound**: what it lets through fits, up to the
# RAM around the network; what it refuses by less than a factor of two is worth a build.
#
# One number in the first layer, and the peak shrinks by the stride. That is why so many networks for
# microcontrollers halve the resolution right at the beginning.
#
# ## Exercise 1.6 · The shortlist
#
# Three candidates lie on your desk. Training all three takes an evening. Which are worth it?

# %%
candidates = {
    "long": [("conv", 260, 3, 1), ("separable", 8, 5, 4)],
    "deep": [("conv", 32, 7, 4), ("conv", 64, 7, 4), ("conv", 160, 8, 8)],
    "slim": [("conv", 8, 7, 4), ("separable", 16, 5, 2), ("separable", 32, 5, 1)],
}
counts = {name: tdl.count.count_chain(name, 128, 3, rows, 3) for name, rows in candidates.items()}
rows = [(n, f"{c.parameters:,}", f"{c.macs:,}", f"{c.peak_bytes:,}") for n, c in counts.items()]
columns = ("name", "parameters", "MACs", "peak bytes")
tdl.report.Table("Three candidates, counted", columns, tuple(rows))  # NBVAL_CHECK_OUTPUT

# %% [markdown]
# Turn the counts into needs with what you have learned from the chip: the program around the network (flash that is not
# weights, RAM that is not activations) and the two numbers `a` and `b` for time.

# %%
program = device.elf.flash_bytes - count.weight_bytes
around = device.ram_bytes - count.peak_bytes
needs = {}
for name, c in counts.items():
    cycles = int(sum(a * layer.macs + b * layer.outputs for layer in c.layers if layer.macs))
    duty = tdl.energy.duty_cycle(cycles, PERIOD_S, "tiny32k")
    days = tdl.energy.battery_life(duty).days
    needs[name] = {"flash": program + c.weight_bytes, "ram": around + c.peak_bytes, "days": days}
rows = [(n, f"{d['flash']:,}", f"{d['ram']:,}", f"{d['days']:.1f}") for n, d in needs.items()]
rows.append(("budget", f"{FLASH:,}", f"{RAM:,}", f"{DAYS:.1f}"))
columns = ("name", "flash (bytes)", "RAM (bytes)", "battery (days)")
tdl.report.Table("Predicted needs", columns, tuple(rows))

# %% [markdown]
# **Predict:** who survives? Then write the function that decides. It gets such a dictionary and the budget, and returns
# the names of those that keep **every** line of it, in the order given. A memory that is exactly full still works.


# %%
def shortlist(candidates, budget):
    """Names of the candidates that keep every limit: flash and ram at most, days at least."""
    ### BEGIN SOLUTION
    return [
        name
        for name, need in candidates.items()
        if need["flash"] <= budget["flash"] and need["ram"] <= budget["ram"] and need["days"] >= budget["days"]
    ]
    ### END SOLUTION


tdl.checks.shortlist(shortlist)

# %% [markdown]
# ## Ask the chip
#
# Predictions are cheap, and the chip has the last word. Build all three and measure, next to the list that a right
# `shortlist` makes of the predictions. (`stm32f405` is the same chip with more RAM, so that a network which breaks the
# budget can at least be weighed.)

# %%
budget = {"flash": FLASH, "ram": RAM, "days": DAYS}
listed, rows = tdl.checks.shortlist.reference(needs, budget), []
for name in candidates:
    built = tdl.deploy(keras_net(name, candidates[name]), calibration, board="stm32f405")
    duty = tdl.energy.duty_cycle(built.result.cycles, PERIOD_S, "stm32f405")
    days = tdl.energy.battery_life(duty).days
    over = {"flash": built.elf.flash_bytes > FLASH, "RAM": built.ram_bytes > RAM}
    over["battery"] = days < DAYS
    broken = ", ".join(what for what in over if over[what]) or "nothing"
    found = (f"{built.elf.flash_bytes:,}", f"{built.ram_bytes:,}", f"{days:.1f}", broken)
    rows.append((name, *found, "yes" if name in listed else "no"))
columns = ("name", "flash (bytes)", "RAM (bytes)", "battery (days)", "breaks", "was on the list")
tdl.report.Table("The chip's word", columns, tuple(rows))

# %% [markdown]
# Did the list let through what breaks nothing, and only that? Compare the numbers with *Predicted needs*, too. Where the
# count missed, you know where to look: flash by the tables of each channel and by code, RAM by outputs that lie over
# inputs, days by a model of time with only two numbers. A count is a sketch. It is good enough to say no; before you say yes, ask the
# chip.
#
# Nobody has trained a candidate yet. That is the point: you have spent seconds to save an evening. Lesson 17 lets a
# search do this a thousand times.

# %% [markdown]
# ## What we left out
#
# - **Accuracy.** A budget tells you what you may spend, not what you get for it. A network that fits may be useless.
# - **Everything around the network.** The analog front end that reads the ECG, the detector that finds beats, the
#   radio: each has its own current, and in a real patch they may well need more than the network.
# - **Memory traffic.** We have counted MACs. In energy, moving data often costs more than computing with it: a read of
#   32 bits from off-chip memory takes hundreds of times the energy of a 32-bit multiplication (Horowitz 2014). On a
#   microcontroller everything is on one chip, which is a good part of why this works at all.
# - **Flash wait states.** At full clock the flash is slower than the processor. Our cycle model assumes that the chip's
#   cache hides this; silicon is slower by a tenth to a third.
# - **The battery's age and temperature.** A coin cell gives less when it is cold, old or drained in bursts.
#
# **Read more**
#
# - J. Lin, W.-M. Chen, Y. Lin, J. Cohn, C. Gan, S. Han: *MCUNet: Tiny Deep Learning on IoT Devices.* NeurIPS 2020.
#   Activation memory as the limit, and networks designed around it.
# - J. Lin, W.-M. Chen, H. Cai, C. Gan, S. Han: *MCUNetV2: Memory-Efficient Patch-based Inference for Tiny Deep
#   Learning.* NeurIPS 2021. The peak sits in the first blocks, and what to do about it.
# - C. Banbury et al.: *MicroNets: Neural Network Architectures for Deploying TinyML Applications on Commodity
#   Microcontrollers.* MLSys 2021. Measures when operation counts predict latency and energy.
# - A. Howard et al.: *MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications.*
#   arXiv:1704.04861, 2017. The arithmetic of depthwise-separable convolutions.
# - L. Lai, N. Suda, V. Chandra: *CMSIS-NN: Efficient Neural Network Kernels for Arm Cortex-M CPUs.* arXiv:1801.06601,
#   2018. Where cycles go in such kernels, and how to get them back.
# - Y. Pisarchyk, J. Lee: *Efficient Memory Management for Deep Neural Net Inference.* arXiv:2001.03288, 2020. Ways to
#   share memory between values. One of them, largest first, is where our planner begins.
# - M. Horowitz: *Computing's energy problem (and what we can do about it).* ISSCC 2014. Energy of operations and of
#   memory accesses.
#
# ## Where next
#
# All numbers in this lesson were for 8-bit weights and activations, and you took them on trust. Lesson **02,
# Quantization**, makes them: you turn float32 into int8 yourself, and find out what it costs.
