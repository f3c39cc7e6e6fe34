package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

const (
	noKey      = "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	noProvider = "InvalidIdentityToken: No OpenIDConnect provider found in your account for "
	denied     = "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
	notAJWT    = "InvalidIdentityToken: The ID Token provided is not a valid JWT."
	notValid   = "InvalidIdentityToken: The web identity token provided could not be validated"
)

func TestATokenIsExchangedForASession(t *testing.T) {
	f := newFederation(t)
	outcome, answer := f.exchange(t, f.token(nil))
	if outcome != "200" {
		t.Fatal(outcome)
	}
	role := f.Roles(account)[0]
	got := map[string]string{}
	for _, name := range []string{"SubjectFromWebIdentityToken", "Audience", "Provider", "AssumedRoleId", "Arn", "Expiration", "PackedPolicySize", "SourceIdentity"} {
		got[name] = elementOf(answer, name)
	}
	want := map[string]string{
		"SubjectFromWebIdentityToken": subject, "Audience": "bedrock", "Provider": provider, "AssumedRoleId": role.RoleID + ":caller-1",
		"Arn":        "arn:aws:sts::111122223333:assumed-role/Embedder/caller-1",
		"Expiration": f.time().Add(time.Hour).UTC().Format(time.RFC3339), "PackedPolicySize": "", "SourceIdentity": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	k := f.session(t, f.token(nil))
	if status, answer := f.invoke(t, k, titan2); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
	f.pass(61 * time.Minute)
	if status, answer := f.invoke(t, k, titan2); status != 403 || !strings.HasPrefix(answer, "ExpiredTokenException") {
		t.Errorf("after its end: %d %s", status, answer)
	}
}

// TestWhatSTSThinksOfAToken changes one thing of a good token at a time.
func TestWhatSTSThinksOfAToken(t *testing.T) {
	f := newFederation(t)
	now := f.time().Unix()
	otherKey, _ := ecKeyPair()
	for name, c := range map[string]struct{ token, want string }{
		"as it should be":               {f.token(nil), "200"},
		"the other audience, in a list": {f.token(fields{"aud": []string{"unknown", "bedrock"}}), "200"},
		"four minutes after exp":        {f.token(fields{"iat": now - 600, "nbf": now - 600, "exp": now - 240}), "200"},
		"six minutes after exp":         {f.token(fields{"iat": now - 600, "nbf": now - 600, "exp": now - 360}), "ExpiredTokenException: Token expired: current date/time "},
		"a day old":                     {f.token(fields{"iat": now - 86_401}), "ExpiredTokenException: Token too old: 86401"},
		"from the future":               {f.token(fields{"iat": now + 301}), "InvalidIdentityToken: The token was issued in the future"},
		"not yet valid":                 {f.token(fields{"nbf": now + 1}), "InvalidIdentityToken: The token is not valid yet"},
		"without nbf":                   {f.token(fields{"nbf": nil}), "200"},
		"a fraction in exp":             {f.token(fields{"exp": float64(now) + 300.5}), notAJWT},
		"a text in iat":                 {f.token(fields{"iat": "1"}), notAJWT},
		"a fraction in nbf":             {f.token(fields{"nbf": 1.5}), notAJWT},
		"another audience":              {f.token(fields{"aud": "sts.amazonaws.com"}), "InvalidIdentityToken: Incorrect token audience"},
		"an audience in another case":   {f.token(fields{"aud": "Bedrock"}), "InvalidIdentityToken: Incorrect token audience"},
		"no audience":                   {f.token(fields{"aud": nil}), "InvalidIdentityToken: Missing a required claim: aud"},
		"no subject":                    {f.token(fields{"sub": nil}), "InvalidIdentityToken: Missing a required claim: sub"},
		"no exp":                        {f.token(fields{"exp": nil}), "InvalidIdentityToken: Missing a required claim: exp"},
		"another issuer":                {f.token(fields{"iss": "https://other.test"}), noProvider + "https://other.test"},
		"an issuer with a slash more":   {f.token(fields{"iss": idpURL + "/"}), noProvider},
		"an issuer over http":           {f.token(fields{"iss": "http://" + idpPath}), noProvider},
		"an issuer with a port":         {f.token(fields{"iss": "https://" + idpHost + ":443/o/1"}), noProvider},
		"an issuer with a query":        {f.token(fields{"iss": idpURL + "?"}), noProvider},
		"an issuer in capitals":         {f.token(fields{"iss": strings.ToUpper(idpURL)}), noProvider},
		"an unknown kid":                {signRSA(2, nil, goodClaims(f.time(), nil)), noKey},
		"no kid":                        {signRSA(0, fields{"kid": ""}, goodClaims(f.time(), nil)), noKey},
		"another key's kid":             {signRSA(0, fields{"kid": "k1"}, goodClaims(f.time(), nil)), notValid},
		"no algorithm at all":           {signRSA(0, fields{"alg": "none"}, goodClaims(f.time(), nil)), "InvalidIdentityToken: The algorithm none"},
		"a secret's algorithm":          {signRSA(0, fields{"alg": "HS256"}, goodClaims(f.time(), nil)), "InvalidIdentityToken: The algorithm HS256"},
		"PSS":                           {signRSA(0, fields{"alg": "PS256"}, goodClaims(f.time(), nil)), "InvalidIdentityToken: The algorithm PS256"},
		"an algorithm not published":    {signRSA(0, fields{"alg": "RS512"}, goodClaims(f.time(), nil)), noKey},
		"a curve's for an RSA key":      {signRSA(0, fields{"alg": "ES256"}, goodClaims(f.time(), nil)), notValid},
		"an unknown elliptic key":       {signEC(otherKey, goodClaims(f.time(), nil)), noKey},
		"a critical extension":          {signRSA(0, fields{"crit": []string{"b64"}}, goodClaims(f.time(), nil)), notAJWT},
		"one letter of payload changed": {changed(f.token(nil), 1), notValid},
		"one letter of signature":       {changed(f.token(nil), 2), notValid},
		"a fourth part":                 {f.token(nil) + ".x", notAJWT},
		"a stray bit at the end":        {stray(f.token(nil)), notAJWT},
		"padding":                       {f.token(nil) + "=", notAJWT},
		"a line break":                  {f.token(nil) + "\n", notAJWT},
		"a repeated claim":              {signRaw(`{"iss":"` + idpURL + `","sub":"a","sub":"b"}`), notAJWT},
		"no JWT":                        {"opaque", notAJWT},
	} {
		if got, _ := f.exchange(t, c.token); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// changed turns one byte of a token's part into another letter.
func changed(token string, at int) string {
	parts := strings.Split(token, ".")
	b := []byte(parts[at])
	if at == 1 { // another subject, so that the JSON stays whole
		return parts[0] + "." + part(goodClaims(time.Now(), fields{"sub": "env:org_1:env_2"})) + "." + parts[2]
	}
	b[10] = map[bool]byte{true: 'B', false: 'A'}[b[10] == 'A']
	parts[at] = string(b)
	return strings.Join(parts, ".")
}

// stray sets the lowest bit of the last letter, which no byte uses.
func stray(token string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(letters, token[len(token)-1])
	return token[:len(token)-1] + letters[last|1:last|1+1]
}

func signRaw(payload string) string {
	return part(fields{"alg": "RS256", "kid": "k0"}) + "." + b64([]byte(payload)) + "." + b64([]byte("signature"))
}

func TestEllipticKeysSignToo(t *testing.T) {
	f := newFederation(t)
	k, jwk := ecKeyPair()
	f.issuer.set(func() { f.issuer.keys = append(f.issuer.keys, jwk) })
	good := signEC(k, goodClaims(f.time(), nil))
	signature := strings.Split(good, ".")[2]
	for name, c := range map[string][2]string{
		"as it should be":      {good, "200"},
		"half of a signature":  {strings.TrimSuffix(good, signature) + signature[:40], notValid},
		"a signature and more": {good + b64([]byte("more")), notValid},
		"an RSA signature":     {signRSA(0, fields{"alg": "ES256", "kid": "e0"}, goodClaims(f.time(), nil)), notValid},
		"RS256 for its key":    {signRSA(0, fields{"kid": "e0"}, goodClaims(f.time(), nil)), notValid},
	} {
		if got, _ := f.exchange(t, c[0]); !strings.HasPrefix(got, c[1]) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestTheParametersAreHeldToTheirForm: each is AWS's own rule.
func TestTheParametersAreHeldToTheirForm(t *testing.T) {
	f := newFederation(t)
	err := f.AddManagedPolicy("arn:aws:iam::111122223333:policy/limit", document(anyModel))
	if err != nil {
		t.Fatal(err)
	}
	const invalid = "ValidationError: 1 validation error detected"
	for _, c := range [][3]string{
		{"DurationSeconds", "899", invalid},
		{"DurationSeconds", "43201", invalid},
		{"DurationSeconds", "900", "200"},
		{"DurationSeconds", "3601", "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"RoleSessionName", "x", invalid},
		{"RoleSessionName", "a b", invalid},
		{"RoleSessionName", strings.Repeat("x", 65), invalid},
		{"RoleSessionName", strings.Repeat("x", 64), "200"},
		{"ProviderId", "www.amazon.com", "ValidationError: 1 validation error detected: Value at 'ProviderId'"},
		{"RoleArn", "arn:aws:iam::1:role/x", invalid},
		{"RoleArn", "arn:aws-iso:iam::111122223333:role/service/Embedder", invalid},
		{"RoleArn", "arn:aws-cn:iam::111122223333:role/service/Embedder", "ValidationError: Request ARN is invalid"},
		{"RoleArn", "arn:aws:iam::111122223333:role/Embedder", denied}, // without its path
		{"RoleArn", "arn:aws:iam::111122223333:role/Absent", denied},
		{"RoleArn", "arn:aws:iam::444455556666:role/service/Embedder", noProvider},
		{"WebIdentityToken", "abc", invalid},
		{"WebIdentityToken", strings.Repeat("a", 20_001), invalid},
		{"Policy", "{}", "MalformedPolicyDocument: "},
		{"Policy", "", invalid},
		{"Policy", strings.Repeat(" ", 2049), invalid},
		{"Policy", document(anyModel), "200"},
		{"PolicyArns.member.1.arn", "arn:aws:iam::111122223333:policy/limit", "200"},
		{"PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/AmazonBedrockFullAccess", "200"},
		{"PolicyArns.member.1.arn", "arn:aws:iam::111122223333:policy/absent", "MalformedPolicyDocument: "},
		{"PolicyArns.member.11.arn", "arn:aws:iam::111122223333:policy/limit", invalid},
		{"Colour", "blue", invalid},
	} {
		if got, _ := f.exchange(t, f.token(nil), c[0], c[1]); !strings.HasPrefix(got, c[2]) {
			t.Errorf("%s=%.80s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestUnderItsOwnHostNamesSTSServesItsPartitionOnly(t *testing.T) {
	f := newFederation(t)
	for host, want := range map[string]int{
		"sts.amazonaws.com": 403, "sts.eu-west-1.amazonaws.com": 403, "sts-fips.us-east-1.amazonaws.com": 403, "127.0.0.1": 403, // no such role
		"sts.mars-1.amazonaws.com": 404, "sts.us-east-1.amazonaws.com.cn": 404,
		"sts.cn-north-1.amazonaws.com": 404, "sts.cn-north-1.amazonaws.com.cn": 400, "sts.us-gov-west-1.amazonaws.com": 400,
	} {
		body := "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::111122223333:role/Absent&RoleSessionName=me&WebIdentityToken=abcd"
		req, err := http.NewRequest(http.MethodPost, "https://"+host+"/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if status, _, answer := ask(t, f.Emulator, req); status != want {
			t.Errorf("%s: %d, want %d: %s", host, status, want, answer)
		}
	}
}

func TestANewOrChangedRoleSettlesFirst(t *testing.T) {
	f := newFederation(t)
	f.SetSettling(10 * time.Second)
	if got, _ := f.exchange(t, f.token(nil)); got != "200" {
		t.Fatalf("a role from before: %s", got)
	}
	f.trust(t, trustDocument(assumeOnly, strings.ReplaceAll(exact, "Equals", "Like")))
	if got, _ := f.exchange(t, f.token(nil)); got != denied {
		t.Errorf("at once: %s", got)
	}
	f.pass(10 * time.Second)
	if got, _ := f.exchange(t, f.token(nil)); got != "200" {
		t.Errorf("later: %s", got)
	}
	const fresh = "arn:aws:iam::111122223333:role/Fresh"
	if err := f.AddRole(emulator.IAMRole{ARN: fresh, TrustPolicy: trustDocument(assumeOnly, exact)}); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.exchange(t, f.token(nil), "RoleArn", fresh); got != denied {
		t.Errorf("a new role at once: %s", got)
	}
	f.pass(10 * time.Second)
	if got, _ := f.exchange(t, f.token(nil), "RoleArn", fresh); got != "200" {
		t.Errorf("a new role later: %s", got)
	}
}
