//! Lines of one class each: a few in their colours, explained by the legend; many as a grey crowd, each named at its end, of
//! which those that the headline speaks of stand out.

use rendering::{End, Line, Panel, Point, palette};

use crate::helpers::words;

/// More lines than this are a crowd: nobody goes back and forth between them and a legend.
const FEW: usize = 6;
/// The lines of a crowd, and those that stand out.
const THIN: f64 = 1.0;
const THICK: f64 = 3.0;

/// What a caption says of such lines; nothing of a few.
pub(crate) fn explained(classes: &[String]) -> &'static str {
    match classes.len() {
        0..=FEW => "",
        _ => {
            " Each line is named at its end; those of the headline are thick and in their colours, the others thin and grey."
        }
    }
}

/// Adds a line for each class that has points to a panel. `told` are the classes that the headline speaks of.
pub(crate) fn draw(panel: Panel, classes: &[String], told: &[usize], points: impl Fn(usize) -> Vec<Point>) -> Panel {
    let line = |class: usize| Line::new(points(class)).color(palette::class(class));
    let shown = || (0..classes.len()).filter(|&class| !points(class).is_empty());
    if classes.len() <= FEW {
        let named = shown().map(|class| line(class).label(words::class(&classes[class])));
        return named.fold(panel, Panel::mark);
    }
    // Those that stand out lie on top.
    let (front, back): (Vec<usize>, Vec<usize>) = shown().partition(|class| told.contains(class));
    let grey = back.iter().map(|&class| (class, line(class).color(palette::FAINT).width(THIN)));
    let own = front.iter().map(|&class| (class, line(class).width(THICK)));
    grey.chain(own).fold(panel, |panel, (class, line)| {
        let last = line.points.iter().rev().find(|point| point.1.is_finite());
        let (bold, color) = (told.contains(&class), line.color);
        let end = last.map(|point| End { at: point.1, label: classes[class].clone(), color, bold });
        end.into_iter().fold(panel.mark(line), Panel::end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rendering::Axis;

    fn drawn(n: usize) -> Panel {
        let names: Vec<String> = (0..n).map(|class| class.to_string()).collect();
        let panel = Panel::new(Axis::new("x"), Axis::new("y"));
        draw(panel, &names, &[3], |class| vec![(0.0, 0.0), (1.0, class as f64), (2.0, f64::NAN)])
    }

    #[test]
    fn a_few_classes_have_their_colours_and_many_their_names_at_the_ends() {
        let few = drawn(6);
        assert_eq!((few.ends.len(), few.marks.iter().flat_map(|mark| mark.keys()).count()), (0, 6));
        let many = drawn(10);
        assert_eq!((many.ends.len(), many.marks.iter().flat_map(|mark| mark.keys()).count()), (10, 0));
        let told: Vec<&End> = many.ends.iter().filter(|end| end.bold).collect();
        assert_eq!((told.len(), &*told[0].label, told[0].at, told[0].color), (1, "3", 3.0, palette::class(3)));
        assert!(many.ends.iter().all(|end| end.bold || end.color == palette::FAINT));
        for n in [2, 7] {
            let names = vec!["there".to_owned(); n];
            let points = |class: usize| if class == 1 { Vec::new() } else { vec![(0.0, 1.0)] };
            assert_eq!(draw(Panel::new(Axis::new("x"), Axis::new("y")), &names, &[], points).marks.len(), n - 1);
        }
    }
}
