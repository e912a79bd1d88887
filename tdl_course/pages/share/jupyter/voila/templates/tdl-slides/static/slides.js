// A deck of slides from the sections of the page.
//
// In: main.tdl-deck with section.tdl-slide, in each of them cells with data-step, and notes. Out: one slide at a time,
// its fragments step by step; keys, swipes, the address, a bar and a number; notes in a panel or a second window. The
// widgets on a slide keep their own keys.

(() => {
  "use strict";

  const KEYS = [
    ["→ ↓ Space PageDown", "next step"],
    ["← ↑ PageUp", "step back"],
    ["Home, End", "first slide, last slide"],
    ["N", "notes below the slide"],
    ["S", "notes, clock and next title in a second window"],
    ["Esc", "leave a slider or a field; close this"],
    ["?", "this help"],
  ];
  const NEXT = ["ArrowRight", "ArrowDown", "PageDown", " "];
  const BACK = ["ArrowLeft", "ArrowUp", "PageUp"];
  // What has keys of its own: all of them, or only those that press it.
  const OWN_KEYS = "input:not([type=checkbox]):not([type=button]), textarea, select, [contenteditable=true], [role=slider], audio, video";
  const PRESSED = "button, a[href], summary, input[type=checkbox], input[type=button]";
  const SWIPE = 60; // pixels
  const [SMALLEST, LARGEST] = [0.5, 1.4];

  const slides = [...document.querySelectorAll(".tdl-slide")];
  const started = Date.now();
  let at = 0;
  let step = 0;
  let notesWindow = null;

  const element = (tag, className, parent, text = "") => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    parent.append(made);
    return made;
  };

  const deck = document.querySelector(".tdl-deck");
  const bar = element("div", "tdl-bar", deck);
  const number = element("div", "tdl-number", deck);
  number.setAttribute("role", "status");
  const panel = element("aside", "tdl-panel", deck);
  panel.setAttribute("aria-label", "speaker notes");
  panel.hidden = true;
  const help = element("dialog", "tdl-help", deck);
  help.setAttribute("aria-label", "keys");
  const keys = element("dl", "", help);
  for (const [key, does] of KEYS) {
    element("dt", "", keys, key);
    element("dd", "", keys, does);
  }

  const title = (slide) => slide?.querySelector("h1, h2")?.textContent.replace("¶", "").trim() ?? "";
  const steps = (slide) => Math.max(0, ...[...slide.querySelectorAll(".tdl-cell[data-step]")].map((cell) => +cell.dataset.step));
  const notes = (slide) => [...slide.querySelectorAll(".tdl-notes")].map((note) => note.innerHTML).join("");

  // The largest zoom at which all of a slide can be seen. Only text grows: a picture would jump as its words change.
  const fit = (slide) => {
    const margin = parseFloat(getComputedStyle(slide).paddingRight);
    const inside = (each) => each.getBoundingClientRect().right <= slide.getBoundingClientRect().right - margin + 1;
    const fits = (zoom) => {
      slide.style.setProperty("--fit", zoom.toFixed(2));
      return slide.scrollHeight <= slide.clientHeight + 1 && [...slide.querySelectorAll("table, pre")].every(inside);
    };
    const largest = slide.querySelector("figure, .jupyter-widgets") ? 1 : LARGEST;
    for (let zoom = largest; zoom >= SMALLEST && !fits(zoom); zoom -= 0.04);
  };

  const clock = () => {
    const seconds = Math.floor((Date.now() - started) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  const tell = () => {
    panel.innerHTML = notes(slides[at]) || "<p>No notes for this slide.</p>";
    if (!notesWindow || notesWindow.closed) return;
    const body = notesWindow.document.body;
    body.innerHTML = "";
    element("p", "clock", body, `${clock()} since the page was opened`);
    element("h1", "", body, `${at + 1} / ${slides.length}  ${title(slides[at])}`);
    element("div", "notes", body).innerHTML = panel.innerHTML;
    element("p", "next", body, at + 1 < slides.length ? `Next: ${title(slides[at + 1])}` : "The last slide.");
  };

  const show = (slide, shown) => {
    at = Math.min(Math.max(slide, 0), slides.length - 1);
    step = Math.min(Math.max(shown, 0), steps(slides[at]));
    slides.forEach((each, index) => {
      each.classList.toggle("tdl-shown", index === at);
      each.inert = index !== at;
    });
    for (const cell of slides[at].querySelectorAll(".tdl-cell[data-step]"))
      cell.classList.toggle("tdl-later", +cell.dataset.step > step);
    bar.style.width = `${(100 * (at + 1)) / slides.length}%`;
    number.textContent = `${at + 1} / ${slides.length}`;
    if (location.hash !== `#/${at + 1}`) history.replaceState(null, "", `#/${at + 1}`);
    fit(slides[at]);
    tell();
  };

  const next = () => (step < steps(slides[at]) ? show(at, step + 1) : at + 1 < slides.length && show(at + 1, 0));
  const back = () => (step > 0 ? show(at, step - 1) : at > 0 && show(at - 1, Infinity));
  const fromAddress = () => show((parseInt(location.hash.slice(2), 10) || 1) - 1, 0);

  const openNotes = () => {
    notesWindow = window.open("", "tdl-notes", "width=900,height=650");
    if (!notesWindow) {
      panel.hidden = false; // the browser allows no second window
      return;
    }
    notesWindow.document.title = "Speaker notes";
    notesWindow.document.head.innerHTML =
      "<style>body{font:22px/1.4 sans-serif;margin:1.5em}h1{font-size:1.2em}.clock,.next{color:#444}</style>";
    notesWindow.onkeydown = onKey;
    tell();
  };

  const onKey = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const focused = event.target.closest?.bind(event.target) ?? (() => null);
    if (event.key === "Escape") {
      help.open ? help.close() : document.activeElement?.blur();
      return;
    }
    if (focused(OWN_KEYS) || (focused(PRESSED) && [" ", "Enter"].includes(event.key))) return;
    if (NEXT.includes(event.key)) event.key === " " && event.shiftKey ? back() : next();
    else if (BACK.includes(event.key)) back();
    else if (event.key === "Home") show(0, 0);
    else if (event.key === "End") show(slides.length - 1, Infinity);
    else if (event.key === "?") help.open ? help.close() : help.show();
    else if (event.key.toLowerCase() === "n") panel.hidden = !panel.hidden;
    else if (event.key.toLowerCase() === "s") openNotes();
    else return;
    event.preventDefault();
  };

  let touched = null;
  document.addEventListener("touchstart", (event) => {
    const own = event.target.closest(`${OWN_KEYS}, .noUi-target, canvas`);
    touched = event.touches.length === 1 && !own ? event.touches[0] : null;
  });
  document.addEventListener("touchend", (event) => {
    if (!touched) return;
    const [dx, dy] = [event.changedTouches[0].clientX - touched.clientX, event.changedTouches[0].clientY - touched.clientY];
    if (Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) dx < 0 ? next() : back();
    touched = null;
  });

  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", fromAddress);
  window.addEventListener("resize", () => slides.forEach(fit));
  // A widget that is drawn, or drawn anew, may need more or less room; hidden slides too, they may be printed.
  const grown = new ResizeObserver((entries) => new Set(entries.map((each) => each.target.closest(".tdl-slide"))).forEach(fit));
  slides.forEach((slide, index) => {
    slide.setAttribute("role", "group");
    slide.setAttribute("aria-roledescription", "slide");
    slide.setAttribute("aria-label", `${index + 1} of ${slides.length}: ${title(slide)}`);
    slide.querySelectorAll(".tdl-cell").forEach((cell) => grown.observe(cell));
  });
  setInterval(() => {
    if (notesWindow && !notesWindow.closed)
      notesWindow.document.querySelector(".clock").textContent = `${clock()} since the page was opened`;
  }, 1000);
  fromAddress();
})();
