//! Keys, metres and tempi as words and numbers in JSON.

use cantus_score::{Key, Meter, Mode, Tempo};

/// The key of a name as [`Key`] shows it, such as `D minor`.
fn key_of(name: &str) -> Option<Key> {
    let keys = (-7..=7).flat_map(|fifths| [Mode::Major, Mode::Minor].map(|mode| Key::new(fifths, mode)));
    keys.flatten().find(|key| key.to_string() == name)
}

fn meter_of(name: &str) -> Option<Meter> {
    let (beats, unit) = name.split_once('/')?;
    Meter::new(beats.parse().ok()?, unit.parse().ok()?).ok()
}

/// Makes a module for serde's `with`: an optional value as an optional string.
macro_rules! as_text {
    ($module:ident, $type:ty, $read:expr, $rule:literal) => {
        pub(crate) mod $module {
            use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

            // serde's `with` hands over a reference.
            #[expect(clippy::ref_option)]
            pub(crate) fn serialize<S: Serializer>(value: &Option<$type>, to: S) -> Result<S::Ok, S::Error> {
                value.map(|value| value.to_string()).serialize(to)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<$type>, D::Error> {
                let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
                let read: fn(&str) -> Option<$type> = $read;
                read(&text).map(Some).ok_or_else(|| D::Error::custom(format!("{}, but was {text}", $rule)))
            }
        }
    };
}

as_text!(key, cantus_score::Key, super::key_of, "a key must be like \"D minor\"");
as_text!(meter, cantus_score::Meter, super::meter_of, "a metre must be like 6/8");

/// A tempo in quarter notes a minute.
pub(crate) mod tempo {
    use cantus_score::Tempo;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    // serde's `with` hands over a reference.
    #[expect(clippy::trivially_copy_pass_by_ref, clippy::ref_option)]
    pub(crate) fn serialize<S: Serializer>(value: &Option<Tempo>, to: S) -> Result<S::Ok, S::Error> {
        value.map(Tempo::bpm).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Tempo>, D::Error> {
        let bpm = Option::<f64>::deserialize(from)?;
        bpm.map(Tempo::from_bpm).transpose().map_err(D::Error::custom)
    }
}

/// A tempo in as few digits as tell it from its neighbours to the ear.
pub(crate) fn bpm(tempo: Tempo) -> f64 {
    (tempo.bpm() * 100.0).round() / 100.0
}
