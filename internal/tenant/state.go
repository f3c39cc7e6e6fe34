package tenant

import (
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// Verdict is what a negative probe of a role found: whether it lets in subjects
// that are not the environment's.
type Verdict string

// The verdicts.
const (
	// Safe: the role refused all foreign subjects.
	Safe Verdict = "safe"
	// Open: the role let a foreign subject in.
	Open Verdict = "open"
	// Unknown: AWS could not be asked.
	Unknown Verdict = "unknown"
)

// Usable returns nil if calls may be made with the environment's role, or the
// fault that says why not and what to do: "environment_without_role",
// "environment_pending" (the role must be probed first) or "environment_unsafe".
// A failing environment is usable: the next exchange may go well.
func (e *Environment) Usable() error {
	switch {
	case e.RoleARN == "":
		return fault.New(fault.Forbidden, "the environment %s has no AWS role yet", e.Name).WithCode("environment_without_role").
			WithRemedy("An administrator can create one with `adit aws setup --environment %s`.", e.Argument())
	case e.State == Unsafe && !e.accepted():
		return fault.New(fault.Forbidden, "the environment %s is blocked: its AWS role would admit others too", e.Name).WithCode("environment_unsafe").
			WithRemedy("An administrator can fix the role's trust policy with `adit aws setup --environment %s`, or accept the risk in writing.", e.Argument()).
			WithDetail("%s: %s", e.RoleARN, e.Why)
	case e.NeedsProbe():
		return fault.New(fault.Forbidden, "the environment %s is not ready yet: Adit must first verify that its AWS role refuses others", e.Name).
			WithCode("environment_pending").WithRemedy("An administrator can verify it with `adit aws verify --environment %s`.", e.Argument())
	}
	return nil
}

// NeedsProbe reports whether the role must be seen to refuse others before the
// next call. While exchanges fail it is not asked for: a role that refuses
// everybody proves nothing, and one that takes us again is pending first.
func (e *Environment) NeedsProbe() bool {
	return e.RoleARN != "" && (e.State == Pending || e.State == "")
}

// accepted reports whether an administrator answers for the role that the environment has now.
func (e *Environment) accepted() bool { return e.Accepted != nil && e.Accepted.RoleARN == e.RoleARN }

// restart puts the environment before its first probe: what was seen of another
// role, region or audience says nothing of this one.
func (e *Environment) restart() {
	e.State, e.Why, e.Probed, e.Accepted = Pending, "", time.Time{}, nil
}

// probed moves the state after a probe, and reports whether the environment
// changed. A role that refuses everybody refuses foreign subjects too: while it
// does, Safe counts for nothing.
func (e *Environment) probed(v Verdict, why string, at time.Time) bool {
	switch {
	case v == Safe && e.State == Failing && e.Probed.IsZero():
		return false
	case v == Safe:
		e.Probed, e.Accepted = at, nil
		if e.State != Failing {
			e.State, e.Why = Ready, tame(why)
		}
	case v == Open && e.State == Unsafe:
		return false // known already
	case v == Open:
		e.State, e.Why = Unsafe, tame(why)
	default: // Unknown says nothing
		return false
	}
	return true
}

// outcomeOK is the outcome of an exchange that went well.
const outcomeOK = "ok"

// refused reports whether AWS did not take us for what the role trusts (STS API
// reference, AssumeRoleWithWebIdentity): to be taken again, somebody has to
// change the role or its provider, and then nobody knows whom else it takes.
func refused(outcome string) bool {
	return outcome == "AccessDenied" || outcome == "InvalidIdentityToken"
}

// exchanged moves the state after an exchange, and reports whether the
// environment changed. What a probe said of an unsafe role stands, however
// exchanges end. A role that refused us and now takes us is pending: it has to
// be probed as a new one.
func (e *Environment) exchanged(a Activity) bool {
	if e.RoleARN == "" || e.State == Unsafe {
		return false
	}
	before, probed := e.State, e.Probed
	switch {
	case a.Outcome != outcomeOK:
		if e.State = Failing; before != Failing {
			e.Why = tame(a.Why)
		}
		if refused(a.Outcome) {
			e.Probed = time.Time{}
		}
	case e.State == Failing && e.Probed.IsZero():
		e.State, e.Why = Pending, ""
	case e.State == Failing:
		e.State, e.Why = Ready, ""
	}
	return e.State != before || !e.Probed.Equal(probed)
}
