# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   tdl:
#     prepare: [heartbeat, keywords]
# ---

# %% slideshow={"slide_type": "skip"}
from dataclasses import replace

import matplotlib
import numpy as np

import tdl_course as tdl
from tdl_course.pages import demos, graphs
from tdl_course.pages.prepared import NETWORKS, prepared

matplotlib.rcParams.update({"font.size": 12, "savefig.dpi": 200})  # for the back row
Table = tdl.report.Table


def banner(dataset):
    """On each slide that shows what came of made-up data."""
    if dataset.synthetic:
        tdl.datasets.banner.show(dataset)


# %% [markdown] slideshow={"slide_type": "slide"} tags=["opening"]
# # Tiny Deep Learning: from 32‑bit floats to 32 KB
#
# A heartbeat patch, a coin cell, and a chip that is simulated in this very page

# %%
beats = tdl.datasets.load("ecg")

# %% [markdown] slideshow={"slide_type": "notes"}
# **0:00 to 1:00.** Welcome. Everything on these slides that looks like a result was computed when this page was
# opened. The demonstrations run now, in this browser and on this laptop, and the network is off. If an orange box is
# on this slide, the heartbeats are made up: say so, and read no accuracy aloud as if it were about people.

# %% [markdown] slideshow={"slide_type": "slide"}
# # A patch that listens to a heart

# %% [markdown]
# - Day and night, two weeks, on one **coin cell**
# - Most beats are normal; the patch is there for the others
# - It must decide **by itself**, beat by beat

# %% [markdown] slideshow={"slide_type": "fragment"}
# > Why not send everything to a phone?

# %% [markdown] slideshow={"slide_type": "fragment"}
# A radio that never sleeps empties the cell in days. And a heartbeat is private.

# %% [markdown] slideshow={"slide_type": "notes"}
# **1:00 to 2:30.** One problem for the whole talk. Let somebody answer the question before you show the last line:
# usually *latency* comes first, then *battery*, and *privacy* last. All three are right.

# %% [markdown] slideshow={"slide_type": "slide"}
# # The budget

# %%
board = tdl.boards.board("tiny32k")
budget = {"flash": 64 * 1024, "RAM": board.ram_bytes, "deadline (ms)": 300, "days": 14}
rows = (
    ("flash", "64 KB", "half of a cheap part; the other half takes the update"),
    ("RAM, all in", "32 KB", "the part has no more"),
    ("one beat", "300 ms", "at 200 beats a minute the next one is there"),
    ("battery", "14 days", "one CR2032, 75 beats a minute"),
)
Table("What somebody hands you", ("what", "at most / at least", "why"), rows)

# %% [markdown] slideshow={"slide_type": "fragment"}
# A network that breaks **one** line cannot be sold, however accurate it is.

# %% [markdown] slideshow={"slide_type": "notes"}
# **2:30 to 4:00.** Ask: which of the four do you think will be tight? Take a show of hands for each line, remember
# the majority; you come back to it on the slide *The bill*.

# %% [markdown] slideshow={"slide_type": "slide"}
# # The chip, and your laptop

# %%
chip = tdl.boards.board("stm32f405")
laptop = {"RAM": 16 * 2**30, "storage": 512 * 10**9, "clock": 3e9}
has = {"RAM": board.ram_bytes, "storage": chip.flash_bytes, "clock": chip.clock_hz}
units = {"RAM": "KB", "storage": "KB", "clock": "MHz"}
divide = {"KB": 1024, "MHz": 1e6}
rows = tuple(
    (what, f"{has[what] / divide[units[what]]:,.0f} {units[what]}", f"{laptop[what] / has[what]:,.0f} times")
    for what in has
)
Table("A Cortex-M4 with 32 KB", ("what", "chip (datasheet)", "a laptop has"), rows, "A laptop: 16 GB, 512 GB, 3 GHz.")

# %% [markdown] slideshow={"slide_type": "fragment"}
# The clock is not the problem. **Memory** is.

# %% [markdown] slideshow={"slide_type": "notes"}
# **4:00 to 5:00.** No operating system, no disk, no GPU. Half a million times less RAM. Everything that follows is
# about bytes.

# %% [markdown] slideshow={"slide_type": "slide"}
# # Three kinds of beat

# %%
banner(beats)
lead_mv = 2 * beats.x_train[:, :, 0, 0]
names = ("normal", "early, from above", "from below")
some = {
    f"{label}: {name}": lead_mv[beats.y_train == k][::15][:30]
    for k, (label, name) in enumerate(zip(beats.labels, names, strict=True))
}
tdl.report.examples(some, beats.sampling_hz, "ECG (mV)")

# %% [markdown] slideshow={"slide_type": "fragment"}
# *V* has a shape of its own. *S* looks like *N*: what gives it away is **when** it comes.

# %% [markdown] slideshow={"slide_type": "notes"}
# **5:00 to 6:30.** Thirty beats of each class, the black line is their mean. Training and test are *different
# people*: a patch meets a heart that it has never seen. The network also gets the wait before the beat, because a
# cardiologist would look at that too.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# # Predict
#
# A convolutional network with ten layers calls a beat *N*, *S* or *V*.
#
# | | what is your guess? |
# |---|---|
# | flash | 10 KB? 100 KB? 1 MB? |
# | RAM | 1 KB? 10 KB? 100 KB? |
# | time for one beat | 1 ms? 10 ms? 100 ms? |

# %% [markdown] slideshow={"slide_type": "notes"}
# **6:30 to 8:00.** Make them commit: hands up for each column, write the majority on the board. A guess that was
# wrong is remembered; a number that was told is not.

# %% slideshow={"slide_type": "skip"}
network = prepared("heartbeat", beats)
device = tdl.deploy(network, NETWORKS["heartbeat"].calibration(beats), board="tiny32k", name="heartbeat")
graph = tdl.compiler.read_tflite(network)
order = [np.flatnonzero(beats.y_test == k) for k in (2, 0, 1)]
asked = [int(order[at % 3][at * len(order[at % 3]) // 24]) for at in range(24)]

# %% [markdown] slideshow={"slide_type": "slide"} tags=["live"]
# # Ask the chip

# %%
banner(beats)
tdl.widgets.BeatOnChip(device, beats, asked)

# %% [markdown] slideshow={"slide_type": "notes"}
# **8:00 to 11:00.** LIVE. Choose a beat, let the room say N, S or V, then press the button. The firmware file runs
# instruction by instruction on a simulated Cortex-M4, the same file that you would flash. Show at least one V (beat
# 1), one N (2), one S (3). When the chip is wrong, do not hide it: ask why *S* is hard. **Esc** leaves the slider, so
# that the arrow keys turn slides again.

# %% [markdown] slideshow={"slide_type": "slide"}
# # The bill

# %%
cycles = device.result.cycles
ms = 1000 * tdl.energy.energy(cycles, board).seconds
days = tdl.energy.streaming(cycles, 60 / 75, board).on(tdl.energy.CR2032).days
rows = (
    ("flash", f"{device.elf.flash_bytes / 1024:.1f} KB", "64 KB", "measured"),
    ("RAM, all in", f"{device.ram_bytes / 1024:.1f} KB", "32 KB", "simulated"),
    ("one beat", f"{ms:.2f} ms", "300 ms", "modelled"),
    ("battery", f"{days.typical:.0f} days ({days.least:.0f} to {days.most:.0f})", "14 days", "modelled"),
)
Table("One heartbeat network on a Cortex-M4", ("what", "is", "budget", "label"), rows)

# %% [markdown] slideshow={"slide_type": "fragment"}
# How far were you off? The RAM surprises most people.

# %% [markdown] slideshow={"slide_type": "notes"}
# **11:00 to 12:30.** Compare with the guesses on the board, line by line. Then point at the last column: there are
# four kinds of numbers here, and the next slide says what each is worth. The battery line has a range, from the
# datasheets' limits: typically it holds, at the worst it does not, and hardly because of the network. Keep that for
# later.

# %% [markdown] slideshow={"slide_type": "slide"}
# # What a number is worth
#
# | label | what it means | trust |
# |---|---|---|
# | **measured** | counted on real outputs: bytes, beats called right | fully |
# | **simulated** | exact: instructions that ran, deepest stack | fully |
# | **modelled** | exact counts through a published table: cycles, ms, joules | 10–⁠30 % |
# | **datasheet** | a typical chip at 25 °C | as a start |

# %% [markdown] slideshow={"slide_type": "notes"}
# **12:30 to 13:30.** If you take one habit from this talk, take this one. A speed without a label is an opinion. The
# cycles are a Cortex-M4 timing table with a flash that never makes the core wait; real silicon is slower by a tenth
# to a third.

# %% [markdown] slideshow={"slide_type": "slide"}
# # Why not float32?

# %%
count = tdl.count.count_graph(device.graph)
weights = sum(t.size for t in graph.tensors if t.is_constant and t.dtype == "int8")
rows = (
    ("weights", f"{4 * weights:,} B", f"{weights:,} B", "measured"),
    ("values between layers, at the peak", f"{4 * count.peak_bytes:,} B", f"{count.peak_bytes:,} B", "measured"),
    ("multiply-adds in one cycle, at best", "1/3", "2", "modelled"),
)
Table("The same network in two kinds of numbers", ("what", "float32", "int8", "label"), rows)

# %% [markdown] slideshow={"slide_type": "fragment"}
# A quarter of the bytes, and two products at a time: `SMLAD`, one instruction of the Cortex-M4.

# %% [markdown] slideshow={"slide_type": "notes"}
# **13:30 to 15:00.** Factor four in memory is arithmetic. The factor in time comes from an instruction of 2010: two
# 16-bit products and both sums in one cycle. A floating-point multiply-add takes three cycles on this core. At best:
# the loads come on top, for both.

# %% [markdown] slideshow={"slide_type": "slide"}
# # Eight bits, one line of arithmetic
#
# `q = round(x / scale) + zero_point`

# %%
source = device.input
scale, zero = source.scale, source.zero_point
real = beats.x_test[asked[0], 50:80:6, 0, 0]
stored = device.quantize(beats.x_test[asked[0]][None])[0, 50:80:6, 0, 0].astype(int)
back = scale * (stored - zero)
rows = tuple(
    (f"{2 * x:+.3f} mV", f"{q}", f"{2 * b:+.3f} mV", f"{2e3 * (b - x):+.0f} µV")
    for x, q, b in zip(real, stored, back, strict=True)
)
note = f"scale = {scale:.5f} (of 2 mV), zero_point = {zero}; both come from a few hundred training beats. Measured."
Table("Five samples of an ECG", ("real", "int8", "and back", "error"), rows, note)

# %% [markdown] slideshow={"slide_type": "notes"}
# **15:00 to 17:00.** The whole of quantization is this line, and its inverse. The scale is the size of a step, the
# zero point is where the real zero lies. The error is at most half a step. Where does the scale come from? From data:
# show the network some hundred typical beats, note the largest and the smallest value of each layer. Weights get a
# scale for each channel.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# # Predict
#
# Eight bits hold 255 values, four hold 15, two hold **three**.
#
# How many bits a weight until the patch is no good any more?

# %% [markdown] slideshow={"slide_type": "notes"}
# **17:00 to 18:00.** Hands up: who says it breaks at 6? At 4? At 3? At 2? And one more question: does the flash
# shrink by the same factor?

# %% [markdown] slideshow={"slide_type": "slide"} tags=["live"]
# # How few bits?

# %%
banner(beats)
demos.BitsOnChip(graph, device.quantize(beats.x_test), beats.y_test, beats.labels, device.board).warmed()

# %% [markdown] slideshow={"slide_type": "notes"}
# **18:00 to 20:00.** LIVE. Go down slowly: 6, 5, 4, 3, 2. Each stop is another firmware; its accuracy is over all
# test beats, in the integers of the chip. Look at the bytes: from 8 to 5 nothing is saved, because a byte is the
# smallest thing that a load can fetch; at 4, two share one. And 3 takes nearly the room of 4. Rounded *after*
# training; training with the rounding in the loop wins much of it back (lesson 03).

# %% [markdown] slideshow={"slide_type": "slide"}
# # What int8 really computes

# %%
inner, logits = graph.ops[8].inputs[0], graph.ops[8].outputs[0]
probe = tdl.compiler.interpret(replace(graph, outputs=(inner, logits)), device.quantize(beats.x_test[asked[:1]]))
x, w, b = (probe[0].ravel().astype(int), *(graph.tensors[i] for i in graph.ops[8].inputs[1:]))
t_in, t_out = graph.tensors[inner], graph.tensors[logits]
total = int(((x - t_in.zero_point) * w.data[2].astype(int)).sum() + b.data[2])
ratio = t_in.scale * w.quantization.scale[2] / t_out.scale
by_hand = int(np.clip(np.rint(total * ratio) + t_out.zero_point, -128, 127))

# %% slideshow={"slide_type": "-"}
mantissa, exponent = np.frexp(ratio)
rows = (
    ("multiply, add: 32 products and a bias", f"{total:,}", "int32"),
    ("× multiplier, shift right", f"× {round(mantissa * 2**31):,} >> {31 - exponent}", "int32, int64"),
    ("+ zero point, clamp to a byte", f"{by_hand}", "int8"),
    ("the definition in NumPy says", f"{int(probe[1].ravel()[2])}", "int8"),
)
Table(
    "One output of the last layer, score of V",
    ("step", "value", "type"),
    rows,
    "Computed from this model's own numbers. Measured.",
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# No float anywhere. The real factor between two scales becomes an integer and a shift.

# %% [markdown] slideshow={"slide_type": "notes"}
# **20:00 to 22:00.** This is what is usually swept under the rug. The sum needs 32 bits. Then the factor scale-in
# times scale-weight over scale-out, a number like 0.002, must be applied without floats: as a 31-bit mantissa and a
# shift, rounded to nearest. Do it in a slightly different way, and now and then a result differs by one; and one is
# enough to spoil every test of equality.

# %% [markdown] slideshow={"slide_type": "slide"}
# # The same bytes, everywhere

# %%
sample = device.quantize(beats.x_test[np.linspace(0, len(beats.x_test) - 1, 50).astype(int)])
on_chip = tdl.sim.run(device.elf, sample).outputs.reshape(50, -1)
on_laptop = tdl.sim.run(device.sources, sample, sim="host").outputs.reshape(50, -1)
defined = np.array([tdl.compiler.interpret(device.graph, x[None])[0].ravel() for x in sample])
rows = (
    ("the C on this laptop", f"{(on_chip == on_laptop).all(axis=1).sum()} of 50"),
    ("the definition in NumPy", f"{(on_chip == defined).all(axis=1).sum()} of 50"),
)
Table("Beats with all output bytes as on the chip (measured)", ("compared with", "equal"), rows)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Not *close*: equal. Integers leave nothing to be tolerant about.

# %% [markdown] slideshow={"slide_type": "notes"}
# **22:00 to 23:00.** This is why we may measure accuracy on the laptop and quote it for the chip. The tests of the
# course also compare with TensorFlow Lite Micro, byte by byte.

# %% [markdown] slideshow={"slide_type": "slide"}
# # 32 KB: who lives when?

# %%
device.plan.plot()

# %% [markdown] slideshow={"slide_type": "notes"}
# **23:00 to 24:30.** Time to the right, addresses upwards. A box is the output of a layer; it lives until its last
# reader is done, then its bytes are used again. No two boxes overlap. That is why ten layers need less RAM than their
# outputs together. Point at one layer: the box that ends there is its input, the one that begins there its output.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["live"]
# # How much heart fits into 32 KB?

# %%
demos.WindowInRam(graph, beats.sampling_hz)

# %% [markdown] slideshow={"slide_type": "notes"}
# **24:30 to 26:30.** LIVE. The same network on a longer stretch of signal. Predict first: the weights stay, so what
# grows? Move the slider until the linker says no. The flash does not move at all. You get the answer from a linker,
# before you train, and not from a crash in the field.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# # Predict
#
# > "90 % of the weights can be removed. Ten times smaller, ten times faster, same accuracy."
#
# Four claims on one slide. Which of them hold on a Cortex‑M4?

# %% [markdown] slideshow={"slide_type": "notes"}
# **26:30 to 27:30.** Hands up for each claim. That weights can be removed is true and famous. The rest depends on
# what your hardware does with a zero.

# %% slideshow={"slide_type": "skip"}
words = tdl.datasets.load("keywords")
listening = prepared("keywords", words)
listener = tdl.deploy_spotter(listening, NETWORKS["keywords"].calibration(words), board="tiny32k")
spoken = tdl.compiler.read_tflite(listening)
quiet = np.zeros((1, spoken.tensors[spoken.inputs[0]].size), np.int8)
plain = tdl.sim.run(demos.compiled(spoken, board), quiet)

# %% [markdown] slideshow={"slide_type": "slide"}
# # What a zero is worth

# %%
shares = [0.0, 0.3, 0.5, 0.7, 0.9]
thinned = [tdl.compress.thin.thin(spoken, share) for share in shares]
dense = [tdl.sim.run(demos.compiled(each, board, ("columns", "rows")), quiet).cycles for each in thinned]
sparse = [tdl.sim.run(demos.compiled(each, board, ("sparse",)), quiet).cycles for each in thinned]
curves = {
    "what the slide says": [1 - share for share in shares],
    "dense kernels": [c / plain.cycles for c in dense],
    "kernels that skip zeros": [c / plain.cycles for c in sparse],
}
tdl.report.lines(
    [100 * s for s in shares], curves, "weights removed (%)", "cycles, of the dense network", "Modelled cycles"
)

# %% [markdown] slideshow={"slide_type": "notes"}
# **27:30 to 29:00.** A network of spoken words, weights removed one by one. The dense kernel multiplies by zero as
# happily as by seven: nothing gains, until whole channels are dead and the compiler takes them out. A kernel that
# skips zeros has to find out where they are, and pays for that: it loses before it wins. Find the point where the
# curves cross. Nothing was trained here: this slide is about cost only.

# %% [markdown] slideshow={"slide_type": "slide"}
# # What does get faster

# %%
thin_half = tdl.compress.thin.thin(spoken, 0.5)
channels = graphs.without_channels(spoken, 0.5)
kinds = {"all of it": spoken, "half the weights": thin_half, "half the channels": channels}
spent = {name: tdl.sim.run(demos.compiled(each, board), quiet).cycles for name, each in kinds.items()}
whole, half_w, half_c = spent.values()
half_w, half_c = half_w / whole, half_c / whole
said = f"Of all cycles, {half_w:.0%} are left without half of the weights, {half_c:.0%} without half of the channels."
tdl.report.rows(list(spent), list(spent.values()), "cycles (modelled)", "Keyword network", said)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Remove what the hardware **would have done**: whole channels, not single weights.

# %% [markdown] slideshow={"slide_type": "notes"}
# **29:00 to 30:30.** Half of the weights as scattered zeros, against half of the channels as a whole. The compiler
# takes dead channels out of the graph, and then the next layer has half of its inputs, too: that is why it is less
# than half. The price is accuracy, and it has to be trained back: lesson 04 pays it, and shows what is left.

# %% [markdown] slideshow={"slide_type": "slide"}
# # From a network to C
#
# | step | gives |
# |---|---|
# | train, in Keras | float32 weights |
# | quantize, convert | a `.tflite` file |
# | read, optimize | a graph: layers fused, kernels chosen |
# | plan memory | an address for every value |
# | **emit C**, compile, link | `model.elf` |

# %%
size = len(device.tflite)
Table(
    "",
    ("file", "bytes", "label"),
    ((".tflite", f"{size:,}", "measured"), ("flash of the ELF", f"{device.elf.flash_bytes:,}", "measured")),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# **30:30 to 31:30.** One function an arrow, and you can stop at each and look. The C is a list of calls with constant
# arguments: no interpreter, no heap, no parsing on the chip.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["program"]
# # All of the program that the chip runs

# %%
text = device.sources.files["model.c"]
print(text[text.index("void tdl_infer") :])

# %% [markdown] slideshow={"slide_type": "notes"}
# **31:30 to 32:30.** This is the end of the generated file. Ten layers, ten calls, read from top to bottom. Each
# kernel is a C file that a student can read in five minutes, with its formula at the top.

# %% [markdown] slideshow={"slide_type": "slide"}
# # Where do the cycles go?

# %%
tdl.report.layer_plot(device.graph, device.result)

# %% [markdown] slideshow={"slide_type": "notes"}
# **32:30 to 34:00.** Before you show it: which layer? Most say the first, it has the longest input. Modelled cycles
# over exact instruction counts, layer by layer. Look how much the depthwise layers take, though they have few
# products.

# %% [markdown] slideshow={"slide_type": "slide"}
# # MACs are not time

# %%
costs = device.result.layers
timed = [at for at, op in enumerate(device.graph.ops) if op.kind.endswith("CONV_2D")]
names = [f"{at} {device.graph.ops[at].kind.lower().replace('_', ' ')}" for at in timed]
per_mac = [costs[at].cycles / graphs.macs(device.graph, device.graph.ops[at]) for at in timed]
said = f"One multiply-add takes {min(per_mac):.1f} to {max(per_mac):.1f} cycles, depending on its layer."
tdl.report.rows(names, per_mac, "cycles per MAC (modelled)", "The same multiply-add, in seven layers", said)

# %% [markdown] slideshow={"slide_type": "notes"}
# **34:00 to 35:00.** If all products cost the same, the bars were equal. Every *output* has a fixed price: addresses,
# bias, bringing the sum back to 8 bits, storing. Where a sum has five products only, that price is most of it. So ask
# the chip, not the formula.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["live"]
# # Does the coin cell last?

# %%
demos.CoinCell(device.result.cycles)

# %% [markdown] slideshow={"slide_type": "notes"}
# **35:00 to 37:00.** LIVE. First the STM32F405: most of the charge goes into *sleeping*. A network of half the cycles
# changes next to nothing; try it with the last slider. Then choose the STM32L412, made for batteries: now it sleeps
# for next to nothing, and the network is the bill. Optimize what the chart says, not what you like to optimize.

# %% [markdown] slideshow={"slide_type": "slide"}
# # A second patient: a switch that listens

# %%
banner(words)
heard = words.raw["train"]["x"]
three = {
    label: heard[np.flatnonzero(words.y_train == k)[3]] for k, label in enumerate(words.labels[:4]) if label != "no"
}
pictures = {label: tdl.audio.log_mel(clip[None], listener.front_end)[0] for label, clip in three.items()}
tdl.report.spectrograms(pictures, listener.front_end, "What the network sees of one second")

# %% [markdown] slideshow={"slide_type": "notes"}
# **37:00 to 38:00.** Same chip, same 32 KB, harder job: it never stops. 16,000 samples a second become 20 bands,
# fifty times a second, in integers, on the chip. Ask: where is the *s* of yes, where the gap before the *t* of stop?

# %% slideshow={"slide_type": "skip"}
keyword = words.y_test < 4
noise = words.raw["test"]["x"][words.y_test == words.labels.index("silence")]
recording = tdl.audio.compose(
    words.raw["test"]["x"][keyword][::9], words.y_test[keyword][::9], noise, gap_s=(0.1, 0.4)
).part(0, 8)
said = ", ".join(words.labels[word.label] for word in recording.words)
clips = {f"eight seconds: {said}": recording.samples}
clips |= {
    f"one word: {label}": words.raw["test"]["x"][np.flatnonzero(words.y_test == k)[0]]
    for k, label in enumerate(words.labels[:4])
}

# %% [markdown] slideshow={"slide_type": "slide"} tags=["live", "side"]
# # What does the chip hear?

# %%
banner(words)
tdl.widgets.LiveSpotter(listener.elf, listener.sources, words.labels, clips)

# %% [markdown] slideshow={"slide_type": "notes"}
# **38:00 to 40:30.** LIVE. Eight seconds of words by people whom the network has never heard. Play it, then look at
# the black marks: that is what the simulated chip reported over its serial port. Move the threshold down until it
# makes things up, and up until it is deaf. If there is a microphone: *Record*, and let somebody from the first row
# say *stop*.

# %% [markdown] slideshow={"slide_type": "slide"}
# # What listening costs

# %%
cell = listener.energy().on(tdl.energy.CR2032, *tdl.energy.ICS41350_LOW_POWER.states(1)).days
rows = (
    ("RAM, all in", f"{listener.ram_bytes / 1024:.1f} KB of 32", "simulated"),
    ("flash", f"{listener.elf.flash_bytes / 1024:.1f} KB", "measured"),
    ("busy at 168 MHz", f"{listener.real_time_factor():.1%} of the time", "modelled"),
    ("busy at 48 MHz", f"{listener.real_time_factor(48e6):.1%} of the time", "modelled"),
    ("one CR2032", f"{cell.typical:.1f} days ({cell.least:.1f} to {cell.most:.1f})", "modelled"),
)
Table("A keyword spotter that is always on", ("what", "is", "label"), rows)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The cheapest inference is the one that is not made.

# %% [markdown] slideshow={"slide_type": "notes"}
# **40:30 to 41:30.** It fits, it keeps up, and the coin cell lasts days. Products that listen for years wake the
# processor with a small analog circuit when there is any sound at all. The network was never the trick; not running
# it is.

# %% [markdown] slideshow={"slide_type": "slide"}
# # What I did not show
#
# - **Silicon.** Instructions are exact; cycles are a model. Real chips are slower by a tenth to a third.
# - **The rest of the patch.** Amplifier, beat detector, radio: each eats charge of its own.
# - **Medicine.** A data set for teaching. No diagnosis without trials.
# - **More hearts.** Many beats, but of few people: for the next one the doubt is larger than an interval says.

# %% [markdown] slideshow={"slide_type": "notes"}
# **41:30 to 43:00.** Say all four. The third one twice. If somebody asks how good the model of the cycles is: eight
# published programs, counted in the same way, against their makers' times on silicon; the table is in the README.

# %% [markdown] slideshow={"slide_type": "slide"}
# # Take home
#
# 1. Count **before** you train: bytes, MACs, days
# 2. Eight bits cost next to nothing; below four, **train** for it
# 3. Remove what the hardware would have **done**
# 4. **Sleep** is part of the network's budget
# 5. Label every number

# %% [markdown] slideshow={"slide_type": "notes"}
# **43:00 to 44:00.** One sentence each, no more. Which of the guesses from the beginning would you make differently
# now?

# %% [markdown] slideshow={"slide_type": "slide"} tags=["opening"]
# # Start here
#
# `make demo`  a network on the chip, in two minutes
#
# `make lab`  lesson 00, in your browser
#
# `tdl slides`  this talk
#
# No board, no account, no network. Thank you.

# %% [markdown] slideshow={"slide_type": "notes"}
# **44:00 to 45:00.** Lesson 00 takes twenty minutes. All lessons have their answers in `solutions/`. Questions: go
# back to the live slides with the address, `#/7` for the chip.
