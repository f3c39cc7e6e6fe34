package access

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

// Scope is what callers may do and how they are accounted: those with an API
// key, and those with a token of a trusted issuer alike.
type Scope struct {
	// Environments are ids or names before [Scope.Check] and ids after it; nil,
	// or "*" alone, means all, and is nil afterwards.
	Environments []string
	// Models are the names that they may ask for, in the same way.
	Models []string
	Limits caller.Limits
	Tags   map[string]string
}

// The bounds of a scope.
const (
	maxList       = 200
	maxModelName  = 2048 // an ARN may be one
	maxPerMinute  = 10_000_000
	maxConcurrent = 1_000_000
)

// Check notes all that is wrong with it, and resolves environments of the
// organization to ids. Those that were there before, had, are not held against
// it when they are gone.
func (s *Scope) Check(f *fault.Inputs, tenants Tenants, organization string, had []string) {
	s.checkEnvironments(f, tenants, organization, had)
	s.checkModels(f)
	if s.Limits.PerMinute < 0 || s.Limits.PerMinute > maxPerMinute {
		f.Add("limits.requests_per_minute", "the limit of requests per minute must be 0 (none) to %d", maxPerMinute)
	}
	if s.Limits.Concurrent < 0 || s.Limits.Concurrent > maxConcurrent {
		f.Add("limits.max_concurrent", "the limit of concurrent requests must be 0 (none) to %d", maxConcurrent)
	}
	checkTags(f, s.Tags)
}

// checkUnbound refuses lists on a key that administers, which would promise a
// bound that there is not. What it refused is not looked at any further.
func (s *Scope) checkUnbound(f *fault.Inputs) {
	if everything(s.Environments) != nil {
		f.Add("environments", "a key that administers or reads a whole organization cannot be limited to environments; use a separate key for calls")
		s.Environments = nil
	}
	if everything(s.Models) != nil {
		f.Add("models", "a key that administers or reads a whole organization cannot be limited to models; use a separate key for calls")
		s.Models = nil
	}
}

// checkEnvironments turns names into ids.
func (s *Scope) checkEnvironments(f *fault.Inputs, tenants Tenants, organization string, had []string) {
	s.Environments = everything(s.Environments)
	if s.Environments == nil {
		return
	}
	if len(s.Environments) == 0 || len(s.Environments) > maxList {
		f.Add("environments", "the list of environments must have 1 to %d entries; omit it to allow all", maxList)
		return
	}
	ids := make([]string, 0, len(s.Environments))
	for _, name := range s.Environments {
		id, err := tenants.EnvironmentID(organization, name)
		if err != nil && !slices.Contains(had, name) {
			f.Add("environments", "the organization has no environment %.80q", name)
			continue
		}
		if err != nil {
			id = name
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	s.Environments = ids
}

func (s *Scope) checkModels(f *fault.Inputs) {
	s.Models = everything(s.Models)
	if s.Models == nil {
		return
	}
	if len(s.Models) == 0 || len(s.Models) > maxList {
		f.Add("models", "the list of models must have 1 to %d entries; omit it to allow all", maxList)
		return
	}
	for _, name := range s.Models {
		if name == "" || len(name) > maxModelName || !utf8.ValidString(name) ||
			strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
			f.Add("models", "a model's name must have 1 to %d printable characters and no spaces", maxModelName)
		}
	}
	s.Models = slices.Compact(slices.Sorted(slices.Values(s.Models)))
}

// everything turns "*" alone into the nil that means all.
func everything(list []string) []string {
	if len(list) == 1 && list[0] == "*" {
		return nil
	}
	return list
}
