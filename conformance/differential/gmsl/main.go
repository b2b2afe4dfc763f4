// Answers each room on standard input with what gomatrixserverlib makes of it; see ../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/matrix-org/gomatrixserverlib"
	"github.com/matrix-org/gomatrixserverlib/spec"
)

const lineBytesMax = 64 << 20

type entry struct {
	ID       string          `json:"id"`
	Rejected bool            `json:"rejected"`
	PDU      json.RawMessage `json:"pdu"`
}

type room struct {
	Version gomatrixserverlib.RoomVersion `json:"version"`
	Events  []entry                       `json:"events"`
	States  [][]int                       `json:"states"`
	Judged  [][2]int                      `json:"judged"`
	Forks   [][]int                       `json:"forks"`

	events  []gomatrixserverlib.PDU
	indexes map[string]int
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	say := func(line string) {
		out.WriteString(line + "\n")
		out.Flush()
	}
	say("gomatrixserverlib v0.0.0-20240910190622-2c764912ce93")
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), lineBytesMax)
	for in.Scan() {
		say(answer(in.Bytes()))
	}
}

func userID(_ spec.RoomID, sender spec.SenderID) (*spec.UserID, error) {
	return spec.NewUserID(string(sender), true)
}

func answer(line []byte) string {
	r := room{indexes: map[string]int{}}
	if err := json.Unmarshal(line, &r); err != nil {
		return "!" + err.Error() + "|"
	}
	version, err := gomatrixserverlib.GetRoomVersion(r.Version)
	if err != nil {
		forks := make([]string, len(r.Forks))
		for i := range forks {
			forks[i] = "-"
		}
		return strings.Join(forks, ";") + "|" + strings.Repeat("-", 3*len(r.Judged))
	}
	for i, e := range r.Events {
		event, err := version.NewEventFromTrustedJSONWithEventID(e.ID, e.PDU, false)
		if err != nil {
			return fmt.Sprintf("!event %d: %s|", i, err)
		}
		r.events = append(r.events, event)
		r.indexes[e.ID] = i
	}
	var forks []string
	for _, fork := range r.Forks {
		forks = append(forks, r.resolve(version, fork))
	}
	var verdicts strings.Builder
	for _, judged := range r.Judged {
		event := r.events[judged[0]]
		var auth []gomatrixserverlib.PDU
		for _, id := range event.AuthEventIDs() {
			auth = append(auth, r.events[r.indexes[id]])
		}
		verdicts.WriteByte('-')
		verdicts.WriteByte(allowed(event, auth))
		verdicts.WriteByte(allowed(event, r.state(judged[1])))
	}
	return strings.Join(forks, ";") + "|" + verdicts.String()
}

func allowed(event gomatrixserverlib.PDU, state []gomatrixserverlib.PDU) byte {
	provider := gomatrixserverlib.NewAuthEvents(state)
	if gomatrixserverlib.Allowed(event, &provider, userID) == nil {
		return '1'
	}
	return '0'
}

func (r *room) state(number int) []gomatrixserverlib.PDU {
	var state []gomatrixserverlib.PDU
	for _, i := range r.States[number] {
		state = append(state, r.events[i])
	}
	return state
}

// Version 1 as ResolveConflicts does it. Version 2 of this release takes a key that only some
// states have for unconflicted, so it is not asked.
func (r *room) resolve(version gomatrixserverlib.IRoomVersion, fork []int) string {
	if version.StateResAlgorithm() != gomatrixserverlib.StateResV1 {
		return "-"
	}
	seen := map[int]bool{}
	byKey := map[gomatrixserverlib.StateKeyTuple][]gomatrixserverlib.PDU{}
	for _, number := range fork {
		for _, i := range r.States[number] {
			if !seen[i] {
				seen[i] = true
				event := r.events[i]
				key := gomatrixserverlib.StateKeyTuple{EventType: event.Type(), StateKey: *event.StateKey()}
				byKey[key] = append(byKey[key], event)
			}
		}
	}
	var conflicted, unconflicted []gomatrixserverlib.PDU
	for _, events := range byKey {
		if len(events) > 1 {
			conflicted = append(conflicted, events...)
		} else {
			unconflicted = append(unconflicted, events...)
		}
	}
	resolved := append(
		gomatrixserverlib.ResolveStateConflicts(conflicted, unconflicted, userID), unconflicted...)
	var ids []int
	for _, event := range resolved {
		ids = append(ids, r.indexes[event.EventID()])
	}
	sort.Ints(ids)
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = strconv.Itoa(id)
	}
	return strings.Join(text, ",")
}
