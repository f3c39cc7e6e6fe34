package emulator_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/adit-hq/adit/emulator"
)

var reader = emulator.Role{Name: "Reader", Policies: []string{document(anyModel)}}

// identity asks STS whose credentials these are.
func identity(t *testing.T, e *emulator.Emulator, p aws.CredentialsProvider) string {
	t.Helper()
	cfg := configFor(e, emulator.Key{})
	cfg.Credentials = p
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), nil)
	if err != nil {
		return code(err)
	}
	if _, err := invoke(cfg, titan2, `{"inputText":"x"}`); err != nil {
		return code(err)
	}
	return *who.Arn
}

func TestAContainerGetsCredentialsForItsToken(t *testing.T) {
	e, _ := start(t)
	if err := e.AddContainer(emulator.Container{Path: "/v2/credentials/abc", Token: "pass", Role: reader}); err != nil {
		t.Fatal(err)
	}
	provider := func(token string) aws.CredentialsProvider {
		return endpointcreds.New("http://169.254.170.2/v2/credentials/abc", func(o *endpointcreds.Options) {
			o.HTTPClient, o.AuthorizationToken, o.Retryer = &http.Client{Transport: e.Transport()}, token, aws.NopRetryer{}
		})
	}
	if got := identity(t, e, provider("pass")); got != "arn:aws:sts::111122223333:assumed-role/Reader/container" {
		t.Errorf("got %s", got)
	}
	if got := identity(t, e, provider("wrong")); !strings.Contains(got, "AccessDenied") {
		t.Errorf("a wrong token got %s", got)
	}
}

func TestAnInstanceGetsCredentialsOnlyThroughVersionTwo(t *testing.T) {
	e, _ := start(t)
	if err := e.SetInstanceRole(reader, "eu-west-1"); err != nil {
		t.Fatal(err)
	}
	client := imds.New(imds.Options{Endpoint: "http://169.254.169.254", HTTPClient: &http.Client{Transport: e.Transport()}, Retryer: aws.NopRetryer{}})
	p := ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client })
	if got := identity(t, e, p); got != "arn:aws:sts::111122223333:assumed-role/Reader/i-0123456789abcdef0" {
		t.Errorf("got %s", got)
	}
	region, err := client.GetRegion(context.Background(), nil)
	if err != nil || region.Region != "eu-west-1" {
		t.Errorf("got %v, %v", region, err)
	}
	req, _ := http.NewRequest("GET", "http://169.254.169.254/latest/meta-data/iam/security-credentials/", nil)
	if status, _, _ := ask(t, e, req); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	req, _ = http.NewRequest("PUT", "http://169.254.169.254/latest/api/token", nil)
	if status, _, _ := ask(t, e, req); status != 400 {
		t.Errorf("a token without a lifetime: %d", status)
	}
}

func TestSingleSignOnGivesCredentialsUntilItsTokenExpires(t *testing.T) {
	e, cfg := start(t)
	for token, expires := range map[string]time.Time{"fresh": time.Now().Add(time.Hour), "stale": time.Now().Add(-time.Hour)} {
		err := e.AddSSOSession(emulator.SSOSession{AccessToken: token, Expires: expires, Roles: []emulator.Role{reader}, ClientID: "c-" + token, ClientSecret: "s", RefreshToken: "r"})
		if err != nil {
			t.Fatal(err)
		}
	}
	client, oidc := sso.NewFromConfig(cfg), ssooidc.NewFromConfig(cfg)
	get := func(token, role string) string {
		out, err := client.GetRoleCredentials(context.Background(), &sso.GetRoleCredentialsInput{AccessToken: &token, AccountId: aws.String("111122223333"), RoleName: &role})
		if err != nil {
			return code(err)
		}
		c := out.RoleCredentials
		return identity(t, e, aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
		}))
	}
	const person = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Reader_0123456789abcdef/person"
	for _, c := range [][3]string{{"fresh", "Reader", person}, {"stale", "Reader", "UnauthorizedException"}, {"made-up", "Reader", "UnauthorizedException"}, {"fresh", "Admin", "ForbiddenException"}} {
		if got := get(c[0], c[1]); got != c[2] {
			t.Errorf("%s as %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
	renew := func(client, refresh string) (*ssooidc.CreateTokenOutput, error) {
		return oidc.CreateToken(context.Background(), &ssooidc.CreateTokenInput{
			ClientId: &client, ClientSecret: aws.String("s"), GrantType: aws.String("refresh_token"), RefreshToken: &refresh,
		})
	}
	out, err := renew("c-stale", "r")
	if err != nil {
		t.Fatal(err)
	}
	if got := get(*out.AccessToken, "Reader"); got != person {
		t.Errorf("renewed: got %s", got)
	}
	if _, err := renew("c-stale", "r"); code(err) != "InvalidGrantException" {
		t.Errorf("a used refresh token: %v", err)
	}
	if _, err := renew("nobody", "r"); code(err) != "InvalidClientException" {
		t.Errorf("an unknown client: %v", err)
	}
}

type token string

func (t token) GetIdentityToken() ([]byte, error) { return []byte(t), nil }

func TestAWebIdentityTokenAssumesTheRoleItIsRegisteredFor(t *testing.T) {
	e, cfg := start(t)
	const role = "arn:aws:iam::111122223333:role/service/Reader"
	for _, w := range []emulator.WebIdentity{
		{RoleARN: role, Token: "good-token", Policies: reader.Policies},
		{RoleARN: role, Token: "old-token", Expires: time.Now()},
	} {
		if err := e.AddWebIdentity(w); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Credentials = aws.AnonymousCredentials{}
	for _, c := range [][3]string{
		{role, "good-token", "arn:aws:sts::111122223333:assumed-role/Reader/me"},
		{role, "bad-token", "InvalidIdentityToken"},
		{role, "old-token", "ExpiredTokenException"},
		{role + "2", "good-token", "AccessDenied"},
	} {
		p := stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(cfg), c[0], token(c[1]), func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = "me" })
		if got := identity(t, e, p); !strings.Contains(got, c[2]) {
			t.Errorf("%s with %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestCredentialsAreReplacedAtHalfTheirLifeAndDieAtItsEnd(t *testing.T) {
	e, _ := start(t)
	short := reader
	short.Lifetime = 2 * time.Second
	if err := e.AddContainer(emulator.Container{Path: "/ecs/short", Role: short}); err != nil {
		t.Fatal(err)
	}
	fetch := func() string {
		req, _ := http.NewRequest("GET", "http://169.254.170.2/ecs/short", nil)
		_, _, body := ask(t, e, req)
		return body
	}
	first := fetch()
	if fetch() != first {
		t.Error("fresh credentials were replaced at once")
	}
	if err := e.ExpireKey(e.Keys()[1].AccessKeyID); err != nil {
		t.Fatal(err)
	}
	if fetch() == first {
		t.Error("expired credentials were handed out")
	}
}

func TestSTSAnswersInItsOwnForm(t *testing.T) {
	e, _ := start(t)
	for body, want := range map[string]string{
		"Action=GetCallerIdentity&Version=2011-06-15":                               "<Code>MissingAuthenticationToken</Code>",
		"Action=Dance&Version=2011-06-15":                                           "<Code>InvalidAction</Code>",
		"Action=GetCallerIdentity&Version=2010-01-01":                               "<Code>InvalidAction</Code>",
		"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=x":             "<Code>ValidationError</Code>",
		"Action=a&Action=b":                                                         "<Code>MalformedQueryString</Code>",
		"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&Policy=%7B%7D&Other=1": "<Code>ValidationError</Code>",
	} {
		req, _ := http.NewRequest("POST", "https://sts.us-east-1.amazonaws.com/", strings.NewReader(body))
		if _, _, answer := ask(t, e, req); !strings.Contains(answer, want) || !strings.Contains(answer, "<RequestId>") {
			t.Errorf("%s: %s", body, answer)
		}
	}
}
