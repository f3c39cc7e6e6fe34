package spicepod

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secretstore"
)

// refForm is what stands between ${ and }: a store and a secret.
var refForm = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9_-]*)\s*:\s*([A-Za-z0-9._-]+)\s*$`)

// value is the text of a scalar once its references are followed.
type value struct {
	text string
	// fromSecret says that a part of the text came from a store, so that no
	// message may quote it.
	fromSecret bool
	// unknown says that a reference could not be followed; a fault tells why.
	unknown bool
}

// quote returns the value as a message may name it.
func (v value) quote() string {
	if v.fromSecret {
		return "the secret's value"
	}
	if runes := []rune(v.text); len(runes) > 60 {
		return strconv.Quote(string(runes[:60]) + "…")
	}
	return strconv.Quote(v.text)
}

// resolve follows every ${ STORE:NAME } in a scalar's text. What stores give is
// not looked through again.
func (r *reader) resolve(text string, at span) value {
	var v value
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			break
		}
		inner, after, closed := strings.Cut(rest, "}")
		m := refForm.FindStringSubmatch(inner)
		v.fromSecret = true
		switch {
		case !closed:
			r.fault(r.src.within(at, "${"), "a reference to a secret is not closed").remedy("Write ${ secrets:NAME }.")
			v.unknown = true
			return v
		case m == nil:
			r.malformed(r.src.within(at, "${"+inner+"}"))
			v.unknown = true
		case r.secrets == nil || r.secretless:
			v.unknown = true
		default:
			secret, ok := r.follow(m[1], m[2], r.src.within(at, "${"+inner+"}"))
			b.WriteString(secret)
			v.unknown = v.unknown || !ok
		}
		text = after
	}
	v.text = b.String()
	return v
}

func (r *reader) malformed(at span) {
	r.fault(at, "this is not a reference to a secret").
		remedy("Write ${ secrets:NAME } or ${ STORE:NAME }; names have only letters, digits and . _ -.")
}

// follow looks one secret up and notes why where it is not there.
func (r *reader) follow(store, name string, at span) (string, bool) {
	stores := append([]string{secretstore.All}, r.secrets.Names()...)
	if !slices.Contains(stores, store) {
		r.fault(at, "unknown secret store %q", store).allow(store, stores)
		return "", false
	}
	got, err := r.secrets.Lookup(store, name)
	var problems secretstore.Problems
	switch {
	case err == nil:
		return got.Reveal(), true
	case errors.As(err, &problems):
		for _, p := range problems {
			r.found = append(r.found, Fault{File: p.Path, Line: p.Line, Message: p.Message, Remedy: p.Remedy})
		}
	default:
		// These words come from the store alone: nothing in them needs a mask.
		f := fault.From(err)
		r.fault(at, "").Message = f.Message
		r.found[len(r.found)-1].Remedy = f.Remedy
	}
	return "", false
}
