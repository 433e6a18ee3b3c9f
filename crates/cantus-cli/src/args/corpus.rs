//! Arguments of `cantus corpus`.

use std::path::PathBuf;

use cantus::CorpusSettings;
use cantus::model::corpus::{Choice, Merge, Splits, StylePattern, Together};
use clap::{Args, Subcommand, ValueEnum};

/// Arguments of `cantus corpus`.
#[derive(Debug, Args)]
pub(crate) struct CorpusArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: CorpusCommand,
}

/// What is done with a corpus.
#[derive(Debug, Subcommand)]
pub(crate) enum CorpusCommand {
    /// Make one file of your music: read, rid of copies, divided by piece, with a ledger of rights
    Build(BuildArgs),
    /// Tell what a corpus file holds
    Show(ShowCorpusArgs),
}

/// Arguments of `cantus corpus build`.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// Files, folders, archives (.zip, .tar, .tar.gz, .tar.zst) and wildcards of music; a folder's name is a style, or
    /// train, valid or test
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The corpus file to write; an interrupted build goes on from FILE.part
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// A table with tabs between columns: path (from the table's folder), and any of style, composer, licence, rights,
    /// credit, title, group, split, `split_kind`
    #[arg(long, value_name = "TSV")]
    labels: Option<PathBuf>,
    /// Also take music that has no row in the labels
    #[arg(long, requires = "labels")]
    unlabelled: bool,
    /// Take these classes of rights only, such as clean,attribution
    #[arg(long, value_name = "CLASS,…", value_delimiter = ',')]
    rights: Vec<String>,
    /// Make one style of several: sacred=baroque-sacred,classical-sacred or 'drums=drums-*'; may be repeated
    #[arg(long, value_name = "NAME=STYLE,…")]
    merge: Vec<Merge>,
    /// Take these styles only, after merging; `*` stands for anything
    #[arg(long, value_name = "STYLE,…", value_delimiter = ',')]
    only: Vec<StylePattern>,
    /// Whose division into training, validation and test is kept
    #[arg(long, value_enum, default_value = "published")]
    splits: SplitsArg,
    /// What stays on one side besides relatives
    #[arg(long, value_enum)]
    together: Option<TogetherArg>,
}

impl BuildArgs {
    /// What is to be built.
    pub(crate) fn settings(self) -> CorpusSettings {
        let Self { paths, output, labels, unlabelled, rights, merge: merges, only, .. } = self;
        CorpusSettings {
            paths,
            output,
            labels,
            choice: Choice { rights, merges, only, unlabelled },
            splits: match self.splits {
                SplitsArg::Published => Splits::Published,
                SplitsArg::Ours => Splits::Ours,
                SplitsArg::Labels => Splits::Labels,
            },
            together: self.together.map(|together| match together {
                TogetherArg::Composer => Together::Composer,
                TogetherArg::Folder => Together::Folder,
                TogetherArg::Book => Together::Book,
            }),
        }
    }
}

/// Whose division is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitsArg {
    /// That of folders and labels, but where `split_kind` is hash: such splits tear relatives apart
    Published,
    /// None: all is dealt anew, relatives together
    Ours,
    /// All that folders and labels say
    Labels,
}

/// What stays together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TogetherArg {
    /// The pieces of a composer
    Composer,
    /// The pieces of a folder
    Folder,
    /// The tunes of a book
    Book,
}

/// Arguments of `cantus corpus show`.
#[derive(Debug, Args)]
pub(crate) struct ShowCorpusArgs {
    /// The corpus file
    #[arg(value_name = "FILE")]
    pub(crate) corpus: PathBuf,
    /// Print one JSON object; with --pieces one a piece
    #[arg(long)]
    pub(crate) json: bool,
    /// List the pieces
    #[arg(long)]
    pub(crate) pieces: bool,
    /// Also draw all distributions as a picture
    #[arg(short, long, value_name = "PICTURE.svg")]
    pub(crate) output: Option<PathBuf>,
}
