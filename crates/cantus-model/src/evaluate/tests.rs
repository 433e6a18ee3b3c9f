use super::*;
use crate::training::Training;
use crate::training::tests::tiny;
use crate::walk::tests::random_piece;

#[test]
fn a_piece_costs_the_same_alone_and_among_others() {
    let (recipe, set) = tiny();
    let training = Training::new(recipe, set, 1).unwrap();
    let pieces: Vec<Sliced> = (0..20).map(random_piece).collect();
    let mut tape = Tape::new(1);
    let mut measure = |pieces: &[(&Sliced, Option<u32>)]| {
        evaluate(&mut tape, &training.network, training.weights(), pieces)
    };
    let all: Vec<_> = pieces.iter().map(|piece| (piece, Some(0))).collect();
    let together = measure(&all);
    assert!((together.by_kind.iter().sum::<f64>() - together.nats()).abs() < 1e-6 * together.nats());
    for (piece, nats) in all.iter().zip(&together.pieces) {
        let alone = measure(&[*piece]);
        assert!((alone.nats() - nats).abs() < 1e-4 * nats, "{} and {nats}", alone.nats());
    }
}

#[test]
fn a_long_piece_is_measured_whole() {
    let notes: Vec<String> =
        (0..2 * LONGEST + 7).map(|index| format!("{}4/8", ["C", "E", "D"][index % 3])).collect();
    let score = cantus_score::notation::parse(&notes.join(" ")).unwrap();
    let piece = Sliced::of_score(&score);
    assert_eq!(piece.slices.len(), 2 * LONGEST + 7);
    let groups = groups::<Option<u32>>(&[(&piece, None)]);
    let mut ranges: Vec<_> = groups.into_iter().flatten().map(|stretch| stretch.range).collect();
    ranges.sort_by_key(|range| range.start);
    assert_eq!(ranges, [0..LONGEST, LONGEST..2 * LONGEST, 2 * LONGEST..2 * LONGEST + 7]);
    let (recipe, set) = tiny();
    let training = Training::new(recipe, set, 1).unwrap();
    let whole = evaluate(&mut Tape::new(1), &training.network, training.weights(), &[(&piece, None)]);
    assert_eq!(whole.notes, piece.note_count());
    // Each note is asked for once, and that the slice then closes; no stretch asks twice or forgets.
    assert_eq!(whole.questions[Kind::Length.index()], piece.note_count());
}

#[test]
fn no_stretches_together_take_more_memory_than_allowed() {
    let pieces: Vec<Sliced> = (0..60).map(random_piece).collect();
    let all: Vec<_> = pieces.iter().map(|piece| (piece, None::<u32>)).collect();
    let groups = groups(&all);
    for group in &groups {
        let longest = group.iter().map(|stretch| stretch.range.len()).max().unwrap();
        assert!(group.len() == 1 || (group.len() <= SIDE_BY_SIDE && longest * group.len() <= AT_ONCE));
    }
    let mut seen: Vec<usize> = groups.iter().flatten().map(|stretch| stretch.piece).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..60).collect::<Vec<_>>());
}
