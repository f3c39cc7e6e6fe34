package signin

import (
	"context"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

const maxLogin = 64

// wellFormed reports whether s may be a login: 1 to 64 of a-z, 0-9, dot, hyphen
// and underscore, the first a letter or a digit.
func wellFormed(s string) bool {
	if s == "" || len(s) > maxLogin || strings.ContainsAny(s[:1], ".-_") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-_", r)
	})
}

// typed returns what somebody typed as a login the way it is kept.
func typed(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

func checkLogin(f *fault.Inputs, login string) {
	if !wellFormed(login) {
		f.Add("login", "a login is 1 to %d of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or a digit", maxLogin)
	}
}

// local returns the person with the login, and false when there is none.
func (r *Registry) local(ctx context.Context, login string) (Person, bool, error) {
	if !wellFormed(login) {
		return Person{}, false, nil
	}
	p, err := r.settings.Store.PersonByLogin(ctx, login)
	if err != nil {
		return Person{}, false, unless(err, fault.NotFound)
	}
	return p, true, nil
}

// unless returns err, or nil when it is of the kind that was expected.
func unless(err error, expected fault.Kind) error {
	if fault.KindOf(err) == expected {
		return nil
	}
	return err
}
