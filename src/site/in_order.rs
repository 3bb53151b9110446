//! Work on all processors whose results are taken in order.
//!
//! What is done with a result, such as writing it, is done here while the next ones are made; and a slow one holds up none but those
//! behind it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

/// How many items are worked on before the slowest of them must be done: so many results wait at most.
const BATCH: usize = 8 * 1024;
/// How many items a thread takes at a time, at most.
const STEP: usize = 32;

/// The number of some results, these, and who takes back what is left of them.
type Made<T, L> = (usize, Vec<T>, Sender<Vec<L>>);

/// Does `work` on every item, on as many threads as the machine has, and hands its results to `take` in the order of the items.
///
/// `take` runs on the thread of the caller, which must not be one of rayon's. An error of `take` ends it all; by then the items
/// behind may have been worked on. What `take` leaves is dropped by the thread that made the result: memory is freed in less time
/// where it was allocated.
pub(crate) fn in_order<I: Sync, T: Send, L: Send, E>(
    items: &[I],
    work: impl Fn(&I) -> T + Sync,
    take: impl FnMut(T) -> Result<L, E>,
) -> Result<(), E> {
    in_order_with(items, || (), |(), item| work(item), take)
}

/// The same with a state for items that are next to each other, which `begin` makes anew from time to time.
pub(crate) fn in_order_with<I: Sync, S, T: Send, L: Send, E>(
    items: &[I],
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &I) -> T + Sync,
    mut take: impl FnMut(T) -> Result<L, E>,
) -> Result<(), E> {
    let threads = rayon::current_num_threads();
    for batch in items.chunks(BATCH) {
        // A few items may each take long.
        let step = (batch.len() / (64 * threads)).clamp(1, STEP);
        let next = AtomicUsize::new(0);
        let (done, results) = channel();
        let worker = |done: Sender<Made<T, L>>| {
            let (back, left) = channel();
            loop {
                left.try_iter().for_each(drop);
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(items) = batch.chunks(step).nth(number) else {
                    return;
                };
                let mut state = begin();
                let made = items.iter().map(|item| work(&mut state, item)).collect();
                if done.send((number, made, back.clone())).is_err() {
                    return;
                }
            }
        };
        rayon::in_place_scope(|scope| {
            for _ in 0..threads {
                let done = done.clone();
                scope.spawn(|_| worker(done));
            }
            drop(done);
            let mut early = BTreeMap::new();
            let mut number = 0;
            // Until every thread is done, or one has panicked, which the scope passes on.
            for (at, made, back) in results {
                early.insert(at, (made, back));
                while let Some((made, back)) = early.remove(&number) {
                    number += 1;
                    let left: Result<Vec<L>, E> = made.into_iter().map(&mut take).collect();
                    // A thread that is done leaves it here.
                    let _ = back.send(left?);
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn results_come_in_order_whatever_is_slow() {
        for len in [0, 1, 7, 100, BATCH + 3] {
            let items: Vec<usize> = (0..len).collect();
            let spread = |&n: &usize| {
                if n % 97 == 0 {
                    std::thread::yield_now();
                }
                n * 2
            };
            let mut taken = Vec::new();
            let done = in_order(&items, spread, |n| {
                taken.push(n);
                Ok::<(), ()>(())
            });
            assert_eq!(done, Ok(()));
            assert!(taken.iter().copied().eq((0..len).map(|n| n * 2)), "{len}");
        }
    }

    #[test]
    fn an_error_ends_it() {
        let items: Vec<usize> = (0..3 * BATCH).collect();
        let worked = Mutex::new(0);
        let work = |&n: &usize| {
            *worked.lock().unwrap() += 1;
            n
        };
        let mut taken = 0;
        let done = in_order(&items, work, |n| {
            taken += 1;
            if n == 5 { Err(n) } else { Ok(()) }
        });
        assert_eq!((done, taken), (Err(5), 6));
        assert!(*worked.lock().unwrap() <= BATCH);
    }

    #[test]
    #[should_panic(expected = "at 5")]
    fn a_panic_is_passed_on() {
        let items: Vec<usize> = (0..100).collect();
        let work = |&n: &usize| assert!(n != 5, "at {n}");
        let _ = in_order(&items, work, |()| Ok::<(), ()>(()));
    }
}
