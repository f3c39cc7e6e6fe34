package control

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
)

// body is one that the operation takes; operations that are not named take none.
func body(operation string) string {
	switch operation {
	case "create-organization", "create-environment", "create-key", "create-operator-key":
		return `{"name":"new"}`
	case "update-organization":
		return `{"description":"new"}`
	case "update-environment", "update-key", "update-operator-key":
		return `{"name":"new"}`
	case "accept-environment":
		return `{"reason":"it is a test"}`
	case "prune-audit":
		return `{"before":"2020-01-01T00:00:00Z"}`
	case "enable-model", "disable-model":
		return `{"model":"amazon.titan-embed-text-v2:0"}`
	case "create-trusted-issuer":
		return `{"name":"new","issuer_url":"https://token.actions.githubusercontent.com","subject":"repo:acme/*:ref:refs/heads/main"}`
	case "update-trusted-issuer":
		return `{"name":"new"}`
	case "create-budget":
		return `{"period":"month","hard_usd":"50"}`
	case "update-budget":
		return `{"soft_usd":"","hard_usd":"60"}`
	case "update-member":
		return `{"role":"auditor"}`
	case "invite-member", "invite-operator":
		return `{"login":"grace"}`
	}
	return ""
}

// filled is a route's path in an organization.
func filled(r route, org, env, key string) string {
	person, issuer, bound, login := ourPerson, ourIssuer, ourBudget, ourLink
	if env == theirEnv {
		person, issuer, bound, login = theirPerson, theirIssuer, theirBudget, theirLink
	}
	if r.scope == ofServer {
		key, person, login = operatorKey, operatorPerson, operatorLink
	}
	return base + strings.NewReplacer("{org}", org, "{env}", env, "{key}", key, "{kid}", "kid-1", "{person}", person, "{login}", login, "{issuer}", issuer, "{budget}", bound).Replace(r.path)
}

// table is the declared one, from a server that nobody calls.
func table() []route { return (&api{}).routes() }

// where the caller asks.
const (
	own     = "own"
	foreign = "foreign"
	absent  = "absent"
)

// declared is what the table says of a route, for a role that asks in its own
// organization, in another one, and in one that is not there.
func declared(r route, role access.Role, place string) int {
	holds := slices.Contains(role.Grants(), r.permission)
	operator := role == access.Operator
	inPath := strings.Contains(r.path, "{org}")
	switch {
	case r.scope == ofSelf:
		return http.StatusOK
	case r.scope == ofServer && (!operator || !holds):
		return http.StatusForbidden
	case inPath && place == absent, inPath && place == foreign && !operator:
		return http.StatusNotFound
	case !holds:
		return http.StatusForbidden
	}
	return http.StatusOK
}

func TestEveryRouteAnswersEveryRoleAsTheTableDeclares(t *testing.T) {
	rows := 0
	w := newWorld()
	h := New(w.settings())
	for _, r := range table() {
		places := []string{own}
		if strings.Contains(r.path, "{org}") {
			places = []string{own, foreign, absent}
		}
		for _, role := range access.Roles() {
			for _, place := range places {
				rows++
				w.changes = nil
				who := string(role) + "@" + ours
				if role == access.Operator {
					who = string(role)
				}
				org, env, key := ours, ourEnv, ourKey
				switch place {
				case foreign:
					org, env, key = theirs, theirEnv, theirKey
				case absent:
					org = absentOrganization
				}
				out := ask(t, h, who, r.method, filled(r, org, env, key), body(r.id))
				got, want := out.Code, declared(r, role, place)
				if got/100 == 2 {
					got = http.StatusOK
				}
				if got != want {
					t.Errorf("%s %s as %s in an organization that is %s: %d, declared is %d: %.200s", r.method, r.path, role, place, out.Code, want, out.Body)
				}
				if want != http.StatusOK && len(w.changes) > 0 {
					t.Errorf("%s %s as %s: refused, but %q was done", r.method, r.path, role, w.changes)
				}
			}
		}
	}
	if rows < 500 {
		t.Errorf("the matrix has %d rows; is the table whole?", rows)
	}
}

func TestNobodyGetsAnywhereWithoutAKnownKey(t *testing.T) {
	token := "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2FkaXQuZXhhbXBsZS5jb20ifQ.c2lnbmF0dXJl"
	w := newWorld()
	h := New(w.settings())
	for _, r := range table() {
		for name, key := range map[string]string{"no key": "", "an unknown key": "adit_x", "a token of our issuer": token} {
			out := ask(t, h, key, r.method, filled(r, ours, ourEnv, ourKey), body(r.id))
			if p := told(t, out); p.Status != http.StatusUnauthorized || out.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with %s: %d", r.method, r.path, name, out.Code)
			}
			if len(w.changes) > 0 || strings.Contains(out.Body.String(), token) {
				t.Errorf("%s %s with %s: %q %s", r.method, r.path, name, w.changes, out.Body)
			}
		}
	}
}

func TestForeignAndAbsentAnswerAlike(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	for _, r := range table() {
		alike := [][2]string{}
		if strings.Contains(r.path, "{org}") && r.scope == ofOrganization {
			alike = append(alike, [2]string{filled(r, theirs, theirEnv, theirKey), filled(r, absentOrganization, theirEnv, theirKey)})
			alike = append(alike, [2]string{filled(r, "theirs", theirEnv, theirKey), filled(r, "nobodys", theirEnv, theirKey)})
		}
		if strings.Contains(r.path, "{env}") {
			alike = append(alike, [2]string{filled(r, ours, theirEnv, ""), filled(r, ours, "env_ffffffffffffffffffffffff", "")})
		}
		if strings.Contains(r.path, "{key}") && r.scope == ofOrganization {
			alike = append(alike, [2]string{filled(r, ours, "", theirKey), filled(r, ours, "", "key_ffffffffffffffffffffffff")})
		}
		for place, id := range map[string]string{"{person}": ourPerson, "{login}": ourLink, "{issuer}": ourIssuer, "{budget}": ourBudget} {
			if strings.Contains(r.path, place) && r.scope == ofOrganization {
				alike = append(alike, [2]string{filled(r, ours, theirEnv, ""), strings.Replace(filled(r, ours, "", ""), id, id[:4]+"ffffffffffffffffffffffff", 1)})
			}
		}
		for _, paths := range alike {
			var seen [2]map[string]any
			for i, path := range paths {
				out := ask(t, h, "owner@"+ours, r.method, path, body(r.id))
				if err := json.Unmarshal(out.Body.Bytes(), &seen[i]); err != nil || out.Code != http.StatusNotFound {
					t.Fatalf("%s %s: %d %s", r.method, path, out.Code, out.Body)
				}
				delete(seen[i], "error_id")
			}
			if d := cmp.Diff(seen[0], seen[1]); d != "" {
				t.Errorf("%s %s: foreign and absent differ:\n%s", r.method, r.path, d)
			}
		}
	}
}

func TestTheTableIsWellFormed(t *testing.T) {
	ids, paths := map[string]bool{}, map[string]bool{}
	for _, r := range table() {
		if ids[r.id] || paths[r.method+r.path] {
			t.Errorf("%s is there twice", r.id)
		}
		ids[r.id], paths[r.method+r.path] = true, true
		switch {
		case r.scope == ofOrganization && !strings.HasPrefix(r.path, "/organizations/{org}"):
			t.Errorf("%s asks for a permission in an organization, but names none", r.id)
		case r.scope == ofSelf && (r.permission != "" || r.method != http.MethodGet):
			t.Errorf("%s is for everybody, so that it must need no permission and change nothing", r.id)
		case r.scope != ofSelf && !slices.Contains(access.Permissions(), r.permission):
			t.Errorf("%s needs a permission that nobody knows: %q", r.id, r.permission)
		case r.summary == "":
			t.Errorf("%s has no summary", r.id)
		}
	}
}
