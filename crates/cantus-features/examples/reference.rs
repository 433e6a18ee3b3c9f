//! Writes the pages that the catalogue makes: `cargo run -p cantus-features --example reference`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("features.md"), cantus_features::document())?;
    std::fs::write(folder.join("features.schema.json"), cantus_features::schema())
}
