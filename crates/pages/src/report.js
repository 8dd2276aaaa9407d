
// Figures that have frames: a slider over them. Without this script they play by themselves, again and again; with it they rest on
// their last frame until they are asked, and wait while the pointer is over them.
const atRest = [];
for (const scrubber of document.querySelectorAll(".scrubber")) {
  const [button, slider, name] = scrubber.children;
  // The figure as it is, and the one for a phone: one of them is in sight, and both are at the same frame.
  const svgs = [...scrubber.closest("figure").querySelectorAll("svg")].filter(svg => svg.querySelector("animate"));
  const [svg] = svgs;
  const animations = [...svg.querySelectorAll("animate")];
  const period = Math.max(...animations.map(animation => parseFloat(animation.getAttribute("dur"))));
  const list = (animation, attribute) => animation.getAttribute(attribute).split(";");
  // When the group of an animation comes.
  const begins = animation => period * list(animation, "keyTimes")[list(animation, "values").indexOf("inline")];
  const starts = [...new Set(animations.map(begins))].sort((a, b) => a - b);
  const last = starts.length - 1;
  const texts = group => [...group.querySelectorAll(":scope > text")].map(text => text.textContent).join(": ");
  const names = [...svg.querySelectorAll("g[id$='-clock'] > g")].map(texts).filter(Boolean);
  const nameOf = frame => names.length === starts.length ? names[frame] : `frame ${frame + 1} of ${starts.length}`;
  const label = frame => { slider.value = frame; name.value = nameOf(frame); slider.setAttribute("aria-valuetext", nameOf(frame)); };
  let playing = false;
  const pause = () => { playing = false; svgs.forEach(svg => svg.pauseAnimations()); button.textContent = "Play"; };
  // A millisecond into the frame, whichever way its beginning is rounded.
  const show = frame => { pause(); svgs.forEach(svg => svg.setCurrentTime(starts[frame] + 0.001)); label(frame); };
  const follow = () => {
    if (!playing) return;
    const now = svg.getCurrentTime() % period;
    label(Math.max(0, starts.findLastIndex(start => start <= now)));
    requestAnimationFrame(follow);
  };
  slider.max = last;
  slider.addEventListener("input", () => show(Number(slider.value)));
  button.addEventListener("click", () => {
    if (playing) return show(Number(slider.value));
    if (Number(slider.value) === last) show(0);
    playing = true;
    button.textContent = "Pause";
    svgs.forEach(svg => svg.unpauseAnimations());
    follow();
  });
  // A finger that touches the picture has no place to be while it only looks.
  const hovers = event => playing && event.pointerType !== "touch";
  for (const svg of svgs) {
    svg.addEventListener("pointerenter", event => { if (hovers(event)) svgs.forEach(svg => svg.pauseAnimations()); });
    svg.addEventListener("pointerleave", event => { if (hovers(event)) svgs.forEach(svg => svg.unpauseAnimations()); });
  }
  atRest.push(() => show(last));
  show(last);
  scrubber.hidden = false;
}

// From figure to figure: n or j, p or k.
document.addEventListener("keydown", event => {
  const step = { n: 1, j: 1, p: -1, k: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const figures = [...document.querySelectorAll("figure")];
  let at = figures.indexOf(document.activeElement.closest("figure"));
  if (at < 0) {
    // From where the reader is: the first figure that begins below the upper edge is the next.
    const below = figures.findIndex(figure => figure.getBoundingClientRect().top > 0);
    at = (below < 0 ? figures.length : below) - (step > 0 ? 1 : 0);
  }
  const figure = figures[Math.min(Math.max(at + step, 0), figures.length - 1)];
  if (!figure) return;
  figure.scrollIntoView({ block: "start" });
  figure.focus({ preventScroll: true });
});

// Copies a text; where that is not allowed it is selected, to be copied by hand.
for (const button of document.querySelectorAll("button.copy")) {
  const text = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      text.closest("details").open = true;
      getSelection().selectAllChildren(text);
      button.textContent = "Selected";
    }
  });
}

// Paper shows the last frames, and the settings.
const opened = [];
addEventListener("beforeprint", () => {
  atRest.forEach(rest => rest());
  for (const details of document.querySelectorAll("details.printed:not([open]), #results details:not([open])")) {
    details.open = true;
    opened.push(details);
  }
});
addEventListener("afterprint", () => opened.splice(0).forEach(details => { details.open = false; }));
