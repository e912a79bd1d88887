/* What ipywidgets leaves out for those who do not see the page, or use no mouse.
 * In: the page as Voila fills it. Out: sliders have names and say their value, and the sentence below a picture is
 * announced when it changes. */

const SAID_AFTER_MS = 400; // of quiet: a slider that is held changes the sentence many times

function nameSliders() {
  document.querySelectorAll(".jupyter-widgets .noUi-handle[role=slider]").forEach((handle) => {
    const row = handle.closest(".widget-inline-hbox");
    const label = row?.querySelector(".widget-label");
    const readout = row?.querySelector(".widget-readout");
    if (label) handle.setAttribute("aria-label", label.textContent.trim());
    if (readout) {
      handle.setAttribute("aria-valuetext", readout.textContent.trim());
      if (!readout.hasAttribute("aria-label")) {
        readout.setAttribute("aria-label", `${label?.textContent.trim() ?? "value"}, typed`);
        if (readout.isContentEditable) readout.setAttribute("role", "textbox");
      }
    }
  });
}

function announce() {
  const shown = Array.from(document.querySelectorAll("figcaption")).filter((caption) => caption.offsetParent !== null);
  const sentence = shown.map((caption) => caption.textContent.trim()).join(" ");
  const said = document.getElementById("tdl-said");
  if (said.dataset.sentence !== undefined && said.dataset.sentence !== sentence) said.textContent = sentence;
  said.dataset.sentence = sentence; // the first one is read with the page
}

let waiting = 0;
new MutationObserver(() => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    nameSliders();
    if (document.querySelector("figcaption")) announce();
  }, SAID_AFTER_MS);
}).observe(document.getElementById("rendered_cells"), { childList: true, subtree: true, characterData: true });
