//! Who plays a part, and what hands, limbs and lungs can do.

use cantus_model::encoding::Part;
use cantus_score::Pitch;

/// What plays a part, as far as that limits what it can play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Player {
    /// Two hands on keys.
    Keys,
    /// One hand on six strings.
    Frets,
    /// A bow on four strings.
    Bow,
    /// A voice or a wind instrument.
    Breath,
    /// Two hands and two feet at a drum kit.
    Kit,
    /// A machine, or whoever can play everything.
    Any,
}

/// Notes that one hand strikes at once.
const FINGERS: usize = 5;
/// The widest that a hand reaches, in semitones: a major tenth.
const HAND: u8 = 16;
/// The strings of a guitar, and of a violin.
const STRINGS: [usize; 2] = [6, 4];
/// What a drummer strikes by the right foot, and by the left.
const FEET: [&[u8]; 2] = [&[35, 36], &[44]];
/// What a drummer strikes by hand at once.
const STICKS: usize = 2;

impl Player {
    /// Who plays a part, by its instrument.
    pub fn of(part: &Part) -> Self {
        match part.program {
            _ if part.drums => Self::Kit,
            0..=7 | 16..=20 => Self::Keys,
            24..=31 => Self::Frets,
            40..=43 | 110 => Self::Bow,
            // An accordion and a harmonica play chords and breathe as they play; of bagpipes the bag does.
            52..=54 | 56..=79 => Self::Breath,
            _ => Self::Any,
        }
    }

    /// Whether notes can sound together; of drums, whether they can be struck together.
    pub fn can_play(self, pitches: &[Pitch]) -> bool {
        match self {
            Self::Keys => fits_hands(pitches),
            Self::Frets => pitches.len() <= STRINGS[0],
            Self::Bow => pitches.len() <= STRINGS[1],
            Self::Kit => fits_limbs(pitches),
            Self::Breath | Self::Any => true,
        }
    }

    /// Whether notes sound on while others are begun, so that they must be reached together.
    pub(crate) fn holds(self) -> bool {
        self != Self::Kit
    }
}

/// Whether the lower notes lie in one hand and the higher ones in another.
fn fits_hands(pitches: &[Pitch]) -> bool {
    let mut keys: Vec<u8> = pitches.iter().map(|pitch| pitch.get()).collect();
    keys.sort_unstable();
    keys.dedup();
    let fits = |hand: &[u8]| match (hand.first(), hand.last()) {
        (Some(low), Some(high)) => hand.len() <= FINGERS && high - low <= HAND,
        _ => true,
    };
    (0..=keys.len()).any(|left| fits(&keys[..left]) && fits(&keys[left..]))
}

fn fits_limbs(drums: &[Pitch]) -> bool {
    let count = |of: &dyn Fn(u8) -> bool| drums.iter().filter(|drum| of(drum.get())).count();
    let by_hand = count(&|drum| FEET.iter().all(|foot| !foot.contains(&drum)));
    by_hand <= STICKS && FEET.iter().all(|foot| count(&|drum| foot.contains(&drum)) <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn can_play(player: Player, keys: &[i64]) -> bool {
        player.can_play(&keys.iter().map(|key| Pitch::saturating(*key)).collect::<Vec<_>>())
    }

    #[test]
    fn hands_reach_a_tenth_each() {
        let keys = |keys: &[i64]| can_play(Player::Keys, keys);
        assert!(keys(&[]) && keys(&[60]) && keys(&[36, 52, 60, 76]));
        assert!(keys(&[36, 40, 43, 46, 48, 60, 64, 67, 70, 72]), "ten fingers");
        assert!(!keys(&[36, 53, 71]), "three places further than a tenth from each other");
        assert!(!keys(&[60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77]), "eleven notes");
        assert!(!keys(&[36, 60, 61, 62, 63, 64, 65]), "six beside each other and one far off");
        assert!(keys(&[60, 60, 60, 60, 60, 60]), "one key is one key");
    }

    #[test]
    fn limbs_strike_one_thing_each() {
        let kit = |drums: &[i64]| can_play(Player::Kit, drums);
        assert!(kit(&[36, 38, 42]) && kit(&[36, 44, 38, 51]));
        assert!(!kit(&[38, 42, 49]), "three by hand");
        assert!(!kit(&[35, 36]), "two bass drums by one foot");
    }

    #[test]
    fn instruments_have_their_players() {
        let of =
            |program, drums| Player::of(&Part { name: String::new(), program, drums, monophonic: false });
        assert_eq!([of(0, false), of(0, true), of(73, false)], [Player::Keys, Player::Kit, Player::Breath]);
        assert_eq!([of(40, false), of(25, false), of(81, false)], [Player::Bow, Player::Frets, Player::Any]);
    }
}
