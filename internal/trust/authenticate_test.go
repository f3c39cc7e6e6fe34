package trust_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

const mainBranch = "repo:acme/search:ref:refs/heads/main"

func TestAJobOfGitHubIsTheCallerOfItsRule(t *testing.T) {
	s := newServer(t)
	rule := s.create(trust.Input{
		Organization: orgA, Name: "ci", URL: s.issuer.URL, Subject: "repo:acme/*:ref:refs/heads/main",
		Environments: []string{"prod"}, Models: []string{"titan"}, Limits: caller.Limits{PerMinute: 60}, Tags: map[string]string{"team": "search"},
	})
	want := caller.Caller{
		Organization: orgA, Key: rule.ID, Name: mainBranch, Environments: []string{prod}, Models: []string{"titan"},
		Limits: caller.Limits{PerMinute: 60}, Tags: map[string]string{"team": "search"},
	}
	token := s.issuer.Mint(s.job())
	for range 2 { // the second time it is remembered
		if diff := cmp.Diff(want, s.lets(token)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAServiceAccountOfKubernetesIsTheCallerOfItsRule(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, "system:serviceaccount:search:*")
	c := s.lets(s.issuer.Mint(s.issuer.Kubernetes("search", "indexer", trust.Audience(orgA))))
	if c.Key != rule.ID || c.Name != "system:serviceaccount:search:indexer" || c.Organization != orgA {
		t.Errorf("%+v", c)
	}
	s.refuses(s.issuer.Mint(s.issuer.Kubernetes("other", "indexer", trust.Audience(orgA))))
}

func TestEveryAlgorithmWithAPublicKeyIsTaken(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		s.issuer.Add(big, alg)
		s.pass(time.Hour)
		s.lets(s.issuer.Mint(s.job()))
	}
	s.issuer.Add(edwards, "EdDSA")
	s.pass(time.Hour)
	s.lets(s.issuer.Mint(s.job()))
}

// A key is for the algorithm that its issuer says, though it could do others.
func TestAKeyIsForItsAlgorithmOnly(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	kid := s.issuer.Add(big, "RS256")
	sign := func(alg jose.SignatureAlgorithm) string {
		return trusttest.MintWith(jose.SigningKey{Algorithm: alg, Key: big}, map[string]any{"kid": kid}, s.job())
	}
	s.lets(sign(jose.RS256))
	s.refuses(sign(jose.RS512))
	s.refuses(sign(jose.PS256))
}

// Two organizations trust one issuer; which of them a token means, it says itself.
func TestATokenForOneOrganizationIsNothingToAnother(t *testing.T) {
	s := newServer(t)
	a, b := s.trusts(orgA, mainBranch), s.trusts(orgB, "repo:umbrella/*:ref:refs/heads/main")
	forB := s.issuer.GitHub("umbrella/app", "main", trust.Audience(orgB))
	if c := s.lets(s.issuer.Mint(s.job())); c.Organization != orgA || c.Key != a.ID {
		t.Errorf("%+v", c)
	}
	if c := s.lets(s.issuer.Mint(forB)); c.Organization != orgB || c.Key != b.ID {
		t.Errorf("%+v", c)
	}
	s.refuses(s.issuer.Mint(s.job().With(trusttest.Claims{"aud": trust.Audience(orgB)})))
	s.refuses(s.issuer.Mint(forB.With(trusttest.Claims{"aud": trust.Audience(orgA)})))
	both := s.refuses(s.issuer.Mint(s.job().With(trusttest.Claims{"aud": []string{trust.Audience(orgA), trust.Audience(orgB)}})))
	if !strings.Contains(both, "several organizations") {
		t.Error(both)
	}
}

func TestAudiences(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	ours := trust.Audience(orgA)
	for _, audience := range []any{
		nil, "", "https://github.com/acme", "sts.amazonaws.com", "adit", "adit:", "ADIT:" + orgA, " " + ours, ours + " ", ours + "\n", ours + "\x00",
		"adit:" + strings.ToUpper(orgA), "adit:acme", "adit:*", "adit:" + orgB, "adit:org_000000000000000000000000", "adit:" + orgA + "/x",
		[]string{}, []string{ours, ours}, []string{ours, "adit:"}, []any{ours, 7}, []any{[]string{ours}}, map[string]any{"aud": ours}, 7, true,
		append(make([]string, 60), ours), // sixty others
	} {
		claims := s.job()
		claims["aud"] = audience
		if words := s.refuses(s.issuer.Mint(claims)); words == "" {
			t.Errorf("audience %v", audience)
		}
	}
	for _, audience := range []any{ours, []string{ours}, []string{"https://github.com/acme", ours}} {
		s.lets(s.issuer.Mint(s.job().With(trusttest.Claims{"aud": audience})))
	}
}

func TestSubjects(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, "repo:acme/*:ref:refs/heads/main")
	for _, subject := range []any{
		"repo:acme/search:ref:refs/heads/other", "repo:acme/search:ref:refs/heads/main2", "xrepo:acme/search:ref:refs/heads/main",
		"repo:acme/search:pull_request", "repo:acme/search:evil:ref:refs/heads/main", "repo:acme/a/b:ref:refs/heads/main",
		"repo:acme-evil/search:ref:refs/heads/main", "repo:acme/search:ref:refs/heads/main\n", "repo:acme/search\x00:ref:refs/heads/main",
		"repo:acme/se\u202earch:ref:refs/heads/main", "REPO:acme/search:ref:refs/heads/main", "", nil, 7, []string{mainBranch},
		strings.Repeat("a", 2000), "repo:acme/\xff:ref:refs/heads/main", "repo:acme/search:ref:refs/heads/main:", "*",
	} {
		if words := s.refuses(s.issuer.Mint(s.job().With(trusttest.Claims{"sub": subject}))); words == "" {
			t.Errorf("subject %q", subject)
		}
	}
	words := s.refuses(s.issuer.Mint(s.job().With(trusttest.Claims{"sub": "repo:acme/search:pull_request"})))
	if !strings.Contains(words, `"repo:acme/search:pull_request"`) || !strings.Contains(words, s.issuer.URL) || strings.Contains(words, "*") {
		t.Errorf("the words name what the token says, and no rule: %s", words)
	}
}

func TestTimes(t *testing.T) {
	for name, c := range map[string]struct {
		claims trusttest.Claims
		want   string // in the words of the refusal; "" lets in
	}{
		"expired":                  {trusttest.Claims{"exp": int64(-3600), "iat": int64(-7200)}, "expired at 2026-04-01T11:00:00Z"},
		"expired a minute ago":     {trusttest.Claims{"exp": int64(-60)}, "expired"},
		"expired within leeway":    {trusttest.Claims{"exp": int64(-59)}, ""},
		"not yet":                  {trusttest.Claims{"nbf": int64(61)}, "not valid before"},
		"not yet, within leeway":   {trusttest.Claims{"nbf": int64(60)}, ""},
		"issued in the future":     {trusttest.Claims{"iat": int64(61)}, "in the future"},
		"issued within leeway":     {trusttest.Claims{"iat": int64(60)}, ""},
		"without an end":           {trusttest.Claims{"exp": nil}, "never expires"},
		"a day":                    {trusttest.Claims{"exp": int64(86400)}, ""},
		"more than a day":          {trusttest.Claims{"exp": int64(86401)}, "longer than 24 hours"},
		"a year, near its end":     {trusttest.Claims{"iat": int64(-86400 * 364), "exp": int64(3600)}, "longer than 24 hours"},
		"a year, and no beginning": {trusttest.Claims{"iat": nil, "exp": int64(86400 * 365)}, "longer than 24 hours"},
		"no iat and no nbf":        {trusttest.Claims{"iat": nil, "nbf": nil}, ""},
		"end as text":              {trusttest.Claims{"exp": "4102444800"}, "cannot be read"},
		"end far off":              {trusttest.Claims{"exp": json.RawMessage("1e300")}, "cannot be read"},
		"end after all years":      {trusttest.Claims{"exp": json.RawMessage("4000000000000000000")}, "impossible time"},
		"before all years":         {trusttest.Claims{"nbf": json.RawMessage("-4000000000000000000")}, "impossible time"},
		"a fraction":               {trusttest.Claims{"exp": json.RawMessage("1775045100.75")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.trusts(orgA, mainBranch)
			claims := s.job()
			for k, v := range c.claims {
				if offset, ok := v.(int64); ok {
					v = s.clock().Unix() + offset
				}
				claims = claims.With(trusttest.Claims{k: v})
			}
			token := s.issuer.Mint(claims)
			if c.want == "" {
				s.lets(token)
			} else if words := s.refuses(token); !strings.Contains(words, c.want) {
				t.Error(words)
			}
		})
	}
}

func TestForgedTokensLetNobodyIn(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	signing, other := s.issuer.Signing(), trusttest.NewIssuer()
	defer other.Close()
	public, err := signing.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	good := s.issuer.Mint(s.job())
	s.lets(good)
	parts := strings.Split(good, ".")
	foreign := other.Signing()
	with := func(header map[string]any) string {
		return trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: foreign.Key}, header, s.job())
	}
	hs := func(alg jose.SignatureAlgorithm, key []byte) string {
		return trusttest.MintWith(jose.SigningKey{Algorithm: alg, Key: append(key, make([]byte, 64)...)}, map[string]any{"kid": signing.KeyID}, s.job())
	}
	forged := map[string]string{
		"none":                     trusttest.Unsigned(map[string]any{"alg": "none", "kid": signing.KeyID}, s.job(), nil),
		"None":                     trusttest.Unsigned(map[string]any{"alg": "None", "kid": signing.KeyID}, s.job(), nil),
		"no alg":                   trusttest.Unsigned(map[string]any{"kid": signing.KeyID}, s.job(), []byte("x")),
		"none with signature":      strings.Join([]string{strings.Split(trusttest.Unsigned(map[string]any{"alg": "none", "kid": signing.KeyID}, "{}", nil), ".")[0], parts[1], parts[2]}, "."),
		"no signature":             parts[0] + "." + parts[1] + ".",
		"HS256 with public key":    hs(jose.HS256, public),
		"HS512 with public key":    hs(jose.HS512, public),
		"foreign key, our kid":     with(map[string]any{"kid": signing.KeyID}),
		"foreign key, its kid":     with(map[string]any{"kid": "key-99"}),
		"no kid":                   with(nil),
		"no kid, right key":        trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: signing.Key}, nil, s.job()),
		"kid is a number":          trusttest.Unsigned(map[string]any{"alg": "ES256", "kid": 7}, s.job(), make([]byte, 64)),
		"brings its key":           with(map[string]any{"kid": signing.KeyID, "jwk": foreign.Public()}),
		"brings its address":       with(map[string]any{"kid": signing.KeyID, "jku": other.URL + trusttest.KeysPath}),
		"wants what we cannot":     trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: signing.Key}, map[string]any{"kid": signing.KeyID, "crit": []string{"exp"}, "exp": 1}, s.job()),
		"other claims":             parts[0] + "." + strings.Split(s.issuer.Mint(s.job().With(trusttest.Claims{"jti": "2"})), ".")[1] + "." + parts[2],
		"empty signature of zeros": trusttest.Unsigned(map[string]any{"alg": "ES256", "kid": signing.KeyID}, s.job(), make([]byte, 64)),
		"another algorithm":        trusttest.Unsigned(map[string]any{"alg": "ES384", "kid": signing.KeyID}, s.job(), make([]byte, 96)),
		"claims twice":             trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: signing.Key}, map[string]any{"kid": signing.KeyID}, twice(t, s.job())),
		"claims are a list":        trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: signing.Key}, map[string]any{"kid": signing.KeyID}, "[]"),
		"claims are nothing":       trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: signing.Key}, map[string]any{"kid": signing.KeyID}, "null"),
		"more behind the claims":   trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: signing.Key}, map[string]any{"kid": signing.KeyID}, string(mustJSON(t, s.job()))+"{}"),
		"iss in capitals":          trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: signing.Key}, map[string]any{"kid": signing.KeyID}, strings.Replace(string(mustJSON(t, s.job())), `"iss"`, `"ISS"`, 1)),
		"empty":                    "",
		"dots":                     "..",
		"two parts":                parts[0] + "." + parts[1],
		"four parts":               good + ".x",
		"padded":                   good + "=",
		"a space before":           " " + good,
		"a line between":           parts[0] + "." + parts[1] + ".\n" + parts[2],
		"JSON":                     `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"an API key":               "adit_0123456789abcdef01234567_0123456789012345678901234567890123456789012",
		"16 kB and more":           good + strings.Repeat("A", 16<<10),
		"other issuer":             s.issuer.Mint(s.job().With(trusttest.Claims{"iss": other.URL})),
		"issuer with a slash":      s.issuer.Mint(s.job().With(trusttest.Claims{"iss": s.issuer.URL + "/"})),
		"issuer in capitals":       s.issuer.Mint(s.job().With(trusttest.Claims{"iss": strings.ToUpper(s.issuer.URL)})),
		"no issuer":                s.issuer.Mint(s.job().With(trusttest.Claims{"iss": nil})),
		"signed by another issuer": other.Mint(s.job()),
	}
	for name, token := range forged {
		if words := s.refuses(token); words == "" {
			t.Errorf("%s", name)
		} else if len(words) > 700 || strings.Contains(words, parts[2]) {
			t.Errorf("%s: %s", name, words)
		}
	}
	if other.Requests(trusttest.KeysPath)+other.Requests(trusttest.DiscoveryPath) != 0 {
		t.Error("an issuer that nobody trusts was asked")
	}
	s.lets(good)
}

func twice(t *testing.T, c trusttest.Claims) string {
	text := string(mustJSON(t, c))
	return text[:len(text)-1] + `,"sub":"repo:umbrella/x:ref:refs/heads/main"}`
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOurOwnIssuerLetsNobodyIn(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	own := s.issuer.URL
	again := newServer(t, func(set *trust.Settings) {
		set.Egress = s.issuer.Policy()
		set.Own = func(issuer string) bool { return issuer == own }
	})
	again.trust.Set(s.store.Things()) // as if it had been stored before it was ours
	if words := again.refuses(s.issuer.Mint(s.job())); !strings.Contains(words, "not signed with a key of a trusted issuer") {
		t.Error(words)
	}
}

func TestTheFirstRuleByNameThatFitsIsTheCallers(t *testing.T) {
	s := newServer(t)
	rule := func(name, subject string) trust.Issuer {
		return s.create(trust.Input{Organization: orgA, Name: name, URL: s.issuer.URL, Subject: subject})
	}
	wide := rule("b wide", "repo:acme/*:ref:refs/heads/main")
	rule("a other", "repo:acme/other:ref:refs/heads/main")
	token := s.issuer.Mint(s.job())
	if c := s.lets(token); c.Key != wide.ID {
		t.Errorf("%+v", c)
	}
	narrow := rule("a narrow", mainBranch)
	if c := s.lets(token); c.Key != narrow.ID {
		t.Errorf("a token that is remembered follows the rules: %+v", c)
	}
}

func TestARevokedOrChangedRuleHoldsForRememberedTokens(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	token := s.issuer.Mint(s.job())
	s.lets(token)
	other := "repo:acme/other:ref:refs/heads/main"
	if _, err := s.trust.Update(t.Context(), system(), orgA, rule.ID, trust.Patch{Subject: &other}); err != nil {
		t.Fatal(err)
	}
	s.refuses(token)
	back, limits := mainBranch, caller.Limits{PerMinute: 3}
	if _, err := s.trust.Update(t.Context(), system(), orgA, rule.ID, trust.Patch{Subject: &back, Limits: &limits}); err != nil {
		t.Fatal(err)
	}
	if c := s.lets(token); c.Limits != limits {
		t.Errorf("%+v", c)
	}
	if err := s.trust.Revoke(t.Context(), system(), orgA, rule.ID, 0); err != nil {
		t.Fatal(err)
	}
	s.refuses(token)
}

func TestARememberedTokenExpires(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	token := s.issuer.Mint(s.job()) // five minutes
	s.lets(token)
	s.pass(5*time.Minute + 59*time.Second)
	s.lets(token)
	s.pass(time.Second)
	if words := s.refuses(token); !strings.Contains(words, "expired") {
		t.Error(words)
	}
}

func TestALongSubjectIsShortenedToANameOfItsOwn(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, "repo:acme/*")
	names := map[string]bool{}
	for _, end := range []string{"1", "2", "ü"} {
		c := s.lets(s.issuer.Mint(s.job().With(trusttest.Claims{"sub": "repo:acme/" + strings.Repeat("é", 100) + end})))
		if len(c.Name) > 128 || names[c.Name] {
			t.Errorf("%d bytes: %s", len(c.Name), c.Name)
		}
		names[c.Name] = true
	}
}

func TestALastUseIsNoted(t *testing.T) {
	s := newServer(t)
	rule, other := s.trusts(orgA, mainBranch), s.trusts(orgB, mainBranch)
	s.refuses(s.issuer.Mint(s.job().With(trusttest.Claims{"sub": "repo:acme/x:pull_request"})))
	if used, err := s.trust.Used(t.Context(), orgA); err != nil || len(used) != 0 {
		t.Errorf("before: %v, %v", used, err)
	}
	s.lets(s.issuer.Mint(s.job()))
	want := map[string]time.Time{rule.ID: s.clock()}
	check := func() {
		t.Helper()
		if used, err := s.trust.Used(t.Context(), orgA); err != nil || !cmp.Equal(want, used) {
			t.Errorf("%v, %v", used, err)
		}
	}
	check()
	s.store.Before = func() error { return fault.New(fault.Unavailable, "no database") }
	if s.trust.Flush(t.Context()) == nil {
		t.Error("no fault")
	}
	check()
	s.store.Before = nil
	if err := s.trust.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	check()
	if used, _ := s.trust.Used(t.Context(), orgB); len(used) != 0 {
		t.Errorf("%v was used", other.Name)
	}
}

func TestNobodyIsLetInOnAnOldConfiguration(t *testing.T) {
	old := fault.New(fault.Unavailable, "too old").WithCode("stale")
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	again := newServer(t, func(set *trust.Settings) { set.Fresh = func() error { return old } })
	again.trust.Set(s.store.Things())
	if _, err := again.present(s.issuer.Mint(s.job())); code(err) != "stale" {
		t.Error(err)
	}
}

func TestWhatLooksLikeAToken(t *testing.T) {
	s := newServer(t)
	for text, want := range map[string]bool{
		s.issuer.Mint(s.job()): true,
		trusttest.Unsigned(map[string]any{"alg": "none"}, "{}", nil): true,
		"adit_" + strings.Repeat("0", 80):                            false,
		"sk-1234":                                                    false,
		"a.b.c":                                                      false,
		"eyJ":                                                        false,
		"":                                                           false,
	} {
		if got := s.trust.Looks(text); got != want {
			t.Errorf("%.20q: %v", text, got)
		}
	}
}

func TestAnIDOfARuleIsNoneOfAKey(t *testing.T) {
	s := newServer(t)
	if rule := s.trusts(orgA, mainBranch); ident.Check(ident.Trust, rule.ID) != nil || ident.Check(ident.Key, rule.ID) == nil {
		t.Error(rule.ID)
	}
}
