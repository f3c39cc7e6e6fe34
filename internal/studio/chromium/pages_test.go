package chromium

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/control/wire"
)

// pages are the paths of all pages below the organization's, and outside of it.
func (s *stand) pages(e wire.Environment, key, trusted, budget string) map[string]string {
	home := s.home()
	below := func(parts ...string) string { return home + "/" + strings.Join(parts, "/") }
	return map[string]string{
		"home":               home,
		"environments":       below("environments"),
		"new-environment":    below("environments", "new"),
		"environment":        below("environments", e.ID),
		"environment-edit":   below("environments", e.ID, "edit"),
		"environment-delete": below("environments", e.ID, "delete"),
		"environment-models": below("environments", e.ID, "models"),
		"environment-setup":  below("environments", e.ID, "setup"),
		"diagnosis":          below("environments", e.ID, "diagnosis"),
		"models":             below("models"),
		"playground":         below("playground"),
		"keys":               below("keys"),
		"new-key":            below("keys", "new"),
		"key":                below("keys", key),
		"key-revoke":         below("keys", key, "revoke"),
		"trusted-issuers":    below("trusted-issuers"),
		"new-trusted-issuer": below("trusted-issuers", "new?template=github"),
		"trusted-issuer":     below("trusted-issuers", trusted),
		"budgets":            below("budgets"),
		"new-budget":         below("budgets", "new"),
		"budget":             below("budgets", budget),
		"usage":              below("usage?by=model"),
		"audit":              below("audit"),
		"organization":       below("organization"),
		"organizations":      "/studio/organizations",
		"issuer":             "/studio/issuer",
		"server-audit":       "/studio/audit",
		"issuer-rotate":      "/studio/issuer/rotate",
		"account":            "/studio/account",
		"api-docs":           "/api/docs",
		"not-found":          "/studio/no-such-page",
	}
}

// furnished is a stand with one of everything, and some use of it.
func (s *stand) furnished() (e wire.Environment, key, trusted, budget string) {
	s.t.Helper()
	ctx := s.t.Context()
	e, err := s.control.CreateEnvironment(ctx, "default", wire.EnvironmentInput{
		Name: "prod", Region: "us-east-1", Models: []string{titanV2}, Tags: map[string]string{"stage": "production"}, Description: "Search and recommendations",
	})
	s.must(err)
	s.adit("aws", "setup", "prod", "--yes")
	_, err = s.control.CreateEnvironment(ctx, "default", wire.EnvironmentInput{Name: "staging", Region: "eu-central-1"})
	s.must(err)
	k, err := s.control.CreateKey(ctx, "default", wire.KeyInput{Name: "search", Tags: map[string]string{"team": "search"}})
	s.must(err)
	t, err := s.control.TrustIssuer(ctx, "default", wire.TrustedIssuerInput{
		Name: "ci", IssuerURL: s.issuer.URL, Subject: "repo:acme/search:ref:refs/heads/main",
	})
	s.must(err)
	b, err := s.control.CreateBudget(ctx, "default", wire.BudgetInput{Target: "search", Period: "day", SoftUSD: "0.0000002", HardUSD: "5"})
	s.must(err)
	for i := range 12 {
		status, answer := s.ask("POST", "/v1/embeddings", k.Secret, fmt.Sprintf(`{"model":"prod/%s","input":["text %d","a second one"]}`, titanV2, i))
		if status != 200 {
			s.t.Fatalf("%d %s", status, answer)
		}
	}
	return e, k.Key.ID, t.ID, b.ID
}

func TestEveryPageIsWholeOnPhoneAndDeskInBothSchemes(t *testing.T) {
	axe := axeCore(t)
	s := newStand(t, nil)
	pages := s.pages(s.furnished())
	b := s.signedIn()
	b.expect("404") // the page that is not there
	for name, path := range pages {
		// ADIT_PAGE=audit looks at one page, for who works on it.
		if only := os.Getenv("ADIT_PAGE"); only != "" && only != name {
			continue
		}
		b.visit(path)
		b.settled()
		b.whole(name, axe)
	}
}

func TestTheWaysInAreWholeToo(t *testing.T) {
	axe := axeCore(t)
	s := newStand(t, nil)
	b := openBrowser(t, s.app.URL())
	b.expect("404")
	for name, path := range map[string]string{"sign-in": "/studio/sign-in", "link": s.link(), "used-link": "/studio/link?token=adit_link_gone"} {
		b.visit(path)
		b.whole(name, axe)
	}
}

// whole looks at the page in both widths and schemes: nothing is wider than the
// window, and axe-core finds nothing. What colours cannot change it judges once a width.
func (b *browser) whole(name, axe string) {
	b.t.Helper()
	value[bool](b, axe+"; true")
	for _, look := range []struct {
		width  int64
		scheme string
		rules  string
	}{{1440, "light", everyRule}, {1440, "dark", onlyContrast}, {360, "dark", onlyContrast}, {360, "light", everyRule}} {
		b.size(look.width, 900)
		b.colours(look.scheme)
		what := fmt.Sprintf("%s-%d-%s", name, look.width, look.scheme)
		b.shoot(what)
		if over := value[string](b, overflow); over != "" {
			b.t.Errorf("%s scrolls sideways: %s", what, over)
		}
		for _, v := range b.judged(look.rules) {
			b.t.Errorf("%s: axe-core: %s", what, v)
		}
	}
}

// What axe-core judges.
const (
	everyRule    = `{resultTypes: ["violations"]}`
	onlyContrast = `{resultTypes: ["violations"], runOnly: ["color-contrast"]}`
)

// overflow names what is wider than the window, "" where nothing is.
const overflow = `(() => {
	const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
	if (wide <= 0) return "";
	const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
		.slice(-3).map(e => e.tagName + "." + e.className + "#" + e.id);
	return wide + " px: " + out.join(" ");
})()`

// settled waits until the page's slow parts are there.
func (b *browser) settled() {
	b.t.Helper()
	b.until("have its slow parts", `() => document.readyState === "complete" && !document.querySelector("[data-load][aria-busy=true], .swagger-ui .loading, #docs > .plain")`)
}

// axeCore is its source, or the test skips.
func axeCore(t *testing.T) string {
	t.Helper()
	program(t)
	source, err := os.ReadFile(filepath.Join(os.Getenv("ADIT_JUDGES"), "node_modules", "axe-core", "axe.min.js"))
	if err == nil {
		return string(source)
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("there is no axe-core, which scripts/judges.sh fetches in CI")
	}
	t.Skip("there is no axe-core: set ADIT_JUDGES to what scripts/judges.sh prints")
	return ""
}

// judged runs axe-core, which the page has already, and returns what it finds wrong.
func (b *browser) judged(rules string) []string {
	b.t.Helper()
	found := promised[string](b, `axe.run(document, `+rules+`).then(r => JSON.stringify(r.violations.map(v =>
		v.id + " (" + v.help + "): " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0] ? n.any[0].message : "")).join("; "))))`)
	var list []string
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		b.t.Errorf("axe-core did not run at %s: %q", b.location(), found)
	}
	return list
}
