package issuer

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// AWS's limits (IAM user guide, Passing session tags; IAM API reference,
// AddClientIDToOpenIDConnectProvider).
const (
	maxAudience = 255
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// Claims are what a token says. All of them come from the database.
type Claims struct {
	// Organization and Environment are ids; they make the subject.
	Organization, Environment string
	// Audience is one of the environment's.
	Audience string
	// Tags become session tags. Every role then needs sts:TagSession; none: no claim.
	Tags map[string]string
	// TTL is how long the token lives, in whole seconds, at most the issuer's
	// TokenTTL; 0 means that.
	TTL time.Duration
}

// subject is a token's sub. Only the functions below make one.
type subject string

// subject returns env:ORGANIZATION:ENVIRONMENT of two ids, and of nothing else:
// they are checked here again, wherever they come from.
func (c Claims) subject() (subject, error) {
	// The errors of ident quote what they refuse; it may be long, and is not repeated.
	var faults []error
	if ident.Check(ident.Organization, c.Organization) != nil {
		faults = append(faults, fault.New(fault.Invalid, "a token's organization is not an organization id").WithParam("organization"))
	}
	if ident.Check(ident.Environment, c.Environment) != nil {
		faults = append(faults, fault.New(fault.Invalid, "a token's environment is not an environment id").WithParam("environment"))
	}
	return subject("env:" + c.Organization + ":" + c.Environment), errors.Join(faults...)
}

// check returns all faults of the claims besides the subject's, joined.
func (c Claims) check(longest time.Duration) error {
	var faults []error
	rule := func(holds bool, param, format string, args ...any) {
		if !holds {
			faults = append(faults, fault.New(fault.Invalid, format, args...).WithParam(param))
		}
	}
	rule(c.Audience != "" && len(c.Audience) <= maxAudience && printable(c.Audience), "audience",
		"a token's audience must have 1 to %d visible ASCII characters", maxAudience)
	rule(c.TTL >= 0 && c.TTL <= longest && c.TTL%time.Second == 0, "ttl", "a token's lifetime cannot be %v; it can be at most %v, in whole seconds", c.TTL, longest)
	rule(len(c.Tags) <= maxTags, "tags", "there are %d session tags; AWS accepts at most %d", len(c.Tags), maxTags)
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		name, value := short(key), c.Tags[key]
		rule(key != "" && utf8.RuneCountInString(key) <= maxTagKey, "tags", "the name of session tag %q must have 1 to %d characters", name, maxTagKey)
		rule(utf8.RuneCountInString(value) <= maxTagValue, "tags", "the value of session tag %q has more than %d characters", name, maxTagValue)
		rule(taggable(key), "tags", "the name of session tag %q has a character that AWS refuses; letters, digits, spaces and _ . : / = + - @ are allowed", name)
		rule(taggable(value), "tags", "the value of session tag %q has a character that AWS refuses; letters, digits, spaces and _ . : / = + - @ are allowed", name)
		folded := strings.ToLower(key)
		rule(!strings.HasPrefix(folded, "aws:"), "tags", "session tag %q begins with aws:, which AWS reserves", name)
		rule(!seen[folded], "tags", "session tag %q is there twice; AWS ignores upper and lower case", name)
		seen[folded] = true
	}
	return errors.Join(faults...)
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// taggable reports whether s is made of what AWS takes in session tags:
// [\p{L}\p{Z}\p{N}_.:/=+\-@]* (STS API reference, Tag). Bytes that are no UTF-8 are not.
func taggable(s string) bool {
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r) {
			return false
		}
	}
	return true
}

// short cuts what an error repeats.
func short(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
