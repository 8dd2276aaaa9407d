//! Named numbers, in the order they are to be read.

/// One value of `metrics.json`.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// A whole number.
    Count(u64),
    /// A number computed in f32, written with as few digits as tell it from its neighbours.
    Single(f32),
    /// A number computed in f64.
    Double(f64),
    /// A word.
    Text(String),
    /// Several values in order.
    List(Vec<Metric>),
    /// Named values in order.
    Table(Metrics),
}

/// Named values in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics(pub Vec<(String, Metric)>);

impl Metrics {
    /// Adds one.
    pub fn add(&mut self, name: impl Into<String>, metric: impl Into<Metric>) {
        self.0.push((name.into(), metric.into()));
    }

    /// The first number among them that is infinite, by its names: `hidden1.norms`.
    pub fn infinite(&self) -> Option<String> {
        self.0.iter().find_map(|(name, metric)| {
            let inner = metric.infinite()?;
            Some(if inner.is_empty() { name.clone() } else { format!("{name}.{inner}") })
        })
    }

    /// With what was found at each of several snapshots: under `snapshots` a table each, of the epoch and of all that is no
    /// table.
    pub fn with_snapshots(mut self, each: impl IntoIterator<Item = (usize, Metrics)>) -> Self {
        let table = |(epoch, found): (usize, Metrics)| {
            let plain = found.0.into_iter().filter(|(_, metric)| !matches!(metric, Metric::Table(_)));
            Metrics([("epoch".to_owned(), epoch.into())].into_iter().chain(plain).collect())
        };
        let tables: Vec<Metrics> = each.into_iter().map(table).collect();
        if tables.len() > 1 {
            self.add("snapshots", tables);
        }
        self
    }
}

impl Metric {
    /// Where in it an infinite number is: by names, or no word where that is all there is.
    fn infinite(&self) -> Option<String> {
        match self {
            Metric::Single(v) => v.is_infinite().then(String::new),
            Metric::Double(v) => v.is_infinite().then(String::new),
            Metric::List(list) => list.iter().find_map(Metric::infinite),
            Metric::Table(table) => table.infinite(),
            Metric::Count(_) | Metric::Text(_) => None,
        }
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $metric:expr;)*) => {
        $(impl From<$type> for Metric {
            fn from($value: $type) -> Self {
                $metric
            }
        })*
    };
}

from! {
    usize => |v| Metric::Count(v as u64);
    f32 => |v| Metric::Single(v);
    f64 => |v| Metric::Double(v);
    &str => |v| Metric::Text(v.to_owned());
    String => |v| Metric::Text(v);
    Metrics => |v| Metric::Table(v);
}

impl<M: Into<Metric>> From<Vec<M>> for Metric {
    fn from(list: Vec<M>) -> Self {
        Metric::List(list.into_iter().map(Into::into).collect())
    }
}
