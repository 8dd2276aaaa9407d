//! What is kept of a run whose settings change.

use super::{PIPELINE, Place, again_with, assert_same, files};

pub fn more_epochs_go_on_from_those_that_are_trained() {
    let place = Place::new(&PIPELINE.replace("EPOCHS", "60"));
    let out = place.out("longer");
    place.run(&out, &[]);
    let longer = ["--set", "train.deep.epochs=90"];
    let told = place.plan(&out, &longer);
    assert!(told.contains("will run: its settings changed; trained so far: epoch 60 of 90\n"), "{told}");
    let said = place.run(&out, &longer);
    assert!(said.contains("train.deep resumes after epoch 60 of 90"), "{said}");
    let whole = place.out("whole");
    place.run(&whole, &longer);
    assert_same(&files(&out), &files(&whole), "a run with more epochs");
    // Fewer, or steps that know of the end: from the start.
    for settings in [["train.deep.epochs=80", "seed=3"], ["train.deep.epochs=120", "train.deep.schedule.cosine.to=0.1"]]
    {
        let settings = settings.map(|setting| ["--set", setting]).concat();
        let told = place.plan(&out, &settings);
        assert!(!told.contains("trained so far"), "{told}");
        assert!(!place.run(&out, &settings).contains("resumes"), "{settings:?}");
    }
}

pub fn what_did_not_change_is_kept() {
    let text = PIPELINE.replace("EPOCHS", "60");
    let place = Place::new(&text);
    let out = place.out("run");
    place.run(&out, &[]);
    let first = files(&out);

    // Nothing changed: nothing runs, not even with other comments and spaces.
    assert!(!place.plan(&out, &[]).contains("will run"));
    std::fs::write(
        place.folder.path().join("killed.toml"),
        format!("# Other words.\n{}", text.replace(" = ", "   =  ")),
    )
    .expect("written");
    let said = place.run(&out, &[]);
    assert!(!said.contains("train.deep"), "{said}");
    let mut again = files(&out);
    // The pipeline file's own hash is told in the provenance, and its opening comment in the report.
    for name in ["provenance.json", "report.html"] {
        assert_ne!(again[name], first[name]);
        again.insert(name.into(), first[name].clone());
    }
    assert_same(&again, &first, "an unchanged pipeline");

    // A figure's settings: it alone is drawn, from the cached analysis.
    let change = ["--set", "figure.boundary.points=false"];
    let plan = place.plan(&out, &change);
    assert!(plan.contains("will run: its settings changed") && plan.matches("will run").count() == 1, "{plan}");
    let said = place.run(&out, &change);
    assert!(said.contains("figure.boundary") && !said.contains("figure.curves"), "{said}");
    place.run(&out, &[]);
    assert_same(&files(&out), &again_with(&first, &out), "changed and changed back");

    // The training's settings: it and whatever reads it.
    let plan = place.plan(&out, &["--set", "train.deep.epochs=61"]);
    assert!(plan.contains("will run: train.deep changed") && plan.contains("cached"), "{plan}");

    // The seed: everything.
    assert!(!place.plan(&out, &["--seed", "4"]).contains("cached"));
    let said = place.run(&out, &["--fresh"]);
    assert!(said.contains("[1/8]") && said.contains("[8/8]"), "{said}");
}
