//! The review page in a real browser, with forty-odd changed figures, on a desk and on a phone: with clicks, keys and a finger's
//! drag.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use serde_json::json;
use tempfile::TempDir;

use crate::browser::{self, Browser};

pub fn trials() -> Vec<Trial> {
    browser::trials(
        module_path!(),
        &[
            ("forty_changed_figures_on_a_desk", |browser| review(browser, 1280, 800)),
            ("forty_changed_figures_on_a_phone", |browser| review(browser, 390, 844)),
            ("what_moves_keeps_in_step_and_stands_under_the_pointer", moving),
            ("a_page_without_changes", nothing),
        ],
    )
}

/// How many figures of each kind both pipelines draw.
const EACH: usize = 10;

/// A pipeline of twenty figures and one that moves, and all of it other with another noise.
fn pipeline(title: &str, noise: f32, more: &str) -> String {
    let mut text = format!(
        "title = \"{title}\"\nseed = 3\n[dataset.spiral]\nkind = \"spiral\"\npoints = 60\nnoise = {noise}\n\
         [train.net]\ndata = \"spiral\"\nmodel = [{{ linear = 8 }}, \"relu\", {{ linear = 3 }}]\nloss = \"cross_entropy\"\n\
         optimizer = {{ adam = {{ lr = 0.02 }} }}\nepochs = 20\nsnapshots = {{ every = 5 }}\n"
    );
    for i in 0..EACH {
        text += &format!("[figure.data{i}]\nkind = \"samples\"\ndata = \"spiral\"\n");
        text += &format!("[figure.curves{i}]\nkind = \"training_curves\"\nmodels = [\"net\"]\n");
    }
    text + more
}

const MOVING: &str = "[analysis.moving]\nkind = \"decision_regions\"\nmodels = [\"net\"]\nresolution = 20\nsnapshots = \"all\"\n\
     [figure.moving]\nkind = \"decision_regions\"\nanalysis = \"moving\"\nanimate = {}\n";

/// Two pipelines whose figures are pinned and then all change, one of them new, one gone.
fn workshop() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::create_dir(here.join("pipelines")).unwrap();
    let write = |name: &str, text: String| std::fs::write(here.join(format!("pipelines/{name}.toml")), text).unwrap();
    let run = || {
        for name in ["first", "second"] {
            xtask(here, &["run", &format!("pipelines/{name}.toml"), "-q"], 0);
        }
    };
    write("first", pipeline("First", 0.1, MOVING));
    write("second", pipeline("Second", 0.1, "[figure.gone]\nkind = \"samples\"\ndata = \"spiral\"\n"));
    run();
    xtask(here, &["bless"], 0);
    write("first", pipeline("First", 0.2, MOVING));
    write("second", pipeline("Second", 0.2, "[figure.new]\nkind = \"samples\"\ndata = \"spiral\"\n"));
    run();
    xtask(here, &["review"], 1);
    let page = here.join("target/review.html");
    (folder, page)
}

fn xtask(here: &Path, arguments: &[&str], code: i32) {
    let output = crate::xtask().args(arguments).current_dir(here).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// How wide the page is beyond its window.
const OVERFLOW: &str = "Math.max(0, document.documentElement.scrollWidth - innerWidth)";
/// How many changes are shown.
const SHOWN: &str = "[...document.querySelectorAll('.change')].filter(c => !c.hidden).length";

fn review(browser: &mut Browser, width: u32, height: u32) {
    let (_folder, page) = workshop();
    browser.open(&page, width, height);
    let all = 4 * EACH + 3;
    let named = |name: &str| format!("review-{width}-{name}");
    assert_eq!(browser.evaluate(SHOWN), all);
    assert_eq!(browser.evaluate("document.querySelectorAll('.contents a').length"), all);
    assert_eq!(browser.evaluate(OVERFLOW), 0);
    browser.screenshot(&named("top"), false);
    browser.wait_until("[...document.images].every(i => i.complete)");
    assert_eq!(browser.evaluate("[...document.images].filter(i => !i.naturalWidth).length"), 0);
    // New and gone first, then by share.
    let first = "[...document.querySelectorAll('.change h2')].slice(0, 2).map(h => h.textContent.trim())";
    assert_eq!(browser.evaluate(first), json!(["second/gone gone", "second/new new"]));

    // From the contents to a figure, which then lies in the window.
    browser.click(".contents li:nth-child(6) a");
    browser.wait_until("location.hash === '#change-5'");
    let top = "Math.round(document.querySelector('#change-5').getBoundingClientRect().top)";
    browser.wait_until(&format!("{top} >= 0 && {top} < innerHeight / 2"));
    browser.screenshot(&named("side"), false);
    let beside = "(() => { const [a, b] = [...document.querySelectorAll('#change-5 .picture')].map(i => i.getBoundingClientRect()); return [b.left > a.left, b.top > a.top]; })()";
    assert_eq!(browser.evaluate(beside), if width > 700 { json!([true, false]) } else { json!([false, true]) });

    // Each way to look. Under the swipe the picture follows the pointer, and the slider with it.
    let new =
        |property: &str| format!("getComputedStyle(document.querySelector('#change-5 .new .picture')).{property}");
    browser.click("button[data-view=swipe]");
    assert_eq!(browser.evaluate(&new("clipPath")), "inset(0px 0px 0px 50%)");
    browser.drag("#change-5 .pair", (0.5, 0.5), (0.8, 0.5));
    let slider = "Number(document.querySelector('#change-5 .slide input').value)";
    assert_eq!(browser.evaluate(slider), 20);
    assert_eq!(browser.evaluate(&new("clipPath")), "inset(0px 0px 0px 80%)");
    browser.screenshot(&named("swipe"), false);
    browser.click("button[data-view=onion]");
    assert_eq!(browser.evaluate(&new("opacity")), "0.2");
    browser.drag("#change-5 .slide input", (0.2, 0.5), (0.6, 0.5));
    let seen = browser.evaluate(&new("opacity")).as_str().unwrap().parse::<f64>().unwrap();
    assert!((0.5..0.7).contains(&seen), "{seen}");
    browser.screenshot(&named("onion"), false);
    browser.click("button[data-view=difference]");
    assert_eq!(browser.evaluate(&new("mixBlendMode")), "difference");
    assert_eq!(browser.evaluate("getComputedStyle(document.querySelector('#change-5 .slide')).display"), "none");
    // Faint differences can be amplified, by factors of two.
    let filter = "getComputedStyle(document.querySelector('#change-5 .pair')).filter";
    assert_eq!(browser.evaluate(filter), "brightness(1)");
    browser.click(".amplify input");
    assert_eq!(browser.evaluate(filter), "brightness(8)");
    assert_eq!(browser.evaluate("document.querySelector('.amplify output').value"), "8×");
    browser.screenshot(&named("difference"), false);
    assert_eq!(browser.evaluate(OVERFLOW), 0);

    // Keys: the next and the previous figure, the ways to look.
    browser.press("1");
    assert_eq!(browser.evaluate("document.querySelector('[data-view=side]').getAttribute('aria-pressed')"), "true");
    browser.evaluate("document.querySelector('#change-5').focus()");
    for (key, at) in [("n", "change-6"), ("n", "change-7"), ("p", "change-6")] {
        browser.press(key);
        assert_eq!(browser.evaluate("document.activeElement.id"), at);
    }

    // What is accepted is gathered into the command.
    let command = "document.querySelector('.command').textContent";
    assert_eq!(browser.evaluate(command), "cargo xtask bless");
    browser.press("a");
    let address = browser.evaluate("document.querySelector('#change-6 .accept input').value");
    assert_eq!(browser.evaluate(command), format!("cargo xtask bless {}", address.as_str().unwrap()));
    browser.click("#change-6 .accept input");
    assert_eq!(browser.evaluate("document.querySelector('.copy').disabled"), true);
    browser.click(".basket .all");
    assert_eq!(browser.evaluate(command), "cargo xtask bless first second");
    browser.click(".basket .copy");
    browser.wait_until("['Copied', 'Selected'].includes(document.querySelector('.copy').textContent)");
    browser.click(".basket .all");

    // One pipeline of two: its changes alone, and the basket takes no other.
    browser.click("select.pipeline");
    browser.press("ArrowDown");
    browser.press("Enter");
    browser.wait_until(&format!("{SHOWN} === {}", 2 * EACH + 1));
    assert_eq!(
        browser.evaluate("[...document.querySelectorAll('.contents li')].filter(l => l.offsetHeight).length"),
        2 * EACH + 1
    );
    browser.click(".basket .all");
    assert_eq!(browser.evaluate(command), "cargo xtask bless first");

    // Numbers and markup are told.
    let told = "document.querySelector('#change-9 details table') !== null && document.querySelectorAll('.lines mark').length > 0";
    assert_eq!(browser.evaluate(told), true);
    // Dark by the reader's wish, light again by the button.
    let back = "getComputedStyle(document.body).backgroundColor";
    browser.emulate("", &[("prefers-color-scheme", "dark")]);
    let dark = browser.evaluate(back);
    browser.screenshot(&named("dark"), false);
    browser.click(".theme");
    assert_ne!(browser.evaluate(back), dark);
    assert_eq!(browser.evaluate(OVERFLOW), 0);
    assert_eq!(browser.complaints(), [""; 0]);
}

fn moving(browser: &mut Browser) {
    let (_folder, page) = workshop();
    browser.open(&page, 1280, 800);
    let pair = "[...document.querySelectorAll('.moving')].map(e => e.closest('.change').id)";
    let ids = browser.evaluate(pair);
    assert_eq!(ids.as_array().map(Vec::len), Some(2), "{ids}");
    assert_eq!(ids[0], ids[1]);
    let change = format!("#{}", ids[0].as_str().unwrap());
    browser.evaluate(&format!("document.querySelector('{change}').scrollIntoView()"));
    let times = format!("[...document.querySelectorAll('{change} .moving svg')].map(svg => svg.getCurrentTime())");
    let step = |browser: &mut Browser| {
        let times = browser.evaluate(&times);
        assert_eq!(times[0], times[1], "old and new are out of step");
        times[0].as_f64().unwrap()
    };
    // Past the rest at the end it begins again.
    let first = step(browser);
    browser.wait_until(&format!("{times}[0] > 0.2 && {times}[0] < {first} / 2"));
    for _ in 0..5 {
        step(browser);
    }
    let stands = |browser: &mut Browser| {
        let before = step(browser);
        browser.evaluate("new Promise(done => setTimeout(done, 300))");
        step(browser) == before
    };
    let [x, y, width, height] = browser.find(&format!("{change} .pair .old")).unwrap();
    let mut pointer = |x: f64, y: f64| {
        browser.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": x, "y": y }));
        stands(browser)
    };
    assert!(pointer(x + width / 2.0, y + height / 2.0));
    assert!(!pointer(1.0, 1.0));
    browser.click(&format!("{change} .motion button"));
    assert!(stands(browser));
    assert_eq!(browser.evaluate(&format!("document.querySelector('{change} .motion button').textContent")), "Play");
    assert_eq!(browser.complaints(), [""; 0]);
    // Who wants no motion sees the end.
    browser.emulate("", &[("prefers-reduced-motion", "reduce")]);
    browser.open(&page, 390, 844);
    browser.evaluate(&format!("document.querySelector('{change}').scrollIntoView()"));
    assert!(stands(browser) && (step(browser) - first).abs() < 0.01);
}

fn nothing(browser: &mut Browser) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pipelines")).unwrap();
    xtask(folder.path(), &["review"], 0);
    browser.open(&folder.path().join("target/review.html"), 390, 844);
    let text = browser.evaluate("document.body.innerText");
    assert!(text.as_str().unwrap().contains("No figure changed."), "{text}");
    assert_eq!(browser.evaluate(OVERFLOW), 0);
    assert_eq!(browser.complaints(), [""; 0]);
}
