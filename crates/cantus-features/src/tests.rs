//! Laws of the catalogue.
