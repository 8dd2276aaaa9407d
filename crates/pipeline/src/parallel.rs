//! Independent pieces of work on all threads at once. Which thread does a piece changes nothing in it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// Restores the number of threads of the numeric kernels.
struct Restore(usize);

impl Drop for Restore {
    fn drop(&mut self) {
        tensor::threads::set(self.0);
    }
}

/// Does the pieces 0..n and returns their results in order, or the error of the first piece, in order, that failed.
///
/// The threads divide the pieces, not the kernels inside them: those run on one thread each meanwhile. `finished` is called on
/// this thread with each piece that is done, how many are, and its result; an error of it ends the work, too.
pub fn map<T: Send, E: Send>(
    n: usize,
    piece: impl Fn(usize) -> Result<T, E> + Sync,
    mut finished: impl FnMut(usize, usize, &T) -> Result<(), E>,
) -> Result<Vec<T>, E> {
    let threads = tensor::threads::count().min(n);
    if threads < 2 {
        let one = |i| piece(i).and_then(|result| finished(i, i + 1, &result).map(|()| result));
        return (0..n).map(one).collect();
    }
    let _restore = Restore(tensor::threads::count());
    tensor::threads::set(1);
    let next = AtomicUsize::new(0);
    let mut results: Vec<Option<Result<T, E>>> = (0..n).map(|_| None).collect();
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        for _ in 0..threads {
            let (send, next, piece) = (send.clone(), &next, &piece);
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= n {
                        break;
                    }
                    let result = piece(i);
                    if result.is_err() {
                        // Pieces before this one are done or under way; none after it is begun.
                        next.store(n, Ordering::Relaxed);
                    }
                    // The receiver lives until every sender is gone.
                    let _ = send.send((i, result));
                }
            });
        }
        drop(send);
        for (done, (i, result)) in receive.into_iter().enumerate() {
            let kept = result.and_then(|result| finished(i, done + 1, &result).map(|()| result));
            if kept.is_err() {
                next.store(n, Ordering::Relaxed);
            }
            results[i] = Some(kept);
        }
    });
    // Pieces that were never begun come after the one that failed, where the collecting has ended.
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_so_does_the_first_error() {
        let before = tensor::threads::count();
        for threads in [1, 3] {
            tensor::threads::set(threads);
            let mut last = 0;
            let squares: Result<Vec<usize>, ()> = map(
                50,
                |i| Ok(i * i),
                |i, done, square| {
                    assert_eq!(*square, i * i);
                    last = done;
                    Ok(())
                },
            );
            assert_eq!(squares.unwrap(), (0..50).map(|i| i * i).collect::<Vec<_>>());
            assert_eq!((last, tensor::threads::count()), (50, threads));
            let failed: Result<Vec<usize>, usize> =
                map(50, |i| if i % 7 == 6 { Err(i) } else { Ok(i) }, |_, _, _| Ok(()));
            assert_eq!(failed, Err(6));
            assert_eq!(map(0, |_| Err::<(), _>(0), |_, _, _| Ok(())), Ok(vec![]));
            assert_eq!(map(9, Ok, |i, _, _| if i == 4 { Err(i) } else { Ok(()) }), Err(4));
        }
        tensor::threads::set(before);
    }
}
