package signin

import (
	"context"
	"errors"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
)

// RulesChanged ends all sessions of people whom an OIDC provider vouched for,
// and tells how many there were: their roles are those of their last sign-in, so
// a rule that was taken away would otherwise hold until their sessions end. They
// sign in again, by the rules of now, and links that they made are taken back.
// Where one person's sessions cannot be ended the others' end all the same, and
// so do the links; the errors are joined.
func (r *Registry) RulesChanged(ctx context.Context) (ended int, err error) {
	people, err := r.settings.Store.People(ctx, nil)
	if err != nil {
		return 0, err
	}
	by := asking(By{Principal: access.System()}, Person{})
	var errs []error
	var theirs []string
	for _, p := range people {
		if p.Issuer == "" {
			continue
		}
		theirs = append(theirs, p.ID)
		var events []audit.Event
		for _, organization := range whose(p.Roles) {
			details := map[string]string{"sessions": "all", "reason": "rules_changed"}
			events = append(events, by.did(organization, p.ID, "signin.out", r.moment(), details))
		}
		n, err := r.settings.Store.EndSessions(ctx, p.ID, nil, events...)
		ended += n
		if err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, r.takeBackOf(ctx, by, theirs, "rules_changed"))
	return ended, errors.Join(errs...)
}
