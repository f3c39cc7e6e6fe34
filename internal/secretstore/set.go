package secretstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// All is the store name that means every store, the last defined first.
const All = "secrets"

// Config is one store as the `secrets:` section of a Spicepod defines it.
type Config struct {
	// From is "env" or "file:DIR". Anything else opens as a store that cannot be asked.
	From string
	// Name is what references call the store.
	Name string
	// FilePath is the .env file of an env store; "" means .env.
	FilePath string
}

// Supported lists what [Config].From may be, as people write it.
func Supported() []string { return []string{"env", "file:DIR"} }

// IsSupported reports whether a store defined with this From can be asked.
func IsSupported(from string) bool {
	return from == "env" || strings.HasPrefix(from, "file:") && len(from) > len("file:")
}

// store is what a Set asks of each kind of store.
type store interface {
	// lookup returns the value and whether the store has the name at all.
	// An error means that the store cannot tell.
	lookup(name string) (value string, found bool, err error)
	// describe says where the store looked, for the fault of a missing secret.
	describe() string
}

// Set is the stores of one Spicepod, in the order of their definition. It
// reads files when it is first asked, so that a store nobody refers to cannot
// fail. It is not safe for concurrent use.
type Set struct {
	names  []string
	stores []store
}

// Open returns the stores of cfgs. Relative paths start from dir; environ is
// "NAME=value" pairs as os.Environ returns them. No cfgs means one env store
// named "env". The error is [Problems]: a store without a name, a name twice,
// or the name "secrets", which means all stores.
func Open(cfgs []Config, dir string, environ []string) (*Set, error) {
	if len(cfgs) == 0 {
		cfgs = []Config{{From: "env", Name: "env"}}
	}
	s := &Set{}
	var problems Problems
	for i, cfg := range cfgs {
		if p := checkName(cfg.Name, s.names); p != nil {
			p.Store = i
			problems = append(problems, p)
		}
		s.names = append(s.names, cfg.Name)
		s.stores = append(s.stores, open(cfg, dir, environ))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return s, nil
}

func open(cfg Config, dir string, environ []string) store {
	switch {
	case cfg.From == "env":
		return newEnvironment(cfg.FilePath, dir, environ)
	case IsSupported(cfg.From):
		return newDirectory(strings.TrimPrefix(cfg.From, "file:"), dir)
	}
	return unsupported(cfg.From)
}

func checkName(name string, earlier []string) *Problem {
	switch {
	case name == "":
		return &Problem{Message: "a secret store has no name", Remedy: "Add name:, which references use: ${ NAME:SECRET }."}
	case name == All:
		return &Problem{Message: `a secret store cannot be named "secrets", which means all stores`, Remedy: "Give it another name."}
	case slices.Contains(earlier, name):
		return &Problem{Message: fmt.Sprintf("two secret stores are named %q", name), Remedy: "Give one of them another name."}
	}
	return nil
}

// Names returns the names of the stores in the order of their definition.
func (s *Set) Names() []string { return slices.Clone(s.names) }

// Lookup returns the secret that store holds under name; store [All] asks
// every store, the last defined first, and the first that has the name decides.
//
// The error is a [fault.Config]: no such store, the name in none of them, or an
// empty value, which is never what its owner meant. Files that cannot be read
// come as [Problems].
func (s *Set) Lookup(store, name string) (secret.String, error) {
	if store != All && !slices.Contains(s.names, store) {
		return secret.String{}, fault.New(fault.Config, "unknown secret store %q", store).
			WithRemedy("The stores are: %s.", strings.Join(append([]string{All}, s.names...), ", "))
	}
	var asked []string
	remedy := fmt.Sprintf("Define a supported store, from: %s.", strings.Join(Supported(), " or from: "))
	for i := len(s.stores) - 1; i >= 0; i-- {
		if store != All && store != s.names[i] {
			continue
		}
		value, found, err := s.stores[i].lookup(name)
		switch {
		case err != nil:
			return secret.String{}, err
		case found && value == "":
			return secret.String{}, empty(name, s.names[i], s.stores[i])
		case found:
			return secret.New(value), nil
		}
		if _, deaf := s.stores[i].(unsupported); !deaf {
			remedy = fmt.Sprintf("Set %s in one of these places.", name)
		}
		asked = append(asked, fmt.Sprintf("%s (%s)", s.names[i], s.stores[i].describe()))
	}
	return secret.String{}, fault.New(fault.Config, "secret %s is missing; searched: %s", name, strings.Join(asked, ", ")).
		WithRemedy("%s", remedy)
}

func empty(name, storeName string, st store) error {
	return fault.New(fault.Config, "secret %s exists but is empty, in store %s (%s)", name, storeName, st.describe()).
		WithRemedy("Give it a value, or remove it and the reference to it.")
}

// unsupported is a store that other programs can ask and Adit cannot. It has
// nothing, so that a Spicepod shared with them loads as long as Adit finds what it needs elsewhere.
type unsupported string

func (u unsupported) lookup(string) (string, bool, error) { return "", false, nil }

func (u unsupported) describe() string {
	return fmt.Sprintf("from: %s, which Adit does not support; it supports %s", string(u), strings.Join(Supported(), " and "))
}
