//! One tune after another: headers, voices and bodies.

use super::Tune;
use super::assemble::{self, Part};
use super::fields::{self, Signature};
use super::repeats::playing_order;
use super::scan::{self, Sign};
use super::voice::{Bar, Setting, Voice, whole_bar};
use crate::lines::{Log, numbered, without_comment};
use crate::{Channel, Control, Program, Ticks, Timed, Track};

/// Reads every tune of a book. Fields before the first tune hold for all of them.
pub(super) fn read_all(text: &str, log: &mut Log) -> Vec<Tune> {
    let mut book = Reader::new(Setting { meter: None, unit: None, signature: Signature::NONE, tempo: None });
    let (mut tunes, mut open): (Vec<Tune>, Option<Reader>) = (Vec::new(), None);
    for (number, line) in numbered(text) {
        if let Some(rest) = line.trim_start().strip_prefix("X:") {
            tunes.extend(open.take().map(|reader| reader.finish(log)));
            open = Some(Reader::new(book.setting.clone()).numbered(rest, number, log));
        } else if let Some(reader) = &mut open {
            if line.trim().is_empty() && reader.in_body {
                tunes.extend(open.take().map(|reader| reader.finish(log)));
            } else {
                reader.line(line, number, log);
            }
        } else if tunes.is_empty() && "MLQ".contains(line.trim_start().chars().next().unwrap_or(' ')) {
            book.line(line, number, log);
        }
    }
    tunes.extend(open.map(|reader| reader.finish(log)));
    tunes
}

/// What a `V:` field and directives say about a voice.
#[derive(Debug, Clone, Default)]
struct Player {
    id: String,
    name: String,
    semitones: i32,
    program: Option<Program>,
    channel: Option<Channel>,
    voice: Option<Voice>,
}

/// A tune being read.
struct Reader {
    tune: Tune,
    setting: Setting,
    in_body: bool,
    /// Lines of the header that look like no field; they are music where no key field ever comes.
    strays: Vec<(usize, String)>,
    players: Vec<Player>,
    /// The player whose line it is.
    current: usize,
    /// What directives before the first voice say.
    common: Player,
    begins_on: usize,
    /// The voices that stand in one brace.
    braces: Vec<Vec<String>>,
}

impl Reader {
    fn new(setting: Setting) -> Self {
        let score = crate::Score::new(crate::Resolution::STANDARD);
        let tune = Tune {
            number: 0,
            titles: Vec::new(),
            rhythm: None,
            composer: None,
            origin: None,
            tonic: None,
            score,
        };
        let (strays, players, common) = (Vec::new(), Vec::new(), Player::default());
        let (in_body, braces) = (false, Vec::new());
        Self { tune, setting, in_body, strays, players, current: 0, common, begins_on: 0, braces }
    }

    fn numbered(mut self, text: &str, line: usize, log: &mut Log) -> Self {
        self.begins_on = line;
        if let Ok(number) = without_comment(text).trim().parse() {
            self.tune.number = number;
        } else {
            let shown = text.trim();
            log.warn(
                line,
                3,
                format!("a tune's number must be a whole number, but was `{shown}`; 0 is taken"),
            );
        }
        self
    }

    /// Takes one line of the tune.
    fn line(&mut self, line: &str, number: usize, log: &mut Log) {
        if let Some(directive) = line.strip_prefix("%%") {
            self.directive(directive);
            return;
        }
        let line = without_comment(line);
        if line.trim().is_empty() {
            return;
        }
        match field(line) {
            Some((letter, text)) => self.field(letter, text, number, log),
            None if self.in_body => self.music(line, number, log),
            None => self.strays.push((number, line.to_owned())),
        }
    }

    fn field(&mut self, letter: char, text: &str, line: usize, log: &mut Log) {
        let mut warn = |fault: String| log.warn(line, 1, fault);
        let first = |slot: &mut Option<String>| {
            slot.get_or_insert_with(|| text.trim().to_owned());
        };
        match letter {
            'T' if !self.in_body => self.tune.titles.push(text.trim().to_owned()),
            'C' => first(&mut self.tune.composer),
            'O' => first(&mut self.tune.origin),
            'R' => first(&mut self.tune.rhythm),
            'V' => self.voice_field(text),
            'K' => {
                let (signature, fault) = fields::key(text);
                self.key(signature);
                fault.into_iter().for_each(&mut warn);
            }
            'M' => match fields::meter(text) {
                Ok(meter) if self.in_body => self.voice().set_meter(meter),
                Ok(meter) => self.setting.meter = meter,
                Err(fault) => warn(fault),
            },
            'L' => match fields::unit(text) {
                Ok(unit) if self.in_body => self.voice().set_unit(unit),
                Ok(unit) => self.setting.unit = Some(unit),
                Err(fault) => warn(fault),
            },
            'Q' => self.tempo(text).unwrap_or_else(warn),
            'w' if self.in_body => self.voice().words(text),
            _ => {}
        }
    }

    /// The first key field ends the header.
    fn key(&mut self, signature: Signature) {
        if self.in_body {
            self.voice().set_key(signature);
        } else {
            self.tune.tonic = signature.tonic;
            self.setting.signature = signature;
            self.in_body = true;
        }
    }

    fn tempo(&mut self, text: &str) -> Result<(), String> {
        if self.in_body {
            let unit = self.voice().unit();
            if let Some(tempo) = fields::tempo(text, unit)? {
                self.voice().set_tempo(tempo);
            }
        } else {
            let unit = self.setting.unit.unwrap_or_else(|| fields::default_unit(self.setting.meter));
            self.setting.tempo = fields::tempo(text, unit)?.or(self.setting.tempo);
        }
        Ok(())
    }

    /// `V:T1 clef=treble-8 name="Tenor"`: the voice whose music follows.
    fn voice_field(&mut self, text: &str) {
        let text = text.trim();
        let (id, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let place = self.players.iter().position(|player| player.id == id);
        self.current = place.unwrap_or_else(|| {
            self.players.push(Player { id: id.to_owned(), ..self.common.clone() });
            self.players.len() - 1
        });
        if let Some(player) = self.players.get_mut(self.current) {
            player.describe(rest);
        }
    }

    /// The instrument, channel and transposition that `%%MIDI` directives name.
    fn directive(&mut self, text: &str) {
        if let Some(list) = text.strip_prefix("score ").or_else(|| text.strip_prefix("staves ")) {
            self.braces = braces(list);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let player = self.players.get_mut(self.current).unwrap_or(&mut self.common);
        let number = |text: &&str| text.parse::<i64>().ok();
        match words.as_slice() {
            ["MIDI", "program", .., program] => {
                player.program = number(program).and_then(|program| Program::new(program).ok());
            }
            ["MIDI", "channel", channel] => {
                player.channel = number(channel).and_then(|channel| Channel::new(channel - 1).ok());
            }
            ["MIDI", "transpose", semitones] if player.voice.is_none() => {
                player.semitones += number(semitones).unwrap_or(0).clamp(-120, 120) as i32;
            }
            _ => {}
        }
    }

    /// The voice whose line it is, begun where it has not sounded yet.
    fn voice(&mut self) -> &mut Voice {
        if self.current >= self.players.len() {
            self.players.push(self.common.clone());
            self.current = self.players.len() - 1;
        }
        let player = &mut self.players[self.current];
        player.voice.get_or_insert_with(|| Voice::new(&self.setting, player.semitones))
    }

    fn begin_line(&mut self) {
        if let Some(voice) = self.players.get_mut(self.current).and_then(|player| player.voice.as_mut()) {
            voice.begin_line();
        }
    }

    fn music(&mut self, line: &str, number: usize, log: &mut Log) {
        self.begin_line();
        for (column, sign) in scan::signs(line) {
            if let Sign::Field(letter, text) = sign {
                self.field(letter, &text, number, log);
                if letter == 'V' {
                    self.begin_line();
                }
            } else if let Some(fault) = self.voice().take(sign, number) {
                log.warn(number, column, fault);
            }
        }
        self.voice().end_line();
    }

    fn finish(mut self, log: &mut Log) -> Tune {
        if !self.in_body {
            log.warn(
                self.begins_on,
                1,
                "a tune must name its key in a field `K:`, but does not; none is taken",
            );
            self.in_body = true;
            for (number, line) in std::mem::take(&mut self.strays) {
                self.music(&line, number, log);
            }
        }
        for (number, _) in &self.strays {
            log.warn(
                *number,
                1,
                "a line before the key must be a field such as `T:`, but was not; passed over",
            );
        }
        let players = std::mem::take(&mut self.players);
        let named = players.into_iter().enumerate().filter_map(|(index, player)| {
            let id = player.id.clone();
            player.part(index).map(|part| (id, part))
        });
        let (names, parts): (Vec<String>, Vec<Part>) = named.unzip();
        for part in &parts {
            warn_of_odd_bars(&part.bars, log);
        }
        if parts.is_empty() {
            log.warn(self.begins_on, 1, "a tune must hold notes, but holds none");
        }
        self.tune.score = assemble::score(parts);
        for brace in &self.braces {
            let staves: Vec<usize> =
                names.iter().enumerate().filter(|name| brace.contains(name.1)).map(|name| name.0).collect();
            assemble::join_staves(&mut self.tune.score.tracks, &staves);
        }
        self.tune.score.tracks.retain(|track| !track.notes.is_empty() || self.braces.is_empty());
        self.tune.score.title = self.tune.titles.first().cloned().unwrap_or_default();
        self.tune
    }
}

impl Player {
    /// Reads what follows a voice's name.
    fn describe(&mut self, text: &str) {
        let octaves = |sign: &str, octave: i32| if text.contains(sign) { octave } else { 0 };
        self.semitones += 12 * (octaves("clef=treble+8", 1) + octaves("clef=treble-8", -1));
        for (key, value) in properties(text) {
            match key {
                "name" | "nm" => value.clone_into(&mut self.name),
                "transpose" => self.semitones += value.parse::<i32>().unwrap_or(0).clamp(-120, 120),
                "octave" => self.semitones += 12 * value.parse::<i32>().unwrap_or(0).clamp(-10, 10),
                _ => {}
            }
        }
        self.semitones = self.semitones.clamp(-120, 120);
    }

    fn part(self, index: usize) -> Option<Part> {
        let bars = self.voice?.finish();
        let order = playing_order(&bars);
        // Channel 9 is left to the drums.
        let free = if index % 15 < 9 { index % 15 } else { index % 15 + 1 };
        let channel = self.channel.unwrap_or(Channel::saturating(free as i64));
        let program = self.program.map(|program| Timed::new(Ticks::ZERO, Control::Program(program)));
        let controls = program.into_iter().collect();
        let track = Track { name: self.name, channel, notes: Vec::new(), controls, texts: Vec::new() };
        (!bars.is_empty()).then_some(Part { track, bars, order })
    }
}

/// The voices of each brace in a list such as `1 {2 3}`. Voices that share a staff there, as in `{(1 2) 3}`, are rather
/// singers than hands.
fn braces(list: &str) -> Vec<Vec<String>> {
    let groups = list.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|group| group.0);
    let names = |group: &str| {
        group.split(['|', ' ', '\t']).filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
    };
    groups.filter(|group| !group.contains('(')).map(names).collect()
}

/// `key=value` and `key="some value"`.
fn properties(text: &str) -> Vec<(&str, &str)> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('=') {
        let key = before.split_whitespace().last().unwrap_or("");
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        found.push((key, value));
        rest = next;
    }
    found
}

/// The letter and the text of a line that is a field. A letter with `:|` or `::` after it is music.
fn field(line: &str) -> Option<(char, &str)> {
    let line = line.trim_start();
    let letter = line.chars().next().filter(|c| c.is_ascii_alphabetic() || *c == '+')?;
    let text = line[1..].trim_start_matches(' ').strip_prefix(':')?;
    let music = text.starts_with(['|', ':']) && letter != 'I';
    (!music).then_some((letter, text))
}

/// Warns of each bar that is too short or too long where no repeat, ending or double bar excuses it.
fn warn_of_odd_bars(bars: &[Bar], log: &mut Log) {
    for (index, bar) in bars.iter().enumerate().skip(1) {
        let (Some(meter), Some(next), Some(before)) = (bar.meter, bars.get(index + 1), bars.get(index - 1))
        else {
            continue;
        };
        let whole = whole_bar(meter);
        let ends = |bar: &Bar| bar.again > 0 || bar.double;
        let excused = ends(before)
            || bar.begins
            || bar.ending.is_some()
            || ends(bar)
            || next.begins
            || next.ending.is_some();
        let split = bar.length + next.length == whole || bar.length + before.length == whole;
        if !excused && !split && !bar.length.is_multiple_of(whole) {
            let share = bar.length as f64 / whole as f64;
            log.warn(
                bar.line,
                1,
                format!("a bar must be {meter} long, but was {share:.2} of it; it gets a metre of its own"),
            );
        }
    }
}
