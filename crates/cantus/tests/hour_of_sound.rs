//! An hour of sound becomes arrays of all that is measured on its frames, and neither it nor they are ever all in memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use cantus::score::{Strictness, npy};
use cantus::{Frames, Wanted, measure_all, write_sounds};

const RATE: u32 = 22_050;
const SECONDS: u32 = 3_600;
const FRAMES: usize = 155_040;
const MOST_MIB: usize = 200;

/// A tone that is struck twice a second, and noise, as a WAV file of 16 bits.
fn write_hour(path: &Path) -> io::Result<()> {
    let bytes = SECONDS * RATE * 2;
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"RIFF")?;
    file.write_all(&(bytes + 36).to_le_bytes())?;
    file.write_all(b"WAVEfmt \x10\0\0\0\x01\0\x01\0")?;
    file.write_all(&[RATE.to_le_bytes(), (RATE * 2).to_le_bytes()].concat())?;
    file.write_all(b"\x02\0\x10\0data")?;
    file.write_all(&bytes.to_le_bytes())?;
    let mut state = 1_u32;
    for sample in 0..SECONDS * RATE {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let since = (sample % (RATE / 2)) as i32;
        let wave = (since % 100 - 50) * 300_000 / (1_000 + since);
        let noise = (state >> 21) as i32 - 1_024;
        file.write_all(&((wave + noise) as i16).to_le_bytes())?;
    }
    file.flush()
}

/// The most memory that this process has held, in MiB; none where the system does not tell.
fn most_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib / 1024)
}

#[test]
fn an_hour_of_sound_is_written_within_200_mib() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_hour(&at("hour.wav")).unwrap();
    let wanted = Wanted { frames: Frames::Kept(at("hour.npy")), ..Wanted::default() };
    let measured = measure_all(&[at("hour.wav")], &wanted, &|_| true);
    assert!(measured.failures.is_empty(), "{:?}", measured.failures);
    for name in ["hour.npy", "hour.npz"] {
        write_sounds(&at(name), &measured.sounds, &wanted.selection).unwrap();
    }
    drop(measured);
    let most = most_memory();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left of what was kept");
    let of = |name: &str, array| {
        npy::read(&fs::read(at(name)).unwrap(), array, Strictness::Strict).unwrap().value.shape().to_vec()
    };
    assert_eq!(of("hour.npy", None), [FRAMES, 176]);
    assert_eq!(of("hour.npz", Some("mel")), [FRAMES, 128]);
    match most {
        Some(most) => assert!(most < MOST_MIB, "{most} MiB"),
        None => println!("skipped: this system does not tell how much memory was held"),
    }
}
