package emulator_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/emulator"
)

// TestAKeyYoungerThanTheCacheIsUnknown is why a key must be published long
// before it signs.
func TestAKeyYoungerThanTheCacheIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		control string
		opts    []emulator.Option
		kept    time.Duration
	}{
		"as long as the JWKS asks":   {"public, max-age=300", nil, 5 * time.Minute},
		"a minute at least":          {"max-age=5", nil, time.Minute},
		"whatever forbids it":        {"no-store, max-age=0", nil, time.Minute},
		"without a word":             {"", nil, time.Minute},
		"a day at most":              {"max-age=999999", nil, 24 * time.Hour},
		"as long as the option says": {"max-age=300", []emulator.Option{emulator.WithKeyCache(7 * time.Minute)}, 7 * time.Minute},
	} {
		f := newFederation(t, c.opts...)
		f.issuer.control = c.control
		if got, _ := f.exchange(t, f.token(nil)); got != "200" {
			t.Fatal(got)
		}
		f.issuer.keys = []any{rsaJWK(2)}
		fresh := func() string { got, _ := f.exchange(t, signRSA(2, nil, goodClaims(f.time(), nil))); return got }
		f.pass(c.kept - time.Second)
		if got := fresh(); got != noKey || f.issuer.hits.Load() != 1 {
			t.Errorf("%s: in time got %s after %d fetches", name, got, f.issuer.hits.Load())
		}
		if got, _ := f.exchange(t, f.token(nil)); got != "200" {
			t.Errorf("%s: the key that was known: %s", name, got)
		}
		f.pass(time.Second)
		if got := fresh(); got != "200" {
			t.Errorf("%s: later got %s", name, got)
		}
		if got, _ := f.exchange(t, f.token(nil)); got != noKey {
			t.Errorf("%s: the key that was withdrawn: %s", name, got)
		}
	}
}

func TestForgottenKeysAreFetchedAgain(t *testing.T) {
	f := newFederation(t)
	f.exchange(t, f.token(nil))
	f.ForgetKeys()
	f.exchange(t, f.token(nil))
	if n := f.issuer.hits.Load(); n != 2 {
		t.Errorf("%d fetches", n)
	}
}

// TestWhatAWSDoesNotTakeFromAnIssuer bends the two documents.
func TestWhatAWSDoesNotTakeFromAnIssuer(t *testing.T) {
	many := func(n int) (keys []any) {
		for range n {
			k := rsaJWK(0)
			k["kid"] = "other" + string(rune('0'+len(keys)))
			keys = append(keys, k)
		}
		keys[0] = rsaJWK(0)
		return keys
	}
	with := func(name string, v any) fields { k := rsaJWK(0); k[name] = v; return k }
	private := ": the JWKS publishes the private member \"d\" of its key 1: that key is known to the world, replace it"
	for name, c := range map[string]struct {
		bend func(i *testIssuer)
		want string
	}{
		"a hundred keys":       {func(i *testIssuer) { i.keys = many(100) }, "200"},
		"a hundred and one":    {func(i *testIssuer) { i.keys = many(101) }, noKey},
		"a private key":        {func(i *testIssuer) { i.keys = []any{with("d", "AQAB")} }, noKey + private},
		"one kid twice":        {func(i *testIssuer) { i.keys = []any{rsaJWK(0), rsaJWK(0)} }, noKey},
		"a key for encryption": {func(i *testIssuer) { i.keys = []any{with("use", "enc")} }, noKey},
		"a short key":          {func(i *testIssuer) { i.keys = []any{with("n", "AQAB")} }, noKey},
		"another kind beside": {func(i *testIssuer) {
			i.keys = append(i.keys, fields{"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": "AA"})
		}, "200"},
		"no alg at the key":          {func(i *testIssuer) { k := rsaJWK(0); delete(k, "alg"); i.keys = []any{k} }, "200"},
		"another alg at the key":     {func(i *testIssuer) { i.keys = []any{with("alg", "RS512")} }, notValid + ": its algorithm is not its key's"},
		"another issuer":             {func(i *testIssuer) { i.discovery["issuer"] = idpURL + "/" }, noKey},
		"keys over http":             {func(i *testIssuer) { i.discovery["jwks_uri"] = "http://" + idpPath + "/.well-known/jwks.json" }, noKey},
		"keys at a port":             {func(i *testIssuer) { i.discovery["jwks_uri"] = "https://" + idpHost + ":443/o/1/.well-known/jwks.json" }, noKey},
		"keys somewhere else":        {func(i *testIssuer) { i.discovery["jwks_uri"] = idpURL + "/absent" }, noKey},
		"an algorithm not announced": {func(i *testIssuer) { i.discovery["id_token_signing_alg_values_supported"] = []string{"ES256"} }, noKey},
		"no public subjects":         {func(i *testIssuer) { i.discovery["subject_types_supported"] = []string{"pairwise"} }, noKey},
		"no id tokens":               {func(i *testIssuer) { i.discovery["response_types_supported"] = []string{"code"} }, noKey},
		"more response types":        {func(i *testIssuer) { i.discovery["response_types_supported"] = []string{"code id_token"} }, "200"},
		"a claim not announced":      {func(i *testIssuer) { i.discovery["claims_supported"] = []string{"sub"} }, noKey},
		"nothing announced":          {func(i *testIssuer) { delete(i.discovery, "claims_supported") }, noKey},
	} {
		f := newFederation(t)
		c.bend(f.issuer)
		if got, _ := f.exchange(t, f.token(nil)); got != c.want {
			t.Errorf("%s: got %s, want %s; %+v", name, got, c.want, f.Fetches())
		}
	}
}

// TestAnIssuerHasFiveSeconds in virtual time.
func TestAnIssuerHasFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFederation(t)
		for delay, want := range map[time.Duration]string{4900 * time.Millisecond: "200", 5100 * time.Millisecond: noKey} {
			f.ForgetKeys()
			if err := f.Inject(emulator.Fault{Kind: emulator.FaultDelay, Operation: "FetchJWKS", Delay: delay, Count: 1}); err != nil {
				t.Fatal(err)
			}
			if got, _ := f.exchange(t, f.token(nil)); got != want {
				t.Errorf("%v: %s", delay, got)
			}
		}
		f.ForgetKeys()
		f.issuer.slow = true
		began := time.Now()
		if got, _ := f.exchange(t, f.token(nil)); got != noKey || time.Since(began) != 5*time.Second {
			t.Errorf("%s after %v", got, time.Since(began))
		}
	})
}

// TestManyColdExchangesFetchTheKeysOnce in virtual time.
func TestManyColdExchangesFetchTheKeysOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFederation(t, emulator.WithFault(emulator.Fault{Kind: emulator.FaultDelay, Operation: "FetchDiscovery", Delay: time.Second}))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if got, _ := f.exchange(t, f.token(nil)); got != "200" {
					t.Error(got)
				}
			})
		}
		wg.Wait()
		if n := len(f.Fetches()); n != 2 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestAnIssuerThatFailedIsAskedAgain(t *testing.T) {
	f := newFederation(t)
	for _, kind := range []emulator.FaultKind{emulator.FaultCut, emulator.FaultThrottle, emulator.FaultStatus} {
		if err := f.Inject(emulator.Fault{Kind: kind, Status: 503, Operation: "FetchDiscovery", Count: 1}); err != nil {
			t.Fatal(err)
		}
		f.ForgetKeys()
		if got, _ := f.exchange(t, f.token(nil)); got != noKey {
			t.Errorf("%s: %s", kind, got)
		}
		if got, _ := f.exchange(t, f.token(nil)); got != "200" {
			t.Errorf("after %s: %s", kind, got)
		}
	}
}
