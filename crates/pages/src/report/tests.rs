//! The page as a whole: escaping, ids, the limit.

use serde_json::json;

use super::*;

fn svg(name: &str, title: &str) -> String {
    format!(
        "<svg id=\"{name}\" width=\"10\" role=\"img\" aria-labelledby=\"{name}-title {name}-desc\">\n<title id=\"{name}-title\">{title}</title>\n\
         <desc id=\"{name}-desc\">caption of {name} &lt; &amp;</desc>\n<g id=\"settings\">\n</g>\n</svg>\n"
    )
}

fn figure(name: &str) -> Figure {
    let file = |path: &str, text: Option<&str>| File { path: path.into(), bytes: 3, text: text.map(str::to_owned) };
    Figure {
        name: name.into(),
        wide: Picture { path: format!("figures/{name}.svg"), svg: svg(name, "t") },
        narrow: Picture { path: format!("figures/{name}.narrow.svg"), svg: svg(name, "t") },
        measured: name == "seconds",
        files: vec![file("figures/a.csv", Some("x\n1\n")), file("figures/a.x.npy", None)],
    }
}

fn report() -> Report {
    Report {
        name: "spiral".into(),
        title: "A < B & </title></script>".into(),
        question: "Why?\n\nfigures/one  <the first>".into(),
        hero: None,
        metrics: json!({ "train": { "net": { "epochs": 2, "word": "</script>" } } }),
        figures: vec![figure("one"), figure("one-name"), figure("seconds")],
        histories: vec![(
            "net".into(),
            File { path: "history/net.csv".into(), bytes: 30, text: Some("epoch,train_loss\n1,2\n".into()) },
        )],
        models: vec![(
            "net".into(),
            File { path: "models/net.last.safetensors".into(), bytes: 9, text: None },
            "The model of the last epoch, 2".into(),
        )],
        settings: "title = \"</pre> & <b>\"\n".into(),
        provenance: json!({ "unfold": "0.1.0", "seed": 5, "pipeline_sha256": "ab", "settings": ["a=\"<\""], "data_sha256": { "s": "cd" } }),
    }
}

/// What stands in an attribute, wherever it occurs.
fn all<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    html.split(&mark as &str).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn what_users_write_stays_text() {
    let html = report().html();
    assert!(html.contains("<h1>A &lt; B &amp; &lt;/title&gt;&lt;/script&gt;</h1>"));
    assert!(
        html.contains("<dd>&lt;/script&gt;</dd>") && html.contains("title = &quot;&lt;/pre&gt; &amp; &lt;b&gt;&quot;")
    );
    assert!(html.contains("<figcaption>caption of one &lt; &amp;</figcaption>"));
    assert_eq!((html.matches("</script>").count(), html.matches("</pre>").count()), (1, 1));
}

#[test]
fn models_are_told_apart_beside_their_history() {
    let html = report().html();
    let link = "The model of the last epoch, 2: <a class=\"beside\" href=\"models/net.last.safetensors\">";
    assert!(html.contains(link), "{html}");
}

#[test]
fn every_id_is_one_and_every_link_has_its_place() {
    let html = report().html();
    let mut ids = all(&html, "id");
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:?}");
    let links: Vec<&str> = all(&html, "href").into_iter().filter_map(|href| href.strip_prefix('#')).collect();
    assert!(links.len() > 8 && links.iter().all(|link| ids.binary_search(link).is_ok()), "{links:?}");
    assert!(
        all(&html, "aria-labelledby").iter().flat_map(|list| list.split(' ')).all(|id| ids.binary_search(&id).is_ok())
    );
    // Nothing is fetched: links lead to places of the page, texts inside it, or files beside it.
    assert!(
        all(&html, "src").is_empty()
            && !html.contains("@import")
            && !all(&html, "href").iter().any(|h| h.contains("//"))
    );
}

#[test]
fn numbers_are_inside_where_they_are_small_and_beside_where_not() {
    let html = report().html();
    assert_eq!(html.matches("href=\"data:text/csv;charset=utf-8,x%0A1%0A\" download=\"spiral-a.csv\"").count(), 3);
    assert!(html.contains("href=\"figures/a.x.npy\"") && html.contains("href=\"figures/one.svg\""));
    assert_eq!(html.matches("Measured seconds").count(), 1);
}

#[test]
fn however_large_the_figures_the_page_stays_below_the_limit() {
    let mut report = report();
    for i in 0..20 {
        let frame = |attributes: &str, set: &str| {
            format!("<g{attributes}>\n<animate {set}/>\n{}</g>\n", "<path d=\"M0 0\"/>\n".repeat(20_000))
        };
        let moving = svg(&i.to_string(), "t").replace(
            "</g>\n",
            &format!(
                "</g>\n{}{}",
                frame(" display=\"none\"", "values=\"inline;none\""),
                frame("", "values=\"none;inline\"")
            ),
        );
        let table = || File { path: format!("figures/{i}.csv"), bytes: 90_000, text: Some("a,b\n".repeat(22_500)) };
        report.figures.push(Figure {
            name: i.to_string(),
            wide: Picture { svg: moving.clone(), ..Picture::default() },
            narrow: Picture { svg: moving, ..Picture::default() },
            files: vec![table(), table()],
            ..Figure::default()
        });
    }
    let html = report.html();
    assert!(html.len() < MOST_BYTES, "{}", html.len());
    assert!(html.contains("rests on its last frame") && html.contains("Too large for this page"));
    assert!(html.contains("caption of 19"), "captions stay");
}

#[test]
fn a_run_without_results_is_a_page_too() {
    let html = Report { title: "empty".into(), ..Report::default() }.html();
    assert!(html.contains("<h1>empty</h1>") && !html.contains("id=\"figures\"") && !html.contains("href=\"#figures\""));
}
