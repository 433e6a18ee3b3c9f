//! From a request to a composition: conditions, hard rules, sampling, judging and the trace of every decision.
//!
//! A [`Request`] says what is wanted; against a model it becomes a [`Plan`], in which everything is settled. The
//! [`Composer`] writes the piece decision by decision: the network says what is likely, the rules ([`Rule`]) take
//! away what must not be, a [`Chooser`] chooses. Whole pieces go before [`Judge`]s; what they reject is drawn again.
//! The result is a [`Composition`]. All of it is a pure function of model, request and seed.

mod aim;
mod breath;
mod chart;
mod check;
mod chooser;
mod choral;
mod composer;
mod composition;
mod course;
mod critics;
mod distribution;
mod draft;
mod drummers;
pub mod edit;
mod error;
mod habits;
mod judge;
mod like;
mod mixture;
mod names;
mod phrases;
mod plan;
mod player;
mod ranking;
mod request;
mod restraint;
mod rules;
mod seam;
mod sections;
mod session;
mod slicer;
mod steer;
#[cfg(test)]
mod tests;
mod trace;
mod wishes;

pub use cantus_features::control::Control;
pub use chart::Chart;
pub use check::violations;
pub use chooser::{Chooser, Context, Sampler};
pub use composer::{Composer, Policy};
pub use composition::{Composition, PartRecord, Record};
pub use course::Course;
pub use critics::{critic, excerpt, in_frame_of};
pub use distribution::Distribution;
pub use error::ComposeError;
pub use habits::habits;
pub use judge::{
    EndingCheck, Finished, Judge, KeyCheck, PartsCheck, RuleCheck, Scope, SilenceCheck, Verdict,
    standard_judges,
};
pub use phrases::PhraseComposer;
pub use plan::Plan;
pub use player::Player;
pub use ranking::{Ranked, ranked};
pub use request::{Ending, Length, Request};
pub use restraint::{Restraint, Restraints};
pub use rules::Rule;
pub use sections::{Form, Section};
pub use steer::Steer;
pub use trace::{Alternative, Decision, Masked, Trace, meaning};
pub use wishes::Wishes;
