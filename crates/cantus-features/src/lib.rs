//! What can be measured on music: descriptors of whole pieces and of single bars.

mod bars;
pub mod key;

pub use bars::bars;
