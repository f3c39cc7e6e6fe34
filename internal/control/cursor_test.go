package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/tenant"
)

// animal is an item of a list whose kind other items have too.
type animal struct{ kind, name string }

func TestPagesTogetherAreTheListInEveryOrderWhateverComesAndGoesBetweenThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.Custom(func(t *rapid.T) animal {
			return animal{rapid.StringMatching(`[ab]{0,2}`).Draw(t, "kind"), rapid.StringMatching(`[a-z]{1,4}`).Draw(t, "name")}
		})
		items := rapid.SliceOfNDistinct(some, 0, 60, func(a animal) string { return a.name }).Draw(t, "items")
		by := sorts[animal]{"name": func(a animal) string { return a.name }, "kind": func(a animal) string { return a.kind }}.
			by(rapid.SampledFrom([]string{"", "name", "-name", "kind", "-kind"}).Draw(t, "sort"), func(a animal) string { return a.name })
		compare := func(x, y animal) int { return by.compare(spot{by.value(x), x.name}, spot{by.value(y), y.name}) }
		var seen []animal
		p := Paging{Limit: rapid.IntRange(1, 7).Draw(t, "limit")}
		for range 200 {
			page, err := pageOf(items, everything, p, by, func(a animal) animal { return a }, "f")
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) > p.Limit || page.Next != "" && len(page.Items) < p.Limit {
				t.Fatalf("%d items, limit %d, next %q", len(page.Items), p.Limit, page.Next)
			}
			seen = append(seen, page.Items...)
			if page.Next == "" {
				break
			}
			p.Cursor = page.Next
			if len(items) > 0 && rapid.Bool().Draw(t, "one goes") {
				i := rapid.IntRange(0, len(items)-1).Draw(t, "which")
				items = slices.Delete(slices.Clone(items), i, i+1)
			}
		}
		if !slices.IsSortedFunc(seen, compare) || len(slices.CompactFunc(slices.Clone(seen), func(x, y animal) bool { return compare(x, y) == 0 })) != len(seen) {
			t.Fatalf("out of order or twice: %q", seen)
		}
		for _, item := range items { // who was there all the time was seen
			if !slices.Contains(seen, item) {
				t.Fatalf("%q was left out of %q", item, seen)
			}
		}
	})
}

// Names are other people's, and one that made a cursor too long to come back would
// end the list there for everybody.
func TestEveryCursorThatIsGivenOutIsTaken(t *testing.T) {
	words := []string{"😀", "<", "&", "\u2028", "山", "\xff", "\x00", "\"", "\\", "a", " "}
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld()
		count := rapid.IntRange(2, 6).Draw(r, "people")
		long := strings.Repeat(rapid.SampledFrom(words).Draw(r, "begins"), rapid.SampledFrom([]int{0, 1, 60, 200, 2000}).Draw(r, "times"))
		w.people = nil
		for i := range count {
			w.people = append(w.people, signin.Person{
				ID: fmt.Sprintf("usr_%024d", i), Name: long + rapid.SampledFrom(words).Draw(r, "ends"), Roles: []signin.Membership{{Organization: ours, Role: access.Developer}},
			})
		}
		h := New(w.settings())
		sort := rapid.SampledFrom([]string{"name", "-name", "role"}).Draw(r, "sort")
		seen := map[string]bool{}
		for next, pages := "", 0; pages == 0 || next != ""; pages++ {
			out := ask(t, h, "auditor@"+ours, "GET", members+"?limit=1&sort="+sort+"&cursor="+next, "")
			if out.Code != 200 || pages > count {
				r.Fatalf("page %d, with a cursor of %d: %d %s", pages, len(next), out.Code, out.Body)
			}
			page := read[wire.Page[wire.Person]](t, out, 200)
			for _, p := range page.Items {
				seen[p.ID] = true
			}
			next = page.Next
		}
		if len(seen) != count {
			r.Fatalf("%d of %d were listed", len(seen), count)
		}
	})
}

func TestACursorIsForItsListAndFilterOnly(t *testing.T) {
	w := newWorld()
	w.events = events(300)
	h := New(w.settings())
	path := base + "/organizations/ours/audit?limit=10"
	first := read[wire.Page[wire.AuditRow]](t, ask(t, h, "auditor@"+ours, "GET", path, ""), 200)
	if len(first.Items) != 10 || first.Items[0].Seq != 299 || first.Next == "" {
		t.Fatalf("%+v", first)
	}
	second := read[wire.Page[wire.AuditRow]](t, ask(t, h, "auditor@"+ours, "GET", path+"&cursor="+first.Next, ""), 200)
	if second.Items[0].Seq != 279 {
		t.Errorf("%+v", second.Items[0])
	}
	for _, other := range []string{path + "&action=key.", base + "/audit?limit=10", base + "/organizations?limit=10", base + "/organizations/theirs/audit?limit=10"} {
		if p := told(t, ask(t, h, "operator", "GET", other+"&cursor="+first.Next, "")); p.Code != "bad_cursor" || p.Errors[0].Location != "query.cursor" {
			t.Errorf("%s: %+v", other, p)
		}
	}
}

func FuzzCursors(f *testing.F) {
	f.Add(cursor("prod", "environments"))
	f.Add(cursor("\xff\x00", "environments"))
	f.Add("====")
	f.Fuzz(func(t *testing.T, text string) {
		last, err := after(text, "environments")
		if err == nil && text != "" && cursor(last, "environments") != text {
			t.Fatalf("%q means %q, which does not come back", text, last)
		}
	})
}

func TestTenThousandEnvironmentsAreListedPageByPage(t *testing.T) {
	h := manyIn(10_000, tenant.Ready)
	seen, next := 0, ""
	for {
		page := read[wire.Page[wire.Environment]](t, ask(t, h, "developer@"+ours, "GET", envs+"?limit=200&cursor="+next, ""), 200)
		seen += len(page.Items)
		if next = page.Next; next == "" {
			break
		}
	}
	if seen != 10_000 {
		t.Errorf("%d environments were listed", seen)
	}
}

// A page must stay far below 50 ms in every order.
func BenchmarkAPageOfTenThousandEnvironments(b *testing.B) {
	h := manyIn(10_000, tenant.Ready)
	for _, sort := range []string{"name", "-name", "created", "-state", "exchanged"} {
		b.Run(sort, func(b *testing.B) {
			path := envs + "?limit=200&sort=" + sort
			next := read[wire.Page[wire.Environment]](b, ask(b, h, "developer@"+ours, http.MethodGet, path, ""), 200).Next
			b.ReportAllocs()
			for b.Loop() {
				if out := ask(b, h, "developer@"+ours, http.MethodGet, path+"&cursor="+next, ""); out.Code != 200 {
					b.Fatal(out.Body)
				}
			}
		})
	}
}
