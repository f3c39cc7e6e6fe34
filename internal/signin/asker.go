package signin

import (
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// asker is who does something, as the readers of an organization's audit see them.
type asker func(organization string) audit.Actor

// asking returns who asks for a change that is about a person. Of whoever acts as
// a member of one organization, the others that it concerns see only that
// somebody did it: who else there is on the server, and where the person belongs
// besides, is not theirs to know. Operators, and the server, are known to all; and
// a person who changes themself is known wherever they have a role.
func asking(by By, about Person) asker {
	return func(organization string) audit.Actor {
		a := by.Principal.Actor(by.Address)
		if a.Organization == "" || organization == "" { // operators read everything
			return a
		}
		if _, there := about.role(organization); there && a.Key == about.ID {
			a.Organization = organization
		}
		if a.Organization != organization {
			return audit.Actor{Name: "somebody outside this organization"}
		}
		return a
	}
}

// self is the person as one who asks for what concerns themself.
func self(p Person, o Origin) asker {
	who, _ := SignedIn{Person: p}.Principal(whose(p.Roles)[0])
	return asking(By{Principal: who, Address: o.Address}, p)
}

// did returns the event of what the asker did to somebody in an organization.
func (a asker) did(organization, target, action string, at time.Time, details map[string]string) audit.Event {
	return audit.Event{
		Time: at, Organization: organization, Actor: a(organization),
		Action: action, Target: target, Outcome: "ok", Details: details,
	}
}
