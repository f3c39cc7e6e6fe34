package emulator_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/adit-hq/adit/emulator"
)

// signed builds a request to Bedrock signed by the SDK's own signer at a given
// time.
func signed(t testing.TB, k emulator.Key, at time.Time, method, url, body string, header ...string) *http.Request {
	t.Helper()
	return signedFor(t, k, "bedrock", at, method, url, body, header...)
}

func signedFor(t testing.TB, k emulator.Key, service string, at time.Time, method, url, body string, header ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	sum := sha256.Sum256([]byte(body))
	creds := aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken}
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, req, hex.EncodeToString(sum[:]), service, "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return req
}

// ask sends a request in memory and returns status, error code and body.
func ask(t testing.TB, e *emulator.Emulator, req *http.Request) (int, string, string) {
	t.Helper()
	resp, err := e.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	code, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
	return resp.StatusCode, code, string(body)
}

const titanURL = "http://aws.test/model/amazon.titan-embed-text-v2:0/invoke"

func TestAPathMayCarryItsColonRawOrEscapedButAnARNMustBeOneSegment(t *testing.T) {
	e, _ := start(t)
	for path, want := range map[string]int{
		"/model/amazon.titan-embed-text-v2:0/invoke":                                                                200,
		"/model/amazon.titan-embed-text-v2%3A0/invoke":                                                              200,
		"/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Famazon.titan-embed-text-v2%3A0/invoke":      200,
		"/model/arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0/invoke":                    404,
		"/model/arn%3Aaws%3Abedrock%3Aus-west-2%3A%3Afoundation-model%2Famazon.titan-embed-text-v2%3A0/invoke":      400,
		"/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Acustom-model%2Famazon.titan%2Fabcdefabcdef/invoke": 404,
		"/model/amazon.titan-embed-text-v9/invoke":                                                                  400,
		"/model/amazon.titan-embed-text-v2:0/converse":                                                              404,
		"/model//invoke": 404,
	} {
		status, code, body := ask(t, e, signed(t, e.DefaultKey(), time.Now(), "POST", "http://aws.test"+path, `{"inputText":"x"}`))
		if status != want {
			t.Errorf("%s: %d %s %s, want %d", path, status, code, body, want)
		}
	}
}

func TestASignatureIsGoodForFiveMinutesByAWSsClock(t *testing.T) {
	e, _ := start(t)
	fast, err := emulator.New(emulator.WithClockSkew(10*time.Minute), emulator.WithKey(e.DefaultKey()))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		e    *emulator.Emulator
		at   time.Duration
		want string
	}{
		"now":                        {e, 0, ""},
		"four minutes ago":           {e, -4 * time.Minute, ""},
		"in four minutes":            {e, 4 * time.Minute, ""},
		"six minutes ago":            {e, -6 * time.Minute, "Signature expired"},
		"in six minutes":             {e, 6 * time.Minute, "Signature not yet current"},
		"now, where AWS is ahead":    {fast, 0, "Signature expired"},
		"in ten, where AWS is ahead": {fast, 10 * time.Minute, ""},
	} {
		status, code, body := ask(t, c.e, signed(t, e.DefaultKey(), time.Now().Add(c.at), "POST", titanURL, `{"inputText":"x"}`))
		if (c.want == "") != (status == 200) || (c.want != "" && (code != "InvalidSignatureException" || !strings.Contains(body, c.want))) {
			t.Errorf("%s: %d %s %s", name, status, code, body)
		}
	}
}

func TestAnythingChangedAfterSigningIsNoticed(t *testing.T) {
	e, _ := start(t)
	for name, change := range map[string]func(*http.Request){
		"body":           func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"inputText":"y"}`)) },
		"host":           func(r *http.Request) { r.Host = "other.test" },
		"query":          func(r *http.Request) { r.URL.RawQuery = "a=b" },
		"method":         func(r *http.Request) { r.Method = "PUT"; r.URL.Path = "/foundation-models" },
		"signed header":  func(r *http.Request) { r.Header.Set("Accept", "application/json") },
		"dropped header": func(r *http.Request) { r.Header.Del("Content-Type") },
		"new amz header": func(r *http.Request) { r.Header.Set("X-Amz-Meta", "1") },
		"stated hash":    func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") },
		"date": func(r *http.Request) {
			r.Header.Set("X-Amz-Date", time.Now().UTC().Add(time.Second).Format("20060102T150405Z"))
		},
		"signature digit":  func(r *http.Request) { flip(r, "Signature=") },
		"scope's service":  func(r *http.Request) { replace(r, "/bedrock/", "/sts/") },
		"scope's region":   func(r *http.Request) { replace(r, "us-east-1", "us-east-2") },
		"unknown region":   func(r *http.Request) { replace(r, "us-east-1", "us-east-9") },
		"header order":     func(r *http.Request) { replace(r, "SignedHeaders=accept;", "SignedHeaders=zz;accept;") },
		"no authorization": func(r *http.Request) { r.Header.Del("Authorization") },
		"another scheme":   func(r *http.Request) { r.Header.Set("Authorization", "Basic eDp5") },
		"host not signed":  func(r *http.Request) { replace(r, ";host;", ";") },
	} {
		req := signed(t, e.DefaultKey(), time.Now(), "POST", titanURL, `{"inputText":"x"}`, "Accept", "*/*", "Content-Type", "application/json")
		change(req)
		if status, code, body := ask(t, e, req); status == 200 || code == "ValidationException" {
			t.Errorf("%s: %d %s %s", name, status, code, body)
		}
	}
}

func replace(r *http.Request, old, fresh string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, fresh, 1))
}

func flip(r *http.Request, after string) {
	b := []byte(r.Header.Get("Authorization"))
	i := bytes.Index(b, []byte(after)) + len(after)
	b[i] = "10"[b[i]&1] // another hexadecimal digit
	r.Header.Set("Authorization", string(b))
}

func TestUnderAWSsOwnHostNamesEndpointAndRegionMustFit(t *testing.T) {
	e, _ := start(t)
	for host, want := range map[string]int{
		"bedrock-runtime.us-east-1.amazonaws.com":      200,
		"bedrock-runtime-fips.us-east-1.amazonaws.com": 200,
		"bedrock-runtime.us-west-2.amazonaws.com":      403,
		"bedrock.us-east-1.amazonaws.com":              404,
	} {
		req := signed(t, e.DefaultKey(), time.Now(), "POST", "https://"+host+"/model/amazon.titan-embed-text-v1/invoke", `{"inputText":"x"}`)
		if status, code, _ := ask(t, e, req); status != want {
			t.Errorf("%s: %d %s, want %d", host, status, code, want)
		}
	}
}

func TestAPresignedURLIsVerifiedToo(t *testing.T) {
	e, _ := start(t)
	k := e.DefaultKey()
	for name, c := range map[string]struct {
		change func(string) string
		want   int
	}{
		"as signed":   {func(s string) string { return s }, 200},
		"longer life": {func(s string) string { return strings.Replace(s, "X-Amz-Expires=60", "X-Amz-Expires=61", 1) }, 403},
	} {
		req, err := http.NewRequest("GET", "http://aws.test/foundation-models?byProvider=Amazon&X-Amz-Expires=60", nil)
		if err != nil {
			t.Fatal(err)
		}
		empty := sha256.Sum256(nil)
		url, _, err := v4.NewSigner().PresignHTTP(context.Background(), aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey},
			req, hex.EncodeToString(empty[:]), "bedrock", "us-east-1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		req, err = http.NewRequest("GET", c.change(url), nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, code, body := ask(t, e, req); status != c.want {
			t.Errorf("%s: %d %s %s", name, status, code, body)
		}
	}
}

func TestABearerTokenNeedsTheRightToBeOne(t *testing.T) {
	e, _ := start(t)
	const invokeOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"*"}]}`
	const both = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["bedrock:InvokeModel","bedrock:CallWithBearerToken"],"Resource":"*"}]}`
	for _, b := range []emulator.BearerToken{
		{Token: "good", Policies: []string{both}},
		{Token: "no-right", Policies: []string{invokeOnly}},
		{Token: "expired", Policies: []string{both}, Expires: time.Now().Add(-time.Second)},
	} {
		if err := e.AddBearerToken(b); err != nil {
			t.Fatal(err)
		}
	}
	for token, want := range map[string]int{"good": 200, "no-right": 403, "expired": 403, "unknown": 403} {
		req, err := http.NewRequest("POST", titanURL, strings.NewReader(`{"inputText":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		if status, code, body := ask(t, e, req); status != want {
			t.Errorf("%s: %d %s %s", token, status, code, body)
		}
	}
}

func TestASignatureForAnotherServiceIsNamed(t *testing.T) {
	e, _ := start(t)
	k := e.DefaultKey()
	req, err := http.NewRequest("GET", "http://aws.test/foundation-models", nil)
	if err != nil {
		t.Fatal(err)
	}
	empty := sha256.Sum256(nil)
	creds := aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey}
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, req, hex.EncodeToString(empty[:]), "bedrock-runtime", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, code, body := ask(t, e, req); code != "InvalidSignatureException" || !strings.Contains(body, "correct service: 'bedrock'") {
		t.Errorf("%s %s", code, body)
	}
}

func TestAKeyNeverPrintsItsSecrets(t *testing.T) {
	e, _ := start(t)
	for _, text := range []string{fmt.Sprint(e.DefaultKey()), fmt.Sprintf("%+v %#v", e.DefaultKey(), e.DefaultKey())} {
		if strings.Contains(text, e.DefaultKey().SecretAccessKey) || !strings.Contains(text, e.DefaultKey().AccessKeyID) {
			t.Error("a key printed itself")
		}
	}
}
