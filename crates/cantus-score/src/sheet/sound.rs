//! From a sheet to what sounds.

use crate::{Channel, Control, Data, Note, Resolution, Score, Text, TextKind, Ticks, Timed, Track, Velocity};

use super::graces::{self, Moment};
use super::order::PlayedBar;
use super::runs::{self, Run};
use super::ties::{self, Sounding};
use super::{Articulation, Bar, Part, Sheet, Syllable, Written, finer};

impl Sheet {
    /// Each bar once, from the first to the last; notes as long as they are written.
    ///
    /// - Tied notes become one. A tie holds where a note of the same sounding pitch begins just where it ends.
    /// - Grace notes sound before the beat, each a thirty-second note long, or half of that and so on where there is no room;
    ///   at the very beginning they are struck together with their note. Where the sheet's ticks are too coarse for them, the
    ///   score has finer ones.
    /// - A note's velocity is its own, else that of the dynamics; without either it stays unknown.
    /// - Metres as [`Score`] keeps them: a pickup is a short first metre; incomplete bars that together make a whole one are one.
    /// - No two parts share a channel; more than fifteen go on to another port. Parts of drums share theirs.
    /// - The first verse and the chord symbols are texts of their part; a hyphen ends a syllable that goes on.
    /// - What sounds beyond the keyboard is left out.
    pub fn as_written(&self) -> Score {
        score(self, &self.written_order(), Reading::Written)
    }

    /// The bars in [playing order](Self::playing_order), as they are heard.
    ///
    /// As [`Self::as_written`], and: staccato halves a note and staccatissimo quarters it; accents and marcato strengthen
    /// notes whose velocity is known, by an eighth and a quarter; the n-th pass sings the n-th verse. A note that lasts beyond
    /// a bar after which the music goes elsewhere is cut there.
    pub fn performed(&self) -> Score {
        score(self, &self.playing_order().bars, Reading::Heard)
    }

    /// Where the written music ends.
    pub fn end(&self) -> Ticks {
        let notes = self.parts.iter().flat_map(|part| &part.notes).map(Written::end).max();
        self.bars.last().map(Bar::end).max(notes).unwrap_or_default()
    }
}

/// How notes follow their signs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As long and as loud as they are written.
    Written,
    /// Shortened and accented.
    Heard,
}

fn score(sheet: &Sheet, order: &[PlayedBar], reading: Reading) -> Score {
    let sheet = &*finer::finer(sheet, order, reading);
    let runs = &*runs::runs(sheet, order);
    let mut score = Score::new(sheet.resolution);
    score.title.clone_from(&sheet.credits.title);
    (score.meters, score.keys) = runs::signatures(sheet, runs);
    score.tempos = runs::changes(runs, &sheet.tempos);
    score.texts = runs.iter().flat_map(|run| run.moved(&sheet.texts)).collect();
    if !sheet.credits.rights.is_empty() {
        let text = Text { kind: TextKind::Copyright, text: sheet.credits.rights.clone() };
        score.texts.insert(0, Timed::new(Ticks::ZERO, text));
    }
    let channels = channels(&sheet.parts);
    let tracks = sheet.parts.iter().zip(channels);
    let maker = Maker { resolution: sheet.resolution, runs, reading };
    score.tracks = tracks.map(|(part, (port, channel))| maker.track(part, port, channel)).collect();
    score
}

/// The port and the channel of each part: its own where no part before it has it, else the first that is free.
fn channels(parts: &[Part]) -> Vec<(u8, Channel)> {
    let mut used = vec![(0, Channel::DRUMS)];
    let mut claims = Vec::with_capacity(parts.len());
    for part in parts {
        let place = (0, part.channel);
        let granted = part.is_drums() || !used.contains(&place);
        if granted {
            used.push(place);
        }
        claims.push(granted.then_some(place));
    }
    let free = (0..=Data::MAX.get())
        .flat_map(|port| (0..16).map(move |channel| (port, Channel::saturating(channel))));
    let mut free = free.filter(|place| place.1 != Channel::DRUMS && !used.contains(place));
    claims.into_iter().map(|claim| claim.or_else(|| free.next()).unwrap_or((0, Channel::MIN))).collect()
}

/// Makes tracks of parts.
struct Maker<'a> {
    resolution: Resolution,
    runs: &'a [Run],
    reading: Reading,
}

impl Maker<'_> {
    fn track(&self, part: &Part, port: u8, channel: Channel) -> Track {
        let mut track = Track::new(part.name.clone(), channel, part.program);
        if port > 0 {
            let port = Control::Port(Data::saturating(i64::from(port)));
            track.controls.insert(0, Timed::new(Ticks::ZERO, port));
        }
        let notes = graces::sorted(&part.notes);
        track.notes = ties::joined(self.sounding(part, &notes));
        for run in self.runs {
            track.texts.extend(run.moved(&part.texts));
            track.texts.extend(run.moved(&part.chords).map(|chord| {
                let text = Text { kind: TextKind::Text, text: chord.value.to_string() };
                Timed::new(chord.at, text)
            }));
            track.texts.extend(lyrics(run, &notes));
        }
        track.texts.sort_by_key(|text| text.at);
        track
    }

    /// All notes of a part in played time.
    fn sounding(&self, part: &Part, notes: &[&Written]) -> Vec<Sounding> {
        let mut sounding = Vec::with_capacity(notes.len());
        Moment::each(self.runs, notes, |moment| {
            self.graces(moment, part, &mut sounding);
            let plain = moment.notes.iter().filter(|note| note.grace.is_none());
            sounding.extend(plain.filter_map(|written| self.plain(moment.run, part, written)));
        });
        sounding
    }

    fn plain(&self, run: &Run, part: &Part, written: &Written) -> Option<Sounding> {
        let start = run.played(written.start);
        let length = run.played(written.end()).saturating_sub(start);
        let length = shortened(length, written, self.reading);
        let note =
            Note { velocity: self.velocity(part, written), ..Note::new(start, length, written.sounding()?) };
        Some(Sounding { note, voice: written.voice, tied: written.tied })
    }

    /// Grace notes of all voices at one time.
    fn graces(&self, moment: &Moment, part: &Part, sounding: &mut Vec<Sounding>) {
        let quarter = self.resolution.ticks_per_quarter();
        for (voice, graces) in moment.graces() {
            let step = moment.part(graces.len(), self.resolution).map_or(0, |part| quarter / part);
            let length = Ticks(if step == 0 { (quarter / graces::LONGEST).max(1) } else { step });
            for (left, written) in (1..=graces.len() as u32).rev().zip(&graces) {
                let Some(pitch) = written.sounding() else { continue };
                let start = moment.at.saturating_sub(Ticks(left.saturating_mul(step)));
                let note = Note { velocity: self.velocity(part, written), ..Note::new(start, length, pitch) };
                sounding.push(Sounding { note, voice, tied: written.tied });
            }
        }
    }

    /// A note's own velocity, else that of the dynamics; a performance adds the accents.
    fn velocity(&self, part: &Part, written: &Written) -> Option<Velocity> {
        let before = part.dynamics.partition_point(|dynamic| dynamic.at <= written.start);
        let dynamic = before.checked_sub(1).and_then(|index| part.dynamics.get(index));
        let plain = written.velocity.or(dynamic.map(|dynamic| dynamic.value))?;
        let has = |sign| self.reading == Reading::Heard && written.articulations.contains(&sign);
        let eighths = i64::from(has(Articulation::Accent)) + 2 * i64::from(has(Articulation::Marcato));
        Some(Velocity::saturating(i64::from(plain.get()) * (8 + eighths) / 8))
    }
}

/// How long a note is held, not to end before it is heard.
fn shortened(length: Ticks, written: &Written, reading: Reading) -> Ticks {
    Ticks((length.0 / shares(written, reading)).max(length.0.min(1)))
}

/// Into how many shares a note is divided, of which it is held for one.
pub(super) fn shares(written: &Written, reading: Reading) -> u32 {
    let has = |sign| reading == Reading::Heard && !written.tied && written.articulations.contains(&sign);
    match (has(Articulation::Staccatissimo), has(Articulation::Staccato)) {
        (true, _) => 4,
        (_, true) => 2,
        _ => 1,
    }
}

/// The syllables of this pass's verse, or of the first where a note has none of it.
fn lyrics<'a>(run: &'a Run, notes: &'a [&Written]) -> impl Iterator<Item = Timed<Text>> + 'a {
    run.within(notes, |note| note.start).iter().filter_map(|note| {
        let own = note.syllables.iter().find(|syllable| syllable.verse == run.pass);
        let Syllable { text, hyphen, .. } =
            own.or_else(|| note.syllables.iter().min_by_key(|first| first.verse))?;
        let text = format!("{text}{}", if *hyphen { "-" } else { "" });
        Some(Timed::new(run.played(note.start), Text { kind: TextKind::Lyric, text }))
    })
}
