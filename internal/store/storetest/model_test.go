package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
)

func modelStories() []story {
	return []story{{"environments behave as in a map", likeAMap}}
}

// likeAMap makes, changes and deletes environments at random, with right and
// wrong versions, and compares what lives with a map. Every run of it has an
// organization of its own.
func likeAMap(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		o := Organization(fmt.Sprintf("run-%d", run))
		must(t, s.CreateOrganization(t.Context(), o))
		m := model{t: t, store: s, organization: o.ID, live: map[string]tenant.Environment{}, dead: map[string]tenant.Environment{}}
		rt.Repeat(map[string]func(*rapid.T){"create": m.create, "update": m.update, "delete": m.delete, "": m.compare})
		o.Version = 1
		must(t, s.DeleteOrganization(t.Context(), o, forced(Now(), slices.Collect(maps.Keys(m.live))...)))
	})
}

type model struct {
	t            *testing.T
	store        *store.Store
	organization string
	live, dead   map[string]tenant.Environment // by id
}

// write makes a change that must be answered with the code ("" for none), and
// must leave the revision as it is when it is refused.
func (m *model) write(rt *rapid.T, code string, change func() error) {
	before := revision(m.t, m.store)
	err := change()
	got := ""
	if err != nil {
		got = fault.From(err).Code
	}
	if got != code {
		rt.Fatalf("answered with %q (%v), want %q", got, err, code)
	}
	want := before + 1
	if code != "" {
		want = before
	}
	if after := revision(m.t, m.store); after != want {
		rt.Fatalf("the revision is %d, want %d", after, want)
	}
}

func (m *model) taken(name, but string) bool {
	for id, e := range m.live {
		if id != but && e.Name == name {
			return true
		}
	}
	return false
}

func (m *model) draw(rt *rapid.T, e tenant.Environment) tenant.Environment {
	e.Name = rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "name")
	e.Tags = rapid.MapOf(rapid.StringMatching(`[^\x00]{1,5}`), rapid.StringMatching(`[^\x00]{0,5}`)).Draw(rt, "tags")
	e.Models = rapid.SliceOf(rapid.StringMatching(`[a-z.:-]*`)).Draw(rt, "models")
	e.Session = time.Duration(rapid.IntRange(900, 43200).Draw(rt, "session")) * time.Second
	e.Updated = Now().Add(time.Duration(rapid.Int64Range(0, 1e6).Draw(rt, "updated")) * time.Microsecond)
	return e
}

func (m *model) create(rt *rapid.T) {
	e := m.draw(rt, Environment(m.organization, "x"))
	code := ""
	if m.taken(e.Name, "") {
		code = "name_taken"
	}
	m.write(rt, code, func() error { return m.store.CreateEnvironment(m.t.Context(), e) })
	if code == "" {
		m.live[e.ID] = e
	}
}

// pick chooses a live environment or a dead one, and perhaps another version of it.
func (m *model) pick(rt *rapid.T) (e tenant.Environment, code string) {
	all := slices.Sorted(maps.Keys(m.live))
	all = append(all, slices.Sorted(maps.Keys(m.dead))...)
	if len(all) == 0 {
		rt.Skip("nothing there")
	}
	id := rapid.SampledFrom(all).Draw(rt, "id")
	e, lives := m.live[id]
	if !lives {
		return m.dead[id], "environment_not_found"
	}
	if off := rapid.SampledFrom([]int64{0, 0, 0, -1, 1}).Draw(rt, "off"); off != 0 {
		e.Version += off
		return e, "conflict"
	}
	return e, ""
}

func (m *model) update(rt *rapid.T) {
	e, code := m.pick(rt)
	e = m.draw(rt, e)
	if code == "" && m.taken(e.Name, e.ID) {
		code = "name_taken"
	}
	m.write(rt, code, func() error { return m.store.UpdateEnvironment(m.t.Context(), e) })
	if code == "" {
		e.Version++
		m.live[e.ID] = e
	}
}

func (m *model) delete(rt *rapid.T) {
	e, code := m.pick(rt)
	m.write(rt, code, func() error { return m.store.DeleteEnvironment(m.t.Context(), e, forced(Now())) })
	if code == "" {
		delete(m.live, e.ID)
		m.dead[e.ID] = e
	}
}

func (m *model) compare(rt *rapid.T) {
	got := map[string]tenant.Environment{}
	for _, e := range snapshot(m.t, m.store).Environments {
		got[e.ID] = e
	}
	if diff := cmp.Diff(m.live, got); diff != "" {
		rt.Fatalf("what lives (-model +database):\n%s", diff)
	}
}
