package studio

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// Settings are what the pages are made of.
type Settings struct {
	// People are who may sign in.
	People People
	// Client returns a client of the control API that asks as the principal; the
	// address is where the person is, for the audit.
	Client func(p access.Principal, address string) *client.Client
	// Playground makes vectors in a person's name; nil: there is no playground.
	Playground Playground
	// Address tells where a request comes from. Default: the connection's other end.
	Address func(*http.Request) string
	// Proxies are those whose X-Forwarded-Proto is believed.
	Proxies []netip.Prefix
	// URL is where people reach the server, such as https://adit.example.com. Where
	// it is https, nobody signs in over plain HTTP, not even on the machine itself: a
	// proxy there that says nothing of itself cannot be told from a browser. Default:
	// not known, and the machine itself is let in.
	URL string
	// Here is what commands that the pages show need on the server's own machine.
	// Default: nothing.
	Here Here
	// ProviderName is what the OIDC provider is called; "": nobody signs in by one.
	ProviderName string
	// Version is the program's.
	Version string
	// Now tells the time. Default: time.Now.
	Now func() time.Time
	// Log gets what went wrong. Default: nothing is logged.
	Log *slog.Logger
}

// Here completes a command about an environment for who is on the server's
// machine, and is shown to nobody else. Each part is as a shell takes it, and
// empty where the command does without.
type Here struct {
	// Server are the flags that lead to the server, such as "--data-dir /srv/adit".
	Server string
	// AWS are the flags that lead to the account, such as "--profile admin"; Variables
	// are what stands before the command for them, such as "AWS_CONFIG_FILE=/srv/aws".
	AWS, Variables string
}

// People are those who may sign in, and their sessions.
type People interface {
	Doors
	Sessions
}

// Doors are the ways to a session.
type Doors interface {
	// SignIn by a password. All that can be wrong with it is one fault:
	// Unauthenticated, "sign_in_failed"; and Throttled, "locked".
	SignIn(ctx context.Context, login string, password secret.String, o signin.Origin) (signin.Opened, error)
	// LinkOf looks at a link without using it; exists: there is a person of its login.
	LinkOf(ctx context.Context, token string) (l signin.Link, exists bool, err error)
	// UseLink signs in by a link, once. An empty password keeps the former one, or none.
	UseLink(ctx context.Context, token string, password secret.String, o signin.Origin) (signin.Opened, error)
	// Begin starts signing in at the OIDC provider.
	Begin(ctx context.Context, returnTo string) (signin.Flow, error)
	// Finish ends that with what the provider sent back, and tells where to go then.
	Finish(ctx context.Context, cookie string, query url.Values, o signin.Origin) (signin.Opened, string, error)
}

// Sessions are what signing in began.
type Sessions interface {
	// Session returns whose token it is; Unauthenticated, "session_ended".
	Session(ctx context.Context, token string) (signin.SignedIn, error)
	SignOut(ctx context.Context, s signin.SignedIn, o signin.Origin) error
	// Sessions are a person's, newest first.
	Sessions(ctx context.Context, person string) ([]signin.Session, error)
	// EndSessions ends those named; none named, all.
	EndSessions(ctx context.Context, by signin.By, person string, ids []string) (int, error)
	SetPassword(ctx context.Context, s signin.SignedIn, old, next secret.String, o signin.Origin) error
}

// check fills in the defaults.
func (s Settings) check() (Settings, error) {
	if s.People == nil || s.Client == nil {
		return s, fault.New(fault.Config, "Studio needs people and a client of the control API")
	}
	if s.Address == nil {
		s.Address = ingress.Proxies(nil).Address
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}
