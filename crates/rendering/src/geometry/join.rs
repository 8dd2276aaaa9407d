//! Joining segments into polylines over the ends they share.

use std::collections::BTreeMap;

/// Every segment exactly once, chained into as few lines as a plain walk finds: lines that end somewhere first, then rings,
/// which repeat their first end. Order depends on the ends only, not on the order of the segments' pairs beyond ties.
pub(super) fn join<K: Ord + Copy>(segments: &[(K, K)]) -> Vec<Vec<K>> {
    let mut neighbours: BTreeMap<K, Vec<K>> = BTreeMap::new();
    for &(a, b) in segments {
        neighbours.entry(a).or_default().push(b);
        neighbours.entry(b).or_default().push(a);
    }
    let odd: Vec<K> = neighbours.iter().filter(|(_, n)| n.len() % 2 == 1).map(|(&k, _)| k).collect();
    let all: Vec<K> = neighbours.keys().copied().collect();
    let mut lines = Vec::new();
    for start in odd.into_iter().chain(all) {
        loop {
            let line = walk(&mut neighbours, start);
            if line.len() < 2 {
                break;
            }
            lines.push(line);
        }
    }
    lines
}

/// Follows unused segments until none is left, using them up.
fn walk<K: Ord + Copy>(neighbours: &mut BTreeMap<K, Vec<K>>, start: K) -> Vec<K> {
    let mut line = vec![start];
    let mut here = start;
    while let Some(next) = neighbours.get_mut(&here).and_then(Vec::pop) {
        if let Some(back) = neighbours.get_mut(&next)
            && let Some(i) = back.iter().position(|&k| k == here)
        {
            back.remove(i);
        }
        line.push(next);
        here = next;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_rings_and_junctions() {
        assert_eq!(join(&[(1, 2), (3, 2)]), [[1, 2, 3]]);
        let ring = join(&[(1, 2), (2, 3), (3, 1)]);
        assert_eq!((ring.len(), ring[0].len(), ring[0][0] == ring[0][3]), (1, 4, true));
        let star = join(&[(0, 1), (0, 2), (0, 3)]);
        assert_eq!(star.iter().map(|l| l.len() - 1).sum::<usize>(), 3);
        assert!(join::<u8>(&[]).is_empty());
    }
}
