package credential

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/adit-hq/adit/internal/fault"
)

// CodeNoCredentials is the fault code of a chain without valid credentials.
const CodeNoCredentials = "no_aws_credentials" //nolint:gosec // a word, not a credential

// walk tries every source in order until one gives valid credentials, and
// remembers the winner. A source that failed a moment ago is not asked again.
func (c *Chain) walk(ctx context.Context, t trial, failed []Outcome) (*state, error) {
	var outcomes []Outcome
	for _, s := range c.sources {
		if i := slices.IndexFunc(failed, func(o Outcome) bool { return o.Source == s.name() }); i >= 0 {
			outcomes = append(outcomes, failed[i])
			continue
		}
		v, err := t.try(ctx, s)
		if ctx.Err() != nil {
			return nil, shuttingDown()
		}
		if err == nil {
			c.win(s, v)
			return newState(v), nil
		}
		outcomes = append(outcomes, missed(s, err))
	}
	return nil, c.lose(outcomes)
}

func (c *Chain) win(s source, v valid) {
	c.mu.Lock()
	c.winner.source, c.silence = s, ""
	c.mu.Unlock()
	attributes := []any{"source", v.Source, "how", v.how, "account", v.Account, "expires", expiry(v.Expires)}
	if v.doubt != "" {
		attributes = append(attributes, "doubt", v.doubt)
	}
	c.log.Info("AWS credentials found", attributes...)
}

// lose makes the fault of a walk without a winner. It is logged once, and
// again when its reasons change: under load a walk comes every two seconds.
func (c *Chain) lose(outcomes []Outcome) error {
	none := noCredentials(outcomes)
	c.mu.Lock()
	level := slog.LevelError
	if c.silence == none.Detail {
		level = slog.LevelDebug
	}
	c.silence = none.Detail
	c.mu.Unlock()
	c.log.Log(c.ctx, level, "no valid AWS credentials", "sources", none.Detail)
	return none
}

func shuttingDown() *fault.Error {
	return fault.New(fault.Unavailable, "Adit is shutting down").WithRemedy("Try again soon.")
}

// missed is the outcome of a source that gave nothing valid.
func missed(s source, err error) Outcome {
	out := Outcome{Source: s.name(), Title: title(s.name()), Verdict: VerdictInvalid, Reason: err.Error()}
	var m *miss
	if errors.As(err, &m) {
		out.Verdict, out.Remedy = m.verdict, m.remedy
	}
	return out
}

// noCredentials is the fault that lists every source and why it gave nothing.
func noCredentials(outcomes []Outcome) *fault.Error {
	lines := make([]string, len(outcomes))
	for i, o := range outcomes {
		lines[i] = fmt.Sprintf("%d. %s: %s.", i+1, o.Title, o.Reason)
		if o.Remedy != "" {
			lines[i] += " " + o.Remedy
		}
	}
	return fault.New(fault.Refused, "Adit has no valid AWS credentials for this model").
		WithCode(CodeNoCredentials).
		WithRemedy("Ask Adit's operator to run `adit doctor`.").
		WithDetail("%s", strings.Join(lines, "\n"))
}

// keys turns the credentials back into the SDK's value.
func (c *Credentials) keys() aws.Credentials {
	return aws.Credentials{
		AccessKeyID:     c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey.Reveal(),
		SessionToken:    c.SessionToken.Reveal(),
		CanExpire:       !c.Expires.IsZero(),
		Expires:         c.Expires,
	}
}
