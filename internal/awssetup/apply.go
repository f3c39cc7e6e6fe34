package awssetup

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// steadyTime is how long a step is tried while IAM does not know yet what was
// made a moment before. IAM is eventually consistent (IAM user guide,
// Troubleshooting); seconds are usual.
const steadyTime = 60 * time.Second

// Apply does what the plan says, step by step, and reports each when it is done.
// An error ends it; what was done stays, and the plan of the next run holds what
// is left. report may be nil.
func (p *Plan) Apply(ctx context.Context, report func(Step)) error {
	for _, s := range p.Steps {
		if s.do == nil {
			continue
		}
		if err := p.steadily(ctx, s.do); err != nil {
			return err
		}
		if report != nil {
			report(s)
		}
	}
	return nil
}

// steadily tries again what fails because IAM does not show everywhere yet what
// the plan created.
func (p *Plan) steadily(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, steadyTime, errUnsteady)
	defer cancel()
	for wait := time.Second; ; wait = min(2*wait, 8*time.Second) {
		err := do(ctx)
		if err == nil || !p.early(err) {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			if !errors.Is(context.Cause(ctx), errUnsteady) {
				return fault.From(ctx.Err())
			}
			return err
		case <-timer.C:
		}
	}
}

var errUnsteady = errors.New("IAM did not become consistent in time")

// early says that an error may only mean that IAM is behind.
func (p *Plan) early(err error) bool {
	var f *fault.Error
	if !errors.As(err, &f) || f.AWS == nil {
		return false
	}
	switch strings.TrimSuffix(f.AWS.Code, "Exception") {
	case "ConcurrentModification", "ServiceFailure", "EntityTemporarilyUnmodifiable":
		return true
	case "NoSuchEntity":
		return p.made
	case "MalformedPolicyDocument": // the principal of a trust policy is looked up
		return p.made && strings.Contains(strings.ToLower(f.AWS.Message), "principal")
	}
	return false
}
