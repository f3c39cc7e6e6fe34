package control

import (
	"context"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/usage"
)

// overviewHours is how many hours an overview goes back, this one among them.
const overviewHours = 24

func (a *api) overviewRoutes() []route {
	return []route{
		{"GET", "/organizations/{org}/overview", "show-overview", "Show an organization's status, and what needs attention", access.ReadOrganization, ofOrganization, 0, on(a.showOverview)},
	}
}

// showOverview tells of each thing only to who may read it by itself. All of it
// but the usage comes from memory.
func (a *api) showOverview(ctx context.Context, c *call, _ *InOrganization) (wire.Overview, error) {
	w := wire.Overview{Organization: showOrganization(c.organization), Environments: map[string]int{}}
	var found attention
	a.lookAtServer(c, &found)
	may := func(p access.Permission) bool { return c.who.May(p, c.organization.ID) }
	if may(access.ReadEnvironment) {
		all, err := a.s.Environments.Environments(c.organization.ID)
		if err != nil {
			return wire.Overview{}, err
		}
		for i := range all {
			if e := &all[i]; c.reaches(e.ID) {
				w.Environments[string(e.State)]++
				lookAtEnvironment(e, &found)
			}
		}
	}
	if may(access.ReadKey) {
		keys, err := a.s.Keys.Keys(c.organization.ID)
		if err != nil {
			return wire.Overview{}, err
		}
		w.Keys = len(keys)
		lookAtKeys(keys, a.s.Now(), &found)
	}
	if may(access.ReadTrust) {
		issuers, err := a.s.Trusted.Issuers(c.organization.ID)
		if err != nil {
			return wire.Overview{}, err
		}
		w.Trusted = len(issuers)
		a.lookAtTrusted(issuers, &found)
	}
	if may(access.ReadBudget) {
		if err := a.lookAtBudgets(ctx, c, &found); err != nil {
			return wire.Overview{}, err
		}
	}
	w.Attention = found.all()
	w.OwnUsage = !may(access.ReadUsage)
	return w, a.lastHours(ctx, c, &w)
}

// lastHours adds what was used of late: by everybody, or by the caller itself
// where that is all that it may know.
func (a *api) lastHours(ctx context.Context, c *call, w *wire.Overview) error {
	to := a.s.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	q := usage.Query{From: to.Add(-overviewHours * time.Hour), To: to, Organization: c.organization.ID}
	if w.OwnUsage {
		q.Key = c.who.Key.ID
	}
	records, err := a.s.Reports.Sums(ctx, q, usage.By{Hour: true}, overviewHours)
	if err != nil {
		return err
	}
	by := make(map[int64]usage.Counts, len(records))
	for _, r := range records {
		by[r.Hour.Unix()] = r.Counts
	}
	w.Hours = make([]wire.UsageSum, overviewHours)
	for i := range w.Hours {
		at := q.From.Add(time.Duration(i) * time.Hour)
		w.Hours[i] = wire.UsageSum{Hour: &at, Counts: showCounts(by[at.Unix()])}
	}
	w.Total = showCounts(usage.Total(records))
	return nil
}

// lookAtEnvironment tells of one that is not used, or soon will not be.
func lookAtEnvironment(e *tenant.Environment, found *attention) {
	if e.State == tenant.Ready {
		return
	}
	setup := "`adit aws setup --environment " + e.Argument() + "`"
	switch {
	case e.State == tenant.Failing:
		found.add("environments are failing", func() wire.Attention {
			return environmentAttention(e, severityFailed, "the last exchange with AWS failed: "+reason(e.Why),
				"Run `adit doctor --environment "+e.Argument()+"`, which shows the cause.")
		})
	case e.State == tenant.Unsafe && e.Usable() == nil:
		found.add("environments have an unsafe role that was accepted", func() wire.Attention {
			return environmentAttention(e, severityNotice, "its AWS role admits others too, and was accepted in writing: "+e.Accepted.Reason,
				"Fix the role's trust policy with "+setup+".")
		})
	case e.State == tenant.Unsafe:
		found.add("environments are unsafe", func() wire.Attention {
			return environmentAttention(e, severityFailed, "it is blocked, because its AWS role would admit others too: "+e.Why,
				"Fix the role's trust policy with "+setup+".")
		})
	case e.RoleARN == "":
		found.add("environments have no role yet", func() wire.Attention {
			return environmentAttention(e, severityNotice, "it has no AWS role yet", "Create one with "+setup+".")
		})
	default:
		found.add("environments have not been verified yet", func() wire.Attention {
			return environmentAttention(e, severityNotice, "Adit must first verify that its AWS role refuses others",
				"Verify it with `adit aws verify --environment "+e.Argument()+"`; the first request does so too.")
		})
	}
}

// reason is what went wrong in an exchange, without what the environment's page
// shows beside it: its name, AWS's code and request id, what to do.
func reason(why string) string {
	for _, aside := range []string{" (environment ", " (AWS: "} {
		why, _, _ = strings.Cut(why, aside)
	}
	return strings.TrimSuffix(why, ".") + "."
}

func environmentAttention(e *tenant.Environment, severity, what, remedy string) wire.Attention {
	return wire.Attention{
		Severity: severity, What: "The environment " + e.Name + ": " + what, Remedy: remedy, Target: e.ID, Name: e.Name, State: string(e.State), Since: e.Updated.UTC(),
	}
}
