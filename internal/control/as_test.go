package control

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/ident"
)

const somebody = "usr_cccccccccccccccccccccccc"

func personOf(organization string, roles ...access.Role) access.Principal {
	return access.Principal{Key: access.Key{ID: somebody, Name: "Ada", Organization: organization, Roles: roles}}
}

// as has a request made by a signed-in person.
func as(who access.Principal, address string) func(*http.Request) {
	return func(r *http.Request) { *r = *r.WithContext(As(r.Context(), who, address)) }
}

func TestWhatAPersonMadeOnAnotherReplicaIsThereOnTheNextPage(t *testing.T) {
	w := newWorld()
	made := w.environments
	w.environments = nil
	away := error(nil)
	s := w.settings()
	s.Refresh = func(context.Context) error {
		if away == nil {
			w.environments = made
		}
		return away
	}
	h := New(s)
	page := func() int {
		return ask(t, h, "", http.MethodGet, envs+"/prod", "", as(personOf(ours, access.Owner), "192.0.2.7")).Code
	}
	if got := page(); got != http.StatusOK {
		t.Errorf("another replica made it: %d", got)
	}
	if away = errors.New("the database is away"); page() != http.StatusOK {
		t.Error("what is known is not shown while the database is away")
	}
}

func TestASignedInPersonActsWithoutAnAPIKeyAndIsNamedInTheAudit(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	admin := as(personOf(ours, access.Admin), "192.0.2.7")
	read[wire.Token](t, ask(t, h, "", "POST", envs+"/prod/token", "", admin), http.StatusOK)
	if len(w.recorded) != 1 {
		t.Fatalf("%+v", w.recorded)
	}
	got := w.recorded[0].Actor
	if got.Key != somebody || got.Name != "Ada" || got.Organization != ours || got.Address != "192.0.2.7" {
		t.Errorf("%+v", got)
	}
	me := read[wire.WhoAmI](t, ask(t, h, "operator", "GET", base+"/whoami", "", as(personOf(ours, access.Developer), "")), http.StatusOK)
	if me.Person != somebody || me.Key != somebody || me.Name != "Ada" || me.Organization != ours {
		t.Errorf("%+v", me)
	}
	if d := cmp.Diff([]string{"developer"}, me.Roles); d != "" {
		t.Errorf("the key that came too was taken: %s", d)
	}
	for path, status := range map[string]int{"/organizations/theirs": 404, "/organizations/ours/keys": 403, "/status": 403, "/organizations/ours": 200} {
		out := ask(t, h, "", "GET", base+path, "", as(personOf(ours, access.Developer), ""))
		if out.Code != status || strings.Contains(out.Body.String(), "API key does not have") {
			t.Errorf("%s: %d, want %d: %s", path, out.Code, status, out.Body)
		}
	}
}

func TestWhoIsNobodyIsNotLetInByTheKeyThatComesToo(t *testing.T) {
	w := newWorld()
	out := ask(t, New(w.settings()), "operator", "GET", base+"/whoami", "", as(access.Principal{}, ""))
	if p := told(t, out); p.Status != http.StatusUnauthorized || p.Code != "session_ended" {
		t.Errorf("%+v", p)
	}
}

// What a client can send is text: no header, query or body makes a person of it,
// whatever it is called.
func TestNothingThatAClientSendsMakesAPerson(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	who := personOf("", access.Operator)
	whole, err := json.Marshal(who)
	if err != nil {
		t.Fatal(err)
	}
	values := []string{
		somebody, "operator", "system", string(whole), base64.StdEncoding.EncodeToString(whole),
		fmt.Sprintf("%v", who), fmt.Sprintf("%v", asKey{}), "true", "127.0.0.1",
	}
	names := []string{
		"As", "X-As", "X-Adit-As", "X-Adit-Principal", "Principal", "X-Forwarded-User", "X-Remote-User", "Remote-User", "X-User", "X-Principal",
		"Cookie", "X-Adit-Session", "Sudo", "Impersonate-User", "X-Api-Key", "Authorization", "Proxy-Authorization", "X-Http-Method-Override", "X-Forwarded-For",
	}
	for _, name := range names {
		for _, value := range values {
			if name == "X-Api-Key" && value == "operator" {
				continue // which the fakes take for a key
			}
			out := ask(t, h, "", "POST", base+"/organizations", `{"name":"new"}`, func(r *http.Request) {
				r.Header.Set(name, value)
				for _, cookie := range []string{"adit_session", "__Host-adit_session"} {
					r.AddCookie(&http.Cookie{Name: cookie, Value: somebody})
				}
			})
			if out.Code != http.StatusUnauthorized || len(w.changes) > 0 {
				t.Fatalf("%s: %q: %d %q", name, value, out.Code, w.changes)
			}
		}
	}
	// Nor does a context that only looks alike.
	type asKey struct{}
	out := ask(t, h, "", "GET", base+"/whoami", "", func(r *http.Request) {
		*r = *r.WithContext(context.WithValue(context.WithValue(r.Context(), asKey{}, acting{who, ""}), "as", who)) //nolint:revive,staticcheck // the attempt
	})
	if out.Code != http.StatusUnauthorized {
		t.Errorf("%d %s", out.Code, out.Body)
	}
}

func TestPeopleAreHeldToTheirPace(t *testing.T) {
	w := newWorld()
	s := w.settings()
	s.PerKey = 40
	h := New(s)
	through := func(n int, change func(i int) func(*http.Request)) (ok int) {
		for i := range n {
			if out := ask(t, h, "", "GET", base+"/whoami", "", change(i)); out.Code == http.StatusOK {
				ok++
			}
		}
		return ok
	}
	who := personOf(ours, access.Owner)
	const most = 10 * askedOfAPage // a page asks several times
	if ok := through(most+20, func(i int) func(*http.Request) { return as(who, fmt.Sprintf("192.0.2.%d", i)) }); ok != most {
		t.Errorf("by person: %d, want %d", ok, most)
	}
	other := personOf(ours, access.Admin)
	other.Key.ID = ident.New(ident.Person)
	if ok := through(1, func(int) func(*http.Request) { return as(other, "192.0.2.1") }); ok != 1 {
		t.Error("another person has to wait for the first")
	}
}
