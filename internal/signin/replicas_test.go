package signin_test

import (
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/signin"
)

// replica is another server over the same store, whose clock is wrong by that much.
func (p *place) replica(wrong time.Duration) *place {
	return newPlace(p.t, func(s *signin.Settings) {
		s.Store, s.Now = p.store, func() time.Time { return p.clock().Add(wrong) }
	})
}

func TestALinkEndsWithAChangeOfThePersonWhateverTheClocksOfTwoServersSay(t *testing.T) {
	for _, wrong := range []time.Duration{-time.Minute, 0, time.Minute} {
		p := newPlace(t)
		other := p.replica(wrong)
		owner := p.invite("owner", good, member(orgA, access.Owner))
		bob := p.invite("bob", good, member(orgA, access.Developer))
		_, token, err := p.MakeLink(t.Context(), as(owner, orgA), "bob", nil)
		if err != nil {
			t.Fatal(err)
		}
		if !other.works(token.Reveal()) {
			t.Errorf("a clock wrong by %v: a link of the other server does not work", wrong)
		}
		if _, err := other.SetRole(t.Context(), server(), bob.Person.ID, "a", access.Auditor, 0); err != nil {
			t.Fatal(err)
		}
		if p.works(token.Reveal()) || other.works(token.Reveal()) {
			t.Errorf("a clock wrong by %v: the link outlives a change of the person", wrong)
		}
		if _, token, err = other.MakeLink(t.Context(), server(), "bob", nil); err != nil || !p.works(token.Reveal()) {
			t.Errorf("a clock wrong by %v: a link that was made after the change does not work: %v", wrong, err)
		}
	}
}
