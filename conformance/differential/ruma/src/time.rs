//! Resolves the first fork of each room on standard input again and again, for as many milliseconds
//! as the first argument says after as long a warm-up; answers the median in microseconds and the
//! ids of the resolved state. State maps, auth chains and the conflicted subgraph are made before.

#[allow(dead_code)]
mod room;

use std::cell::OnceCell;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use room::Room;
use ruma_common::OwnedEventId;
use ruma_state_res::{StateMap, resolve};

fn main() -> io::Result<()> {
    let millis = std::env::args().nth(1).and_then(|arg| arg.parse().ok()).unwrap_or(1000);
    for line in io::stdin().lock().lines() {
        let room = Room::parse(&line?).map_err(io::Error::other)?;
        let (micros, state) = time(&room, Duration::from_millis(millis));
        let ids = state.values().map(|id| id.as_str()).collect::<Vec<_>>();
        println!("{micros:.1} {}", ids.join(" "));
        io::stdout().flush()?;
    }
    Ok(())
}

fn time(room: &Room, wanted: Duration) -> (f64, StateMap<OwnedEventId>) {
    let states = room.forks[0].iter().map(|&state| room.state_map(state)).collect::<Vec<_>>();
    let chains = room.forks[0].iter().map(|&state| room.auth_chain(state)).collect::<Vec<_>>();
    let subgraph = OnceCell::new();
    let resolve_once = || {
        let chains = chains.clone();
        let begun = Instant::now();
        let state = resolve(
            &room.rules.auth,
            room.rules.state_res.expect("version 1 is not timed"),
            &states,
            chains,
            |id| room.event(id),
            |conflicted| Some(subgraph.get_or_init(|| room.subgraph(conflicted)).clone()),
        )
        .expect("it resolves");
        (begun.elapsed(), state)
    };
    let (_, state) = resolve_once();
    let mut times = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < 2 * wanted || times.is_empty() {
        let (elapsed, state) = resolve_once();
        black_box(state);
        if begun.elapsed() > wanted {
            times.push(elapsed);
        }
    }
    times.sort_unstable();
    (times[times.len() / 2].as_nanos() as f64 / 1000.0, state)
}
