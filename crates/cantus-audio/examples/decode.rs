//! Decodes files block by block and says what they are; `--raw` writes the samples of each beside the folder that follows it.
//!
//! `cargo run --release -p cantus-audio --example decode -- [--raw FOLDER] FILE…`

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cantus_audio::{Decoder, Strictness};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let raw = (paths.first().is_some_and(|first| first.as_os_str() == "--raw"))
        .then(|| paths.drain(..2).next_back());
    let mut told = std::io::stdout();
    for path in paths {
        let line = one(&path, raw.clone().flatten().as_deref());
        writeln!(told, "{}\t{}", path.display(), line.unwrap_or_else(|error| format!("refused: {error}")))?;
    }
    Ok(())
}

fn one(path: &Path, raw: Option<&Path>) -> Result<String, Box<dyn Error>> {
    let begun = Instant::now();
    let mut decoder = Decoder::open(File::open(path)?, Strictness::Tolerant)?;
    let (rate, channels) = (decoder.rate(), decoder.channels());
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned() + ".f32";
    let mut out = raw.map(|folder| File::create(folder.join(name))).transpose()?.map(BufWriter::new);
    let mut frames = 0;
    while let Some(block) = decoder.next_block()? {
        frames += block[0].len();
        let Some(out) = &mut out else { continue };
        for frame in 0..block[0].len() {
            for channel in block {
                out.write_all(&channel[frame].to_le_bytes())?;
            }
        }
    }
    let speed = frames as f64 / f64::from(rate.hertz()) / begun.elapsed().as_secs_f64();
    let warnings: Vec<String> = decoder.warnings().iter().map(ToString::to_string).collect();
    let format = decoder.format();
    Ok(format!("{format}\t{rate}\t{channels}\t{frames}\t{speed:.0} x\t{}", warnings.join("; ")))
}
