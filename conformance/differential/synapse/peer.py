"""Answers each room on standard input with what Synapse makes of it; see ../README.md."""

import json
import logging
import sys
from importlib.metadata import version

from synapse import event_auth
from synapse.api.errors import AuthError, SynapseError
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS, StateResolutionVersions
from synapse.events import make_event_from_dict
from synapse.state import v1, v2
from synapse.storage.databases.main.event_federation import StateDifference


class Clock:
    async def sleep(self, duration):
        pass


class Store:
    """What resolution and auth ask of the database, from one room's events."""

    def __init__(self, events):
        self.events = events

    async def get_events(self, ids, **_):
        return {i: self.events[i] for i in ids if i in self.events}

    def chain(self, ids):
        chain, open_ids = set(), list(ids)
        while open_ids:
            for auth in self.events[open_ids.pop()].auth_event_ids():
                if auth not in chain:
                    chain.add(auth)
                    open_ids.append(auth)
        return chain

    async def get_auth_chain_difference(self, room_id, state_sets, conflicted, additional):
        # As Synapse's database does: the state's own events count (ADR 6).
        chains = [set(state) | self.chain(state) for state in state_sets]
        difference = set.union(*chains) - set.intersection(*chains)
        if conflicted is None:
            return StateDifference(auth_difference=difference, conflicted_subgraph=None)
        ends = conflicted | (additional or set())
        subgraph = set(conflicted)
        for event in self.chain(conflicted):
            if self.chain([event]) & ends:
                subgraph.add(event)
        return StateDifference(auth_difference=difference, conflicted_subgraph=subgraph)


def run(coroutine):
    """Nothing here waits for anything, so one step is all."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a coroutine waits")


def allowed(check, *args):
    try:
        result = check(*args)
        if result is not None:
            run(result)
        return "1"
    except (AuthError, SynapseError):
        return "0"


def answer(line):
    room = json.loads(line)
    room_version = KNOWN_ROOM_VERSIONS[room["version"]]
    events = [
        make_event_from_dict(
            entry["pdu"], room_version, rejected_reason="rejected" if entry["rejected"] else None
        )
        for entry in room["events"]
    ]
    for entry, event in zip(room["events"], events):
        if entry["id"] != event.event_id:
            return f"!event id {event.event_id} instead of {entry['id']}|"
    index = {event.event_id: number for number, event in enumerate(events)}
    store = Store({event.event_id: event for event in events})
    states = [
        {(events[i].type, events[i].state_key): events[i].event_id for i in state}
        for state in room["states"]
    ]
    room_id = events[0].room_id

    resolved = []
    for fork in room["forks"]:
        sets = [states[i] for i in fork]
        if room_version.state_res == StateResolutionVersions.V1:
            result = v1.resolve_events_with_store(
                room_id, room_version, sets, None, store.get_events
            )
        else:
            result = v2.resolve_events_with_store(
                Clock(), room_id, room_version, sets, None, store
            )
        ids = sorted(index[i] for i in run(result).values())
        resolved.append(",".join(map(str, ids)))

    verdicts = []
    for number, before in room["judged"]:
        event = events[number]
        create = event.type == "m.room.create"
        selection = allowed(event_auth.check_state_independent_auth_rules, store, event)
        by_auth = [store.events[i] for i in event.auth_event_ids()]
        by_state = [store.events[i] for i in states[before].values()]
        verdicts.append(selection)
        for state in (by_auth, by_state):
            verdicts.append(
                selection
                if create
                else allowed(event_auth.check_state_dependent_auth_rules, event, state)
            )
    return ";".join(resolved) + "|" + "".join(verdicts)


def main():
    logging.disable(logging.CRITICAL)
    print("synapse " + version("matrix-synapse"), flush=True)
    for line in sys.stdin:
        print(answer(line), flush=True)


main()
