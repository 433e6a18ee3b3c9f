//! Which beats are the first of their bars.

/// Beats in a bar that are told apart.
const BARS: [usize; 3] = [2, 3, 4];
/// What speaks for each.
const PRIOR: [f64; 3] = [-0.25, -0.05, 0.0];
/// Against each first beat: most beats are none.
const RARE: f64 = 0.7;
/// Against each change of the metre, and against each bar that is broken off.
const CHANGE: f64 = 7.0;

/// The place of each beat in its bar (0 is the first) and the beats of that bar, from how much each sounds like a first
/// beat, in nats.
///
/// The course of bars in which the first beats sound most like first beats is found by dynamic programming. It may change
/// its metre, and begin anew anywhere, at a price.
pub fn bars(heard: &[f64]) -> Vec<(u8, u8)> {
    let states: Vec<(usize, usize)> =
        BARS.iter().enumerate().flat_map(|(kind, &size)| (0..size).map(move |place| (kind, place))).collect();
    let index = |kind: usize, place: usize| BARS.iter().take(kind).sum::<usize>() + place;
    let mut score: Vec<f64> = states.iter().map(|_| 0.0).collect();
    let mut trail: Vec<Vec<u8>> = Vec::with_capacity(heard.len());
    for (number, downbeat) in heard.iter().enumerate() {
        let best =
            (0..states.len()).max_by(|&a, &b| score[a].total_cmp(&score[b]).then(b.cmp(&a))).unwrap_or(0);
        let mut next = vec![0.0; states.len()];
        let mut from = vec![0_u8; states.len()];
        for (state, &(kind, place)) in states.iter().enumerate() {
            let before = index(kind, (place + BARS[kind] - 1) % BARS[kind]);
            let (mut value, mut source) = (score[before], before);
            if number > 0 && place == 0 && score[best] - CHANGE > value {
                (value, source) = (score[best] - CHANGE, best);
            }
            let heard = if place == 0 { downbeat - RARE } else { 0.0 };
            next[state] = value + heard + PRIOR[kind];
            from[state] = source as u8;
        }
        score = next;
        trail.push(from);
    }
    let mut state =
        (0..states.len()).max_by(|&a, &b| score[a].total_cmp(&score[b]).then(b.cmp(&a))).unwrap_or(0);
    let mut places = Vec::with_capacity(heard.len());
    for from in trail.iter().rev() {
        let (kind, place) = states[state];
        places.push((place as u8, BARS[kind] as u8));
        state = usize::from(from[state]);
    }
    places.reverse();
    places
}
