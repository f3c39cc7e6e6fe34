package issuer_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signing"
)

// paper signs nothing and keeps what it was given.
type paper struct{ payload []byte }

func (p *paper) Sign(_ context.Context, id string, payload []byte) (secret.String, string, error) {
	p.payload = payload
	return secret.New("h." + string(payload) + ".s"), "kid of " + id, nil
}

func (*paper) Ring(string) (*signing.Ring, bool) { return nil, false }

func TestATokenSaysThisAndNothingElse(t *testing.T) {
	p := &paper{}
	i := newIssuer(t, issuer.Settings{Signer: p, Now: noon})
	token := mint(t, i, claims())
	want := `{"iss":"https://example.com/o/acme","sub":"env:org_0123456789abcdef01234567:env_fedcba9876543210fedcba98","aud":"bedrock",` +
		`"iat":1772366400,"nbf":1772366340,"exp":1772366700,"jti":"` + token.JTI + `"}`
	if diff := cmp.Diff(want, string(p.payload)); diff != "" {
		t.Errorf("payload (-want +got):\n%s", diff)
	}
	c := claims()
	c.Audience, c.TTL = "api://AzureADTokenExchange", 30*time.Second
	c.Tags = map[string]string{"team": "search", "cost centre": "Köln 4711", "empty": ""}
	token = mint(t, i, c)
	want = `{"iss":"https://example.com/o/acme","sub":"env:org_0123456789abcdef01234567:env_fedcba9876543210fedcba98","aud":"api://AzureADTokenExchange",` +
		`"iat":1772366400,"nbf":1772366340,"exp":1772366430,"jti":"` + token.JTI + `",` +
		`"https://aws.amazon.com/tags":{"principal_tags":{"cost centre":["Köln 4711"],"empty":[""],"team":["search"]}}}`
	if diff := cmp.Diff(want, string(p.payload)); diff != "" {
		t.Errorf("payload with tags (-want +got):\n%s", diff)
	}
	token.Compact = secret.String{}
	at := noon().Truncate(time.Second)
	if diff := cmp.Diff(issuer.Token{
		Issuer: exampleURL, Subject: "env:" + orgID + ":" + envID, Audience: "api://AzureADTokenExchange", KID: "kid of default",
		JTI: token.JTI, Issued: at, Expires: at.Add(30 * time.Second),
	}, token, cmp.Comparer(func(a, b secret.String) bool { return a.Empty() == b.Empty() })); diff != "" {
		t.Errorf("token (-want +got):\n%s", diff)
	}
}

func TestTheHeaderNamesAlgorithmAndKeyOnly(t *testing.T) {
	for _, algorithm := range []string{signing.RS256, signing.ES256} {
		signer, _ := keys(t, signing.Settings{Algorithm: algorithm})
		token := mint(t, newIssuer(t, issuer.Settings{Signer: signer}), claims())
		header, err := base64.RawURLEncoding.DecodeString(segments(t, token)[0])
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"alg":"` + algorithm + `","kid":"` + token.KID + `","typ":"JWT"}`; string(header) != want {
			t.Errorf("got %s, want %s", header, want)
		}
		if n := len(token.Compact.Reveal()); n > 900 {
			t.Errorf("a token of %d characters", n)
		}
	}
}

func TestNoJTIIsUsedTwice(t *testing.T) {
	i := newIssuer(t, issuer.Settings{Signer: &paper{}})
	seen := map[string]bool{}
	for range 10_000 {
		token := mint(t, i, claims())
		if seen[token.JTI] || ident.Check(ident.Token, token.JTI) != nil {
			t.Fatalf("jti %q", token.JTI)
		}
		seen[token.JTI] = true
	}
}

func TestEveryFaultOfTheClaimsIsToldAtOnce(t *testing.T) {
	i := newIssuer(t, issuer.Settings{Signer: &paper{}})
	many := map[string]string{}
	for n := range 51 {
		many["k"+strconv.Itoa(n)] = "v"
	}
	tests := []struct {
		name   string
		change func(*issuer.Claims)
		want   []string
	}{
		{"no ids", func(c *issuer.Claims) { c.Organization, c.Environment = "", "" }, []string{"environment", "organization"}},
		{"ids exchanged", func(c *issuer.Claims) { c.Organization, c.Environment = envID, orgID }, []string{"environment", "organization"}},
		{"a wildcard", func(c *issuer.Claims) { c.Environment = "*" }, []string{"environment"}},
		{"no audience", func(c *issuer.Claims) { c.Audience = "" }, []string{"audience"}},
		{"an audience with a line", func(c *issuer.Claims) { c.Audience = "bed\nrock" }, []string{"audience"}},
		{"an audience too long", func(c *issuer.Claims) { c.Audience = strings.Repeat("a", 256) }, []string{"audience"}},
		{"a life too long", func(c *issuer.Claims) { c.TTL = 301 * time.Second }, []string{"ttl"}},
		{"a life backwards", func(c *issuer.Claims) { c.TTL = -time.Second }, []string{"ttl"}},
		{"a life of a part of a second", func(c *issuer.Claims) { c.TTL = time.Millisecond }, []string{"ttl"}},
		{"51 tags", func(c *issuer.Claims) { c.Tags = many }, []string{"tags"}},
		{"a tag without a name", func(c *issuer.Claims) { c.Tags = map[string]string{"": "x"} }, []string{"tags"}},
		{"a tag with a long name", func(c *issuer.Claims) { c.Tags = map[string]string{strings.Repeat("ü", 129): "x"} }, []string{"tags"}},
		{"a tag with a long value", func(c *issuer.Claims) { c.Tags = map[string]string{"k": strings.Repeat("x", 257)} }, []string{"tags"}},
		{"a tag of AWS's", func(c *issuer.Claims) { c.Tags = map[string]string{"AWS:x": "x"} }, []string{"tags"}},
		{"a tag twice", func(c *issuer.Claims) { c.Tags = map[string]string{"Team": "a", "team": "b"} }, []string{"tags"}},
		{"characters that AWS refuses", func(c *issuer.Claims) {
			c.Tags = map[string]string{"a*": "b", "c": "d\x00", "e": "f,", "g": "\xff", "h": "😀"}
		},
			[]string{"tags", "tags", "tags", "tags", "tags"}},
		{"everything", func(c *issuer.Claims) { *c = issuer.Claims{TTL: time.Hour, Tags: map[string]string{"*": "*"}} },
			[]string{"audience", "environment", "organization", "tags", "tags", "ttl"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := claims()
			tt.change(&c)
			_, err := i.Mint(t.Context(), c)
			got := params(err)
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
	c := claims()
	c.Tags = maps.Clone(many)
	delete(c.Tags, "k0")
	c.Tags["k1"], c.Tags["Straße 1 _.:/=+-@"] = strings.Repeat("ü", 256), "_.:/=+-@ 日本"
	delete(c.Tags, "k2")
	mint(t, i, c)
}

func TestATokenThatSTSWouldRefuseIsNotMade(t *testing.T) {
	i := newIssuer(t, issuer.Settings{Signer: &paper{}})
	c := claims()
	c.Tags = map[string]string{}
	for n := range 50 {
		c.Tags["k"+strconv.Itoa(n)] = strings.Repeat("日", 256)
	}
	_, err := i.Mint(t.Context(), c)
	if diff := cmp.Diff([]string{"tags"}, params(err)); diff != "" || !strings.Contains(err.Error(), "20000") {
		t.Errorf("got %v", err)
	}
}

func TestNoEnvironmentHasTheSubjectOfAProbe(t *testing.T) {
	i := newIssuer(t, issuer.Settings{Signer: &paper{}})
	seen := map[string]bool{}
	for range 1000 {
		for _, kind := range []string{issuer.ProbeOwn, issuer.ProbeForeign} {
			token, err := i.MintProbe(t.Context(), kind, orgID, envID, "bedrock")
			if err != nil {
				t.Fatal(err)
			}
			parts := strings.Split(token.Subject, ":")
			if len(parts) != 3 || parts[0] != "env" || seen[token.Subject] {
				t.Fatalf("subject %q", token.Subject)
			}
			seen[token.Subject] = true
			if ident.Check(ident.Organization, parts[1]) == nil && ident.Check(ident.Environment, parts[2]) == nil {
				t.Fatalf("an environment could have the subject %q", token.Subject)
			}
			if own := strings.HasPrefix(token.Subject, "env:"+orgID+":probe-"); own != (kind == issuer.ProbeOwn) {
				t.Fatalf("probe %s has the subject %q", kind, token.Subject)
			}
			if foreign := strings.HasPrefix(token.Subject, "env:org_PROBE") && strings.HasPrefix(parts[2], "env_"); foreign != (kind == issuer.ProbeForeign) {
				t.Fatalf("probe %s has the subject %q", kind, token.Subject)
			}
			if len(token.Subject) > 127 || token.Audience != "bedrock" {
				t.Fatalf("%d characters, audience %q", len(token.Subject), token.Audience)
			}
		}
	}
	for _, bad := range [][4]string{{"other", orgID, envID, "a"}, {"own", "*", envID, "a"}, {"foreign", orgID, "*", "a"}, {"own", orgID, envID, ""}} {
		if _, err := i.MintProbe(t.Context(), bad[0], bad[1], bad[2], bad[3]); err == nil {
			t.Errorf("%q made a token", bad)
		}
	}
}

func FuzzMint(f *testing.F) {
	for _, id := range []string{"", "*", "env:*", orgID + ":" + envID, orgID + "\x00", "org_ABCDEF0123456789abcdef01", "org_0123456789abcdef0123456７", strings.Repeat("a", 10_000), envID} {
		f.Add(id, envID, "bedrock", "team", "search")
		f.Add(orgID, id, "bedrock", "team", "search")
		f.Add(orgID, envID, id, id, id)
	}
	f.Add(orgID, envID, `","sub":"x`, `","x":"`, "x")
	f.Fuzz(func(t *testing.T, organization, environment, audience, key, value string) {
		p := &paper{}
		i := newIssuer(t, issuer.Settings{Signer: p, Now: noon})
		c := issuer.Claims{Organization: organization, Environment: environment, Audience: audience, Tags: map[string]string{key: value}}
		for _, try := range []func() (issuer.Token, error){
			func() (issuer.Token, error) { return i.Mint(t.Context(), c) },
			func() (issuer.Token, error) {
				return i.MintProbe(t.Context(), issuer.ProbeOwn, organization, environment, audience)
			},
			func() (issuer.Token, error) {
				return i.MintProbe(t.Context(), issuer.ProbeForeign, organization, environment, audience)
			},
		} {
			p.payload = nil
			token, err := try()
			ids := ident.Check(ident.Organization, organization) == nil && ident.Check(ident.Environment, environment) == nil
			if err != nil {
				if len(err.Error()) > 5000 {
					t.Errorf("an error of %d characters", len(err.Error()))
				}
				if p.payload != nil {
					t.Error("claims were signed and refused")
				}
				continue
			}
			var said struct {
				Subject  string `json:"sub"`
				Audience string `json:"aud"`
			}
			if err := json.Unmarshal(p.payload, &said); err != nil {
				t.Fatal(err)
			}
			if !ids || said.Audience != audience || said.Subject != token.Subject || strings.Count(said.Subject, ":") != 2 || strings.ContainsAny(said.Subject, "*?\x00/") {
				t.Errorf("%q, %q and %q made %s", organization, environment, audience, p.payload)
			}
		}
	})
}
