//! Draws a figure and checks what holds of all; makes the models to be drawn.

use std::{collections::BTreeSet, sync::Arc};

use analysis::{Results, Trained, fixture};
use datasets::{Dataset, Splits, Targets};
use figures::{Drawing, Table};
use models::{Layer, Loss, Model, layers::Linear};
use registry::{Category, Problems};
use rendering::{Color, Key, palette, vision::Vision};
use tensor::{Purpose, Streams};
use training::{Snapshot, TrainConfig};

use crate::soundness;

/// A figure that was drawn.
pub struct Drawn(pub Drawing);

/// Draws a figure of this kind with these fields, and checks what holds of every figure: it has a title and a caption, its
/// columns are of one length and its tables of different names, its SVG is small and the same again, and as a phone shows it no
/// text leaves the page or lies on another.
pub fn figure(kind: &str, fields: &str, results: &Results) -> Drawn {
    let config = parsed(figures::REGISTRY, kind, fields);
    let mut problems = Problems::default();
    config.check(&mut problems);
    assert!(problems.is_empty(), "{kind}: {:?}", problems.into_vec());
    let draw = || config.draw("f", results).unwrap_or_else(|error| panic!("{kind}: {error}"));
    let drawing = draw();
    let scene = &drawing.figure;
    assert!(!scene.title.is_empty() && !scene.title.contains("NaN"), "{kind}: {}", scene.title);
    assert!(scene.caption.ends_with('.') && !scene.caption.contains("NaN"), "{kind}: {}", scene.caption);
    for (i, table) in drawing.tables.iter().enumerate() {
        assert!(i == 0 || !table.name.is_empty(), "{kind}: table {i} has no name");
        assert!(drawing.tables[..i].iter().all(|other| other.name != table.name), "{kind}: {} twice", table.name);
        for (c, (head, column)) in table.columns.iter().enumerate() {
            assert_eq!(column.len(), table.columns[0].1.len(), "{kind}: {}.{head}", table.name);
            assert!(table.columns[..c].iter().all(|(other, _)| other != head), "{kind}: {head} twice");
        }
    }
    for array in &drawing.arrays {
        assert_eq!(array.axes.len(), array.values.ndim(), "{kind}: the axes of {}", array.name);
    }
    let svg = |drawing: &Drawing| drawing.figure.to_svg().unwrap_or_else(|error| panic!("{kind}: {error}"));
    let picture = svg(&drawing);
    assert!(picture.ends_with("</svg>\n") && picture.len() < 1_000_000, "{kind}: {} bytes", picture.len());
    let again = draw();
    assert_eq!(picture, svg(&again), "{kind} is another one each time");
    check_colours(kind, scene, &picture);
    let narrow = again.figure.narrow().to_svg().unwrap_or_else(|error| panic!("{kind}: {error}"));
    // Names of places in the data lie on each other where the places do, on any page.
    let together = soundness::collisions(&picture).len();
    let wrong: Vec<String> = soundness::complaints(&narrow)
        .into_iter()
        .chain(soundness::collisions(&narrow).into_iter().skip(together))
        .collect();
    assert!(wrong.is_empty(), "{kind}, narrow: {wrong:#?}");
    assert!(narrow.contains(" width=\"360.00\" "), "{kind}");
    assert_eq!(narrow.contains("\n<animate "), picture.contains("\n<animate "), "{kind}");
    Drawn(drawing)
}

/// The legend's entries.
pub fn keys(figure: &rendering::Figure) -> Vec<Key> {
    figure
        .keys
        .iter()
        .cloned()
        .chain(figure.panels.iter().flat_map(|panel| &panel.marks).flat_map(|m| m.keys()))
        .collect()
}

/// How far apart any two colours of a figure are at least, by CIELAB: to normal eyes, and to protanopes and deuteranopes. Muted
/// text and ink on a dark page are the nearest; no figure needs an exception.
const APART: [f64; 2] = [19.0, 15.0];

/// Checks that the colours that a figure uses together are told apart by all eyes, on paper and on a dark page.
fn check_colours(kind: &str, figure: &rendering::Figure, svg: &str) {
    // What the legend explains, what is named at its end, and what else says which thing it is.
    let explained = keys(figure).into_iter().map(|key| key.swatch.color());
    let ends = figure.panels.iter().flat_map(|panel| &panel.ends).map(|end| end.color);
    check_apart(kind, &explained.chain(ends).chain(things(svg)).collect(), svg);
}

/// The colours of things in an SVG.
pub fn things(svg: &str) -> impl Iterator<Item = Color> {
    let color = |(at, found): (usize, &str)| {
        u32::from_str_radix(svg.get(at + found.len()..at + found.len() + 6)?, 16).ok().map(Color::hex)
    };
    svg.match_indices("=\"#").filter_map(color).filter(|color| palette::is_of_a_thing(*color))
}

/// Checks that these colours are told apart by all eyes, on paper and on a dark page.
pub fn check_apart(what: &str, colors: &BTreeSet<Color>, svg: &str) {
    // On plates all is as on paper.
    let plated = svg.contains("only light");
    let dark = |color: &Color| palette::on_dark(*color).filter(|_| !plated).unwrap_or(*color);
    let pages: [(&str, Vec<Color>); 2] =
        [("light", colors.iter().copied().collect()), ("dark", colors.iter().map(dark).collect())];
    for (page, colors) in pages {
        for (a, b) in (0..colors.len()).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| (colors[i], colors[j])) {
            for vision in Vision::ALL {
                let (distance, bound) = (vision.distance(a, b), APART[usize::from(vision != Vision::Normal)]);
                assert!(distance >= bound, "{what}: {a} and {b} are {distance:.1} apart on a {page} page, {vision:?}");
            }
        }
    }
}

impl Drawn {
    /// Checks the title.
    pub fn titled(self, title: &str) -> Self {
        assert_eq!(self.0.figure.title, title);
        self
    }

    /// Checks a column by its cells, of the table of this name.
    pub fn column<const N: usize>(self, table: &str, head: &str, cells: [&str; N]) -> Self {
        let found = self.table(table).columns.iter().find(|(name, _)| name == head);
        let Some((_, column)) = found else { panic!("no column {head}: {:?}", self.table(table)) };
        let found: Vec<String> = (0..column.len()).map(|row| column.cell(row)).collect();
        assert_eq!(found, cells, "{head}");
        self
    }

    /// Checks the first cell of a column, of the table of this name.
    pub fn starting(self, table: &str, head: &str, cell: &str) -> Self {
        let found = self.table(table).columns.iter().find(|(name, _)| name == head).map(|(_, column)| column.cell(0));
        assert_eq!(found.as_deref(), Some(cell), "{head}");
        self
    }

    /// Checks the marks of a panel, from the lowest to that on top.
    pub fn marks<const N: usize>(self, panel: usize, marks: [&str; N]) -> Self {
        let found: Vec<&str> = self.0.figure.panels[panel].marks.iter().map(|mark| mark.name()).collect();
        assert_eq!(found, marks, "panel {panel}");
        self
    }

    /// Checks how many panels there are.
    pub fn panels(self, n: usize) -> Self {
        assert_eq!(self.0.figure.panels.len(), n);
        self
    }

    /// Checks the names of the frames.
    pub fn frames<const N: usize>(self, labels: [&str; N]) -> Self {
        let found = self.0.figure.animation.as_ref().map(|animation| animation.labels.clone()).unwrap_or_default();
        assert_eq!(found, labels);
        self
    }

    /// Checks what the headline says of each moment.
    pub fn moments<const N: usize>(self, headlines: [&str; N]) -> Self {
        let found = self.0.figure.animation.as_ref().map(|animation| animation.headlines.clone()).unwrap_or_default();
        assert_eq!(found, headlines);
        self
    }

    /// Checks the line below the title.
    pub fn below_title(self, subtitle: &str) -> Self {
        assert_eq!(self.0.figure.subtitle, subtitle);
        self
    }

    /// Checks the titles of a panel: one, or one per frame.
    pub fn panel_titles<const N: usize>(self, panel: usize, titles: [&str; N]) -> Self {
        let panel = &self.0.figure.panels[panel];
        assert_eq!(
            if panel.titles.is_empty() { std::slice::from_ref(&panel.title) } else { &panel.titles[..] },
            titles
        );
        self
    }

    /// Checks that the caption says this.
    pub fn says(self, words: &str) -> Self {
        assert!(self.0.figure.caption.contains(words), "{}", self.0.figure.caption);
        self
    }

    /// Checks an array by its shape and its numbers, row by row.
    pub fn array<const N: usize>(self, name: &str, shape: &[usize], numbers: [f32; N]) -> Self {
        let array = self.0.arrays.iter().find(|array| array.name == name).expect("the array is there");
        assert_eq!(array.values.shape(), shape);
        let found: Vec<f32> = array.values.iter().copied().collect();
        assert_eq!(found, numbers, "{name}");
        self
    }

    fn table(&self, name: &str) -> &Table {
        let names: Vec<&String> = self.0.tables.iter().map(|table| &table.name).collect();
        self.0.tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}: {names:?}"))
    }
}

/// Runs an analysis of this kind with these fields and keeps what it finds as `a`.
pub fn analysed(mut results: Results, kind: &str, fields: &str) -> Results {
    analyse(&mut results, "a", kind, fields);
    results
}

/// Runs an analysis of this kind with these fields and keeps what it finds by this name.
pub fn analyse(results: &mut Results, name: &str, kind: &str, fields: &str) {
    let config = parsed(analysis::REGISTRY, kind, fields);
    results.analyse(name, &*config).map(|_| ()).unwrap_or_else(|error| panic!("{kind}: {error}"));
}

/// A table of this kind with these fields, as in a pipeline.
fn parsed<T: ?Sized>(registry: &[Category<T>], kind: &str, fields: &str) -> Box<T> {
    let entry = registry.iter().flat_map(|category| category.entries).find(|entry| entry.kind == kind);
    let table = format!("{{ {fields} }}");
    let table = toml::de::ValueDeserializer::parse(&table).expect("TOML");
    match (entry.expect("a kind").parse)(table) {
        Ok(parsed) => parsed.value,
        Err(error) => panic!("{kind}: {error}"),
    }
}

/// The stage `m`: a model of these layers and parameters, as if trained on these data for no epochs.
pub fn model(data: Dataset, loss: Loss, layers: Vec<Layer>, parameters: &[f32]) -> Trained {
    let mut model =
        Model::new(layers.clone(), &data.shape, loss.head(), &mut Streams::new(1).stream("m", Purpose::Init))
            .expect("layers that fit");
    model.parameters.values_mut().copy_from_slice(parameters);
    let mut trained = fixture::trained(vec![Linear::new(1).into()], &[0.0; 3]);
    trained.config = TrainConfig { model: layers, loss, ..trained.config };
    (trained.fit.model, trained.fit.loss) = (model, loss);
    trained.data = Arc::new(Splits::undivided(data));
    trained
}

/// The exclusive or, solved by two hidden units: h₁ = ReLU(x₁ + x₂) is 0, 1, 1, 2 and h₂ = ReLU(x₁ + x₂ − 1) is 0, 0, 0, 1 on the
/// samples, whose classes are same, other, other, same; the logits are ½ and h₁ − 2 h₂.
pub fn solved() -> Trained {
    let layers = vec![Linear::new(2).into(), models::layers::Relu {}.into(), Linear::new(2).into()];
    fixture::classified(layers, &[1.0, 1.0, 1.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -2.0, 0.5, 0.0])
}

/// After so many epochs, with these snapshots before.
pub fn after(mut trained: Trained, epochs: usize, snapshots: &[(usize, &[f32])]) -> Trained {
    let snapshot = |(epoch, parameters): &(usize, &[f32])| Snapshot { epoch: *epoch, parameters: parameters.to_vec() };
    trained.fit.snapshots = snapshots.iter().map(snapshot).collect();
    trained.fit.history.train.loss = (0..=epochs).map(|epoch| 1.0 / (epoch + 1) as f32).collect();
    (trained.fit.epoch, trained.config.epochs) = (epochs, epochs);
    trained
}

/// Samples of one feature with their values.
pub fn curve(points: &[(f32, f32)]) -> Dataset {
    let column =
        |of: fn(&(f32, f32)) -> f32| ndarray::Array2::from_shape_fn((points.len(), 1), |(i, _)| of(&points[i]));
    Dataset {
        x: column(|p| p.0).into(),
        shape: vec![1],
        y: Targets::Values { values: column(|p| p.1), columns: vec!["y".into()] },
        feature_names: vec!["x".into()],
        truth: None,
    }
}

/// Pictures of two by two pixels, black (1) at one place: two of the class `top`, one of the class `bottom`.
pub fn pictures() -> Dataset {
    Dataset {
        x: ndarray::arr2(&[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]).into(),
        shape: vec![2, 2],
        y: Targets::Classes { labels: vec![0, 0, 1], names: ["top", "bottom"].map(String::from).into() },
        feature_names: (0..4).map(|i| format!("x{i}")).collect(),
        truth: None,
    }
}

/// The stage `m`, a layer that sees the difference of the rows of [`pictures`]: logits are the sums of the upper and of the lower
/// row.
pub fn reader() -> Trained {
    let layers = vec![models::layers::Flatten {}.into(), Linear::new(2).into()];
    model(pictures(), Loss::CrossEntropy, layers, &[1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0])
}
