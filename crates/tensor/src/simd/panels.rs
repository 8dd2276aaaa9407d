//! What kernels share: rows of a few vectors, the last of which may be ragged, and loops that are written out.

use super::Simd;

/// The body for i = 0, …, R − 1, written out: left as a loop, LLVM may not unroll it, and then the accumulators live in memory.
macro_rules! unroll {
    ($i:ident < $r:ident, $body:block) => {
        unroll!(@ $i, $r, $body, 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    (@ $i:ident, $r:ident, $body:block, $($n:literal)*) => {
        $(if $n < $r {
            let $i = $n;
            $body
        })*
    };
}
pub(crate) use unroll;

/// Panels of at most four vectors: `body::<V, RAGGED>(first column, lanes in use of the last vector)`.
macro_rules! panels {
    ($S:ident, $n:expr, |$V:ident, $RAGGED:ident, $j:ident, $tail:ident| $body:expr) => {
        let n: usize = $n;
        for $j in (0..n).step_by(4 * $S::LANES) {
            let columns = (n - $j).min(4 * $S::LANES);
            let $tail = columns % $S::LANES;
            match (columns.div_ceil($S::LANES), $tail > 0) {
                (1, false) => panels!(@ $V 1 $RAGGED false $body),
                (1, true) => panels!(@ $V 1 $RAGGED true $body),
                (2, false) => panels!(@ $V 2 $RAGGED false $body),
                (2, true) => panels!(@ $V 2 $RAGGED true $body),
                (3, false) => panels!(@ $V 3 $RAGGED false $body),
                (3, true) => panels!(@ $V 3 $RAGGED true $body),
                (_, false) => panels!(@ $V 4 $RAGGED false $body),
                (_, true) => panels!(@ $V 4 $RAGGED true $body),
            }
        }
    };
    (@ $V:ident $v:literal $RAGGED:ident $ragged:literal $body:expr) => {{
        const $V: usize = $v;
        const $RAGGED: bool = $ragged;
        $body
    }};
}

pub(crate) use panels;

/// V vectors at `p`, the last of `tail` lanes if RAGGED.
///
/// # Safety
/// As for [`Simd`].
#[inline(always)]
pub unsafe fn load<S: Simd, const V: usize, const RAGGED: bool>(p: *const S::E, tail: usize) -> [S::V; V] {
    std::array::from_fn(
        #[inline(always)]
        |v| unsafe {
            let p = p.add(v * S::LANES);
            if RAGGED && v + 1 == V { S::load_part(p, tail) } else { S::load(p) }
        },
    )
}

/// V vectors to `p`, the last of `tail` lanes if RAGGED.
///
/// # Safety
/// As for [`Simd`].
#[inline(always)]
pub unsafe fn store<S: Simd, const V: usize, const RAGGED: bool>(p: *mut S::E, vectors: [S::V; V], tail: usize) {
    for v in 0..V {
        unsafe {
            let p = p.add(v * S::LANES);
            if RAGGED && v + 1 == V { S::store_part(p, vectors[v], tail) } else { S::store(p, vectors[v]) }
        }
    }
}
