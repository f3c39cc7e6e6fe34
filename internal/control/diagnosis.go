package control

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/diagnose"
	"github.com/adit-hq/adit/internal/tenant"
)

// Diagnosis walks the path from the issuer to the models.
type Diagnosis interface {
	// Walk reports each step as it is made, as [ShowStep] shows it. Its error ends the walk early; what a
	// step found is none.
	Walk(ctx context.Context, e tenant.Environment, c caller.Caller, invoke bool, report func(wire.Step)) error
}

const diagnosisTime = 10 * time.Minute

func (a *api) diagnosisRoutes() []route {
	return []route{
		{"POST", "/organizations/{org}/environments/{env}/diagnosis", "diagnose-environment", "Check every step from the issuer to the models, and stream the results", access.Diagnose, ofOrganization, diagnosisTime, streams(a.diagnose)},
	}
}

type diagnoseInput struct {
	InEnvironment
	Body *wire.DiagnosisInput
}

// diagnose streams a walk. A client that leaves ends it.
func (a *api) diagnose(ctx context.Context, c *call, in *diagnoseInput, out *stream) error {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	out.begin()
	var sum wire.Summary
	report := func(step wire.Step) {
		count(&sum, step)
		if err := out.send("step", wire.DiagnosisEvent{Step: &step}); err != nil {
			leave(err)
		}
	}
	invoke := in.Body != nil && in.Body.Invoke
	if err := a.s.Diagnosis.Walk(ctx, e, c.who.Caller(), invoke, report); err != nil {
		return out.send("problem", wire.DiagnosisEvent{Problem: &problemOf(ctx, err).Problem})
	}
	return out.send("summary", wire.DiagnosisEvent{Summary: &sum})
}

// ShowStep is a step as clients see it.
func ShowStep(s diagnose.Step) wire.Step {
	w := wire.Step{Name: s.Name, Verdict: string(s.Verdict), Message: s.Message, Remedy: s.Remedy, Kind: s.Kind, Milliseconds: s.Milliseconds}
	for _, f := range s.Facts {
		w.Facts = append(w.Facts, wire.Fact{Name: f.Name, Value: f.Value})
	}
	return w
}

// count adds a step up: the worst verdict is the whole's, and the kind is that
// of the first failure.
func count(sum *wire.Summary, s wire.Step) {
	switch diagnose.Verdict(s.Verdict) {
	case diagnose.Failed:
		if sum.Failed++; sum.Failed == 1 {
			sum.Kind = s.Kind
		}
	case diagnose.Warning:
		sum.Warnings++
	case diagnose.Skipped:
		sum.Skipped++
	default: // diagnose.OK
		sum.OK++
	}
	switch {
	case sum.Failed > 0:
		sum.Verdict = string(diagnose.Failed)
	case sum.Warnings > 0:
		sum.Verdict = string(diagnose.Warning)
	default:
		sum.Verdict = string(diagnose.OK)
	}
}
