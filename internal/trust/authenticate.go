package trust

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/caller"
)

// Authenticate returns who presents a token of an issuer that the organization in
// its audience trusts, and notes the use. Every token that lets nobody in is a
// fault of kind Unauthenticated, "invalid_token", whose words say what is wrong
// with it. Before the signature is proved they tell nothing of what the
// organization trusts, and neither does anything else: the keys are those of an
// issuer that any organization trusts, and a signature of none of them reads like
// an issuer of none; which it is stands in the detail, for the log. Keys that
// cannot be read are Unavailable, "issuer_unavailable".
func (r *Registry) Authenticate(ctx context.Context, presented string) (caller.Caller, error) {
	if err := r.settings.Fresh(); err != nil {
		return caller.Caller{}, err
	}
	now := r.settings.Now()
	if len(presented) > maxToken {
		_, err := readToken(presented, now)
		return caller.Caller{}, err
	}
	hash := sha256.Sum256([]byte(presented))
	if p, ok := r.verified.get(hash, now); ok && r.stillSigned(ctx, p) {
		return r.admit(p, now)
	}
	t, err := readToken(presented, now)
	if err != nil {
		return caller.Caller{}, err
	}
	x := r.now.Load()
	source := x.sources[t.Issuer]
	if source == nil || r.settings.Own(t.Issuer) {
		return caller.Caller{}, unproved(t, "no organization trusts the issuer, or it is this server")
	}
	keys, err := source.get(ctx, t.kid)
	if err != nil {
		return caller.Caller{}, err
	}
	thumbprint, why := keys.verify(t)
	if why != "" {
		return caller.Caller{}, unproved(t, why)
	}
	p := proof{
		organization: t.organization, issuer: t.Issuer, subject: t.Subject, kid: t.kid, thumbprint: thumbprint,
		until: earlier(t.Expiry.Time().Add(leeway), now.Add(remembered)),
	}
	c, err := r.admit(p, now)
	if err == nil {
		r.verified.put(hash, p, now)
	}
	return c, err
}

// stillSigned reports whether the key that verified a token before is one of the
// issuer's still.
func (r *Registry) stillSigned(ctx context.Context, p proof) bool {
	s := r.now.Load().sources[p.issuer]
	if s == nil {
		return false
	}
	keys, err := s.get(ctx, p.kid)
	return err == nil && keys.holds(p.kid, p.thumbprint)
}

// admit returns the caller of the first rule by name that fits, of those in force now.
func (r *Registry) admit(p proof, now time.Time) (caller.Caller, error) {
	rules := r.now.Load().rules[place{p.organization, p.issuer}]
	if len(rules) == 0 {
		return caller.Caller{}, untrusted(p.issuer)
	}
	for _, rule := range rules {
		if Fits(rule.Subject, p.subject) {
			r.uses.Note(rule.ID, now)
			return rule.caller(p.subject), nil
		}
	}
	return caller.Caller{}, refused("the organization does not admit the subject %s of the issuer %s", quoted(p.subject), quoted(p.issuer)).
		WithRemedy("Compare the subject with those of the organization's trusted issuers, character by character, or ask an administrator to add a rule.")
}

// unproved is of a token that nobody trusted has signed, as far as is known.
func unproved(t *token, why string) error {
	return refused("the token names the issuer %s and the key %s, but is not signed with a key of a trusted issuer", quoted(t.Issuer), quoted(t.kid)).
		WithRemedy("Send the token exactly as the issuer issued it, or get a new one. If it stays so, ask an administrator of the organization "+
			"to compare the issuer with its trusted issuers, character by character.").
		WithDetail("%s", why)
}

// untrusted is of a token whose signature is proved.
func untrusted(issuer string) error {
	return refused("the organization in the token's audience does not trust the issuer %s", quoted(issuer)).
		WithRemedy("Check the organization id in the audience, or ask an administrator of the organization to trust the issuer.")
}

// caller is who a token with that subject is: the rule by its id, so that its
// limits are of all together, and the subject by name.
func (i *Issuer) caller(subject string) caller.Caller {
	return caller.Caller{
		Organization: i.Organization, Key: i.ID, Name: named(subject),
		Environments: i.Environments, Models: i.Models, Limits: i.Limits, Tags: i.Tags,
	}
}

// maxCallerName bounds a caller's name, in bytes.
const maxCallerName = 128

// named is a subject as a name: as it is, or its beginning and a hash of the
// whole, so that no two subjects have one name. One that already ends like that
// is not taken as it is, or it could be made to have another's name.
func named(subject string) string {
	if len(subject) <= maxCallerName && !endsInHash(subject) {
		return subject
	}
	sum := sha256.Sum256([]byte(subject))
	begins := subject[:min(len(subject), maxCallerName-hashDigits-1)]
	return strings.ToValidUTF8(begins, "") + "~" + hex.EncodeToString(sum[:hashDigits/2])
}

// hashDigits is how long a hash in a name is: 16 bytes, for which nobody finds two subjects.
const hashDigits = 32

func endsInHash(subject string) bool {
	i := len(subject) - hashDigits
	return i > 0 && subject[i-1] == '~' && strings.Trim(subject[i:], "0123456789abcdef") == ""
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
