//! The licences of the dependencies: permissive ones only, and the few exceptions by name.

use cargo_metadata::Metadata;

/// Licences that any dependency may have.
const ALLOWED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "Unlicense",
    // As permissive as MIT; tables and algorithms of Unicode come under it.
    "Unicode-3.0",
];

/// A licence for the crates whose names begin so, and why.
const EXCEPTIONS: &[(&str, &str, &str)] =
    &[("symphonia", "MPL-2.0", "decodes sound; the licence stays with its own files")];

/// One line for each dependency whose licence is not allowed.
pub(crate) fn findings(metadata: &Metadata) -> Vec<String> {
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    let wrong = foreign.filter_map(|package| {
        let name = package.name.as_str();
        let version = &package.version;
        match package.license.as_deref() {
            None => Some(format!("{name} {version}: names no licence")),
            Some(licence) if is_allowed(name, licence) => None,
            Some(licence) => Some(format!("{name} {version}: {licence} is not allowed")),
        }
    });
    wrong.collect()
}

/// Whether an SPDX expression can be satisfied with allowed licences alone; an old `A/B` means `A OR B`.
pub(crate) fn is_allowed(package: &str, expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { package, words: &words };
    let allowed = parser.any();
    allowed && parser.words.is_empty()
}

/// Reads an SPDX expression from left to right; AND binds more tightly than OR.
struct Parser<'a> {
    package: &'a str,
    words: &'a [&'a str],
}

impl Parser<'_> {
    fn any(&mut self) -> bool {
        let mut allowed = self.all();
        while self.take("OR") {
            allowed |= self.all();
        }
        allowed
    }

    fn all(&mut self) -> bool {
        let mut allowed = self.one();
        while self.take("AND") {
            allowed &= self.one();
        }
        allowed
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let allowed = self.any();
            return self.take(")") && allowed;
        }
        let Some((name, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        if let ["WITH", exception, rest @ ..] = self.words {
            let with = format!("{name} WITH {exception}");
            self.words = rest;
            // What a licence allows, the same licence with an exception allows too.
            return self.allows(&with) || self.allows(name);
        }
        self.allows(name)
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn allows(&self, licence: &str) -> bool {
        let excepted =
            |(prefix, name, _): &(&str, &str, &str)| self.package.starts_with(prefix) && *name == licence;
        ALLOWED.contains(&licence) || EXCEPTIONS.iter().any(excepted)
    }
}
