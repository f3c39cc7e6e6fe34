package tenant

import (
	"context"
	"iter"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
)

// Settings of a [Registry]. Store is needed.
type Settings struct {
	Store Store
	// Uses names what else knows an environment: API keys, models of a file.
	// While there is any, deleting it is refused unless forced. Default: nothing does.
	Uses func(Environment) []string
	// OrganizationUses is the same for an organization; its environments are known anyway.
	OrganizationUses func(Organization) []string
	// File is the id of the organization that spicepod.yaml belongs to; default: none.
	File func() string
	// Refresh reads the configuration in force anew, after a change; default: nothing.
	Refresh func(context.Context) error
	// Fresh returns a fault when the configuration in memory is too old to be trusted; default: it never is.
	Fresh func() error
	// Every is how often activity is written; 5 seconds by default.
	Every time.Duration
	Now   func() time.Time
	Log   *slog.Logger
}

// Registry is all organizations and environments, from memory. It is safe for
// concurrent use. What it returns shares its lists with others: nobody changes them.
type Registry struct {
	settings Settings
	desk     roster.Desk
	now      atomic.Pointer[index]
	activity activity
	tried    tried
}

// index is everything at one moment. It is never changed.
type index struct {
	organizations *roster.Roster[Organization]
	environments  *roster.Roster[Environment]
}

// server is what organizations belong to in their roster: they are in none.
const server = ""

// NewRegistry returns a registry without anything; [Registry.Set] gives it some.
func NewRegistry(s Settings) *Registry {
	if s.Uses == nil {
		s.Uses = func(Environment) []string { return nil }
	}
	if s.OrganizationUses == nil {
		s.OrganizationUses = func(Organization) []string { return nil }
	}
	if s.File == nil {
		s.File = func() string { return "" }
	}
	if s.Refresh == nil {
		s.Refresh = func(context.Context) error { return nil }
	}
	if s.Fresh == nil {
		s.Fresh = func() error { return nil }
	}
	if s.Every <= 0 {
		s.Every = 5 * time.Second
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	r := &Registry{settings: s, desk: roster.Desk{Refresh: s.Refresh, Log: s.Log}}
	r.Set(nil, nil)
	return r
}

// Set replaces everything. Deleted ones may be among them, and so may
// environments of deleted organizations; nobody sees those. What it is given
// belongs to the registry from then on.
func (r *Registry) Set(organizations []Organization, environments []Environment) {
	x := new(index)
	x.organizations = roster.New(organizations, func(o *Organization) roster.Entry {
		return roster.Entry{ID: o.ID, Organization: server, Name: o.Name, Gone: !o.Deleted.IsZero()}
	})
	for i := range environments {
		if o := x.organizations.ByID(environments[i].Organization); o != nil {
			environments[i].OrganizationName = o.Name
		}
	}
	x.environments = roster.New(environments, func(e *Environment) roster.Entry {
		gone := !e.Deleted.IsZero() || x.organizations.ByID(e.Organization) == nil
		return roster.Entry{ID: e.ID, Organization: e.Organization, Name: e.Name, Gone: gone}
	})
	r.now.Store(x)
}

// Organizations returns all, in order of name.
func (r *Registry) Organizations() ([]Organization, error) {
	if err := r.settings.Fresh(); err != nil {
		return nil, err
	}
	all := r.now.Load().organizations.Values(server)
	for i := range all {
		all[i].File = all[i].ID == r.settings.File()
	}
	return all, nil
}

// Organization returns one by id or name. One that is not there, or not any
// more, is a fault of kind NotFound, "organization_not_found".
func (r *Registry) Organization(idOrName string) (Organization, error) {
	if err := r.settings.Fresh(); err != nil {
		return Organization{}, err
	}
	if found := r.now.Load().organizations.Find(server, idOrName); found != nil {
		o := *found
		o.File = o.ID == r.settings.File()
		return o, nil
	}
	return Organization{}, fault.New(fault.NotFound, "there is no such organization").WithCode("organization_not_found").
		WithRemedy("List the organizations that you have access to.")
}

// OrganizationID returns the id of an organization, as [Registry.Organization] finds it.
func (r *Registry) OrganizationID(idOrName string) (string, error) {
	o, err := r.Organization(idOrName)
	return o.ID, err
}

// Environments returns those of the organization with that id, in order of name.
func (r *Registry) Environments(organization string) ([]Environment, error) {
	if err := r.settings.Fresh(); err != nil {
		return nil, err
	}
	return r.now.Load().environments.Values(organization), nil
}

// Environment returns an environment of the organization with that id, by id or
// name. A foreign one and none are the same fault: NotFound, "environment_not_found".
func (r *Registry) Environment(organization, idOrName string) (Environment, error) {
	if err := r.settings.Fresh(); err != nil {
		return Environment{}, err
	}
	if e := r.now.Load().environments.Find(organization, idOrName); e != nil {
		return *e, nil
	}
	return Environment{}, noEnvironment()
}

// EnvironmentID returns the id of an environment, as [Registry.Environment] finds it.
func (r *Registry) EnvironmentID(organization, idOrName string) (string, error) {
	e, err := r.Environment(organization, idOrName)
	return e.ID, err
}

// EnvironmentByID returns an environment of any organization, for rooms that
// were given its id by one that had asked whose it is.
func (r *Registry) EnvironmentByID(id string) (Environment, error) {
	if err := r.settings.Fresh(); err != nil {
		return Environment{}, err
	}
	if e := r.now.Load().environments.ByID(id); e != nil {
		return *e, nil
	}
	return Environment{}, noEnvironment()
}

// Known returns the environments of all organizations as they were last read,
// however long ago that was: for who prepares what asks again when it is used.
func (r *Registry) Known() iter.Seq[Environment] {
	x := r.now.Load()
	return func(yield func(Environment) bool) {
		for o := range x.organizations.Of(server) {
			for e := range x.environments.Of(o.ID) {
				if !yield(*e) {
					return
				}
			}
		}
	}
}

func noEnvironment() error {
	return fault.New(fault.NotFound, "there is no such environment").WithCode("environment_not_found").
		WithRemedy("List the environments that you have access to.")
}
