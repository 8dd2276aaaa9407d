//! The builder methods that marks and bodies share: one wording, one behaviour.

/// `builders! { color width dash opacity label }` inside an `impl`: a method for each of these fields.
macro_rules! builders {
    ($($field:ident)*) => { $(builders! { @ $field })* };
    (@ color) => {
        /// In this colour.
        pub fn color(mut self, color: $crate::Color) -> Self {
            self.color = color;
            self
        }
    };
    (@ width) => {
        /// This many drawing units wide.
        pub fn width(mut self, width: f64) -> Self {
            self.width = width;
            self
        }
    };
    (@ dash) => {
        /// Broken.
        pub fn dash(mut self, dash: $crate::Dash) -> Self {
            self.dash = dash;
            self
        }
    };
    (@ opacity) => {
        /// Translucent: 0 is invisible, 1 opaque.
        pub fn opacity(mut self, opacity: f64) -> Self {
            self.opacity = opacity;
            self
        }
    };
    (@ label) => {
        /// With a legend entry.
        pub fn label(mut self, label: impl Into<String>) -> Self {
            self.label = Some(label.into());
            self
        }
    };
}
