package trust

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
)

// Settings of a [Registry]. Store and Tenants are needed.
type Settings struct {
	Store   Store
	Tenants access.Tenants
	// Egress says which addresses an issuer may have; the zero value means public ones.
	Egress egress.Policy
	// HTTP reads issuers' documents; default: egress.New(Egress).
	HTTP *http.Client
	// Own reports whether a URL is Adit's own issuer, which nobody may trust; default: none is.
	Own func(issuer string) bool
	// Refresh reads the configuration in force anew, after a change; default: nothing.
	Refresh func(context.Context) error
	// Fresh returns a fault when the configuration in memory is too old to be trusted; default: it never is.
	Fresh func() error
	// Every is how often last uses are written and keys that grow old are read again; 10 seconds by default.
	Every time.Duration
	Now   func() time.Time
	Log   *slog.Logger
}

// Registry is all trusted issuers, from memory, and their keys as they were last
// read. It is safe for concurrent use.
type Registry struct {
	settings Settings
	setting  sync.Mutex // one Set at a time
	now      atomic.Pointer[index]
	desk     roster.Desk
	verified verified
	uses     roster.Uses
}

// index is the issuers at one moment. It is never changed; its sources are.
type index struct {
	*roster.Roster[Issuer]
	rules   map[place][]*Issuer // those that a token may mean, in order of name
	sources map[string]*source  // by the issuer's URL
}

// place is where a token belongs: whom it is made for, and by whom.
type place struct{ organization, issuer string }

// New returns a registry that trusts nobody; [Registry.Set] gives it issuers.
func New(s Settings) *Registry {
	if s.HTTP == nil {
		s.HTTP = egress.New(s.Egress)
	}
	if s.Own == nil {
		s.Own = func(string) bool { return false }
	}
	if s.Refresh == nil {
		s.Refresh = func(context.Context) error { return nil }
	}
	if s.Fresh == nil {
		s.Fresh = func() error { return nil }
	}
	if s.Every <= 0 {
		s.Every = 10 * time.Second
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	r := &Registry{settings: s, desk: roster.Desk{Refresh: s.Refresh, Log: s.Log}}
	r.Set(nil)
	return r
}

// Set replaces all issuers. Revoked ones may be among them. What it is given
// belongs to the registry from then on. The keys of an issuer that stays, stay.
func (r *Registry) Set(issuers []Issuer) {
	r.setting.Lock()
	defer r.setting.Unlock()
	had := map[string]*source{}
	if old := r.now.Load(); old != nil {
		had = old.sources
	}
	x := &index{Roster: roster.New(issuers, entry), rules: map[place][]*Issuer{}, sources: map[string]*source{}}
	for rule := range x.All() {
		at := place{rule.Organization, rule.URL}
		x.rules[at] = append(x.rules[at], rule)
		if x.sources[rule.URL] == nil {
			x.sources[rule.URL] = cmp.Or(had[rule.URL], r.newSource(rule.URL))
		}
	}
	r.now.Store(x)
}

func entry(i *Issuer) roster.Entry {
	return roster.Entry{ID: i.ID, Organization: i.Organization, Name: i.Name, Gone: !i.Revoked.IsZero()}
}

// Issuers returns those that the organization trusts, in order of name. Nobody
// changes what they hold.
func (r *Registry) Issuers(organization string) ([]Issuer, error) {
	if err := r.settings.Fresh(); err != nil {
		return nil, err
	}
	return r.now.Load().Values(organization), nil
}

// Issuer returns one that the organization trusts, by id or name. A foreign one
// and none are the same fault: NotFound, "trust_not_found".
func (r *Registry) Issuer(organization, idOrName string) (Issuer, error) {
	if err := r.settings.Fresh(); err != nil {
		return Issuer{}, err
	}
	if rule := r.now.Load().Find(organization, idOrName); rule != nil {
		return *rule, nil
	}
	return Issuer{}, fault.New(fault.NotFound, "there is no such trusted issuer").WithCode("trust_not_found").
		WithRemedy("List the existing ones; revoked ones are not shown.")
}

// Problem returns why the keys of the issuer with that id could not be read, in a
// sentence or two, when that was the last attempt's end, and "" otherwise.
func (r *Registry) Problem(id string) string {
	x := r.now.Load()
	if rule := x.ByID(id); rule != nil {
		return x.sources[rule.URL].problem()
	}
	return ""
}

// Looks reports whether what was presented can only be a token and no API key:
// three parts with dots between, the first a JSON object in base64url.
func (*Registry) Looks(presented string) bool {
	return strings.HasPrefix(presented, "eyJ") && strings.Count(presented, ".") == 2
}
