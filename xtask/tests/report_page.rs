//! `report.html` as its readers have it: in a wide window and on a phone, light and dark, by mouse and by keys, on paper.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use serde_json::json;
use tempfile::TempDir;

use crate::browser::{self, Browser};

pub fn trials() -> Vec<Trial> {
    browser::trials(
        module_path!(),
        &[
            ("fits_and_fetches_nothing_at_any_width_in_any_light", fits),
            ("shows_figures_drawn_for_it_on_a_phone", phone),
            ("opens_with_the_question_a_figure_and_findings", opens),
            ("frames_can_be_chosen_and_played", frames),
            ("keys_go_from_figure_to_figure", keys),
            ("numbers_can_be_saved_and_settings_copied", numbers),
            ("paper_shows_every_figure", paper),
        ],
    )
}

/// A small run with everything a report can hold: figures that stand and move, tables, arrays, a sweep.
const PIPELINE: &str = r#"#:schema schema.json
# Can a <small> net & a smaller one tell *two* spirals apart?
#
# figures/curves   loss and accuracy
# figures/regions  the plane, while it learns
title = "Two </script> & <b>spirals</b>"
hero = "regions"
seed = 3
[dataset.spiral]
kind = "spiral"
points = 120
classes = 2
noise = 0.1
split = { train = 0.8, test = 0.2 }
[train.net]
data = "spiral"
model = [{ linear = 8 }, "relu", { linear = 2 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.02 } }
epochs = 40
batch = "full"
snapshots = { every = 10 }
[sweep.width]
train = "net"
set = "model[0].linear"
values = [2, 4]
[analysis.probe]
kind = "linear_probe"
model = "net"
[figure.curves]
kind = "training_curves"
models = ["net"]
[analysis.regions]
kind = "decision_regions"
models = ["net"]
resolution = 20
snapshots = "all"
[figure.regions]
kind = "decision_regions"
analysis = "regions"
animate = {}
[figure.width]
kind = "sweep_curve"
sweep = "width"
[analysis.test]
kind = "classification"
model = "net"
[figure.confusion]
kind = "confusion_matrix"
analysis = "test"
"#;

/// A finished run.
fn run() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two.toml"), PIPELINE).unwrap();
    let output = crate::xtask().args(["run", "two.toml"]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("report: runs/two/report.html"), "{said}");
    let run = folder.path().join("runs/two");
    (folder, run)
}

fn open(browser: &mut Browser, run: &Path, width: u32) {
    browser.open(&run.join("report.html"), width, 800);
}

/// The texts of figures whose contrast with what lies behind their middle is below 4.5 (WCAG 2.1, AA). What lies behind is the
/// topmost opaque shape there; on a map, one of its cells.
const UNREADABLE: &str = "(() => {
    const light = color => {
        const [r, g, b] = color.match(/\\d+/g).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const shape = e => e instanceof SVGGeometryElement && getComputedStyle(e).fill.startsWith('rgb') && getComputedStyle(e).fillOpacity === '1';
    const found = [];
    for (const text of document.querySelectorAll('.picture text')) {
        if (!text.checkVisibility()) continue;
        text.scrollIntoView({ block: 'center', behavior: 'instant' });
        const box = text.getBoundingClientRect();
        if (!box.width) continue;
        const behind = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2).find(shape);
        const [ink, ground] = [text, behind].map(e => e ? getComputedStyle(e).fill : 'rgb(0, 0, 0)');
        const [a, b] = [light(ink), light(ground)];
        const contrast = Math.max(a, b) / Math.min(a, b);
        if (!behind || contrast < 4.5) found.push([text.textContent, ink, ground, contrast]);
    }
    scrollTo(0, 0);
    return found;
})()";

fn fits(browser: &mut Browser) {
    let (_folder, run) = run();
    for (width, theme) in [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")] {
        browser.emulate("", &[("prefers-color-scheme", theme)]);
        open(browser, &run, width);
        assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), width, "scrolls sideways");
        // No text is cut off either: what is wider than its box scrolls inside it.
        let cut = "[...document.querySelectorAll('main *')].filter(e => !e.closest('svg, .scroll, pre, nav') && e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 80))";
        assert_eq!(browser.evaluate(cut), json!([]));
        let light = browser.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + +b, 0) > 384",
        );
        assert_eq!(light, theme == "light");
        assert_eq!(browser.evaluate(UNREADABLE), json!([]), "{width} {theme}");
        // Figures follow the page, but for what lies on a plate.
        let paper = |of: &str| format!("getComputedStyle(document.querySelector('#figure-{of} rect')).fill");
        let (white, dark) = ("rgb(255, 255, 255)", "rgb(33, 35, 38)");
        assert_eq!(browser.evaluate(&paper("curves")), if theme == "light" { white } else { dark });
        assert_eq!(browser.evaluate(&paper("confusion .plate")), white);
        assert_eq!(browser.complaints(), [""; 0]);
        browser.screenshot(&format!("report-{width}-{theme}"), true);
    }
    let text = |browser: &mut Browser, selector| {
        browser.evaluate(&format!("document.querySelector({selector:?}).textContent"))
    };
    assert_eq!(text(browser, "h1"), "Two </script> & <b>spirals</b>");
    assert_eq!(text(browser, ".lead"), "Can a <small> net & a smaller one tell two spirals apart?");
    for check in [
        "[...document.querySelectorAll('a[href^=\"#\"]')].every(a => document.getElementById(a.hash.slice(1)))",
        "(ids => ids.length === new Set(ids).size)([...document.querySelectorAll('[id]')].map(e => e.id))",
        "[...document.querySelectorAll('[aria-labelledby]')].every(e => e.getAttribute('aria-labelledby').split(' ').every(id => document.getElementById(id)))",
        "[...document.querySelectorAll('svg [clip-path], svg [fill^=url]')].every(e => document.getElementById((e.getAttribute('clip-path') ?? e.getAttribute('fill')).slice(5, -1)))",
        "[...document.querySelectorAll('h1, h2, h3, h4, h5')].every((h, i, all) => i === 0 ? h.tagName === 'H1' : h.tagName[1] - all[i - 1].tagName[1] <= 1)",
        "[...document.querySelectorAll('th')].every(th => th.scope)",
        "[...document.querySelectorAll('figure')].every(f => f.querySelector('svg > title') && f.querySelector('svg > desc').textContent === f.querySelector('figcaption').textContent)",
        "document.querySelectorAll('main, nav[aria-label], header').length === 3 && document.querySelectorAll('figure').length === 4",
    ] {
        assert_eq!(browser.evaluate(check), true, "{check}");
    }
    // The button overrules the system, here from dark to light.
    browser.click("button.theme");
    assert_eq!(browser.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(246, 246, 244)");
    assert_eq!(
        browser.evaluate("getComputedStyle(document.querySelector('#figure-curves rect')).fill"),
        "rgb(255, 255, 255)"
    );
    assert_eq!(browser.evaluate(UNREADABLE), json!([]));
    // Opened alone a figure follows the reader's system.
    browser.open(&run.join("figures/curves.svg"), 1280, 800);
    let fills = "['rect', 'text'].map(name => getComputedStyle(document.querySelector(name)).fill)";
    assert_eq!(browser.evaluate(fills), json!(["rgb(33, 35, 38)", "rgb(232, 232, 232)"]));
    browser.emulate("", &[("prefers-color-scheme", "light")]);
    assert_eq!(browser.evaluate(fills), json!(["rgb(255, 255, 255)", "rgb(34, 34, 34)"]));
}

/// Widths of the pictures that each figure shows, in drawing units.
const WIDTHS: &str = "[...document.querySelectorAll('figure')].map(figure => [...figure.querySelectorAll('.picture svg')].filter(svg => svg.checkVisibility()).map(svg => svg.viewBox.baseVal.width))";

/// The height of the smallest text in sight of any figure, in pixels.
const SMALLEST: &str =
    "Math.min(...[...document.querySelectorAll('.picture text')].filter(text => text.checkVisibility()).map(text => {
    const svg = text.ownerSVGElement;
    return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
}))";

fn phone(browser: &mut Browser) {
    let (_folder, run) = run();
    let report = run.join("report.html");
    let (narrow, wide) = (json!([[360], [360], [360], [360]]), json!([[640], [640], [640], [640]]));
    // Style sheets decide, so that a viewer which runs no scripts shows the same.
    for still in [true, false] {
        browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": still }));
        browser.open(&report, 390, 844);
        assert_eq!(browser.evaluate(WIDTHS), narrow);
    }
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), 390, "scrolls sideways");
    let smallest = browser.evaluate(SMALLEST).as_f64().unwrap();
    assert!(smallest >= 11.0, "{smallest} px");
    browser.screenshot("report-phone", true);
    // What moves can be played there, too.
    browser.click("#figure-regions button");
    browser.wait_until(&format!("{SHOWN}[0] === 'epoch 10'"));
    browser.emulate("print", &[]);
    assert_eq!(browser.evaluate(WIDTHS), wide);
    browser.emulate("", &[]);
    browser.open(&report, 1280, 800);
    assert_eq!(browser.evaluate(WIDTHS), wide);
    assert_eq!(browser.complaints(), [""; 0]);
}

fn opens(browser: &mut Browser) {
    let (_folder, run) = run();
    for width in [1280, 390] {
        open(browser, &run, width);
        let order = "[...document.querySelectorAll('h1, .lead, #short figure, .findings, #figures, #results, #training')].map(e => e.id || e.className || e.tagName)";
        assert_eq!(
            browser.evaluate(order),
            json!(["H1", "lead", "figure-regions", "findings", "figures", "results", "training"])
        );
        // The hero is in sight at once, and shown once.
        let top = "document.getElementById('figure-regions').getBoundingClientRect().top < innerHeight";
        assert_eq!(browser.evaluate(top), true);
        browser.screenshot(&format!("report-opening-{width}"), false);
    }
    // Each finding is the headline of the figure that it leads to; the hero's is the first, the others state a number.
    let findings = browser.evaluate(
        "[...document.querySelectorAll('.findings li')].map(li => { const a = li.querySelector('a'); return [a.textContent, li.firstChild.data.trim(), document.querySelector(`${a.hash} svg > title`).textContent]; })",
    );
    let findings = findings.as_array().unwrap();
    assert!((2..=3).contains(&findings.len()) && findings[0][0] == "regions", "{findings:?}");
    for (i, finding) in findings.iter().enumerate() {
        assert_eq!(finding[1], finding[2]);
        assert!(i == 0 || finding[1].as_str().unwrap().contains(|c: char| c.is_ascii_digit()), "{finding}");
    }
    // Tables and links to files are folded until they are asked for.
    let open = "[...document.querySelectorAll('main table, figure a.beside, figure a[download]')].filter(e => !e.closest('#provenance') && e.checkVisibility()).length";
    assert_eq!(browser.evaluate(open), 0);
    browser.click("#figure-regions .files summary");
    assert_ne!(browser.evaluate(open), 0);
    browser.click("#results summary");
    assert_eq!(browser.evaluate("document.querySelector('#results table, #results dl').checkVisibility()"), true);
}

/// Which frames of the moving figure are displayed in each place, and what the scrubber says.
const SHOWN: &str = "(() => {
    const figure = document.getElementById('figure-regions');
    const seen = [...figure.querySelectorAll('svg')].find(svg => svg.checkVisibility());
    const groups = [...seen.querySelectorAll(\"g[id$='-clock'] > g > text\")].map(text => text.parentNode);
    return [groups.filter(g => getComputedStyle(g).display !== 'none').map(g => g.querySelector('text').textContent).join(),
        figure.querySelector('output').value];
})()";

fn frames(browser: &mut Browser) {
    let (_folder, run) = run();
    open(browser, &run, 1280);
    let figure = "#figure-regions";
    // At rest on the last one; figures that stand have no slider.
    assert_eq!(browser.evaluate(SHOWN), json!(["epoch 40", "epoch 40"]));
    assert_eq!(browser.evaluate("document.querySelectorAll('.scrubber').length"), 1);
    browser.drag(&format!("{figure} input"), (0.99, 0.5), (0.005, 0.5));
    assert_eq!(browser.evaluate(SHOWN), json!(["epoch 0", "epoch 0"]));
    browser.press("ArrowRight");
    assert_eq!(browser.evaluate(SHOWN), json!(["epoch 10", "epoch 10"]));
    assert_eq!(browser.evaluate("document.activeElement.getAttribute('aria-valuetext')"), "epoch 10");
    browser.press("End");
    assert_eq!(browser.evaluate(SHOWN), json!(["epoch 40", "epoch 40"]));
    // Playing begins at the beginning, can be paused, and begins again after the end.
    browser.click(&format!("{figure} button"));
    browser.wait_until(&format!("{SHOWN}[1] === 'epoch 10'"));
    browser.click(&format!("{figure} button"));
    let paused = browser.evaluate(SHOWN);
    assert!(paused[0] == paused[1] && paused[0] != "epoch 40", "{paused}");
    browser.evaluate("new Promise(done => setTimeout(done, 2500))");
    assert_eq!(browser.evaluate(SHOWN), paused);
    browser.click(&format!("{figure} button"));
    browser.wait_until(&format!("{SHOWN}[1] === 'epoch 40'"));
    browser.wait_until(&format!("{SHOWN}[1] === 'epoch 0'"));
    // Under the pointer it waits, and goes on when the pointer leaves.
    let waits = format!("document.querySelector('{figure} svg').animationsPaused()");
    let point = |name: &str| {
        format!(
            "document.querySelector('{figure} svg').dispatchEvent(new PointerEvent('pointer{name}', {{ pointerType: 'mouse' }}))"
        )
    };
    for (name, expected) in [("enter", true), ("leave", false)] {
        browser.evaluate(&point(name));
        assert_eq!(browser.evaluate(&waits), expected, "{name}");
    }
    assert_eq!(browser.evaluate(&format!("document.querySelector('{figure} button').textContent")), "Pause");
    browser.press("End");
    assert_eq!(browser.complaints(), [""; 0]);
    browser.emulate("", &[("prefers-reduced-motion", "reduce")]);
    open(browser, &run, 390);
    browser.evaluate("new Promise(done => setTimeout(done, 500))");
    assert_eq!(browser.evaluate(SHOWN), json!(["epoch 40", "epoch 40"]));
    assert_eq!(browser.evaluate("document.querySelector('#figure-regions svg').animationsPaused()"), true);
}

fn keys(browser: &mut Browser) {
    let (_folder, run) = run();
    open(browser, &run, 1280);
    browser.press("Tab");
    assert_eq!(browser.evaluate("document.activeElement.className"), "skip");
    let mut go = |key: &str| {
        browser.press(key);
        let outlined = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle");
        assert_eq!(outlined, "solid", "the focus is visible");
        browser.evaluate("document.activeElement.id")
    };
    let visited: Vec<_> = ["n", "n", "j", "n", "p", "k"].into_iter().map(&mut go).collect();
    let expected =
        ["regions", "curves", "width", "confusion", "width", "curves"].map(|name| json!(format!("figure-{name}")));
    assert_eq!(visited, expected);
    browser.wait_until("Math.abs(document.activeElement.getBoundingClientRect().top) < 40");
    // By the contents; from there on by key.
    browser.click("nav a[href='#figure-regions']");
    browser.wait_until("Math.abs(document.getElementById('figure-regions').getBoundingClientRect().top) < 40");
    browser.press("n");
    assert_eq!(browser.evaluate("document.activeElement.id"), "figure-curves");
}

fn numbers(browser: &mut Browser) {
    let (_folder, run) = run();
    open(browser, &run, 1280);
    let links = browser.evaluate(
        "Promise.all([...document.querySelectorAll('a[download]')].map(async a => [a.download, a.textContent, await (await fetch(a.href)).text()]))",
    );
    let mut names = Vec::new();
    for link in links.as_array().unwrap() {
        let [name, said, text] = [0, 1, 2].map(|i| link[i].as_str().unwrap());
        assert_eq!(name, format!("two-{said}"));
        let folder = match said {
            "metrics.json" | "resolved.toml" => "",
            "net.csv" => "history/",
            _ => "figures/",
        };
        assert_eq!(text, std::fs::read_to_string(run.join(folder).join(said)).unwrap(), "{said}");
        names.push(said.to_owned());
    }
    names.sort();
    assert_eq!(
        names,
        [
            "confusion.csv",
            "curves.csv",
            "metrics.json",
            "net.csv",
            "regions.csv",
            "resolved.toml",
            "width.csv",
            "width.runs.csv"
        ]
    );
    let beside = browser.evaluate("[...document.querySelectorAll('a.beside')].map(a => a.getAttribute('href'))");
    let beside: Vec<&str> = beside.as_array().unwrap().iter().map(|href| href.as_str().unwrap()).collect();
    assert!(beside.contains(&"figures/regions.net.class.npy"), "{beside:?}");
    beside.iter().for_each(|path| assert!(run.join(path).exists(), "{path}"));
    browser
        .call("Browser.grantPermissions", json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }));
    browser.click("button.copy");
    browser.wait_until("document.querySelector('button.copy').textContent === 'Copied'");
    let copied = browser.evaluate("navigator.clipboard.readText()");
    let copied = copied.as_str().unwrap().trim();
    assert_eq!(copied, std::fs::read_to_string(run.join("resolved.toml")).unwrap().trim());
}

fn paper(browser: &mut Browser) {
    let (_folder, run) = run();
    browser.emulate("", &[("prefers-color-scheme", "dark")]);
    open(browser, &run, 1280);
    browser.drag("#figure-regions input", (0.99, 0.5), (0.005, 0.5));
    browser.print("report");
    browser.emulate("print", &[("prefers-color-scheme", "light")]);
    browser.evaluate("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(browser.evaluate(SHOWN), json!(["epoch 40", "epoch 40"]));
    let hidden = "[...document.querySelectorAll('figure, .wide svg, figcaption, #settings-text')].filter(e => !e.checkVisibility()).length";
    assert_eq!(browser.evaluate(hidden), 0);
    let shown = "[...document.querySelectorAll('nav, button, .scrubber')].filter(e => e.checkVisibility()).length";
    assert_eq!(browser.evaluate(shown), 0);
    let unbroken = "[...document.querySelectorAll('figure')].every(f => getComputedStyle(f).breakInside === 'avoid')";
    assert_eq!(browser.evaluate(unbroken), true);
    browser.evaluate("dispatchEvent(new Event('afterprint'))");
    assert_eq!(browser.evaluate("document.querySelector('details.printed').open"), false);
}
