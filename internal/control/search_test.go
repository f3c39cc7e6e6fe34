package control

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/tenant"
)

// searchable is a world with several of everything that can be looked for.
func searchable() *world {
	w := newWorld()
	one := w.environments[0]
	for i, name := range []string{"alpha", "beta", "gamma"} {
		e := one
		e.ID, e.Name, e.Region = fmt.Sprintf("env_%024x", i), name, []string{"us-east-1", "us-west-2", "eu-central-1"}[i]
		e.State = []tenant.State{tenant.Ready, tenant.Failing, tenant.Unsafe}[i]
		e.RoleARN = "arn:aws:iam::99990000111" + fmt.Sprint(i) + ":role/" + name
		w.environments = append(w.environments, e)
		k := w.keys[0]
		k.ID, k.Name, k.Tags = fmt.Sprintf("key_%024x", i), "CI "+name, map[string]string{"team": name}
		k.Roles = []access.Role{[]access.Role{access.Admin, access.Invoke, access.Auditor}[i]}
		w.keys = append(w.keys, k)
	}
	return w
}

// names asks for a list and returns what is in it by the field.
func names(t *testing.T, h http.Handler, who, path, field string) []string {
	t.Helper()
	page := read[wire.Page[map[string]any]](t, ask(t, h, who, "GET", base+path, ""), http.StatusOK)
	out := []string{}
	for _, item := range page.Items {
		out = append(out, fmt.Sprint(item[field]))
	}
	return out
}

func TestListsAreSearchedByNameIdAndTheLikeInAnyCase(t *testing.T) {
	h := New(searchable().settings())
	const in = "/organizations/ours"
	for path, want := range map[string][]string{
		in + "/environments?search=ALPH":                        {"alpha"},
		in + "/environments?search=99990000":                    {"alpha", "beta", "gamma"},
		in + "/environments?search=us-":                         {"alpha", "beta"},
		in + "/environments?search=" + ourEnv:                   {"prod"},
		in + "/environments?search=" + theirEnv:                 {},
		in + "/environments?search=us-&state=failing":           {"beta"},
		in + "/environments?state=pending":                      {},
		in + "/environments?region=eu-central-1":                {"gamma", "prod"},
		in + "/keys?search=ci%20":                               {"CI alpha", "CI beta", "CI gamma"},
		in + "/keys?search=team%3Dbeta":                         {"CI beta"},
		in + "/keys?role=invoke":                                {"CI beta", "app"},
		in + "/keys?role=invoke&search=beta":                    {"CI beta"},
		"/operator/keys?search=oper":                            {"operator"},
		"/operator/keys?search=app":                             {},
		"/organizations?search=OUR":                             {"ours"},
		"/organizations?search=" + theirs:                       {"theirs"},
		in + "/environments?search=" + url.QueryEscape("<img>"): {},
		in + "/environments?search=%25":                         {},
		in + "/environments?search=%00":                         {},
	} {
		if d := cmp.Diff(want, names(t, h, "operator", path, "name")); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
	if got := names(t, h, "owner@"+ours, "/organizations?search=theirs", "name"); len(got) > 0 {
		t.Errorf("a search finds what the key may not see: %q", got)
	}
	for _, path := range []string{
		in + "/environments?state=broken", in + "/environments?search=" + strings.Repeat("x", 201), in + "/keys?role=root", "/organizations?state=ready",
	} {
		if p := told(t, ask(t, h, "operator", "GET", base+path, "")); p.Status != 422 || p.Errors[0].Location[:6] != "query." {
			t.Errorf("%.60s: %+v", path, p)
		}
	}
}

func TestACursorBelongsToItsSearch(t *testing.T) {
	h := New(searchable().settings())
	first := read[wire.Page[wire.Environment]](t, ask(t, h, "developer@"+ours, "GET", envs+"?search=us-&limit=1", ""), 200)
	second := read[wire.Page[wire.Environment]](t, ask(t, h, "developer@"+ours, "GET", envs+"?search=us-&limit=1&cursor="+first.Next, ""), 200)
	if first.Items[0].Name != "alpha" || second.Items[0].Name != "beta" || second.Next != "" {
		t.Errorf("%+v %+v", first, second)
	}
	for _, other := range []string{"", "?search=us", "?search=us-&state=ready"} {
		path := envs + "?limit=1&cursor=" + first.Next + strings.Replace(other, "?", "&", 1)
		if p := told(t, ask(t, h, "developer@"+ours, "GET", path, "")); p.Code != "bad_cursor" {
			t.Errorf("%s: %+v", other, p)
		}
	}
}
