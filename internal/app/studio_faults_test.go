package app

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// marked are the names of the fields that a page of Studio says something is wrong with.
func marked(page string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`id="field-([^"]+)-fault"`).FindAllStringSubmatch(page, -1) {
		names = append(names, html.UnescapeString(m[1]))
	}
	slices.Sort(names)
	return names
}

// faultyForm is a form that could be sent, and faults to put in it: what Studio
// cannot read, and what only the API can judge.
type faultyForm struct {
	path                string
	good, unread, wrong url.Values
}

// fieldIDs are the fields of values as their elements are named.
func fieldIDs(values ...url.Values) []string {
	var ids []string
	for _, v := range values {
		for name := range v {
			ids = append(ids, strings.ReplaceAll(name, ".", "-"))
		}
	}
	slices.Sort(ids)
	return ids
}

func replaced(values ...url.Values) url.Values {
	all := url.Values{}
	for _, v := range values {
		maps.Copy(all, v)
	}
	return all
}

func faultyForms(org string, k wire.Key, i wire.TrustedIssuer, e wire.Environment, opened string) map[string]faultyForm {
	nothing := []string{}
	limits := url.Values{"limits.requests_per_minute": {"many"}, "limits.max_concurrent": {"-1"}, "tags": {"bad"}}
	key := replaced(limits, url.Values{"expires": {"soon"}, "roles": nothing})
	bound := url.Values{"environments": nothing, "models": nothing}
	taken := url.Values{"name": {"taken"}}
	return map[string]faultyForm{
		"new key": {"/o/" + org + "/keys", url.Values{"name": {"new"}, "roles": {"invoke"}}, key, taken},
		"key": {
			"/o/" + org + "/keys/" + k.ID + "/edit",
			url.Values{"version": {"1"}, "name": {"new"}, "roles": {"invoke"}, "environments": k.Environments, "models": k.Models},
			replaced(key, bound), taken,
		},
		"new trusted issuer": {
			"/o/" + org + "/trusted-issuers", url.Values{"name": {"new"}, "issuer_url": {i.IssuerURL}, "subject": {"repo:acme/search:*"}},
			replaced(limits, url.Values{"subject": {"repo:OWNER/REPOSITORY:*"}}), replaced(taken, url.Values{"issuer_url": {"http://plain.example"}}),
		},
		"trusted issuer": {
			"/o/" + org + "/trusted-issuers/" + i.ID + "/edit",
			url.Values{"version": {"1"}, "name": {"new"}, "subject": {i.Subject}, "environments": i.Environments, "models": i.Models},
			replaced(limits, bound), taken,
		},
		"environment": {
			"/o/" + org + "/environments/" + e.ID + "/edit",
			url.Values{
				"opened": {opened}, "name": {"new"}, "region": {"eu-west-1"}, "role_arn": {""}, "models": {titanV2}, "audiences": {"bedrock"},
				"session_name": {"key"}, "session_seconds": {"3600"},
			},
			replaced(limits, url.Values{"session_seconds": {"an hour"}}),
			replaced(taken, url.Values{"region": {"mars"}, "role_arn": {"arn:nonsense"}, "models": {"nope nope"}}),
		},
	}
}

func TestAFormOfStudioTellsAllFaultsAtOnceAndChangesNothing(t *testing.T) {
	r, issuer := trustingServer(t)
	first, err := r.control.Environment(t.Context(), "default", "prod")
	r.must(err)
	e, err := r.control.CreateEnvironment(t.Context(), "default", wire.EnvironmentInput{Name: "changed", Region: "us-east-1"})
	r.must(err)
	_, err = r.control.CreateEnvironment(t.Context(), "default", wire.EnvironmentInput{Name: "taken", Region: "us-east-1"})
	r.must(err)
	bound, models := []string{first.ID}, []string{"prod/" + titanV2}
	_, err = r.control.CreateKey(t.Context(), "default", wire.KeyInput{Name: "taken"})
	r.must(err)
	made, err := r.control.CreateKey(t.Context(), "default", wire.KeyInput{Name: "changed", Environments: bound, Models: models})
	r.must(err)
	r.trusts("default", wire.TrustedIssuerInput{Name: "taken", IssuerURL: issuer.URL, Subject: "repo:acme/a:*"})
	i := r.trusts("default", wire.TrustedIssuerInput{Name: "changed", IssuerURL: issuer.URL, Subject: "repo:acme/search:*", Environments: bound, Models: models})

	link, err := r.FirstLink(t.Context())
	r.must(err)
	b := r.browser(link)
	org := made.Key.Organization
	_, page := r.studio(b, "/o/"+org+"/environments/"+e.ID+"/edit", nil)
	opened := regexp.MustCompile(`name="opened" value="([^"]+)"`).FindStringSubmatch(page)
	if opened == nil {
		t.Fatal(page)
	}
	before := r.everything(org)
	refused := func(name, path string, typed url.Values, want ...url.Values) {
		status, page := r.studio(b, path, typed)
		if d := cmp.Diff(fieldIDs(want...), marked(page)); d != "" || status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, status, d)
		}
	}
	for name, f := range faultyForms(org, made.Key, i, e, opened[1]) {
		refused(name, f.path, replaced(f.good, f.unread, f.wrong), f.unread, f.wrong)
		for field, typed := range f.unread { // each alone is refused by the API
			refused(name+", "+field, f.path, replaced(f.good, url.Values{field: typed}), url.Values{field: typed})
		}
	}
	if d := cmp.Diff(before, r.everything(org)); d != "" {
		t.Errorf("something was changed: %s", d)
	}
}

// everything is what forms could have changed, with its versions.
func (r *replica) everything(org string) (all []string) {
	r.t.Helper()
	add := func(id string, version int64) { all = append(all, fmt.Sprint(id, " ", version)) }
	keys, err := r.control.KeyPage(r.t.Context(), org, client.List{})
	r.must(err)
	for _, k := range keys.Items {
		add(k.ID, k.Version)
	}
	issuers, err := r.control.TrustedIssuerPage(r.t.Context(), org, client.List{})
	r.must(err)
	for _, i := range issuers.Items {
		add(i.ID, i.Version)
	}
	environments, err := r.control.EnvironmentPage(r.t.Context(), org, client.List{})
	r.must(err)
	for _, e := range environments.Items {
		add(e.ID, e.Version)
	}
	return all
}

func (r *replica) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}
