package trust_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

func TestKeysAreReadOnceForAll(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	arrived, proceed := make(chan struct{}, 10), make(chan struct{})
	s.issuer.Instead(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-proceed
		s.issuer.ServeDocuments(w, r)
	})
	var callers sync.WaitGroup
	for n := range 30 {
		token := s.issuer.Mint(s.job().With(trusttest.Claims{"jti": fmt.Sprint(n)}))
		callers.Go(func() {
			if _, err := s.present(token); err != nil {
				t.Error(err)
			}
		})
	}
	<-arrived
	close(proceed)
	callers.Wait()
	if s.fetches() != 1 || s.issuer.Requests(trusttest.DiscoveryPath) != 1 {
		t.Errorf("keys were read %d times", s.fetches())
	}
}

func TestKeysAreReadAgainWhenTheyAreOld(t *testing.T) {
	for name, c := range map[string]struct {
		header, value string
		fresh         time.Duration
	}{
		"as told":            {"Cache-Control", "public, max-age=1800", 30 * time.Minute},
		"least":              {"Cache-Control", "max-age=1", time.Minute},
		"not at all":         {"Cache-Control", "no-store, max-age=1800", time.Minute},
		"most":               {"Cache-Control", "max-age=31536000", 24 * time.Hour},
		"more than a number": {"Cache-Control", "max-age=99999999999999999999", 24 * time.Hour},
		"no number":          {"Cache-Control", "max-age=soon", 10 * time.Minute},
		"quoted":             {"Cache-Control", `MAX-AGE="120"`, 2 * time.Minute},
		"not told":           {"Cache-Control", "", 10 * time.Minute},
		"expires":            {"Expires", "Wed, 01 Apr 2026 13:00:00 GMT", time.Hour},
		"expired":            {"Expires", "0", 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.trusts(orgA, mainBranch)
			s.issuer.SetHeader("Cache-Control", "")
			s.issuer.SetHeader("Date", "Wed, 01 Apr 2026 12:00:00 GMT")
			s.issuer.SetHeader(c.header, c.value)
			s.lets(s.issuer.Mint(s.job()))
			s.pass(c.fresh - time.Second)
			s.lets(s.issuer.Mint(s.job()))
			if s.fetches() != 1 {
				t.Errorf("read %d times before the end", s.fetches())
			}
			s.pass(time.Second)
			s.lets(s.issuer.Mint(s.job()))
			if s.fetches() != 2 {
				t.Errorf("read %d times after the end", s.fetches())
			}
		})
	}
}

func TestAnAgeCounts(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	s.issuer.SetHeader("Age", "500") // of 600
	s.lets(s.issuer.Mint(s.job()))
	s.pass(100 * time.Second)
	s.lets(s.issuer.Mint(s.job()))
	if s.fetches() != 2 {
		t.Error(s.fetches())
	}
}

func TestANewKeyIsFoundWhenATokenNamesIt(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	before := s.issuer.Mint(s.job())
	s.lets(before)
	s.pass(time.Minute)
	s.issuer.AddKey()
	s.lets(s.issuer.Mint(s.job()))
	s.lets(before)
	if s.fetches() != 2 {
		t.Errorf("read %d times", s.fetches())
	}
}

// A token that was remembered does not outlive the key that signed it.
func TestAWithdrawnKeyEndsRememberedTokens(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	s.issuer.SetHeader("Cache-Control", "max-age=60")
	token := s.issuer.Mint(s.job())
	s.lets(token)
	s.issuer.AddKey()
	s.issuer.Withdraw()
	s.pass(59 * time.Second)
	s.lets(token)
	s.pass(time.Second)
	if words := s.refuses(token); !strings.Contains(words, "not signed with a key of a trusted issuer") {
		t.Error(words)
	}
}

func TestForgedKeyIDsCauseNoStorm(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	s.issuer.SetHeader("Cache-Control", "max-age=86400")
	s.lets(s.issuer.Mint(s.job()))
	forge := func(n int) string {
		return trusttest.Unsigned(map[string]any{"alg": "ES256", "kid": fmt.Sprint("forged-", n)}, s.job(), make([]byte, 64))
	}
	for n := range 3 * 120 { // one every thirty seconds for three hours
		s.refuses(forge(n))
		s.pass(30 * time.Second)
	}
	if got := s.fetches() - 1; got < 15 || got > 4+3*6 {
		t.Errorf("read %d times besides the first", got)
	}
	// All the while, a key that the issuer adds is found within ten minutes.
	s.issuer.AddKey()
	found := false
	for n := range 62 {
		if _, err := s.present(s.issuer.Mint(s.job())); err == nil {
			found = true
			break
		}
		s.refuses(forge(n))
		s.pass(10 * time.Second)
	}
	if !found {
		t.Error("the new key was never found")
	}
}

func TestABurstOfForgedKeyIDsReadsOnce(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	s.lets(s.issuer.Mint(s.job()))
	s.pass(time.Minute)
	for n := range 100 {
		s.refuses(trusttest.Unsigned(map[string]any{"alg": "ES256", "kid": fmt.Sprint("forged-", n)}, s.job(), make([]byte, 64)))
	}
	if s.fetches() != 2 {
		t.Errorf("read %d times", s.fetches())
	}
}

func TestOnlyTrustedIssuersAreAsked(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	other := trusttest.NewIssuer()
	defer other.Close()
	other.Now = s.clock
	for _, c := range []trusttest.Claims{
		other.GitHub("acme/search", "main", trust.Audience(orgA)),
		s.job().With(trusttest.Claims{"exp": 1}),
	} {
		s.refuses(other.Mint(c))
	}
	if other.Requests(trusttest.DiscoveryPath)+s.issuer.Requests(trusttest.DiscoveryPath) != 0 {
		t.Error("an issuer was asked")
	}
}

func TestAnIssuerThatIsDownIsLeftAlone(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	s.issuer.Instead(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "a secret page", http.StatusInternalServerError)
	})
	tries := func() int { return s.issuer.Requests(trusttest.DiscoveryPath) }
	for range 360 {
		_, err := s.present(s.issuer.Mint(s.job()))
		if f := fault.From(err); f == nil || f.Kind != fault.Unavailable || f.Code != "issuer_unavailable" || f.RetryAfter <= 0 || strings.Contains(f.Error(), "secret") {
			t.Fatal(err)
		}
		s.pass(10 * time.Second)
	}
	if got := tries(); got < 12 || got > 18 { // 10, 20, 40, 80, 160 s, then every 5 minutes
		t.Errorf("asked %d times in an hour", got)
	}
	if p := s.trust.Problem(rule.ID); !strings.Contains(p, "discovery document") || strings.Contains(p, "500") {
		t.Error(p)
	}
	s.issuer.Instead(nil)
	s.pass(5 * time.Minute)
	s.lets(s.issuer.Mint(s.job()))
	if p := s.trust.Problem(rule.ID); p != "" {
		t.Error(p)
	}
}

func TestOldKeysServeForAWhileWhenTheIssuerIsDown(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	s.lets(s.issuer.Mint(s.job()))
	s.issuer.Instead(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s.pass(10*time.Minute + time.Hour - time.Second)
	s.lets(s.issuer.Mint(s.job()))
	s.pass(time.Second)
	if _, err := s.present(s.issuer.Mint(s.job())); code(err) != "issuer_unavailable" {
		t.Error(err)
	}
}

func TestWhoCanGoOnDoesNotWaitForAnIssuerThatIsDown(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	s.lets(s.issuer.Mint(s.job()))
	hang, calls := make(chan struct{}), make(chan struct{}, 10)
	s.issuer.Instead(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s.pass(10 * time.Minute)
	s.lets(s.issuer.Mint(s.job())) // the first waits
	s.issuer.Instead(func(w http.ResponseWriter, _ *http.Request) {
		calls <- struct{}{}
		<-hang
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	s.pass(10 * time.Second)
	s.lets(s.issuer.Mint(s.job())) // would hang here
	<-calls
	close(hang)
}

func TestACallerThatGoesAwayDoesNotWait(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	hang, arrived := make(chan struct{}), make(chan struct{})
	s.issuer.Instead(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == trusttest.DiscoveryPath {
			close(arrived)
		}
		<-hang
		s.issuer.ServeDocuments(w, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := s.trust.Authenticate(ctx, s.issuer.Mint(s.job())); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(hang)
	s.lets(s.issuer.Mint(s.job())) // what was begun is used by the next
	if s.fetches() != 1 {
		t.Error(s.fetches())
	}
}

// What issuers may answer that lets nobody in, with what Problem says of it.
func TestWrongDocumentsAreAProblem(t *testing.T) {
	discovery := func(issuer, keys string) string {
		b, _ := json.Marshal(map[string]string{"issuer": issuer, "jwks_uri": keys})
		return string(b)
	}
	for name, c := range map[string]struct {
		discovery, keys func(url string) string
		want            string
	}{
		"no JSON":           {discovery: func(string) string { return "<html>" }, want: "not JSON"},
		"another issuer":    {discovery: func(u string) string { return discovery("https://other.example", u+"/keys") }, want: "a different issuer"},
		"a slash more":      {discovery: func(u string) string { return discovery(u+"/", u+"/keys") }, want: "a different issuer"},
		"no keys' address":  {discovery: func(u string) string { return discovery(u, "") }, want: "jwks_uri"},
		"keys over http":    {discovery: func(u string) string { return discovery(u, "http://idp.example/keys") }, want: "jwks_uri"},
		"keys inside":       {discovery: func(u string) string { return discovery(u, "https://169.254.169.254/keys") }, want: "metadata"},
		"keys in a network": {discovery: func(u string) string { return discovery(u, "https://10.0.0.1/keys") }, want: "private"},
		"keys elsewhere":    {discovery: func(u string) string { return discovery(u, "https://user@1.1.1.1/keys") }, want: "user name"},
		"a member twice":    {discovery: func(u string) string { return `{"issuer":"x","issuer":"` + u + `","jwks_uri":"` + u + `/keys"}` }, want: "not JSON"},
		"keys are no set":   {keys: func(string) string { return `[]` }, want: "not a JSON Web Key Set"},
		"keys are nothing":  {keys: func(string) string { return `{}` }, want: "not a JSON Web Key Set"},
		"no keys":           {keys: func(string) string { return `{"keys":[]}` }, want: "no usable key"},
		"a shared secret":   {keys: func(string) string { return `{"keys":[{"kty":"oct","kid":"key-1","k":"c2VjcmV0"}]}` }, want: "no usable key"},
		"a private key": {keys: func(string) string {
			return `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"key-1","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`
		}, want: "no usable key"},
		"for encryption": {keys: func(string) string {
			return `{"keys":[{"kty":"OKP","crv":"Ed25519","use":"enc","kid":"key-1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`
		}, want: "no usable key"},
		"without an id": {keys: func(string) string {
			return `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`
		}, want: "no usable key"},
		"a weak key": {keys: func(string) string {
			return `{"keys":[{"kty":"RSA","kid":"key-1","e":"AQAB","n":"` + strings.Repeat("x", 171) + `"}]}` // 1024 bits
		}, want: "no usable key"},
		"a huge key": {keys: func(string) string {
			return `{"keys":[{"kty":"RSA","kid":"key-1","e":"AQAB","n":"` + strings.Repeat("x", 1376) + `"}]}` // 8256 bits
		}, want: "no usable key"},
		"too many keys": {keys: func(string) string { return `{"keys":[` + strings.Repeat(`{},`, 100) + `{}]}` }, want: "at most 100"},
		"10 MB":         {keys: func(string) string { return `{"keys":[` + strings.Repeat(" ", 10<<20) + `]}` }, want: "larger than the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			rule := s.trusts(orgA, mainBranch)
			s.issuer.Instead(func(w http.ResponseWriter, r *http.Request) {
				answer := c.keys
				if r.URL.Path == trusttest.DiscoveryPath {
					answer = c.discovery
				}
				if answer == nil {
					s.issuer.ServeDocuments(w, r)
					return
				}
				fmt.Fprint(w, answer(s.issuer.URL))
			})
			if _, err := s.present(s.issuer.Mint(s.job())); code(err) != "issuer_unavailable" {
				t.Errorf("let in, or: %v", err)
			}
			if p := s.trust.Problem(rule.ID); !strings.Contains(p, c.want) || len(p) > 400 {
				t.Error(p)
			}
		})
	}
}

// Each key of an id is tried, so many of them would cost whoever is sent a token its time.
func TestOfTheKeysOfOneIDOnlyAFewAreTried(t *testing.T) {
	for others, let := range map[int]bool{3: true, 4: false} {
		s := newServer(t)
		s.trusts(orgA, mainBranch)
		signing := s.issuer.Signing()
		public, err := signing.Public().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		other := `{"kty":"OKP","crv":"Ed25519","kid":"` + signing.KeyID + `","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},`
		s.issuer.Instead(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == trusttest.DiscoveryPath {
				s.issuer.ServeDocuments(w, r)
				return
			}
			fmt.Fprintf(w, `{"keys":[%s%s]}`, strings.Repeat(other, others), public)
		})
		if _, err := s.present(s.issuer.Mint(s.job())); (err == nil) != let {
			t.Errorf("behind %d others: %v", others, err)
		}
	}
}

func TestAKeySetIsReadPastKeysThatNobodyKnows(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	signing := s.issuer.Signing()
	public, err := signing.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	s.issuer.Instead(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == trusttest.DiscoveryPath {
			s.issuer.ServeDocuments(w, r)
			return
		}
		fmt.Fprintf(w, `{"keys":[{"kty":"quantum","kid":"q"},{"kty":"EC","crv":"P-256","kid":"bad","x":"AA","y":"AA"},7,%s]}`, public)
	})
	s.lets(s.issuer.Mint(s.job()))
}

func TestRedirectsSlownessAndPrivateAddressesAreAProblem(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	hurried := newServer(t, func(set *trust.Settings) { set.Egress.Timeout = 100 * time.Millisecond }) // if TLS takes them all, that is slowness too
	hurriedRule := hurried.trusts(orgA, mainBranch)
	try := func(s *server, rule trust.Issuer, want string, h http.HandlerFunc) {
		t.Helper()
		s.issuer.Instead(h)
		if _, err := s.present(s.issuer.Mint(s.job())); code(err) != "issuer_unavailable" {
			t.Errorf("let in, or: %v", err)
		}
		if p := s.trust.Problem(rule.ID); !strings.Contains(p, want) {
			t.Error(p)
		}
		s.trust.Set(nil)
		s.trust.Set(s.store.Things()) // forgets that it failed
	}
	try(s, rule, "redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://169.254.169.254/", http.StatusFound)
	})
	try(hurried, hurriedRule, "in time", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	try(hurried, hurriedRule, "in time", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == trusttest.DiscoveryPath {
			hurried.issuer.ServeDocuments(w, r)
			return
		}
		fmt.Fprint(w, `{"keys":[`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})

	strict := newServer(t, func(set *trust.Settings) { set.Egress = egress.Policy{} })
	strict.trust.Set(s.store.Things()) // as if the operator had allowed more before
	if _, err := strict.present(s.issuer.Mint(s.issuer.GitHub("acme/search", "main", trust.Audience(orgA)))); code(err) != "issuer_unavailable" {
		t.Error(err)
	}
	if p := strict.trust.Problem(rule.ID); !strings.Contains(p, "is not allowed") {
		t.Error(p)
	}
}

func TestKeysAreReadAheadForThoseThatAreUsed(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	s.trust.ReadKeys(t.Context())
	if s.fetches() != 1 || s.trust.Problem(rule.ID) != "" {
		t.Error("a new issuer is not read at once")
	}
	s.lets(s.issuer.Mint(s.job()))
	s.trust.ReadKeys(t.Context())
	if s.fetches() != 1 {
		t.Error("fresh keys are read again")
	}
	s.pass(10*time.Minute - 20*time.Second)
	s.trust.ReadKeys(t.Context())
	if s.fetches() != 2 {
		t.Error("keys that grow old are not read")
	}
	s.pass(2 * time.Hour)
	s.trust.ReadKeys(t.Context())
	if s.fetches() != 2 {
		t.Error("keys that nobody uses are read")
	}
}

func TestAProblemIsKnownBeforeTheFirstToken(t *testing.T) {
	s := newServer(t)
	s.issuer.Instead(http.NotFound)
	rule := s.trusts(orgA, mainBranch)
	s.trust.ReadKeys(t.Context())
	if s.trust.Problem(rule.ID) == "" {
		t.Error("no problem is known")
	}
	s.issuer.Instead(nil)
	s.pass(10 * time.Second)
	s.trust.ReadKeys(t.Context())
	if p := s.trust.Problem(rule.ID); p != "" {
		t.Error(p)
	}
	if s.trust.Problem("tru_of_nobody") != "" {
		t.Error("a problem of nobody's")
	}
}
