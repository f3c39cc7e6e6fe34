package openai

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

func TestWhoCallsIsToldByTheKey(t *testing.T) {
	holder := caller.Caller{Organization: "org_file", Key: "file", Name: "file"}
	identify := func(_ context.Context, key string) (caller.Caller, error) {
		if key == "adit_good" {
			return caller.Caller{Organization: "org_a", Key: "key_a"}, nil
		}
		return caller.Caller{}, fault.New(fault.Unauthenticated, "not known")
	}
	yes, no := func() bool { return true }, func() bool { return false }
	keys := []secret.String{secret.New("a key of the settings")}
	for _, c := range []struct {
		name, key string
		auth      Authenticator
		want      string // key of the caller; "" refused
	}{
		{"no keys anywhere and none sent", "", Authenticator{Holder: holder}, "file"},
		{"no keys anywhere and a made-up one sent", "unused", Authenticator{Holder: holder}, "file"},
		{"an open server and a made-up key", "unused", Authenticator{Holder: holder, Identify: identify, Open: yes}, "file"},
		{"an open server and a key that Adit made", "adit_good", Authenticator{Holder: holder, Identify: identify, Open: yes}, "key_a"},
		{"an open server and a key that looks like Adit's", "adit_bad", Authenticator{Holder: holder, Identify: identify, Open: yes}, ""},
		{"a closed server and no key", "", Authenticator{Holder: holder, Identify: identify, Open: no}, ""},
		{"a closed server and a made-up key", "unused", Authenticator{Holder: holder, Identify: identify, Open: no}, ""},
		{"a key of the settings", "a key of the settings", Authenticator{Holder: holder, Keys: keys, Identify: identify, Open: no}, "file"},
		{"a key of the database beside keys of the settings", "adit_good", Authenticator{Holder: holder, Keys: keys, Identify: identify, Open: no}, "key_a"},
		{"keys of the settings and another", "wrong", Authenticator{Holder: holder, Keys: keys}, ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/v1/models", nil)
		if c.key != "" {
			r.Header.Set("X-API-Key", c.key)
		}
		got, err := c.auth.caller(r)
		if got.Key != c.want || (err == nil) != (c.want != "") || err != nil && fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %q, %v", c.name, got.Key, err)
		}
	}
}

func TestAServerThatClosesStopsBeingOpenAtOnce(t *testing.T) {
	open := true
	api := New(Settings{Gateway: failing{}, Auth: Authenticator{Open: func() bool { return open }}})
	status := func() int {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/v1/models", nil)
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		return w.Code
	}
	if got := status(); got != http.StatusOK {
		t.Errorf("an open server answers %d", got)
	}
	open = false
	if got := status(); got != http.StatusUnauthorized {
		t.Errorf("a closed one answers %d", got)
	}
}

func TestTheUserComesFromTheBodyOrElseFromTheHeader(t *testing.T) {
	for _, c := range []struct{ body, header, want string }{{"ann", "", "ann"}, {"", "bob", "bob"}, {"ann", "bob", "ann"}, {"", "", ""}} {
		r := httptest.NewRequest(http.MethodPost, "/v1/embeddings", nil)
		r.Header.Set("X-Adit-User", c.header)
		if got, err := userOf(r, &embeddingsRequest{user: c.body}); got != c.want || err != nil {
			t.Errorf("body %q, header %q: %q, %v", c.body, c.header, got, err)
		}
	}
}
