package chromium

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// pages are the paths of all pages below the organization's, and outside of it.
func (s *stand) pages(f furniture) map[string]string {
	home := s.home()
	below := func(parts ...string) string { return home + "/" + strings.Join(parts, "/") }
	return map[string]string{
		"home":                home,
		"environments":        below("environments"),
		"new-environment":     below("environments", "new"),
		"environment":         below("environments", f.environment),
		"environment-failing": below("environments", f.failing),
		"environment-edit":    below("environments", f.environment, "edit"),
		"environment-delete":  below("environments", f.environment, "delete"),
		"environment-models":  below("environments", f.environment, "models"),
		"environment-setup":   below("environments", f.environment, "setup"),
		"setup-aws":           below("environments", f.waiting, "setup"),
		"setup-check":         below("environments", f.failing, "setup"),
		"setup-again":         below("environments", f.failing, "setup?again=1"),
		"diagnosis":           below("environments", f.environment, "diagnosis"),
		"models":              below("models"),
		"playground":          below("playground"),
		"keys":                below("keys"),
		"new-key":             below("keys", "new"),
		"key":                 below("keys", f.key),
		"key-rotate":          below("keys", f.key, "rotate"),
		"key-revoke":          below("keys", f.key, "revoke"),
		"trusted-issuers":     below("trusted-issuers"),
		"new-trusted-issuer":  below("trusted-issuers", "new?template=github"),
		"trusted-issuer":      below("trusted-issuers", f.trusted),
		"budgets":             below("budgets"),
		"new-budget":          below("budgets", "new"),
		"budget-edit":         below("budgets", f.budget, "edit"),
		"usage":               below("usage?range=30d&by=model"),
		"usage-by-hour":       below("usage"),
		"audit":               below("audit"),
		"audit-search":        below("audit?action=environment.create"),
		"usage-of-key":        below("usage?range=90d&by=environment&key=" + f.key),
		"organization":        below("organization"),
		"organizations":       "/studio/organizations",
		"new-organization":    "/studio/organizations/new",
		"operators":           "/studio/operators",
		"invite-operator":     "/studio/operators/invite",
		"issuer":              "/studio/issuer",
		"server-audit":        "/studio/audit",
		"issuer-rotate":       "/studio/issuer/rotate",
		"account":             "/studio/account",
		"api-docs":            "/api/docs",
		"not-found":           "/studio/no-such-page",
	}
}

// peoplePages invites somebody everywhere, and returns the pages of one member
// and one operator. Somebody is signed in by then.
func (s *stand) peoplePages() map[string]string {
	s.t.Helper()
	_, err := s.control.InviteMember(s.t.Context(), s.org, wire.LinkInput{Login: "grace.hopper", Role: "developer"})
	s.must(err)
	_, err = s.control.InviteMember(s.t.Context(), "", wire.LinkInput{Login: "ken"})
	s.must(err)
	operators, err := s.control.MemberPage(s.t.Context(), "", client.List{})
	s.must(err)
	of := "/studio/operators/members/" + operators.Items[0].ID
	return map[string]string{"operator": of, "operator-remove": of + "/remove", "invite": s.home() + "/organization/invite"}
}

func TestEveryPageIsWholeOnPhoneAndDeskInBothSchemes(t *testing.T) {
	axe := axeCore(t)
	s := newStand(t, nil)
	pages := s.pages(s.furnished())
	b := s.signedIn()
	for name, path := range s.peoplePages() {
		pages[name] = path
	}
	b.expect(pages["not-found"]) // and of no other page: one that answers 404 would be judged as if it were the page
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
