/* Microphone: the part of widgets/microphone.py in the browser. Records, resamples, plays.
 * In: the traits samples, source, status, names, seconds, sampling_hz. Out: the messages {clip: name}, and
 * {recorded: true} with int16 samples, the lower byte first; the trait status. Python decides what is taken. */

const ZERO_CROSSINGS = 16; // of the low-pass filter, on each side
const PASSED = 0.92; // of half the lower rate: room for the filter's slope
const QUIETEST_DB = -60; // left end of the level meter
const SILENT_MS = 4000; // without any sound from the device: give up
const REASONS = {
  NotAllowedError: "The browser does not allow this page to use the microphone",
  NotFoundError: "No microphone was found",
  NotReadableError: "The microphone is there but cannot be opened; another program may be using it",
};
const CLIPS_WORK = "The clips work: choose one and press “Use this clip”.";

/* A signal at another rate. A band-limited interpolation with a windowed sinc (J. O. Smith: Digital Audio Resampling):
 * what lies above half the new rate is filtered out first, where a browser's own buffer sources only interpolate. */
export function resampled(signal, from, to) {
  const cutoff = PASSED * Math.min(1, to / from); // of half the old rate
  const reach = ZERO_CROSSINGS / cutoff;
  const result = new Float32Array(Math.floor((signal.length * to) / from));
  for (let n = 0; n < result.length; n++) {
    const centre = (n * from) / to;
    let sum = 0;
    const last = Math.min(signal.length - 1, Math.floor(centre + reach));
    for (let k = Math.max(0, Math.ceil(centre - reach)); k <= last; k++) {
      const x = (k - centre) * cutoff;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      const hann = 0.5 + 0.5 * Math.cos((Math.PI * x) / ZERO_CROSSINGS);
      sum += signal[k] * sinc * hann;
    }
    result[n] = sum * cutoff;
  }
  return result;
}

/* Float samples of -1 to 1 as the bytes of int16, clipped, the lower byte first. */
export function int16Bytes(signal) {
  const view = new DataView(new ArrayBuffer(2 * signal.length));
  signal.forEach((x, i) => view.setInt16(2 * i, Math.max(-32768, Math.min(32767, Math.round(32768 * x))), true));
  return view.buffer;
}

/* Runs in the audio thread, as a module of its own: hands over every block, mixed to one channel. */
function worklet() {
  class Tap extends AudioWorkletProcessor {
    process(inputs) {
      if (inputs[0].length) this.port.postMessage(inputs[0][0].slice());
      return true;
    }
  }
  registerProcessor("tdl-tap", Tap);
}

/* Opens the microphone; `onSound` gets blocks of floats. Resolves to {rate, close}. Throws a DOMException. */
async function openMicrophone(onSound, onEnd) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "NotSupportedError");
  // As it is: what cleans speech for people changes its spectrum, and gain control overdrives the first word.
  const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  const context = new AudioContext();
  const close = () => {
    stream.getTracks().forEach((track) => track.stop());
    if (context.state !== "closed") context.close();
  };
  try {
    const code = URL.createObjectURL(new Blob([`(${worklet})()`], { type: "text/javascript" }));
    await context.audioWorklet.addModule(code).finally(() => URL.revokeObjectURL(code));
    await context.resume();
    const tap = new AudioWorkletNode(context, "tdl-tap", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    tap.port.onmessage = (message) => onSound(message.data);
    context.createMediaStreamSource(stream).connect(tap);
    stream.getAudioTracks()[0].onended = onEnd;
  } catch (error) {
    close();
    throw error;
  }
  return { rate: context.sampleRate, close };
}

function reason(error) {
  if (error.name === "NotSupportedError") {
    return window.isSecureContext
      ? "This browser has no way to record sound"
      : "Browsers allow a microphone only on https and on localhost, and this page is neither";
  }
  return REASONS[error.name] ?? `The microphone cannot be used (${error.message || error.name})`;
}

let count = 0; // for ids: a page may show several

function build(el, names) {
  const id = `tdl-microphone-${++count}`;
  el.classList.add("tdl-microphone");
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab: keys are for the controls
  el.innerHTML = `
    <div class="row" role="group" aria-labelledby="${id}-own">
      <span class="label" id="${id}-own">own voice</span>
      <button type="button" class="record"><span class="dot" aria-hidden="true"></span><span class="text">Record</span></button>
      <div class="meter" role="meter" aria-label="level" aria-valuemin="${QUIETEST_DB}" aria-valuemax="0"
        aria-valuenow="${QUIETEST_DB}" aria-valuetext="not recording"><div class="bar"></div></div>
      <span class="countdown" role="timer"></span>
    </div>
    <div class="row">
      <label class="label" for="${id}-clip">or a clip</label>
      <select id="${id}-clip"></select>
      <button type="button" class="use">Use this clip</button>
    </div>
    <div class="row">
      <span class="label">the sound</span>
      <button type="button" class="play" aria-describedby="${id}-status">Play</button>
      <span class="status" id="${id}-status" role="status" aria-live="polite"></span>
    </div>`;
  const find = (selector) => el.querySelector(selector);
  const select = find("select");
  names.forEach((name) => select.add(new Option(name)));
  const parts = ["record", "meter", "bar", "countdown", "use", "play", "status"];
  return { select, ...Object.fromEntries(parts.map((part) => [part, find(`.${part}`)])) };
}

/* The Record button with its meter and countdown. Returns what stops a recording that is under way. */
function recorder(model, ui, say) {
  let session = null; // what is being recorded: {blocks, length, microphone, watch}

  const show = (level, text) => {
    const share = Math.max(0, Math.min(1, 1 - level / QUIETEST_DB));
    ui.bar.style.width = `${100 * share}%`;
    ui.meter.setAttribute("aria-valuenow", Math.round(Math.max(QUIETEST_DB, Math.min(0, level))));
    ui.meter.setAttribute("aria-valuetext", text === "" ? "not recording" : `${Math.round(level)} dB`);
    ui.countdown.textContent = text;
  };
  const reset = () => {
    clearTimeout(session?.watch);
    session?.microphone?.close();
    session = null;
    ui.record.classList.remove("on");
    ui.record.querySelector(".text").textContent = "Record";
    show(QUIETEST_DB, "");
  };
  const finish = () => {
    const { blocks, length, microphone } = session;
    reset();
    if (!length) return say(`Nothing was recorded: the microphone gave no sound. ${CLIPS_WORK}`);
    const signal = new Float32Array(length);
    let at = 0;
    blocks.forEach((block) => {
      signal.set(block, at);
      at += block.length;
    });
    const rate = model.get("sampling_hz");
    const sound = resampled(signal, microphone.rate, rate).subarray(0, Math.round(model.get("seconds") * rate));
    say("Recorded; sending …");
    model.send({ recorded: true }, undefined, [int16Bytes(sound)]);
  };
  const onSound = (mine) => (block) => {
    if (session !== mine || !mine.microphone) return;
    mine.blocks.push(block);
    mine.length += block.length;
    const left = model.get("seconds") - mine.length / mine.microphone.rate;
    const power = block.reduce((sum, x) => sum + x * x, 0) / block.length;
    mine.power = Math.max(power, 0.9 * mine.power);
    show(10 * Math.log10(mine.power + 1e-12), `${Math.max(0, left).toFixed(1)} s left`);
    if (left <= 0) finish();
  };
  const start = async () => {
    const mine = { blocks: [], length: 0, power: 0, microphone: null };
    session = mine;
    ui.record.classList.add("on");
    ui.record.querySelector(".text").textContent = "Stop";
    say("Waiting for the microphone; the browser may ask you to allow it.");
    try {
      const microphone = await openMicrophone(onSound(mine), () => session === mine && finish());
      if (session !== mine) return microphone.close();
      mine.microphone = microphone;
      mine.watch = setTimeout(() => session === mine && finish(), 1000 * model.get("seconds") + SILENT_MS);
      say("Recording: speak now.");
    } catch (error) {
      if (session !== mine) return;
      reset();
      say(`${reason(error)}. ${CLIPS_WORK}`);
    }
  };
  ui.record.addEventListener("click", () => {
    if (!session) start();
    else if (session.microphone) finish();
    else {
      reset();
      say("Stopped before anything was recorded.");
    }
  });
  return reset;
}

/* The Play button: what was recorded or chosen. Returns what silences it. */
function player(model, ui) {
  let context = null;
  const stop = () => {
    context?.close();
    context = null;
    ui.play.textContent = "Play";
  };
  ui.play.addEventListener("click", async () => {
    if (context) return stop();
    const bytes = model.get("samples");
    const mine = (context = new AudioContext());
    const buffer = mine.createBuffer(1, bytes.byteLength / 2, model.get("sampling_hz"));
    buffer.getChannelData(0).forEach((_, i, channel) => (channel[i] = bytes.getInt16(2 * i, true) / 32768));
    const source = new AudioBufferSourceNode(mine, { buffer });
    source.onended = () => context === mine && stop();
    source.connect(mine.destination);
    ui.play.textContent = "Stop";
    await mine.resume();
    source.start();
  });
  return stop;
}

function render({ model, el }) {
  const ui = build(el, model.get("names"));
  const say = (text) => {
    model.set("status", text);
    model.save_changes();
  };
  const stopRecording = recorder(model, ui, say);
  const stopPlaying = player(model, ui);
  const follow = () => {
    ui.status.textContent = model.get("status");
    ui.play.disabled = !model.get("samples")?.byteLength;
  };
  const chosen = () => {
    stopPlaying();
    if (model.get("names").includes(model.get("source"))) ui.select.value = model.get("source");
    follow();
  };
  ui.use.addEventListener("click", () => model.send({ clip: ui.select.value }));
  model.on("change:status", follow);
  model.on("change:samples", chosen);
  model.on("change:source", chosen);
  chosen();
  if (!navigator.mediaDevices?.getUserMedia) say(`${reason(new DOMException("", "NotSupportedError"))}. ${CLIPS_WORK}`);
  return () => {
    stopRecording();
    stopPlaying();
    model.off("change:status", follow);
    model.off("change:samples", chosen);
    model.off("change:source", chosen);
  };
}

export default { render };
