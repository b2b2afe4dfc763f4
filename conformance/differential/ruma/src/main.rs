//! Answers each room on standard input with what ruma-state-res makes of it; see ../README.md.

mod room;

use std::io::{self, BufRead, Write};

use room::{Pdu, Room, Rules};
use ruma_common::{EventId, OwnedEventId};
use ruma_events::StateEventType;
use ruma_state_res::{
    StateMap, check_state_dependent_auth_rules, check_state_independent_auth_rules, resolve,
};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "ruma-state-res 0.18.0")?;
    out.flush()?;
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", answer(&line?))?;
        out.flush()?;
    }
    Ok(())
}

fn answer(line: &str) -> String {
    let room = match Room::parse(line) {
        Ok(room) => room,
        Err(error) => return format!("!{error}|").replace('\n', " "),
    };
    let forks = (0..room.forks.len()).map(|fork| resolved(&room, fork)).collect::<Vec<_>>();
    let verdicts =
        room.judged.iter().map(|&(event, before)| verdict(&room, event, before)).collect::<String>();
    format!("{}|{verdicts}", forks.join(";"))
}

fn resolved(room: &Room, fork: usize) -> String {
    let Some(state_res) = room.rules.state_res else {
        return "-".to_owned();
    };
    let states = room.forks[fork].iter().map(|&state| room.state_map(state)).collect::<Vec<_>>();
    let chains = room.forks[fork].iter().map(|&state| room.auth_chain(state)).collect::<Vec<_>>();
    let result = resolve(
        &room.rules.auth,
        state_res,
        &states,
        chains,
        |id| room.event(id),
        |conflicted| Some(room.subgraph(conflicted)),
    );
    match result {
        Ok(state) => {
            let mut ids = state.values().map(|id| room.indexes[id]).collect::<Vec<_>>();
            ids.sort_unstable();
            ids.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
        }
        Err(error) => format!("!{error}").replace([';', '|', '\n'], " "),
    }
}

fn verdict(room: &Room, event: usize, before: usize) -> String {
    let pdu = room.events[event].clone();
    let Rules { auth, .. } = &room.rules;
    let selection = check_state_independent_auth_rules(auth, &*pdu, |id| room.event(id)).is_ok();
    let mut by_auth = StateMap::new();
    for id in &pdu.auth {
        let auth_event = room.event(id).expect("auth events are given");
        if let Some(key) = auth_event.key() {
            by_auth.insert(key, id.clone());
        }
    }
    let before = room.state_map(before);
    let bit = |allowed: bool| if allowed { '1' } else { '0' };
    [bit(selection), bit(allows(room, &pdu, &by_auth)), bit(allows(room, &pdu, &before))]
        .iter()
        .collect()
}

fn allows(room: &Room, pdu: &Pdu, state: &StateMap<OwnedEventId>) -> bool {
    let rules = &room.rules.auth;
    if *ruma_state_res::Event::event_type(pdu) == ruma_events::TimelineEventType::RoomCreate {
        return check_state_independent_auth_rules(rules, pdu, |id| room.event(id)).is_ok();
    }
    check_state_dependent_auth_rules(rules, pdu, |event_type, key| {
        if rules.room_create_event_id_as_room_id && *event_type == StateEventType::RoomCreate {
            return room.events.first().cloned();
        }
        let id: &EventId = state.get(&(event_type.clone(), key.to_owned()))?;
        room.event(id)
    })
    .is_ok()
}
