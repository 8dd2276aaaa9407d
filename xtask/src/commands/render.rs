//! `render FIGURE…`: figures as pictures, pages and films, drawn by the `raster` program.

use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pipeline::files::{self, shown, stem};
use serde_json::{Value, json};

use super::{Failure, Outcome, complain, raster, say, write};
use crate::arguments::{Format, Render};

/// A figure to be drawn.
struct Figure {
    path: PathBuf,
    svg: String,
    /// Whether it was found in a folder: of those only what moves is wanted where a movement is asked for.
    found: bool,
}

/// How it went with a figure.
enum Ending {
    Done,
    Still,
    Failed(String),
}

/// `render FIGURE… [--png|--pdf|--gif|--frames] [--out FILE|FOLDER] …`
pub fn render(arguments: Render) -> Outcome {
    let out = arguments.out.as_deref();
    let format = format(&arguments.format, out)?;
    let figures = figures(&arguments.figures)?;
    let places = places(&figures, format, out)?;
    let theme = arguments.theme.to_possible_value();
    let job = |figure: &Figure| {
        json!({ "svg": figure.svg, "format": format, "theme": theme.as_ref().map(|theme| theme.get_name()),
            "width": arguments.width, "time": arguments.time, "fps": arguments.fps })
    };
    let jobs: Vec<Value> = figures.iter().map(job).collect();
    let (mut still, mut failed) = (0, 0);
    let answered = raster::ask(&json!({ "render": jobs }), |output| {
        for (figure, place) in figures.iter().zip(&places) {
            match take(place, format, output)? {
                Ending::Done => {}
                Ending::Still if figure.found => still += 1,
                Ending::Still => failed += complain_of(figure, "it does not move"),
                Ending::Failed(why) => failed += complain_of(figure, &why),
            }
        }
        Ok(())
    });
    answered.map_err(|why| Failure::failed(format!("the raster program failed: {why}")))?;
    if still == figures.len() {
        return Err(Failure::wrong("none of these figures moves"));
    }
    if still > 0 {
        say(&format!("not drawn, because they do not move: {still}\n"));
    }
    if failed > 0 { Err(Failure { code: 1, message: String::new() }) } else { Ok(()) }
}

/// Says what is wrong with one figure, which does not keep the others from being drawn.
fn complain_of(figure: &Figure, why: &str) -> usize {
    complain(&format!("error: {}: {why}\n", shown(&figure.path)));
    1
}

/// The format by its flag, or by the ending of the file to write.
fn format(chosen: &Format, out: Option<&Path>) -> Result<&'static str, Failure> {
    let flags = [(chosen.png, "png"), (chosen.pdf, "pdf"), (chosen.gif, "gif"), (chosen.frames, "frames")];
    let flag = flags.into_iter().find_map(|(set, name)| set.then_some(name));
    match (flag, out.and_then(ending)) {
        (Some(flag), Some(ending)) if flag != ending => {
            let what = if flag == "frames" {
                "are many files: --out is their folder".to_owned()
            } else {
                format!("is no .{ending}")
            };
            Err(Failure::wrong(format!("--{flag} {what}")))
        }
        (flag, ending) => Ok(flag.or(ending).unwrap_or("png")),
    }
}

/// What the name of a file to write ends in, if it is a picture's; a folder that is there is none.
fn ending(out: &Path) -> Option<&'static str> {
    let extension = out.extension().filter(|_| !out.is_dir())?.to_str()?.to_lowercase();
    ["png", "pdf", "gif"].into_iter().find(|&ending| ending == extension)
}

/// The figures, and all those of folders, but for those that are the same for phones.
fn figures(given: &[PathBuf]) -> Result<Vec<Figure>, Failure> {
    let (mut figures, mut wrong): (Vec<Figure>, Vec<String>) = (Vec::new(), Vec::new());
    for path in given {
        let mut paths = vec![path.clone()];
        let found = path.is_dir();
        if found {
            // A run's, or a folder that holds nothing but figures.
            let folders = [path.join("figures"), path.join("timings"), path.clone()];
            let is_figure = |file: &PathBuf| {
                let name = files::name(file);
                name.ends_with(".svg") && !name.ends_with(pipeline::run::NARROW)
            };
            paths = folders.iter().flat_map(|folder| files::entries(folder)).filter(is_figure).collect();
            if paths.is_empty() {
                wrong.push(format!("{} holds no figures (*.svg): give a run's folder, or a file", shown(path)));
            }
        }
        for path in paths {
            match std::fs::read(&path).map(String::from_utf8) {
                Ok(Ok(svg)) => figures.push(Figure { path, svg, found }),
                Ok(Err(_)) => wrong.push(format!("{} is no SVG: it is no text", shown(&path))),
                Err(why) => wrong.push(format!("{} cannot be read: {why}", shown(&path))),
            }
        }
    }
    if wrong.is_empty() { Ok(figures) } else { Err(Failure::wrong(wrong.join("\nerror: "))) }
}

/// The file of each figure; of a film, what the numbers are put into.
fn places(figures: &[Figure], format: &str, out: Option<&Path>) -> Result<Vec<PathBuf>, Failure> {
    let file = out.filter(|out| ending(out).is_some());
    if let (Some(file), true) = (file, figures.len() > 1) {
        let why = format!("{} figures do not fit into {}: give a folder by --out", figures.len(), shown(file));
        return Err(Failure::wrong(why));
    }
    let mut places: Vec<PathBuf> = Vec::new();
    for figure in figures {
        let beside = figure.path.parent().unwrap_or(Path::new(""));
        let ending = if format == "frames" { "png" } else { format };
        let place =
            file.map_or_else(|| out.unwrap_or(beside).join(format!("{}.{ending}", stem(&figure.path))), Path::to_owned);
        if let Some(other) = places.iter().position(|earlier| *earlier == place) {
            let [other, this] = [&figures[other], figure].map(|figure| shown(&figure.path));
            return Err(Failure::wrong(format!("{other} and {this} would both become {}", shown(&place))));
        }
        places.push(place);
    }
    Ok(places)
}

/// Reads the answer to one job, writes its files and says so.
fn take(place: &Path, format: &str, output: &mut impl BufRead) -> io::Result<Ending> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    let answer: Value = serde_json::from_str(&line)?;
    if let Some(why) = answer["error"].as_str() {
        return Ok(if answer["still"] == true { Ending::Still } else { Ending::Failed(why.to_owned()) });
    }
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let (mut count, mut size, mut written) = (0, 0, Ok(()));
    for file in answer["files"].as_array().into_iter().flatten() {
        let mut bytes = Vec::new();
        output.take(number(&file["bytes"])).read_to_end(&mut bytes)?;
        for _ in 0..number(&file["times"]) {
            count += 1;
            size += bytes.len();
            let to = if format == "frames" { numbered(place, &format!("{count:04}")) } else { place.to_owned() };
            // What is left of the answer is read in any case.
            written = written.and_then(|()| write(&to, &bytes));
        }
    }
    if let Err(failure) = written {
        return Ok(Ending::Failed(failure.message));
    }
    let sides = format!("{} × {} {}", answer["width"], answer["height"], if format == "pdf" { "pt" } else { "px" });
    let told = match format {
        "frames" => format!("{}: {count} files, {sides}, {size} bytes", shown(&numbered(place, "%04d"))),
        "gif" => format!("{}: {} frames, {sides}, {size} bytes", shown(place), answer["frames"]),
        _ => format!("{}: {sides}, {size} bytes", shown(place)),
    };
    say(&format!("{told}\n"));
    if let Some(letters) = answer["missing"].as_str().filter(|letters| !letters.is_empty()) {
        complain(&format!("warning: {}: the font has no {letters}, for which boxes stand\n", shown(place)));
    }
    Ok(Ending::Done)
}

/// `film/boundary.png` with a number: `film/boundary-0001.png`.
fn numbered(place: &Path, number: &str) -> PathBuf {
    place.with_file_name(format!("{}-{number}.png", stem(place)))
}
