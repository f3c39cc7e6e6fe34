package signintest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/oauth2"

	"github.com/adit-hq/adit/internal/signin/signintest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What a browser does: it reads the page, fills in the form and follows the redirect.
func TestAPersonSignsInOnThePage(t *testing.T) {
	p := signintest.NewProvider(t)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Transport: p.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	config := oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret.Reveal(), RedirectURL: "http://127.0.0.1:1/back", Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{AuthURL: p.URL + "/authorize", TokenURL: p.URL + "/token", AuthStyle: oauth2.AuthStyleInHeader},
	}
	verifier := oauth2.GenerateVerifier()
	begin := config.AuthCodeURL(strings.Repeat("s", 43), oauth2.SetAuthURLParam("nonce", strings.Repeat("n", 43)), oauth2.S256ChallengeOption(verifier))
	page, err := browser.Get(begin)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(page.Body)
	page.Body.Close()
	for _, part := range []string{`id="subject"`, `id="email"`, `id="groups"`, `id="sign-in"`, `id="deny"`, "code_challenge="} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the page has no %s: %s", part, text)
		}
	}
	press := func(form url.Values) url.Values {
		t.Helper()
		resp, err := browser.PostForm(begin, form)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		back, err := resp.Location()
		if err != nil || !strings.HasPrefix(back.String(), config.RedirectURL+"?") || back.Query().Get("state") != strings.Repeat("s", 43) {
			t.Fatalf("%v, %v", back, err)
		}
		return back.Query()
	}
	if no := press(url.Values{"deny": {"yes"}}); no.Get("error") != "access_denied" || no.Has("code") {
		t.Errorf("%v", no)
	}
	code := press(url.Values{"subject": {"ada"}, "groups": {"a, b"}}).Get("code")
	token, err := config.Exchange(withClient(t, browser), code, oauth2.VerifierOption(verifier))
	if err != nil || token.Extra("id_token") == nil {
		t.Fatalf("%v", err)
	}
	if _, err := config.Exchange(withClient(t, browser), code, oauth2.VerifierOption(verifier)); err == nil {
		t.Error("the code works twice")
	}
	stolen := press(url.Values{"subject": {"ada"}}).Get("code")
	if _, err := config.Exchange(withClient(t, browser), stolen, oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
		t.Error("the code works with another verifier")
	}
}

func TestAnAuthorizationRequestThatLacksSomethingIsRefused(t *testing.T) {
	p := signintest.NewProvider(t)
	good := url.Values{
		"redirect_uri": {"http://127.0.0.1:1/back"}, "client_id": {p.ClientID}, "response_type": {"code"}, "scope": {"openid"}, "code_challenge_method": {"S256"},
		"code_challenge": {strings.Repeat("c", 43)}, "state": {strings.Repeat("s", 43)}, "nonce": {strings.Repeat("n", 43)},
	}
	status := func(q url.Values) int {
		resp, err := p.Client().Get(p.URL + "/authorize?" + q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if s := status(good); s != http.StatusOK {
		t.Fatal(s)
	}
	for name := range good {
		q, _ := url.ParseQuery(good.Encode())
		q.Del(name)
		if s := status(q); s != http.StatusBadRequest {
			t.Errorf("without %s: %d", name, s)
		}
	}
}

func withClient(t *testing.T, c *http.Client) context.Context {
	return context.WithValue(t.Context(), oauth2.HTTPClient, c)
}
