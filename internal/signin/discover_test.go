package signin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// mute is a provider that answers while it is told to, and else says nothing.
type mute struct {
	mu      sync.Mutex
	asked   int
	answers bool
}

func (m *mute) set(answers bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers = answers
}

func (m *mute) times() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

func (m *mute) RoundTrip(req *http.Request) (*http.Response, error) {
	m.mu.Lock()
	m.asked++
	answers := m.answers
	m.mu.Unlock()
	if !answers {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	const at = "https://idp.example.com"
	body := `{"issuer":"` + at + `","authorization_endpoint":"` + at + `/a","token_endpoint":"` + at + `/t","jwks_uri":"` + at + `/k"}`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// silently makes a place whose provider is mute, in virtual time.
func silently(t *testing.T, do func(t *testing.T, p *place, m *mute)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &mute{}
		rule, err := signin.ParseRule("group:platform=owner@a")
		if err != nil {
			t.Fatal(err)
		}
		provider, err := signin.NewProvider(signin.ProviderSettings{
			Issuer: "https://idp.example.com", ClientID: "adit", RedirectURL: callback, Rules: []signin.Rule{rule}, HTTP: &http.Client{Transport: m},
		})
		if err != nil {
			t.Fatal(err)
		}
		do(t, newPlace(t, func(s *signin.Settings) { s.Provider = provider }), m)
	})
}

func TestManyWaitForOneAnswerOfASilentProviderAndThenNobodyForAWhile(t *testing.T) {
	silently(t, func(t *testing.T, p *place, m *mute) {
		began := time.Now()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if _, err := p.Begin(t.Context(), ""); code(err) != "provider_unavailable" || time.Since(began) > 10*time.Second {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
			})
		}
		all.Wait()
		time.Sleep(5*time.Second - time.Nanosecond)
		if _, err := p.Begin(t.Context(), ""); code(err) != "provider_unavailable" || time.Since(began) >= 15*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if n := m.times(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		time.Sleep(time.Nanosecond)
		m.set(true)
		if _, err := p.Begin(t.Context(), ""); err != nil || m.times() != 2 {
			t.Errorf("asked %d times, %v", m.times(), err)
		}
	})
}

func TestABrowserThatLeavesDoesNotWaitForASilentProvider(t *testing.T) {
	silently(t, func(t *testing.T, p *place, m *mute) {
		began := time.Now()
		first, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		var other sync.WaitGroup
		other.Go(func() {
			if _, err := p.Begin(t.Context(), ""); code(err) != "provider_unavailable" {
				t.Errorf("who stayed: %v", err)
			}
		})
		if _, err := p.Begin(first, ""); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("after %v: %v, %v", time.Since(began), err, fault.KindOf(err))
		}
		other.Wait()
		if time.Since(began) != 10*time.Second || m.times() != 1 {
			t.Errorf("after %v, asked %d times", time.Since(began), m.times())
		}
	})
}

func TestWhatIsKnownOfAProviderGoesOnWhileItIsAskedAnew(t *testing.T) {
	silently(t, func(t *testing.T, p *place, m *mute) {
		m.set(true)
		begins := func(most time.Duration) {
			t.Helper()
			began := time.Now()
			if _, err := p.Begin(t.Context(), ""); err != nil || time.Since(began) > most {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
			synctest.Wait() // the provider is asked by now
		}
		begins(0)
		m.set(false)
		time.Sleep(24 * time.Hour)
		begins(0)
		time.Sleep(time.Minute) // it failed
		begins(0)
		time.Sleep(72 * time.Hour) // and is silent for days
		begins(0)
		if m.set(true); m.times() != 4 {
			t.Errorf("asked %d times", m.times())
		}
		time.Sleep(time.Minute)
		begins(0)
		time.Sleep(time.Minute) // found anew by now
		begins(0)
		if m.times() != 5 {
			t.Errorf("asked %d times", m.times())
		}
		m.set(false)
		time.Sleep(48 * time.Hour) // too old to go by unasked
		begins(10 * time.Second)
		begins(0)
	})
}
