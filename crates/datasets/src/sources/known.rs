//! What the sources of known pictures share: the whole of a source whose files a manifest describes.

use crate::images::{Images, Pictures};
use crate::manifest::Manifest;
use crate::{DataError, Dataset, Spec};
use tensor::{Purpose, Streams};

/// What loading will give, from the manifest alone.
pub fn spec(manifest: &Manifest, images: Images) -> Result<Spec, DataError> {
    let (train, test, smallest) = (manifest.train.samples, manifest.test.samples, &manifest.smallest_class);
    if let Some(expected) = images.per_class.filter(|each| *each > smallest.samples) {
        return Err(DataError::SmallClass { class: smallest.name.clone(), n: smallest.samples, expected });
    }
    images.spec(train + test, test, manifest.shape, Some(manifest.classes.clone()))
}

/// The files' pictures, those for testing last.
pub fn load(manifest: &'static Manifest, images: Images, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
    let loaded = manifest.load(&manifest.locate()?)?;
    let pictures = Pictures {
        pixels: loaded.pixels,
        shape: manifest.shape,
        labels: Some(loaded.labels),
        classes: manifest.classes.clone(),
        own_test: manifest.test.samples,
    };
    images.dataset(pictures, &mut streams.stream(stage, Purpose::Sample))
}

/// Which of the files' pictures are taken, where not all are.
pub fn rows(
    manifest: &'static Manifest,
    images: Images,
    streams: &Streams,
    stage: &str,
) -> Result<Option<Vec<usize>>, DataError> {
    if images.per_class.is_none() {
        return Ok(None);
    }
    let labels = manifest.load(&manifest.locate()?)?.labels;
    images.rows(&labels, &manifest.classes, manifest.test.samples, &mut streams.stream(stage, Purpose::Sample))
}

/// Implements a source by the manifest of its name.
macro_rules! known_source {
    ($name:ident, $kind:literal) => {
        impl registry::Config for $name {
            const KIND: &str = $kind;
            const EXAMPLE: &str = "normalize = \"unit\"";
        }

        impl crate::Source for $name {
            fn check(&self, problems: &mut registry::Problems) {
                self.options().check(Some(known().shape), true, problems);
            }

            fn spec(&self, _base: &std::path::Path) -> Result<crate::Spec, crate::DataError> {
                crate::sources::known::spec(known(), self.options())
            }

            fn load(
                &self,
                _base: &std::path::Path,
                streams: &tensor::Streams,
                stage: &str,
            ) -> Result<crate::Dataset, crate::DataError> {
                crate::sources::known::load(known(), self.options(), streams, stage)
            }

            fn rows(
                &self,
                _base: &std::path::Path,
                streams: &tensor::Streams,
                stage: &str,
            ) -> Result<Option<Vec<usize>>, crate::DataError> {
                crate::sources::known::rows(known(), self.options(), streams, stage)
            }

            fn number_size(&self) -> usize {
                self.options().number_size()
            }

            fn finish(&self, splits: &mut crate::Splits) -> Result<(), crate::DataError> {
                self.options().finish(splits)
            }

            fn own_test_samples(&self, _base: &std::path::Path) -> Result<usize, crate::DataError> {
                Ok(known().test.samples)
            }

            fn manifest(&self) -> Option<&'static crate::manifest::Manifest> {
                Some(known())
            }
        }

        fn known() -> &'static crate::manifest::Manifest {
            // A test loads the spec of every source.
            crate::manifest::manifest($kind).expect("every known source has a manifest")
        }
    };
}
pub(crate) use known_source;
