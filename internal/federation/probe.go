package federation

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/tenant"
)

// Verdict is what a negative probe found.
type Verdict string

// The verdicts of a [Probe].
const (
	// Refuses: the role lets in the environment's own subject and neither of the two others.
	Refuses Verdict = "refuses"
	// Wide: the role lets in other environments of the same organization, as a
	// trust policy with StringLike env:ORGANIZATION:* does. It can be used: no
	// other tenant gets in. Administrators are warned.
	Wide Verdict = "wide"
	// Unsafe: the role lets in another organization's subject.
	Unsafe Verdict = "unsafe"
	// Undecided: AWS said something else than Yes or AccessDenied, or the true exchange failed.
	Undecided Verdict = "undecided"
)

// ledger is the verdict as environments keep it.
func (v Verdict) ledger() tenant.Verdict {
	switch v {
	case Refuses, Wide:
		return tenant.Safe
	case Unsafe:
		return tenant.Open
	default:
		return tenant.Unknown
	}
}

// Probe is what became of a negative probe: after a true exchange the role is
// tried with a subject of the same organization and with one of a reserved
// foreign one, neither of which any environment has. Without the true exchange
// a refusal would prove nothing: a role that does not exist refuses everybody.
type Probe struct {
	Verdict Verdict `json:"verdict"`
	// Why is a sentence for administrators.
	Why string `json:"why"`
	// Exchange is the true one.
	Exchange Exchange `json:"exchange"`
	// Own and Foreign are the other two; Outcome "AccessDenied" is as it should be.
	Own     Exchange  `json:"own"`
	Foreign Exchange  `json:"foreign"`
	At      time.Time `json:"at"`
}

const outcomeDenied = "AccessDenied"

// Probe probes the role of the environment and hands the outcome to the ledger.
// The error is the true exchange's, or the ledger's; a Probe with what is known is beside it.
func (f *Federation) Probe(ctx context.Context, env tenant.Environment) (Probe, error) {
	ctx, done := f.bound(ctx)
	defer done()
	p, err := f.tryRole(ctx, &env)
	p.At = f.settings.Now()
	if err != nil {
		p.Verdict, p.Why = Undecided, fault.From(err).Sentence()
		return p, err
	}
	p.judge()
	if p.Verdict == Wide {
		f.settings.Log.Warn("a role admits all environments of its organization", "environment", env.ID, "why", p.Why)
	}
	warning := p.Why
	if p.Verdict == Refuses {
		warning = ""
	}
	_, err = f.settings.Ledger.Probed(ctx, audit.System(), env.ID, env.RoleARN, p.Verdict.ledger(), warning)
	return p, err
}

// tryRole makes the three exchanges. Its error is the true one's.
func (f *Federation) tryRole(ctx context.Context, env *tenant.Environment) (p Probe, err error) {
	system := caller.Caller{Organization: env.Organization}
	s := session{name: f.names.environment(env.ID)}
	if env.SessionTags {
		s.tags, s.tagged = tags(env, system)
	}
	x, err := f.newRun(env, s)
	if err != nil {
		return p, err
	}
	_, err = f.recorded(ctx, x, system)
	if p.Exchange = x.tell; err != nil {
		return p, err
	}
	for _, other := range []struct {
		kind string
		tell *Exchange
	}{{issuer.ProbeForeign, &p.Foreign}, {issuer.ProbeOwn, &p.Own}} {
		x, err := f.newRun(env, session{name: "adit-probe-" + env.ID})
		if err != nil {
			return p, err
		}
		x.negative = true
		x.env.Session = 15 * time.Minute // if it gets in, as briefly as AWS permits
		audience := x.tell.Audience
		x.mint = func(ctx context.Context) (issuer.Token, error) {
			return f.settings.Issuer.MintProbe(ctx, other.kind, env.Organization, env.ID, audience)
		}
		_, failed := f.recorded(ctx, x, system) // the credentials, if any, are let go
		if *other.tell = x.tell; ctx.Err() != nil {
			return p, fault.From(failed)
		}
	}
	return p, nil
}

func (p *Probe) judge() {
	told := func(outcome string) bool { return outcome == "ok" || outcome == outcomeDenied }
	switch {
	case p.Foreign.Outcome == "ok":
		p.Verdict = Unsafe
		p.Why = "the role admits subjects of other organizations: its trust policy has no condition on the subject, or one that is too broad"
	case !told(p.Foreign.Outcome) || !told(p.Own.Outcome):
		p.Verdict = Undecided
		p.Why = "AWS answered the probe with " + p.Foreign.Outcome + " and " + p.Own.Outcome + ", which does not show whether the role refuses others"
	case p.Own.Outcome == "ok":
		p.Verdict = Wide
		p.Why = "the role admits every environment of the organization: its trust policy names the subject with a wildcard. " +
			"Use StringEquals with the environment's own subject"
	default:
		p.Verdict = Refuses
		p.Why = "the role admits this environment only"
	}
}

// usable reports whether the environment may have credentials, apart from the
// probe that some need first.
func usable(env *tenant.Environment) error {
	if env.State != tenant.Unsafe && env.NeedsProbe() {
		return nil
	}
	return env.Usable()
}
