package studio

import (
	"cmp"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func (s *studio) keysRoutes() []route {
	const one = "/o/{org}/keys/{key}"
	return []route{
		get("/o/{org}/keys", access.ReadKey, s.keys),
		get("/o/{org}/keys/new", access.WriteKey, s.newKey),
		post("/o/{org}/keys", access.WriteKey, s.createKey),
		get(one, access.ReadKey, s.key),
		get(one+"/edit", access.WriteKey, s.editKey),
		post(one+"/edit", access.WriteKey, s.changeKey),
		get(one+"/rotate", access.WriteKey, s.askRotateKey),
		post(one+"/rotate", access.WriteKey, s.rotateKey),
		get(one+"/revoke", access.WriteKey, s.askRevokeKey),
		post(one+"/revoke", access.WriteKey, s.revokeKey),
	}
}

// keyRow is a key as pages draw it.
type keyRow struct {
	wire.Key
	// Places are the names of the environments that it may use; none: all.
	Places []string
	Ends   ending
}

// ending is when something ends, and whether that is to be looked at.
type ending struct {
	At    *time.Time
	Class string // of the state; "" for none
	Word  string
}

// soonEnds is how long before its end a key is pointed out.
const soonEnds = 14 * 24 * time.Hour

func endingOf(at *time.Time, now time.Time) ending {
	switch {
	case at == nil:
		return ending{}
	case !at.After(now):
		return ending{at, "bad", "ended"}
	case at.Sub(now) < soonEnds:
		return ending{at, "warn", "expires soon"}
	}
	return ending{At: at}
}

func (v *visit) keyRow(k wire.Key, n *names) keyRow {
	row := keyRow{Key: k, Ends: endingOf(k.Expires, v.now())}
	for _, id := range k.Environments {
		row.Places = append(row.Places, cmp.Or(n.Of(id), id))
	}
	return row
}

// Rotating reports whether two active secrets now.
func (k keyRow) Rotating() bool { return len(k.Secrets) > 1 }

// LimitsText says the limits in a few words.
func (k keyRow) LimitsText() string { return limitsText(k.Limits) }

type keysData struct {
	Rows         []keyRow
	Next         string
	Search, Role string
	Sort         string
	Roles, Sorts []option
}

// Asked reports whether the list is narrowed.
func (d keysData) Asked() bool { return d.Search != "" || d.Role != "" }

func (s *studio) keys(v *visit) (answer, error) {
	l := v.list("role")
	p, err := v.api.KeyPage(v.ctx(), v.Org.ID, l)
	if err != nil {
		return nil, err
	}
	data := keysData{Next: p.Next, Search: l.Search, Role: l.Filter["role"], Sort: l.Sort, Sorts: chosenOption([]option{
		{Value: "", Label: "Name"}, {Value: "-last_used", Label: "Last used"}, {Value: "-created", Label: "Newest"}, {Value: "expires", Label: "Expiring first"},
	}, l.Sort)}
	roles := []option{{Value: "", Label: "Any role"}}
	for _, r := range access.Roles() {
		if r != access.Operator {
			roles = append(roles, option{Value: string(r), Label: string(r)})
		}
	}
	data.Roles = chosenOption(roles, data.Role)
	n := newNames(v)
	for _, k := range p.Items {
		data.Rows = append(data.Rows, v.keyRow(k, n))
	}
	var actions []link
	if v.May(access.WriteKey) {
		actions = []link{{Label: "New key", URL: v.At("keys", "new"), Primary: true}}
	}
	return page{
		template: "keys", title: "API keys", section: "keys", actions: actions, data: data,
		lead: "Programs send a key with each call to /v1. Every key has its own permissions, limits and usage.",
	}, nil
}

// chosenOption marks the one with the value.
func chosenOption(options []option, value string) []option {
	out := slices.Clone(options)
	for i := range out {
		out[i].Chosen = out[i].Value == value
	}
	return out
}

// key shows one.
func (s *studio) key(v *visit) (answer, error) {
	k, err := v.api.Key(v.ctx(), v.Org.ID, v.path("key"))
	if err != nil {
		return nil, err
	}
	p := page{template: "key", title: k.Name, section: "keys", trail: v.keyTrail(), data: v.keyRow(k, newNames(v))}
	if v.May(access.WriteKey) {
		p.actions = []link{
			{Label: "Edit", URL: v.At("keys", k.ID, "edit")}, {Label: "Rotate", URL: v.At("keys", k.ID, "rotate")},
			{Label: "Revoke", URL: v.At("keys", k.ID, "revoke"), Danger: true},
		}
	}
	return p, nil
}

// keyTrail leads back to the list, and to the keys named.
func (v *visit) keyTrail(keys ...wire.Key) []link {
	trail := []link{{Label: "API keys", URL: v.At("keys")}}
	for _, k := range keys {
		trail = append(trail, link{Label: clip(40, k.Name), URL: v.At("keys", k.ID)})
	}
	return trail
}
