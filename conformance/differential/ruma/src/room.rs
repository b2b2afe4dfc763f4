//! A room as the generator writes it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ruma_common::{
    EventId, MilliSecondsSinceUnixEpoch, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId,
    RoomVersionId, UserId,
    room_version_rules::{AuthorizationRules, StateResolutionV2Rules},
};
use ruma_events::{StateEventType, TimelineEventType};
use ruma_state_res::{Event, StateMap, utils::event_id_set::EventIdSet};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Line {
    version: RoomVersionId,
    events: Vec<Entry>,
    states: Vec<Vec<usize>>,
    judged: Vec<(usize, usize)>,
    forks: Vec<Vec<usize>>,
}

#[derive(Deserialize)]
struct Entry {
    id: OwnedEventId,
    rejected: bool,
    #[serde(default)]
    prev: Vec<OwnedEventId>,
    #[serde(default)]
    auth: Vec<OwnedEventId>,
    pdu: Fields,
}

#[derive(Deserialize)]
struct Fields {
    room_id: Option<OwnedRoomId>,
    sender: OwnedUserId,
    origin_server_ts: MilliSecondsSinceUnixEpoch,
    #[serde(rename = "type")]
    event_type: TimelineEventType,
    state_key: Option<String>,
    content: Box<RawValue>,
    redacts: Option<OwnedEventId>,
}

pub struct Pdu {
    id: OwnedEventId,
    rejected: bool,
    prev: Vec<OwnedEventId>,
    pub auth: Vec<OwnedEventId>,
    fields: Fields,
}

impl Pdu {
    pub fn key(&self) -> Option<(StateEventType, String)> {
        let key = self.fields.state_key.clone()?;
        Some((self.fields.event_type.to_string().into(), key))
    }
}

impl Event for Pdu {
    type Id = OwnedEventId;

    fn event_id(&self) -> &OwnedEventId {
        &self.id
    }

    fn room_id(&self) -> Option<&RoomId> {
        self.fields.room_id.as_deref()
    }

    fn sender(&self) -> &UserId {
        &self.fields.sender
    }

    fn origin_server_ts(&self) -> MilliSecondsSinceUnixEpoch {
        self.fields.origin_server_ts
    }

    fn event_type(&self) -> &TimelineEventType {
        &self.fields.event_type
    }

    fn content(&self) -> &RawValue {
        &self.fields.content
    }

    fn state_key(&self) -> Option<&str> {
        self.fields.state_key.as_deref()
    }

    fn prev_events(&self) -> Box<dyn DoubleEndedIterator<Item = &OwnedEventId> + '_> {
        Box::new(self.prev.iter())
    }

    fn auth_events(&self) -> Box<dyn DoubleEndedIterator<Item = &OwnedEventId> + '_> {
        Box::new(self.auth.iter())
    }

    fn redacts(&self) -> Option<&OwnedEventId> {
        self.fields.redacts.as_ref()
    }

    fn rejected(&self) -> bool {
        self.rejected
    }
}

pub struct Rules {
    pub auth: AuthorizationRules,
    pub state_res: Option<&'static StateResolutionV2Rules>,
}

pub struct Room {
    pub rules: Rules,
    pub events: Vec<Arc<Pdu>>,
    pub indexes: HashMap<OwnedEventId, usize>,
    pub judged: Vec<(usize, usize)>,
    pub forks: Vec<Vec<usize>>,
    states: Vec<Vec<usize>>,
}

impl Room {
    pub fn parse(line: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let line: Line = serde_json::from_str(line)?;
        let rules = line.version.rules().ok_or("unknown room version")?;
        let state_res = match line.version.as_str() {
            "1" => None,
            "12" => Some(&StateResolutionV2Rules::V2_1),
            _ => Some(&StateResolutionV2Rules::V2_0),
        };
        let mut indexes = HashMap::new();
        let mut events = Vec::with_capacity(line.events.len());
        for Entry { id, rejected, prev, auth, pdu: fields } in line.events {
            indexes.insert(id.clone(), events.len());
            events.push(Arc::new(Pdu { id, rejected, prev, auth, fields }));
        }
        Ok(Self {
            rules: Rules { auth: rules.authorization, state_res },
            events,
            indexes,
            judged: line.judged,
            forks: line.forks,
            states: line.states,
        })
    }

    pub fn event(&self, id: &EventId) -> Option<Arc<Pdu>> {
        self.indexes.get(id).map(|&index| self.events[index].clone())
    }

    pub fn state_map(&self, state: usize) -> StateMap<OwnedEventId> {
        self.states[state]
            .iter()
            .map(|&index| {
                let event = &self.events[index];
                (event.key().expect("only state events are in a state"), event.id.clone())
            })
            .collect()
    }

    /// All events behind this one along auth events, itself left out.
    pub fn chain_of(&self, id: &EventId) -> HashSet<OwnedEventId> {
        let mut chain = HashSet::new();
        let mut open = vec![id.to_owned()];
        while let Some(id) = open.pop() {
            for auth in &self.events[self.indexes[&id]].auth {
                if chain.insert(auth.clone()) {
                    open.push(auth.clone());
                }
            }
        }
        chain
    }

    /// The events that have a conflicted event behind them and one before them, ends included.
    pub fn subgraph(&self, conflicted: &StateMap<Vec<OwnedEventId>>) -> EventIdSet<OwnedEventId> {
        let ends = conflicted.values().flatten().cloned().collect::<HashSet<_>>();
        let mut result: EventIdSet<OwnedEventId> = ends.iter().cloned().collect();
        let behind = ends.iter().flat_map(|id| self.chain_of(id)).collect::<HashSet<_>>();
        for id in behind {
            if self.chain_of(&id).iter().any(|id| ends.contains(id)) {
                result.insert(id);
            }
        }
        result
    }

    /// The union of the auth chains of a state's events, and these: servers count them in (ADR 6).
    pub fn auth_chain(&self, state: usize) -> EventIdSet<OwnedEventId> {
        let mut chain =
            self.states[state].iter().map(|&index| self.events[index].id.clone()).collect::<HashSet<_>>();
        let mut open = self.states[state].clone();
        while let Some(index) = open.pop() {
            for auth in &self.events[index].auth {
                if chain.insert(auth.clone()) {
                    open.push(self.indexes[auth]);
                }
            }
        }
        chain.into_iter().collect()
    }
}
