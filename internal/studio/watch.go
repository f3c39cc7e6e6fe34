package studio

import (
	"context"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
)

// admission is what a visit was let in with.
type admission struct {
	people       People
	token        string // of the session
	organization string // "" on pages of the server and of the person
	needs        access.Permission
}

func (v *visit) admission(needs access.Permission) admission {
	return admission{people: v.People, token: v.sessionToken(), organization: v.Org.ID, needs: needs}
}

// watch ends the visit when the session is over, or no longer allows it, until
// ctx ends.
func (s admission) watch(ctx context.Context, end context.CancelCauseFunc) {
	ingress.Recheck(ctx, s.check, end)
}

// check returns why the visit may not go on; nil: it may. While the database
// cannot tell, nothing is known to have changed.
func (s admission) check(ctx context.Context) error {
	who, err := s.people.Session(ctx, s.token)
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Unauthenticated:
		return err
	default:
		return nil
	}
	p, here := who.Principal(s.organization)
	if s.organization != "" && !here || s.needs != "" && !p.May(s.needs, s.organization) {
		return fault.New(fault.Forbidden, "your role was changed meanwhile, and does not allow this any more").WithCode("role_changed").
			WithRemedy("Ask an owner of the organization, or who runs this server, for a role that has it.")
	}
	return nil
}
