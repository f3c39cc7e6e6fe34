package roster_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
)

type thing struct {
	roster.Entry
	version int64
}

func entry(t *thing) roster.Entry { return t.Entry }

func TestEveryThingIsFoundByIDAndNameInItsOwnOrganizationOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		things := drawThings(t)
		kept := slices.Clone(things)
		r := roster.New(things, entry)
		organization := rapid.SampledFrom([]string{"", "org_a", "org_b", "org_c"}).Draw(t, "organization")
		asked := rapid.SampledFrom([]string{"id_0", "id_1", "id_2", "id_3", "id_4", "id_5", "a", "b", "c", ""}).Draw(t, "asked")

		var want *thing // by id first
		for i := range kept {
			own := kept[i].Organization == organization && !kept[i].Gone
			if own && (kept[i].ID == asked || want == nil && kept[i].Name == asked) {
				want = &kept[i]
			}
		}
		got := r.Find(organization, asked)
		if (got == nil) != (want == nil) || got != nil && got.ID != want.ID {
			t.Fatalf("%q of %q: found %v, want %v", asked, organization, got, want)
		}
	})
}

func TestAnOrganizationsThingsAreInOrderOfNameWithoutThoseThatAreGone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		things := drawThings(t)
		kept := slices.Clone(things)
		r := roster.New(things, entry)
		all := 0
		for range r.All() {
			all++
		}
		for _, organization := range []string{"", "org_a", "org_b"} {
			var want []thing
			for _, each := range kept {
				if each.Organization == organization && !each.Gone {
					want = append(want, each)
				}
			}
			slices.SortFunc(want, func(a, b thing) int { return strings.Compare(a.Name, b.Name) })
			got, ids := r.Values(organization), r.IDs(organization)
			if !slices.Equal(got, want) || len(ids) != len(want) || r.Len(organization) != len(want) {
				t.Fatalf("of %q: %v with ids %v, want %v", organization, got, ids, want)
			}
			all -= len(want)
		}
		if all != 0 {
			t.Fatalf("All went over %d things too many", all)
		}
	})
}

// drawThings draws up to six things, of which no two of an organization that are
// not gone have one name, as a store keeps them.
func drawThings(t *rapid.T) []thing {
	var things []thing
	taken := map[string]bool{}
	for i := range rapid.IntRange(0, 6).Draw(t, "things") {
		e := roster.Entry{
			ID:           "id_" + string(rune('0'+i)),
			Organization: rapid.SampledFrom([]string{"", "org_a", "org_b"}).Draw(t, "of"),
			Name:         rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g"}).Draw(t, "name"),
			Gone:         rapid.Bool().Draw(t, "gone"),
		}
		if name := e.Organization + " " + e.Name; !e.Gone && taken[name] {
			e.Gone = true
		} else if !e.Gone {
			taken[name] = true
		}
		things = append(things, thing{Entry: e})
	}
	return things
}

func TestATakenNameIsToldBesideOtherFaultsOnly(t *testing.T) {
	type thing struct{ id, organization, name string }
	r := roster.New([]thing{{"env_1", "org_a", "prod"}, {"env_2", "org_a", "staging"}}, func(x *thing) roster.Entry {
		return roster.Entry{ID: x.id, Organization: x.organization, Name: x.name}
	})
	for _, c := range []struct {
		organization, name, id string
		others, want           int
	}{
		{"org_a", "prod", "", 1, 2}, {"org_a", "prod", "env_2", 1, 2},
		{"org_a", "prod", "env_1", 1, 1}, {"org_b", "prod", "", 1, 1}, {"org_a", "dev", "", 1, 1}, {"org_a", "env_1", "", 1, 1},
		{"org_a", "prod", "", 0, 0}, // the store's to find
	} {
		var f fault.Inputs
		for range c.others {
			f.Add("region", "there is no such region")
		}
		if r.AddTaken(&f, c.organization, c.name, c.id); len(f) != c.want {
			t.Errorf("%+v: %d faults, want %d", c, len(f), c.want)
		}
	}
}
