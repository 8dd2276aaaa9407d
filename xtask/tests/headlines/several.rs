//! What the tables of units taken away, of sweeps and of training have to say.

use super::tables::Table;
use super::text::{class, next_number, unit};
use super::{Figure, Number, Said, epochs_in, mean, percent, word};

impl Figure<'_> {
    /// Whose loss costs a class most, and how much: of the figures about units that are taken away.
    pub fn harm(&self, kind: &str, title: &str) -> Vec<Said> {
        let t = self.table("");
        let (unit_name, class_name, with, without) = match kind {
            "ablation" => {
                let intact = self.table("intact");
                let of = |row: usize, c: usize| {
                    let class = intact.word("class", c).to_owned();
                    (row, intact.number("accuracy", c), t.number(&format!("accuracy.{class}"), row), class)
                };
                let all = (0..t.len()).flat_map(|row| (0..intact.len()).map(move |c| (row, c))).map(|(r, c)| of(r, c));
                let (row, with, without, class) = all.max_by(|a, b| (a.1 - a.2).total_cmp(&(b.1 - b.2))).unwrap();
                (unit(t.word("unit", row)), class, with, without)
            }
            "unit_cards" => {
                let own = (0..t.len()).filter(|row| t.word("unit", *row) == t.word("unit", 0));
                let fall = |row: &usize| t.number("accuracy", *row) - t.number("accuracy.without", *row);
                let row = own.max_by(|a, b| fall(a).total_cmp(&fall(b))).unwrap();
                let kind = if title.starts_with("Channel") { "channel" } else { "unit" };
                let name = format!("{kind} {}", t.word("unit", row));
                (name, t.word("class", row).to_owned(), t.number("accuracy", row), t.number("accuracy.without", row))
            }
            "neuron_confusion" => {
                let [whole, without] = [t, self.table("ablated")].map(|t| t.recalls());
                let fall = |c: &usize| whole[*c].1 - without[*c].1;
                let c = (0..whole.len()).max_by(|a, b| fall(a).total_cmp(&fall(b))).unwrap();
                ("unit ".to_owned(), whole[c].0.clone(), whole[c].1, without[c].1)
            }
            _ => {
                let at = |scale: f64| t.numbers("scale").iter().position(|s| *s == scale).unwrap();
                let classes = t.heads.iter().filter_map(|head| head.strip_prefix("accuracy."));
                let of = |class: &str| {
                    let accuracy = |scale| t.number(&format!("accuracy.{class}"), at(scale));
                    (class.to_owned(), accuracy(1.0), accuracy(0.0))
                };
                let (class, with, without) =
                    classes.map(of).max_by(|a, b| (a.1 - a.2).total_cmp(&(b.1 - b.2))).unwrap();
                ("unit ".to_owned(), class, with, without)
            }
        };
        vec![word(unit_name), word(class(&class_name)), percent(with), percent(without)]
    }

    /// The ends of a sweep's medians, the number of runs, and the best or the widest value where the title tells it.
    pub fn sweep(&self, title: &str) -> Vec<Said> {
        let (t, runs) = (self.table(""), self.table("runs"));
        let axis = t.heads[0].clone();
        // Of several splits, the one that the title names.
        let split = ["test", "validation", "training"].into_iter().find(|split| title.contains(split)).unwrap();
        let split = if split == "training" { "train" } else { split };
        let head = t.heads.iter().find(|h| h.starts_with(split) && h.ends_with(".median")).unwrap().clone();
        let scale = if head.contains("accuracy") { 100.0 } else { 1.0 };
        let medians = t.numbers(&head);
        let last = t.len() - 1;
        let seeds = runs.len() / t.len();
        let mut said = vec![
            word(t.word(&axis, 0)),
            word(t.word(&axis, last)),
            Number(scale * medians[0]),
            Number(scale * medians[last]),
        ];
        if seeds > 1 {
            said.push(Number(seeds as f64));
        }
        let bounds = ["least", "most"].map(|end| t.numbers(&head.replace("median", end)));
        let value = |row: usize| word(t.word(&axis, row));
        if title.contains("single runs differ more") {
            let apart = |row: &usize| bounds[1][*row] - bounds[0][*row];
            let widest = (0..t.len()).max_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap();
            said.extend([value(widest), Number(scale * bounds[0][widest]), Number(scale * bounds[1][widest])]);
        } else if title.contains("best") {
            let best = if scale > 1.0 { t.greatest(&head) } else { t.least(&head) };
            said.extend([Number(scale * medians[best]), value(best)]);
        }
        said
    }

    /// Where training ended: of the split that the title names, and of as many runs as it names.
    pub fn curves(&self, title: &str) -> Vec<Said> {
        let t = self.table("");
        let split = ["test", "validation"].into_iter().find(|split| title.contains(split)).unwrap_or("train");
        let what = if title.contains("classifies") { "accuracy" } else { "loss" };
        let scale = if what == "accuracy" { 100.0 } else { 1.0 };
        let end = |model: &str| {
            let column = t.numbers(&format!("{model}.{split}.{what}"));
            if self.keeps_best(model) {
                // The model that is kept is that of the least loss on validation.
                let losses = t.numbers(&format!("{model}.validation.loss"));
                let best =
                    (0..losses.len()).filter(|i| !losses[*i].is_nan()).min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
                return scale * column[best.unwrap()];
            }
            scale * column.into_iter().rev().find(|v| !v.is_nan()).unwrap()
        };
        let mut ends: Vec<(&str, f64)> = self.settings("models").into_iter().map(|m| (m, end(m))).collect();
        if ends.len() > 2 {
            ends.sort_by(|a, b| if what == "accuracy" { b.1.total_cmp(&a.1) } else { a.1.total_cmp(&b.1) });
            ends.drain(1..ends.len() - 1);
        }
        ends.into_iter().flat_map(|(model, end)| [word(model), Number(end)]).collect()
    }

    /// Models by whether they are better with every seed, each with its mean.
    pub fn differences(&self) -> Vec<Said> {
        let t = self.table("");
        let what = t.heads[2].clone();
        t.distinct("model")
            .into_iter()
            .map(|model| {
                let own = (0..t.len()).filter(|row| t.word("model", *row) == model);
                let own: Vec<f64> = own.map(|row| t.number(&what, row)).collect();
                let side = match () {
                    () if own.iter().all(|d| *d > 0.0) => 0,
                    () if own.iter().all(|d| *d < 0.0) => 1,
                    () => 2,
                };
                (side, model, mean(own))
            })
            .collect::<Vec<_>>()
            .into_iter()
            .fold(vec![Vec::new(), Vec::new(), Vec::new()], |mut sides, (side, model, mean)| {
                if sides[side].is_empty() {
                    let words = ["better with every seed", "worse with every seed", "better or worse by seed"];
                    sides[side].push(word(words[side]));
                }
                sides[side].extend([word(model), Number(mean)]);
                sides
            })
            .into_iter()
            .flatten()
            .collect()
    }

    /// How many models are within a tenth of all targets, and how far off the others are.
    pub fn outputs(&self, title: &str) -> Result<Vec<Said>, String> {
        let said = {
            let names = [String::new()].into_iter().chain(self.tables());
            let off = |t: &Table| {
                let wanted = |head: &String| head.rsplit(' ').next().unwrap().parse::<f64>().unwrap();
                t.heads[1..].iter().map(|head| (t.last(head) - wanted(head)).abs()).fold(0.0, f64::max)
            };
            let tables: Vec<Table> = names.map(|name| self.table(&name)).collect();
            let within = tables.iter().filter(|t| off(t) <= 0.1).count();
            let (solved, rest) = title.split_once(';').unwrap_or((title, ""));
            if solved.split(" and ").count() != within {
                return Err(format!("{within} tables are within 0.1"));
            }
            let rest = tables.iter().filter(|t| off(t) > 0.1).map(|t| Number(off(t))).chain(epochs_in(rest));
            [Number(4.0), Number(0.1)].into_iter().chain(rest).collect()
        };
        Ok(said)
    }

    /// Dead units and all units of each model, or that there are none.
    pub fn deaths(&self, title: &str) -> Result<Vec<Said>, String> {
        let said = {
            let tables = [String::new()].into_iter().chain(self.tables()).map(|name| self.table(&name));
            let of = |t: &Table, what: &str| {
                t.heads.iter().filter(|head| head.ends_with(what)).map(|head| t.last(head)).sum::<f64>()
            };
            let counts: Vec<_> = tables.map(|t| (of(&t, ".dead units"), of(&t, ".units"))).collect();
            match counts.iter().all(|(dead, _)| *dead == 0.0) {
                true if counts.len() > 2 => vec![word("none"), Number(counts.len() as f64)],
                true => vec![word("none")],
                false => {
                    // The first is that of the first analysis; the others are by name.
                    let mut numbers: Vec<(f64, f64)> = Vec::new();
                    let mut rest = title.to_owned();
                    while let Some((dead, _, after)) = next_number(&rest) {
                        let (units, _, after) = next_number(&after).ok_or("no number of units")?;
                        numbers.push((dead, units));
                        rest = after;
                    }
                    let sorted = |mut v: Vec<(f64, f64)>| {
                        v.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
                        v
                    };
                    if sorted(counts.clone()) != sorted(numbers.clone()) {
                        return Err(format!("the tables have {counts:?}"));
                    }
                    numbers.into_iter().flat_map(|(dead, units)| [Number(dead), Number(units)]).collect()
                }
            }
        };
        Ok(said)
    }

    /// How many units of a class are on average in all rankings, layer by layer, of how many.
    pub fn agreement(&self) -> Vec<Said> {
        // The first table has the first node, whose name it does not say.
        let first = if self.tables().iter().any(|name| name.starts_with("conv")) { "conv1" } else { "hidden1" };
        let layers = [String::new()].into_iter().chain(self.tables()).map(|name| {
            let node = if name.is_empty() { first } else { &name };
            let block = node.split('.').next().unwrap().to_owned();
            (block, self.table(&name))
        });
        let ranked = |t: &Table, row: usize| {
            ["activation", "loss_gradient", "logit_gradient"]
                .iter()
                .all(|by| !t.number(&format!("rank.{by}"), row).is_nan())
        };
        let mut k = 0.0_f64;
        let mut said = Vec::new();
        for (block, t) in layers {
            let common = (0..t.len()).filter(|row| ranked(&t, *row)).count() as f64;
            k = t.numbers("rank.activation").into_iter().filter(|r| !r.is_nan()).fold(k, f64::max);
            let average = common / t.distinct("class").len() as f64;
            let within = if block.starts_with("conv") { "in convolution" } else { "in layer" };
            let number = block.trim_start_matches(char::is_alphabetic).parse().unwrap();
            said.extend([Number(average), word(within), Number(number)]);
        }
        said.push(Number(k));
        said
    }
}
