package federation_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/signing/signingtest"
	"github.com/adit-hq/adit/internal/tenant"
)

const host = "id.example.com"

// beside is a stand whose issuer is Adit's own and whose STS is the emulator's,
// which fetches the issuer's keys as AWS does.
type beside struct {
	*stand
	aws    *emulator.Emulator
	signer *signing.Signer
}

func newReal(t *testing.T, trust string, settings ...func(*federation.Settings)) *beside {
	t.Helper()
	signer, _, err := signingtest.NewSigner(t.Context(), signing.Settings{Algorithm: signing.ES256})
	if err != nil {
		t.Fatal(err)
	}
	own, err := issuer.New(issuer.Settings{URL: "https://" + host, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	aws, err := emulator.New(
		emulator.WithAccount("111122223333"), emulator.WithIssuer(host, own.Handler()), emulator.WithKeyCache(time.Minute),
		emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: "arn:aws:iam::111122223333:oidc-provider/" + host, ClientIDs: []string{"bedrock"}}),
		emulator.WithRole(emulator.IAMRole{ARN: arn1, TrustPolicy: trust}),
	)
	if err != nil {
		t.Fatal(err)
	}
	s := newStand(t, append(settings, func(set *federation.Settings) {
		set.Issuer, set.HTTP = own, &http.Client{Transport: aws.Transport()}
	})...)
	return &beside{s, aws, signer}
}

// subject is the trust policy that lets in one subject.
func subject(org, env string) string {
	return federation.ExpectedTrust(host, "aws", "111122223333", "env:"+org+":"+env, "bedrock", false)
}

// exchanges are the calls to STS in the emulator's trail.
func (r *beside) exchanges() (all []emulator.Event) {
	for _, e := range r.aws.Trail() {
		if e.Operation == "AssumeRoleWithWebIdentity" {
			all = append(all, e)
		}
	}
	return all
}

func TestAgainstTheEmulatorAThousandColdCallersMakeOneExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReal(t, subject(org1, env1))
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { r.get(env1, by(org1, key1)) })
		}
		wg.Wait()
		got := r.exchanges()
		if len(got) != 1 || got[0].SessionName != "adit-"+env1+"-"+key1 || got[0].Token.Subject != "env:"+org1+":"+env1 {
			t.Errorf("the trail has %+v", got)
		}
	})
}

func TestAgainstTheEmulatorEveryCallerHasItsOwnSubjectThoughTheRoleIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		both := strings.Replace(subject(org1, env1), `"env:`+org1+":"+env1+`"`, `["env:`+org1+":"+env1+`", "env:`+org2+":"+env2+`"]`, 1)
		r := newReal(t, both)
		var mu sync.Mutex
		keys := map[string]string{} // access key id -> subject of who got it
		var wg sync.WaitGroup
		for i := range 1000 {
			org, env := org1, env1
			if i%2 == 0 {
				org, env = org2, env2
			}
			wg.Go(func() {
				got := r.get(env, by(org, key1))
				mu.Lock()
				defer mu.Unlock()
				if had := keys[got.AccessKeyID]; had != "" && had != "env:"+org+":"+env {
					t.Errorf("%s serves %s and %s", got.AccessKeyID, had, org)
				}
				keys[got.AccessKeyID] = "env:" + org + ":" + env
			})
		}
		wg.Wait()
		subjects := map[string]bool{}
		for _, e := range r.exchanges() {
			subjects[e.Token.Subject] = true
		}
		if len(keys) != 2 || len(r.exchanges()) != 2 || len(subjects) != 2 {
			t.Errorf("%d keys by %d exchanges of %v", len(keys), len(r.exchanges()), subjects)
		}
	})
}

func TestAgainstTheEmulatorNoExchangeFailsForARotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReal(t, subject(org1, env1), func(set *federation.Settings) { set.MaxSessions = 100_000 })
		kids := map[string]bool{}
		exchange := func() {
			told, _, err := r.f.Exchange(t.Context(), environment(org1, env1), by(org1, key1))
			if err != nil || told.Calls != 1 {
				t.Fatalf("%d calls: %v", told.Calls, err)
			}
			kids[told.KID] = true
		}
		for day := range 40 {
			exchange()
			time.Sleep(24 * time.Hour)
			if err := r.signer.Step(t.Context()); err != nil {
				t.Fatalf("day %d: %v", day, err)
			}
			exchange()
		}
		if len(kids) < 2 {
			t.Errorf("nothing rotated in 40 days: %v", kids)
		}
	})
}

func TestAgainstTheEmulatorTheActiveKeyIsRevokedUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReal(t, subject(org1, env1))
		for i := range 60 {
			told, _, err := r.f.Exchange(t.Context(), environment(org1, env1), by(org1, key(i)))
			if err != nil {
				t.Fatalf("exchange %d: %v", i, err)
			}
			if i == 20 {
				time.Sleep(25 * time.Hour) // the next key ripens
			}
			if i == 30 {
				if _, err := r.signer.Revoke(t.Context(), audit.System(), told.KID, false); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
}

func TestAgainstTheEmulatorTheProbeTellsTrustPoliciesApart(t *testing.T) {
	exact := subject(org1, env1)
	noSub := strings.Replace(exact, `"id.example.com:aud": "bedrock",`, `"id.example.com:aud": "bedrock"`, 1)
	noSub = strings.Replace(noSub, `"id.example.com:sub": "env:`+org1+":"+env1+`"`, "", 1)
	for name, c := range map[string]struct {
		trust   string
		verdict federation.Verdict
	}{
		"StringEquals":     {exact, federation.Refuses},
		"no sub condition": {noSub, federation.Unsafe},
		"StringLike all of the organization": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/id.example.com"},
			"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"id.example.com:aud":"bedrock"},"StringLike":{"id.example.com:sub":"env:` + org1 + `:*"}}}]}`, federation.Wide},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReal(t, c.trust)
				pending(r.stand)
				_, err := r.f.For(env1).Credentials(t.Context(), by(org1, key1))
				got, _ := r.environment(env1)
				if (err != nil) != (c.verdict == federation.Unsafe) || (got.State == tenant.Unsafe) != (c.verdict == federation.Unsafe) {
					t.Errorf("state %s, %v", got.State, err)
				}
				p, err := r.f.Probe(t.Context(), environment(org1, env1))
				if err != nil || p.Verdict != c.verdict {
					t.Errorf("%s: %s, %v", p.Verdict, p.Why, err)
				}
			})
		})
	}
}

func TestAgainstTheEmulatorTheTrustPolicyOfTheFaultIsTheOneThatWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReal(t, subject(org1, env2))
		r.change(env1, func(e *tenant.Environment) { e.SessionTags = true })
		f := r.fails(env1, by(org1, key1))
		_, policy, ok := strings.Cut(f.Detail, "trust policy that would have matched:\n")
		if f.Code != federation.CodeRoleRefuses || !ok {
			t.Fatalf("got %v", f)
		}
		if err := r.aws.UpdateRole(arn1, func(role *emulator.IAMRole) { role.TrustPolicy = policy }); err != nil {
			t.Fatalf("AWS would not take it: %v\n%s", err, policy)
		}
		time.Sleep(31 * time.Second)
		r.get(env1, by(org1, key1))
		all := r.exchanges()
		if got := all[len(all)-1].SessionTags; got["key"] != key1 || got["organization"] != org1 {
			t.Errorf("session tags %v", got)
		}
	})
}
