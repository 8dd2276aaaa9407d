//! Loss and accuracy over the epochs or steps.

mod told;

use analysis::{Planned, Results, Trained};
use datasets::Split;
use registry::{Config, Problems, TrainRef};
use rendering::{Axis, Dash, Figure, Key, Line, Panel, Scatter, Swatch, palette};
use training::{Measure, Score};

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::frames,
    helpers::frames::Shown, helpers::names, helpers::together::Together, helpers::words,
};
use told::{definitions, early, headline, samples_of, spoken, told};

/// Loss and accuracy of one or several training runs over their epochs or steps, from before the first step on.
///
/// Each run has a colour; the training split is solid, validation dashed, test dotted. Where the training split was measured in
/// passing, its line is the running mean over the batches of each epoch, and dots show the model itself on that split: before
/// the first step, and as training left it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingCurves {
    /// The training runs.
    pub models: Vec<TrainRef>,
    /// The splits of the data to show: `["test"]`. Default: all that are measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-formerly" = ["parts"]))]
    #[schemars(extend("uniqueItems" = true))]
    pub splits: Vec<Split>,
    /// What to show, a panel each: "loss", "accuracy", "learning_rate", and of what the runs' `metrics` ask for "precision",
    /// "recall" and "f1". The headline tells the accuracy where it is shown, else the first of them that is no learning rate.
    /// Default: the loss and, of classes, the accuracy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub metrics: Vec<Curves>,
    /// Whether the loss is on a logarithmic axis. Default true.
    #[serde(default = "yes")]
    pub log: bool,
    /// What they are drawn against: "epoch" or "step". Default "epoch".
    #[serde(default)]
    pub x: Against,
    /// Whether that is on a logarithmic axis, on which there is no place for epoch 0; the caption tells the losses there. Default
    /// false.
    #[serde(default)]
    pub log_x: bool,
    /// Moves a dot along the curves, in step with other figures of the same snapshots: `{ every = 50, seconds = 8 }`. Default:
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

/// What is drawn over the epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Curves {
    /// The mean loss.
    Loss,
    /// The share of samples classified right.
    Accuracy,
    /// The mean precision of the classes.
    Precision,
    /// The mean recall of the classes.
    Recall,
    /// The mean F1 of the classes.
    F1,
    /// The learning rate of each epoch's last step.
    LearningRate,
}

impl Curves {
    /// What is measured; nothing for the learning rate.
    fn measure(self) -> Option<Measure> {
        match self {
            Self::Loss => Some(Measure::Loss),
            Self::Accuracy => Some(Measure::Accuracy),
            Self::Precision => Some(Measure::Precision),
            Self::Recall => Some(Measure::Recall),
            Self::F1 => Some(Measure::F1),
            Self::LearningRate => None,
        }
    }

    /// The title of its panel.
    fn title(self) -> &'static str {
        match self {
            Self::Loss => "Loss",
            Self::Accuracy => "Accuracy",
            Self::Precision => "Precision",
            Self::Recall => "Recall",
            Self::F1 => "F1",
            Self::LearningRate => "Learning rate",
        }
    }
}

/// How far training has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Epochs that have ended.
    #[default]
    Epoch,
    /// Steps that have ended.
    Step,
}

impl Against {
    fn name(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Step => "step",
        }
    }
}

fn yes() -> bool {
    true
}

impl Config for TrainingCurves {
    const KIND: &str = "training_curves";
    const EXAMPLE: &str = "models = [\"polynomial\", \"deep\"]\nlog = true";
}

impl FigureKind for TrainingCurves {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.models.is_empty(), "models", || "expected at least one training run".into());
        problems.require(
            self.metrics.is_empty() || self.metrics.iter().any(|shown| shown.measure().is_some()),
            "metrics",
            || "learning rates alone tell nothing of a model, expected a number that is measured, as \"loss\"".into(),
        );
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for (k, measure) in self.metrics.iter().enumerate().filter_map(|(k, shown)| Some((k, shown.measure()?))) {
            let lacking = |name: &&TrainRef| planned.model(name).is_some_and(|m| !m.measures.contains(&measure));
            let Some((name, model)) = self.models.iter().find(lacking).and_then(|m| Some((&m.0, planned.model(m)?)))
            else {
                continue;
            };
            let (path, measure) = (format!("metrics[{k}]"), measure.name());
            if model.loss.classifies() {
                let help = format!("write metrics = [\"{measure}\"] in [train.{name}]");
                problems.add_with_help(path, format!("{name} does not measure its {measure}"), help);
            } else {
                problems.add(path, format!("{name} predicts numbers and has no {measure}"));
            }
        }
        let losses: Vec<_> = self.models.iter().filter_map(|m| Some((m, planned.model(m)?.loss))).collect();
        for (i, (name, loss)) in losses.iter().enumerate().skip(1) {
            let (first, first_loss) = &losses[0];
            problems.require(loss == first_loss, format!("models[{i}]"), || {
                let (a, b) = (first_loss.kind(), loss.kind());
                format!("the losses are not comparable: {} has {a}, and {} has {b}", first.0, name.0)
            });
        }
        for (i, split) in self.splits.iter().enumerate() {
            let missing = |name| planned.model(name)?.needs_split(*split);
            problems.note(format!("splits[{i}]"), self.models.iter().find_map(missing));
        }
        let Some(animate) = &self.animate else { return };
        for (name, model) in self.models.iter().filter_map(|name| Some((name, planned.model(name)?))) {
            if !problems.note("animate", model.needs_snapshots()) {
                animate.check_epochs(&format!("train.{}", name.0), &model.snapshots, problems);
            }
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let runs = self.models.iter().map(|m| results.trained(m)).collect::<Result<Vec<_>, _>>()?;
        let unit = runs.first().map_or("loss", |r| r.fit.loss.unit());
        let classifies = runs.iter().any(|r| r.fit.loss.classifies());
        let drawn = self.drawn(classifies);
        let mut panels: Vec<Panel> = drawn.iter().map(|curves| self.panel(*curves, unit)).collect();
        let epochs = runs.iter().map(|r| r.fit.history.epochs()).max().unwrap_or(0);
        let shown = |split: &str| self.splits.is_empty() || self.splits.iter().any(|p| p.name() == split);
        let mut table = Table::new("").column("epoch", Column::Counts((0..=epochs as u64).collect()));
        let mut splits: Vec<&str> = Vec::new();
        for run in &runs {
            if self.x == Against::Step {
                let steps = run.steps_per_epoch() as u64;
                table = table.column(
                    format!("{}.step", run.name),
                    Column::Counts((0..=epochs as u64).map(|e| e * steps).collect()),
                );
            }
            for curve in curves(run).into_iter().filter(|curve| shown(curve.split)) {
                let (dash, spoken) = dash_of(curve.split, self.splits.len());
                if !splits.contains(&spoken) {
                    splits.push(spoken);
                }
                let label = match runs.len() {
                    1 => (self.splits.len() != 1 || curve.of != Of::Model).then(|| curve.spoken(spoken)),
                    _ => (dash == Dash::Solid && curve.of != Of::Ends).then(|| run.name.clone()),
                };
                let points = |measure: Measure| -> Vec<(f64, f64)> {
                    let place = |(e, score): &(usize, Score)| Some((self.place(run, *e)?, score.get(measure)?.into()));
                    curve.scores.iter().filter_map(place).collect()
                };
                let mark = |panel: Panel, points: Vec<(f64, f64)>| {
                    let color = colours::model(results, &run.name);
                    if curve.of == Of::Ends {
                        let dots = Scatter::new(points).color(color).radius(4.0);
                        return panel.mark(label.iter().fold(dots, |dots, label| dots.label(names::display(label))));
                    }
                    // Strokes tell splits apart, and of one split alone the models beyond the palette.
                    let dash = if self.splits.len() == 1 { colours::model_dash(results, &run.name) } else { dash };
                    let line = Line::new(points).color(color).dash(dash);
                    panel.mark(label.iter().fold(line, |line, label| line.label(names::display(label))))
                };
                let measured = run.config.measures();
                let of = |curves: &Curves| curves.measure().filter(|measure| measured.contains(measure));
                let marked = panels.into_iter().zip(&drawn);
                let with = |(panel, curves)| match of(curves) {
                    Some(measure) => mark(panel, points(measure)),
                    None => panel,
                };
                panels = marked.map(with).collect();
                for measure in drawn.iter().filter_map(of) {
                    let values = curve.padded(epochs, measure);
                    table = table.column(curve.column(&run.name, measure.name()), values);
                }
            }
            if let Some(rates) = drawn.iter().position(|curves| *curves == Curves::LearningRate) {
                let own: Vec<f64> = (1..=run.fit.history.epochs()).map(|epoch| rate(run, epoch)).collect();
                let points = own.iter().enumerate().filter_map(|(i, rate)| Some((self.place(run, i + 1)?, *rate)));
                let line = Line::new(points).color(colours::model(results, &run.name));
                let line = if runs.len() > 1 { line.label(names::display(&run.name)) } else { line };
                let panel = panels.remove(rates).mark(line);
                panels.insert(rates, panel);
                let padded =
                    (0..=epochs).map(|e| e.checked_sub(1).and_then(|i| own.get(i)).copied().unwrap_or(f64::NAN));
                table = table.column(format!("{}.learning_rate", run.name), Column::Doubles(padded.collect()));
            }
        }
        let passing = runs.iter().filter(|run| shown("train") && run.fit.history.running).count();
        let kept =
            |run: &&Trained| run.fit.snapshots.iter().map(|s| s.epoch).chain([run.fit.epoch]).collect::<Vec<_>>();
        let mut epochs: Vec<usize> = runs.iter().flat_map(kept).collect();
        epochs.sort_unstable();
        epochs.dedup();
        let moments = Shown::of("training", &epochs, None, self.animate.as_ref())?
            .paced(results, runs.iter().map(|run| run.name.as_str()));
        if self.animate.is_some() {
            let dots = |epoch: usize, curves: Curves| {
                let dot = |run: &&Trained| {
                    let epoch = epoch.min(run.fit.history.epochs());
                    let value = match curves.measure() {
                        Some(measure) => run.fit.history.train.get(measure).get(epoch).copied().map(f64::from),
                        None => (epoch > 0).then(|| rate(run, epoch)),
                    };
                    let at = (self.place(run, epoch).unwrap_or(f64::NAN), value.unwrap_or(f64::NAN));
                    Scatter::new([at]).color(colours::model(results, &run.name)).radius(5.0)
                };
                runs.iter().map(dot).fold(Together::default(), Together::mark)
            };
            let marked = panels.into_iter().zip(&drawn);
            panels = marked.map(|(panel, curves)| moments.mark(panel, |i| dots(epochs[i], *curves))).collect();
        }
        // What was not learned from tells more, where every run has it.
        let everywhere = |split: &Split| {
            let shown = self.splits.is_empty() || self.splits.contains(split);
            shown && runs.iter().all(|run| run.fit.history.split(*split).is_some())
        };
        let split = [Split::Test, Split::Validation].into_iter().find(everywhere).unwrap_or(Split::Train);
        let of = samples_of(split, &self.splits);
        let measure = headline(&drawn);
        let ends: Vec<(&str, f64)> = runs
            .iter()
            .filter_map(|run| {
                let end = run.fit.score(split)?;
                Some((run.name.as_str(), f64::from(end.get(measure)?)))
            })
            .collect();
        let moments = moments.headlines(|i| {
            let of = |run: &&Trained| {
                let score = run.fit.history.split(split)?.score(epochs[i].min(run.fit.epoch))?;
                let value = spoken(measure, score.get(measure)?.into());
                Some(if runs.len() > 1 { format!("{} {value}", run.name) } else { value })
            };
            words::list(&runs.iter().filter_map(of).collect::<Vec<_>>())
        });
        let [title, reached] = told(&ends, measure, of);
        let on = match self.splits[..] {
            [only] => format!(" on the {} split", dash_of(only.name(), 1).1),
            _ => String::new(),
        };
        let in_passing = match passing {
            0 => "",
            _ => {
                " Training lines are running means over the batches of each epoch, each batch before its own step and as in training, \
                 drawn at the epoch's end; dots are the model itself on the training split, before the first step and as it was left."
            }
        };
        let start = if self.log_x { self.untold_start(&runs, &shown) } else { String::new() };
        let solid = match (runs.len() > 1, &splits[..]) {
            (true, [_, _, ..]) => {
                let split =
                    |split: &&str| format!("{}: {split}", DASHES.iter().find(|d| d.1 == *split).map_or("", |d| d.2));
                format!(" {}.", words::sentence(&splits.iter().map(split).collect::<Vec<_>>().join(", ")))
            }
            _ => String::new(),
        };
        let mut figure = Figure::new(id, title).caption(format!(
            "{}{on} before the first step and after each epoch of training{}. {reached}.{solid}{in_passing}{start}{}{}",
            words::sentence(&words::list(&drawn.iter().map(|curves| self.words(*curves, unit)).collect::<Vec<_>>())),
            if self.x == Against::Step { ", against the steps made" } else { "" },
            early(&runs),
            definitions(&drawn)
        ));
        let mut below = Vec::new();
        if passing > 0 {
            let whose = if passing == runs.len() {
                String::new()
            } else {
                format!(" of {}", words::list(&in_passing_of(&runs)))
            };
            below.push(format!("Training{whose}: running mean over each epoch's batches; dots: the model itself"));
        }
        if self.log_x {
            below.push(format!("A logarithmic axis has no {} 0", self.x.name()));
        }
        figure = figure.subtitle(below.join(". "));
        let columns = panels.len().min(2);
        figure = panels.into_iter().fold(figure, Figure::panel);
        if columns > 1 {
            figure = figure.columns(columns);
        }
        // Colours tell runs apart, and strokes the splits.
        if runs.len() > 1 && splits.len() > 1 {
            for (dash, split, _) in DASHES.into_iter().filter(|(_, split, _)| splits.contains(split)) {
                let in_passing = split == "training" && passing == runs.len();
                let label = if in_passing { "training (running mean)" } else { split };
                figure = figure.key(Key::new(label, Swatch::Line { color: palette::INK, width: 2.0, dash }));
            }
        }
        Ok(Drawing { figure: moments.animate(figure), tables: vec![table], arrays: Vec::new() })
    }
}

impl TrainingCurves {
    /// What there is to draw, a panel each.
    fn drawn(&self, classifies: bool) -> Vec<Curves> {
        match (self.metrics.is_empty(), classifies) {
            (false, _) => self.metrics.clone(),
            (true, true) => vec![Curves::Loss, Curves::Accuracy],
            (true, false) => vec![Curves::Loss],
        }
    }

    /// An empty panel; `unit` is the loss's.
    fn panel(&self, curves: Curves, unit: &str) -> Panel {
        let x = if self.log_x { Axis::new(self.x.name()).log() } else { Axis::new(self.x.name()).whole() };
        let y = match curves {
            Curves::Loss if self.log => Axis::new(unit).log(),
            Curves::Loss => Axis::new(unit),
            Curves::Accuracy => Axis::new("accuracy (share of samples)"),
            Curves::Precision | Curves::Recall | Curves::F1 => {
                Axis::new(format!("{} (mean of classes)", curves.title()))
            }
            Curves::LearningRate => Axis::new("of each epoch's last step"),
        };
        Panel::new(x, y).title(curves.title())
    }

    /// What a panel shows.
    fn words(&self, curves: Curves, unit: &str) -> String {
        match curves {
            Curves::Loss if self.log => format!("loss ({unit}, on a logarithmic axis)"),
            Curves::Loss => format!("loss ({unit})"),
            Curves::Accuracy => "share of samples classified right".to_owned(),
            Curves::Precision => "precision".to_owned(),
            Curves::Recall => "recall".to_owned(),
            Curves::F1 => "F1".to_owned(),
            Curves::LearningRate => "learning rate of each epoch's last step".to_owned(),
        }
    }

    /// Where an epoch's end is drawn; nowhere before the first step on a logarithmic axis.
    fn place(&self, run: &Trained, epoch: usize) -> Option<f64> {
        let each = if self.x == Against::Step { run.steps_per_epoch() } else { 1 };
        (epoch > 0 || !self.log_x).then_some((epoch * each) as f64)
    }

    /// The losses before the first step, for which a logarithmic axis has no place.
    fn untold_start(&self, runs: &[&Trained], shown: &dyn Fn(&str) -> bool) -> String {
        let of_run = |run: &&Trained| -> Vec<String> {
            let splits = run.fit.history.splits().filter(|(split, _)| shown(split));
            let told = |(split, series): (&str, &training::Series)| {
                let loss = words::quantity(series.score(0)?.loss.into());
                Some(format!("{loss} ({}, {})", run.name, dash_of(split, 1).1))
            };
            splits.filter_map(told).collect()
        };
        let starts: Vec<String> = runs.iter().flat_map(of_run).collect();
        let axis = self.x.name();
        format!(
            " The logarithmic axis has no place for {axis} 0, before the first step: the loss there is {}.",
            words::list(&starts)
        )
    }
}

/// What a curve is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The model, before the first step and after each epoch.
    Model,
    /// The batches in passing.
    Passing,
    /// The model before the first step and as it was left.
    Ends,
}

/// What is drawn alike of a run on one split: scores by epochs.
struct Curve {
    split: &'static str,
    of: Of,
    scores: Vec<(usize, Score)>,
}

/// The curves of a run, split by split.
fn curves(run: &Trained) -> Vec<Curve> {
    let history = &run.fit.history;
    let mut curves = Vec::new();
    for (split, series) in history.splits() {
        let scores = |from: usize| (from..series.loss.len()).filter_map(|e| Some((e, series.score(e)?))).collect();
        if split == Split::Train.name() && history.running {
            let ends = [(0, series.score(0)), (run.fit.epoch, run.fit.score(Split::Train))];
            let ends = ends.into_iter().filter_map(|(epoch, score)| Some((epoch, score?))).collect();
            curves.push(Curve { split, of: Of::Passing, scores: scores(1) });
            curves.push(Curve { split, of: Of::Ends, scores: ends });
        } else {
            curves.push(Curve { split, of: Of::Model, scores: scores(0) });
        }
    }
    curves
}

impl Curve {
    /// How a legend calls it.
    fn spoken(&self, split: &str) -> String {
        match self.of {
            Of::Model => split.to_owned(),
            Of::Passing => format!("{split} (running mean)"),
            Of::Ends => format!("{split} (the model itself)"),
        }
    }

    /// The head of its column.
    fn column(&self, run: &str, name: &str) -> String {
        let running = if self.of == Of::Passing { "running_" } else { "" };
        format!("{run}.{}.{running}{name}", self.split)
    }

    /// A number for each epoch from 0, where there is one.
    fn padded(&self, epochs: usize, measure: Measure) -> Column {
        let mut values = vec![f32::NAN; epochs + 1];
        self.scores.iter().for_each(|(epoch, score)| values[*epoch] = score.get(measure).unwrap_or(f32::NAN));
        Column::Singles(values)
    }
}

/// The runs whose training split was measured in passing.
fn in_passing_of<'a>(runs: &[&'a Trained]) -> Vec<&'a str> {
    runs.iter().filter(|run| run.fit.history.running).map(|run| run.name.as_str()).collect()
}

/// How each split is drawn, called, and its stroke called.
const DASHES: [(Dash, &str, &str); 3] =
    [(Dash::Solid, "training", "solid"), (Dash::Dashed, "validation", "dashed"), (Dash::Dotted, "test", "dotted")];

/// How a split of this name is drawn, and what it is called; one split alone needs no telling apart.
fn dash_of(split: &str, asked: usize) -> (Dash, &'static str) {
    let of = match split {
        "train" => 0,
        "validation" => 1,
        _ => 2,
    };
    (if asked == 1 { Dash::Solid } else { DASHES[of].0 }, DASHES[of].1)
}

/// The learning rate of an epoch's last step.
fn rate(run: &Trained, epoch: usize) -> f64 {
    let steps = run.steps_per_epoch();
    run.config.learning_rate(epoch * steps - 1, steps)
}
