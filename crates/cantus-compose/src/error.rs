//! What a request or a composition can fail by.

/// A request cannot be met, or a chooser broke the rules.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ComposeError {
    /// A number is out of its range.
    #[error("{what} must be {rule}, but was {value}")]
    Range {
        /// What the number means.
        what: &'static str,
        /// Its range in words.
        rule: &'static str,
        /// The number given.
        value: String,
    },
    /// A place is not in the piece.
    #[error("{what} must be {rule}, but was {value}")]
    Place {
        /// What the place means.
        what: &'static str,
        /// The places there are, in words.
        rule: String,
        /// The place given.
        value: String,
    },
    /// The model has no such style.
    #[error("a style must be one that the model knows ({known}), but was {name}")]
    UnknownStyle {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The model knows no style, or one without parts.
    #[error("a model must know a style with at least one part, but this one knows none")]
    NoStyle,
    /// Networks of four voices were not made to compose.
    #[error("a choir must be trained with `asked = true` and know its manner, but these networks do not")]
    CannotSing,
    /// Only notes of a scale are asked for, but no key.
    #[error("a piece of scale notes only must have a key, but none was given")]
    ScaleWithoutKey,
    /// Something is asked for of which the model was never told.
    #[error("{wish} can only be asked of a model that has learnt controls, but this one has not")]
    NoControls {
        /// What is asked for.
        wish: String,
    },
    /// A style has nothing to choose from.
    #[error("{control} can only be asked of a style that varies in it, but {style} is one {reason}")]
    ControlOfStyle {
        /// The control.
        control: &'static str,
        /// The style.
        style: String,
        /// Why not.
        reason: &'static str,
    },
    /// Two things that are asked for contradict each other.
    #[error("{one} and {other} contradict each other: {why}")]
    Contradiction {
        /// The one.
        one: String,
        /// The other.
        other: String,
        /// Why they cannot both be.
        why: String,
    },
    /// Tempo and length in seconds contradict each other.
    #[error(
        "a length in seconds may bend the tempo by at most 3 %, but {seconds} seconds at {tempo} quarters a minute \
         would bend it by {bend:.1} %, to {needed:.1} for {bars} bar(s) of {meter}"
    )]
    TempoAgainstSeconds {
        /// The seconds asked for.
        seconds: f64,
        /// The tempo asked for.
        tempo: f64,
        /// By how much the tempo would bend, in percent.
        bend: f64,
        /// The tempo that would fit.
        needed: f64,
        /// The bars that would fit best.
        bars: u32,
        /// The metre.
        meter: String,
    },
    /// No tempo fits whole bars into the seconds.
    #[error(
        "a length of {seconds} seconds must hold at least one bar of {meter} at 20 to 400 quarters a minute, but it would need {needed:.1}"
    )]
    SecondsWithoutTempo {
        /// The seconds asked for.
        seconds: f64,
        /// The metre.
        meter: String,
        /// The tempo that one bar would need.
        needed: f64,
    },
    /// A chooser chose what it was not offered.
    #[error("a chooser must choose one of the classes offered for a {kind}, but chose {class}")]
    NotOffered {
        /// The kind of question.
        kind: &'static str,
        /// The class it chose.
        class: u32,
    },
}
