//! To come.

pub mod corpus;
