//! Dealing groups to training, validation and test.

use std::collections::BTreeMap;

use super::Split;

/// The fewest pieces of a style that are divided on their own; smaller styles are dealt together.
const OWN_DEAL: usize = 10;

/// What the division must know of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member<'a> {
    /// Its group.
    pub(super) group: usize,
    /// Its style.
    pub(super) style: &'a str,
    /// The split that a folder names.
    pub(super) named: Option<Split>,
    /// The hash of its notes, which decides where chance would.
    pub(super) digest: &'a str,
}

/// A group as it is dealt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    digest: &'a str,
    number: usize,
    size: usize,
    style: &'a str,
}

/// Gives each piece its split. What folders name stays; a relative without a name follows it; all others are dealt
/// 8 : 1 : 1 by group, style by style, in an order that only their notes decide.
pub(super) fn divide(members: &[Member<'_>]) -> Vec<Split> {
    let mut split_of = named_groups(members);
    let mut pools: BTreeMap<&str, Vec<Group<'_>>> = BTreeMap::new();
    for group in free_groups(members, &split_of) {
        pools.entry(group.style).or_default().push(group);
    }
    let (large, small): (Vec<_>, Vec<_>) =
        pools.into_values().partition(|pool| pool.iter().map(|group| group.size).sum::<usize>() >= OWN_DEAL);
    for pool in large.into_iter().chain([small.concat()]) {
        deal(pool, &mut split_of);
    }
    let mut splits: Vec<Split> =
        members.iter().map(|member| member.named.unwrap_or(split_of[&member.group])).collect();
    ensure_validation(members, &mut splits);
    splits
}

/// The split of each group with a named member: the one furthest from training.
fn named_groups(members: &[Member<'_>]) -> BTreeMap<usize, Split> {
    let mut split_of = BTreeMap::new();
    for member in members {
        if let Some(named) = member.named {
            let split = split_of.entry(member.group).or_insert(named);
            *split = named.max(*split);
        }
    }
    split_of
}

/// The groups that no folder has dealt yet, each with its first member's style.
fn free_groups<'a>(members: &[Member<'a>], dealt: &BTreeMap<usize, Split>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<usize, Group<'a>> = BTreeMap::new();
    for member in members.iter().filter(|member| !dealt.contains_key(&member.group)) {
        let Member { digest, group: number, style, .. } = *member;
        let group = groups.entry(number).or_insert(Group { digest, number, size: 0, style });
        group.size += 1;
        group.digest = group.digest.min(digest);
    }
    groups.into_values().collect()
}

/// Deals a pool: a tenth of its pieces to validation (at least one group where there are two), a tenth to test, the
/// rest to training. A group too large for what is still wanted goes to training; one too large for any tenth does not
/// count.
fn deal(mut pool: Vec<Group<'_>>, split_of: &mut BTreeMap<usize, Split>) {
    pool.sort();
    let all: usize = pool.iter().map(|group| group.size).sum();
    let most = (all / 10).max(1);
    let pieces: usize = pool.iter().map(|group| group.size).filter(|size| *size <= most).sum();
    let mut valid = if pool.len() > 1 { (pieces / 10).max(1) } else { 0 };
    let mut test = pieces / 10;
    for group in pool {
        let wanted = [(Split::Valid, &mut valid), (Split::Test, &mut test)];
        let place = wanted.into_iter().find(|(_, wanted)| group.size <= **wanted);
        let split = place.map_or(Split::Train, |(split, wanted)| {
            *wanted -= group.size;
            split
        });
        split_of.insert(group.number, split);
    }
}

/// Moves the smallest group from training to validation where there is none: training must know when to stop.
fn ensure_validation(members: &[Member<'_>], splits: &mut [Split]) {
    if splits.contains(&Split::Valid) {
        return;
    }
    let training: Vec<_> =
        members.iter().zip(&*splits).filter(|(_, split)| **split == Split::Train).collect();
    let training: Vec<Member<'_>> = training.into_iter().map(|(member, _)| member.clone()).collect();
    let groups = free_groups(&training, &BTreeMap::new());
    let smallest = groups.iter().min_by_key(|group| (group.size, group.digest));
    let Some(smallest) = smallest.filter(|_| groups.len() > 1) else { return };
    for (member, split) in members.iter().zip(splits) {
        if member.group == smallest.number && *split == Split::Train {
            *split = Split::Valid;
        }
    }
}
