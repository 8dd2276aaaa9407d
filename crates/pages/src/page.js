"use strict";
// Light and dark: the reader's system decides until the button is pressed.
for (const button of document.querySelectorAll("button.theme")) {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", dark());
  button.hidden = false;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show());
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; show(); });
  show();
}
