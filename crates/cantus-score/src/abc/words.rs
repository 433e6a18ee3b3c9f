//! Words below the music (`w:`).

/// One step through a line of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A syllable for the next note, and whether its word goes on.
    Syllable { text: String, hyphen: bool },
    /// The next note has none.
    Skip,
    /// The next syllable waits for the next bar.
    Bar,
}

/// Divides a line of words: `time__ flies a-way|* soon~er`.
pub(super) fn steps(line: &str) -> Vec<Step> {
    let (mut steps, mut syllable, mut before) = (Vec::new(), String::new(), ' ');
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => syllable.extend(chars.next()),
            '~' => syllable.push(' '),
            '-' if !syllable.is_empty() => {
                steps.push(Step::Syllable { text: std::mem::take(&mut syllable), hyphen: true });
            }
            '-' if before == '-' => steps.push(Step::Skip),
            '-' => {}
            '_' | '*' | '|' => {
                steps.extend(taken(&mut syllable));
                steps.push(if c == '|' { Step::Bar } else { Step::Skip });
            }
            c if c.is_whitespace() => steps.extend(taken(&mut syllable)),
            c => syllable.push(c),
        }
        before = c;
    }
    steps.extend(taken(&mut syllable));
    steps
}

fn taken(syllable: &mut String) -> Option<Step> {
    (!syllable.is_empty()).then(|| Step::Syllable { text: std::mem::take(syllable), hyphen: false })
}
