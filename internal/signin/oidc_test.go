package signin_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/signin/signintest"
)

const callback = "https://adit.example.com/studio/sign-in/callback"

// federated is a place with a provider.
type federated struct {
	*place
	provider *signintest.Provider
}

func newFederated(t *testing.T, rules ...string) *federated {
	t.Helper()
	f := &federated{provider: signintest.NewProvider(t)}
	f.provider.Now = func() time.Time { return f.clock() }
	f.place = newPlace(t, f.with(t, rules...))
	return f
}

func (f *federated) with(t *testing.T, rules ...string) func(*signin.Settings) {
	return func(s *signin.Settings) {
		p, err := signin.NewProvider(f.provider.Settings(t, callback, rules...))
		if err != nil {
			t.Fatal(err)
		}
		s.Provider = p
	}
}

// again is another registry over the same store: the server started anew with other settings.
func (f *federated) again(with ...func(*signin.Settings)) *federated {
	next := &federated{provider: f.provider}
	next.place = newPlace(f.t, append([]func(*signin.Settings){func(s *signin.Settings) { s.Store, s.Now = f.store, f.clock }}, with...)...)
	next.store = f.store
	return next
}

func (f *federated) begin(returnTo string) signin.Flow {
	f.t.Helper()
	flow, err := f.Begin(f.t.Context(), returnTo)
	if err != nil {
		f.t.Fatal(err)
	}
	return flow
}

// come signs somebody in by the provider.
func (f *federated) come(who signintest.Who) (signin.Opened, error) {
	f.t.Helper()
	flow := f.begin("")
	o, _, err := f.Finish(f.t.Context(), flow.Cookie.Reveal(), f.provider.Authorize(f.t, flow.URL, who), here())
	return o, err
}

func ada() signintest.Who {
	return signintest.Who{Subject: "248289761001", Name: "Ada Lovelace", Email: "Ada@Example.com", Verified: true, Groups: []string{"platform", "staff"}}
}

func TestWhoTheProviderVouchesForAndARuleFitsIsSignedIn(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	flow := f.begin("/studio/o/" + orgA + "/environments?q=x")
	if flow.Expires.Sub(f.clock()) != 10*time.Minute || len(flow.Cookie.Reveal()) > 4000 || strings.Contains(flow.URL, flow.Cookie.Reveal()) {
		t.Errorf("%v, a cookie of %d bytes", flow.Expires, len(flow.Cookie.Reveal()))
	}
	o, returnTo, err := f.Finish(t.Context(), flow.Cookie.Reveal(), f.provider.Authorize(t, flow.URL, ada()), here())
	if err != nil || returnTo != "/studio/o/"+orgA+"/environments?q=x" {
		t.Fatalf("%q, %v", returnTo, err)
	}
	s := f.signedIn(o)
	if s.Person.Subject != "248289761001" || s.Person.Issuer != f.provider.URL || s.Person.Name != "Ada Lovelace" || s.Person.Login != "" || s.Session.Method != "oidc" {
		t.Errorf("%+v", s.Person)
	}
	if p, ok := s.Principal(orgA); !ok || p.Key.ID != s.Person.ID || p.Key.Name != "Ada Lovelace" || !slices.Equal(p.Key.Roles, []access.Role{access.Owner}) {
		t.Errorf("%+v, %v", p, ok)
	}
	for _, action := range []string{"member.add", "signin.ok"} {
		if got := f.events(action); len(got) != 1 || got[0].Organization != orgA || got[0].Target != s.Person.ID {
			t.Errorf("%s: %+v", action, got)
		}
	}
}

func TestEveryTokenThatIsWrongIsRefused(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	for _, wrong := range signintest.TokenFaults() {
		f.provider.Break(wrong)
		o, err := f.come(ada())
		if fault.KindOf(err) != fault.Unauthenticated || code(err) != "token_refused" || !o.Token.Empty() {
			t.Errorf("%s: %v", wrong, err)
		}
		if algorithm := slices.Contains([]signintest.Fault{signintest.AlgNone, signintest.HS256, signintest.HS256Key}, wrong); algorithm &&
			!strings.Contains(fault.From(err).Detail, "unexpected signature algorithm") {
			t.Errorf("%s: refused for another reason: %v", wrong, err)
		}
		if sentence := fault.From(err).Sentence(); err != nil && (strings.Contains(sentence, "nonce") || strings.Contains(sentence, "eyJ")) {
			t.Errorf("%s: the person is told more than they need: %s", wrong, sentence)
		}
		f.provider.Break()
		f.pass(2 * time.Second) // the pace of an address
	}
	if people, err := f.People(t.Context(), nil); err != nil || len(people) != 0 {
		t.Errorf("people were made: %+v, %v", people, err)
	}
	if _, err := f.come(ada()); err != nil {
		t.Errorf("and then a right one: %v", err)
	}
}

func TestAKeyThatTheProviderMadeSinceIsFetched(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	if _, err := f.come(ada()); err != nil {
		t.Fatal(err)
	}
	fetched(t)
	if err := f.provider.Rotate(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.come(ada()); err != nil {
		t.Error(err)
	}
}

// fetched waits until the reading of the provider's keys is over: go-oidc answers
// first and keeps the keys then, and whoever comes in between gets those too. It
// tells so by nothing but its goroutine, which needs no more than its turn.
func fetched(t *testing.T) {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for stacks := make([]byte, 1<<20); bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("keysFromRemote")); {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatal("the reading of the provider's keys does not end")
		}
	}
}

func TestAFlowIsOfItsBrowserItsProviderAndTenMinutes(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	flow, other := f.begin(""), f.begin("")
	answer := f.provider.Authorize(t, flow.URL, ada())
	whole := flow.Cookie.Reveal()
	edited := func(name string, values ...string) url.Values {
		q := url.Values{}
		for k, v := range answer {
			q[k] = v
		}
		if q[name] = values; values == nil {
			delete(q, name)
		}
		return q
	}
	for what, c := range map[string]struct {
		cookie string
		query  url.Values
	}{
		"no cookie":          {"", answer},
		"another browser's":  {other.Cookie.Reveal(), answer},
		"altered":            {whole[:len(whole)-5] + "AAAAA", answer},
		"cut":                {whole[:40], answer},
		"padded":             {whole + "=", answer},
		"endless":            {strings.Repeat("A", 1<<20), answer},
		"no state":           {whole, edited("state")},
		"an empty state":     {whole, edited("state", "")},
		"another state":      {whole, edited("state", "x"+answer.Get("state"))},
		"two states":         {whole, edited("state", answer.Get("state"), answer.Get("state"))},
		"nothing at all":     {"", nil},
		"an error, no state": {whole, url.Values{"error": {"access_denied"}}},
	} {
		if _, _, err := f.Finish(t.Context(), c.cookie, c.query, here()); fault.KindOf(err) != fault.Unauthenticated || code(err) != "flow_ended" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, q := range map[string]url.Values{
		"no code": edited("code"), "two codes": edited("code", "a", "b"), "another code": edited("code", "x"), "an empty code": edited("code", ""),
		"another issuer answers": edited("iss", "https://elsewhere.example.com"), "two issuers answer": edited("iss", f.provider.URL, f.provider.URL),
	} {
		if _, _, err := f.Finish(t.Context(), whole, q, here()); code(err) != "token_refused" {
			t.Errorf("%s: %v", what, err)
		}
	}
	elsewhere := f.again(func(s *signin.Settings) {
		settings := f.provider.Settings(t, callback, "group:platform=owner@a")
		settings.ClientID = "another"
		p, err := signin.NewProvider(settings)
		if err != nil {
			t.Fatal(err)
		}
		s.Provider = p
	})
	if _, _, err := elsewhere.Finish(t.Context(), whole, answer, here()); code(err) != "flow_ended" {
		t.Errorf("with another provider: %v", err)
	}
	if _, _, err := f.Finish(t.Context(), whole, answer, here()); err != nil {
		t.Errorf("and then the right one: %v", err)
	}
	if _, _, err := f.Finish(t.Context(), whole, answer, here()); code(err) != "token_refused" {
		t.Errorf("the same answer again: %v", err)
	}
	late := f.begin("")
	answer = f.provider.Authorize(t, late.URL, ada())
	f.pass(10 * time.Minute)
	if _, _, err := f.Finish(t.Context(), late.Cookie.Reveal(), answer, here()); code(err) != "flow_ended" {
		t.Errorf("after ten minutes: %v", err)
	}
}

func TestACodeStolenFromAnotherFlowIsNothingWithoutItsVerifier(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	victim, thief := f.begin(""), f.begin("")
	stolen := f.provider.Authorize(t, victim.URL, ada()).Get("code")
	q := f.provider.Authorize(t, thief.URL, ada())
	q.Set("code", stolen)
	if _, _, err := f.Finish(t.Context(), thief.Cookie.Reveal(), q, here()); code(err) != "token_refused" {
		t.Errorf("%v", err)
	}
}

func TestANoOfTheProviderIsToldInWordsOfTheSpecificationOnly(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	for word, shown := range map[string]bool{"access_denied": true, "<img src=x onerror=alert(1)>": false, "": false, "call +1 555 0100": false} {
		flow := f.begin("")
		q := f.provider.Authorize(t, flow.URL, ada())
		q.Del("code")
		q.Set("error", word)
		q.Set("error_description", "please send your password to me")
		_, _, err := f.Finish(t.Context(), flow.Cookie.Reveal(), q, here())
		if code(err) != "sign_in_refused" || strings.Contains(err.Error(), "password to me") || word != "" && strings.Contains(err.Error(), word) != shown {
			t.Errorf("%q: %v", word, err)
		}
	}
}

func TestWhomNoRuleFitsIsToldWhatToAskFor(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a", "domain:example.com=auditor@nowhere")
	eve := signintest.Who{Subject: "eve-1", Email: "eve@example.com"}
	_, err := f.come(eve)
	if fault.KindOf(err) != fault.Forbidden || code(err) != "not_invited" || !strings.Contains(fault.From(err).Sentence(), "subject:eve-1") {
		t.Errorf("%v", err)
	}
	eve.Verified = true // fits the second rule, whose organization is not there
	if _, err = f.come(eve); code(err) != "not_invited" || !strings.Contains(fault.From(err).Sentence(), "email:eve@example.com") {
		t.Errorf("%v", err)
	}
	if people, _ := f.People(t.Context(), nil); len(people) != 0 {
		t.Errorf("%+v", people)
	}
	if got := f.events("signin.failed"); len(got) != 2 || got[0].Outcome != "not_invited" || got[0].Details["subject"] != "eve-1" {
		t.Errorf("%+v", got)
	}
}

func TestRulesAreLookedAtEachTimeAndWhoFallsOutLosesRolesAndSessions(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a", "group:staff=auditor@b")
	first, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	who := ada()
	who.Groups = []string{"staff"}
	second, err := f.come(who)
	if err != nil || second.Person.ID != first.Person.ID {
		t.Fatalf("%v", err)
	}
	if d := cmp.Diff([]signin.Membership{member(orgB, access.Auditor)}, f.signedIn(first).Person.Roles); d != "" {
		t.Errorf("the first session has the roles of then: %s", d)
	}
	who.Groups = nil
	if _, err := f.come(who); code(err) != "not_invited" {
		t.Fatalf("%v", err)
	}
	if left, err := f.Sessions(t.Context(), first.Person.ID); err != nil || len(left) != 0 || f.in(first) || f.in(second) {
		t.Errorf("a session is left: %+v, %v", left, err)
	}
	if got := f.events("member.remove"); len(got) != 2 || got[0].Organization != orgA || got[1].Organization != orgB || got[0].Actor.Key != "system" {
		t.Errorf("%+v", got)
	}
	back, err := f.come(ada())
	if err != nil || back.Person.ID != first.Person.ID {
		t.Errorf("somebody else came back: %v, %v", back.Person.ID, err)
	}
}

func TestAnAddressMakesNobodySomebodyElse(t *testing.T) {
	f := newFederated(t, "email:ada@example.com=operator", "domain:example.com=auditor@a")
	local := f.invite("ada", good, member(orgA, access.Owner))
	first, err := f.come(ada())
	if err != nil || first.Person.ID == local.Person.ID || !f.signedIn(first).Operator() {
		t.Fatalf("%+v, %v", first.Person, err)
	}
	heir := ada()
	heir.Subject = "another account that got the address later"
	second, err := f.come(heir)
	if err != nil || second.Person.ID == first.Person.ID {
		t.Errorf("linked by the address: %v, %v", second.Person.ID, err)
	}
	renamed := ada()
	renamed.Email, renamed.Name = "countess@example.com", "Augusta"
	third, err := f.come(renamed)
	if err != nil || third.Person.ID != first.Person.ID || third.Person.Name != "Augusta" || third.Person.Email != "countess@example.com" {
		t.Errorf("%+v, %v", third.Person, err)
	}
	if f.signedIn(third).Operator() {
		t.Error("the role of the former address is left")
	}
}

func TestARuleFitsOnlyWhatTheProviderVerified(t *testing.T) {
	who := func(change func(*signintest.Who)) signintest.Who {
		w := ada()
		change(&w)
		return w
	}
	claim := func(name string, value any) signintest.Who {
		return who(func(w *signintest.Who) { w.Claims = map[string]any{name: value} })
	}
	for _, c := range []struct {
		rule string
		who  signintest.Who
		fits bool
	}{
		{"subject:248289761001=owner@a", ada(), true},
		{"subject:24828976100=owner@a", ada(), false},
		{"subject:248289761001=owner@a", claim("sub", "248289761001 "), false},
		{"email:ada@example.com=owner@a", ada(), true},
		{"email:ada@example.com=owner@a", who(func(w *signintest.Who) { w.Verified = false }), false},
		{"email:ada@example.com=owner@a", claim("email_verified", "true"), true},
		{"email:ada@example.com=owner@a", claim("email_verified", "false"), false},
		{"email:ada@example.com=owner@a", claim("email_verified", 1), false},
		{"email:ada@example.com=owner@a", claim("email_verified", nil), false},
		{"email:ada@example.com=owner@a", claim("email", "ada@example.com.evil.example"), false},
		{"email:alisa@example.com=owner@a", claim("email", "ali\u017fa@example.com"), false},
		{"email:alik@example.com=owner@a", claim("email", "ali\u212a@example.com"), false},
		{"domain:example.com=owner@a", ada(), true},
		{"domain:example.com=owner@a", who(func(w *signintest.Who) { w.Verified = false }), false},
		{"domain:example.com=owner@a", claim("email", "ada@evil-example.com"), false},
		{"domain:example.com=owner@a", claim("email", "ada@sub.example.com"), false},
		{"domain:example.com=owner@a", claim("email", "ada@example.com@evil.example"), false},
		{"domain:example.com=owner@a", claim("email", "ada@evil.example@example.com"), false},
		{"domain:example.com=owner@a", claim("email", "@example.com"), false},
		{"domain:example.com=owner@a", claim("hd", "example.com"), true},
		{"domain:example.com=owner@a", claim("hd", "evil.example"), false},
		{"domain:example.com=owner@a", who(func(w *signintest.Who) { w.Email, w.Hosted = "ada@evil.example", "example.com" }), false},
		{"group:platform=owner@a", ada(), true},
		{"group:Platform=owner@a", ada(), false},
		{"group:platform=owner@a", claim("groups", "platform"), true},
		{"group:platform=owner@a", claim("groups", "platform,staff"), false},
		{"group:platform=owner@a", claim("groups", []any{1, "platform", nil}), true},
		{"group:platform=owner@a", claim("groups", map[string]any{"platform": true}), false},
		{"group:platform=owner@a", claim("groups", nil), false},
	} {
		f := newFederated(t, c.rule)
		if _, err := f.come(c.who); c.fits != (err == nil) || err != nil && code(err) != "not_invited" {
			t.Errorf("%s, %+v: %v", c.rule, c.who, err)
		}
	}
}

func TestOfSeveralRulesTheMostPowerfulRoleHolds(t *testing.T) {
	f := newFederated(t, "group:staff=auditor@a", "group:platform=admin@"+orgA, "domain:example.com=developer@a", "group:staff=operator")
	o, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]signin.Membership{member(orgA, access.Admin), member("", access.Operator)}, o.Person.Roles); d != "" {
		t.Error(d)
	}
}

func TestAProviderThatIsDownKeepsNothingFromStartingAndIsTriedAgain(t *testing.T) {
	f := &federated{provider: signintest.NewProvider(t)}
	f.provider.Break(signintest.Down)
	f.provider.Now = func() time.Time { return f.clock() }
	f.place = newPlace(t, f.with(t, "group:platform=owner@a"))
	for range 3 {
		if _, err := f.Begin(t.Context(), ""); fault.KindOf(err) != fault.Unavailable || code(err) != "provider_unavailable" {
			t.Errorf("%v", err)
		}
	}
	if n := f.provider.Asked("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("asked %d times within five seconds", n)
	}
	f.provider.Break()
	f.pass(5 * time.Second)
	if _, err := f.come(ada()); err != nil {
		t.Error(err)
	}
	f.provider.Break(signintest.Down)
	f.pass(25 * time.Hour)
	if _, err := f.Begin(t.Context(), ""); err != nil {
		t.Errorf("what was found yesterday is forgotten: %v", err)
	}
}

func TestAProviderThatFailsInTheMiddleIsUnavailableAndLearnsNoMore(t *testing.T) {
	for _, wrong := range []signintest.Fault{signintest.TokenDown, signintest.KeysDown, signintest.Redirects, signintest.Endless} {
		f := newFederated(t, "group:platform=owner@a")
		flow := f.begin("")
		q := f.provider.Authorize(t, flow.URL, ada())
		f.provider.Break(wrong)
		_, _, err := f.Finish(t.Context(), flow.Cookie.Reveal(), q, here())
		if fault.KindOf(err) != fault.Unavailable || code(err) != "provider_unavailable" {
			t.Errorf("%s: %v", wrong, err)
		}
		if strings.Contains(fmt.Sprint(err), q.Get("code")) || strings.Contains(fmt.Sprint(err), f.provider.Secret.Reveal()) {
			t.Errorf("%s: the fault tells code or secret", wrong)
		}
		if f.provider.Asked("/elsewhere") != 0 {
			t.Error("the redirect was followed, with code and secret")
		}
	}
	for _, wrong := range []signintest.Fault{signintest.OtherIssuerDiscovered, signintest.PlainTokenEndpoint, signintest.Endless} {
		f := newFederated(t, "group:platform=owner@a")
		f.provider.Break(wrong)
		if _, err := f.Begin(t.Context(), ""); code(err) != "provider_unavailable" {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	f := newFederated(t, "group:platform=owner@a")
	flow := f.begin("")
	q := f.provider.Authorize(t, flow.URL, ada())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := f.Finish(ctx, flow.Cookie.Reveal(), q, here()); fault.KindOf(err) != fault.Canceled {
		t.Errorf("the browser went away: %v", err)
	}
}

func TestOneComesBackOnlyToAPathOfThisServer(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	for path, want := range map[string]bool{
		"/studio/": true, "/studio/o/x?tab=1#keys": true, "": false, "studio": false, "//evil.example": false, "https://evil.example/": false,
		"/\\evil.example": false, "\\\\evil.example": false, "/\t/evil.example": false, "/%zz": false, "javascript:alert(1)": false,
		"/ x": false, "/\x00": false, "/" + strings.Repeat("x", 2000): false, "http:/evil": false, "///evil.example": false,
	} {
		flow := f.begin(path)
		_, got, err := f.Finish(t.Context(), flow.Cookie.Reveal(), f.provider.Authorize(t, flow.URL, ada()), here())
		if err != nil || (got == path) != (want || path == "") || got != path && got != "" {
			t.Errorf("%.40q: %q, %v", path, got, err)
		}
		f.pass(2 * time.Second) // the pace of an address
	}
}

func TestWithoutTheProviderItsPeopleAreOut(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	o, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	if later := f.again(); later.in(o) {
		t.Error("the provider is configured no more, and its session goes on")
	}
	if later := f.again(f.with(t, "group:platform=owner@a")); !later.in(o) {
		t.Error("after a restart the session is gone")
	}
	other := signintest.NewProvider(t)
	if later := f.again(func(s *signin.Settings) {
		p, err := signin.NewProvider(other.Settings(t, callback, "group:platform=owner@a"))
		if err != nil {
			t.Fatal(err)
		}
		s.Provider = p
	}); later.in(o) {
		t.Error("another provider is configured, and the session of the former one goes on")
	}
	alone := newPlace(t)
	if _, err := alone.Begin(t.Context(), ""); code(err) != "no_provider" {
		t.Errorf("%v", err)
	}
	if _, _, err := alone.Finish(t.Context(), "", nil, here()); code(err) != "no_provider" {
		t.Errorf("%v", err)
	}
}

func TestAllThatIsWrongWithAProviderIsToldAtOnce(t *testing.T) {
	_, err := signin.NewProvider(signin.ProviderSettings{Issuer: "http://issuer.example.com/?x", RedirectURL: "callback"})
	for _, field := range []string{"issuer", "redirect_url", "client_id", "rules"} {
		if !slices.Contains(places(err), field) {
			t.Errorf("%s is not told: %v", field, err)
		}
	}
}
