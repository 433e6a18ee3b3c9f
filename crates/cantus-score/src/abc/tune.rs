//! One tune after another: headers, voices and bodies.

use super::Tune;
use super::assemble::{self, Frame};
use super::decoration::Decoration;
use super::fields::{self, Signature};
use super::macros::Macros;
use super::player::{Player, braces};
use super::scan::{Sign, Signs};
use super::text::decoded;
use super::voice::{Accidentals, Bar, Setting, Voice, whole_bar};
use crate::lines::{Log, numbered, without_comment};
use crate::sheet::Credits;
use crate::{Channel, MOST_WARNINGS, Program, Text, TextKind};

/// The most voices of a tune.
const MOST_VOICES: usize = 255;

/// What a bar costs of what a book may unfold, where a letter of a macro costs 1: it takes more memory.
const COST_OF_A_BAR: usize = 8;

/// What a book may unfold from signs that stand for more than they take: bars of rests, macros, sections that are written out,
/// tunes of few letters. All in proportion to the book.
struct Budget {
    unfolded: usize,
    tunes: usize,
}

/// Reads every tune of a book. Fields before the first tune hold for all of them.
pub(super) fn read_all(text: &str, log: &mut Log) -> Vec<Tune> {
    let mut budget = Budget { unfolded: 200_000 + text.len() / 4, tunes: 20_000 + text.len() / 32 };
    let setting = Setting {
        meter: None,
        unit: None,
        signature: Signature::NONE,
        tempo: None,
        accidentals: Accidentals::default(),
    };
    let mut book = Reader::new(setting);
    let (mut tunes, mut open): (Vec<Tune>, Option<Reader>) = (Vec::new(), None);
    let numberless = !numbered(text).any(|line| line.1.trim_start().starts_with("X:"));
    for (number, line) in numbered(text) {
        let begins = line.trim_start();
        if let Some(rest) = begins.strip_prefix("X:") {
            tunes.extend(open.take().map(|reader| reader.finish(&mut budget, log)));
            if tunes.len() >= budget.tunes {
                let most = budget.tunes;
                log.warn(
                    number,
                    1,
                    format!(
                        "a book of this size may hold up to {most} tunes, but holds more; they are left out"
                    ),
                );
                return tunes;
            }
            open = Some(book.another().numbered(rest, number, log));
        } else if let Some(reader) = &mut open {
            if begins.is_empty() && reader.in_body {
                tunes.extend(open.take().map(|reader| reader.finish(&mut budget, log)));
            } else {
                reader.line(line, number, &mut budget, log);
            }
        } else if numberless
            && begins.starts_with(['T', 'K'])
            && field(line).is_some()
            && tunes.len() < budget.tunes
        {
            log.warn(number, 1, "a tune must begin with a line `X:` and a number, but has none; 0 is taken");
            let mut reader = book.another();
            reader.begins_on = number;
            reader.line(line, number, &mut budget, log);
            open = Some(reader);
        } else if tunes.is_empty() && begins.starts_with(['M', 'L', 'Q', 'U', 'm', 'I', '%']) {
            book.line(line, number, &mut budget, log);
        }
    }
    tunes.extend(open.map(|reader| reader.finish(&mut budget, log)));
    tunes
}

/// A tune being read.
#[derive(Clone)]
struct Reader {
    tune: Tune,
    credits: Credits,
    setting: Setting,
    in_body: bool,
    /// Lines between `%%begintext` and `%%endtext`.
    in_text: bool,
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
    /// The order of the sections, and its line.
    order: Option<(String, usize)>,
    macros: Macros,
    /// What letters stand for where a field `U:` says so.
    shorts: Vec<(char, Option<Decoration>)>,
    /// The last field, for `+:`.
    last_field: char,
}

impl Reader {
    fn new(setting: Setting) -> Self {
        let tune = Tune {
            number: 0,
            titles: Vec::new(),
            rhythm: None,
            composer: None,
            origin: None,
            tonic: None,
            sheet: crate::sheet::Sheet::new(crate::Resolution::STANDARD),
        };
        Self {
            tune,
            credits: Credits::default(),
            setting,
            in_body: false,
            in_text: false,
            strays: Vec::new(),
            players: Vec::new(),
            current: 0,
            common: Player::default(),
            begins_on: 0,
            braces: Vec::new(),
            order: None,
            macros: Macros::default(),
            shorts: Vec::new(),
            last_field: ' ',
        }
    }

    /// The reader of the next tune, for which what stands before the first one holds as well.
    fn another(&self) -> Self {
        Self { in_body: false, in_text: false, ..self.clone() }
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
    fn line(&mut self, line: &str, number: usize, budget: &mut Budget, log: &mut Log) {
        if let Some(directive) = line.strip_prefix("%%") {
            self.directive(directive);
            return;
        }
        let line = without_comment(line);
        if line.trim().is_empty() || self.in_text {
            return;
        }
        match field(line) {
            Some((letter, text)) => self.field(letter, text, number, log),
            None if self.in_body => self.music(line, number, budget, log),
            None => self.strays.push((number, line.to_owned())),
        }
    }

    fn field(&mut self, letter: char, text: &str, line: usize, log: &mut Log) {
        let mut warn = |fault: String| log.warn(line, 1, fault);
        let first = |slot: &mut Option<String>| {
            slot.get_or_insert_with(|| decoded(text.trim()).into_owned());
        };
        if letter == '+' {
            return self.continued(text);
        }
        self.last_field = letter;
        match letter {
            'T' if !self.in_body => self.tune.titles.push(decoded(text.trim()).into_owned()),
            'C' => first(&mut self.tune.composer),
            'O' => first(&mut self.tune.origin),
            'R' => first(&mut self.tune.rhythm),
            'V' => self.voice_field(text, line, log),
            'K' => self.key_field(text).into_iter().for_each(&mut warn),
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
            'P' => self.parts(text, line),
            'I' => self.directive(text.trim_start()),
            'U' => self.short(text).unwrap_or_else(warn),
            'm' => self.macros.define(text).unwrap_or_else(warn),
            'w' if self.in_body => self.voice().words(&decoded(text), false),
            's' if self.in_body => self.voice().symbols(text, Decoration::named),
            _ => {}
        }
    }

    /// A field that goes on from the line before.
    fn continued(&mut self, text: &str) {
        let add = |whole: &mut String| {
            whole.push(' ');
            whole.push_str(decoded(text.trim()).as_ref());
        };
        match self.last_field {
            'w' if self.in_body => self.voice().words(&decoded(text), true),
            'T' if !self.in_body => self.tune.titles.last_mut().into_iter().for_each(add),
            'C' => self.tune.composer.iter_mut().for_each(add),
            'P' => self.order.iter_mut().for_each(|order| order.0.push_str(text)),
            _ => {}
        }
    }

    /// The first key field ends the header.
    fn key_field(&mut self, text: &str) -> Option<String> {
        let (signature, fault) = fields::key(text);
        let clef_alone = fields::names_no_key(text);
        if self.in_body {
            self.voice();
            if let Some(player) = self.players.get_mut(self.current) {
                player.describe(text);
            }
            if !clef_alone {
                self.voice().set_key(signature);
            }
        } else {
            self.tune.tonic = signature.tonic;
            self.setting.signature = signature;
            self.in_body = true;
            self.common.describe(text);
            self.players.iter_mut().for_each(|player| player.describe(text));
        }
        fault
    }

    fn tempo(&mut self, text: &str) -> Result<(), String> {
        let words = decoded(&fields::tempo_words(text)).into_owned();
        if self.in_body {
            let unit = self.voice().unit();
            let tempo = fields::tempo(text, unit);
            if let Ok(Some(tempo)) = tempo {
                self.voice().set_tempo(tempo);
            }
            if !words.is_empty() {
                self.voice().set_heading(Text { kind: TextKind::Text, text: words });
            }
            tempo.map(|_| ())
        } else {
            self.tune.sheet.texts.clear();
            if !words.is_empty() {
                let text = Text { kind: TextKind::Text, text: words };
                self.tune.sheet.texts.push(crate::Timed::new(crate::Ticks::ZERO, text));
            }
            let unit = self.setting.unit.unwrap_or_else(|| fields::default_unit(self.setting.meter));
            self.setting.tempo = fields::tempo(text, unit)?.or(self.setting.tempo);
            Ok(())
        }
    }

    /// In the header the order of the sections, below it the beginning of one.
    fn parts(&mut self, text: &str, line: usize) {
        let text = text.trim();
        if !self.in_body {
            self.order = (!text.is_empty()).then(|| (text.to_owned(), line));
            return;
        }
        let label = text.chars().next().filter(|c| c.is_alphabetic());
        match label {
            Some(label) if self.order.is_some() => self.voice().begin_section(label),
            _ if !text.is_empty() => {
                let text = Text { kind: TextKind::Marker, text: decoded(text).into_owned() };
                self.voice().set_heading(text);
            }
            _ => {}
        }
    }

    /// `U:T = !trill!`
    fn short(&mut self, text: &str) -> Result<(), String> {
        let wrong = || {
            format!("a sign of one's own must be like `T = !trill!`, but was `{}`; passed over", text.trim())
        };
        let (letter, name) = text.split_once('=').ok_or_else(wrong)?;
        let letter = letter.trim().chars().next().ok_or_else(wrong)?;
        let name = name.trim().trim_matches(['!', '+']);
        self.shorts.retain(|short| short.0 != letter);
        if self.shorts.len() < 100 {
            self.shorts.push((letter, Decoration::named(name)));
        }
        Ok(())
    }

    /// `V:T1 clef=treble-8 name="Tenor"`: the voice whose music follows.
    fn voice_field(&mut self, text: &str, line: usize, log: &mut Log) {
        let text = text.trim();
        let (id, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let place = self.players.iter().position(|player| player.id == id);
        if place.is_none() && self.players.len() >= MOST_VOICES {
            log.warn(
                line,
                1,
                format!("a tune may have up to {MOST_VOICES} voices, but has more; the last goes on"),
            );
            return;
        }
        self.current = place.unwrap_or_else(|| {
            self.players.push(Player { id: id.to_owned(), ..self.common.clone() });
            self.players.len() - 1
        });
        if let Some(player) = self.players.get_mut(self.current) {
            player.describe(rest);
        }
    }

    /// What directives say of instruments, channels, transpositions, accidentals and staves.
    fn directive(&mut self, text: &str) {
        if let Some(list) = text.strip_prefix("score ").or_else(|| text.strip_prefix("staves ")) {
            self.braces = braces(list);
        }
        if let Some(rights) = text.strip_prefix("abc-copyright ") {
            self.credits.rights = decoded(rights.trim()).into_owned();
        }
        let words: Vec<&str> = text.split_whitespace().take(8).collect();
        let number = |text: &&str| text.parse::<i64>().ok();
        if let [begin @ ("begintext" | "endtext"), ..] = words.as_slice() {
            self.in_text = *begin == "begintext";
        }
        if let ["propagate-accidentals", rule] = words.as_slice() {
            self.propagate(rule);
        }
        let player = self.players.get_mut(self.current).unwrap_or(&mut self.common);
        match words.as_slice() {
            ["MIDI", "program", .., program] => {
                player.program = number(program).and_then(|program| Program::new(program).ok());
            }
            ["MIDI", "channel", channel] => {
                player.channel = number(channel).and_then(|channel| Channel::new(channel - 1).ok());
            }
            ["MIDI", "transpose", semitones] => {
                player.transpose(number(semitones).unwrap_or(0).clamp(-120, 120) as i32);
            }
            _ => {}
        }
    }

    fn propagate(&mut self, rule: &str) {
        let rule = match rule {
            "not" => Accidentals::Note,
            "octave" => Accidentals::Octave,
            _ => Accidentals::Letter,
        };
        self.setting.accidentals = rule;
        let voices = self.players.iter_mut().filter_map(|player| player.voice.as_mut());
        voices.for_each(|voice| voice.set_rule(rule));
    }

    /// The voice whose line it is, begun where it has not sounded yet.
    fn voice(&mut self) -> &mut Voice {
        if self.current >= self.players.len() {
            self.players.push(self.common.clone());
            self.current = self.players.len() - 1;
        }
        self.players[self.current].begun(&self.setting)
    }

    fn begin_line(&mut self) {
        if let Some(voice) = self.players.get_mut(self.current).and_then(|player| player.voice.as_mut()) {
            voice.begin_line();
        }
    }

    fn music(&mut self, line: &str, number: usize, budget: &mut Budget, log: &mut Log) {
        let unfolded = self.macros.unfolded(line, budget.unfolded);
        budget.unfolded -= unfolded.len().saturating_sub(line.len()).min(budget.unfolded);
        let line = unfolded.as_ref();
        self.begin_line();
        for (at, sign) in Signs::new(line) {
            let fault = match sign {
                Sign::Field(letter, text) => {
                    self.field(letter, text, number, log);
                    if letter == 'V' {
                        self.begin_line();
                    }
                    None
                }
                Sign::Decoration(name) => self.decorate(Decoration::named(name)),
                Sign::Short(letter) => {
                    let own = self.shorts.iter().find(|short| short.0 == letter);
                    let decoration = own.map_or_else(|| Decoration::short(letter), |own| own.1);
                    self.decorate(decoration)
                }
                Sign::BarRest(bars) => {
                    let most = budget.unfolded / COST_OF_A_BAR;
                    let (unfolded, fault) = self.voice().bar_rest(bars, most);
                    budget.unfolded -= (COST_OF_A_BAR * unfolded).min(budget.unfolded);
                    fault
                }
                sign => self.voice().take(sign, number),
            };
            if let Some(fault) = fault.filter(|_| log.warnings.len() < MOST_WARNINGS) {
                log.warn(number, column(line, at), fault);
            }
        }
        self.voice().end_line(line.trim_end().ends_with('\\'));
    }

    fn decorate(&mut self, decoration: Option<Decoration>) -> Option<String> {
        if let Some(decoration) = decoration {
            self.voice().decorate(decoration);
        }
        None
    }

    fn finish(mut self, budget: &mut Budget, log: &mut Log) -> Tune {
        if !self.in_body {
            log.warn(
                self.begins_on,
                1,
                "a tune must name its key in a field `K:`, but does not; none is taken",
            );
            self.in_body = true;
            for (number, line) in std::mem::take(&mut self.strays) {
                self.music(&line, number, budget, log);
            }
        }
        for (number, _) in &self.strays {
            log.warn(
                *number,
                1,
                "a line before the key must be a field such as `T:`, but was not; passed over",
            );
        }
        let mut players = std::mem::take(&mut self.players);
        let voices = players.iter_mut().filter_map(|player| player.voice.as_mut());
        for voice in voices {
            voice.finish();
            warn_of_odd_bars(&voice.bars, log);
        }
        if players.iter().all(|player| player.voice.as_ref().is_none_or(|voice| voice.bars.is_empty())) {
            log.warn(self.begins_on, 1, "a tune must hold notes, but holds none");
        }
        self.credits.title = self.tune.titles.first().cloned().unwrap_or_default();
        self.credits.composer = self.tune.composer.clone().unwrap_or_default();
        let frame = Frame { credits: self.credits, braces: self.braces, order: self.order };
        let headings = std::mem::take(&mut self.tune.sheet.texts);
        let mut sheet = assemble::sheet(players, frame, &mut budget.unfolded, log);
        sheet.texts.splice(0..0, headings);
        self.tune.sheet = sheet;
        self.tune
    }
}

/// The column of a byte, from 1.
fn column(line: &str, at: usize) -> usize {
    line.get(..at).map_or(0, |before| before.chars().count()) + 1
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
            || !bar.ending.is_empty()
            || ends(bar)
            || next.begins
            || !next.ending.is_empty();
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
