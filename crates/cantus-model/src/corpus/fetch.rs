//! Handing out the bytes of a listing: archives are unpacked once, from end to end, while what was unpacked is used.

use std::collections::HashMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use super::{Listing, ReadError, Source, archive};

/// Unpacked files that wait for somebody to use them.
const WAITING: usize = 4;

/// A file on its way: its number in the listing, and its bytes where it comes from an archive.
type Fetched = (usize, Option<Result<Vec<u8>, ReadError>>);

impl Listing {
    /// Calls `visit` with each source and its bytes, at most `limit` of them; on any thread of the pool and in any
    /// order. What it gives comes back in the order of the sources.
    pub fn read_each<T: Send>(
        &self,
        limit: u64,
        visit: impl Fn(&Source, Result<Vec<u8>, ReadError>) -> T + Sync,
    ) -> Vec<T> {
        let (sender, receiver) = sync_channel(WAITING);
        let visited = |(index, bytes): Fetched| {
            let source = self.sources.get(index)?;
            let bytes = bytes.unwrap_or_else(|| super::load(&source.path, limit));
            Some((index, visit(source, bytes)))
        };
        let mut all: Vec<(usize, T)> = thread::scope(|scope| {
            scope.spawn(move || self.fetch(limit, &sender));
            receiver.into_iter().par_bridge().filter_map(visited).collect()
        });
        all.sort_by_key(|(index, _)| *index);
        all.into_iter().map(|(_, value)| value).collect()
    }

    /// Sends all sources, those of one archive in its own order. Ends early where nobody listens any more.
    fn fetch(&self, limit: u64, sender: &SyncSender<Fetched>) {
        let mut begin = 0;
        for together in self.sources.chunk_by(|one, next| one.member.is_some() && one.path == next.path) {
            let numbered = || together.iter().enumerate().map(|(place, source)| (begin + place, source));
            let members: HashMap<&str, usize> =
                numbered().filter_map(|(index, source)| Some((source.member.as_deref()?, index))).collect();
            let send = |index, bytes| sender.send((index, bytes)).is_ok();
            if members.is_empty() {
                if !numbered().all(|(index, _)| send(index, None)) {
                    return;
                }
            } else if let Some(first) = together.first() {
                archive::read(&first.path, members, limit, &mut |index, bytes| send(index, Some(bytes)));
            }
            begin += together.len();
        }
    }
}
