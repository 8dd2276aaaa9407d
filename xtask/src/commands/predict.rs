//! `predict`: a saved model used on other samples.

use datasets::Fitting;
use pipeline::predict;

use super::{Failure, Outcome, complain, say, write};
use crate::arguments::Predict;

/// `predict MODEL INPUT…`
pub fn predict(arguments: Predict) -> Outcome {
    let Predict { model, inputs, top, resize, invert, out } = arguments;
    let found = predict::predict(&model, &inputs, Fitting { resize, invert }).map_err(Failure::wrong)?;
    if found.guessed {
        complain(&format!(
            "note: {} says nothing of the data that it was trained on: outputs are numbered, and pixels taken from 0 to 1; \
             training it again writes that into the file\n",
            model.display()
        ));
    }
    say(&found.text(usize::from(top)));
    match out {
        Some(file) => write(&file, found.csv()),
        None => Ok(()),
    }
}
