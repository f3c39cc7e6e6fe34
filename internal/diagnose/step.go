package diagnose

import (
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// Verdict is what a step came to.
type Verdict string

// The verdicts. Skipped is a step that could not be made because an earlier one failed, or was not asked for.
const (
	OK      Verdict = "ok"
	Warning Verdict = "warning"
	Failed  Verdict = "failed"
	Skipped Verdict = "skipped"
)

// The names of the steps, in order. Access and Invoke come once for each enabled model.
const (
	PublicURL = "public_url" // the host is known, by public addresses
	TLS       = "tls"        // a certificate that AWS believes
	Discovery = "discovery"  // equals the configuration
	JWKS      = "jwks"       // in time, with the key that signs
	Clock     = "clock"      // ours against AWS's
	Token     = "token"      // what it says
	Exchange  = "exchange"   // STS gives credentials for it
	Probe     = "probe"      // the role refuses other subjects
	Identity  = "identity"   // who AWS says the credentials are
	Models    = "models"     // the account's list
	Access    = "access"     // to an enabled model
	Invoke    = "invoke"     // one real call
)

// Step is one thing that was looked at.
type Step struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	// Message is a sentence: what was found.
	Message string `json:"message,omitempty"`
	// Facts are what was seen, in an order for reading. None is secret.
	Facts []Fact `json:"facts,omitempty"`
	// Remedy is what to do; "" when there is nothing to do.
	Remedy string `json:"remedy,omitempty"`
	// Kind is the kind of fault of a failed step, such as "refused"; "" otherwise.
	Kind string `json:"kind,omitempty"`
	// Milliseconds is how long the step took.
	Milliseconds int64 `json:"milliseconds"`
}

// Fact is one thing that was seen.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Diagnosis is a whole walk.
type Diagnosis struct {
	Environment string    `json:"environment"`
	Begun       time.Time `json:"begun"`
	// Verdict is the worst of the steps: ok, warning or failed.
	Verdict Verdict `json:"verdict"`
	Steps   []Step  `json:"steps"`
}

func (d *Diagnosis) add(s Step) {
	d.Steps = append(d.Steps, s)
	switch {
	case s.Verdict == Failed:
		d.Verdict = Failed
	case s.Verdict == Warning && d.Verdict == OK:
		d.Verdict = Warning
	}
}

// fact notes what was seen; an empty value is nothing.
func (s *Step) fact(name, value string) {
	if value != "" {
		s.Facts = append(s.Facts, Fact{name, value})
	}
}

func (s *Step) say(message string) { s.Message = message }

// warn lowers the verdict and says why; what was said before stays said.
func (s *Step) warn(message, remedy string) {
	if s.Verdict == OK {
		s.Verdict = Warning
		s.Message, s.Remedy = message, remedy
		return
	}
	s.Message += "; " + message
	if remedy != "" && remedy != s.Remedy {
		s.Remedy += " " + remedy
	}
}

// fail ends the step.
func (s *Step) fail(kind fault.Kind, message, remedy string) {
	s.Verdict, s.Message, s.Remedy, s.Kind = Failed, message, remedy, kind.String()
}

// failed ends the step with an error, which may be many joined.
func (s *Step) failed(err error) {
	all := faults(err)
	s.fail(all[0].Kind, "", all[0].Remedy)
	for i, e := range all {
		if i > 0 {
			s.Message += "; "
		}
		s.Message += e.Message
		if e.AWS != nil {
			s.fact("aws_code", e.AWS.Code)
			s.fact("aws_message", e.AWS.Message)
			s.fact("aws_request_id", e.AWS.RequestID)
		}
		s.fact("detail", e.Detail)
	}
}

func faults(err error) []*fault.Error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []*fault.Error
		for _, e := range joined.Unwrap() {
			all = append(all, faults(e)...)
		}
		if len(all) > 0 {
			return all
		}
	}
	return []*fault.Error{fault.From(err)}
}

func (s *Step) skip(why string) { s.Verdict, s.Message = Skipped, why }
