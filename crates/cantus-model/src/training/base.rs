//! Going on from a model that has learnt already: its network grown by the styles of one's own music, and its card
//! by that music's sources.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use cantus_nn::{Parameters, Rng, Tensor};
use sha2::{Digest, Sha256};

use super::{Prepared, StoreError, TrainingSet};
use crate::corpus::{ScanOptions, hex, note_runs};
use crate::model::{Card, CardSource, CardStyle, Model};
use crate::network::{Network, Shape};
use crate::run::{RunError, bytes_of};
use crate::styles::Style;
use crate::walk::{Group, Kind, Spec};

/// The model that a run began from.
pub(super) fn model(path: &Path) -> Result<Model, RunError> {
    let rule = "a run that began from a model keeps a copy of it";
    let damaged = |found: String| RunError::Damaged { path: path.to_owned(), rule, found };
    let bytes = bytes_of(path)?.ok_or_else(|| damaged("it is gone".to_owned()))?;
    Model::from_bytes(&bytes).map_err(|error| damaged(error.to_string()))
}

/// Known music without what is related to the pieces that training is to stop by.
pub(super) fn without_kin(mut known: TrainingSet, own: &TrainingSet) -> Result<TrainingSet, StoreError> {
    let runs = |set: &TrainingSet, piece: &Prepared| {
        Ok(note_runs(&set.store.get(piece.kept)?.to_score(), ScanOptions::default().run))
    };
    let mut held_out = HashSet::new();
    for piece in &own.valid {
        held_out.extend(runs(own, piece)?);
    }
    let mut strangers = Vec::with_capacity(known.train.len());
    for piece in &known.train {
        if !runs(&known, piece)?.iter().any(|run| held_out.contains(run)) {
            strangers.push(piece.clone());
        }
    }
    known.train = strangers;
    Ok(known)
}

/// The digest of all that a run learns from, where it began from a model.
pub(super) fn digest_with(own: &str, model: &Model, known: Option<&TrainingSet>) -> String {
    let known = known.map_or(0, |known| known.train.len());
    hex(&Sha256::digest(format!("{own}\n{}\n{known}\n", model.digest)))
}

/// The styles of a model and after them those that a training set adds. A style of the same name is from now on as the
/// set's pieces are.
pub(super) fn joined(base: &[Style], own: &[Style]) -> Vec<Style> {
    let mut styles = base.to_vec();
    for style in own {
        match styles.iter_mut().find(|known| known.name == style.name) {
            Some(known) => known.clone_from(style),
            None => styles.push(style.clone()),
        }
    }
    styles
}

/// The same where only controls are learnt: a style of the same name stays as it is, but for their scales.
pub(super) fn rescaled(base: &[Style], own: &[Style]) -> Vec<Style> {
    let mut styles = joined(own, base);
    for style in &mut styles {
        let measured = own.iter().find(|own| own.name == style.name);
        style.controls = measured.map_or_else(|| style.controls.clone(), |own| own.controls.clone());
    }
    let place = |style: &Style| base.iter().position(|known| known.name == style.name).unwrap_or(base.len());
    styles.sort_by_key(place);
    styles
}

/// Numbers the styles of a set as a longer list does, which has a style of each of its names.
pub(super) fn renumber(set: &mut TrainingSet, styles: &[Style]) {
    let number = |style: &Style| styles.iter().position(|known| known.name == style.name).unwrap_or(0) as u32;
    let numbers: Vec<u32> = set.styles.iter().map(number).collect();
    for piece in set.train.iter_mut().chain(&mut set.valid) {
        piece.style = numbers[piece.style as usize];
    }
    set.styles = styles.to_vec();
}

/// A model's network with room for more styles, and for drums, dynamics and controls where it knew none. A new style begins
/// as music of no stated style, and a new control as if it were not there; a new head begins as in a new network.
pub(super) fn grown(model: &Model, shape: Shape, rng: &mut Rng) -> (Network, Parameters) {
    let (network, mut params) = Network::new(shape, rng);
    let added = shape.styles.saturating_sub(model.network.shape.styles) as usize;
    for (name, tensor) in model.params.iter() {
        let Some(id) = params.id(name) else { continue };
        let new = params.get_mut(id);
        match style_rows(&model.network.spec, name) {
            Some((first, end)) => put_rows(new, tensor, first..end, added),
            None => put_columns(new, tensor),
        }
    }
    (network, params)
}

/// The first of the rows that tell the style in a tensor, and the row after the last; nothing where none do.
fn style_rows(spec: &Spec, tensor: &str) -> Option<(usize, usize)> {
    let owner = tensor.strip_suffix(".table")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == owner);
    spec.style_rows(kind).map(Group::bounds)
}

/// Copies a table into one with more rows: so many for styles, of which those of `old` are told in `styles`, and any number
/// at its end, which begin as nothing.
fn put_rows(new: &mut Tensor, old: &Tensor, styles: Range<usize>, added: usize) {
    let width = old.columns();
    let (before, after) = old.data().split_at(styles.end * width);
    let unstated = &old.data()[styles.start * width..(styles.start + 1) * width];
    let rows = before.iter().chain(unstated.iter().cycle().take(added * width)).chain(after);
    for (value, known) in new.data_mut().iter_mut().zip(rows.chain(std::iter::repeat(&0.0))) {
        *value = *known;
    }
}

/// Copies a tensor into one that may have more columns, which begin as nothing.
fn put_columns(new: &mut Tensor, old: &Tensor) {
    let (width, wider) = (old.columns(), new.columns());
    new.data_mut().fill(0.0);
    for (row, known) in new.data_mut().chunks_mut(wider.max(1)).zip(old.data().chunks(width.max(1))) {
        row[..width].copy_from_slice(known);
    }
}

/// The card of a model that goes on from another: the music of both, and whose it was.
pub(super) fn card_after(base: &Model, own: Card) -> Card {
    let mut card = own;
    let ledgers = format!("{}\n{}\n", base.card.ledger, card.ledger);
    card.ledger = hex(&Sha256::digest(ledgers));
    for source in &base.card.sources {
        let terms =
            |source: &CardSource| [source.credit.clone(), source.licence.clone(), source.rights.clone()];
        match card.sources.iter_mut().find(|own| terms(own) == terms(source)) {
            Some(own) => own.pieces += source.pieces,
            None => card.sources.push(source.clone()),
        }
    }
    let is_new = |style: &&CardStyle| card.styles.iter().all(|own| own.name != style.name);
    let styles: Vec<CardStyle> = base.card.styles.iter().filter(is_new).cloned().collect();
    card.styles = styles.into_iter().chain(card.styles).collect();
    card.notes.clone_from(&base.card.notes);
    card.notes.push(format!("Learnt on from the model {} ({}).", base.card.name, base.digest));
    card
}
