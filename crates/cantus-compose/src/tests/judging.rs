//! Laws of judges, and of what their verdicts do.

use cantus_model::critic::Critic;
use cantus_model::encoding::Sliced;
use cantus_score::{Note, Pitch, Ticks};

use super::{composer, model};
use crate::*;

/// Rejects everything, or gives the number of notes as points.
struct Counts(bool);

impl Judge for Counts {
    fn judge(&self, finished: &Finished) -> Verdict {
        let notes = finished.piece.note_count();
        if self.0 {
            Verdict::Reject(Scope::Ending, format!("it has {notes} notes"))
        } else {
            Verdict::Score(notes as f64)
        }
    }
}

#[test]
fn judges_decide_how_often_a_piece_is_drawn() {
    let composer = composer();
    let request = Request::new(4).style("tune").bars(4).unwrap();
    let policy = Policy { attempts: 7, endings: 3, ..Policy::default() };
    let compose = |judge: &dyn Judge, policy| {
        composer.compose_with(&request, &mut request.sampler(), &[judge], policy).unwrap()
    };
    let rejected = compose(&Counts(true), policy);
    assert_eq!(rejected.attempts, 7);
    assert_eq!(rejected.remarks, [format!("it has {} notes", rejected.score.note_count())]);
    let first = compose(&Counts(false), policy);
    assert_eq!((first.attempts, first.remarks.len()), (1, 0));
    let best = compose(&Counts(false), Policy { candidates: 6, ..policy });
    assert_eq!(best.attempts, 6);
    assert!(best.score.note_count() > first.score.note_count(), "the best of six must be kept");
}
#[test]
fn a_part_that_falls_silent_sends_the_piece_back() {
    let mut model = model();
    model.styles[0].parts.iter_mut().for_each(|part| part.share = 25);
    let request = Request::new(1).style("quartet").bars(8).unwrap();
    let plan = Plan::new(&request, &model.styles).unwrap();
    let mut score = cantus_score::Score::new(cantus_score::Resolution::STANDARD);
    let judged = |score: &cantus_score::Score| {
        let piece = cantus_model::encoding::Sliced::of_score(score);
        PartsCheck.judge(&Finished { piece: &piece, score, plan: &plan })
    };
    for voice in 0..4 {
        let channel = cantus_score::Channel::new(voice).unwrap();
        let mut track = cantus_score::Track::new("", channel, cantus_score::Program::new(52).unwrap());
        let pitch = Pitch::new(72 - 7 * voice).unwrap();
        track.notes = (0..32).map(|beat| Note::new(Ticks(480 * beat), Ticks(480), pitch)).collect();
        score.tracks.push(track);
    }
    assert_eq!(judged(&score), Verdict::Accept);
    // A part may rest for long.
    score.tracks[2].notes.truncate(8);
    assert_eq!(judged(&score), Verdict::Accept);
    score.tracks[2].notes.truncate(2);
    let silent = Verdict::Reject(Scope::Piece, "its T has 2 notes of 98".into());
    assert_eq!(judged(&score), silent);
}

#[test]
fn a_piece_must_not_fall_silent_for_long() {
    let plan = Plan::new(&Request::new(1).style("quartet").bars(8).unwrap(), &model().styles).unwrap();
    let judged = |beats: &[u32]| {
        let mut score = cantus_score::Score::new(cantus_score::Resolution::STANDARD);
        let mut track =
            cantus_score::Track::new("", cantus_score::Channel::MIN, cantus_score::Program::PIANO);
        let pitch = Pitch::new(60).unwrap();
        track.notes = beats.iter().map(|beat| Note::new(Ticks(480 * beat), Ticks(480), pitch)).collect();
        score.tracks.push(track);
        let piece = cantus_model::encoding::Sliced::of_score(&score);
        SilenceCheck.judge(&Finished { piece: &piece, score: &score, plan: &plan })
    };
    assert_eq!(judged(&[0, 4, 12, 21]), Verdict::Accept, "two bars are a rest");
    let silent = Verdict::Reject(Scope::Piece, "nothing sounds for 4 bars from bar 2".into());
    assert_eq!(judged(&[0, 4, 24]), silent);
}

/// Sends the ending back where the piece has an odd number of notes.
struct Even;

impl Judge for Even {
    fn judge(&self, finished: &Finished) -> Verdict {
        if finished.piece.note_count().is_multiple_of(2) {
            Verdict::Accept
        } else {
            Verdict::Reject(Scope::Ending, "it has an odd number of notes".into())
        }
    }
}

#[test]
fn of_takes_that_end_a_piece_one_is_kept_that_no_judge_rejects() {
    let mut model = model();
    let tune = composer().compose(&Request::new(1).style("tune").bars(4).unwrap()).unwrap();
    // It weighs nothing: any of the takes is as good as any.
    model.styles[1].critic = Critic::of_style(&[Sliced::of_score(&tune.score)]);
    let composer = Composer::new(&model);
    let at_once = |takes: u32| {
        let policy = Policy { takes, ..Policy::default() };
        let of_seed = |seed: &u64| {
            let request = Request::new(*seed).style("tune").bars(3).unwrap();
            composer.compose_with(&request, &mut request.sampler(), &[&Even], policy).unwrap().attempts == 1
        };
        (0..40).filter(of_seed).count()
    };
    let (one, eight) = (at_once(1), at_once(8));
    assert!(one < 32, "a take is as often odd as even: {one}");
    // All takes are alike where a note fills the last bar that began before it.
    assert!(eight >= 36, "eight takes are hardly ever odd all of them: {eight}");
}
