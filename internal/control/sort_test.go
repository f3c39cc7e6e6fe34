package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/trust"
)

// inDisorder is a world whose lists are in no order, and in many.
func inDisorder() *world {
	w := searchable()
	for i := range w.environments {
		e := &w.environments[i]
		e.Created, e.Updated = start().Add(time.Duration((i*2)%5)*time.Second), start().Add(-time.Duration(i)*time.Second)
	}
	for i := range w.keys {
		w.keys[i].Created = start().Add(time.Duration((i*3)%7) * time.Nanosecond)
	}
	w.keys[0].Expires = start()
	for i, name := range []string{"Zoe", "Bob"} {
		w.people = append(w.people, signin.Person{
			ID: fmt.Sprint("usr_", i), Name: name, SignedIn: start().Add(time.Duration(i) * time.Hour), Roles: []signin.Membership{{Organization: ours, Role: []access.Role{access.Admin, access.Owner}[i]}},
		})
		w.trusted = append(w.trusted, trust.Issuer{ID: fmt.Sprint("tru_", i), Organization: ours, Name: name, Created: start().Add(-time.Duration(i) * time.Hour)})
	}
	w.budgets = append(w.budgets, budget.Budget{ID: "bud_1", Organization: ours, Period: budget.Month, Hard: 1, Created: start().Add(-time.Hour)})
	w.spent = map[string]int64{"bud_1": 1}
	w.callables = []wire.CallableModel{{Name: "b", Family: "titan", Region: "us-east-1"}, {Name: "a", Family: "titan", Region: "eu-central-1"}, {Name: "c", Family: "cohere", Region: "us-west-2"}}
	return w
}

func TestListsStandInTheOrderThatIsAskedFor(t *testing.T) {
	h := New(inDisorder().settings())
	const in = "/organizations/ours"
	for path, want := range map[string]string{
		in + "/environments":                      "name alpha,beta,gamma,prod",
		in + "/environments?sort=name":            "name alpha,beta,gamma,prod",
		in + "/environments?sort=created":         "name prod,beta,gamma,alpha",
		in + "/environments?sort=updated":         "name gamma,beta,alpha,prod",
		in + "/environments?sort=state":           "name beta,alpha,prod,gamma",
		in + "/environments?sort=region":          "name gamma,prod,alpha,beta",
		in + "/environments?sort=exchanged":       "name alpha,beta,gamma,prod",
		in + "/environments?sort=name&search=us-": "name alpha,beta",
		in + "/keys":                                "name CI alpha,CI beta,CI gamma,app",
		in + "/keys?sort=last_used":                 "name CI alpha,CI beta,CI gamma,app",
		in + "/keys?sort=expires":                   "name app,CI alpha,CI beta,CI gamma",
		in + "/keys?sort=created":                   "name app,CI gamma,CI alpha,CI beta",
		in + "/members":                             "name Ada of ours,Bob,Zoe",
		in + "/members?sort=role":                   "name Zoe,Ada of ours,Bob",
		in + "/members?sort=signed_in":              "name Ada of ours,Zoe,Bob",
		in + "/trusted-issuers?sort=created":        "name Bob,Zoe,ci",
		in + "/trusted-issuers?sort=last_used":      "name Zoe,Bob,ci",
		in + "/budgets":                             "id bud_1," + ourBudget,
		in + "/budgets?sort=state":                  "id bud_1," + ourBudget,
		in + "/budgets?sort=ends":                   "id " + ourBudget + ",bud_1",
		in + "/models?sort=name":                    "name a,b,c",
		in + "/models?sort=family":                  "name c,a,b",
		in + "/models?sort=region":                  "name a,b,c",
		"/organizations?sort=name":                  "name ours,theirs",
		"/organizations?sort=updated&search=theirs": "name theirs",
		"/operator/keys?sort=updated":               "name operator",
	} {
		field, rest, _ := strings.Cut(want, " ")
		if d := cmp.Diff(rest, strings.Join(names(t, h, "operator", path, field), ",")); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
}

// lists are the routes that take a sort, with what they take.
func lists(t *testing.T, h http.Handler) map[string][]string {
	t.Helper()
	doc := read[struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name   string `json:"name"`
				Schema struct {
					Enum []string `json:"enum"`
				} `json:"schema"`
			} `json:"parameters"`
		} `json:"paths"`
	}](t, ask(t, h, "", "GET", "/api/openapi.json", ""), 200)
	all := map[string][]string{}
	for path, item := range doc.Paths {
		for _, p := range item["get"].Parameters {
			if p.Name == "sort" {
				all[path] = p.Schema.Enum
			}
		}
	}
	return all
}

func TestEveryOrderHasItsReverseAndPagesOfItsOwn(t *testing.T) {
	h := New(inDisorder().settings())
	all := lists(t, h)
	if len(all) != 11 {
		t.Errorf("%d lists are sorted", len(all))
	}
	for path, words := range all {
		path = strings.Replace(path, "{org}", "ours", 1)
		cursors := map[string]string{}
		for _, word := range words {
			var seen []string
			for next := ""; ; {
				page := read[wire.Page[map[string]any]](t, ask(t, h, "operator", "GET", path+"?limit=1&sort="+word+"&cursor="+next, ""), http.StatusOK)
				for _, item := range page.Items {
					seen = append(seen, fmt.Sprint(item["id"], item["name"]))
				}
				if next = page.Next; next == "" {
					break
				}
				cursors[word] = next
			}
			reverse, isReverse := strings.CutPrefix(word, "-")
			if !isReverse {
				reverse = "-" + word
			}
			other := read[wire.Page[map[string]any]](t, ask(t, h, "operator", "GET", path+"?sort="+reverse, ""), http.StatusOK)
			var back []string
			for _, item := range other.Items {
				back = append(back, fmt.Sprint(item["id"], item["name"]))
			}
			slices.Reverse(back)
			if d := cmp.Diff(back, seen); d != "" || len(seen) == 0 {
				t.Errorf("%s by %s: one by one differs from the reverse of %s:\n%s", path, word, reverse, d)
			}
		}
		for word, next := range cursors {
			for _, wrong := range words {
				if wrong == word {
					continue
				}
				if p := told(t, ask(t, h, "operator", "GET", path+"?sort="+wrong+"&cursor="+next, "")); p.Code != "bad_cursor" {
					t.Errorf("%s: a cursor of %s was taken by %s", path, word, wrong)
				}
			}
		}
	}
}

func TestTimesAreSortedAsTimes(t *testing.T) {
	at := start()
	var texts []string
	for _, step := range []time.Duration{0, 1, time.Microsecond, time.Millisecond, time.Second, time.Hour, 1000 * time.Hour, 20 * 365 * 24 * time.Hour} {
		texts = append(texts, sortable(at.Add(step).In(time.FixedZone("", int(step%12)*3600))))
	}
	if !slices.IsSorted(texts) || sortable(time.Time{}) >= texts[0] {
		t.Errorf("%q", texts)
	}
}
