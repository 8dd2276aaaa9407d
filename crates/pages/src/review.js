// Without this script the page shows every pair side by side; with it, the ways to compare, the filter, and the basket.
const changes = [...document.querySelectorAll(".change")];
const shown = () => changes.filter((change) => !change.hidden);
for (const part of document.querySelectorAll(".controls, .accept")) part.hidden = false;

const look = (view) => {
  for (const button of document.querySelectorAll("[data-view][type=button]")) button.setAttribute("aria-pressed", button.dataset.view === view);
  if (amplify) amplify.hidden = view !== "difference";
  for (const change of changes) {
    change.dataset.view = view;
    const slide = change.querySelector(".slide");
    if (slide) slide.hidden = view !== "swipe" && view !== "onion";
  }
};
// A faint difference is made out when it is amplified: each step doubles it.
const amplify = document.querySelector(".amplify");
amplify?.querySelector("input").addEventListener("input", ({ target }) => {
  const factor = 2 ** Number(target.value);
  amplify.querySelector("output").value = `${factor}×`;
  document.documentElement.style.setProperty("--amplified", factor);
});

const views = [...document.querySelectorAll("button[data-view]")];
for (const button of views) button.addEventListener("click", () => look(button.dataset.view));

// The slider says how much of the new picture is seen: from the right under the swipe, through the old one in the onion skin.
for (const change of changes) {
  const range = change.querySelector(".slide input");
  const pair = change.querySelector(".pair");
  if (!range) continue;
  const show = () => {
    const seen = Number(range.value);
    pair.style.setProperty("--at", `${change.dataset.view === "swipe" ? 100 - seen : seen}%`);
  };
  range.addEventListener("input", show);
  new MutationObserver(show).observe(change, { attributeFilter: ["data-view"] });
  const drag = (event) => {
    if (change.dataset.view !== "swipe" || !(event.buttons & 1)) return;
    const box = pair.getBoundingClientRect();
    range.value = 100 - Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width));
    show();
  };
  pair.addEventListener("pointerdown", (event) => { if (change.dataset.view === "swipe") pair.setPointerCapture(event.pointerId); drag(event); });
  pair.addEventListener("pointermove", drag);
}

// What moves runs by the script's clock, old and new by the same one: from the beginning to the end, where it rests a while. It
// stands while a pointer is on it, after "Pause", and at the end where the reader wants no motion. Without this script each plays by itself.
const REST = 1.5;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const inSight = new Set();
const sight = new IntersectionObserver((entries) => entries.forEach((e) => inSight[e.isIntersecting ? "add" : "delete"](e.target)));
for (const change of changes) {
  const svgs = [...change.querySelectorAll(".moving svg")];
  if (svgs.length === 0) continue;
  const pair = change.querySelector(".pair");
  const button = change.querySelector(".motion button");
  const list = (animation, name) => animation.getAttribute(name).split(";");
  const begins = (animation) => parseFloat(animation.getAttribute("dur")) * list(animation, "keyTimes")[list(animation, "values").indexOf("inline")];
  // A millisecond into the last frame, whichever way its beginning is rounded.
  const end = Math.max(0, ...svgs.flatMap((svg) => [...svg.querySelectorAll("animate")]).map(begins)) + 0.001;
  let time = end;
  let last = null;
  let held = calm;
  let hovered = false;
  const show = () => svgs.forEach((svg) => svg.setCurrentTime(Math.min(time, end)));
  const tick = (now) => {
    if (last !== null && !held && !hovered && inSight.has(pair)) {
      time = (time + (now - last) / 1000) % (end + REST);
      show();
    }
    last = now;
    requestAnimationFrame(tick);
  };
  const say = () => { button.textContent = held ? "Play" : "Pause"; };
  button.addEventListener("click", () => { held = !held; say(); });
  pair.addEventListener("pointerenter", (event) => { hovered = event.pointerType === "mouse"; });
  pair.addEventListener("pointerleave", () => { hovered = false; });
  svgs.forEach((svg) => svg.pauseAnimations());
  sight.observe(pair);
  button.parentElement.hidden = false;
  say();
  show();
  requestAnimationFrame(tick);
}

const pipeline = document.querySelector("select.pipeline");
pipeline?.addEventListener("change", () => {
  for (const part of document.querySelectorAll(".change, .contents li")) part.hidden = pipeline.value !== "" && part.dataset.pipeline !== pipeline.value;
});

// Next and previous, from wherever the reader is.
const step = (by) => {
  const list = shown();
  const focused = list.indexOf(document.activeElement?.closest(".change"));
  const passed = list.filter((change) => change.getBoundingClientRect().top < 72).length - 1;
  const next = list[Math.min(list.length - 1, Math.max(0, (focused >= 0 ? focused : passed) + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView();
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input[type=search]")) return;
  if (event.key === "n" || event.key === "j") step(1);
  else if (event.key === "p" || event.key === "k") step(-1);
  else if (event.key === "a") document.activeElement?.closest(".change")?.querySelector(".accept input")?.click();
  else if (views[Number(event.key) - 1]) look(views[Number(event.key) - 1].dataset.view);
});

const basket = document.querySelector(".basket");
if (basket) {
  const boxes = [...document.querySelectorAll(".accept input")];
  const command = basket.querySelector(".command");
  const copy = basket.querySelector(".copy");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    // A pipeline whose every change is accepted is named as a whole.
    const whole = [...new Set(chosen.map((name) => name.split("/")[0]))].filter((name) =>
      boxes.every((box) => box.checked || box.value.split("/")[0] !== name)).sort();
    const names = [...whole, ...chosen.filter((name) => !whole.includes(name.split("/")[0]))];
    command.textContent = [basket.dataset.command, ...names].join(" ");
    for (const box of boxes) {
      const link = document.querySelector(`.contents a[href="#${box.closest(".change").id}"]`);
      link.parentElement.classList.toggle("accepted", box.checked);
    }
    copy.disabled = names.length === 0;
    copy.textContent = "Copy";
  };
  for (const box of boxes) box.addEventListener("change", show);
  basket.querySelector(".all").addEventListener("click", () => {
    const visible = shown().map((change) => change.querySelector(".accept input"));
    const all = visible.every((box) => box.checked);
    for (const box of visible) box.checked = !all;
    show();
  });
  copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(command.textContent); copy.textContent = "Copied"; }
    catch { getSelection().selectAllChildren(command); copy.textContent = "Selected"; }
  });
}
