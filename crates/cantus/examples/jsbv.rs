//! Experiment.
use cantus::model::corpus::{Copies, ScanOptions, Split, scan};
use cantus::model::encoding::Sliced;
use cantus::model::voices::{Recipe, VoicedPiece, experiment};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let options = ScanOptions { copies: Copies::KeepNamed, ..ScanOptions::default() };
    let corpus = scan(&[args[1].clone().into()], &options, &|_| ()).unwrap();
    let sets = [Split::Train, Split::Valid, Split::Test].map(|split| {
        corpus.of(split).map(|p| VoicedPiece::of_piece(&Sliced::of_score(&p.score)).unwrap()).collect::<Vec<_>>()
    });
    let text = args[3..].join("\n");
    let recipe = Recipe::read(&text).unwrap();
    experiment(recipe, sets, args[2].parse().unwrap());
}
