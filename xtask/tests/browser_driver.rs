//! The driver by which pages are tested sees what a reader sees.

use libtest_mimic::Trial;
use serde_json::json;

use crate::browser::{self, Browser};

pub fn trials() -> Vec<Trial> {
    browser::trials(
        module_path!(),
        &[("mouse_keys_and_media_are_real", sees), ("mistakes_of_a_page_are_told", complains)],
    )
}

/// A page with a button, a slider, a covered button, and styles that depend on the reader.
const PAGE: &str = r#"<!DOCTYPE html><meta charset="utf-8"><title>t</title>
<style>body { margin: 0 } p { height: 3000px } @media (prefers-color-scheme: dark) { body { color: white } }
@media print { #pressed { display: none } } #covered { position: absolute; top: 0 } #cover { position: absolute; top: 0; width: 100%; height: 40px }
</style>
<button id="covered">x</button><div id="cover"></div><p>far</p><button id="press">press</button> <input id="slide" type="range" min="0" max="100" value="0">
<output id="pressed"></output><button id="hidden" hidden>h</button>
<script>document.getElementById("press").onclick = e => { pressed.value += e.isTrusted; };
document.onkeydown = e => { pressed.value += e.key; };</script>"#;

fn place(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a page.html");
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

fn sees(browser: &mut Browser) {
    let (_folder, file) = place(PAGE);
    browser.open(&file, 390, 800);
    assert_eq!(browser.evaluate("[innerWidth, document.documentElement.clientWidth]"), json!([390, 390]));
    browser.click("#press");
    browser.press("k");
    browser.press("ArrowLeft");
    assert_eq!(browser.evaluate("pressed.value"), "truekArrowLeft");
    browser.drag("#slide", (0.06, 0.5), (0.5, 0.5));
    assert_eq!(browser.evaluate("slide.value"), "50");
    assert_eq!(browser.evaluate("Promise.resolve(getComputedStyle(document.body).color)"), "rgb(0, 0, 0)");
    browser.emulate("", &[("prefers-color-scheme", "dark")]);
    assert_eq!(browser.evaluate("getComputedStyle(document.body).color"), "rgb(255, 255, 255)");
    browser.emulate("print", &[]);
    assert_eq!(browser.evaluate("getComputedStyle(pressed).display"), "none");
    browser.emulate("", &[]);
    for (selector, word) in [("#hidden", "not visible"), ("#covered", "covered by"), ("#nothing", "not there")] {
        let said = browser.find(selector).unwrap_err();
        assert!(said.contains(selector) && said.contains(word), "{said}");
    }
    assert_eq!(browser.complaints(), [""; 0]);
}

fn complains(browser: &mut Browser) {
    let (_folder, file) =
        place("<!DOCTYPE html><title>t</title><img src='nowhere.png'><script>console.error('oh'); no.such</script>");
    browser.open(&file, 1280, 800);
    let complaints = browser.complaints().join("\n");
    for part in ["fetches file://", "nowhere.png", "oh", "no is not defined"] {
        assert!(complaints.contains(part), "{part}: {complaints}");
    }
}
